#pragma once

#include <type_traits>

#include "autograd/variable.h"
#include "base/rng.h"
#include "tensor/kernels.h"

/// Activations, softmax and dropout. The formulas and papers stand with the kernels (tensor/kernels.h).
namespace glassformer {

template <typename T>
BasicVariable<T> tanh(const BasicVariable<T>& a);
/// The gradient at 0 is 0.
template <typename T>
BasicVariable<T> relu(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> leaky_relu(const BasicVariable<T>& a, std::type_identity_t<T> slope = T(0.01));
template <typename T>
BasicVariable<T> elu(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> sigmoid(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> silu(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> gelu(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> gelu_tanh(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> softplus(const BasicVariable<T>& a);

/// Over the last axis; a row of all -inf is NaN, as IEEE arithmetic says.
template <typename T>
BasicVariable<T> softmax(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> log_softmax(const BasicVariable<T>& a);
/// Softmax over the kept elements of the last axis; a row that keeps nothing is all zeros and passes no gradient.
/// Nothing flows into what is not kept, even if it is NaN.
template <typename T>
BasicVariable<T> masked_softmax(const BasicVariable<T>& a, const BoolTensor& keep);
/// a where keep is not 0, `fill` where it is 0; keep broadcasts to a's shape. No gradient flows into filled elements.
template <typename T>
BasicVariable<T> masked_fill(const BasicVariable<T>& a, const BoolTensor& keep, std::type_identity_t<T> fill);

/// 1 with probability 1 - p, else 0: element i depends on the generator's state and i only.
/// Error(out_of_range) unless 0 <= p <= 1.
BoolTensor dropout_mask(const Shape& shape, double p, Rng rng);
/// Inverted dropout (Srivastava et al. 2014, section 10; scaled in training, as PyTorch does): each element is 0 with
/// probability p and a / (1 - p) otherwise. The generator is taken by value and counter-based: the same generator gives
/// the same mask, in a backward pass, a re-run or a recomputation; give each site and update its own by Rng::split.
template <typename T>
BasicVariable<T> dropout(const BasicVariable<T>& a, double p, const Rng& rng);

}  // namespace glassformer
