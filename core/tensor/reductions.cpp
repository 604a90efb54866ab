#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <type_traits>

#include "base/counters.h"
#include "base/error.h"
#include "base/math.h"
#include "tensor/broadcast.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

/// [..., n] seen as rows of n.
struct Rows {
    std::int64_t count;
    std::int64_t width;
};

Rows rows_of(const char* operation, const Shape& shape) {
    if (shape.rank() == 0) {
        throw Error(ErrorKind::shape, {std::string(operation) + " 沿最后一个轴计算，标量没有轴。",
                                       std::string(operation) + " works along the last axis; a scalar has none."});
    }
    const std::int64_t width = shape[-1];
    if (width == 0) {
        throw Error(ErrorKind::shape, {std::string(operation) + " 的最后一个轴是空的：" + shape.to_string() + "。",
                                       std::string(operation) + " got an empty last axis: " + shape.to_string() + "."});
    }
    return {shape.size() / width, width};
}

Shape without_last(const Shape& shape) {
    Extents extents = shape.extents();
    extents.pop_back();
    return Shape(extents);
}

template <typename T>
void count_read(std::int64_t elements, std::uint64_t operations_each) {
    const auto n = static_cast<std::uint64_t>(elements);
    count_cost(n * operations_each, n * sizeof(T));
}

template <typename Result, typename T, typename Function>
BasicTensor<Result> reduce(const char* operation, const BasicTensor<T>& a, Function function) {
    const Rows rows = rows_of(operation, a.shape());
    BasicTensor<Result> result(without_last(a.shape()));
    for (std::int64_t r = 0; r < rows.count; ++r) result[r] = function(a.data() + r * rows.width, rows.width);
    count_read<T>(a.size(), 1);
    return result;
}

template <typename T>
T row_maximum(const T* row, std::int64_t width) {
    T maximum = row[0];
    // Written so that a NaN, once met, stays: it must not vanish in a maximum.
    for (std::int64_t i = 1; i < width; ++i) maximum = row[i] > maximum || row[i] != row[i] ? row[i] : maximum;
    return maximum;
}

template <typename T>
T row_sum(const T* row, std::int64_t width) {
    T total = 0;
    for (std::int64_t i = 0; i < width; ++i) total += row[i];
    return total;
}

/// out[i] = exp(in[i] - maximum).
template <typename T>
void exponentials(const T* in, T maximum, T* out, std::int64_t width) {
    const auto n = static_cast<std::size_t>(width);
    if constexpr (std::is_same_v<T, float>) {
        glassformer::exp(std::span(in, n), maximum, std::span(out, n));
    } else {
        for (std::size_t i = 0; i < n; ++i) out[i] = glassformer::exp(in[i] - maximum);
    }
}

}  // namespace

template <typename T>
BasicTensor<T> softmax(const BasicTensor<T>& a) {
    const Rows rows = rows_of("softmax", a.shape());
    BasicTensor<T> result(a.shape());
    for (std::int64_t r = 0; r < rows.count; ++r) {
        const T* in = a.data() + r * rows.width;
        T* out = result.data() + r * rows.width;
        // exp(x - max) / sum: the same quotient, and no exponential above 1, so nothing overflows.
        const T maximum = row_maximum(in, rows.width);
        exponentials(in, maximum, out, rows.width);
        const T total = row_sum(out, rows.width);
        for (std::int64_t i = 0; i < rows.width; ++i) out[i] /= total;
    }
    count_cost(static_cast<std::uint64_t>(a.size()) * 14, static_cast<std::uint64_t>(a.size()) * 2 * sizeof(T));
    return result;
}

template <typename T>
BasicTensor<T> masked_softmax(const BasicTensor<T>& a, const BoolTensor& keep) {
    const Rows rows = rows_of("masked_softmax", a.shape());
    if (broadcast_shape("masked_softmax", a.shape(), keep.shape()) != a.shape()) {
        throw Error(ErrorKind::shape,
                    {"masked_softmax 的掩码形状 " + keep.shape().to_string() + " 大于 " + a.shape().to_string() + "。",
                     "masked_softmax got a mask of shape " + keep.shape().to_string() + " for the smaller " +
                         a.shape().to_string() + "."});
    }
    // Left out before anything is computed: a score that is not kept cannot matter, be it NaN.
    const T left_out = -std::numeric_limits<T>::infinity();
    BasicTensor<T> result = where(keep, a, BasicTensor<T>(Shape{}, left_out));
    for (std::int64_t r = 0; r < rows.count; ++r) {
        T* row = result.data() + r * rows.width;
        const T maximum = row_maximum(row, rows.width);
        if (maximum == left_out) {
            std::fill_n(row, rows.width, T{0});
            continue;
        }
        exponentials(row, maximum, row, rows.width);
        const T total = row_sum(row, rows.width);
        for (std::int64_t i = 0; i < rows.width; ++i) row[i] /= total;
    }
    count_cost(static_cast<std::uint64_t>(a.size()) * 14, static_cast<std::uint64_t>(a.size()) * 2 * sizeof(T));
    return result;
}

