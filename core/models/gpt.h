#pragma once

#include <optional>

#include "models/config.h"

namespace glassformer {

/// A decoder-only language model (Radford et al. 2018, 2019).
struct GptConfig {
    InputEmbeddingConfig embedding = {};
    TransformerStackConfig stack = {};
    bool causal = true;  ///< false: a bidirectional encoder that predicts tokens, for lessons about the mask
    bool tied = true;    ///< the output matrix is the embedding (Press & Wolf 2017)
};

/// For models trained live: Pre-LN, GELU, tied embeddings N(0, 1/d) scaled by sqrt(d), learned positions of the tokens'
/// size, weights N(0, 1/fan-in).
GptConfig gpt_config(const ModelSize& size);
/// GPT-2's own recipe: unscaled embeddings, tanh-approximated GELU, everything N(0, 0.02^2), fused Q, K, V.
GptConfig gpt2_config(const ModelSize& size);

template <typename T>
struct BasicGptInput {
    IntTensor ids;                            ///< [n] or [batch, n]
    std::optional<Mask> mask = {};            ///< and-ed with the causal one: padding, windows, packed sequences
    std::optional<IntTensor> positions = {};  ///< [n] or ids' shape; else counted, continuing from the cache
    std::optional<BoolTensor> real = {};      ///< ids' shape: the tokens that batch normalisation counts
};
using GptInput = BasicGptInput<float>;

/// Observed: embedding.*, layers.*, final_norm, logits.
template <typename T>
class BasicGpt {
  public:
    BasicGpt(const GptConfig& config, Rng rng);

    /// Logits of the next token at every position, [..., n, vocabulary]. With a cache, ids are the new tokens and a
    /// mask counts the cached keys too. Error(shape) for ids outside the vocabulary; Error(out_of_range) beyond
    /// max_length.
    BasicVariable<T> forward(const BasicGptInput<T>& input, const BasicPass<T>& pass = {},
                             BasicStackCache<T>* cache = nullptr) const;
    /// The states before the output matrix, [..., n, d_model].
    BasicVariable<T> hidden(const BasicGptInput<T>& input, const BasicPass<T>& pass = {},
                            BasicStackCache<T>* cache = nullptr) const;
    /// Logits of given states (the logit lens reads inner ones).
    BasicVariable<T> logits(const BasicVariable<T>& hidden) const;

    const GptConfig& config() const { return config_; }
    const BasicTransformerStack<T>& stack() const { return stack_; }
    BasicTransformerStack<T>& stack() { return stack_; }
    const BasicInputEmbedding<T>& embedding() const { return embedding_; }
    /// embedding.*, layers.*, final_norm.*, output.weight [d_model, vocabulary] unless tied.
    BasicNamedParameters<T> parameters() const;
    BasicNamedParameters<T> buffers() const { return stack_.buffers(); }

  private:
    GptConfig config_;
    BasicInputEmbedding<T> embedding_;
    BasicTransformerStack<T> stack_;
    std::optional<BasicLinear<T>> output_;
};
using Gpt = BasicGpt<float>;

}  // namespace glassformer
