#include "autograd/indexing.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "autograd/layout.h"
#include "base/error.h"
#include "tensor/axes.h"

namespace glassformer {
namespace {

template <typename T>
PooledVector<const BasicTensor<T>*> values_of(const BasicVariable<T>* parts, std::size_t count) {
    PooledVector<const BasicTensor<T>*> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = &parts[i].value();
    return values;
}

/// `parts` is an initializer list or a vector of variables.
template <typename T, typename Parts>
BasicVariable<T> concat_any(const Parts& parts, std::int64_t axis) {
    using Node = typename BasicVariable<T>::Node;
    const auto values = values_of(std::data(parts), parts.size());
    return BasicVariable<T>(concat<T>(std::span(values), axis), parts, [axis](Node& node) {
        std::int64_t begin = 0;
        for (const auto& parent : node.parents) {
            const std::int64_t end = begin + parent->value.extent(axis);
            if (parent->requires_gradient) parent->accumulate(slice(node.gradient, axis, begin, end));
            begin = end;
        }
    });
}

template <typename T, typename Parts>
BasicVariable<T> stack_any(const Parts& parts, std::int64_t axis) {
    using Node = typename BasicVariable<T>::Node;
    const auto values = values_of(std::data(parts), parts.size());
    return BasicVariable<T>(stack<T>(std::span(values), axis), parts, [axis](Node& node) {
        std::int64_t i = 0;
        for (const auto& parent : node.parents) {
            if (parent->requires_gradient) {
                parent->accumulate(slice(node.gradient, axis, i, i + 1).reshaped(parent->value.shape()));
            }
            ++i;
        }
    });
}

}  // namespace

template <typename T>
BasicVariable<T> pick(const BasicVariable<T>& a, const IntTensor& columns) {
    if (a.shape().rank() != 2 || columns.shape().rank() != 1 || columns.size() != a.value().extent(0)) {
        throw Error(ErrorKind::shape, {"pick 需要 [行, 列] 和每行一个下标，给了 " + a.shape().to_string() + " 和 " +
                                           columns.shape().to_string() + "。",
                                       "pick needs [rows, columns] and one index per row; it got " +
                                           a.shape().to_string() + " and " + columns.shape().to_string() + "."});
    }
    return reshape(take_along_axis(a, 1, columns.reshaped({columns.size(), 1})), {columns.size()});
}

template <typename T>
BasicVariable<T> gather_rows(const BasicVariable<T>& table, const IntTensor& indices) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(gather_rows(table.value(), indices), {table}, [indices](Node& node) {
        BasicTensor<T> delta(node.parents[0]->value.shape());
        const std::int64_t width = delta.extent(1);
        for (std::int64_t i = 0; i < indices.size(); ++i) {
            T* to = delta.data() + indices[i] * width;
            const T* from = node.gradient.data() + i * width;
            for (std::int64_t c = 0; c < width; ++c) to[c] += from[c];
        }
        node.parents[0]->accumulate(std::move(delta));
    });
}

template <typename T>
BasicVariable<T> index_select(const BasicVariable<T>& a, std::int64_t axis, const IntTensor& indices) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(index_select(a.value(), axis, indices), {a}, [axis, indices](Node& node) {
        BasicTensor<T> delta(node.parents[0]->value.shape());
        const AxisView view = axis_view("index_select", delta.shape(), axis);
        const T* from = node.gradient.data();
        for (std::int64_t o = 0; o < view.outer; ++o) {
            for (const std::int32_t index : indices.elements()) {
                T* to = delta.data() + (o * view.extent + index) * view.inner;
                for (std::int64_t n = 0; n < view.inner; ++n) to[n] += *from++;
            }
        }
        node.parents[0]->accumulate(std::move(delta));
    });
}

template <typename T>
BasicVariable<T> take_along_axis(const BasicVariable<T>& a, std::int64_t axis, const IntTensor& indices) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(take_along_axis(a.value(), axis, indices), {a}, [axis, indices](Node& node) {
        node.parents[0]->accumulate(
            scatter_add(BasicTensor<T>(node.parents[0]->value.shape()), axis, indices, node.gradient));
    });
}

