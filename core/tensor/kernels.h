#pragma once

#include <span>
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
/// C[..., m, n] = op(A[...]) op(B[...]): the leading axes broadcast (tensor/broadcast.h), so that one [k, n] serves
/// every batch and one key head several query heads. Both have rank 2 at least.
template <typename T>
BasicTensor<T> batched_matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta = Transpose::no,
                              Transpose tb = Transpose::no);
/// The reference: three loops in order. Kept as the test of the fast ones.
template <typename T>
BasicTensor<T> naive_matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta = Transpose::no,
                            Transpose tb = Transpose::no);

/// Elementwise, with broadcasting both ways (tensor/broadcast.h).
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
template <typename T>
BasicTensor<T> sin(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> cos(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> square(const BasicTensor<T>& a);
/// NaN below zero.
template <typename T>
BasicTensor<T> sqrt(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> abs(const BasicTensor<T>& a);
/// a + value.
template <typename T>
BasicTensor<T> add_scalar(const BasicTensor<T>& a, std::type_identity_t<T> value);
/// Held within [low, high]; NaN stays NaN. Error(out_of_range) unless low <= high.
template <typename T>
BasicTensor<T> clip(const BasicTensor<T>& a, std::type_identity_t<T> low, std::type_identity_t<T> high);
/// a where `condition` is not 0, b elsewhere; all three broadcast.
template <typename T>
BasicTensor<T> where(const BoolTensor& condition, const BasicTensor<T>& a, const BasicTensor<T>& b);

/// Activations. NaN goes in and comes out.
template <typename T>
BasicTensor<T> relu(const BasicTensor<T>& a);
/// slope * x below zero (Maas et al. 2013).
template <typename T>
BasicTensor<T> leaky_relu(const BasicTensor<T>& a, std::type_identity_t<T> slope);
/// exp(x) - 1 below zero (Clevert et al. 2016, alpha = 1).
template <typename T>
BasicTensor<T> elu(const BasicTensor<T>& a);
/// 1 / (1 + exp(-x)).
template <typename T>
BasicTensor<T> sigmoid(const BasicTensor<T>& a);
/// x sigmoid(x), also called swish (Hendrycks & Gimpel 2016, section 2; Ramachandran et al. 2017).
template <typename T>
BasicTensor<T> silu(const BasicTensor<T>& a);
/// x Phi(x) = x/2 (1 + erf(x / sqrt 2)) (Hendrycks & Gimpel 2016, section 2).
template <typename T>
BasicTensor<T> gelu(const BasicTensor<T>& a);
/// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the approximation of GPT-2 and BERT's first code.
template <typename T>
BasicTensor<T> gelu_tanh(const BasicTensor<T>& a);
/// ln(1 + exp(x)).
template <typename T>
BasicTensor<T> softplus(const BasicTensor<T>& a);

/// Softmax over the last axis, the row maximum subtracted first; the denominator adds up in index order, so that masked
/// positions (exactly 0) change no bit of the others. A row of all -inf gives NaN, as IEEE arithmetic does.
template <typename T>
BasicTensor<T> softmax(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> log_softmax(const BasicTensor<T>& a);
/// Softmax over the elements whose `keep` is not 0; the others are exactly 0, whatever they hold (NaN too). A row that
/// keeps nothing is all zeros, where softmax of -inf would give NaN. keep broadcasts to a's shape, else Error(shape).
template <typename T>
BasicTensor<T> masked_softmax(const BasicTensor<T>& a, const BoolTensor& keep);

/// Reductions over the last axis: [..., n] -> [...].
template <typename T>
BasicTensor<T> sum_rows(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> mean_rows(const BasicTensor<T>& a);
template <typename T>
BasicTensor<T> max_rows(const BasicTensor<T>& a);
template <typename T>
IntTensor argmax_rows(const BasicTensor<T>& a);
/// Reductions over one axis (negative: from the end), which disappears or, with KeepAxis::yes, stays with extent 1.
/// Each element adds up in index order. Error(shape) without that axis; for mean, variance, maximum and logsumexp also
/// when it is empty.
enum class KeepAxis { no, yes };
template <typename T>
BasicTensor<T> sum(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
template <typename T>
BasicTensor<T> mean(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
/// Sum of squared differences from the mean over n - correction: 0 gives the population's variance (normalisation uses
/// it), 1 the unbiased estimate (PyTorch's default for var). Error(out_of_range) unless n > correction.
template <typename T>
BasicTensor<T> variance(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no, int correction = 0);
/// A NaN anywhere makes the maximum NaN.
template <typename T>
BasicTensor<T> maximum(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
/// Index of the maximum along the axis: of a NaN if there is one, the first of equals.
template <typename T>
IntTensor argmax(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
/// ln sum exp(x), the maximum taken out first; -inf where all are -inf.
template <typename T>
BasicTensor<T> logsumexp(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
/// Sums of the elements up to and including each one along the axis; a's shape.
template <typename T>
BasicTensor<T> cumulative_sum(const BasicTensor<T>& a, std::int64_t axis);

/// Reductions over everything, in index order, accumulated in double. Error(shape) for the mean or the variance of
/// nothing.
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
BasicTensor<T> permute(const BasicTensor<T>& a, const AxisOrder& order);
/// Rows of a [rows, d] by index -> [indices..., d].
template <typename T>
BasicTensor<T> gather_rows(const BasicTensor<T>& a, const IntTensor& indices);
/// Slices of a along one axis by index: indices [n] -> the axis has extent n. Error(shape) for an index that is not
/// there.
template <typename T>
BasicTensor<T> index_select(const BasicTensor<T>& a, std::int64_t axis, const IntTensor& indices);
/// result[.., i, ..] = a[.., indices[.., i, ..], ..]: indices has a's shape but for that axis. PyTorch's gather.
template <typename T>
BasicTensor<T> take_along_axis(const BasicTensor<T>& a, std::int64_t axis, const IntTensor& indices);
/// a with source[.., i, ..] added at [.., indices[.., i, ..], ..], in index order; indices and source have one shape,
/// a's but for that axis.
template <typename T>
BasicTensor<T> scatter_add(const BasicTensor<T>& a, std::int64_t axis, const IntTensor& indices,
                           const BasicTensor<T>& source);

/// Elements [begin, end) along an axis, every `step`-th. Negative bounds count from the end; Error(shape) when a bound
/// is outside the axis or end < begin, Error(out_of_range) when step < 1.
template <typename T>
BasicTensor<T> slice(const BasicTensor<T>& a, std::int64_t axis, std::int64_t begin, std::int64_t end,
                     std::int64_t step = 1);
template <typename T>
PooledVector<const BasicTensor<T>*> pointers_to(const std::vector<BasicTensor<T>>& parts) {
    PooledVector<const BasicTensor<T>*> pointers;
    for (const BasicTensor<T>& part : parts) pointers.push_back(&part);
    return pointers;
}
/// Tensors one after another along an axis; Error(shape) when another axis differs or there are none.
template <typename T>
BasicTensor<T> concat(std::span<const BasicTensor<T>* const> parts, std::int64_t axis);
/// Tensors of one shape along a new axis, put before axis `axis` (rank + 1 places; negative: from the end).
template <typename T>
BasicTensor<T> stack(std::span<const BasicTensor<T>* const> parts, std::int64_t axis);
template <typename T>
BasicTensor<T> concat(const std::vector<BasicTensor<T>>& parts, std::int64_t axis) {
    return concat<T>(std::span<const BasicTensor<T>* const>(pointers_to(parts)), axis);
}
template <typename T>
BasicTensor<T> stack(const std::vector<BasicTensor<T>>& parts, std::int64_t axis) {
    return stack<T>(std::span<const BasicTensor<T>* const>(pointers_to(parts)), axis);
}
/// `before` and `after` elements of `value` added at the ends of an axis. Error(out_of_range) for negative numbers.
template <typename T>
BasicTensor<T> pad(const BasicTensor<T>& a, std::int64_t axis, std::int64_t before, std::int64_t after,
                   std::type_identity_t<T> value = T{});
/// Element i moves to (i + shift) mod extent along the axis.
template <typename T>
BasicTensor<T> roll(const BasicTensor<T>& a, std::int64_t axis, std::int64_t shift);

}  // namespace glassformer
