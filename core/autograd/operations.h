#pragma once

#include <type_traits>
#include <vector>

#include "autograd/variable.h"
#include "tensor/kernels.h"

/// Differentiable operations: each is the kernel of the same name (tensor/kernels.h: shapes, errors) and its gradient.
namespace glassformer {

/* products.cpp */
template <typename T>
BasicVariable<T> matmul(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta = Transpose::no,
                        Transpose tb = Transpose::no);
template <typename T>
BasicVariable<T> batched_matmul(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta = Transpose::no,
                                Transpose tb = Transpose::no);

/* arithmetic.cpp: b may be broadcast along a's leading axes */
template <typename T>
BasicVariable<T> add(const BasicVariable<T>& a, const BasicVariable<T>& b);
template <typename T>
BasicVariable<T> subtract(const BasicVariable<T>& a, const BasicVariable<T>& b);
template <typename T>
BasicVariable<T> multiply(const BasicVariable<T>& a, const BasicVariable<T>& b);
template <typename T>
BasicVariable<T> scale(const BasicVariable<T>& a, std::type_identity_t<T> factor);

/* activations.cpp */
template <typename T>
BasicVariable<T> exp(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> tanh(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> relu(const BasicVariable<T>& a);
/// Over the last axis.
template <typename T>
BasicVariable<T> softmax(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> log_softmax(const BasicVariable<T>& a);
/// a where keep is 1, `fill` where it is 0; keep's shape is a's or its last axes. No gradient flows into filled
/// elements.
template <typename T>
BasicVariable<T> masked_fill(const BasicVariable<T>& a, const BoolTensor& keep, std::type_identity_t<T> fill);

/* reductions.cpp */
/// -> scalar (rank 0).
template <typename T>
BasicVariable<T> sum(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> mean(const BasicVariable<T>& a);
/// a [rows, columns], one column per row -> [rows].
template <typename T>
BasicVariable<T> pick(const BasicVariable<T>& a, const IntTensor& columns);

/* layout.cpp */
template <typename T>
BasicVariable<T> reshape(const BasicVariable<T>& a, Shape shape);
template <typename T>
BasicVariable<T> permute(const BasicVariable<T>& a, const std::vector<int>& order);
template <typename T>
BasicVariable<T> transpose(const BasicVariable<T>& a);
/// Rows of a table [rows, d] by index -> [indices..., d]; a row used twice receives both gradients.
template <typename T>
BasicVariable<T> gather_rows(const BasicVariable<T>& table, const IntTensor& indices);

}  // namespace glassformer
