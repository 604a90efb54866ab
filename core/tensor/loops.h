#pragma once

#include "base/counters.h"
#include "base/lane_math.h"
#include "tensor/broadcast.h"
#include "tensor/tensor.h"

/// The loops that elementwise kernels share. Internal to the tensor and autograd layers.
namespace glassformer {

/// Counts `operations_each` for every element and `tensors` tensors of that size read or written.
template <typename T>
void count_elements(std::int64_t elements, std::uint64_t operations_each, std::uint64_t tensors) {
    const auto n = static_cast<std::uint64_t>(elements);
    count_cost(n * operations_each, n * tensors * sizeof(T));
}

/// result[i] = function(a[i]); function is generic and takes Floats or double (base/lane_math.h).
template <typename T, typename Function>
BasicTensor<T> map(const BasicTensor<T>& a, std::uint64_t operations_each, Function function) {
    auto result = BasicTensor<T>::uninitialized(a.shape());
    map_lanes(a.data(), result.data(), a.size(), function);
    count_elements<T>(a.size(), operations_each, 2);
    return result;
}

/// result = function(a, b), broadcast.
template <typename T, typename Function>
BasicTensor<T> combine(const char* operation, const BasicTensor<T>& a, const BasicTensor<T>& b, Function function) {
    auto result = BasicTensor<T>::uninitialized(broadcast_shape(operation, a.shape(), b.shape()));
    const BroadcastLoops loops(result.shape(), a.shape(), b.shape());
    const std::int64_t run = loops.extents.back();
    const bool a_moves = loops.step_a.back() != 0;
    const bool b_moves = loops.step_b.back() != 0;
    loops.for_each_run([&](std::int64_t to, std::int64_t from_a, std::int64_t from_b) {
        T* out = result.data() + to;
        const T* x = a.data() + from_a;
        const T* y = b.data() + from_b;
        if (a_moves && b_moves) {
            for (std::int64_t i = 0; i < run; ++i) out[i] = function(x[i], y[i]);
        } else if (a_moves) {
            for (std::int64_t i = 0; i < run; ++i) out[i] = function(x[i], *y);
        } else {
            for (std::int64_t i = 0; i < run; ++i) out[i] = function(*x, y[i]);
        }
    });
    count_elements<T>(result.size(), 1, 3);
    return result;
}

}  // namespace glassformer
