#include "analysis/similarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/matrix.h"
#include "analysis/rank.h"
#include "base/error.h"
#include "data/batch.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

[[noreturn]] void does_not_vary(const char* measure) {
    const std::string name = measure;
    throw Error(ErrorKind::constraint, {name + "：所有行都相同，没有可比较的结构。",
                                        name + ": all rows are the same; there is no structure to compare."});
}

/// Centred and of length 1.
DoubleTensor normalised(const char* measure, const DoubleTensor& x) {
    DoubleTensor c = centred(x);
    const double norm = frobenius_norm(c);
    // What rounding leaves of a constant column is not variation.
    if (norm <= 1e-12 * (1.0 + frobenius_norm(x))) does_not_vary(measure);
    return scale(c, 1.0 / norm);
}

/// Orthonormal columns that span the centred X, leading directions first; `share` of the variance is kept.
DoubleTensor basis(const char* measure, const DoubleTensor& x, double share) {
    const SingularValues svd = singular_value_decomposition(normalised(measure, x));
    std::int64_t kept = numerical_rank(svd.s);
    double reached = 0.0;
    for (std::int64_t i = 0; i < kept; ++i) {
        if (reached >= share) kept = i;
        reached += svd.s[static_cast<std::size_t>(i)] * svd.s[static_cast<std::size_t>(i)];  // they sum to 1
    }
    DoubleTensor columns({x.extent(0), kept});
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        for (std::int64_t j = 0; j < kept; ++j) columns(i, j) = svd.u(i, j);
    }
    return columns;
}

struct Canonical {
    std::vector<double> correlations;
    DoubleTensor directions;  ///< of X: [n, k]
};

Canonical canonical(const char* measure, const DoubleTensor& x, const DoubleTensor& y, double share) {
    require_paired(measure, x, y);
    const DoubleTensor of_x = basis(measure, x, share), of_y = basis(measure, y, share);
    const SingularValues svd = singular_value_decomposition(matmul(of_x, of_y, Transpose::yes, Transpose::no));
    Canonical result{svd.s, matmul(of_x, svd.u)};
    for (double& correlation : result.correlations) correlation = std::min(correlation, 1.0);
    return result;
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

template <typename PerRow>
double mean_over_neighbours(const DoubleTensor& x, const DoubleTensor& y, int k, PerRow per_row) {
    require_paired("neighbour_overlap", x, y);
    const IntTensor of_x = nearest_rows(x, k), of_y = nearest_rows(y, k);
    double sum = 0.0;
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        const std::span<const std::int32_t> a = of_x.row(i), b = of_y.row(i);
        const auto common = std::count_if(a.begin(), a.end(),
                                          [&](std::int32_t j) { return std::find(b.begin(), b.end(), j) != b.end(); });
        sum += per_row(static_cast<double>(common));
    }
    return sum / static_cast<double>(x.extent(0));
}

}  // namespace

double paired_cosine(const DoubleTensor& x, const DoubleTensor& y) {
    require_paired("paired_cosine", x, y, 1);
    if (x.shape() != y.shape()) require_paired("paired_cosine", x, DoubleTensor());
    return sum(multiply(unit_rows(x), unit_rows(y))) / static_cast<double>(x.extent(0));
}

double linear_cka(const DoubleTensor& x, const DoubleTensor& y) {
    require_paired("linear_cka", x, y);
    const DoubleTensor a = normalised("linear_cka", x), b = normalised("linear_cka", y);
    const auto length = [](const DoubleTensor& s, const DoubleTensor& t) {
        return frobenius_norm(matmul(s, t, Transpose::yes, Transpose::no));
    };
    const double cross = length(b, a);
    return cross * cross / (length(a, a) * length(b, b));
}

double unbiased_hsic(const DoubleTensor& k, const DoubleTensor& l) {
    require_paired("unbiased_hsic", k, l, 4);
    const std::int64_t n = k.extent(0);
    if (k.extent(1) != n || l.extent(1) != n) require_paired("unbiased_hsic", k, DoubleTensor());
    double trace = 0.0, total_k = 0.0, total_l = 0.0, between = 0.0;
    for (std::int64_t i = 0; i < n; ++i) {
        double row_k = 0.0, row_l = 0.0;
        for (std::int64_t j = 0; j < n; ++j) {
            if (i == j) continue;
            trace += k(i, j) * l(j, i);
            row_k += k(i, j);
            row_l += l(i, j);
        }
        total_k += row_k;
        total_l += row_l;
        between += row_k * row_l;
    }
    const auto m = static_cast<double>(n);
    return (trace + total_k * total_l / ((m - 1) * (m - 2)) - 2.0 / (m - 2) * between) / (m * (m - 3));
}

double unbiased_cka(const DoubleTensor& x, const DoubleTensor& y) {
    require_paired("unbiased_cka", x, y, 4);
    const DoubleTensor a = normalised("unbiased_cka", x), b = normalised("unbiased_cka", y);
    const DoubleTensor k = matmul(a, a, Transpose::no, Transpose::yes), l = matmul(b, b, Transpose::no, Transpose::yes);
    const double own = unbiased_hsic(k, k) * unbiased_hsic(l, l);
    if (own <= 0.0) does_not_vary("unbiased_cka");
    return unbiased_hsic(k, l) / std::sqrt(own);
}

