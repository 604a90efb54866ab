#include "nn/loss.h"

#include <algorithm>
#include <string>

#include "autograd/operations.h"
#include "base/error.h"
#include "nn/module.h"

namespace glassformer {
namespace {

/// [..., classes] -> [rows, classes]. Error(shape) unless targets has the leading axes.
template <typename T>
BasicVariable<T> rows_of(const BasicVariable<T>& logits, const Shape& targets) {
    const Shape& shape = logits.shape();
    auto leading = shape.extents();
    if (!leading.empty()) leading.pop_back();
    if (shape.rank() == 0 || Shape(leading) != targets || shape[-1] < 1) {
        throw Error(ErrorKind::shape, {"logits 的形状 " + shape.to_string() + " 应是目标的形状 " + targets.to_string() +
                                           " 再加上类别一轴。",
                                       "Logits of shape " + shape.to_string() + " do not fit targets of shape " +
                                           targets.to_string() + ": they need one more axis, the classes."});
    }
    return reshape(logits, {targets.size(), shape[-1]});
}

void check(const CrossEntropyConfig& config, std::int64_t classes) {
    require_probability("label_smoothing", config.label_smoothing);
    const bool negative = std::any_of(config.class_weights.begin(), config.class_weights.end(),
                                      [](double weight) { return !(weight >= 0.0); });
    if (negative || !(config.focal_gamma >= 0.0)) {
        throw Error(ErrorKind::out_of_range,
                    {"类别权重和 focal 的 gamma 不能为负。", "Class weights and focal's gamma must not be negative."},
                    negative ? "class_weights" : "focal_gamma");
    }
    const auto weights = static_cast<std::int64_t>(config.class_weights.size());
    if (weights != 0 && weights != classes) {
        throw Error(ErrorKind::shape,
                    {"有 " + std::to_string(classes) + " 个类别，给了 " + std::to_string(weights) + " 个权重。",
                     "There are " + std::to_string(classes) + " classes and " + std::to_string(weights) + " weights."},
                    "class_weights");
    }
    if (config.focal_gamma > 0.0 && config.label_smoothing > 0.0) {
        throw Error(ErrorKind::constraint,
                    {"focal loss 与标签平滑不能同时使用。", "Focal loss and label smoothing cannot be combined."},
                    "focal_gamma");
    }
}

/// Rows whose target counts.
IntTensor counted_rows(const IntTensor& targets, const std::optional<std::int32_t>& ignore_index) {
    const auto counts = [&](std::int64_t i) { return !ignore_index || targets[i] != *ignore_index; };
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < targets.size(); ++i) count += counts(i) ? 1 : 0;
    IntTensor rows({count});
    for (std::int64_t i = 0, at = 0; i < targets.size(); ++i) {
        if (counts(i)) rows[at++] = static_cast<std::int32_t>(i);
    }
    return rows;
}

/// Probability of the target and of each other class.
std::pair<double, double> smoothed(const CrossEntropyConfig& config, std::int64_t classes) {
    const double epsilon = config.label_smoothing;
    const auto n = static_cast<double>(classes);
    if (config.smoothing == CrossEntropyConfig::Smoothing::over_all) return {1.0 - epsilon + epsilon / n, epsilon / n};
    return classes == 1 ? std::pair{1.0, 0.0} : std::pair{1.0 - epsilon, epsilon / (n - 1.0)};
}

/// (1 - p)^gamma with p = exp(log_p); the gradient flows through it.
template <typename T>
BasicVariable<T> focal_factor(const BasicVariable<T>& log_p, double gamma) {
    // 1 - p is 0 for a certain row, where ln would be -inf: held a hair above.
    const BasicVariable<T> rest = clip(add_scalar(scale(exp(log_p), T{-1}), T{1}), static_cast<T>(1e-12), T{1});
    return exp(scale(log(rest), static_cast<T>(gamma)));
}

}  // namespace

