#pragma once

#include <cstdint>
#include <tuple>
#include <utility>

#include "autograd/variable.h"
#include "tensor/kernels.h"
#include "tensor/loops.h"

/// Internal to the autograd layer.
namespace glassformer {

/// An elementwise function with d input = derivative(input, result) * d result; derivative is generic and takes Floats
/// or double (base/lane_math.h).
template <typename T, typename Derivative>
BasicVariable<T> elementwise(const BasicVariable<T>& a, BasicTensor<T> result, Derivative derivative) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(std::move(result), {a}, [derivative](Node& node) {
        Node& parent = *node.parents[0];
        auto delta = BasicTensor<T>::uninitialized(node.value.shape());
        map_lanes(parent.value.data(), node.value.data(), node.gradient.data(), delta.data(), delta.size(),
                  [derivative](auto x, auto y, auto g) { return derivative(x, y) * g; });
        count_elements<T>(delta.size(), 4, 4);
        parent.accumulate(std::move(delta));
    });
}

/// value[i], slope[i] = function(x[i]), a pair.
template <typename Function>
void map_to_pairs(const float* x, float* value, float* slope, std::int64_t count, Function function) {
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto [y, derivative] = function(load_lanes(x + i));
        store_lanes(value + i, y);
        store_lanes(slope + i, derivative);
    }
    if (i == count) return;
    const auto [y, derivative] = function(load_some(x + i, count - i));
    store_some(value + i, y, count - i);
    store_some(slope + i, derivative, count - i);
}
template <typename Function>
void map_to_pairs(const double* x, double* value, double* slope, std::int64_t count, Function function) {
    for (std::int64_t i = 0; i < count; ++i) std::tie(value[i], slope[i]) = function(x[i]);
}

/// An elementwise function whose value and derivative share what is dear (an exponential): function gives both as a
/// pair, and the derivative waits for the gradient. Where none is asked for, only the value is computed, by `alone`.
template <typename T, typename Function, typename Alone>
BasicVariable<T> elementwise_at_once(const BasicVariable<T>& a, std::uint64_t operations_each, Function function,
                                     Alone alone) {
    using Node = typename BasicVariable<T>::Node;
    if (!a.requires_gradient()) return BasicVariable<T>(alone(a.value()));
    auto value = BasicTensor<T>::uninitialized(a.shape());
    auto slope = BasicTensor<T>::uninitialized(a.shape());
    map_to_pairs(a.value().data(), value.data(), slope.data(), value.size(), function);
    count_elements<T>(value.size(), operations_each, 3);
    return BasicVariable<T>(std::move(value), {a}, [slope = std::move(slope)](Node& node) {
        node.parents[0]->accumulate(multiply(slope, node.gradient));
    });
}

}  // namespace glassformer
