#pragma once

#include "tensor/tensor.h"

/// Pure functions on tensors: new result, inputs untouched. One portable source for native and wasm (vector_size(16)),
/// fixed order of reduction, no fused multiply-add: the same bits everywhere. Each counts its cost (base/counters.h).
/// All throw Error(shape) naming the operation, both shapes and a likely cause.
namespace glassformer {

enum class Transpose { no, yes };

/// C[m, n] = op(A) op(B); op transposes when asked (folded into packing, no transposed copy is made).
Tensor matmul(const Tensor& a, const Tensor& b, Transpose ta = Transpose::no, Transpose tb = Transpose::no);
/// C[batch, m, n] = op(A[i]) op(B[i]) for every i.
Tensor batched_matmul(const Tensor& a, const Tensor& b, Transpose ta = Transpose::no, Transpose tb = Transpose::no);
/// The reference: three loops in order. Kept as the test of the fast ones.
Tensor naive_matmul(const Tensor& a, const Tensor& b, Transpose ta = Transpose::no, Transpose tb = Transpose::no);

/// Elementwise, equal shapes, or b broadcast along leading axes (b's shape is a suffix of a's).
Tensor add(const Tensor& a, const Tensor& b);
Tensor subtract(const Tensor& a, const Tensor& b);
Tensor multiply(const Tensor& a, const Tensor& b);
Tensor divide(const Tensor& a, const Tensor& b);
Tensor scale(const Tensor& a, float factor);
Tensor exp(const Tensor& a);
Tensor log(const Tensor& a);
Tensor tanh(const Tensor& a);

/// Softmax over the last axis, the row maximum subtracted first. A row of all -inf gives NaN, as IEEE arithmetic does.
Tensor softmax(const Tensor& a);
Tensor log_softmax(const Tensor& a);

/// Reductions over the last axis: [..., n] -> [...].
Tensor sum_rows(const Tensor& a);
Tensor mean_rows(const Tensor& a);
Tensor max_rows(const Tensor& a);
IntTensor argmax_rows(const Tensor& a);
/// Reductions over everything, in index order, accumulated in double.
double sum(const Tensor& a);
double mean(const Tensor& a);
/// Population variance (divides by N).
double variance(const Tensor& a);
double max_abs(const Tensor& a);
/// max |a - b|; Error(shape) when the shapes differ.
double max_abs_difference(const Tensor& a, const Tensor& b);

Tensor transpose(const Tensor& a);
/// Axes in a new order: result.extent(i) = a.extent(order[i]).
Tensor permute(const Tensor& a, const std::vector<int>& order);
/// Rows of a [rows, d] by index -> [indices..., d].
Tensor gather_rows(const Tensor& a, const IntTensor& indices);

}  // namespace glassformer
