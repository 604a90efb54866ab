#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "tensor/shape.h"

namespace glassformer {

/// A row-major, contiguous array that owns its elements. Copying copies; there are no views, so nothing aliases.
template <typename T>
class BasicTensor {
  public:
    using value_type = T;

    BasicTensor() : data_(1, T{}) {}
    explicit BasicTensor(Shape shape, T fill = T{});
    /// Takes the elements as they are; Error(shape) unless their number is shape.size().
    BasicTensor(Shape shape, std::vector<T> elements);

    const Shape& shape() const { return shape_; }
    std::int64_t size() const { return shape_.size(); }
    std::int64_t extent(std::int64_t axis) const { return shape_[axis]; }
    T* data() { return data_.data(); }
    const T* data() const { return data_.data(); }
    std::span<T> elements() { return {data_.data(), data_.size()}; }
    std::span<const T> elements() const { return {data_.data(), data_.size()}; }

    /// Element by index, one per axis; Error(shape) when the number of indices or one of them does not fit.
    T& at(std::initializer_list<std::int64_t> index);
    const T& at(std::initializer_list<std::int64_t> index) const;
    /// Unchecked matrix access for rank 2 (and the last two axes of a rank-2 tensor only).
    T& operator()(std::int64_t row, std::int64_t column) { return data_[row * shape_[1] + column]; }
    const T& operator()(std::int64_t row, std::int64_t column) const { return data_[row * shape_[1] + column]; }
    T& operator[](std::int64_t flat) { return data_[static_cast<std::size_t>(flat)]; }
    const T& operator[](std::int64_t flat) const { return data_[static_cast<std::size_t>(flat)]; }

    /// One row (all of the trailing axes) as a span: row r of a [rows, ...] tensor. Error(shape) if there is none.
    std::span<T> row(std::int64_t r);
    std::span<const T> row(std::int64_t r) const;

    /// The same elements under another shape of equal size.
    BasicTensor reshaped(Shape shape) const&;
    BasicTensor reshaped(Shape shape) &&;

  private:
    Shape shape_;
    std::vector<T> data_;
};

using Tensor = BasicTensor<float>;
using DoubleTensor = BasicTensor<double>;
using IntTensor = BasicTensor<std::int32_t>;
/// bool as bytes: std::vector<bool> has no data().
using BoolTensor = BasicTensor<std::uint8_t>;

/// Independent normal elements.
Tensor random_normal(Shape shape, Rng& rng, float mean = 0.0F, float standard_deviation = 1.0F);
Tensor random_uniform(Shape shape, Rng& rng, float low, float high);

}  // namespace glassformer
