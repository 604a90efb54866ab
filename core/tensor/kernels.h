#pragma once

#include <type_traits>
#include <vector>

#include "tensor/tensor.h"

/// Pure functions on tensors: new result, inputs untouched. One portable source for native and wasm (vector_size(16)),
/// fixed order of reduction, no fused multiply-add: the same bits everywhere. Each counts its cost (base/counters.h).
/// For float and double (gradient checks need double); the float products and exponentials take the vector path.
/// All throw Error(shape) naming the operation, both shapes and a likely cause.
namespace glassformer {

enum class Transpose { no, yes };

/// C[m, n] = op(A) op(B); op transposes when asked (folded into packing, no transposed copy is made).
template <typename T>
BasicTensor<T> matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta = Transpose::no,
                      Transpose tb = Transpose::no);
/// C[batch, m, n] = op(A[i]) op(B[i]) for every i.
template <typename T>
BasicTensor<T> batched_matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta = Transpose::no,
                              Transpose tb = Transpose::no);
/// The reference: three loops in order. Kept as the test of the fast ones.
template <typename T>
BasicTensor<T> naive_matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta = Transpose::no,
                            Transpose tb = Transpose::no);

/// Elementwise, equal shapes, or b broadcast along leading axes (b's shape is a suffix of a's).
template <typename T>
BasicTensor<T> add(const BasicTensor<T>& a, const BasicTensor<T>& b);
template <typename T>
BasicTensor<T> subtract(const BasicTensor<T>& a, const BasicTensor<T>& b);
template <typename T>
BasicTensor<T> multiply(const BasicTensor<T>& a, const BasicTensor<T>& b);
template <typename T>
BasicTensor<T> divide(const BasicTensor<T>& a, const BasicTensor<T>& b);
template <typename T>
BasicTensor<T> scale(const BasicTensor<T>& a, std::type_identity_t<T> factor);
template <typename T>
BasicTensor<T> exp(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> log(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> tanh(const BasicTensor<T>& a);

/// Softmax over the last axis, the row maximum subtracted first. A row of all -inf gives NaN, as IEEE arithmetic does.
template <typename T>
BasicTensor<T> softmax(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> log_softmax(const BasicTensor<T>& a);

/// Reductions over the last axis: [..., n] -> [...].
template <typename T>
BasicTensor<T> sum_rows(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> mean_rows(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> max_rows(const BasicTensor<T>& a);
template <typename T>
IntTensor argmax_rows(const BasicTensor<T>& a);
/// Reductions over everything, in index order, accumulated in double.
template <typename T>
double sum(const BasicTensor<T>& a);
template <typename T>
double mean(const BasicTensor<T>& a);
/// Population variance (divides by N).
template <typename T>
double variance(const BasicTensor<T>& a);
template <typename T>
double max_abs(const BasicTensor<T>& a);
/// max |a - b|; Error(shape) when the shapes differ.
template <typename T>
double max_abs_difference(const BasicTensor<T>& a, const BasicTensor<T>& b);

template <typename T>
BasicTensor<T> transpose(const BasicTensor<T>& a);
/// Axes in a new order: result.extent(i) = a.extent(order[i]).
template <typename T>
BasicTensor<T> permute(const BasicTensor<T>& a, const std::vector<int>& order);
/// Rows of a [rows, d] by index -> [indices..., d].
template <typename T>
BasicTensor<T> gather_rows(const BasicTensor<T>& a, const IntTensor& indices);

}  // namespace glassformer
