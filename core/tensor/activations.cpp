#include <cmath>

#include "base/math.h"
#include "tensor/kernels.h"
#include "tensor/loops.h"

namespace glassformer {

template <typename T>
BasicTensor<T> relu(const BasicTensor<T>& a) {
    return map(a, 1, [](T x) { return x < T{0} ? T{0} : x; });
}

template <typename T>
BasicTensor<T> leaky_relu(const BasicTensor<T>& a, std::type_identity_t<T> slope) {
    return map(a, 1, [slope](T x) { return x < T{0} ? x * slope : x; });
}

template <typename T>
BasicTensor<T> elu(const BasicTensor<T>& a) {
    return map(a, 10, [](T x) { return x < T{0} ? static_cast<T>(expm1(static_cast<double>(x))) : x; });
}

template <typename T>
BasicTensor<T> sigmoid(const BasicTensor<T>& a) {
    return map(a, 12, [](T x) { return glassformer::sigmoid(x); });
}

template <typename T>
BasicTensor<T> silu(const BasicTensor<T>& a) {
    return map(a, 13, [](T x) { return x * glassformer::sigmoid(x); });
}

template <typename T>
BasicTensor<T> gelu(const BasicTensor<T>& a) {
    constexpr T root_half = static_cast<T>(0.70710678118654752440);
    return map(a, 25, [](T x) { return T(0.5) * x * (T{1} + glassformer::erf(x * root_half)); });
}

template <typename T>
BasicTensor<T> gelu_tanh(const BasicTensor<T>& a) {
    constexpr T root_two_over_pi = static_cast<T>(0.79788456080286535588);
    constexpr T cubic = static_cast<T>(0.044715);
    return map(a, 18,
               [](T x) { return T(0.5) * x * (T{1} + glassformer::tanh(root_two_over_pi * (x + cubic * x * x * x))); });
}

template <typename T>
BasicTensor<T> softplus(const BasicTensor<T>& a) {
    return map(a, 20, [](T x) { return glassformer::softplus(x); });
}

#define GLASSFORMER_INSTANTIATE(T)                                                      \
    template BasicTensor<T> relu(const BasicTensor<T>&);                                \
    template BasicTensor<T> leaky_relu(const BasicTensor<T>&, std::type_identity_t<T>); \
    template BasicTensor<T> elu(const BasicTensor<T>&);                                 \
    template BasicTensor<T> sigmoid(const BasicTensor<T>&);                             \
    template BasicTensor<T> silu(const BasicTensor<T>&);                                \
    template BasicTensor<T> gelu(const BasicTensor<T>&);                                \
    template BasicTensor<T> gelu_tanh(const BasicTensor<T>&);                           \
    template BasicTensor<T> softplus(const BasicTensor<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
