#include "models/transformer.h"

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

using Tying = TransformerConfig::Tying;

InputEmbeddingConfig embedding_of(const ModelSize& size) {
    InputEmbeddingConfig embedding;
    embedding.vocabulary = size.vocabulary;
    embedding.d_model = size.d_model;
    embedding.max_length = size.max_length;
    return embedding;
}

TransformerConfig checked(TransformerConfig config) {
    config.decoder.layer.d_memory = config.source.d_model;
    const bool one_width = config.source.d_model == config.encoder.layer.attention.d_model &&
                           config.target.d_model == config.decoder.layer.attention.d_model;
    if (!one_width) {
        throw Error(ErrorKind::constraint,
                    {"嵌入的 d_model 须与其编码器、解码器的相同。",
                     "An embedding's d_model must be that of its encoder or decoder."},
                    "d_model");
    }
    if (config.tying == Tying::three_way &&
        (config.source.vocabulary != config.target.vocabulary || config.source.d_model != config.target.d_model)) {
        throw Error(ErrorKind::constraint,
                    {"三处共享要求源和目标用同一个词表、同一个宽度。",
                     "Three-way tying needs one vocabulary and one width for source and target."},
                    "tying");
    }
    // DeepNorm's constants depend on both depths.
    if (config.encoder.layer.placement == NormPlacement::deep && config.encoder.layer.deep.alpha == 1.0 &&
        config.encoder.n_layers > 0 && config.decoder.n_layers > 0) {
        std::tie(config.encoder.layer.deep, config.decoder.layer.deep) =
            deep_norm_constants(config.encoder.n_layers, config.decoder.n_layers);
    }
    return config;
}

}  // namespace

TransformerConfig transformer_config(const ModelSize& size) {
    TransformerConfig config;
    config.source = embedding_of(size);
    config.target = config.source;
    config.encoder = stack_of(size);
    set_initialization(config.encoder, {.kind = Initialization::Kind::xavier_uniform});
    config.decoder = config.encoder;
    config.decoder.layer.cross_attention = true;
    config.tying = Tying::three_way;
    return config;
}

TransformerConfig transformer_live_config(const ModelSize& source, const ModelSize& target) {
    TransformerConfig config;
    config.source = embedding_of(source);
    config.target = embedding_of(target);
    for (InputEmbeddingConfig* embedding : {&config.source, &config.target}) {
        embedding->position = PositionKind::learned;
        embedding->position_deviation = 1.0F;
    }
    config.encoder = stack_of(source);
    config.decoder = stack_of(target);
    config.encoder.layer.placement = config.decoder.layer.placement = NormPlacement::pre;
    config.decoder.layer.cross_attention = true;
    config.decoder.layer.attention.position.bidirectional = false;
    return config;
}

template <typename T>
BasicTransformer<T>::BasicTransformer(const TransformerConfig& config, Rng rng)
    : config_(checked(config)),
      target_(config_.target, rng.split("target_embedding")),
      encoder_(config_.encoder, rng.split("encoder")),
      decoder_(config_.decoder, rng.split("decoder")) {
    if (config_.tying != Tying::three_way) source_.emplace(config_.source, rng.split("source_embedding"));
    if (config_.tying == Tying::none) {
        output_.emplace(config_.target.d_model, config_.target.vocabulary, rng.split("output"), false);
    }
}

template <typename T>
BasicVariable<T> BasicTransformer<T>::encode(const BasicSequenceInput<T>& source, const BasicPass<T>& pass) const {
    const BasicVariable<T> x = source_embedding().forward(source.ids, pass.at("source_embedding"), source.positions);
    BasicLayerInput<T> each;
    each.mask = source.mask;
    each.positions = source.positions;
    each.real = source.real;
    return pass.observe("memory", encoder_.forward(x, each, pass.at("encoder")));
}

template <typename T>
BasicVariable<T> BasicTransformer<T>::decode(const BasicSequenceInput<T>& target, const BasicVariable<T>& memory,
                                             const std::optional<Mask>& memory_mask, const BasicPass<T>& pass,
                                             BasicStackCache<T>* cache) const {
    const std::int64_t past = cache != nullptr ? cache->length : 0;
    const std::int64_t n = target.ids.extent(-1);
    const BasicVariable<T> x =
        target_.forward(target.ids, pass.at("target_embedding"), target.positions, std::nullopt, past);
    BasicLayerInput<T> each;
    each.mask = target.mask;
    if (config_.causal) each.mask = target.mask ? *target.mask & causal_mask(n, past + n) : causal_mask(n, past + n);
    each.memory = memory;
    each.memory_mask = memory_mask;
    each.positions = target.positions ? target.positions : counted_positions(n, past);
    each.real = target.real;
    const BasicVariable<T> hidden = decoder_.forward(x, each, pass.at("decoder"), cache);
    return pass.observe("logits", output_ ? output_->forward(hidden) : target_.token().logits(hidden));
}

template <typename T>
BasicVariable<T> BasicTransformer<T>::forward(const BasicSequenceInput<T>& source, const BasicSequenceInput<T>& target,
                                              const BasicPass<T>& pass) const {
    return decode(target, encode(source, pass), source.mask, pass);
}

template <typename T>
BasicNamedParameters<T> BasicTransformer<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, source_ ? "target_embedding" : "embedding", target_.parameters());
    if (source_) append_parameters(all, "source_embedding", source_->parameters());
    append_parameters(all, "encoder", encoder_.parameters());
    append_parameters(all, "decoder", decoder_.parameters());
    if (output_) append_parameters(all, "output", output_->parameters());
    return all;
}

template <typename T>
BasicNamedParameters<T> BasicTransformer<T>::buffers() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "encoder", encoder_.buffers());
    append_parameters(all, "decoder", decoder_.buffers());
    return all;
}

template class BasicTransformer<float>;
template class BasicTransformer<double>;

}  // namespace glassformer
