#include "autograd/operations.h"

namespace glassformer {
namespace {

/// What was broadcast along leading axes gets the sum over them.
template <typename T>
BasicTensor<T> summed_to(const BasicTensor<T>& gradient, const Shape& shape) {
    if (gradient.shape() == shape) return gradient;
    BasicTensor<T> result(shape);
    const std::int64_t inner = shape.size();
    for (std::int64_t i = 0; i < gradient.size(); ++i) result[i % inner] += gradient[i];
    return result;
}

}  // namespace

template <typename T>
BasicVariable<T> add(const BasicVariable<T>& a, const BasicVariable<T>& b) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(add(a.value(), b.value()), {a, b}, [](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        if (left.requires_gradient) left.accumulate(node.gradient);
        if (right.requires_gradient) right.accumulate(summed_to(node.gradient, right.value.shape()));
    });
}

template <typename T>
BasicVariable<T> subtract(const BasicVariable<T>& a, const BasicVariable<T>& b) {
    return add(a, scale(b, T{-1}));
}

template <typename T>
BasicVariable<T> multiply(const BasicVariable<T>& a, const BasicVariable<T>& b) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(multiply(a.value(), b.value()), {a, b}, [](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        if (left.requires_gradient) left.accumulate(multiply(node.gradient, right.value));
        if (right.requires_gradient) {
            right.accumulate(summed_to(multiply(node.gradient, left.value), right.value.shape()));
        }
    });
}

template <typename T>
BasicVariable<T> scale(const BasicVariable<T>& a, std::type_identity_t<T> factor) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(scale(a.value(), factor), {a},
                            [factor](Node& node) { node.parents[0]->accumulate(scale(node.gradient, factor)); });
}

#define GLASSFORMER_INSTANTIATE(T)                                                        \
    template BasicVariable<T> add(const BasicVariable<T>&, const BasicVariable<T>&);      \
    template BasicVariable<T> subtract(const BasicVariable<T>&, const BasicVariable<T>&); \
    template BasicVariable<T> multiply(const BasicVariable<T>&, const BasicVariable<T>&); \
    template BasicVariable<T> scale(const BasicVariable<T>&, std::type_identity_t<T>);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
