#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace glassformer {

/// Extents of a tensor, outermost first; a scalar has rank 0. Extents are >= 0 and their product fits an int64:
/// otherwise Error(shape).
class Shape {
  public:
    Shape() = default;
    Shape(std::initializer_list<std::int64_t> extents);
    explicit Shape(std::vector<std::int64_t> extents);

    std::size_t rank() const { return extents_.size(); }
    /// Extent of an axis; a negative axis counts from the end (-1 is the last). Error(shape) if there is none.
    std::int64_t operator[](std::int64_t axis) const;
    std::int64_t size() const { return size_; }
    const std::vector<std::int64_t>& extents() const { return extents_; }
    /// "[2, 3]" for messages.
    std::string to_string() const;
    bool operator==(const Shape&) const = default;

  private:
    std::vector<std::int64_t> extents_;
    std::int64_t size_ = 1;
};

}  // namespace glassformer
