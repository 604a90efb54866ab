#pragma once

#include <memory>
#include <optional>

#include "nn/feed_forward.h"
#include "nn/mixture_of_experts.h"
#include "nn/multi_head_attention.h"
#include "nn/normalization.h"

namespace glassformer {

/// Where a sublayer F is normalised.
enum class NormPlacement {
    none,  ///< x + F(x)
    post,  ///< LN(x + F(x)) (Vaswani et al. 2017, section 3.1)
    pre,   ///< x + F(LN(x)), with one more norm after the last layer (Xiong et al. 2020)
    deep,  ///< LN(alpha x + F(x)) with smaller initial weights in F (Wang et al. 2022, DeepNet)
};

/// DeepNorm's constants (Wang et al. 2022, figure 2) for a stack of one kind, encoder or decoder only, of `layers`
/// layers: alpha = (2 layers)^(1/4), beta = (8 layers)^(-1/4). beta multiplies the initial weights of V, O and the
/// feed-forward.
struct DeepNormConstants {
    double alpha = 1.0;
    float beta = 1.0F;
};
DeepNormConstants deep_norm_constants(std::int64_t layers);
/// The same for an encoder-decoder: the encoder's and the decoder's.
std::pair<DeepNormConstants, DeepNormConstants> deep_norm_constants(std::int64_t encoder_layers,
                                                                    std::int64_t decoder_layers);

/// One layer of an encoder or decoder, with its switches.
struct TransformerLayerConfig {
    AttentionConfig attention = {};       ///< d_model, n_heads, ... of self-attention and, but for d_memory, of cross
    FeedForwardConfig feed_forward = {};  ///< d_model 0: the attention's
    bool self_attention = true;
    bool cross_attention = false;  ///< a decoder of an encoder-decoder: attends to the memory, after self-attention
    bool use_feed_forward = true;
    std::int64_t n_experts = 0;  ///< above 0 the feed-forward is a mixture of so many
    std::int64_t top_k = 2;      ///< of which each token uses these
    std::int64_t d_memory = 0;   ///< width of the memory: 0 for d_model

    NormPlacement placement = NormPlacement::post;
    NormConfig norm = {};         ///< kind, epsilon, ...; its width is filled in
    bool residual = true;         ///< false: F(x) instead of x + F(x)
    DeepNormConstants deep = {};  ///< used by NormPlacement::deep

    double residual_dropout = 0.0;  ///< on each sublayer's output before it is added, sites "*_residual"
    /// On the skip path itself: a mistake that lessons show (the identity path is gone). 0 in every real model.
    double skip_dropout = 0.0;
};

template <typename T>
struct BasicLayerInput {
    std::optional<Mask> mask = {};  ///< of self-attention
    std::optional<BasicVariable<T>> memory =
        {};                                ///< required with cross-attention: [n_source, d] or [batch, n_source, d]
    std::optional<Mask> memory_mask = {};  ///< of cross-attention
    std::optional<IntTensor> positions = {};
    BasicKeyValueCache<T>* self_cache = nullptr;
    BasicKeyValueCache<T>* cross_cache = nullptr;
    std::optional<BoolTensor> real = {};  ///< [n] or [batch, n]: the tokens that batch normalisation counts
};
using LayerInput = BasicLayerInput<float>;

/// What the observed values and dropout sites of a sublayer are called: written out, so that no name is built when
/// nobody looks.
struct SublayerNames;

/// Self-attention, cross-attention if asked, feed-forward: each a sublayer with residual and norm.
/// Observed: input, then for each sublayer "self_attention", "cross_attention", "feed_forward" what it observes itself,
/// "*_output" (after residual and norm).
template <typename T>
class BasicTransformerLayer {
  public:
    /// Error(constraint) when all sublayers are off, and what the parts refuse.
    BasicTransformerLayer(const TransformerLayerConfig& config, Rng rng,
                          std::shared_ptr<const BasicRelativePosition<T>> position = {});

    /// x [n, d_model] or [batch, n, d_model] -> the same shape. Error(constraint) when cross-attention has no memory.
    BasicVariable<T> forward(const BasicVariable<T>& x, const BasicLayerInput<T>& input = {},
                             const BasicPass<T>& pass = {}) const;

    const TransformerLayerConfig& config() const { return config_; }
    /// self_attention.*, cross_attention.*, feed_forward.*, and self_attention_norm.* and so on where there is a norm.
    BasicNamedParameters<T> parameters() const;
    BasicNamedParameters<T> buffers() const;
    /// The position of its self-attention, to be shared with other layers.
    std::shared_ptr<const BasicRelativePosition<T>> position() const;
    /// Its feed-forward network; layers are handles, so what is done to it is done here. Error(constraint) without one,
    /// or for a mixture.
    const BasicFeedForward<T>& feed_forward() const;
    /// From now on it uses another layer's network, sharing its weights. Error(constraint) as above or for another
    /// width.
    void set_feed_forward(const BasicFeedForward<T>& other);

  private:
    /// One sublayer: F with its norm, residual and dropout. F gets the (perhaps normalised) input.
    template <typename Function>
    BasicVariable<T> sublayer(const SublayerNames& names, const BasicVariable<T>& x,
                              const std::optional<BasicNorm<T>>& norm, const BasicLayerInput<T>& input,
                              const BasicPass<T>& pass, Function function) const;

    TransformerLayerConfig config_;
    std::optional<BasicMultiHeadAttention<T>> self_attention_;
    std::optional<BasicMultiHeadAttention<T>> cross_attention_;
    std::optional<BasicFeedForward<T>> feed_forward_;
    std::optional<BasicMixtureOfExperts<T>> mixture_;
    std::optional<BasicNorm<T>> self_norm_;
    std::optional<BasicNorm<T>> cross_norm_;
    std::optional<BasicNorm<T>> feed_forward_norm_;
};
using TransformerLayer = BasicTransformerLayer<float>;

}  // namespace glassformer