template <typename T>
BasicVariable<T> cross_entropy(const BasicVariable<T>& logits, const IntTensor& targets,
                               const CrossEntropyConfig& config) {
    BasicVariable<T> rows = rows_of(logits, targets.shape());
    const std::int64_t classes = rows.shape()[-1];
    check(config, classes);
    IntTensor target = targets.reshaped({targets.size()});
    const IntTensor counted = counted_rows(target, config.ignore_index);
    if (counted.size() == 0) return BasicVariable<T>(BasicTensor<T>());
    if (counted.size() != target.size()) {
        rows = index_select(rows, 0, counted);
        IntTensor kept(counted.shape());
        for (std::int64_t i = 0; i < kept.size(); ++i) kept[i] = target[counted[i]];
        target = std::move(kept);
    }
    const BasicVariable<T> log_p = log_softmax(rows);
    const BasicVariable<T> log_target = pick(log_p, target);  // [rows]; checks the targets
    BasicVariable<T> loss = scale(log_target, T{-1});
    if (config.focal_gamma > 0.0) loss = multiply(loss, focal_factor(log_target, config.focal_gamma));

    BasicTensor<T> class_weights({classes}, T{1});
    double total = 0.0;
    if (!config.class_weights.empty()) {
        std::transform(config.class_weights.begin(), config.class_weights.end(), class_weights.data(),
                       [](double weight) { return static_cast<T>(weight); });
        BasicTensor<T> weight_of_row(target.shape());
        for (std::int64_t i = 0; i < target.size(); ++i) {
            weight_of_row[i] = class_weights[target[i]];
            total += static_cast<double>(weight_of_row[i]);
        }
        loss = multiply(loss, BasicVariable<T>(std::move(weight_of_row)));
    }
    if (config.label_smoothing > 0.0) {
        const auto [of_target, of_others] = smoothed(config, classes);
        const BasicVariable<T> all = scale(sum(multiply(log_p, BasicVariable<T>(class_weights)), -1), T{-1});
        loss = add(scale(loss, static_cast<T>(of_target - of_others)), scale(all, static_cast<T>(of_others)));
    }
    if (config.reduction == CrossEntropyConfig::Reduction::sum) return sum(loss);
    if (config.class_weights.empty()) return mean(loss);
    return total > 0.0 ? scale(sum(loss), static_cast<T>(1.0 / total)) : scale(sum(loss), T{0});
}

template <typename T>
BasicVariable<T> negative_log_likelihood(const BasicVariable<T>& logits, const IntTensor& targets) {
    const BasicVariable<T> rows = rows_of(logits, targets.shape());
    return reshape(scale(pick(log_softmax(rows), targets.reshaped({targets.size()})), T{-1}), targets.shape());
}

template <typename T>
BasicTensor<T> target_distribution(const IntTensor& targets, std::int64_t classes, const CrossEntropyConfig& config) {
    check(config, classes);
    const auto [of_target, of_others] = smoothed(config, classes);
    Extents extents = targets.shape().extents();
    extents.push_back(classes);
    BasicTensor<T> q{Shape(extents)};
    for (std::int64_t i = 0; i < targets.size(); ++i) {
        if (config.ignore_index && targets[i] == *config.ignore_index) continue;
        if (targets[i] < 0 || targets[i] >= classes) {
            throw Error(ErrorKind::shape,
                        {"目标 " + std::to_string(targets[i]) + " 不在 0 ... " + std::to_string(classes - 1) + " 内。",
                         "The target " + std::to_string(targets[i]) + " is outside 0 ... " +
                             std::to_string(classes - 1) + "."});
        }
        std::fill_n(q.data() + i * classes, classes, static_cast<T>(of_others));
        q[i * classes + targets[i]] = static_cast<T>(of_target);
    }
    return q;
}

template <typename T>
BasicVariable<T> soft_cross_entropy(const BasicVariable<T>& logits, const BasicTensor<T>& targets) {
    if (logits.shape() != targets.shape() || logits.shape().rank() == 0) {
        throw Error(ErrorKind::shape,
                    {"logits 的形状 " + logits.shape().to_string() + " 与目标分布的形状 " +
                         targets.shape().to_string() + " 须相同。",
                     "Logits of shape " + logits.shape().to_string() + " and target distributions of " +
                         targets.shape().to_string() + " must have one shape."});
    }
    return scale(mean(sum(multiply(log_softmax(logits), BasicVariable<T>(targets)), -1)), T{-1});
}

#define GLASSFORMER_INSTANTIATE(T)                                                                                 \
    template BasicVariable<T> cross_entropy(const BasicVariable<T>&, const IntTensor&, const CrossEntropyConfig&); \
    template BasicVariable<T> negative_log_likelihood(const BasicVariable<T>&, const IntTensor&);                  \
    template BasicTensor<T> target_distribution(const IntTensor&, std::int64_t, const CrossEntropyConfig&);        \
    template BasicVariable<T> soft_cross_entropy(const BasicVariable<T>&, const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
