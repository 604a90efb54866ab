#include "autograd/layout.h"

#include <utility>

#include "tensor/broadcast.h"

namespace glassformer {

template <typename T>
BasicVariable<T> reshape(const BasicVariable<T>& a, Shape shape) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(a.value().reshaped(std::move(shape)), {a}, [](Node& node) {
        node.parents[0]->accumulate(node.gradient.reshaped(node.parents[0]->value.shape()));
    });
}

template <typename T>
BasicVariable<T> permute(const BasicVariable<T>& a, const AxisOrder& order) {
    using Node = typename BasicVariable<T>::Node;
    BasicTensor<T> result = permute(a.value(), order);
    AxisOrder inverse(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) inverse[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    return BasicVariable<T>(std::move(result), {a},
                            [inverse](Node& node) { node.parents[0]->accumulate(permute(node.gradient, inverse)); });
}

template <typename T>
BasicVariable<T> transpose(const BasicVariable<T>& a) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(transpose(a.value()), {a},
                            [](Node& node) { node.parents[0]->accumulate(transpose(node.gradient)); });
}

template <typename T>
BasicVariable<T> broadcast_to(const BasicVariable<T>& a, const Shape& shape) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(broadcast_to(a.value(), shape), {a}, [](Node& node) {
        node.parents[0]->accumulate(sum_to(node.gradient, node.parents[0]->value.shape()));
    });
}

#define GLASSFORMER_INSTANTIATE(T)                                                \
    template BasicVariable<T> reshape(const BasicVariable<T>&, Shape);            \
    template BasicVariable<T> permute(const BasicVariable<T>&, const AxisOrder&); \
    template BasicVariable<T> transpose(const BasicVariable<T>&);                 \
    template BasicVariable<T> broadcast_to(const BasicVariable<T>&, const Shape&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
