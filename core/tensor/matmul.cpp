#include <cstring>
#include <type_traits>
#include <vector>

#include "base/counters.h"
#include "base/error.h"
#include "tensor/broadcast.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

/// The compilers' portable vector: SSE natively, SIMD128 in wasm, the same IEEE operations in both.
using Vector = float __attribute__((vector_size(16)));
constexpr std::int64_t lanes = 4;
// 5 x 8 results held in registers: 10 accumulators, 2 vectors of B, 1 of A, within the 16 registers of the baseline.
constexpr std::int64_t tile_rows = 5;
constexpr std::int64_t tile_columns = 8;

Vector load(const float* from) {
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

/// op(A)(i, p) of a row-major matrix, whichever way round it is stored.
template <typename T>
struct Operand {
    const T* data;
    std::int64_t row_stride;
    std::int64_t column_stride;
    T at(std::int64_t i, std::int64_t j) const { return data[i * row_stride + j * column_stride]; }
};

/// Rows [first, first + width) of op(A) (or columns of op(B)) side by side for each p, padded with zeros, so that the
/// inner loop reads memory straight ahead. A transpose costs nothing here: only the strides differ.
template <typename At>
void pack(PooledVector<float>& packed, std::int64_t count, std::int64_t depth, std::int64_t tile, At at) {
    const std::int64_t tiles = (count + tile - 1) / tile;
    packed.resize(static_cast<std::size_t>(tiles * tile * depth));
    float* out = packed.data();
    for (std::int64_t first = 0; first < count; first += tile) {
        const std::int64_t width = std::min(tile, count - first);
        for (std::int64_t p = 0; p < depth; ++p) {
            for (std::int64_t i = 0; i < tile; ++i) *out++ = i < width ? at(first + i, p) : 0.0F;
        }
    }
}

/// One 5 x 8 tile of C. Every element adds its products in the order of p, as the naive loops do: the same bits.
void multiply_tile(const float* a, const float* b, std::int64_t depth, float* tile) {
    Vector sums[tile_rows][2] = {};
    for (std::int64_t p = 0; p < depth; ++p, a += tile_rows, b += tile_columns) {
        const Vector b0 = load(b);
        const Vector b1 = load(b + lanes);
        for (std::int64_t i = 0; i < tile_rows; ++i) {
            const Vector ai = {a[i], a[i], a[i], a[i]};
            sums[i][0] += ai * b0;
            sums[i][1] += ai * b1;
        }
    }
    std::memcpy(tile, sums, sizeof sums);
}

void multiply(const Operand<float>& a, const Operand<float>& b, std::int64_t m, std::int64_t n, std::int64_t depth,
              float* c) {
    // Kept between calls: a training update multiplies hundreds of times and should not allocate each time.
    thread_local PooledVector<float> packed_a;
    thread_local PooledVector<float> packed_b;
    pack(packed_a, m, depth, tile_rows, [&](std::int64_t i, std::int64_t p) { return a.at(i, p); });
    pack(packed_b, n, depth, tile_columns, [&](std::int64_t j, std::int64_t p) { return b.at(p, j); });
    float tile[tile_rows * tile_columns];
    for (std::int64_t column = 0; column < n; column += tile_columns) {
        const float* panel_b = packed_b.data() + column * depth;
        const auto width = static_cast<std::size_t>(std::min(tile_columns, n - column));
        for (std::int64_t row = 0; row < m; row += tile_rows) {
            multiply_tile(packed_a.data() + row * depth, panel_b, depth, tile);
            const std::int64_t height = std::min(tile_rows, m - row);
            for (std::int64_t i = 0; i < height; ++i) {
                std::memcpy(c + (row + i) * n + column, tile + i * tile_columns, width * sizeof(float));
            }
        }
    }
}

/// For double, and the reference for float. The sum runs over p in order, from zero.
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
        multiply(left, right, e.m, e.n, e.depth, out);
    } else {
        multiply_naively(left, right, e.m, e.n, e.depth, out);
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
    BasicTensor<T> c({e.m, e.n});
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
    BasicTensor<T> c{Shape(extents)};
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
    BasicTensor<T> c({e.m, e.n});
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
