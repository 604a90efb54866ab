#pragma once

#include <memory>
#include <optional>

#include "nn/attention.h"
#include "nn/linear.h"
#include "nn/pass.h"
#include "nn/relative_position.h"

namespace glassformer {

struct AttentionConfig {
    std::int64_t d_model = 0;  ///< width of the input and of the output
    std::int64_t n_heads = 1;
    std::int64_t n_kv_heads = 0;  ///< heads of K and V: 0 for n_heads, 1 for multi-query, between them grouped-query
    std::int64_t d_head = 0;      ///< 0 for d_model / n_heads, which n_heads must then divide
    std::int64_t d_memory = 0;    ///< width of what K and V are made from: 0 for d_model
    bool bias = true;             ///< of the four projections
    /// One product X [W_Q W_K W_V] instead of three; the same function (only self-attention can do it).
    bool fused = false;
    bool output_projection = true;  ///< W_O; without it the heads are concatenated only (then n_heads d_head = d_model)
    ScoreKind score = ScoreKind::scaled_dot;
    double cosine_scale = 1.0;      ///< with ScoreKind::cosine
    bool shared_query_key = false;  ///< one matrix for Q and K (Kitaev et al. 2020, Reformer): the scores are symmetric
    AdapterConfig adapter = {};     ///< low-rank corrections to W_Q and W_V, the paper's choice; not when fused
    double dropout = 0.0;  ///< on the attention weights, site "attention" ("common code"; the paper has none there)
    /// rope, alibi, t5 or shaw; n_heads and d_head are filled in by the layer.
    RelativePositionConfig position = {};
    Initialization init = {};
    float value_gain = 1.0F;  ///< factor on the initial W_V and W_O (DeepNorm's beta)
};

/// Keys and values of the tokens so far, so that a decoder computes those of new tokens only. For inference: no
/// gradient flows through it.
template <typename T>
struct BasicKeyValueCache {
    BasicTensor<T> keys;    ///< [batch, n_kv_heads, n, d_head], positions applied
    BasicTensor<T> values;  ///< [batch, n_kv_heads, n, d_head]
    IntTensor positions;    ///< [n] or [batch, n]
    std::int64_t length = 0;
};
using KeyValueCache = BasicKeyValueCache<float>;

/// What an attention layer is asked for besides its input. Unset members: no mask, self-attention, positions counted
/// from 0 (from the cache's length), no cache.
template <typename T>
struct BasicAttentionInput {
    std::optional<Mask> mask = {};  ///< [batch, n_query, n_key]; n_key counts the cached tokens too
    /// Cross-attention: keys and values come from here, [n_key, d_memory] or [batch, n_key, d_memory].
    std::optional<BasicVariable<T>> memory = {};
    std::optional<IntTensor> positions = {};      ///< of the queries, [n] or [batch, n]
    std::optional<IntTensor> key_positions = {};  ///< of the memory (or the keys in self-attention: the queries')
    /// Self-attention appends to it. Cross-attention fills it at the first call and then reads it: the memory's K and V
    /// are computed once.
    BasicKeyValueCache<T>* cache = nullptr;
};
using AttentionInput = BasicAttentionInput<float>;

/// Multi-head attention (Vaswani et al. 2017, section 3.2.2), its K and V heads shared by groups of query heads if
/// asked (Shazeer 2019; Ainslie et al. 2023, GQA). Observed: query, key, value, scores, attention, heads (each head's
/// output) [batch, heads, n, ...], output.
template <typename T>
class BasicMultiHeadAttention {
  public:
    /// Error(constraint) unless n_heads divides d_model (or d_head is given) and n_kv_heads divides n_heads, or for
    /// switches that exclude each other; Error(out_of_range) for widths below 1. Layers may share one position (T5's
    /// bias table serves all layers); without one the layer makes its own.
    BasicMultiHeadAttention(const AttentionConfig& config, Rng rng,
                            std::shared_ptr<const BasicRelativePosition<T>> position = {});

    /// x [n, d_model] or [batch, n, d_model] -> the same shape. Error(shape) for other shapes, for a memory or cache of
    /// another batch; Error(constraint) for a cache in a training pass or a memory with a fused layer.
    BasicVariable<T> forward(const BasicVariable<T>& x, const BasicAttentionInput<T>& input = {},
                             const BasicPass<T>& pass = {}) const;

    const AttentionConfig& config() const { return config_; }  ///< with the zeros filled in
    const std::shared_ptr<const BasicRelativePosition<T>>& position() const { return position_; }
    /// query.weight [d_model, heads d_head], key.weight [d_memory, kv_heads d_head], value, output; fused: qkv.weight
    /// [d_model, (heads + 2 kv_heads) d_head] in the order Q, K, V. Then score.* and position.*.
    BasicNamedParameters<T> parameters() const;

  private:
    struct Heads {
        BasicVariable<T> query;
        BasicVariable<T> key;
        BasicVariable<T> value;
        IntTensor query_positions;
        IntTensor key_positions;
        bool new_keys = true;  ///< false when the memory's keys and values are in the cache already
    };
    Heads project(const BasicVariable<T>& x, const BasicAttentionInput<T>& input) const;

    AttentionConfig config_;
    std::optional<BasicLinear<T>> query_;
    std::optional<BasicLinear<T>> key_;
    std::optional<BasicLinear<T>> value_;
    std::optional<BasicLinear<T>> fused_;
    std::optional<BasicLinear<T>> output_;
    BasicAttentionScore<T> score_;
    std::shared_ptr<const BasicRelativePosition<T>> position_;
};
using MultiHeadAttention = BasicMultiHeadAttention<float>;

}  // namespace glassformer
