#include "models/config.h"

namespace glassformer {

TransformerStackConfig stack_of(const ModelSize& size) {
    TransformerStackConfig stack;
    stack.n_layers = size.n_layers;
    stack.layer.attention.d_model = size.d_model;
    stack.layer.attention.n_heads = size.n_heads;
    stack.layer.feed_forward.d_ff = size.d_ff;
    return stack;
}

void set_dropout(TransformerStackConfig& stack, double p, bool common_code) {
    stack.layer.residual_dropout = p;
    stack.layer.attention.dropout = common_code ? p : 0.0;
    stack.layer.feed_forward.dropout = common_code ? p : 0.0;
}

void set_position(InputEmbeddingConfig& embedding, TransformerStackConfig& stack, PositionKind kind) {
    embedding.position = is_absolute(kind) ? kind : PositionKind::none;
    stack.layer.attention.position.kind = is_absolute(kind) ? PositionKind::none : kind;
}

void set_initialization(TransformerStackConfig& stack, const Initialization& init) {
    stack.layer.attention.init = init;
    stack.layer.feed_forward.init = init;
}

void set_epsilon(TransformerStackConfig& stack, double epsilon) { stack.layer.norm.epsilon = epsilon; }

DropoutSites dropout_sites(std::int64_t encoder_layers, std::int64_t decoder_layers) {
    const std::int64_t stacks = (encoder_layers > 0 ? 1 : 0) + (decoder_layers > 0 ? 1 : 0);
    // A decoder beside an encoder has cross-attention as a third sublayer.
    const std::int64_t attention_of_decoder = encoder_layers > 0 ? 2 : 1;
    return {.embedding = stacks,
            .residual = 2 * encoder_layers + (attention_of_decoder + 1) * decoder_layers,
            .attention = encoder_layers + attention_of_decoder * decoder_layers,
            .hidden = encoder_layers + decoder_layers};
}

}  // namespace glassformer
