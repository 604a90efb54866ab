#pragma once

#include <cstdint>
#include <optional>

#include "nn/module.h"
#include "nn/pass.h"

namespace glassformer {

enum class NormKind {
    none,   ///< x itself
    layer,  ///< each token's d features to mean 0, variance 1 (Ba et al. 2016, section 3)
    rms,    ///< each token's features to mean square 1; no mean is taken away (Zhang & Sennrich 2019, equation 4)
    batch,  ///< each feature over all tokens of the batch (Ioffe & Szegedy 2015, algorithms 1 and 2)
};

struct NormConfig {
    NormKind kind = NormKind::layer;
    std::int64_t d = 0;     ///< width of the last axis
    double epsilon = 1e-5;  ///< added to the variance under the root
    bool affine = true;     ///< gamma (starts at 1) and, but for rms, beta (starts at 0)
    double momentum = 0.1;  ///< batch: running <- (1 - momentum) running + momentum batch, PyTorch's convention
};

/// The four normalisations behind one interface, so that a block can swap one for another.
template <typename T>
class BasicNorm {
  public:
    /// Error(out_of_range) for a width below 1, a negative epsilon or a momentum outside [0, 1].
    explicit BasicNorm(const NormConfig& config);

    /// x [..., d] -> [..., d]; Error(shape) for another width. Only `batch` looks at more than one row, and at the rest
    /// of the arguments: in a training pass it uses the statistics of this batch, counting the rows where `counted`
    /// ([...], x's leading axes) is not 0, and moves the running ones towards them (the running variance with the
    /// unbiased estimate, as PyTorch does); in inference it uses the running ones. Error(shape) when fewer than two
    /// rows count in training.
    BasicVariable<T> forward(const BasicVariable<T>& x, const BasicPass<T>& pass = {},
                             const std::optional<BoolTensor>& counted = {}) const;

    const NormConfig& config() const { return config_; }
    BasicNamedParameters<T> parameters() const;
    /// State that is saved with the parameters but not trained: the running statistics of `batch` [d], starting at mean
    /// 0 and variance 1. Empty for the others.
    BasicNamedParameters<T> buffers() const;

  private:
    BasicVariable<T> batch(const BasicVariable<T>& x, const BasicPass<T>& pass,
                           const std::optional<BoolTensor>& counted) const;

    NormConfig config_;
    // Without affine they stay as they start and are no parameters.
    BasicVariable<T> gamma_;
    BasicVariable<T> beta_;
    BasicVariable<T> running_mean_;
    BasicVariable<T> running_variance_;
};
using Norm = BasicNorm<float>;

}  // namespace glassformer
