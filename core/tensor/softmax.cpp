#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/lane_math.h"
#include "tensor/kernels.h"
#include "tensor/loops.h"

namespace glassformer {
namespace {

// So many rows are worked on together: their sums run side by side.
constexpr std::int64_t block = 4;

void check_last_axis(const char* operation, const Shape& shape) {
    if (shape.rank() > 0 && shape[-1] > 0) return;
    throw Error(ErrorKind::shape,
                {std::string(operation) + " 沿最后一个轴计算，需要它存在且不为空，给了 " + shape.to_string() + "。",
                 std::string(operation) + " works along the last axis, which must be there and not be empty; it got " +
                     shape.to_string() + "."});
}

template <typename T>
void count_softmax(std::int64_t elements) {
    count_elements<T>(elements, 14, 2);
}

/// in and out may be the same. finish(row in, row out, maximum, sum) ends a row whose out holds exp(in - maximum): the
/// same quotient as without the maximum, and no exponential above 1, so that nothing overflows.
template <typename T, typename Finish>
void for_each_row(const T* in, T* out, std::int64_t size, std::int64_t width, Finish finish) {
    for (std::int64_t start = 0; start < size; start += block * width) {
        const std::int64_t rows = std::min(block, (size - start) / width);
        T maximum[block];
        T total[block];
        for (std::int64_t r = 0; r < rows; ++r) {
            const T top = maximum_of(in + start + r * width, width);
            maximum[r] = top;
            map_lanes(in + start + r * width, out + start + r * width, width, [top](auto x) { return exp(x - top); });
        }
        sum_rows_in_order(out + start, rows, width, total);
        for (std::int64_t r = 0; r < rows; ++r) {
            finish(in + start + r * width, out + start + r * width, maximum[r], total[r]);
        }
    }
}

}  // namespace

template <typename T>
BasicTensor<T> softmax(const BasicTensor<T>& a) {
    check_last_axis("softmax", a.shape());
    const std::int64_t width = a.extent(-1);
    auto result = BasicTensor<T>::uninitialized(a.shape());
    for_each_row(a.data(), result.data(), a.size(), width, [width](const T*, T* out, T, T total) {
        for (std::int64_t i = 0; i < width; ++i) out[i] /= total;
    });
    count_softmax<T>(a.size());
    return result;
}

template <typename T>
BasicTensor<T> masked_softmax(const BasicTensor<T>& a, const BoolTensor& keep) {
    check_last_axis("masked_softmax", a.shape());
    if (broadcast_shape("masked_softmax", a.shape(), keep.shape()) != a.shape()) {
        throw Error(ErrorKind::shape,
                    {"masked_softmax 的掩码形状 " + keep.shape().to_string() + " 大于 " + a.shape().to_string() + "。",
                     "masked_softmax got a mask of shape " + keep.shape().to_string() + " for the smaller " +
                         a.shape().to_string() + "."});
    }
    const std::int64_t width = a.extent(-1);
    // Left out before anything is computed: a score that is not kept cannot matter, be it NaN.
    const T left_out = -std::numeric_limits<T>::infinity();
    BasicTensor<T> result = where(keep, a, BasicTensor<T>(Shape{}, left_out));
    for_each_row(result.data(), result.data(), a.size(), width,
                 [width, left_out](const T*, T* out, T maximum, T total) {
                     if (maximum == left_out) {
                         std::fill_n(out, width, T{0});
                         return;
                     }
                     for (std::int64_t i = 0; i < width; ++i) out[i] /= total;
                 });
    count_softmax<T>(a.size());
    return result;
}

template <typename T>
BasicTensor<T> log_softmax(const BasicTensor<T>& a) {
    check_last_axis("log_softmax", a.shape());
    const std::int64_t width = a.extent(-1);
    auto result = BasicTensor<T>::uninitialized(a.shape());
    for_each_row(a.data(), result.data(), a.size(), width, [width](const T* in, T* out, T maximum, T total) {
        const T log_total = glassformer::log(total);
        for (std::int64_t i = 0; i < width; ++i) out[i] = in[i] - maximum - log_total;
    });
    count_softmax<T>(a.size());
    return result;
}

#define GLASSFORMER_INSTANTIATE(T)                                                    \
    template BasicTensor<T> softmax(const BasicTensor<T>&);                           \
    template BasicTensor<T> masked_softmax(const BasicTensor<T>&, const BoolTensor&); \
    template BasicTensor<T> log_softmax(const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
