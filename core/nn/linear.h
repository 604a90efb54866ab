#pragma once

#include <cstdint>
#include <optional>

#include "base/rng.h"
#include "nn/initialization.h"
#include "nn/module.h"

namespace glassformer {

/// A low-rank correction to a trained matrix. rank 0: none.
struct AdapterConfig {
    std::int64_t rank = 0;
    double alpha = 1.0;
};

/// y = x W + b for every row: x [..., d_in], W [d_in, d_out] (the transpose of PyTorch's), b [d_out].
template <typename T>
class BasicLinear {
  public:
    /// By default W is normal with standard deviation 1 / sqrt(d_in), so that unit-variance inputs give unit-variance
    /// outputs; b is 0. Error(out_of_range) for a width below 1.
    BasicLinear(std::int64_t d_in, std::int64_t d_out, Rng rng, bool bias = true, const Initialization& init = {});

    /// [..., d_in] -> [..., d_out]; Error(shape) unless the last axis is d_in.
    BasicVariable<T> forward(const BasicVariable<T>& x) const;
    /// From now on y = x W + b + (alpha / rank) x A B with A [d_in, rank] drawn and B [rank, d_out] zero: nothing
    /// changes until they are trained, W staying as it is (Hu et al. 2021, LoRA, section 4.1). Error(out_of_range) for
    /// a rank below 1.
    void adapt(const AdapterConfig& adapter, Rng rng);

    const BasicVariable<T>& weight() const { return weight_; }
    const std::optional<BasicVariable<T>>& bias() const { return bias_; }
    BasicNamedParameters<T> parameters() const;  ///< weight, bias, adapter.a, adapter.b

  private:
    BasicVariable<T> weight_;
    std::optional<BasicVariable<T>> bias_;
    AdapterConfig adapter_;
    BasicVariable<T> adapter_a_;
    BasicVariable<T> adapter_b_;
};
using Linear = BasicLinear<float>;

/// A table [count, d]; ids of any shape give [ids..., d].
template <typename T>
class BasicEmbedding {
  public:
    /// Normal with the given standard deviation. Error(out_of_range) for a count or width below 1.
    BasicEmbedding(std::int64_t count, std::int64_t d, Rng rng, float standard_deviation);

    /// Error(shape) for an id outside 0 ... count - 1.
    BasicVariable<T> forward(const IntTensor& ids) const;
    /// The table as the last layer of a language model (weight tying, Press & Wolf 2017): x E^T, [..., d] -> [...,
    /// count].
    BasicVariable<T> logits(const BasicVariable<T>& x) const;
    const BasicVariable<T>& weight() const { return weight_; }
    BasicNamedParameters<T> parameters() const { return {{"weight", weight_}}; }

  private:
    BasicVariable<T> weight_;
};
using Embedding = BasicEmbedding<float>;

}  // namespace glassformer
