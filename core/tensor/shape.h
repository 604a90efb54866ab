#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

namespace glassformer {

/// Throws the Error(shape) that says so.
[[noreturn]] void too_many_axes(std::size_t count);

/// A short list of integers that lives where it stands: shapes and axis orders are made with every operation and must
/// not cost an allocation each. It reads like a std::vector and becomes one where one is asked for.
template <typename Integer>
class ShortList {
  public:
    using value_type = Integer;
    using iterator = Integer*;
    using const_iterator = const Integer*;
    static constexpr std::size_t capacity = 8;

    ShortList() = default;
    /// `count` zeros. Error(shape) for more than `capacity`, here and below.
    explicit ShortList(std::size_t count) { resize(count); }
    ShortList(std::initializer_list<Integer> values) { append(values.begin(), values.end()); }
    ShortList(const std::vector<Integer>& values) { append(values.begin(), values.end()); }
    ShortList(const Integer* first, const Integer* last) { append(first, last); }
    operator std::vector<Integer>() const { return std::vector<Integer>(begin(), end()); }

    std::size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    Integer& operator[](std::size_t i) { return values_[i]; }
    const Integer& operator[](std::size_t i) const { return values_[i]; }
    Integer& back() { return values_[count_ - 1]; }
    const Integer& back() const { return values_[count_ - 1]; }
    const Integer& front() const { return values_[0]; }
    Integer* begin() { return values_; }
    Integer* end() { return values_ + count_; }
    const Integer* begin() const { return values_; }
    const Integer* end() const { return values_ + count_; }
    std::reverse_iterator<const Integer*> rbegin() const { return std::reverse_iterator(end()); }
    std::reverse_iterator<const Integer*> rend() const { return std::reverse_iterator(begin()); }
    void push_back(Integer value) {
        resize(count_ + 1);
        values_[count_ - 1] = value;
    }
    void pop_back() { --count_; }
    void insert(std::size_t at, Integer value) {
        push_back(value);
        for (std::size_t i = count_ - 1; i > at; --i) values_[i] = values_[i - 1];
        values_[at] = value;
    }
    void erase(std::size_t at) {
        for (std::size_t i = at + 1; i < count_; ++i) values_[i - 1] = values_[i];
        --count_;
    }
    bool operator==(const ShortList& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

  private:
    template <typename Iterator>
    void append(Iterator first, Iterator last) {
        resize(static_cast<std::size_t>(last - first));
        std::copy(first, last, values_);
    }
    void resize(std::size_t count) {
        if (count > capacity) too_many_axes(count);
        for (std::size_t i = count_; i < count; ++i) values_[i] = 0;
        count_ = static_cast<std::uint32_t>(count);
    }

    Integer values_[capacity] = {};
    std::uint32_t count_ = 0;
};

using Extents = ShortList<std::int64_t>;
/// Axes in an order of one's own, for permute.
using AxisOrder = ShortList<int>;

/// Extents of a tensor, outermost first; a scalar has rank 0. There are at most 8 axes, extents are >= 0 and their
/// product fits an int64: otherwise Error(shape).
class Shape {
  public:
    Shape() = default;
    Shape(std::initializer_list<std::int64_t> extents);
    explicit Shape(const std::vector<std::int64_t>& extents);
    explicit Shape(const Extents& extents);

    std::size_t rank() const { return extents_.size(); }
    /// Extent of an axis; a negative axis counts from the end (-1 is the last). Error(shape) if there is none.
    std::int64_t operator[](std::int64_t axis) const;
    std::int64_t size() const { return size_; }
    const Extents& extents() const { return extents_; }
    /// "[2, 3]" for messages.
    std::string to_string() const;
    bool operator==(const Shape&) const = default;

  private:
    void measure();

    Extents extents_;
    std::int64_t size_ = 1;
};

}  // namespace glassformer
