#include "nn/transformer_stack.h"

#include <string>
#include <utility>

#include "base/error.h"

namespace glassformer {

template <typename T>
BasicTransformerStack<T>::BasicTransformerStack(const TransformerStackConfig& config, Rng rng) : config_(config) {
    if (config.n_layers < 0) {
        throw Error(ErrorKind::out_of_range,
                    {"n_layers 不能小于 0，给了 " + std::to_string(config.n_layers) + "。",
                     "n_layers must not be negative; it is " + std::to_string(config.n_layers) + "."},
                    "n_layers");
    }
    TransformerLayerConfig& layer = config_.layer;
    if (layer.placement == NormPlacement::deep && layer.deep.alpha == 1.0 && config.n_layers > 0) {
        layer.deep = deep_norm_constants(config.n_layers);
    }
    std::shared_ptr<const BasicRelativePosition<T>> position;
    for (std::int64_t i = 0; i < (config.shared_layers ? std::min<std::int64_t>(1, config.n_layers) : config.n_layers);
         ++i) {
        layers_.emplace_back(layer, rng.split("layers").split(static_cast<std::uint64_t>(i)), position);
        if (layer.attention.position.kind == PositionKind::t5) position = layers_.front().position();
        if (config.shared_feed_forward && i > 0) layers_.back().set_feed_forward(layers_.front().feed_forward());
    }
    if (config_.final_norm.value_or(layer.placement == NormPlacement::pre) && layer.norm.kind != NormKind::none) {
        NormConfig norm = layer.norm;
        norm.d = layer.attention.d_model;
        final_norm_.emplace(norm);
    }
}

template <typename T>
BasicVariable<T> BasicTransformerStack<T>::forward(const BasicVariable<T>& given, const BasicLayerInput<T>& input,
                                                   const BasicPass<T>& pass, BasicStackCache<T>* cache) const {
    BasicLayerInput<T> each = input;
    const auto n_layers = static_cast<std::size_t>(config_.n_layers);
    if (cache != nullptr) {
        cache->self.resize(n_layers);
        cache->cross.resize(n_layers);
    }
    BasicVariable<T> x = given;
    for (std::size_t i = 0; i < n_layers; ++i) {
        if (cache != nullptr) {
            each.self_cache = &cache->self[i];
            each.cross_cache = &cache->cross[i];
        }
        const BasicTransformerLayer<T>& layer = config_.shared_layers ? layers_.front() : layers_[i];
        x = layer.forward(x, each, pass.at("layers", static_cast<std::int64_t>(i)));
    }
    if (cache != nullptr) cache->length += given.shape()[-2];
    return final_norm_ ? pass.observe("final_norm", final_norm_->forward(x, pass, input.real)) : x;
}

template <typename T>
const BasicTransformerLayer<T>& BasicTransformerStack<T>::layer(std::int64_t index) const {
    if (index < 0 || index >= config_.n_layers) {
        const std::string range = "0 ... " + std::to_string(config_.n_layers - 1);
        throw Error(ErrorKind::out_of_range,
                    {"层号须在 " + range + " 内，给了 " + std::to_string(index) + "。",
                     "The layer must be in " + range + "; it is " + std::to_string(index) + "."},
                    "layer");
    }
    return config_.shared_layers ? layers_.front() : layers_[static_cast<std::size_t>(index)];
}

template <typename T>
BasicTransformerLayer<T>& BasicTransformerStack<T>::layer(std::int64_t index) {
    return const_cast<BasicTransformerLayer<T>&>(static_cast<const BasicTransformerStack&>(*this).layer(index));
}

template <typename T>
BasicNamedParameters<T> BasicTransformerStack<T>::parameters() const {
    BasicNamedParameters<T> all;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        append_parameters(all, "layers." + std::to_string(i), layers_[i].parameters());
    }
    if (final_norm_) append_parameters(all, "final_norm", final_norm_->parameters());
    return all;
}

template <typename T>
BasicNamedParameters<T> BasicTransformerStack<T>::buffers() const {
    BasicNamedParameters<T> all;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        append_parameters(all, "layers." + std::to_string(i), layers_[i].buffers());
    }
    if (final_norm_) append_parameters(all, "final_norm", final_norm_->buffers());
    return all;
}

template class BasicTransformerStack<float>;
template class BasicTransformerStack<double>;

}  // namespace glassformer