std::vector<double> canonical_correlations(const DoubleTensor& x, const DoubleTensor& y) {
    return canonical("canonical_correlations", x, y, 2.0).correlations;
}

double mean_cca(const DoubleTensor& x, const DoubleTensor& y) { return mean_of(canonical_correlations(x, y)); }

double svcca(const DoubleTensor& x, const DoubleTensor& y, double share) {
    return mean_of(canonical("svcca", x, y, share).correlations);
}

double pwcca(const DoubleTensor& x, const DoubleTensor& y) {
    const Canonical found = canonical("pwcca", x, y, 2.0);
    const DoubleTensor products = matmul(found.directions, centred(x), Transpose::yes, Transpose::no);
    double weighted = 0.0, weights = 0.0;
    for (std::size_t i = 0; i < found.correlations.size(); ++i) {
        double weight = 0.0;
        for (const double product : products.row(static_cast<std::int64_t>(i))) weight += std::fabs(product);
        weighted += weight * found.correlations[i];
        weights += weight;
    }
    return weighted / weights;
}

DoubleTensor procrustes_rotation(const DoubleTensor& x, const DoubleTensor& y) {
    require_paired("procrustes_rotation", x, y, 1);
    const SingularValues svd = singular_value_decomposition(matmul(x, y, Transpose::yes, Transpose::no));
    return matmul(svd.u, svd.v, Transpose::no, Transpose::yes);
}

double procrustes_distance(const DoubleTensor& x, const DoubleTensor& y) {
    require_paired("procrustes_distance", x, y);
    const DoubleTensor a = normalised("procrustes_distance", x), b = normalised("procrustes_distance", y);
    const SingularValues svd = singular_value_decomposition(matmul(a, b, Transpose::yes, Transpose::no));
    return std::max(0.0, 2.0 - 2.0 * std::accumulate(svd.s.begin(), svd.s.end(), 0.0));
}

double rsa(const DoubleTensor& x, const DoubleTensor& y) {
    require_paired("rsa", x, y, 3);
    const auto cosines = [](const DoubleTensor& points) {
        const DoubleTensor map = cosine_map(centred(points));
        std::vector<double> upper;
        for (std::int64_t i = 0; i < map.extent(0); ++i) {
            for (std::int64_t j = i + 1; j < map.extent(0); ++j) upper.push_back(map(i, j));
        }
        return upper;
    };
    return spearman(cosines(x), cosines(y));
}

IntTensor nearest_rows(const DoubleTensor& x, int k) {
    const DoubleTensor map = cosine_map(x);
    const std::int64_t n = x.extent(0);
    require_within("k", k, 1, static_cast<double>(n - 1));
    IntTensor nearest({n, k});
    std::vector<std::int32_t> order;
    for (std::int64_t i = 0; i < n; ++i) {
        order.clear();
        for (std::int32_t j = 0; j < n; ++j) {
            if (j != i) order.push_back(j);
        }
        std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::int32_t a, std::int32_t b) {
            return map(i, a) != map(i, b) ? map(i, a) > map(i, b) : a < b;
        });
        std::copy_n(order.begin(), k, nearest.row(i).begin());
    }
    return nearest;
}

double neighbour_overlap(const DoubleTensor& x, const DoubleTensor& y, int k) {
    return mean_over_neighbours(x, y, k, [&](double common) { return common / k; });
}

double neighbour_jaccard(const DoubleTensor& x, const DoubleTensor& y, int k) {
    return mean_over_neighbours(x, y, k, [&](double common) { return common / (2.0 * k - common); });
}

double pearson(std::span<const double> a, std::span<const double> b) {
    const auto n = static_cast<std::int64_t>(a.size());
    const DoubleTensor x({n, 1}, std::vector<double>(a.begin(), a.end()));
    const DoubleTensor y({static_cast<std::int64_t>(b.size()), 1}, std::vector<double>(b.begin(), b.end()));
    require_paired("pearson", x, y);
    const DoubleTensor p = centred(x), q = centred(y);
    double cross = 0.0, square_p = 0.0, square_q = 0.0;
    for (std::int64_t i = 0; i < n; ++i) {
        cross += p[i] * q[i];
        square_p += p[i] * p[i];
        square_q += q[i] * q[i];
    }
    const double both = std::sqrt(square_p) * std::sqrt(square_q);
    return both > 0.0 ? std::clamp(cross / both, -1.0, 1.0) : 0.0;
}

std::vector<double> ranks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] < values[b] : a < b; });
    std::vector<double> result(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin + 1;
        while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
        const double shared = (static_cast<double>(begin + end) + 1.0) / 2.0;
        for (std::size_t i = begin; i < end; ++i) result[order[i]] = shared;
        begin = end;
    }
    return result;
}

double spearman(std::span<const double> a, std::span<const double> b) { return pearson(ranks(a), ranks(b)); }

}  // namespace glassformer
