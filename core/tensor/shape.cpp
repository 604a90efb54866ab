#include "tensor/shape.h"

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace glassformer {

void too_many_axes(std::size_t count) {
    const std::string given = std::to_string(count);
    const std::string most = std::to_string(Extents::capacity);
    throw Error(ErrorKind::shape, {"一个张量最多有 " + most + " 个轴，给了 " + given + " 个。",
                                   "A tensor has at most " + most + " axes; " + given + " were given."});
}

Shape::Shape(std::initializer_list<std::int64_t> extents) : extents_(extents) { measure(); }
Shape::Shape(const std::vector<std::int64_t>& extents) : extents_(extents) { measure(); }
Shape::Shape(const Extents& extents) : extents_(extents) { measure(); }

void Shape::measure() {
    // Extents of 0 are left out of what must fit: the distance from row to row is a product of the other extents alone.
    std::int64_t product = 1;
    for (const std::int64_t extent : extents_) {
        if (extent < 0) {
            throw Error(ErrorKind::shape,
                        {"形状 " + to_string() + " 里有负的大小 " + std::to_string(extent) + "。",
                         "The shape " + to_string() + " has a negative extent, " + std::to_string(extent) + "."});
        }
        if (extent != 0 && product > std::numeric_limits<std::int64_t>::max() / extent) {
            throw Error(ErrorKind::shape, {"形状 " + to_string() + " 的元素个数超出 64 位整数。",
                                           "The shape " + to_string() + " has more elements than 64 bits can count."});
        }
        product *= std::max<std::int64_t>(extent, 1);
        size_ *= extent;
    }
}

std::int64_t Shape::operator[](std::int64_t axis) const {
    const auto rank = static_cast<std::int64_t>(extents_.size());
    const std::int64_t from_front = axis < 0 ? axis + rank : axis;
    if (from_front < 0 || from_front >= rank) {
        throw Error(ErrorKind::shape, {"形状 " + to_string() + " 没有第 " + std::to_string(axis) + " 轴。",
                                       "The shape " + to_string() + " has no axis " + std::to_string(axis) + "."});
    }
    return extents_[static_cast<std::size_t>(from_front)];
}

std::string Shape::to_string() const {
    std::string text = "[";
    for (std::size_t i = 0; i < extents_.size(); ++i) {
        if (i > 0) text += ", ";
        text += std::to_string(extents_[i]);
    }
    return text + "]";
}

}  // namespace glassformer
