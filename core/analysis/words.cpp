#include "analysis/words.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/matrix.h"
#include "analysis/rank.h"
#include "base/error.h"
#include "base/math.h"
#include "data/batch.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

void check_words(const DoubleTensor& vectors, const WordIds& words) {
    if (words.empty()) {
        throw Error(ErrorKind::constraint, {"词的集合是空的。", "The set of words is empty."});
    }
    for (const std::int32_t word : words) require_within("word", word, 0, static_cast<double>(vectors.extent(0) - 1));
}

void check_pairs(const DoubleTensor& vectors, const WordIds& first, const WordIds& second) {
    check_words(vectors, first);
    check_words(vectors, second);
    require_within("pairs", static_cast<double>(second.size()), static_cast<double>(first.size()),
                   static_cast<double>(first.size()));
}

/// The part of a vector in the subspace.
std::vector<double> part_within(std::span<const double> vector, const DoubleTensor& subspace) {
    std::vector<double> part(vector.size());
    for (std::int64_t k = 0; k < subspace.extent(0); ++k) {
        const std::span<const double> axis = subspace.row(k);
        double along = 0.0;
        for (std::size_t j = 0; j < part.size(); ++j) along += vector[j] * axis[j];
        for (std::size_t j = 0; j < part.size(); ++j) part[j] += along * axis[j];
    }
    return part;
}

double square_of(std::span<const double> vector) {
    double sum = 0.0;
    for (const double value : vector) sum += value * value;
    return sum;
}

double mean_of(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

}  // namespace

DoubleTensor cooccurrence(const IntTensor& sentences, int vocabulary) {
    DoubleTensor counts({vocabulary, vocabulary});
    for (std::int64_t s = 0; s < sentences.extent(0); ++s) {
        const std::span<const std::int32_t> words = sentences.row(s);
        for (const std::int32_t word : words) require_within("word", word, 0, vocabulary - 1);
        for (std::size_t i = 0; i < words.size(); ++i) {
            for (std::size_t j = 0; j < words.size(); ++j) {
                if (i != j) counts(words[i], words[j]) += 1.0;
            }
        }
    }
    return counts;
}

DoubleTensor positive_pmi(const DoubleTensor& counts) {
    require_paired("positive_pmi", counts, counts, counts.shape().rank() == 2 ? counts.extent(1) : 1);
    const std::int64_t n = counts.extent(0);
    const DoubleTensor totals = sum_rows(counts);
    const double all = sum(totals);
    DoubleTensor pmi({n, n});
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            if (counts(i, j) > 0.0) pmi(i, j) = std::max(0.0, log(counts(i, j) * all / (totals[i] * totals[j])));
        }
    }
    return pmi;
}

DoubleTensor svd_vectors(const DoubleTensor& matrix, std::int64_t d) {
    const SingularValues svd = singular_value_decomposition(matrix);
    require_within("d", static_cast<double>(d), 1, static_cast<double>(svd.s.size()));
    DoubleTensor vectors({matrix.extent(0), d});
    for (std::int64_t i = 0; i < matrix.extent(0); ++i) {
        for (std::int64_t j = 0; j < d; ++j)
            vectors(i, j) = svd.u(i, j) * std::sqrt(svd.s[static_cast<std::size_t>(j)]);
    }
    return vectors;
}

double association(const DoubleTensor& vectors, std::int32_t word, const WordIds& a, const WordIds& b) {
    check_words(vectors, {word});
    const auto mean_cosine_with = [&](const WordIds& set) {
        check_words(vectors, set);
        const std::span<const double> w = vectors.row(word);
        std::vector<double> cosines;
        for (const std::int32_t other : set) {
            const std::span<const double> v = vectors.row(other);
            double product = 0.0;
            for (std::size_t j = 0; j < w.size(); ++j) product += w[j] * v[j];
            const double lengths = std::sqrt(square_of(w)) * std::sqrt(square_of(v));
            cosines.push_back(lengths > 0.0 ? product / lengths : 0.0);
        }
        return mean_of(cosines);
    };
    return mean_cosine_with(a) - mean_cosine_with(b);
}

