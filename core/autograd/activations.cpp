#include "autograd/activations.h"

#include "autograd/elementwise.h"

namespace glassformer {

namespace {

template <typename Number>
const Number one = constant<Number>(1.0);

}  // namespace

template <typename T>
BasicVariable<T> tanh(const BasicVariable<T>& a) {
    return elementwise(a, tanh(a.value()), [](auto, auto y) { return one<decltype(y)> - y * y; });
}

template <typename T>
BasicVariable<T> relu(const BasicVariable<T>& a) {
    return elementwise(a, relu(a.value()),
                       [](auto, auto y) { return y > decltype(y){} ? one<decltype(y)> : decltype(y){}; });
}

template <typename T>
BasicVariable<T> leaky_relu(const BasicVariable<T>& a, std::type_identity_t<T> slope) {
    return elementwise(a, leaky_relu(a.value(), slope), [slope](auto x, auto) {
        return x > decltype(x){} ? one<decltype(x)> : constant<decltype(x)>(slope);
    });
}

template <typename T>
BasicVariable<T> elu(const BasicVariable<T>& a) {
    return elementwise(a, elu(a.value()),
                       [](auto x, auto y) { return x > decltype(x){} ? one<decltype(x)> : y + one<decltype(x)>; });
}

template <typename T>
BasicVariable<T> sigmoid(const BasicVariable<T>& a) {
    return elementwise(a, sigmoid(a.value()), [](auto, auto y) { return y * (one<decltype(y)> - y); });
}

template <typename T>
BasicVariable<T> silu(const BasicVariable<T>& a) {
    return elementwise(a, silu(a.value()), [](auto x, auto y) {
        const auto s = sigmoid(x);
        return s + y * (one<decltype(x)> - s);
    });
}

/// Phi(x) + x phi(x).
template <typename T>
BasicVariable<T> gelu(const BasicVariable<T>& a) {
    const auto both = [](auto x) {
        const auto normal = normal_distribution(x);
        return std::pair{x * normal.below, normal.below + x * normal.density};
    };
    return elementwise_at_once(a, 28, both, [](const BasicTensor<T>& x) { return gelu(x); });
}

/// s + x s (1 - s) u' for s = sigmoid(u).
template <typename T>
BasicVariable<T> gelu_tanh(const BasicVariable<T>& a) {
    return elementwise(a, gelu_tanh(a.value()), [](auto x, auto y) {
        const auto s = sigmoid(gelu_tanh_argument(x));
        return s + y * (one<decltype(x)> - s) * gelu_tanh_argument_derivative(x);
    });
}

template <typename T>
BasicVariable<T> softplus(const BasicVariable<T>& a) {
    return elementwise(a, softplus(a.value()), [](auto x, auto) { return sigmoid(x); });
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
