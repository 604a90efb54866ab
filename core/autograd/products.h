#pragma once

#include "autograd/variable.h"
#include "tensor/kernels.h"

/// Matrix products; a transposed operand is read as it lies, none is copied.
namespace glassformer {

/// [m, k] [k, n] -> [m, n]
template <typename T>
BasicVariable<T> matmul(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta = Transpose::no,
                        Transpose tb = Transpose::no);
/// Over the last two axes; the leading ones broadcast. A shared factor receives the sum over the batch.
template <typename T>
BasicVariable<T> batched_matmul(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta = Transpose::no,
                                Transpose tb = Transpose::no);

}  // namespace glassformer
