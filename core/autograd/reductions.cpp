#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {

template <typename T>
BasicVariable<T> sum(const BasicVariable<T>& a) {
    using Node = typename BasicVariable<T>::Node;
    const BasicTensor<T> total(Shape{}, static_cast<T>(sum(a.value())));
    return BasicVariable<T>(total, {a}, [](Node& node) {
        node.parents[0]->accumulate(BasicTensor<T>(node.parents[0]->value.shape(), node.gradient[0]));
    });
}

template <typename T>
BasicVariable<T> mean(const BasicVariable<T>& a) {
    return scale(sum(a), T{1} / static_cast<T>(a.value().size()));
}

template <typename T>
BasicVariable<T> pick(const BasicVariable<T>& a, const IntTensor& columns) {
    using Node = typename BasicVariable<T>::Node;
    if (a.shape().rank() != 2 || columns.size() != a.value().extent(0)) {
        throw Error(ErrorKind::shape, {"pick 需要 [行, 列] 和每行一个下标，给了 " + a.shape().to_string() + " 和 " +
                                           columns.shape().to_string() + "。",
                                       "pick needs [rows, columns] and one index per row; it got " +
                                           a.shape().to_string() + " and " + columns.shape().to_string() + "."});
    }
    const std::int64_t width = a.value().extent(1);
    BasicTensor<T> result({columns.size()});
    for (std::int64_t r = 0; r < columns.size(); ++r) {
        if (columns[r] < 0 || columns[r] >= width) {
            throw Error(ErrorKind::shape,
                        {"目标 " + std::to_string(columns[r]) + " 不在 0 到 " + std::to_string(width - 1) + " 之间。",
                         "The target " + std::to_string(columns[r]) + " is not within 0 to " +
                             std::to_string(width - 1) + "."});
        }
        result[r] = a.value()(r, columns[r]);
    }
    return BasicVariable<T>(std::move(result), {a}, [columns, width](Node& node) {
        BasicTensor<T> delta(node.parents[0]->value.shape());
        for (std::int64_t r = 0; r < columns.size(); ++r) delta[r * width + columns[r]] = node.gradient[r];
        node.parents[0]->accumulate(delta);
    });
}

#define GLASSFORMER_INSTANTIATE(T)                           \
    template BasicVariable<T> sum(const BasicVariable<T>&);  \
    template BasicVariable<T> mean(const BasicVariable<T>&); \
    template BasicVariable<T> pick(const BasicVariable<T>&, const IntTensor&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
