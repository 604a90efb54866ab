#include "autograd/arithmetic.h"

#include "autograd/elementwise.h"

namespace glassformer {

template <typename T>
BasicVariable<T> add(const BasicVariable<T>& a, const BasicVariable<T>& b) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(add(a.value(), b.value()), {a, b}, [](Node& node) {
        for (const auto& parent : node.parents) {
            if (parent->value.shape() == node.gradient.shape()) {
                parent->accumulate(node.gradient);
            } else if (parent->requires_gradient) {
                parent->accumulate(sum_to(node.gradient, parent->value.shape()));
            }
        }
    });
}

template <typename T>
BasicVariable<T> subtract(const BasicVariable<T>& a, const BasicVariable<T>& b) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(subtract(a.value(), b.value()), {a, b}, [](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        if (left.requires_gradient) left.accumulate(sum_to(node.gradient, left.value.shape()));
        if (right.requires_gradient) right.accumulate(sum_to(scale(node.gradient, T{-1}), right.value.shape()));
    });
}

template <typename T>
BasicVariable<T> multiply(const BasicVariable<T>& a, const BasicVariable<T>& b) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(multiply(a.value(), b.value()), {a, b}, [](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        if (left.requires_gradient) {
            left.accumulate(sum_to(multiply(node.gradient, right.value), left.value.shape()));
        }
        if (right.requires_gradient) {
            right.accumulate(sum_to(multiply(node.gradient, left.value), right.value.shape()));
        }
    });
}

/// d(a/b) = da / b - (a/b) / b db.
template <typename T>
BasicVariable<T> divide(const BasicVariable<T>& a, const BasicVariable<T>& b) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(divide(a.value(), b.value()), {a, b}, [](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        const BasicTensor<T> over = divide(node.gradient, right.value);
        if (left.requires_gradient) left.accumulate(sum_to(over, left.value.shape()));
        if (right.requires_gradient) {
            right.accumulate(sum_to(scale(multiply(over, node.value), T{-1}), right.value.shape()));
        }
    });
}

template <typename T>
BasicVariable<T> scale(const BasicVariable<T>& a, std::type_identity_t<T> factor) {
    return elementwise(a, scale(a.value(), factor), [factor](auto x, auto) { return constant<decltype(x)>(factor); });
}

template <typename T>
BasicVariable<T> add_scalar(const BasicVariable<T>& a, std::type_identity_t<T> value) {
    return elementwise(a, add_scalar(a.value(), value), [](auto x, auto) { return constant<decltype(x)>(1.0); });
}

template <typename T>
BasicVariable<T> square(const BasicVariable<T>& a) {
    return elementwise(a, square(a.value()), [](auto x, auto) { return x + x; });
}

template <typename T>
BasicVariable<T> sqrt(const BasicVariable<T>& a) {
    return elementwise(a, sqrt(a.value()), [](auto, auto y) { return constant<decltype(y)>(0.5) / y; });
}

template <typename T>
BasicVariable<T> abs(const BasicVariable<T>& a) {
    return elementwise(a, abs(a.value()), [](auto x, auto) {
        const decltype(x) zero = {};
        const auto one = constant<decltype(x)>(1.0);
        return x > zero ? one : x < zero ? -one : zero;
    });
}

template <typename T>
BasicVariable<T> clip(const BasicVariable<T>& a, std::type_identity_t<T> low, std::type_identity_t<T> high) {
    return elementwise(a, clip(a.value(), low, high), [low, high](auto x, auto) {
        const decltype(x) zero = {};
        const auto one = constant<decltype(x)>(1.0);
        return x < constant<decltype(x)>(low) ? zero : x > constant<decltype(x)>(high) ? zero : one;
    });
}

template <typename T>
BasicVariable<T> exp(const BasicVariable<T>& a) {
    return elementwise(a, exp(a.value()), [](auto, auto y) { return y; });
}

template <typename T>
BasicVariable<T> log(const BasicVariable<T>& a) {
    return elementwise(a, log(a.value()), [](auto x, auto) { return constant<decltype(x)>(1.0) / x; });
}

template <typename T>
BasicVariable<T> sin(const BasicVariable<T>& a) {
    return elementwise(a, sin(a.value()), [](auto x, auto) { return glassformer::cos(x); });
}

template <typename T>
BasicVariable<T> cos(const BasicVariable<T>& a) {
    return elementwise(a, cos(a.value()), [](auto x, auto) { return -glassformer::sin(x); });
}

template <typename T>
BasicVariable<T> where(const BoolTensor& condition, const BasicVariable<T>& a, const BasicVariable<T>& b) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(where(condition, a.value(), b.value()), {a, b}, [condition](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        const BasicTensor<T> zero(Shape{});
        if (left.requires_gradient) {
            left.accumulate(sum_to(where(condition, node.gradient, zero), left.value.shape()));
        }
        if (right.requires_gradient) {
            right.accumulate(sum_to(where(condition, zero, node.gradient), right.value.shape()));
        }
    });
}

#define GLASSFORMER_INSTANTIATE(T)                                                                             \
    template BasicVariable<T> add(const BasicVariable<T>&, const BasicVariable<T>&);                           \
    template BasicVariable<T> subtract(const BasicVariable<T>&, const BasicVariable<T>&);                      \
    template BasicVariable<T> multiply(const BasicVariable<T>&, const BasicVariable<T>&);                      \
    template BasicVariable<T> divide(const BasicVariable<T>&, const BasicVariable<T>&);                        \
    template BasicVariable<T> scale(const BasicVariable<T>&, std::type_identity_t<T>);                         \
    template BasicVariable<T> add_scalar(const BasicVariable<T>&, std::type_identity_t<T>);                    \
    template BasicVariable<T> square(const BasicVariable<T>&);                                                 \
    template BasicVariable<T> sqrt(const BasicVariable<T>&);                                                   \
    template BasicVariable<T> abs(const BasicVariable<T>&);                                                    \
    template BasicVariable<T> clip(const BasicVariable<T>&, std::type_identity_t<T>, std::type_identity_t<T>); \
    template BasicVariable<T> exp(const BasicVariable<T>&);                                                    \
    template BasicVariable<T> log(const BasicVariable<T>&);                                                    \
    template BasicVariable<T> sin(const BasicVariable<T>&);                                                    \
    template BasicVariable<T> cos(const BasicVariable<T>&);                                                    \
    template BasicVariable<T> where(const BoolTensor&, const BasicVariable<T>&, const BasicVariable<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
