#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "base/rng.h"
#include "tensor/shape.h"

namespace glassformer {

/// Elements in pooled memory (base/memory.h): what one update frees, the next one uses.
template <typename T>
class Buffer {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    Buffer() = default;
    /// Not initialised.
    explicit Buffer(std::size_t size) : data_(PoolAllocator<T>().allocate(size)), size_(size) {}
    Buffer(const T* from, std::size_t size) : Buffer(size) { std::copy_n(from, size, data_); }
    Buffer(const Buffer& other) : Buffer(other.data_, other.size_) {}
    Buffer(Buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(const Buffer& other) {
        if (this == &other) return *this;
        if (size_ != other.size_) return *this = Buffer(other);
        std::copy_n(other.data_, size_, data_);
        return *this;
    }
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Buffer() { PoolAllocator<T>().deallocate(data_, size_); }

    T* data() { return data_; }
    const T* data() const { return data_; }
    std::size_t size() const { return size_; }

  private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

/// A row-major, contiguous array that owns its elements. Copying copies; there are no views, so nothing aliases.
template <typename T>
class BasicTensor {
  public:
    using value_type = T;

    /// A scalar 0.
    BasicTensor() : BasicTensor(Shape{}) {}
    explicit BasicTensor(Shape shape, T fill = T{});
    /// Takes the elements as they are; Error(shape) unless their number is shape.size().
    BasicTensor(Shape shape, const std::vector<T>& elements);
    /// For kernels that write every element: nothing is written first.
    static BasicTensor uninitialized(Shape shape);

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
    T& operator()(std::int64_t row, std::int64_t column) { return data_.data()[row * shape_.extents()[1] + column]; }
    const T& operator()(std::int64_t row, std::int64_t column) const {
        return data_.data()[row * shape_.extents()[1] + column];
    }
    T& operator[](std::int64_t flat) { return data_.data()[flat]; }
    const T& operator[](std::int64_t flat) const { return data_.data()[flat]; }

    /// One row (all of the trailing axes) as a span: row r of a [rows, ...] tensor. Error(shape) if there is none.
    std::span<T> row(std::int64_t r);
    std::span<const T> row(std::int64_t r) const;

    /// The same elements under another shape of equal size.
    BasicTensor reshaped(Shape shape) const&;
    BasicTensor reshaped(Shape shape) &&;

  private:
    struct Adopt {};
    BasicTensor(Adopt, Shape shape, Buffer<T> data) : shape_(std::move(shape)), data_(std::move(data)) {}
    void check_size() const;

    Shape shape_;
    Buffer<T> data_;
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
