#pragma once

#include <functional>
#include <vector>

#include "autograd/variable.h"

namespace glassformer {

/// The largest disagreement between a function's gradients and central differences, over all elements of all inputs:
/// |analytic - numeric| / max(1, |analytic|, |numeric|). The function's result, of any shape, is weighted with fixed
/// random numbers before it is summed: a plain sum would hide errors in softmax and LayerNorm, whose rows sum to a
/// constant. In double; `step` is the half-width of the difference.
double gradient_check(const std::function<DoubleVariable(const std::vector<DoubleVariable>&)>& function,
                      const std::vector<DoubleTensor>& inputs, double step = 1e-5);

}  // namespace glassformer
