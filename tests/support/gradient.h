#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "autograd/gradient_check.h"
#include "base/rng.h"

/// What gradient tests share.
namespace glassformer::testing {

using Variables = std::vector<DoubleVariable>;

inline DoubleTensor normal(Shape shape, std::uint64_t seed) {
    Rng rng(seed);
    DoubleTensor tensor(std::move(shape));
    for (double& x : tensor.elements()) x = static_cast<double>(rng.normal());
    return tensor;
}

/// Positive and away from zero, for logarithms, roots and divisors.
inline DoubleTensor positive(Shape shape, std::uint64_t seed) {
    DoubleTensor tensor = normal(std::move(shape), seed);
    for (double& x : tensor.elements()) x = 0.5 + x * x;
    return tensor;
}

/// The largest error of a gradient check (autograd/gradient_check.h).
inline double worst(const std::function<DoubleVariable(const Variables&)>& function,
                    const std::vector<DoubleTensor>& inputs) {
    return gradient_check(function, inputs);
}

}  // namespace glassformer::testing