template <typename T>
BasicVariable<T> scatter_add(const BasicVariable<T>& a, std::int64_t axis, const IntTensor& indices,
                             const BasicVariable<T>& source) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(scatter_add(a.value(), axis, indices, source.value()), {a, source},
                            [axis, indices](Node& node) {
                                if (node.parents[0]->requires_gradient) node.parents[0]->accumulate(node.gradient);
                                if (node.parents[1]->requires_gradient) {
                                    node.parents[1]->accumulate(take_along_axis(node.gradient, axis, indices));
                                }
                            });
}

template <typename T>
BasicVariable<T> slice(const BasicVariable<T>& a, std::int64_t axis, std::int64_t begin, std::int64_t end,
                       std::int64_t step) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(slice(a.value(), axis, begin, end, step), {a}, [axis, begin, step](Node& node) {
        BasicTensor<T> delta(node.parents[0]->value.shape());
        const AxisView view = axis_view("slice", delta.shape(), axis);
        const std::int64_t first = begin < 0 ? begin + view.extent : begin;
        const std::int64_t count = node.value.extent(axis);
        const T* from = node.gradient.data();
        for (std::int64_t o = 0; o < view.outer; ++o) {
            for (std::int64_t i = 0; i < count; ++i, from += view.inner) {
                std::copy_n(from, view.inner, delta.data() + (o * view.extent + first + i * step) * view.inner);
            }
        }
        node.parents[0]->accumulate(std::move(delta));
    });
}

template <typename T>
BasicVariable<T> concat(std::initializer_list<BasicVariable<T>> parts, std::int64_t axis) {
    return concat_any<T>(parts, axis);
}

template <typename T>
BasicVariable<T> concat(const std::vector<BasicVariable<T>>& parts, std::int64_t axis) {
    return concat_any<T>(parts, axis);
}

template <typename T>
BasicVariable<T> stack(std::initializer_list<BasicVariable<T>> parts, std::int64_t axis) {
    return stack_any<T>(parts, axis);
}

template <typename T>
BasicVariable<T> stack(const std::vector<BasicVariable<T>>& parts, std::int64_t axis) {
    return stack_any<T>(parts, axis);
}

template <typename T>
BasicVariable<T> pad(const BasicVariable<T>& a, std::int64_t axis, std::int64_t before, std::int64_t after,
                     std::type_identity_t<T> value) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(pad(a.value(), axis, before, after, value), {a}, [axis, before](Node& node) {
        Node& parent = *node.parents[0];
        parent.accumulate(slice(node.gradient, axis, before, before + parent.value.extent(axis)));
    });
}

template <typename T>
BasicVariable<T> roll(const BasicVariable<T>& a, std::int64_t axis, std::int64_t shift) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(roll(a.value(), axis, shift), {a}, [axis, shift](Node& node) {
        // Less than once round: the smallest number has no opposite.
        const std::int64_t extent = std::max<std::int64_t>(node.gradient.extent(axis), 1);
        node.parents[0]->accumulate(roll(node.gradient, axis, -(shift % extent)));
    });
}

#define GLASSFORMER_INSTANTIATE(T)                                                                                    \
    template BasicVariable<T> pick(const BasicVariable<T>&, const IntTensor&);                                        \
    template BasicVariable<T> gather_rows(const BasicVariable<T>&, const IntTensor&);                                 \
    template BasicVariable<T> index_select(const BasicVariable<T>&, std::int64_t, const IntTensor&);                  \
    template BasicVariable<T> take_along_axis(const BasicVariable<T>&, std::int64_t, const IntTensor&);               \
    template BasicVariable<T> scatter_add(const BasicVariable<T>&, std::int64_t, const IntTensor&,                    \
                                          const BasicVariable<T>&);                                                   \
    template BasicVariable<T> slice(const BasicVariable<T>&, std::int64_t, std::int64_t, std::int64_t, std::int64_t); \
    template BasicVariable<T> concat(std::initializer_list<BasicVariable<T>>, std::int64_t);                          \
    template BasicVariable<T> concat(const std::vector<BasicVariable<T>>&, std::int64_t);                             \
    template BasicVariable<T> stack(std::initializer_list<BasicVariable<T>>, std::int64_t);                           \
    template BasicVariable<T> stack(const std::vector<BasicVariable<T>>&, std::int64_t);                              \
    template BasicVariable<T> pad(const BasicVariable<T>&, std::int64_t, std::int64_t, std::int64_t,                  \
                                  std::type_identity_t<T>);                                                           \
    template BasicVariable<T> roll(const BasicVariable<T>&, std::int64_t, std::int64_t);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