template <typename T>
BasicTensor<T> log_softmax(const BasicTensor<T>& a) {
    const Rows rows = rows_of("log_softmax", a.shape());
    BasicTensor<T> result(a.shape());
    for (std::int64_t r = 0; r < rows.count; ++r) {
        const T* in = a.data() + r * rows.width;
        T* out = result.data() + r * rows.width;
        const T maximum = row_maximum(in, rows.width);
        exponentials(in, maximum, out, rows.width);
        const T total = row_sum(out, rows.width);
        const T log_total = glassformer::log(total);
        for (std::int64_t i = 0; i < rows.width; ++i) out[i] = in[i] - maximum - log_total;
    }
    count_cost(static_cast<std::uint64_t>(a.size()) * 14, static_cast<std::uint64_t>(a.size()) * 2 * sizeof(T));
    return result;
}

template <typename T>
BasicTensor<T> sum_rows(const BasicTensor<T>& a) {
    return reduce<T>("sum_rows", a, row_sum<T>);
}

template <typename T>
BasicTensor<T> mean_rows(const BasicTensor<T>& a) {
    return reduce<T>("mean_rows", a, [](const T* row, std::int64_t n) { return row_sum(row, n) / static_cast<T>(n); });
}

template <typename T>
BasicTensor<T> max_rows(const BasicTensor<T>& a) {
    return reduce<T>("max_rows", a, row_maximum<T>);
}

template <typename T>
IntTensor argmax_rows(const BasicTensor<T>& a) {
    return reduce<std::int32_t>("argmax_rows", a, [](const T* row, std::int64_t n) {
        std::int32_t best = 0;
        for (std::int32_t i = 1; i < n; ++i) best = row[i] > row[best] ? i : best;
        return best;
    });
}

template <typename T>
double sum(const BasicTensor<T>& a) {
    double total = 0.0;
    for (const T x : a.elements()) total += static_cast<double>(x);
    count_read<T>(a.size(), 1);
    return total;
}

template <typename T>
double mean(const BasicTensor<T>& a) {
    return a.size() == 0 ? std::numeric_limits<double>::quiet_NaN() : sum(a) / static_cast<double>(a.size());
}

template <typename T>
double variance(const BasicTensor<T>& a) {
    const double center = mean(a);
    double total = 0.0;
    for (const T x : a.elements()) {
        const double difference = static_cast<double>(x) - center;
        total += difference * difference;
    }
    count_read<T>(a.size(), 3);
    return a.size() == 0 ? center : total / static_cast<double>(a.size());
}

template <typename T>
double max_abs(const BasicTensor<T>& a) {
    double maximum = 0.0;
    for (const T x : a.elements()) {
        const double magnitude = std::abs(static_cast<double>(x));
        if (magnitude > maximum || magnitude != magnitude) maximum = magnitude;
    }
    return maximum;
}

template <typename T>
double max_abs_difference(const BasicTensor<T>& a, const BasicTensor<T>& b) {
    if (a.shape() != b.shape()) {
        throw Error(ErrorKind::shape, {"max_abs_difference 需要相同的形状，给了 " + a.shape().to_string() + " 和 " +
                                           b.shape().to_string() + "。",
                                       "max_abs_difference needs equal shapes; it got " + a.shape().to_string() +
                                           " and " + b.shape().to_string() + "."});
    }
    double maximum = 0.0;
    for (std::int64_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i]) continue;  // equal infinities differ by nothing
        const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        if (difference > maximum || difference != difference) maximum = difference;
    }
    return maximum;
}

#define GLASSFORMER_INSTANTIATE(T)                                                    \
    template BasicTensor<T> softmax(const BasicTensor<T>&);                           \
    template BasicTensor<T> log_softmax(const BasicTensor<T>&);                       \
    template BasicTensor<T> masked_softmax(const BasicTensor<T>&, const BoolTensor&); \
    template BasicTensor<T> sum_rows(const BasicTensor<T>&);                          \
    template BasicTensor<T> mean_rows(const BasicTensor<T>&);                         \
    template BasicTensor<T> max_rows(const BasicTensor<T>&);                          \
    template IntTensor argmax_rows(const BasicTensor<T>&);                            \
    template double sum(const BasicTensor<T>&);                                       \
    template double mean(const BasicTensor<T>&);                                      \
    template double variance(const BasicTensor<T>&);                                  \
    template double max_abs(const BasicTensor<T>&);                                   \
    template double max_abs_difference(const BasicTensor<T>&, const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
