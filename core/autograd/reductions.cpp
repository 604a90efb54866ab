#include "autograd/reductions.h"

#include "autograd/arithmetic.h"
#include "autograd/layout.h"
#include "base/error.h"
#include "base/math.h"
#include "tensor/axes.h"
#include "tensor/loops.h"

namespace glassformer {
namespace {

/// The result of a reduction with its axis at extent 1, so that it broadcasts against what was reduced.
template <typename T>
BasicTensor<T> with_axis_kept(const BasicTensor<T>& result, const Shape& reduced_from, std::int64_t axis) {
    return result.reshaped(with_extent(reduced_from, axis_view("reduction", reduced_from, axis).axis, 1));
}

/// d input = d result * factor(input element, result element), the result broadcast along the axis.
template <typename T, typename Factor>
void spread(typename BasicVariable<T>::Node& node, std::int64_t axis, Factor factor) {
    auto& parent = *node.parents[0];
    const AxisView view = axis_view("reduction", parent.value.shape(), axis);
    BasicTensor<T> delta(parent.value.shape());
    for (std::int64_t o = 0; o < view.outer; ++o) {
        for (std::int64_t i = 0; i < view.extent; ++i) {
            const std::int64_t at = (o * view.extent + i) * view.inner;
            for (std::int64_t n = 0; n < view.inner; ++n) {
                const std::int64_t r = o * view.inner + n;
                delta[at + n] = node.gradient[r] * factor(parent.value[at + n], node.value[r]);
            }
        }
    }
    count_elements<T>(delta.size(), 2, 3);
    parent.accumulate(std::move(delta));
}

}  // namespace

template <typename T>
BasicVariable<T> sum(const BasicVariable<T>& a) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(BasicTensor<T>(Shape{}, static_cast<T>(sum(a.value()))), {a}, [](Node& node) {
        node.parents[0]->accumulate(BasicTensor<T>(node.parents[0]->value.shape(), node.gradient[0]));
    });
}

template <typename T>
BasicVariable<T> mean(const BasicVariable<T>& a) {
    require_elements("mean", a.shape());
    return scale(sum(a), T{1} / static_cast<T>(a.value().size()));
}

template <typename T>
BasicVariable<T> sum(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(sum(a.value(), axis, keep), {a},
                            [axis](Node& node) { spread<T>(node, axis, [](T, T) { return T{1}; }); });
}

template <typename T>
BasicVariable<T> mean(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(mean(a.value(), axis, keep), {a}, [axis](Node& node) {
        const T share = T{1} / static_cast<T>(node.parents[0]->value.extent(axis));
        spread<T>(node, axis, [share](T, T) { return share; });
    });
}

/// d variance / dx = 2 (x - mean) / (n - correction).
template <typename T>
BasicVariable<T> variance(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep, int correction) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(variance(a.value(), axis, keep, correction), {a}, [axis, correction](Node& node) {
        Node& parent = *node.parents[0];
        const T factor = T{2} / static_cast<T>(parent.value.extent(axis) - correction);
        const BasicTensor<T> centered = subtract(parent.value, mean(parent.value, axis, KeepAxis::yes));
        const BasicTensor<T> d = with_axis_kept(node.gradient, parent.value.shape(), axis);
        parent.accumulate(multiply(centered, scale(d, factor)));
    });
}

template <typename T>
BasicVariable<T> maximum(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(maximum(a.value(), axis, keep), {a}, [axis](Node& node) {
        Node& parent = *node.parents[0];
        const IntTensor best = argmax(parent.value, axis, KeepAxis::yes);
        parent.accumulate(scatter_add(BasicTensor<T>(parent.value.shape()), axis, best,
                                      with_axis_kept(node.gradient, parent.value.shape(), axis)));
    });
}

/// d ln sum exp / dx_i = exp(x_i - ln sum exp): softmax.
template <typename T>
BasicVariable<T> logsumexp(const BasicVariable<T>& a, std::int64_t axis, KeepAxis keep) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(logsumexp(a.value(), axis, keep), {a}, [axis](Node& node) {
        spread<T>(node, axis, [](T x, T y) { return glassformer::exp(x - y); });
    });
}

/// Element i is in every sum from i on: the gradient is the cumulative sum from the other end.
template <typename T>
BasicVariable<T> cumulative_sum(const BasicVariable<T>& a, std::int64_t axis) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(cumulative_sum(a.value(), axis), {a}, [axis](Node& node) {
        const AxisView view = axis_view("cumulative_sum", node.value.shape(), axis);
        BasicTensor<T> delta = node.gradient;
        for (std::int64_t o = 0; o < view.outer; ++o) {
            T* row = delta.data() + o * view.extent * view.inner;
            for (std::int64_t i = (view.extent - 1) * view.inner; i-- > 0;) row[i] += row[i + view.inner];
        }
        node.parents[0]->accumulate(std::move(delta));
    });
}

#define GLASSFORMER_INSTANTIATE(T)                                                            \
    template BasicVariable<T> sum(const BasicVariable<T>&);                                   \
    template BasicVariable<T> mean(const BasicVariable<T>&);                                  \
    template BasicVariable<T> sum(const BasicVariable<T>&, std::int64_t, KeepAxis);           \
    template BasicVariable<T> mean(const BasicVariable<T>&, std::int64_t, KeepAxis);          \
    template BasicVariable<T> variance(const BasicVariable<T>&, std::int64_t, KeepAxis, int); \
    template BasicVariable<T> maximum(const BasicVariable<T>&, std::int64_t, KeepAxis);       \
    template BasicVariable<T> logsumexp(const BasicVariable<T>&, std::int64_t, KeepAxis);     \
    template BasicVariable<T> cumulative_sum(const BasicVariable<T>&, std::int64_t);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
