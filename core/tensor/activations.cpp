#include "tensor/kernels.h"
#include "tensor/loops.h"

namespace glassformer {

template <typename T>
BasicTensor<T> relu(const BasicTensor<T>& a) {
    return map(a, 1, [](auto x) {
        const decltype(x) zero = {};
        return x < zero ? zero : x;  // NaN stays NaN
    });
}

template <typename T>
BasicTensor<T> leaky_relu(const BasicTensor<T>& a, std::type_identity_t<T> slope) {
    return map(a, 1, [slope](auto x) { return x < decltype(x){} ? x * slope : x; });
}

template <typename T>
BasicTensor<T> elu(const BasicTensor<T>& a) {
    return map(a, 10, [](auto x) { return x < decltype(x){} ? expm1(x) : x; });
}

template <typename T>
BasicTensor<T> sigmoid(const BasicTensor<T>& a) {
    return map(a, 12, [](auto x) { return sigmoid(x); });
}

template <typename T>
BasicTensor<T> silu(const BasicTensor<T>& a) {
    return map(a, 13, [](auto x) { return x * sigmoid(x); });
}

template <typename T>
BasicTensor<T> gelu(const BasicTensor<T>& a) {
    return map(a, 25, [](auto x) { return x * normal_distribution(x).below; });
}

/// (1 + tanh(u)) / 2 = sigmoid(2u), which keeps its digits where tanh is near -1.
template <typename T>
BasicTensor<T> gelu_tanh(const BasicTensor<T>& a) {
    return map(a, 18, [](auto x) { return x * sigmoid(gelu_tanh_argument(x)); });
}

template <typename T>
BasicTensor<T> softplus(const BasicTensor<T>& a) {
    return map(a, 20, [](auto x) { return softplus(x); });
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
