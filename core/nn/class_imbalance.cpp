#include "nn/class_imbalance.h"

#include <string>

#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

void check(const std::vector<std::int64_t>& counts) {
    if (counts.empty()) {
        throw Error(ErrorKind::shape, {"至少要有一个类别。", "There must be at least one class."}, "counts");
    }
    for (const std::int64_t count : counts) {
        if (count >= 1) continue;
        throw Error(ErrorKind::out_of_range,
                    {"每个类别至少要有一个样本，给了 " + std::to_string(count) + "。",
                     "Every class needs at least one example; one has " + std::to_string(count) + "."},
                    "counts");
    }
}

std::vector<double> to_mean_one(std::vector<double> weights) {
    double total = 0.0;
    for (const double weight : weights) total += weight;
    for (double& weight : weights) weight *= static_cast<double>(weights.size()) / total;
    return weights;
}

}  // namespace

std::vector<double> inverse_frequency_weights(const std::vector<std::int64_t>& counts) {
    check(counts);
    std::vector<double> weights;
    for (const std::int64_t count : counts) weights.push_back(1.0 / static_cast<double>(count));
    return to_mean_one(std::move(weights));
}

std::vector<double> effective_number_weights(const std::vector<std::int64_t>& counts, double beta) {
    check(counts);
    if (!(beta >= 0.0 && beta < 1.0)) {
        throw Error(ErrorKind::out_of_range,
                    {"beta 须在 [0, 1) 内，给了 " + std::to_string(beta) + "。",
                     "beta must be in [0, 1); it is " + std::to_string(beta) + "."},
                    "beta");
    }
    std::vector<double> weights;
    for (const std::int64_t count : counts) {
        // 1 - beta^n without losing its digits when beta is close to 1.
        const double power = beta == 0.0 ? 0.0 : static_cast<double>(count) * log1p(beta - 1.0);
        weights.push_back(beta == 0.0 ? 1.0 : (1.0 - beta) / -expm1(power));
    }
    return to_mean_one(std::move(weights));
}

template <typename T>
BasicVariable<T> adjust_logits(const BasicVariable<T>& logits, const std::vector<std::int64_t>& counts, double tau) {
    check(counts);
    const auto classes = static_cast<std::int64_t>(counts.size());
    if (logits.shape().rank() == 0 || logits.shape()[-1] != classes) {
        throw Error(
            ErrorKind::shape,
            {"logits 的形状 " + logits.shape().to_string() + " 最后一轴应为类别数 " + std::to_string(classes) + "。",
             "Logits of shape " + logits.shape().to_string() + " must end in the number of classes, " +
                 std::to_string(classes) + "."},
            "counts");
    }
    double total = 0.0;
    for (const std::int64_t count : counts) total += static_cast<double>(count);
    BasicTensor<T> shift({classes});
    for (std::int64_t c = 0; c < classes; ++c) {
        const double prior = static_cast<double>(counts[static_cast<std::size_t>(c)]) / total;
        shift[c] = static_cast<T>(tau * glassformer::log(prior));
    }
    return add(logits, BasicVariable<T>(std::move(shift)));
}

template BasicVariable<float> adjust_logits(const BasicVariable<float>&, const std::vector<std::int64_t>&, double);
template BasicVariable<double> adjust_logits(const BasicVariable<double>&, const std::vector<std::int64_t>&, double);

}  // namespace glassformer
