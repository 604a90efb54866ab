#pragma once

#include <string_view>

#include "autograd/variable.h"

namespace glassformer {

/// Elementwise functions of a feed-forward network; the formulas stand with the kernels (tensor/kernels.h).
enum class Activation { none, relu, gelu, gelu_tanh, silu, tanh, sigmoid, elu };

template <typename T>
BasicVariable<T> activate(Activation activation, const BasicVariable<T>& x);
/// "relu", "gelu_tanh", ...; Error(unknown_name) lists what there is.
Activation activation_of(std::string_view name);

}  // namespace glassformer
