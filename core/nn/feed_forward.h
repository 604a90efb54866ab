#pragma once

#include <optional>

#include "nn/activation.h"
#include "nn/pass.h"
#include "nn/projection.h"

namespace glassformer {

struct FeedForwardConfig {
    std::int64_t d_model = 0;
    std::int64_t d_ff = 0;  ///< 0 for 4 d_model
    Activation activation = Activation::relu;
    /// A third matrix: down (activation(gate x) * up x). With silu this is SwiGLU, with gelu GeGLU, with relu ReGLU,
    /// with sigmoid GLU (Shazeer 2020, equations 5 and 6).
    bool gated = false;
    bool bias = true;
    ProjectionConfig projection = {};  ///< the form of all its matrices
    double dropout = 0.0;              ///< on the hidden layer, site "hidden" ("common code"; the paper has none there)
    Initialization init = {};
    float gain = 1.0F;  ///< factor on the initial weights (DeepNorm's beta)
};

/// The same two-layer network at every position: W_2 activation(W_1 x + b_1) + b_2 (Vaswani et al. 2017, equation 2).
/// Observed: hidden [..., d_ff] (after the activation), output.
template <typename T>
class BasicFeedForward {
  public:
    /// Error(out_of_range) for widths below 1.
    BasicFeedForward(const FeedForwardConfig& config, Rng rng);

    /// [..., d_model] -> [..., d_model].
    BasicVariable<T> forward(const BasicVariable<T>& x, const BasicPass<T>& pass = {}) const;
    const FeedForwardConfig& config() const { return config_; }
    /// up.weight [d_model, d_ff], (gate.weight [d_model, d_ff],) down.weight [d_ff, d_model], and biases; in another
    /// form (nn/projection.h) its parameters.
    BasicNamedParameters<T> parameters() const;

  private:
    FeedForwardConfig config_;
    BasicProjection<T> up_;
    std::optional<BasicProjection<T>> gate_;
    BasicProjection<T> down_;
};
using FeedForward = BasicFeedForward<float>;

}  // namespace glassformer
