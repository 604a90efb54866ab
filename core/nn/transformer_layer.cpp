#include "nn/transformer_layer.h"

#include <cmath>
#include <string>
#include <utility>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

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
        feed_forward_.emplace(config_.feed_forward, rng.split("feed_forward"));
        if (normalised) feed_forward_norm_.emplace(config_.norm);
    }
}

template <typename T>
template <typename Function>
BasicVariable<T> BasicTransformerLayer<T>::sublayer(const char* name, const BasicVariable<T>& x,
                                                    const std::optional<BasicNorm<T>>& norm,
                                                    const BasicLayerInput<T>& input, const BasicPass<T>& pass,
                                                    Function function) const {
    const std::string site = name;
    const bool before = config_.placement == NormPlacement::pre;
    const auto normalise = [&](const BasicVariable<T>& value) {
        return norm ? pass.observe(site + "_norm", norm->forward(value, pass, input.real)) : value;
    };
    BasicVariable<T> y = function(before ? normalise(x) : x, pass.at(name));
    y = pass.dropout(site + "_residual", y, config_.residual_dropout);
    if (config_.residual) {
        BasicVariable<T> skip = pass.dropout(site + "_skip", x, config_.skip_dropout);
        if (config_.placement == NormPlacement::deep) skip = scale(skip, static_cast<T>(config_.deep.alpha));
        y = add(skip, y);
    }
    return pass.observe(site + "_output", before ? y : normalise(y));
}

template <typename T>
BasicVariable<T> BasicTransformerLayer<T>::forward(const BasicVariable<T>& given, const BasicLayerInput<T>& input,
                                                   const BasicPass<T>& pass) const {
    BasicVariable<T> x = pass.observe("input", given);
    if (self_attention_) {
        x = sublayer("self_attention", x, self_norm_, input, pass,
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
        x = sublayer("cross_attention", x, cross_norm_, input, pass,
                     [&](const BasicVariable<T>& value, const BasicPass<T>& inner) {
                         BasicAttentionInput<T> what;
                         what.mask = input.memory_mask;
                         what.memory = input.memory;
                         what.cache = input.cross_cache;
                         return cross_attention_->forward(value, what, inner);
                     });
    }
    if (feed_forward_) {
        x = sublayer("feed_forward", x, feed_forward_norm_, input, pass,
                     [&](const BasicVariable<T>& value, const BasicPass<T>& inner) {
                         return feed_forward_->forward(value, inner);
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

template class BasicTransformerLayer<float>;
template class BasicTransformerLayer<double>;

}  // namespace glassformer
