#include "nn/normalization.h"

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {

template <typename T>
BasicNorm<T>::BasicNorm(const NormConfig& config) : config_(config) {
    require_positive("d", config.d);
    if (!(config.epsilon >= 0.0)) {
        throw Error(ErrorKind::out_of_range,
                    {"epsilon 不能小于 0，给了 " + std::to_string(config.epsilon) + "。",
                     "epsilon must not be negative; it is " + std::to_string(config.epsilon) + "."},
                    "epsilon");
    }
    if (!(config.momentum >= 0.0 && config.momentum <= 1.0)) {
        throw Error(ErrorKind::out_of_range,
                    {"momentum 须在 [0, 1] 内，给了 " + std::to_string(config.momentum) + "。",
                     "momentum must be in [0, 1]; it is " + std::to_string(config.momentum) + "."},
                    "momentum");
    }
    gamma_ = BasicVariable<T>(BasicTensor<T>({config.d}, T{1}), config.affine);
    beta_ = BasicVariable<T>(BasicTensor<T>({config.d}), config.affine);
    running_mean_ = BasicVariable<T>(BasicTensor<T>({config.d}));
    running_variance_ = BasicVariable<T>(BasicTensor<T>({config.d}, T{1}));
}

template <typename T>
BasicVariable<T> BasicNorm<T>::forward(const BasicVariable<T>& x, const BasicPass<T>& pass,
                                       const std::optional<BoolTensor>& counted) const {
    if (x.shape().rank() == 0 || x.shape()[-1] != config_.d) {
        throw Error(ErrorKind::shape,
                    {"归一化的输入形状 " + x.shape().to_string() + " 最后一轴应为 " + std::to_string(config_.d) + "。",
                     "A normalisation got an input of shape " + x.shape().to_string() + "; its last axis must be " +
                         std::to_string(config_.d) + "."});
    }
    switch (config_.kind) {
        case NormKind::none: return x;
        case NormKind::layer: return layer_norm(x, gamma_, beta_, config_.epsilon);
        case NormKind::rms: return rms_norm(x, gamma_, config_.epsilon);
        case NormKind::batch: break;
    }
    return batch(x, pass, counted);
}

template <typename T>
BasicVariable<T> BasicNorm<T>::batch(const BasicVariable<T>& x, const BasicPass<T>& pass,
                                     const std::optional<BoolTensor>& counted) const {
    if (!pass.is_training()) {
        return batch_norm_with(x, running_mean_.value(), running_variance_.value(), gamma_, beta_, config_.epsilon);
    }
    const BatchNormResult<T> result = batch_norm(x, gamma_, beta_, config_.epsilon, counted);
    const T momentum = static_cast<T>(config_.momentum);
    const auto move = [momentum](BasicVariable<T> running, const BasicTensor<T>& towards) {
        BasicTensor<T>& value = running.mutable_value();
        for (std::int64_t i = 0; i < value.size(); ++i) value[i] += momentum * (towards[i] - value[i]);
    };
    move(running_mean_, result.statistics.mean);
    move(running_variance_, result.statistics.unbiased_variance);
    return result.output;
}

template <typename T>
BasicNamedParameters<T> BasicNorm<T>::parameters() const {
    if (!config_.affine || config_.kind == NormKind::none) return {};
    if (config_.kind == NormKind::rms) return {{"gamma", gamma_}};
    return {{"gamma", gamma_}, {"beta", beta_}};
}

template <typename T>
BasicNamedParameters<T> BasicNorm<T>::buffers() const {
    if (config_.kind != NormKind::batch) return {};
    return {{"running_mean", running_mean_}, {"running_variance", running_variance_}};
}

template class BasicNorm<float>;
template class BasicNorm<double>;

}  // namespace glassformer
