#pragma once

#include <utility>

#include "autograd/variable.h"
#include "tensor/loops.h"

/// Internal to the autograd layer.
namespace glassformer {

/// An elementwise function with d input = derivative(input, result) * d result.
template <typename T, typename Derivative>
BasicVariable<T> elementwise(const BasicVariable<T>& a, BasicTensor<T> result, Derivative derivative) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(std::move(result), {a}, [derivative](Node& node) {
        Node& parent = *node.parents[0];
        BasicTensor<T> delta(node.value.shape());
        const T* x = parent.value.data();
        const T* y = node.value.data();
        const T* g = node.gradient.data();
        T* out = delta.data();
        const std::int64_t n = delta.size();
        for (std::int64_t i = 0; i < n; ++i) out[i] = derivative(x[i], y[i]) * g[i];
        count_elements<T>(n, 4, 4);
        parent.accumulate(std::move(delta));
    });
}

}  // namespace glassformer
