#include <algorithm>
#include <type_traits>

#include "base/counters.h"
#include "base/error.h"
#include "tensor/broadcast.h"
#include "tensor/gemm.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

/// op(A)(i, p) of a row-major matrix, whichever way round it is stored.
template <typename T>
struct Operand {
    const T* data;
    std::int64_t row_stride;
    std::int64_t column_stride;
    T at(std::int64_t i, std::int64_t j) const { return data[i * row_stride + j * column_stride]; }
};

/// The reference: the sum runs over p in order, from zero.
template <typename T>
void multiply_naively(const Operand<T>& a, const Operand<T>& b, std::int64_t m, std::int64_t n, std::int64_t depth,
                      T* c) {
    for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            T sum = 0;
            for (std::int64_t p = 0; p < depth; ++p) sum += a.at(i, p) * b.at(p, j);
            c[i * n + j] = sum;
        }
    }
}

/// The same sums in the same order, a row of b at a time: what double needs.
template <typename T>
void multiply_by_rows(const Operand<T>& a, const Operand<T>& b, std::int64_t m, std::int64_t n, std::int64_t depth,
                      T* c) {
    if (b.column_stride != 1) return multiply_naively(a, b, m, n, depth, c);
    std::fill_n(c, m * n, T{0});
    for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t p = 0; p < depth; ++p) {
            const T left = a.at(i, p);
            const T* right = b.data + p * b.row_stride;
            for (std::int64_t j = 0; j < n; ++j) c[i * n + j] += left * right[j];
        }
    }
}

std::string described(const Shape& shape, Transpose transpose) {
    return shape.to_string() + (transpose == Transpose::yes ? "ᵀ" : "");
}

[[noreturn]] void does_not_fit(const char* operation, const Shape& a, const Shape& b, Transpose ta, Transpose tb,
                               const Text& cause) {
    const std::string shapes = described(a, ta) + " × " + described(b, tb);
    throw Error(ErrorKind::shape, {std::string(operation) + " 的形状 " + shapes + " 不匹配：" + cause.zh,
                                   std::string(operation) + " cannot multiply " + shapes + ": " + cause.en});
}

/// m, n and the contracted extent of a product over the last two axes.
struct ProductSize {
    std::int64_t m;
    std::int64_t n;
    std::int64_t depth;
};

ProductSize product_size(const char* operation, const Shape& a, const Shape& b, Transpose ta, Transpose tb) {
    if (a.rank() < 2 || b.rank() < 2) {
        does_not_fit(operation, a, b, ta, tb, {"两边都至少要有两个轴。", "both need two axes at least."});
    }
    const bool at = ta == Transpose::yes;
    const bool bt = tb == Transpose::yes;
    const std::int64_t depth = a[at ? -2 : -1];
    const std::int64_t other = b[bt ? -1 : -2];
    if (depth != other) {
        does_not_fit(
            operation, a, b, ta, tb,
            {"求和的两个维度是 " + std::to_string(depth) + " 和 " + std::to_string(other) + "，是不是少了一次转置？",
             "the summed extents are " + std::to_string(depth) + " and " + std::to_string(other) +
                 "; is a transpose missing?"});
    }
    return {a[at ? -1 : -2], b[bt ? -2 : -1], depth};
}

Shape leading_axes(const Shape& shape) { return Shape(Extents(shape.extents().begin(), shape.extents().end() - 2)); }

template <typename T>
Operand<T> operand(const T* data, std::int64_t stored_columns, Transpose transpose) {
    if (transpose == Transpose::yes) return {data, 1, stored_columns};
    return {data, stored_columns, 1};
}

template <typename T>
void count_product(const ProductSize& e, std::int64_t batch) {
    const auto flops = static_cast<std::uint64_t>(2 * batch * e.m * e.n * e.depth);
    const auto elements = static_cast<std::uint64_t>(batch * (e.m * e.depth + e.depth * e.n + e.m * e.n));
    count_cost(flops, elements * sizeof(T), static_cast<std::uint64_t>(batch));
}

