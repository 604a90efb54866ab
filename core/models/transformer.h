#pragma once

#include <optional>

#include "models/config.h"

namespace glassformer {

/// The encoder-decoder of Vaswani et al. 2017.
struct TransformerConfig {
    InputEmbeddingConfig source = {};
    InputEmbeddingConfig target = {};
    TransformerStackConfig encoder = {};
    TransformerStackConfig decoder = {};  ///< its cross_attention is on
    bool causal = true;                   ///< the decoder's self-attention
    enum class Tying {
        none,       ///< three matrices
        output,     ///< output = target embedding
        three_way,  ///< the source embedding too: one vocabulary (the paper, section 3.4)
    };
    Tying tying = Tying::output;
};

/// The paper's recipe: Post-LN, ReLU, sinusoidal positions, embeddings N(0, 1/d) scaled by sqrt(d), one vocabulary of
/// the given size, three-way tying; Xavier weights. `size.n_layers` is each stack's.
TransformerConfig transformer_config(const ModelSize& size);
/// For models trained live: Pre-LN, learned positions of the tokens' size, two vocabularies, weights N(0, 1/fan-in).
TransformerConfig transformer_live_config(const ModelSize& source, const ModelSize& target);

template <typename T>
struct BasicSequenceInput {
    IntTensor ids;                  ///< [n] or [batch, n]
    std::optional<Mask> mask = {};  ///< and-ed with the causal one in the decoder: padding
    std::optional<IntTensor> positions = {};
    std::optional<BoolTensor> real = {};  ///< ids' shape: the tokens that batch normalisation counts
};
using SequenceInput = BasicSequenceInput<float>;

/// Observed: source_embedding.*, encoder.layers.*, memory, target_embedding.*, decoder.layers.*, logits.
template <typename T>
class BasicTransformer {
  public:
    /// Error(constraint) for three-way tying of different vocabularies, or widths that differ.
    BasicTransformer(const TransformerConfig& config, Rng rng);

    /// Teacher forcing: logits [..., n_target, vocabulary] of the token after each of the target's. The source's mask
    /// (lengths_mask of padding) hides its keys from the decoder as well.
    BasicVariable<T> forward(const BasicSequenceInput<T>& source, const BasicSequenceInput<T>& target,
                             const BasicPass<T>& pass = {}) const;
    /// The memory, [..., n_source, d_model]: once per source.
    BasicVariable<T> encode(const BasicSequenceInput<T>& source, const BasicPass<T>& pass = {}) const;
    /// Logits from a memory, whatever it holds. With a cache, the target holds the new tokens only.
    BasicVariable<T> decode(const BasicSequenceInput<T>& target, const BasicVariable<T>& memory,
                            const std::optional<Mask>& memory_mask = {}, const BasicPass<T>& pass = {},
                            BasicStackCache<T>* cache = nullptr) const;

    const TransformerConfig& config() const { return config_; }
    const BasicTransformerStack<T>& encoder() const { return encoder_; }
    const BasicTransformerStack<T>& decoder() const { return decoder_; }
    const BasicInputEmbedding<T>& target_embedding() const { return target_; }
    const BasicInputEmbedding<T>& source_embedding() const { return source_ ? *source_ : target_; }
    /// target_embedding.*, source_embedding.* (unless tied), encoder.*, decoder.*, output.weight (unless tied).
    BasicNamedParameters<T> parameters() const;
    BasicNamedParameters<T> buffers() const;

  private:
    TransformerConfig config_;
    BasicInputEmbedding<T> target_;
    std::optional<BasicInputEmbedding<T>> source_;  // unset when it is the target's
    BasicTransformerStack<T> encoder_;
    BasicTransformerStack<T> decoder_;
    std::optional<BasicLinear<T>> output_;
};
using Transformer = BasicTransformer<float>;

}  // namespace glassformer
