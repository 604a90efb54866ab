#include <cmath>
#include <limits>

#include "base/counters.h"
#include "base/error.h"
#include "base/math.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

bool is_suffix(const Shape& suffix, const Shape& whole) {
    const auto& a = whole.extents();
    const auto& b = suffix.extents();
    return b.size() <= a.size() && std::equal(b.begin(), b.end(), a.end() - static_cast<std::ptrdiff_t>(b.size()));
}

template <typename T>
void count_elements(std::int64_t elements, std::uint64_t operations_each, std::uint64_t tensors) {
    const auto n = static_cast<std::uint64_t>(elements);
    count_cost(n * operations_each, n * tensors * sizeof(T));
}

template <typename T, typename Function>
BasicTensor<T> combine(const char* operation, const BasicTensor<T>& a, const BasicTensor<T>& b, Function function) {
    if (!is_suffix(b.shape(), a.shape())) {
        const std::string shapes = a.shape().to_string() + ", " + b.shape().to_string();
        throw Error(
            ErrorKind::shape,
            {std::string(operation) + " 的形状 " + shapes + " 不匹配：要么相同，要么第二个是第一个末尾的几个轴。",
             std::string(operation) + " got " + shapes +
                 ": the shapes must be equal, or the second must be the last axes of the first."});
    }
    BasicTensor<T> result(a.shape());
    const std::int64_t inner = b.size();
    for (std::int64_t start = 0; start < a.size(); start += inner) {
        for (std::int64_t i = 0; i < inner; ++i) result[start + i] = function(a[start + i], b[i]);
    }
    count_elements<T>(a.size(), 1, 3);
    return result;
}

template <typename T, typename Function>
BasicTensor<T> map(const BasicTensor<T>& a, std::uint64_t operations_each, Function function) {
    BasicTensor<T> result(a.shape());
    for (std::int64_t i = 0; i < a.size(); ++i) result[i] = function(a[i]);
    count_elements<T>(a.size(), operations_each, 2);
    return result;
}

}  // namespace

template <typename T>
BasicTensor<T> add(const BasicTensor<T>& a, const BasicTensor<T>& b) {
    return combine("add", a, b, [](T x, T y) { return x + y; });
}

template <typename T>
BasicTensor<T> subtract(const BasicTensor<T>& a, const BasicTensor<T>& b) {
    return combine("subtract", a, b, [](T x, T y) { return x - y; });
}

template <typename T>
BasicTensor<T> multiply(const BasicTensor<T>& a, const BasicTensor<T>& b) {
    return combine("multiply", a, b, [](T x, T y) { return x * y; });
}

template <typename T>
BasicTensor<T> divide(const BasicTensor<T>& a, const BasicTensor<T>& b) {
    return combine("divide", a, b, [](T x, T y) { return x / y; });
}

template <typename T>
BasicTensor<T> scale(const BasicTensor<T>& a, std::type_identity_t<T> factor) {
    return map(a, 1, [factor](T x) { return x * factor; });
}

// An exponential or a logarithm is counted as ten operations: about the length of its polynomial.
template <typename T>
BasicTensor<T> exp(const BasicTensor<T>& a) {
    return map(a, 10, [](T x) { return glassformer::exp(x); });
}

template <typename T>
BasicTensor<T> log(const BasicTensor<T>& a) {
    return map(a, 10, [](T x) { return glassformer::log(x); });
}

template <typename T>
BasicTensor<T> tanh(const BasicTensor<T>& a) {
    return map(a, 10, [](T x) { return glassformer::tanh(x); });
}

#define GLASSFORMER_INSTANTIATE(T)                                                  \
    template BasicTensor<T> add(const BasicTensor<T>&, const BasicTensor<T>&);      \
    template BasicTensor<T> subtract(const BasicTensor<T>&, const BasicTensor<T>&); \
    template BasicTensor<T> multiply(const BasicTensor<T>&, const BasicTensor<T>&); \
    template BasicTensor<T> divide(const BasicTensor<T>&, const BasicTensor<T>&);   \
    template BasicTensor<T> scale(const BasicTensor<T>&, std::type_identity_t<T>);  \
    template BasicTensor<T> exp(const BasicTensor<T>&);                             \
    template BasicTensor<T> log(const BasicTensor<T>&);                             \
    template BasicTensor<T> tanh(const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
