#include "autograd/activations.h"

#include "autograd/elementwise.h"
#include "base/math.h"

namespace glassformer {

template <typename T>
BasicVariable<T> tanh(const BasicVariable<T>& a) {
    return elementwise(a, tanh(a.value()), [](T, T y) { return T{1} - y * y; });
}

template <typename T>
BasicVariable<T> relu(const BasicVariable<T>& a) {
    return elementwise(a, relu(a.value()), [](T, T y) { return y > T{0} ? T{1} : T{0}; });
}

template <typename T>
BasicVariable<T> leaky_relu(const BasicVariable<T>& a, std::type_identity_t<T> slope) {
    return elementwise(a, leaky_relu(a.value(), slope), [slope](T x, T) { return x > T{0} ? T{1} : slope; });
}

template <typename T>
BasicVariable<T> elu(const BasicVariable<T>& a) {
    return elementwise(a, elu(a.value()), [](T x, T y) { return x > T{0} ? T{1} : y + T{1}; });
}

template <typename T>
BasicVariable<T> sigmoid(const BasicVariable<T>& a) {
    return elementwise(a, sigmoid(a.value()), [](T, T y) { return y * (T{1} - y); });
}

template <typename T>
BasicVariable<T> silu(const BasicVariable<T>& a) {
    return elementwise(a, silu(a.value()), [](T x, T y) {
        const T s = glassformer::sigmoid(x);
        return s + y * (T{1} - s);
    });
}

/// Phi(x) + x phi(x), with the normal distribution Phi and its density phi.
template <typename T>
BasicVariable<T> gelu(const BasicVariable<T>& a) {
    return elementwise(a, gelu(a.value()), [](T x, T) {
        constexpr T root_half = static_cast<T>(0.70710678118654752440);
        constexpr T density_at_0 = static_cast<T>(0.39894228040143267794);
        const T distribution = T(0.5) * (T{1} + glassformer::erf(x * root_half));
        return distribution + x * density_at_0 * glassformer::exp(T(-0.5) * x * x);
    });
}

template <typename T>
BasicVariable<T> gelu_tanh(const BasicVariable<T>& a) {
    return elementwise(a, gelu_tanh(a.value()), [](T x, T) {
        constexpr T root_two_over_pi = static_cast<T>(0.79788456080286535588);
        constexpr T cubic = static_cast<T>(0.044715);
        const T t = glassformer::tanh(root_two_over_pi * (x + cubic * x * x * x));
        const T inner = root_two_over_pi * (T{1} + T{3} * cubic * x * x);
        return T(0.5) * (T{1} + t) + T(0.5) * x * (T{1} - t * t) * inner;
    });
}

template <typename T>
BasicVariable<T> softplus(const BasicVariable<T>& a) {
    return elementwise(a, softplus(a.value()), [](T x, T) { return glassformer::sigmoid(x); });
}

#define GLASSFORMER_INSTANTIATE(T)                                                          \
    template BasicVariable<T> tanh(const BasicVariable<T>&);                                \
    template BasicVariable<T> relu(const BasicVariable<T>&);                                \
    template BasicVariable<T> leaky_relu(const BasicVariable<T>&, std::type_identity_t<T>); \
    template BasicVariable<T> elu(const BasicVariable<T>&);                                 \
    template BasicVariable<T> sigmoid(const BasicVariable<T>&);                             \
    template BasicVariable<T> silu(const BasicVariable<T>&);                                \
    template BasicVariable<T> gelu(const BasicVariable<T>&);                                \
    template BasicVariable<T> gelu_tanh(const BasicVariable<T>&);                           \
    template BasicVariable<T> softplus(const BasicVariable<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
