#pragma once

#include <cstdint>
#include <optional>

#include "base/rng.h"
#include "nn/module.h"

namespace glassformer {

/// y = x W + b for every row: x [rows, d_in], W [d_in, d_out], b [d_out].
class Linear {
  public:
    /// W is normal with standard deviation 1 / sqrt(d_in), so that unit-variance inputs give unit-variance outputs; b
    /// is 0.
    Linear(std::int64_t d_in, std::int64_t d_out, Rng rng, bool bias = true);

    /// Error(shape) unless x is [rows, d_in].
    Variable forward(const Variable& x) const;
    const Variable& weight() const { return weight_; }
    NamedParameters parameters() const;

  private:
    Variable weight_;
    std::optional<Variable> bias_;
};

/// A table [count, d]; ids of any shape give [ids..., d].
class Embedding {
  public:
    /// Normal with the given standard deviation.
    Embedding(std::int64_t count, std::int64_t d, Rng rng, float standard_deviation);

    /// Error(shape) for an id outside 0 ... count - 1.
    Variable forward(const IntTensor& ids) const;
    NamedParameters parameters() const { return {{"weight", weight_}}; }

  private:
    Variable weight_;
};

}  // namespace glassformer
