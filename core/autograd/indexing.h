#pragma once

#include <initializer_list>
#include <type_traits>
#include <vector>

#include "autograd/variable.h"
#include "tensor/kernels.h"

/// Looking up, cutting and joining. What is read twice receives both gradients.
namespace glassformer {

/// a [rows, columns], one column per row -> [rows].
template <typename T>
BasicVariable<T> pick(const BasicVariable<T>& a, const IntTensor& columns);
/// Rows of a table [rows, d] by index -> [indices..., d].
template <typename T>
BasicVariable<T> gather_rows(const BasicVariable<T>& table, const IntTensor& indices);
template <typename T>
BasicVariable<T> index_select(const BasicVariable<T>& a, std::int64_t axis, const IntTensor& indices);
template <typename T>
BasicVariable<T> take_along_axis(const BasicVariable<T>& a, std::int64_t axis, const IntTensor& indices);
template <typename T>
BasicVariable<T> scatter_add(const BasicVariable<T>& a, std::int64_t axis, const IntTensor& indices,
                             const BasicVariable<T>& source);
template <typename T>
BasicVariable<T> slice(const BasicVariable<T>& a, std::int64_t axis, std::int64_t begin, std::int64_t end,
                       std::int64_t step = 1);
/// concat({a, b}, axis) or a vector of variables.
template <typename T>
BasicVariable<T> concat(std::initializer_list<BasicVariable<T>> parts, std::int64_t axis);
template <typename T>
BasicVariable<T> concat(const std::vector<BasicVariable<T>>& parts, std::int64_t axis);
template <typename T>
BasicVariable<T> stack(std::initializer_list<BasicVariable<T>> parts, std::int64_t axis);
template <typename T>
BasicVariable<T> stack(const std::vector<BasicVariable<T>>& parts, std::int64_t axis);
template <typename T>
BasicVariable<T> pad(const BasicVariable<T>& a, std::int64_t axis, std::int64_t before, std::int64_t after,
                     std::type_identity_t<T> value = T{});
template <typename T>
BasicVariable<T> roll(const BasicVariable<T>& a, std::int64_t axis, std::int64_t shift);

}  // namespace glassformer
