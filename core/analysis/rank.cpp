#include "analysis/rank.h"

#include <algorithm>
#include <cmath>

#include "analysis/matrix.h"
#include "base/math.h"
#include "data/batch.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

double power_sum(const std::vector<double>& values, int power) {
    double sum = 0.0;
    for (const double value : values) {
        double term = 1.0;
        for (int i = 0; i < power; ++i) term *= value;
        sum += term;
    }
    return sum;
}

}  // namespace

std::vector<double> singular_values(const DoubleTensor& x) { return singular_value_decomposition(x).s; }

std::int64_t numerical_rank(const std::vector<double>& s, double relative_tolerance) {
    if (s.empty() || s.front() <= 0.0) return 0;
    return std::count_if(s.begin(), s.end(), [&](double value) { return value > relative_tolerance * s.front(); });
}

double effective_rank(const std::vector<double>& s) {
    const double sum = power_sum(s, 1);
    if (sum <= 0.0) return 0.0;
    double entropy = 0.0;
    for (const double value : s) {
        const double share = value / sum;
        if (share > 0.0) entropy -= share * log(share);
    }
    return exp(entropy);
}

double participation_ratio(const std::vector<double>& s) {
    const double square = power_sum(s, 2), fourth = power_sum(s, 4);
    return fourth > 0.0 ? square * square / fourth : 0.0;
}

double stable_rank(const std::vector<double>& s) {
    if (s.empty() || s.front() <= 0.0) return 0.0;
    return power_sum(s, 2) / (s.front() * s.front());
}

double best_rank_error(const std::vector<double>& s, std::int64_t k) {
    require_within("k", static_cast<double>(k), 0, static_cast<double>(s.size()));
    const double all = power_sum(s, 2);
    if (all <= 0.0) return 0.0;
    return std::sqrt(power_sum({s.begin() + k, s.end()}, 2) / all);
}

DoubleTensor best_rank_approximation(const DoubleTensor& x, std::int64_t k) {
    const SingularValues svd = singular_value_decomposition(x);
    require_within("k", static_cast<double>(k), 0, static_cast<double>(svd.s.size()));
    DoubleTensor left({x.extent(0), k}), right({x.extent(1), k});
    for (std::int64_t j = 0; j < k; ++j) {
        for (std::int64_t i = 0; i < x.extent(0); ++i) left(i, j) = svd.u(i, j) * svd.s[static_cast<std::size_t>(j)];
        for (std::int64_t i = 0; i < x.extent(1); ++i) right(i, j) = svd.v(i, j);
    }
    return matmul(left, right, Transpose::no, Transpose::yes);
}

double token_residual(const DoubleTensor& x) {
    const double norm = frobenius_norm(x);
    return norm > 0.0 ? frobenius_norm(centred(x)) / norm : 0.0;
}

PrincipalComponents principal_components(const DoubleTensor& x, std::int64_t components) {
    PrincipalComponents pca{column_means(x), {}, {}, 0.0};
    const SingularValues svd = singular_value_decomposition(centred(x));
    require_within("components", static_cast<double>(components), 1, static_cast<double>(svd.s.size()));
    const auto rows = static_cast<double>(x.extent(0));
    pca.total_variance = power_sum(svd.s, 2) / rows;
    pca.axes = DoubleTensor({components, x.extent(1)});
    for (std::int64_t k = 0; k < components; ++k) {
        const double s = svd.s[static_cast<std::size_t>(k)];
        pca.variances.push_back(s * s / rows);
        const std::span<double> axis = pca.axes.row(k);
        std::size_t largest = 0;
        for (std::size_t j = 0; j < axis.size(); ++j) {
            axis[j] = svd.v(static_cast<std::int64_t>(j), k);
            if (std::fabs(axis[j]) > std::fabs(axis[largest]) + 1e-12) largest = j;
        }
        // A decomposition leaves each axis' sign open; pictures should not flip between builds.
        if (axis[largest] < 0.0) {
            for (double& value : axis) value = -value;
        }
    }
    return pca;
}

DoubleTensor project(const PrincipalComponents& pca, const DoubleTensor& x) {
    return matmul(subtract(x, pca.mean), pca.axes, Transpose::no, Transpose::yes);
}

Whitening fit_whitening(const DoubleTensor& x, std::int64_t dimensions) {
    const std::int64_t most = std::min(x.extent(0), x.extent(1));
    require_within("dimensions", static_cast<double>(dimensions), 1, static_cast<double>(most));
    PrincipalComponents pca = principal_components(x, dimensions);
    std::int64_t kept = 0;
    for (const double variance : pca.variances) kept += variance > 1e-20 * pca.variances.front() ? 1 : 0;
    Whitening whitening{pca.mean, DoubleTensor({x.extent(1), kept})};
    for (std::int64_t k = 0; k < kept; ++k) {
        const double spread = std::sqrt(pca.variances[static_cast<std::size_t>(k)]);
        for (std::int64_t j = 0; j < x.extent(1); ++j) whitening.map(j, k) = pca.axes(k, j) / spread;
    }
    return whitening;
}

DoubleTensor whiten(const Whitening& whitening, const DoubleTensor& x) {
    return matmul(subtract(x, whitening.mean), whitening.map);
}

}  // namespace glassformer
