#include "data/classes.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/math.h"
#include "data/points.h"
#include "tensor/kernels.h"

namespace glassformer {

Tensor class_means(const GaussianClasses& task, Rng& rng) {
    require_within("classes", task.classes, 2, 1000);
    require_within("features", task.features, 1, 4096);
    require_within("separation", task.separation, 0, 100);
    return random_normal({task.classes, task.features}, rng, 0.0F, task.separation);
}

LabelledPoints draw_classes(const Tensor& means, const std::vector<int>& counts, Rng& rng) {
    if (means.shape().rank() != 2 || means.extent(0) != static_cast<std::int64_t>(counts.size())) {
        const std::string given = std::to_string(counts.size());
        throw Error(
            ErrorKind::shape,
            {"类均值的形状是 " + means.shape().to_string() + "，样本数却有 " + given + " 项。",
             "The class means have the shape " + means.shape().to_string() + ", but there are " + given + " counts."});
    }
    std::int64_t total = 0;
    for (const int count : counts) {
        require_within("count", count, 0, 1e6);
        total += count;
    }
    LabelledPoints points{random_normal({total, means.extent(1)}, rng), IntTensor({total}),
                          static_cast<int>(counts.size())};
    std::int64_t row = 0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
        const std::span<const float> mean = means.row(static_cast<std::int64_t>(k));
        for (int i = 0; i < counts[k]; ++i, ++row) {
            const std::span<float> point = points.inputs.row(row);
            for (std::size_t j = 0; j < point.size(); ++j) point[j] += mean[j];
            points.labels[row] = static_cast<std::int32_t>(k);
        }
    }
    return points;
}

std::vector<int> long_tail_counts(int classes, int head_count, float ratio) {
    require_within("classes", classes, 2, 1000);
    require_within("head_count", head_count, 1, 1e6);
    require_within("ratio", ratio, 1, 1e6);
    std::vector<int> counts(static_cast<std::size_t>(classes));
    for (int k = 0; k < classes; ++k) {
        const double share = exp(-log(static_cast<double>(ratio)) * k / (classes - 1));
        counts[static_cast<std::size_t>(k)] = std::max(1, static_cast<int>(std::lround(head_count * share)));
    }
    return counts;
}

std::vector<double> zipf_probabilities(int vocabulary, double exponent) {
    require_within("vocabulary", vocabulary, 1, 1e6);
    require_within("exponent", exponent, 0, 8);
    std::vector<double> probabilities(static_cast<std::size_t>(vocabulary));
    double sum = 0.0;
    for (int k = 0; k < vocabulary; ++k) {
        sum += probabilities[static_cast<std::size_t>(k)] = exp(-exponent * log(k + 1.0));
    }
    for (double& p : probabilities) p /= sum;
    return probabilities;
}

Categorical::Categorical(const std::vector<double>& probabilities) {
    double sum = 0.0;
    for (const double p : probabilities) {
        require_within("probability", p, 0, 1);
        cumulative_.push_back(sum += p);
    }
    require_within("sum of probabilities", sum, 1 - 1e-6, 1 + 1e-6);
}

std::int32_t Categorical::draw(Rng& rng) const {
    // 32 bits: an outcome of probability 1e-8 still has its share.
    const double u = (rng.bits() + 0.5) * 0x1p-32 * cumulative_.back();
    return static_cast<std::int32_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), u) - cumulative_.begin());
}

TokenBatch zipf_tokens(int length, int vocabulary, double exponent, int batch, Rng& rng) {
    require_within("length", length, 1, 4096);
    require_within("batch", batch, 1, 1 << 20);
    const std::vector<double> probabilities = zipf_probabilities(vocabulary, exponent);
    const Categorical source(probabilities);
    const double entropy = entropy_of(probabilities);
    TokenBatch result{IntTensor({batch, length}), IntTensor({batch, length}), BoolTensor({batch, length}, 1), entropy,
                      entropy};
    for (std::int64_t b = 0; b < batch; ++b) {
        std::int32_t next = source.draw(rng);
        for (std::int64_t t = 0; t < length; ++t) {
            result.inputs(b, t) = next;
            next = source.draw(rng);
            result.targets(b, t) = next;
        }
    }
    return result;
}

EpisodeSource::EpisodeSource(const EpisodeTask& task, Rng& rng) : task_(task) {
    require_within("ways", task.ways, 2, 100);
    require_within("shots", task.shots, 1, 100);
    require_within("queries", task.queries, 1, 100);
    require_within("signal", task.signal, 1, task.features);
    require_within("separation", task.separation, 0, 100);
    const Tensor axes = random_orthogonal(task.features, rng);
    const std::int64_t kept = std::int64_t{task.signal} * task.features;
    basis_ = Tensor({task.signal, task.features}, std::vector<float>(axes.data(), axes.data() + kept));
}

Episode EpisodeSource::draw(Rng& rng) const {
    const Tensor means = matmul(random_normal({task_.ways, task_.signal}, rng, 0.0F, task_.separation), basis_);
    const auto ways = static_cast<std::size_t>(task_.ways);
    LabelledPoints support = draw_classes(means, std::vector<int>(ways, task_.shots), rng);
    LabelledPoints query = draw_classes(means, std::vector<int>(ways, task_.queries), rng);
    return {std::move(support), std::move(query)};
}

}  // namespace glassformer
