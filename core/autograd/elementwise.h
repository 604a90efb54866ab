#pragma once

#include <utility>

#include "autograd/variable.h"
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

}  // namespace glassformer