Weat weat(const DoubleTensor& vectors, const WordIds& x, const WordIds& y, const WordIds& a, const WordIds& b) {
    std::vector<double> of_x, of_y;
    check_words(vectors, x);
    check_words(vectors, y);
    for (const std::int32_t word : x) of_x.push_back(association(vectors, word, a, b));
    for (const std::int32_t word : y) of_y.push_back(association(vectors, word, a, b));
    std::vector<double> all = of_x;
    all.insert(all.end(), of_y.begin(), of_y.end());
    const double mean = mean_of(all);
    double variance = 0.0;
    for (const double s : all) variance += (s - mean) * (s - mean) / static_cast<double>(all.size());
    const double spread = std::sqrt(variance);
    Weat result{mean_of(of_x) - mean_of(of_y), std::numeric_limits<double>::quiet_NaN()};
    if (spread >= 1e-9) result.effect_size = result.statistic / spread;
    return result;
}

DoubleTensor bias_subspace(const DoubleTensor& vectors, const WordIds& first, const WordIds& second,
                           std::int64_t components) {
    check_pairs(vectors, first, second);
    const auto pairs = static_cast<std::int64_t>(first.size());
    const std::int64_t d = vectors.extent(1);
    DoubleTensor halves({2 * pairs, d});
    for (std::int64_t p = 0; p < pairs; ++p) {
        const std::span<const double> a = vectors.row(first[static_cast<std::size_t>(p)]);
        const std::span<const double> b = vectors.row(second[static_cast<std::size_t>(p)]);
        for (std::int64_t j = 0; j < d; ++j) {
            const double half = (a[static_cast<std::size_t>(j)] - b[static_cast<std::size_t>(j)]) / 2;
            halves(2 * p, j) = half;
            halves(2 * p + 1, j) = -half;
        }
    }
    return principal_components(halves, components).axes;
}

DoubleTensor neutralise(const DoubleTensor& vectors, const DoubleTensor& subspace, const WordIds& words) {
    check_words(vectors, words);
    DoubleTensor result = vectors;
    for (const std::int32_t word : words) {
        const std::span<double> row = result.row(word);
        // Twice: what rounding leaves of the first time would show in an exact check.
        for (int pass = 0; pass < 2; ++pass) {
            const std::vector<double> within = part_within(row, subspace);
            for (std::size_t j = 0; j < row.size(); ++j) row[j] -= within[j];
        }
    }
    return result;
}

DoubleTensor equalise(const DoubleTensor& vectors, const DoubleTensor& subspace, const WordIds& first,
                      const WordIds& second) {
    check_pairs(vectors, first, second);
    DoubleTensor result = unit_rows(vectors);
    for (std::size_t p = 0; p < first.size(); ++p) {
        const std::span<double> a = result.row(first[p]), b = result.row(second[p]);
        std::vector<double> mean(a.size());
        for (std::size_t j = 0; j < mean.size(); ++j) mean[j] = (a[j] + b[j]) / 2;
        const std::vector<double> within_mean = part_within(mean, subspace), within_a = part_within(a, subspace);
        std::vector<double> outside(mean.size()), offset(mean.size());
        for (std::size_t j = 0; j < mean.size(); ++j) {
            outside[j] = mean[j] - within_mean[j];
            offset[j] = within_a[j] - within_mean[j];
        }
        const double length = std::sqrt(square_of(offset));
        const double room = std::sqrt(std::max(0.0, 1.0 - square_of(outside)));
        for (std::size_t j = 0; j < mean.size(); ++j) {
            const double turn = length > 0.0 ? room * offset[j] / length : 0.0;
            a[j] = outside[j] + turn;
            b[j] = outside[j] - turn;
        }
    }
    return result;
}

DoubleTensor all_but_the_top(const DoubleTensor& vectors, std::int64_t k) {
    DoubleTensor c = centred(vectors);
    if (k == 0) return c;
    const DoubleTensor axes = principal_components(vectors, k).axes;
    return subtract(c, matmul(matmul(c, axes, Transpose::no, Transpose::yes), axes));
}

}  // namespace glassformer
