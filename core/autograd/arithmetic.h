#pragma once

#include <type_traits>

#include "autograd/variable.h"
#include "tensor/kernels.h"

/// Elementwise arithmetic. Operands broadcast both ways (tensor/broadcast.h).
namespace glassformer {

template <typename T>
BasicVariable<T> add(const BasicVariable<T>& a, const BasicVariable<T>& b);
template <typename T>
BasicVariable<T> subtract(const BasicVariable<T>& a, const BasicVariable<T>& b);
template <typename T>
BasicVariable<T> multiply(const BasicVariable<T>& a, const BasicVariable<T>& b);
template <typename T>
BasicVariable<T> divide(const BasicVariable<T>& a, const BasicVariable<T>& b);
template <typename T>
BasicVariable<T> scale(const BasicVariable<T>& a, std::type_identity_t<T> factor);
template <typename T>
BasicVariable<T> add_scalar(const BasicVariable<T>& a, std::type_identity_t<T> value);
template <typename T>
BasicVariable<T> square(const BasicVariable<T>& a);
/// The gradient at 0 is infinite, as calculus has it.
template <typename T>
BasicVariable<T> sqrt(const BasicVariable<T>& a);
/// The gradient at 0 is 0.
template <typename T>
BasicVariable<T> abs(const BasicVariable<T>& a);
/// No gradient flows where the bound was taken; it flows at the bounds themselves.
template <typename T>
BasicVariable<T> clip(const BasicVariable<T>& a, std::type_identity_t<T> low, std::type_identity_t<T> high);
template <typename T>
BasicVariable<T> exp(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> log(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> sin(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> cos(const BasicVariable<T>& a);
/// a where condition is not 0, b elsewhere.
template <typename T>
BasicVariable<T> where(const BoolTensor& condition, const BasicVariable<T>& a, const BasicVariable<T>& b);

}  // namespace glassformer
