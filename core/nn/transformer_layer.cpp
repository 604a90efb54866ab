#include "nn/transformer_layer.h"

#include <cmath>
#include <string>
#include <utility>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {

struct SublayerNames {
    const char* name;
    const char* norm;
    const char* residual;
    const char* skip;
    const char* output;
};

namespace {

constexpr SublayerNames self_names{"self_attention", "self_attention_norm", "self_attention_residual",
                                   "self_attention_skip", "self_attention_output"};
constexpr SublayerNames cross_names{"cross_attention", "cross_attention_norm", "cross_attention_residual",
                                    "cross_attention_skip", "cross_attention_output"};
constexpr SublayerNames feed_forward_names{"feed_forward", "feed_forward_norm", "feed_forward_residual",
                                           "feed_forward_skip", "feed_forward_output"};

double fourth_root(double x) { return std::sqrt(std::sqrt(x)); }

TransformerLayerConfig completed(TransformerLayerConfig config) {
    if (!config.self_attention && !config.cross_attention && !config.use_feed_forward) {
        throw Error(ErrorKind::constraint,
                    {"一层里至少要留一个子层：自注意力、交叉注意力或前馈网络。",
                     "A layer needs at least one sublayer: self-attention, cross-attention or feed-forward."},
                    "self_attention");
    }
    if (config.feed_forward.d_model == 0) config.feed_forward.d_model = config.attention.d_model;
    config.norm.d = config.attention.d_model;
    require_probability("residual_dropout", config.residual_dropout);
    require_probability("skip_dropout", config.skip_dropout);
    if (config.placement == NormPlacement::deep) {
        config.attention.value_gain *= config.deep.beta;
        config.feed_forward.gain *= config.deep.beta;
    }
    return config;
}

}  // namespace

DeepNormConstants deep_norm_constants(std::int64_t layers) {
    require_positive("layers", layers);
    const auto n = static_cast<double>(layers);
    return {fourth_root(2.0 * n), static_cast<float>(1.0 / fourth_root(8.0 * n))};
}

std::pair<DeepNormConstants, DeepNormConstants> deep_norm_constants(std::int64_t encoder_layers,
                                                                    std::int64_t decoder_layers) {
    require_positive("encoder_layers", encoder_layers);
    require_positive("decoder_layers", decoder_layers);
    const auto n = static_cast<double>(encoder_layers);
    const auto m = static_cast<double>(decoder_layers);
    const double both = fourth_root(fourth_root(n * n * n * n * m));
    return {{0.81 * both, static_cast<float>(0.87 / both)},
            {fourth_root(3.0 * m), static_cast<float>(1.0 / fourth_root(12.0 * m))}};
}

template <typename T>
BasicTransformerLayer<T>::BasicTransformerLayer(const TransformerLayerConfig& config, Rng rng,
                                                std::shared_ptr<const BasicRelativePosition<T>> position)
    : config_(completed(config)) {
    const bool normalised = config_.placement != NormPlacement::none && config_.norm.kind != NormKind::none;
    if (config_.self_attention) {
        self_attention_.emplace(config_.attention, rng.split("self_attention"), std::move(position));
        if (normalised) self_norm_.emplace(config_.norm);
    }
    if (config_.cross_attention) {
        AttentionConfig cross = config_.attention;
        cross.fused = false;
        cross.d_memory = config_.d_memory;
        cross.position = {};  // the memory is a set: its order lives in its vectors
        cross_attention_.emplace(cross, rng.split("cross_attention"));
        if (normalised) cross_norm_.emplace(config_.norm);
    }
    if (config_.use_feed_forward) {
        if (config_.n_experts > 0) {
            mixture_.emplace(MixtureConfig{config_.feed_forward, config_.n_experts, config_.top_k},
                             rng.split("feed_forward"));
        } else {
            feed_forward_.emplace(config_.feed_forward, rng.split("feed_forward"));
        }
        if (normalised) feed_forward_norm_.emplace(config_.norm);
    }
}

template <typename T>
template <typename Function>
BasicVariable<T> BasicTransformerLayer<T>::sublayer(const SublayerNames& names, const BasicVariable<T>& x,
                                                    const std::optional<BasicNorm<T>>& norm,
                                                    const BasicLayerInput<T>& input, const BasicPass<T>& pass,
                                                    Function function) const {
    const bool before = config_.placement == NormPlacement::pre;
    const auto normalise = [&](const BasicVariable<T>& value) {
        return norm ? pass.observe(names.norm, norm->forward(value, pass, input.real)) : value;
    };
    BasicVariable<T> y = function(before ? normalise(x) : x, pass.at(names.name));
    y = pass.dropout(names.residual, y, config_.residual_dropout);
    if (config_.residual) {
        BasicVariable<T> skip = pass.dropout(names.skip, x, config_.skip_dropout);
        if (config_.placement == NormPlacement::deep) skip = scale(skip, static_cast<T>(config_.deep.alpha));
        y = add(skip, y);
    }
    return pass.observe(names.output, before ? y : normalise(y));
}

