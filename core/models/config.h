#pragma once

#include <cstdint>

#include "nn/input_embedding.h"
#include "nn/transformer_stack.h"

/// What the models' configs share. Every switch of a layer is a field of TransformerLayerConfig
/// (nn/transformer_layer.h): take a model's config function, then flip what the lesson is about:
///     GptConfig config = gpt_config({.vocabulary = 50, .max_length = 32, .d_model = 32, .n_heads = 4});
///     config.stack.layer.residual = false;
namespace glassformer {

struct ModelSize {
    std::int64_t vocabulary = 0;
    std::int64_t max_length = 512;
    std::int64_t n_layers = 2;
    std::int64_t d_model = 64;
    std::int64_t n_heads = 4;
    std::int64_t d_ff = 0;  ///< 0 for 4 d_model
};

/// The layers of that size, with the rest at its defaults (Post-LN, ReLU, normal(0, 1/sqrt(fan-in)) weights).
TransformerStackConfig stack_of(const ModelSize& size);
/// The same dropout rate at the sites of the paper (sublayer outputs); attention and hidden layer too if `common_code`.
void set_dropout(TransformerStackConfig& stack, double p, bool common_code);
/// The position kind of a model: absolute ones go into its embedding, the others into its layers' self-attention.
void set_position(InputEmbeddingConfig& embedding, TransformerStackConfig& stack, PositionKind kind);
/// How all weight matrices of the layers start (not the embeddings).
void set_initialization(TransformerStackConfig& stack, const Initialization& init);
/// Every epsilon of the norms.
void set_epsilon(TransformerStackConfig& stack, double epsilon);

/// The number of sites where a model's forward pass drops something out, by the convention of the paper (section 5.4:
/// sublayer outputs and the sums of embeddings: 32 for 6 + 6 layers) and of common code (attention weights and hidden
/// layers as well).
struct DropoutSites {
    std::int64_t embedding = 0;
    std::int64_t residual = 0;
    std::int64_t attention = 0;
    std::int64_t hidden = 0;
};
DropoutSites dropout_sites(std::int64_t encoder_layers, std::int64_t decoder_layers);

}  // namespace glassformer
