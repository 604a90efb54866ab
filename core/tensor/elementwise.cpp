#include "base/error.h"
#include "base/math.h"
#include "tensor/kernels.h"
#include "tensor/loops.h"

namespace glassformer {
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
    return map(a, 1, [factor](auto x) { return x * factor; });
}

// An exponential or a logarithm is counted as ten operations: about the length of its polynomial.
template <typename T>
BasicTensor<T> exp(const BasicTensor<T>& a) {
    return map(a, 10, [](auto x) { return glassformer::exp(x); });
}

template <typename T>
BasicTensor<T> log(const BasicTensor<T>& a) {
    return map(a, 10, [](auto x) { return glassformer::log(x); });
}

template <typename T>
BasicTensor<T> tanh(const BasicTensor<T>& a) {
    return map(a, 10, [](auto x) { return glassformer::tanh(x); });
}

template <typename T>
BasicTensor<T> sin(const BasicTensor<T>& a) {
    return map(a, 10, [](auto x) { return glassformer::sin(x); });
}

template <typename T>
BasicTensor<T> cos(const BasicTensor<T>& a) {
    return map(a, 10, [](auto x) { return glassformer::cos(x); });
}

template <typename T>
BasicTensor<T> square(const BasicTensor<T>& a) {
    return map(a, 1, [](auto x) { return x * x; });
}

template <typename T>
BasicTensor<T> sqrt(const BasicTensor<T>& a) {
    return map(a, 1, [](auto x) { return glassformer::sqrt(x); });
}

template <typename T>
BasicTensor<T> abs(const BasicTensor<T>& a) {
    return map(a, 1, [](auto x) { return glassformer::abs(x); });
}

template <typename T>
BasicTensor<T> add_scalar(const BasicTensor<T>& a, std::type_identity_t<T> value) {
    return map(a, 1, [value](auto x) { return x + value; });
}

template <typename T>
BasicTensor<T> clip(const BasicTensor<T>& a, std::type_identity_t<T> low, std::type_identity_t<T> high) {
    if (!(low <= high)) {
        const std::string bounds = std::to_string(low) + ", " + std::to_string(high);
        throw Error(ErrorKind::out_of_range, {"clip 的下界必须不大于上界，给了 " + bounds + "。",
                                              "clip needs low <= high; it got " + bounds + "."});
    }
    return map(a, 2, [low, high](auto x) {
        const auto bottom = constant<decltype(x)>(low);
        const auto top = constant<decltype(x)>(high);
        return x < bottom ? bottom : x > top ? top : x;
    });
}

template <typename T>
BasicTensor<T> where(const BoolTensor& condition, const BasicTensor<T>& a, const BasicTensor<T>& b) {
    const Shape values = broadcast_shape("where", a.shape(), b.shape());
    const Shape shape = broadcast_shape("where", condition.shape(), values);
    const BasicTensor<T> x = broadcast_to(a, shape);
    const BasicTensor<T> y = broadcast_to(b, shape);
    auto result = BasicTensor<T>::uninitialized(shape);
    const BroadcastLoops loops(shape, condition.shape(), shape);
    const std::int64_t run = loops.extents.back();
    const std::int64_t step = loops.step_a.back();
    loops.for_each_run([&](std::int64_t to, std::int64_t from, std::int64_t) {
        for (std::int64_t i = 0; i < run; ++i) result[to + i] = condition[from + i * step] != 0 ? x[to + i] : y[to + i];
    });
    count_elements<T>(result.size(), 0, 3);
    return result;
}

#define GLASSFORMER_INSTANTIATE(T)                                                                         \
    template BasicTensor<T> add(const BasicTensor<T>&, const BasicTensor<T>&);                             \
    template BasicTensor<T> subtract(const BasicTensor<T>&, const BasicTensor<T>&);                        \
    template BasicTensor<T> multiply(const BasicTensor<T>&, const BasicTensor<T>&);                        \
    template BasicTensor<T> divide(const BasicTensor<T>&, const BasicTensor<T>&);                          \
    template BasicTensor<T> scale(const BasicTensor<T>&, std::type_identity_t<T>);                         \
    template BasicTensor<T> exp(const BasicTensor<T>&);                                                    \
    template BasicTensor<T> log(const BasicTensor<T>&);                                                    \
    template BasicTensor<T> tanh(const BasicTensor<T>&);                                                   \
    template BasicTensor<T> sin(const BasicTensor<T>&);                                                    \
    template BasicTensor<T> cos(const BasicTensor<T>&);                                                    \
    template BasicTensor<T> square(const BasicTensor<T>&);                                                 \
    template BasicTensor<T> sqrt(const BasicTensor<T>&);                                                   \
    template BasicTensor<T> abs(const BasicTensor<T>&);                                                    \
    template BasicTensor<T> add_scalar(const BasicTensor<T>&, std::type_identity_t<T>);                    \
    template BasicTensor<T> clip(const BasicTensor<T>&, std::type_identity_t<T>, std::type_identity_t<T>); \
    template BasicTensor<T> where(const BoolTensor&, const BasicTensor<T>&, const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
