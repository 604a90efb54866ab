#include "autograd/products.h"

#include "tensor/broadcast.h"

namespace glassformer {
namespace {

Transpose flipped(Transpose transpose) { return transpose == Transpose::yes ? Transpose::no : Transpose::yes; }

/// a as a matrix: the rows of all batches one after another.
template <typename T>
BasicTensor<T> all_rows(const BasicTensor<T>& a) {
    std::int64_t rows = 1;  // not size / width: a width of 0 has rows too
    for (std::size_t axis = 0; axis + 1 < a.shape().rank(); ++axis) rows *= a.shape().extents()[axis];
    return a.reshaped({rows, a.extent(-1)});
}

/// C = op(A) op(B): dA' = dC op(B)^T and dB' = op(A)^T dC for the transposed operands A', B'; transposing back swaps
/// the factors. `product` is matmul or batched_matmul; a factor that was broadcast gets the sum over its copies.
template <typename T, typename Product>
BasicVariable<T> differentiable_product(const BasicVariable<T>& a, const BasicVariable<T>& b, Transpose ta,
                                        Transpose tb, Product product) {
    using Node = typename BasicVariable<T>::Node;
    return BasicVariable<T>(product(a.value(), b.value(), ta, tb), {a, b}, [ta, tb, product](Node& node) {
        Node& left = *node.parents[0];
        Node& right = *node.parents[1];
        const BasicTensor<T>& d = node.gradient;
        if (left.requires_gradient) {
            left.accumulate(sum_to(ta == Transpose::no ? product(d, right.value, Transpose::no, flipped(tb))
                                                       : product(right.value, d, tb, Transpose::yes),
                                   left.value.shape()));
        }
        if (!right.requires_gradient) return;
        if (right.value.shape().rank() == 2 && left.value.shape().rank() > 2 && ta == Transpose::no) {
            // One right factor for all batches: its gradient is one product over all their rows.
            const BasicTensor<T> rows = all_rows(left.value);
            const BasicTensor<T> all_d = all_rows(d);
            right.accumulate(tb == Transpose::no ? matmul(rows, all_d, Transpose::yes, Transpose::no)
                                                 : matmul(all_d, rows, Transpose::yes, Transpose::no));
            return;
        }
        right.accumulate(sum_to(tb == Transpose::no ? product(left.value, d, flipped(ta), Transpose::no)
                                                    : product(d, left.value, Transpose::yes, ta),
                                right.value.shape()));
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
