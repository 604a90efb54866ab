#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "tensor/axes.h"
#include "tensor/kernels.h"
#include "tensor/loops.h"

namespace glassformer {
namespace {

void check_index(const char* operation, std::int64_t index, std::int64_t extent) {
    if (index >= 0 && index < extent) return;
    throw Error(ErrorKind::shape, {std::string(operation) + " 的下标 " + std::to_string(index) + " 不在 0 到 " +
                                       std::to_string(extent - 1) + " 之间。",
                                   std::string(operation) + " got the index " + std::to_string(index) +
                                       ", which is not within 0 to " + std::to_string(extent - 1) + "."});
}

[[noreturn]] void does_not_fit(const char* operation, const Shape& a, const Shape& b, const Text& cause) {
    const std::string shapes = a.to_string() + ", " + b.to_string();
    throw Error(ErrorKind::shape, {std::string(operation) + " 的形状 " + shapes + " 不匹配：" + cause.zh,
                                   std::string(operation) + " got " + shapes + ": " + cause.en});
}

/// `indices` must have a's shape but for the axis of `view`.
void check_same_but_axis(const char* operation, const Shape& a, const Shape& indices, const AxisView& view) {
    if (indices.rank() == a.rank() && with_extent(a, view.axis, indices.extents()[view.axis]) == indices) return;
    does_not_fit(operation, a, indices,
                 {"除第 " + std::to_string(view.axis) + " 轴外都要相同。",
                  "all but axis " + std::to_string(view.axis) + " must be equal."});
}

/// visit(flat position in `indices`, flat position in `a` that it points to).
template <typename Visit>
void for_each_target(const char* operation, const AxisView& view, const IntTensor& indices, Visit visit) {
    const std::int64_t extent = indices.shape().extents()[view.axis];
    for (std::int64_t o = 0; o < view.outer; ++o) {
        for (std::int64_t i = 0; i < extent; ++i) {
            for (std::int64_t n = 0; n < view.inner; ++n) {
                const std::int64_t at = (o * extent + i) * view.inner + n;
                check_index(operation, indices[at], view.extent);
                visit(at, (o * view.extent + indices[at]) * view.inner + n);
            }
        }
    }
}

}  // namespace

template <typename T>
BasicTensor<T> index_select(const BasicTensor<T>& a, std::int64_t axis, const IntTensor& indices) {
    const AxisView view = axis_view("index_select", a.shape(), axis);
    if (indices.shape().rank() != 1) {
        does_not_fit("index_select", a.shape(), indices.shape(),
                     {"下标必须是一维的。", "the indices must have one axis."});
    }
    for (const std::int32_t index : indices.elements()) check_index("index_select", index, view.extent);
    BasicTensor<T> result(with_extent(a.shape(), view.axis, indices.size()));
    T* out = result.data();
    for (std::int64_t o = 0; o < view.outer; ++o) {
        for (const std::int32_t index : indices.elements()) {
            out = std::copy_n(a.data() + (o * view.extent + index) * view.inner, view.inner, out);
        }
    }
    count_elements<T>(result.size(), 0, 2);
    return result;
}

template <typename T>
BasicTensor<T> take_along_axis(const BasicTensor<T>& a, std::int64_t axis, const IntTensor& indices) {
    const AxisView view = axis_view("take_along_axis", a.shape(), axis);
    check_same_but_axis("take_along_axis", a.shape(), indices.shape(), view);
    BasicTensor<T> result(indices.shape());
    for_each_target("take_along_axis", view, indices,
                    [&](std::int64_t at, std::int64_t from) { result[at] = a[from]; });
    count_elements<T>(result.size(), 0, 2);
    return result;
}

template <typename T>
BasicTensor<T> scatter_add(const BasicTensor<T>& a, std::int64_t axis, const IntTensor& indices,
                           const BasicTensor<T>& source) {
    const AxisView view = axis_view("scatter_add", a.shape(), axis);
    check_same_but_axis("scatter_add", a.shape(), indices.shape(), view);
    if (source.shape() != indices.shape()) {
        does_not_fit("scatter_add", indices.shape(), source.shape(),
                     {"下标和要加的值必须形状相同。", "indices and source must have one shape."});
    }
    BasicTensor<T> result = a;
    for_each_target("scatter_add", view, indices, [&](std::int64_t at, std::int64_t to) { result[to] += source[at]; });
    count_elements<T>(source.size(), 1, 3);
    return result;
}

template <typename T>
BasicTensor<T> slice(const BasicTensor<T>& a, std::int64_t axis, std::int64_t begin, std::int64_t end,
                     std::int64_t step) {
    const AxisView view = axis_view("slice", a.shape(), axis);
    const std::int64_t first = begin < 0 ? begin + view.extent : begin;
    const std::int64_t last = end < 0 ? end + view.extent : end;
    if (first < 0 || last > view.extent || last < first) {
        const std::string range = "[" + std::to_string(begin) + ", " + std::to_string(end) + ")";
        throw Error(ErrorKind::shape, {"slice 的范围 " + range + " 不在 " + a.shape().to_string() + " 的第 " +
                                           std::to_string(view.axis) + " 轴之内。",
                                       "slice got the range " + range + ", which is not within axis " +
                                           std::to_string(view.axis) + " of " + a.shape().to_string() + "."});
    }
    if (step < 1) {
        throw Error(ErrorKind::out_of_range,
                    {"slice 的步长必须至少为 1，给了 " + std::to_string(step) + "。",
                     "slice needs a step of at least 1; it got " + std::to_string(step) + "."});
    }
    const std::int64_t count = last == first ? 0 : (last - first - 1) / step + 1;
    BasicTensor<T> result(with_extent(a.shape(), view.axis, count));
    T* out = result.data();
    for (std::int64_t o = 0; o < view.outer; ++o) {
        const T* from = a.data() + (o * view.extent + first) * view.inner;
        if (step == 1) {
            out = std::copy_n(from, count * view.inner, out);
            continue;
        }
        for (std::int64_t i = 0; i < count; ++i) out = std::copy_n(from + i * step * view.inner, view.inner, out);
    }
    count_elements<T>(result.size(), 0, 2);
    return result;
}

template <typename T>
BasicTensor<T> concat(std::span<const BasicTensor<T>* const> parts, std::int64_t axis) {
    if (parts.empty()) {
        throw Error(ErrorKind::shape, {"concat 至少需要一个张量。", "concat needs at least one tensor."});
    }
    const Shape& first = parts[0]->shape();
    const AxisView view = axis_view("concat", first, axis);
    std::int64_t extent = 0;
    for (const BasicTensor<T>* part : parts) {
        check_same_but_axis("concat", first, part->shape(), view);
        const std::int64_t own = part->shape().extents()[view.axis];
        if (own > std::numeric_limits<std::int64_t>::max() - extent) {
            throw Error(ErrorKind::shape,
                        {"concat 之后的轴超出 64 位整数。", "concat makes an axis longer than 64 bits can count."});
        }
        extent += own;
    }
    auto result = BasicTensor<T>::uninitialized(with_extent(first, view.axis, extent));
    T* out = result.data();
    for (std::int64_t o = 0; o < view.outer; ++o) {
        for (const BasicTensor<T>* part : parts) {
            const std::int64_t run = part->shape().extents()[view.axis] * view.inner;
            out = std::copy_n(part->data() + o * run, run, out);
        }
    }
    count_elements<T>(result.size(), 0, 2);
    return result;
}

template <typename T>
BasicTensor<T> stack(std::span<const BasicTensor<T>* const> parts, std::int64_t axis) {
    if (parts.empty()) {
        throw Error(ErrorKind::shape, {"stack 至少需要一个张量。", "stack needs at least one tensor."});
    }
    const Shape& shape = parts[0]->shape();
    const auto rank = static_cast<std::int64_t>(shape.rank());
    const std::int64_t from_front = axis < 0 ? axis + rank + 1 : axis;
    if (from_front < 0 || from_front > rank) {
        throw Error(ErrorKind::shape,
                    {"stack：" + shape.to_string() + " 上不能加第 " + std::to_string(axis) + " 轴。",
                     "stack cannot put an axis " + std::to_string(axis) + " into " + shape.to_string() + "."});
    }
    for (const BasicTensor<T>* part : parts) {
        if (part->shape() == shape) continue;
        does_not_fit("stack", shape, part->shape(), {"形状必须全部相同。", "all shapes must be equal."});
    }
    const auto count = static_cast<std::int64_t>(parts.size());
    auto result = BasicTensor<T>::uninitialized(with_axis(shape, static_cast<std::size_t>(from_front), count));
    const AxisView view = axis_view("stack", result.shape(), from_front);
    T* out = result.data();
    for (std::int64_t o = 0; o < view.outer; ++o) {
        for (const BasicTensor<T>* part : parts) out = std::copy_n(part->data() + o * view.inner, view.inner, out);
    }
    count_elements<T>(result.size(), 0, 2);
    return result;
}

template <typename T>
BasicTensor<T> pad(const BasicTensor<T>& a, std::int64_t axis, std::int64_t before, std::int64_t after,
                   std::type_identity_t<T> value) {
    const AxisView view = axis_view("pad", a.shape(), axis);
    if (before < 0 || after < 0) {
        const std::string given = std::to_string(before) + ", " + std::to_string(after);
        throw Error(ErrorKind::out_of_range, {"pad 的个数不能为负，给了 " + given + "。",
                                              "pad cannot add a negative number of elements; it got " + given + "."});
    }
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    if (before > most - view.extent || after > most - view.extent - before) {
        throw Error(ErrorKind::shape,
                    {"pad 之后的轴超出 64 位整数。", "pad makes an axis longer than 64 bits can count."});
    }
    const std::int64_t extent = view.extent + before + after;
    BasicTensor<T> result(with_extent(a.shape(), view.axis, extent), value);
    for (std::int64_t o = 0; o < view.outer; ++o) {
        std::copy_n(a.data() + o * view.extent * view.inner, view.extent * view.inner,
                    result.data() + (o * extent + before) * view.inner);
    }
    count_elements<T>(result.size(), 0, 2);
    return result;
}

template <typename T>
BasicTensor<T> roll(const BasicTensor<T>& a, std::int64_t axis, std::int64_t shift) {
    const AxisView view = axis_view("roll", a.shape(), axis);
    BasicTensor<T> result(a.shape());
    if (a.size() == 0) return result;
    const std::int64_t moved = ((shift % view.extent) + view.extent) % view.extent * view.inner;
    const std::int64_t run = view.extent * view.inner;
    for (std::int64_t o = 0; o < view.outer; ++o) {
        const T* from = a.data() + o * run;
        std::copy_n(from, run - moved, result.data() + o * run + moved);
        std::copy_n(from + run - moved, moved, result.data() + o * run);
    }
    count_elements<T>(result.size(), 0, 2);
    return result;
}

#define GLASSFORMER_INSTANTIATE(T)                                                                                     \
    template BasicTensor<T> index_select(const BasicTensor<T>&, std::int64_t, const IntTensor&);                       \
    template BasicTensor<T> take_along_axis(const BasicTensor<T>&, std::int64_t, const IntTensor&);                    \
    template BasicTensor<T> scatter_add(const BasicTensor<T>&, std::int64_t, const IntTensor&, const BasicTensor<T>&); \
    template BasicTensor<T> slice(const BasicTensor<T>&, std::int64_t, std::int64_t, std::int64_t, std::int64_t);      \
    template BasicTensor<T> concat(std::span<const BasicTensor<T>* const>, std::int64_t);                              \
    template BasicTensor<T> stack(std::span<const BasicTensor<T>* const>, std::int64_t);                               \
    template BasicTensor<T> pad(const BasicTensor<T>&, std::int64_t, std::int64_t, std::int64_t,                       \
                                std::type_identity_t<T>);                                                              \
    template BasicTensor<T> roll(const BasicTensor<T>&, std::int64_t, std::int64_t);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE
// Ids, positions and masks are joined and cut too.
template IntTensor index_select(const IntTensor&, std::int64_t, const IntTensor&);
template BoolTensor index_select(const BoolTensor&, std::int64_t, const IntTensor&);
template IntTensor slice(const IntTensor&, std::int64_t, std::int64_t, std::int64_t, std::int64_t);
template IntTensor concat(const std::vector<IntTensor>&, std::int64_t);

}  // namespace glassformer
