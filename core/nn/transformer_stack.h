#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "nn/transformer_layer.h"

namespace glassformer {

struct TransformerStackConfig {
    std::int64_t n_layers = 1;
    TransformerLayerConfig layer = {};
    bool shared_feed_forward = false;  ///< one feed-forward network for all layers, attention of their own
    bool shared_layers = false;        ///< one layer's weights for all (ALBERT; Lan et al. 2020, section 3.1)
    /// A norm after the last layer: by default only with NormPlacement::pre, whose stream would otherwise leave
    /// unnormalised.
    std::optional<bool> final_norm = {};
};

/// Keys and values of every layer, for decoding token by token.
template <typename T>
struct BasicStackCache {
    std::vector<BasicKeyValueCache<T>> self;
    std::vector<BasicKeyValueCache<T>> cross;
    std::int64_t length = 0;  ///< tokens seen so far
};
using StackCache = BasicStackCache<float>;

/// N layers one after another: an encoder, or a decoder (layer.cross_attention, a causal mask).
/// Observed: layers.0.*, layers.1.*, ..., final_norm.
template <typename T>
class BasicTransformerStack {
  public:
    /// NormPlacement::deep takes the constants of a stack of this depth unless the config brings its own. T5's bias
    /// table is shared by all layers, as in T5. Error(out_of_range) for n_layers < 0; none is the identity (and its
    /// final norm).
    BasicTransformerStack(const TransformerStackConfig& config, Rng rng);

    /// x [n, d_model] or [batch, n, d_model] -> the same shape. With a cache x holds the new tokens only, and the
    /// input's positions, if unset, continue from the cache's length.
    BasicVariable<T> forward(const BasicVariable<T>& x, const BasicLayerInput<T>& input = {},
                             const BasicPass<T>& pass = {}, BasicStackCache<T>* cache = nullptr) const;

    const TransformerStackConfig& config() const { return config_; }
    /// Error(out_of_range) if there is no such layer.
    const BasicTransformerLayer<T>& layer(std::int64_t index) const;
    /// To swap layers or their parts.
    BasicTransformerLayer<T>& layer(std::int64_t index);
    BasicNamedParameters<T> parameters() const;  ///< layers.0.*, ..., final_norm.*; shared layers once
    BasicNamedParameters<T> buffers() const;

  private:
    TransformerStackConfig config_;
    std::vector<BasicTransformerLayer<T>> layers_;
    std::optional<BasicNorm<T>> final_norm_;
};
using TransformerStack = BasicTransformerStack<float>;

}  // namespace glassformer
