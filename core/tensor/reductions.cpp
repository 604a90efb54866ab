#include <cmath>
#include <limits>
#include <type_traits>

#include "base/counters.h"
#include "base/error.h"
#include "base/lane_math.h"
#include "tensor/axes.h"
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
BasicTensor<T> row_sums(const char* operation, const BasicTensor<T>& a) {
    const Rows rows = rows_of(operation, a.shape());
    BasicTensor<T> result(without_last(a.shape()));
    sum_rows_in_order(a.data(), rows.count, rows.width, result.data());
    count_read<T>(a.size(), 1);
    return result;
}

}  // namespace

template <typename T>
BasicTensor<T> sum_rows(const BasicTensor<T>& a) {
    return row_sums("sum_rows", a);
}

template <typename T>
BasicTensor<T> mean_rows(const BasicTensor<T>& a) {
    BasicTensor<T> result = row_sums("mean_rows", a);
    for (T& x : result.elements()) x /= static_cast<T>(a.extent(-1));
    return result;
}

template <typename T>
BasicTensor<T> max_rows(const BasicTensor<T>& a) {
    return reduce<T>("max_rows", a, maximum_of<T>);
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
    require_elements("mean", a.shape());
    return sum(a) / static_cast<double>(a.size());
}

template <typename T>
double variance(const BasicTensor<T>& a) {
    require_elements("variance", a.shape());
    const double center = mean(a);
    double total = 0.0;
    for (const T x : a.elements()) {
        const double difference = static_cast<double>(x) - center;
        total += difference * difference;
    }
    count_read<T>(a.size(), 3);
    return total / static_cast<double>(a.size());
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

#define GLASSFORMER_INSTANTIATE(T)                            \
    template BasicTensor<T> sum_rows(const BasicTensor<T>&);  \
    template BasicTensor<T> mean_rows(const BasicTensor<T>&); \
    template BasicTensor<T> max_rows(const BasicTensor<T>&);  \
    template IntTensor argmax_rows(const BasicTensor<T>&);    \
    template double sum(const BasicTensor<T>&);               \
    template double mean(const BasicTensor<T>&);              \
    template double variance(const BasicTensor<T>&);          \
    template double max_abs(const BasicTensor<T>&);           \
    template double max_abs_difference(const BasicTensor<T>&, const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
