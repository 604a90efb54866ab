#include "autograd/operations.h"

namespace glassformer {
namespace {

Transpose flipped(Transpose transpose) { return transpose == Transpose::yes ? Transpose::no : Transpose::yes; }

/// C = op(A) op(B): dA' = dC op(B)^T and dB' = op(A)^T dC for the transposed operands A', B'; transposing back swaps
/// the factors. `product` is matmul or batched_matmul.
template <typename T, typename Product>
BasicVariable<T> differentiable_product(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta,
                                        Transpose tb, Product product) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(product(a.value(), b.value(), ta, tb), {a, b}, [ta, tb, product](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        const BasicTensor<T>& d = node.gradient;
        if (left.requires_gradient) {
            left.accumulate(ta == Transpose::no ? product(d, right.value, Transpose::no, flipped(tb))
                                                : product(right.value, d, tb, Transpose::yes));
        }
        if (right.requires_gradient) {
            right.accumulate(tb == Transpose::no ? product(left.value, d, flipped(ta), Transpose::no)
                                                 : product(d, left.value, Transpose::yes, ta));
        }
    });
}

}  // namespace

template <typename T>
BasicVariable<T> matmul(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta, Transpose tb) {
    return differentiable_product(a, b, ta, tb,
                                  [](const BasicTensor<T>& x, const BasicTensor<T>& y, Transpose tx, Transpose ty) {
                                      return matmul(x, y, tx, ty);
                                  });
}

template <typename T>
BasicVariable<T> batched_matmul(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta, Transpose tb) {
    return differentiable_product(a, b, ta, tb,
                                  [](const BasicTensor<T>& x, const BasicTensor<T>& y, Transpose tx, Transpose ty) {
                                      return batched_matmul(x, y, tx, ty);
                                  });
}

#define GLASSFORMER_INSTANTIATE(T)                                                                            \
    template BasicVariable<T> matmul(const BasicVariable<T>&, const BasicVariable<T>&, Transpose, Transpose); \
    template BasicVariable<T> batched_matmul(const BasicVariable<T>&, const BasicVariable<T>&, Transpose, Transpose);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
