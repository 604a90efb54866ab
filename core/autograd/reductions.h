#pragma once

#include "autograd/variable.h"
#include "tensor/kernels.h"

namespace glassformer {

/// Over everything -> scalar (rank 0).
template <typename T>
BasicVariable<T> sum(const BasicVariable<T>& a);
template <typename T>
BasicVariable<T> mean(const BasicVariable<T>& a);
/// Over one axis, which disappears or stays with extent 1.
template <typename T>
BasicVariable<T> sum(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
template <typename T>
BasicVariable<T> mean(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
/// Over n - correction (0: the population's, 1: the unbiased estimate).
template <typename T>
BasicVariable<T> variance(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no,
                          int correction = 0);
/// The gradient goes to the first of equal maxima.
template <typename T>
BasicVariable<T> maximum(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
template <typename T>
BasicVariable<T> logsumexp(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep = KeepAxis::no);
template <typename T>
BasicVariable<T> cumulative_sum(const BasicVariable<T>& a, std::int64_t axis);

}  // namespace glassformer