template <typename T>
BasicVariable<T> BasicTransformerLayer<T>::forward(const BasicVariable<T>& given, const BasicLayerInput<T>& input,
                                                   const BasicPass<T>& pass) const {
    BasicVariable<T> x = pass.observe("input", given);
    if (self_attention_) {
        x = sublayer(self_names, x, self_norm_, input, pass,
                     [&](const BasicVariable<T>& value, const BasicPass<T>& inner) {
                         BasicAttentionInput<T> what;
                         what.mask = input.mask;
                         what.positions = input.positions;
                         what.cache = input.self_cache;
                         return self_attention_->forward(value, what, inner);
                     });
    }
    if (cross_attention_) {
        if (!input.memory) {
            throw Error(
                ErrorKind::constraint,
                {"交叉注意力需要 memory（编码器的输出）。", "Cross-attention needs a memory, the encoder's output."},
                "memory");
        }
        x = sublayer(cross_names, x, cross_norm_, input, pass,
                     [&](const BasicVariable<T>& value, const BasicPass<T>& inner) {
                         BasicAttentionInput<T> what;
                         what.mask = input.memory_mask;
                         what.memory = input.memory;
                         what.cache = input.cross_cache;
                         return cross_attention_->forward(value, what, inner);
                     });
    }
    if (feed_forward_ || mixture_) {
        x = sublayer(feed_forward_names, x, feed_forward_norm_, input, pass,
                     [&](const BasicVariable<T>& value, const BasicPass<T>& inner) {
                         return mixture_ ? mixture_->forward(value, inner) : feed_forward_->forward(value, inner);
                     });
    }
    return x;
}

template <typename T>
BasicNamedParameters<T> BasicTransformerLayer<T>::parameters() const {
    BasicNamedParameters<T> all;
    if (self_attention_) append_parameters(all, "self_attention", self_attention_->parameters());
    if (self_norm_) append_parameters(all, "self_attention_norm", self_norm_->parameters());
    if (cross_attention_) append_parameters(all, "cross_attention", cross_attention_->parameters());
    if (cross_norm_) append_parameters(all, "cross_attention_norm", cross_norm_->parameters());
    if (feed_forward_) append_parameters(all, "feed_forward", feed_forward_->parameters());
    if (mixture_) append_parameters(all, "feed_forward", mixture_->parameters());
    if (feed_forward_norm_) append_parameters(all, "feed_forward_norm", feed_forward_norm_->parameters());
    return all;
}

template <typename T>
BasicNamedParameters<T> BasicTransformerLayer<T>::buffers() const {
    BasicNamedParameters<T> all;
    if (self_norm_) append_parameters(all, "self_attention_norm", self_norm_->buffers());
    if (cross_norm_) append_parameters(all, "cross_attention_norm", cross_norm_->buffers());
    if (feed_forward_norm_) append_parameters(all, "feed_forward_norm", feed_forward_norm_->buffers());
    return all;
}

template <typename T>
std::shared_ptr<const BasicRelativePosition<T>> BasicTransformerLayer<T>::position() const {
    return self_attention_ ? self_attention_->position() : nullptr;
}

template <typename T>
const BasicFeedForward<T>& BasicTransformerLayer<T>::feed_forward() const {
    if (!feed_forward_) {
        throw Error(ErrorKind::constraint,
                    {"这一层没有（单个的）前馈网络。", "This layer has no feed-forward network, or a mixture of them."},
                    "feed_forward");
    }
    return *feed_forward_;
}

template <typename T>
void BasicTransformerLayer<T>::set_feed_forward(const BasicFeedForward<T>& other) {
    const std::int64_t d_model = feed_forward().config().d_model;
    if (other.config().d_model != d_model) {
        throw Error(ErrorKind::constraint,
                    {"前馈网络的 d_model 应为 " + std::to_string(d_model) + "，给的是 " +
                         std::to_string(other.config().d_model) + "。",
                     "The feed-forward network must have d_model " + std::to_string(d_model) + "; it has " +
                         std::to_string(other.config().d_model) + "."},
                    "feed_forward");
    }
    feed_forward_ = other;
}

template class BasicTransformerLayer<float>;
template class BasicTransformerLayer<double>;

}  // namespace glassformer
