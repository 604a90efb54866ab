#pragma once

#include "autograd/variable.h"

/// Jacobians by reverse mode: one vector-Jacobian product per element of the output. Stored gradients are left as they
/// were, so that a model may be looked at in the middle of training.
namespace glassformer {

/// d output / d input, [output.size(), input.size()] in row-major order of both; `input` is a leaf or was computed on
/// the way. Zero where nothing flows.
template <typename T>
BasicTensor<T> jacobian(const BasicVariable<T>& output, const BasicVariable<T>& input);

/// Influence of row on row: element (i, j) is the Frobenius norm of the block d output[i, ...] / d input[j, ...].
/// output [n, ...] and input [m, ...] give [n, m] (positions of a sequence, say). An element is exactly 0 only where no
/// path leads. Error(shape) for a scalar.
template <typename T>
BasicTensor<T> block_jacobian_norms(const BasicVariable<T>& output, const BasicVariable<T>& input);

}  // namespace glassformer