template <typename T>
void multiply_any(const Operand<T>& left, const Operand<T>& right, const ProductSize& e, T* out) {
    if constexpr (std::is_same_v<T, float>) {
        multiply({left.data, left.row_stride, left.column_stride}, {right.data, right.row_stride, right.column_stride},
                 e.m, e.n, e.depth, out);
    } else {
        multiply_by_rows(left, right, e.m, e.n, e.depth, out);
    }
}

void check_matrices(const char* operation, const Shape& a, const Shape& b, Transpose ta, Transpose tb) {
    if (a.rank() == 2 && b.rank() == 2) return;
    does_not_fit(
        operation, a, b, ta, tb,
        {"两边都要是矩阵；有批的轴用 batched_matmul。", "both must be matrices; batched_matmul takes more axes."});
}

}  // namespace

template <typename T>
BasicTensor<T> matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta, Transpose tb) {
    check_matrices("matmul", a.shape(), b.shape(), ta, tb);
    const ProductSize e = product_size("matmul", a.shape(), b.shape(), ta, tb);
    auto c = BasicTensor<T>::uninitialized({e.m, e.n});
    multiply_any(operand(a.data(), a.extent(1), ta), operand(b.data(), b.extent(1), tb), e, c.data());
    count_product<T>(e, 1);
    return c;
}

template <typename T>
BasicTensor<T> batched_matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta, Transpose tb) {
    ProductSize e = product_size("batched_matmul", a.shape(), b.shape(), ta, tb);
    const Shape batch_a = leading_axes(a.shape());
    const Shape batch_b = leading_axes(b.shape());
    const Shape batch = broadcast_shape("batched_matmul", batch_a, batch_b);
    Extents extents = batch.extents();
    extents.push_back(e.m);
    extents.push_back(e.n);
    auto c = BasicTensor<T>::uninitialized(Shape(extents));
    count_product<T>(e, batch.size());
    if (batch_b.size() == 1 && ta == Transpose::no) {
        // One right factor for all: the rows of all batches are those of one product.
        e.m *= batch.size();
        multiply_any(operand(a.data(), a.extent(-1), ta), operand(b.data(), b.extent(-1), tb), e, c.data());
        return c;
    }
    const BroadcastLoops loops(batch, batch_a, batch_b);
    loops.for_each_run([&](std::int64_t to, std::int64_t from_a, std::int64_t from_b) {
        for (std::int64_t i = 0; i < loops.extents.back(); ++i) {
            const std::int64_t at_a = from_a + i * loops.step_a.back();
            const std::int64_t at_b = from_b + i * loops.step_b.back();
            multiply_any(operand(a.data() + at_a * e.m * e.depth, a.extent(-1), ta),
                         operand(b.data() + at_b * e.n * e.depth, b.extent(-1), tb), e,
                         c.data() + (to + i) * e.m * e.n);
        }
    });
    return c;
}

template <typename T>
BasicTensor<T> naive_matmul(const BasicTensor<T>& a, const BasicTensor<T>& b, Transpose ta, Transpose tb) {
    check_matrices("naive_matmul", a.shape(), b.shape(), ta, tb);
    const ProductSize e = product_size("naive_matmul", a.shape(), b.shape(), ta, tb);
    auto c = BasicTensor<T>::uninitialized({e.m, e.n});
    multiply_naively(operand(a.data(), a.extent(1), ta), operand(b.data(), b.extent(1), tb), e.m, e.n, e.depth,
                     c.data());
    count_product<T>(e, 1);
    return c;
}

#define GLASSFORMER_INSTANTIATE(T)                                                                              \
    template BasicTensor<T> matmul(const BasicTensor<T>&, const BasicTensor<T>&, Transpose, Transpose);         \
    template BasicTensor<T> batched_matmul(const BasicTensor<T>&, const BasicTensor<T>&, Transpose, Transpose); \
    template BasicTensor<T> naive_matmul(const BasicTensor<T>&, const BasicTensor<T>&, Transpose, Transpose);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
