#pragma once

#include "tensor/tensor.h"

/// Broadcasting as NumPy and PyTorch define it: shapes are aligned at their last axes; extents must be equal, or one of
/// them 1, which is then repeated; missing leading axes count as 1. [2, 1, 4] with [3, 1] gives [2, 3, 4].
namespace glassformer {

/// The common shape. Error(shape) naming `operation` and both shapes when they do not fit.
Shape broadcast_shape(const char* operation, const Shape& a, const Shape& b);
/// a repeated up to `shape`. Error(shape) unless broadcast_shape(a, shape) is `shape`.
template <typename T>
BasicTensor<T> broadcast_to(const BasicTensor<T>& a, const Shape& shape);
/// The gradient of broadcast_to: sums over the repeated axes, in index order, until only `shape` is left.
template <typename T>
BasicTensor<T> sum_to(const BasicTensor<T>& a, const Shape& shape);

/// How to walk through a result and the operands broadcast to it: neighbouring axes over which all of them move evenly
/// are joined, so that equal shapes become one loop. The innermost loop is the last entry.
struct BroadcastLoops {
    Extents extents;
    Extents step_a;  ///< elements that the first operand moves per index; 0 where it is repeated
    Extents step_b;
    BroadcastLoops(const Shape& result, const Shape& a, const Shape& b);

    /// visit(result offset, a offset, b offset) at the start of every innermost run of extents.back() elements.
    template <typename Visit>
    void for_each_run(Visit visit) const {
        std::int64_t total = 1;
        for (const std::int64_t extent : extents) total *= extent;
        if (total == 0) return;
        const std::int64_t run = extents.back();
        Extents index(extents.size());
        std::int64_t a = 0;
        std::int64_t b = 0;
        for (std::int64_t at = 0; at < total; at += run) {
            visit(at, a, b);
            for (std::size_t axis = extents.size() - 1; axis-- > 0;) {
                a += step_a[axis];
                b += step_b[axis];
                if (++index[axis] < extents[axis]) break;
                a -= step_a[axis] * extents[axis];
                b -= step_b[axis] * extents[axis];
                index[axis] = 0;
            }
        }
    }
};

}  // namespace glassformer
