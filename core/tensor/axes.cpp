#include "tensor/axes.h"

#include "base/error.h"

namespace glassformer {

AxisView axis_view(const char* operation, const Shape& shape, std::int64_t axis) {
    const auto rank = static_cast<std::int64_t>(shape.rank());
    const std::int64_t from_front = axis < 0 ? axis + rank : axis;
    if (from_front < 0 || from_front >= rank) {
        throw Error(ErrorKind::shape, {std::string(operation) + "：形状 " + shape.to_string() + " 没有第 " +
                                           std::to_string(axis) + " 轴。",
                                       std::string(operation) + ": the shape " + shape.to_string() + " has no axis " +
                                           std::to_string(axis) + "."});
    }
    AxisView view{1, shape[from_front], 1, static_cast<std::size_t>(from_front)};
    for (std::int64_t i = 0; i < from_front; ++i) view.outer *= shape[i];
    for (std::int64_t i = from_front + 1; i < rank; ++i) view.inner *= shape[i];
    return view;
}

AxisView filled_axis_view(const char* operation, const Shape& shape, std::int64_t axis) {
    const AxisView view = axis_view(operation, shape, axis);
    if (view.extent == 0) {
        throw Error(ErrorKind::shape, {std::string(operation) + " 所沿的轴是空的：" + shape.to_string() + "。",
                                       std::string(operation) + " got an empty axis: " + shape.to_string() + "."});
    }
    return view;
}

void require_elements(const char* operation, const Shape& shape) {
    if (shape.size() > 0) return;
    throw Error(ErrorKind::shape,
                {std::string(operation) + "：形状 " + shape.to_string() + " 里没有元素，无从计算。",
                 std::string(operation) + ": the shape " + shape.to_string() + " has no elements to compute it from."});
}

Shape with_extent(const Shape& shape, std::size_t axis, std::int64_t extent) {
    Extents extents = shape.extents();
    extents[axis] = extent;
    return Shape(extents);
}

Shape without_axis(const Shape& shape, std::size_t axis) {
    Extents extents = shape.extents();
    extents.erase(axis);
    return Shape(extents);
}

Shape with_axis(const Shape& shape, std::size_t axis, std::int64_t extent) {
    Extents extents = shape.extents();
    extents.insert(axis, extent);
    return Shape(extents);
}

}  // namespace glassformer
