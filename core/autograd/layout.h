#pragma once

#include "autograd/variable.h"
#include "tensor/kernels.h"

/// The same elements in another arrangement.
namespace glassformer {

/// Row-major order kept; Error(shape) unless the sizes are equal.
template <typename T>
BasicVariable<T> reshape(const BasicVariable<T>& a, Shape shape);
/// result.extent(i) = a.extent(order[i]), any rank.
template <typename T>
BasicVariable<T> permute(const BasicVariable<T>& a, const AxisOrder& order);
/// Of a matrix.
template <typename T>
BasicVariable<T> transpose(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> broadcast_to(const BasicVariable<T>& a, const Shape& shape);

}  // namespace glassformer
