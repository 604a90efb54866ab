#include "autograd/activations.h"
#include "base/error.h"
#include "tensor/loops.h"

namespace glassformer {
namespace {

/// [rows]: the sums of the rows of a in index order, as the forward pass adds.
template <typename T>
BasicTensor<T> sums_of_rows(const BasicTensor<T>& a) {
    const std::int64_t width = a.extent(-1);
    auto result = BasicTensor<T>::uninitialized({a.size() / width});
    sum_rows_in_order(a.data(), result.size(), width, result.data());
    return result;
}

/// dx_j = p_j (dp_j - sum_k p_k dp_k): the Jacobian diag(p) - p p^T applied to each row. Where p is 0, dx is 0: also in
/// rows that keep nothing.
template <typename T>
void softmax_backward(typename BasicVariable<T>::Node& node) {
    const std::int64_t width = node.value.extent(-1);
    BasicTensor<T> delta = multiply(node.value, node.gradient);
    const BasicTensor<T> inner = sums_of_rows(delta);
    for (std::int64_t r = 0; r < inner.size(); ++r) {
        const T* p = node.value.data() + r * width;
        const T* d = node.gradient.data() + r * width;
        T* out = delta.data() + r * width;
        const T mean = inner[r];
        for (std::int64_t j = 0; j < width; ++j) out[j] = p[j] * (d[j] - mean);
    }
    count_elements<T>(delta.size(), 3, 3);
    node.parents[0]->accumulate(std::move(delta));
}

}  // namespace

template <typename T>
BasicVariable<T> softmax(const BasicVariable<T>& a) {
    return BasicVariable<T>(softmax(a.value()), {a}, softmax_backward<T>);
}

template <typename T>
BasicVariable<T> masked_softmax(const BasicVariable<T>& a, const BoolTensor& keep) {
    return BasicVariable<T>(masked_softmax(a.value(), keep), {a}, softmax_backward<T>);
}

/// dx_j = dy_j - p_j sum_k dy_k.
template <typename T>
BasicVariable<T> log_softmax(const BasicVariable<T>& a) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(log_softmax(a.value()), {a}, [](Node& node) {
        const std::int64_t width = node.value.extent(-1);
        auto delta = BasicTensor<T>::uninitialized(node.value.shape());
        const BasicTensor<T> totals = sums_of_rows(node.gradient);
        for (std::int64_t r = 0; r < totals.size(); ++r) {
            const T* d = node.gradient.data() + r * width;
            T* out = delta.data() + r * width;
            const T total = totals[r];
            map_lanes(node.value.data() + r * width, out, width, [total](auto y) { return exp(y) * total; });
            for (std::int64_t j = 0; j < width; ++j) out[j] = d[j] - out[j];
        }
        count_elements<T>(delta.size(), 13, 3);
        node.parents[0]->accumulate(std::move(delta));
    });
}

template <typename T>
BasicVariable<T> masked_fill(const BasicVariable<T>& a, const BoolTensor& keep, std::type_identity_t<T> fill) {
    using Node = typename BasicVariable<T>::Node;
    if (broadcast_shape("masked_fill", a.shape(), keep.shape()) != a.shape()) {
        throw Error(ErrorKind::shape,
                    {"masked_fill 的掩码形状 " + keep.shape().to_string() + " 大于 " + a.shape().to_string() + "。",
                     "masked_fill got a mask of shape " + keep.shape().to_string() + " for the smaller " +
                         a.shape().to_string() + "."});
    }
    return BasicVariable<T>(where(keep, a.value(), BasicTensor<T>(Shape{}, fill)), {a}, [keep](Node& node) {
        node.parents[0]->accumulate(where(keep, node.gradient, BasicTensor<T>(Shape{})));
    });
}

BoolTensor dropout_mask(const Shape& shape, double p, Rng rng) {
    if (!(p >= 0.0 && p <= 1.0)) {
        const std::string given = std::to_string(p);
        throw Error(ErrorKind::out_of_range,
                    {"dropout 的概率 p 必须在 0 到 1 之间，给了 " + given + "。",
                     "dropout needs a probability p from 0 to 1; it got " + given + "."},
                    "p");
    }
    BoolTensor keep(shape);
    const auto threshold = static_cast<float>(p);
    for (std::uint8_t& element : keep.elements()) element = rng.uniform() < threshold ? 0 : 1;
    return keep;
}

template <typename T>
BasicVariable<T> dropout(const BasicVariable<T>& a, double p, const Rng& rng) {
    using Node = typename BasicVariable<T>::Node;
    BoolTensor keep = dropout_mask(a.shape(), p, rng);
    const T factor = p < 1.0 ? static_cast<T>(1.0 / (1.0 - p)) : T{0};
    const auto apply = [factor](const BasicTensor<T>& x, const BoolTensor& mask) {
        BasicTensor<T> result(x.shape());
        for (std::int64_t i = 0; i < x.size(); ++i) result[i] = mask[i] != 0 ? x[i] * factor : T{0};
        count_elements<T>(x.size(), 1, 2);
        return result;
    };
    BasicTensor<T> result = apply(a.value(), keep);
    return BasicVariable<T>(std::move(result), {a}, [keep = std::move(keep), apply](Node& node) {
        node.parents[0]->accumulate(apply(node.gradient, keep));
    });
}

#define GLASSFORMER_INSTANTIATE(T)                                                                              \
    template BasicVariable<T> softmax(const BasicVariable<T>&);                                                 \
    template BasicVariable<T> masked_softmax(const BasicVariable<T>&, const BoolTensor&);                       \
    template BasicVariable<T> log_softmax(const BasicVariable<T>&);                                             \
    template BasicVariable<T> masked_fill(const BasicVariable<T>&, const BoolTensor&, std::type_identity_t<T>); \
    template BasicVariable<T> dropout(const BasicVariable<T>&, double, const Rng&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
