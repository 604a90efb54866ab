#include "tensor/broadcast.h"

#include <algorithm>

#include "base/counters.h"
#include "base/error.h"

namespace glassformer {
namespace {

/// Extent of axis i of a shape aligned at the last axis of one of `rank` axes.
std::int64_t aligned_extent(const Shape& shape, std::size_t rank, std::size_t i) {
    const std::size_t missing = rank - shape.rank();
    return i < missing ? 1 : shape.extents()[i - missing];
}

/// Elements moved per index of each axis of the result, 0 where the operand is repeated.
Extents broadcast_steps(const Shape& shape, std::size_t rank) {
    Extents steps(rank);
    std::int64_t stride = 1;
    for (std::size_t i = rank; i-- > 0;) {
        const std::int64_t extent = aligned_extent(shape, rank, i);
        steps[i] = extent == 1 ? 0 : stride;
        stride *= extent;
    }
    return steps;
}

}  // namespace

Shape broadcast_shape(const char* operation, const Shape& a, const Shape& b) {
    const std::size_t rank = std::max(a.rank(), b.rank());
    Extents extents(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t x = aligned_extent(a, rank, i);
        const std::int64_t y = aligned_extent(b, rank, i);
        if (x != y && x != 1 && y != 1) {
            const std::string axis = std::to_string(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(rank));
            throw Error(ErrorKind::shape,
                        {std::string(operation) + " 的形状 " + a.to_string() + " 和 " + b.to_string() +
                             " 无法广播：从末尾对齐后，轴 " + axis + " 的大小是 " + std::to_string(x) + " 和 " +
                             std::to_string(y) + "；必须相同，或有一个是 1。",
                         std::string(operation) + " cannot broadcast " + a.to_string() + " and " + b.to_string() +
                             ": aligned at the end, axis " + axis + " has the extents " + std::to_string(x) + " and " +
                             std::to_string(y) + "; they must be equal, or one of them 1."});
        }
        extents[i] = x == 1 ? y : x;
    }
    return Shape(extents);
}

BroadcastLoops::BroadcastLoops(const Shape& result, const Shape& a, const Shape& b) {
    const std::size_t rank = result.rank();
    const Extents all_a = broadcast_steps(a, rank);
    const Extents all_b = broadcast_steps(b, rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t extent = result.extents()[i];
        if (extent == 1) continue;
        // The outer axis goes on where the inner one ends, in both operands: one axis.
        const bool joined =
            !extents.empty() && step_a.back() == all_a[i] * extent && step_b.back() == all_b[i] * extent;
        if (joined) {
            extents.back() *= extent;
            step_a.back() = all_a[i];
            step_b.back() = all_b[i];
        } else {
            extents.push_back(extent);
            step_a.push_back(all_a[i]);
            step_b.push_back(all_b[i]);
        }
    }
    if (extents.empty()) {
        extents.push_back(1);
        step_a.push_back(0);
        step_b.push_back(0);
    }
}

template <typename T>
BasicTensor<T> broadcast_to(const BasicTensor<T>& a, const Shape& shape) {
    if (broadcast_shape("broadcast_to", a.shape(), shape) != shape) {
        throw Error(ErrorKind::shape,
                    {"broadcast_to 不能把 " + a.shape().to_string() + " 扩展成 " + shape.to_string() + "。",
                     "broadcast_to cannot repeat " + a.shape().to_string() + " up to " + shape.to_string() + "."});
    }
    BasicTensor<T> result(shape);
    const BroadcastLoops loops(shape, a.shape(), a.shape());
    const std::int64_t run = loops.extents.back();
    const std::int64_t step = loops.step_a.back();
    loops.for_each_run([&](std::int64_t to, std::int64_t from, std::int64_t) {
        for (std::int64_t i = 0; i < run; ++i) result[to + i] = a[from + i * step];
    });
    count_cost(0, static_cast<std::uint64_t>(result.size() + a.size()) * sizeof(T));
    return result;
}

template <typename T>
BasicTensor<T> sum_to(const BasicTensor<T>& a, const Shape& shape) {
    if (a.shape() == shape) return a;
    if (broadcast_shape("sum_to", shape, a.shape()) != a.shape()) {
        throw Error(ErrorKind::shape,
                    {"sum_to 不能把 " + a.shape().to_string() + " 求和成 " + shape.to_string() + "。",
                     "sum_to cannot sum " + a.shape().to_string() + " to " + shape.to_string() + "."});
    }
    BasicTensor<T> result(shape);
    const BroadcastLoops loops(a.shape(), shape, shape);
    const std::int64_t run = loops.extents.back();
    const std::int64_t step = loops.step_a.back();
    loops.for_each_run([&](std::int64_t from, std::int64_t to, std::int64_t) {
        if (step == 0) {
            T total = result[to];
            for (std::int64_t i = 0; i < run; ++i) total += a[from + i];
            result[to] = total;
        } else {
            for (std::int64_t i = 0; i < run; ++i) result[to + i * step] += a[from + i];
        }
    });
    count_cost(static_cast<std::uint64_t>(a.size()), static_cast<std::uint64_t>(a.size() + result.size()) * sizeof(T));
    return result;
}

#define GLASSFORMER_INSTANTIATE(T)                                             \
    template BasicTensor<T> broadcast_to(const BasicTensor<T>&, const Shape&); \
    template BasicTensor<T> sum_to(const BasicTensor<T>&, const Shape&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
