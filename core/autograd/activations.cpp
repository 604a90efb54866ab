#include <algorithm>

#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

/// An elementwise function whose derivative is known from its result: d input = derivative(result) * d result.
template <typename T, typename Derivative>
BasicVariable<T> elementwise(const BasicVariable<T>& a, BasicTensor<T> result, Derivative derivative) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(std::move(result), {a}, [derivative](Node& node) {
        BasicTensor<T> delta(node.value.shape());
        for (std::int64_t i = 0; i < delta.size(); ++i) delta[i] = derivative(node.value[i]) * node.gradient[i];
        node.parents[0]->accumulate(delta);
    });
}

}  // namespace

template <typename T>
BasicVariable<T> exp(const BasicVariable<T>& a) {
    return elementwise(a, exp(a.value()), [](T y) { return y; });
}

template <typename T>
BasicVariable<T> tanh(const BasicVariable<T>& a) {
    return elementwise(a, tanh(a.value()), [](T y) { return T{1} - y * y; });
}

template <typename T>
BasicVariable<T> relu(const BasicVariable<T>& a) {
    BasicTensor<T> result = a.value();
    for (T& x : result.elements()) x = x < T{0} ? T{0} : x;  // NaN stays NaN
    return elementwise(a, std::move(result), [](T y) { return y > T{0} ? T{1} : T{0}; });
}

/// dx_j = p_j (dp_j - sum_k p_k dp_k): the Jacobian diag(p) - p p^T applied to each row.
template <typename T>
BasicVariable<T> softmax(const BasicVariable<T>& a) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(softmax(a.value()), {a}, [](Node& node) {
        const std::int64_t width = node.value.extent(-1);
        BasicTensor<T> delta(node.value.shape());
        for (std::int64_t start = 0; start < delta.size(); start += width) {
            T inner = 0;
            for (std::int64_t j = start; j < start + width; ++j) inner += node.value[j] * node.gradient[j];
            for (std::int64_t j = start; j < start + width; ++j) delta[j] = node.value[j] * (node.gradient[j] - inner);
        }
        node.parents[0]->accumulate(delta);
    });
}

/// dx_j = dy_j - p_j sum_k dy_k.
template <typename T>
BasicVariable<T> log_softmax(const BasicVariable<T>& a) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(log_softmax(a.value()), {a}, [](Node& node) {
        const std::int64_t width = node.value.extent(-1);
        BasicTensor<T> delta(node.value.shape());
        for (std::int64_t start = 0; start < delta.size(); start += width) {
            T total = 0;
            for (std::int64_t j = start; j < start + width; ++j) total += node.gradient[j];
            for (std::int64_t j = start; j < start + width; ++j) {
                delta[j] = node.gradient[j] - glassformer::exp(node.value[j]) * total;
            }
        }
        node.parents[0]->accumulate(delta);
    });
}

template <typename T>
BasicVariable<T> masked_fill(const BasicVariable<T>& a, const BoolTensor& keep, std::type_identity_t<T> fill) {
    using Node = typename BasicVariable<T>::Node;
    const auto& whole = a.shape().extents();
    const auto& part = keep.shape().extents();
    if (part.size() > whole.size() || !std::equal(part.rbegin(), part.rend(), whole.rbegin())) {
        throw Error(ErrorKind::shape,
                    {"掩码的形状 " + keep.shape().to_string() + " 不是 " + a.shape().to_string() + " 末尾的几个轴。",
                     "A mask of shape " + keep.shape().to_string() + " does not match the last axes of " +
                         a.shape().to_string() + "."});
    }
    BasicTensor<T> result = a.value();
    for (std::int64_t i = 0; i < result.size(); ++i) {
        if (keep[i % keep.size()] == 0) result[i] = fill;
    }
    return BasicVariable<T>(std::move(result), {a}, [keep](Node& node) {
        BasicTensor<T> delta = node.gradient;
        for (std::int64_t i = 0; i < delta.size(); ++i) {
            if (keep[i % keep.size()] == 0) delta[i] = T{0};
        }
        node.parents[0]->accumulate(delta);
    });
}

#define GLASSFORMER_INSTANTIATE(T)                                  \
    template BasicVariable<T> exp(const BasicVariable<T>&);         \
    template BasicVariable<T> tanh(const BasicVariable<T>&);        \
    template BasicVariable<T> relu(const BasicVariable<T>&);        \
    template BasicVariable<T> softmax(const BasicVariable<T>&);     \
    template BasicVariable<T> log_softmax(const BasicVariable<T>&); \
    template BasicVariable<T> masked_fill(const BasicVariable<T>&, const BoolTensor&, std::type_identity_t<T>);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
