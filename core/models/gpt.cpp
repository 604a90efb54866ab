#include "models/gpt.h"

#include "autograd/operations.h"

namespace glassformer {

GptConfig gpt_config(const ModelSize& size) {
    GptConfig config;
    config.embedding.vocabulary = size.vocabulary;
    config.embedding.d_model = size.d_model;
    config.embedding.max_length = size.max_length;
    config.embedding.position = PositionKind::learned;
    config.embedding.position_deviation = 1.0F;  // the scaled tokens' size
    config.stack = stack_of(size);
    config.stack.layer.placement = NormPlacement::pre;
    config.stack.layer.feed_forward.activation = Activation::gelu;
    config.stack.layer.attention.position.bidirectional = false;
    return config;
}

GptConfig gpt2_config(const ModelSize& size) {
    GptConfig config = gpt_config(size);
    config.embedding.scaled = false;
    config.embedding.token_deviation = 0.02F;
    config.embedding.position_deviation = 0.02F;
    config.stack.layer.attention.fused = true;
    config.stack.layer.feed_forward.activation = Activation::gelu_tanh;
    set_initialization(config.stack, {.kind = Initialization::Kind::normal});
    return config;
}

template <typename T>
BasicGpt<T>::BasicGpt(const GptConfig& config, Rng rng)
    : config_(config), embedding_(config.embedding, rng.split("embedding")), stack_(config.stack, rng.split("stack")) {
    if (!config.tied) {
        output_.emplace(config.embedding.d_model, config.embedding.vocabulary, rng.split("output"), false);
    }
}

template <typename T>
BasicVariable<T> BasicGpt<T>::hidden(const BasicGptInput<T>& input, const BasicPass<T>& pass,
                                     BasicStackCache<T>* cache) const {
    const std::int64_t past = cache != nullptr ? cache->length : 0;
    const BasicVariable<T> x = embedding_.forward(input.ids, pass.at("embedding"), input.positions, std::nullopt, past);
    const std::int64_t n = input.ids.extent(-1);
    BasicLayerInput<T> each;
    each.mask = input.mask;
    if (config_.causal) each.mask = input.mask ? *input.mask & causal_mask(n, past + n) : causal_mask(n, past + n);
    each.positions = input.positions ? input.positions : counted_positions(n, past);
    each.real = input.real;
    return stack_.forward(x, each, pass, cache);
}

template <typename T>
BasicVariable<T> BasicGpt<T>::logits(const BasicVariable<T>& hidden) const {
    return output_ ? output_->forward(hidden) : embedding_.token().logits(hidden);
}

template <typename T>
BasicVariable<T> BasicGpt<T>::forward(const BasicGptInput<T>& input, const BasicPass<T>& pass,
                                      BasicStackCache<T>* cache) const {
    return pass.observe("logits", logits(hidden(input, pass, cache)));
}

template <typename T>
BasicNamedParameters<T> BasicGpt<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "embedding", embedding_.parameters());
    for (const auto& named : stack_.parameters()) all.push_back(named);
    if (output_) append_parameters(all, "output", output_->parameters());
    return all;
}

template class BasicGpt<float>;
template class BasicGpt<double>;

}  // namespace glassformer
