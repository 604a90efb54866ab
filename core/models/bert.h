#pragma once

#include <optional>

#include "models/config.h"

namespace glassformer {

/// A bidirectional encoder (Devlin et al. 2019) with its two pretraining heads.
struct BertConfig {
    InputEmbeddingConfig embedding = {};
    TransformerStackConfig stack = {};
    bool mlm_head = true;  ///< masked language model: dense, GELU, norm, the tied embedding and a bias
    bool pooler = true;    ///< tanh of a dense layer on the first token
    bool nsp_head = true;  ///< next sentence prediction from the pooled vector; needs the pooler
};

/// BERT's recipe: Post-LN, GELU, learned positions, two segments, the sum normalised, everything N(0, 0.02^2), epsilon
/// 1e-12.
BertConfig bert_config(const ModelSize& size);
/// For models trained live: the same architecture, but Pre-LN, scaled embeddings N(0, 1/d), weights N(0, 1/fan-in).
BertConfig bert_live_config(const ModelSize& size);

template <typename T>
struct BasicBertInput {
    IntTensor ids;                           ///< [n] or [batch, n]
    std::optional<IntTensor> segments = {};  ///< ids' shape; else all 0
    std::optional<Mask> mask = {};           ///< lengths_mask for padding
    std::optional<IntTensor> positions = {};
    std::optional<BoolTensor> real = {};  ///< ids' shape: the tokens that batch normalisation counts
};
using BertInput = BasicBertInput<float>;

/// Observed: embedding.*, layers.*, and by the heads: pooled, mlm_logits, nsp_logits.
template <typename T>
class BasicBert {
  public:
    /// Error(constraint) for an NSP head without a pooler.
    BasicBert(const BertConfig& config, Rng rng);

    /// The last layer's states, [..., n, d_model].
    BasicVariable<T> forward(const BasicBertInput<T>& input, const BasicPass<T>& pass = {}) const;
    /// [..., n, d_model] -> [..., d_model], of the first token. Error(constraint) without that head; likewise below.
    BasicVariable<T> pooled(const BasicVariable<T>& hidden, const BasicPass<T>& pass = {}) const;
    /// [..., d_model] -> [..., vocabulary].
    BasicVariable<T> mlm_logits(const BasicVariable<T>& hidden, const BasicPass<T>& pass = {}) const;
    /// From the pooled vector: [..., d_model] -> [..., 2], class 0 "B follows A" (Hugging Face's order).
    BasicVariable<T> nsp_logits(const BasicVariable<T>& pooled, const BasicPass<T>& pass = {}) const;

    const BertConfig& config() const { return config_; }
    const BasicTransformerStack<T>& stack() const { return stack_; }
    BasicTransformerStack<T>& stack() { return stack_; }
    const BasicInputEmbedding<T>& embedding() const { return embedding_; }
    /// embedding.*, layers.*, (final_norm.*,) mlm.dense.*, mlm.norm.*, mlm.bias [vocabulary], pooler.*, nsp.*
    BasicNamedParameters<T> parameters() const;
    BasicNamedParameters<T> buffers() const { return stack_.buffers(); }

  private:
    BertConfig config_;
    BasicInputEmbedding<T> embedding_;
    BasicTransformerStack<T> stack_;
    std::optional<BasicLinear<T>> mlm_dense_;
    std::optional<BasicNorm<T>> mlm_norm_;
    BasicVariable<T> mlm_bias_;
    std::optional<BasicLinear<T>> pooler_;
    std::optional<BasicLinear<T>> nsp_;
};
using Bert = BasicBert<float>;

/// Mean of the states over the real tokens [batch, n]: [batch, n, d] -> [batch, d]; all tokens without it.
/// Error(shape) when the shapes do not fit or a sequence has no real token.
template <typename T>
BasicVariable<T> mean_pooled(const BasicVariable<T>& hidden, const std::optional<BoolTensor>& real = {});

}  // namespace glassformer
