#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/lane_math.h"
#include "tensor/axes.h"
#include "tensor/kernels.h"
#include "tensor/loops.h"

namespace glassformer {
namespace {

Shape reduced(const Shape& shape, std::size_t axis, KeepAxis keep) {
    return keep == KeepAxis::yes ? with_extent(shape, axis, 1) : without_axis(shape, axis);
}

/// step(result element, element, index along the axis) for every element; each result sees its elements in order.
template <typename Result, typename T, typename Step>
void along(const AxisView& view, const BasicTensor<T>& a, BasicTensor<Result>& result, Step step) {
    for (std::int64_t o = 0; o < view.outer; ++o) {
        const T* in = a.data() + o * view.extent * view.inner;
        Result* out = result.data() + o * view.inner;
        if (view.inner == 1) {
            Result value = *out;
            for (std::int64_t i = 0; i < view.extent; ++i) step(value, in[i], i);
            *out = value;
            continue;
        }
        for (std::int64_t i = 0; i < view.extent; ++i, in += view.inner) {
            for (std::int64_t n = 0; n < view.inner; ++n) step(out[n], in[n], i);
        }
    }
}

/// a's sums of squared differences from `center` (of the reduced shape, axis kept or not).
template <typename T>
BasicTensor<T> squared_differences(const AxisView& view, const BasicTensor<T>& a, const BasicTensor<T>& center) {
    BasicTensor<T> result(center.shape());
    for (std::int64_t o = 0; o < view.outer; ++o) {
        for (std::int64_t i = 0; i < view.extent; ++i) {
            const T* in = a.data() + (o * view.extent + i) * view.inner;
            for (std::int64_t n = o * view.inner; n < (o + 1) * view.inner; ++n, ++in) {
                const T difference = *in - center[n];
                result[n] += difference * difference;
            }
        }
    }
    return result;
}

template <typename T>
BasicTensor<T> divided(BasicTensor<T> a, T by) {
    for (T& x : a.elements()) x /= by;
    return a;
}

template <typename T>
bool above(T x, T best) {
    return x > best || (x != x && best == best);  // a NaN, once met, stays
}

}  // namespace

template <typename T>
BasicTensor<T> sum(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep) {
    const AxisView view = axis_view("sum", a.shape(), axis);
    BasicTensor<T> result(reduced(a.shape(), view.axis, keep));
    count_elements<T>(a.size(), 1, 1);
    if (view.inner == 1) {
        sum_rows_in_order(a.data(), view.outer, view.extent, result.data());
        return result;
    }
    along(view, a, result, [](T& total, T x, std::int64_t) { total += x; });
    return result;
}

template <typename T>
BasicTensor<T> mean(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep) {
    const AxisView view = filled_axis_view("mean", a.shape(), axis);
    return divided(sum(a, axis, keep), static_cast<T>(view.extent));
}

template <typename T>
BasicTensor<T> variance(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep, int correction) {
    const AxisView view = filled_axis_view("variance", a.shape(), axis);
    if (correction < 0 || view.extent <= correction) {
        const std::string n = std::to_string(view.extent);
        throw Error(ErrorKind::out_of_range,
                    {"variance 的修正 " + std::to_string(correction) + " 必须在 0 和元素个数 " + n + " 减 1 之间。",
                     "variance got the correction " + std::to_string(correction) + " for " + n +
                         " elements; it must be from 0 to one less."});
    }
    BasicTensor<T> result = squared_differences(view, a, mean(a, axis, keep));
    count_elements<T>(a.size(), 3, 1);
    return divided(std::move(result), static_cast<T>(view.extent - correction));
}

template <typename T>
BasicTensor<T> maximum(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep) {
    const AxisView view = filled_axis_view("maximum", a.shape(), axis);
    BasicTensor<T> result(reduced(a.shape(), view.axis, keep), -std::numeric_limits<T>::infinity());
    along(view, a, result, [](T& best, T x, std::int64_t) { best = above(x, best) ? x : best; });
    count_elements<T>(a.size(), 1, 1);
    return result;
}

template <typename T>
IntTensor argmax(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep) {
    const AxisView view = filled_axis_view("argmax", a.shape(), axis);
    IntTensor result(reduced(a.shape(), view.axis, keep));
    for (std::int64_t o = 0; o < view.outer; ++o) {
        const T* in = a.data() + o * view.extent * view.inner;
        for (std::int64_t n = 0; n < view.inner; ++n) {
            std::int64_t best = 0;
            for (std::int64_t i = 1; i < view.extent; ++i) {
                if (above(in[i * view.inner + n], in[best * view.inner + n])) best = i;
            }
            result[o * view.inner + n] = static_cast<std::int32_t>(best);
        }
    }
    count_elements<T>(a.size(), 1, 1);
    return result;
}

template <typename T>
BasicTensor<T> logsumexp(const BasicTensor<T>& a, std::int64_t axis, KeepAxis keep) {
    const AxisView view = filled_axis_view("logsumexp", a.shape(), axis);
    const BasicTensor<T> top = maximum(a, axis, keep);
    BasicTensor<T> result(top.shape());
    for (std::int64_t o = 0; o < view.outer; ++o) {
        for (std::int64_t i = 0; i < view.extent; ++i) {
            const T* in = a.data() + (o * view.extent + i) * view.inner;
            for (std::int64_t n = o * view.inner; n < (o + 1) * view.inner; ++n, ++in) {
                // An infinite maximum: -inf - -inf would be NaN.
                result[n] += *in == top[n] ? T{1} : glassformer::exp(*in - top[n]);
            }
        }
    }
    for (std::int64_t n = 0; n < result.size(); ++n) result[n] = top[n] + glassformer::log(result[n]);
    count_elements<T>(a.size(), 13, 1);
    return result;
}

template <typename T>
BasicTensor<T> cumulative_sum(const BasicTensor<T>& a, std::int64_t axis) {
    const AxisView view = axis_view("cumulative_sum", a.shape(), axis);
    BasicTensor<T> result = a;
    for (std::int64_t o = 0; o < view.outer; ++o) {
        T* row = result.data() + o * view.extent * view.inner;
        for (std::int64_t i = view.inner; i < view.extent * view.inner; ++i) row[i] += row[i - view.inner];
    }
    count_elements<T>(a.size(), 1, 2);
    return result;
}

#define GLASSFORMER_INSTANTIATE(T)                                                        \
    template BasicTensor<T> sum(const BasicTensor<T>&, std::int64_t, KeepAxis);           \
    template BasicTensor<T> mean(const BasicTensor<T>&, std::int64_t, KeepAxis);          \
    template BasicTensor<T> variance(const BasicTensor<T>&, std::int64_t, KeepAxis, int); \
    template BasicTensor<T> maximum(const BasicTensor<T>&, std::int64_t, KeepAxis);       \
    template IntTensor argmax(const BasicTensor<T>&, std::int64_t, KeepAxis);             \
    template BasicTensor<T> logsumexp(const BasicTensor<T>&, std::int64_t, KeepAxis);     \
    template BasicTensor<T> cumulative_sum(const BasicTensor<T>&, std::int64_t);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
