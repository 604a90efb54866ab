#pragma once

#include "tensor/shape.h"

/// One axis of a row-major tensor singled out, for kernels that work along it.
namespace glassformer {

/// A tensor seen as [outer, extent, inner] around one axis: element (o, i, n) lies at (o * extent + i) * inner + n.
struct AxisView {
    std::int64_t outer;
    std::int64_t extent;
    std::int64_t inner;
    std::size_t axis;  ///< counted from the front
};

/// Error(shape) naming the operation when there is no such axis (negative: from the end).
AxisView axis_view(const char* operation, const Shape& shape, std::int64_t axis);
/// The same; an empty axis is an Error(shape) too (a maximum or a mean of nothing).
AxisView filled_axis_view(const char* operation, const Shape& shape, std::int64_t axis);
/// Error(shape) naming the operation when the shape has no elements: a mean of nothing would be NaN.
void require_elements(const char* operation, const Shape& shape);
/// The shape with another extent on one axis (counted from the front).
Shape with_extent(const Shape& shape, std::size_t axis, std::int64_t extent);
Shape without_axis(const Shape& shape, std::size_t axis);
/// The same shape with a new axis of that extent before axis `axis`.
Shape with_axis(const Shape& shape, std::size_t axis, std::int64_t extent);

}  // namespace glassformer
