#include "tensor/gemm.h"

#include <algorithm>

#include "base/lanes.h"
#include "tensor/tensor.h"

namespace glassformer {
namespace {

// 2 x 16 results are held in registers while the summed index runs: 8 accumulators, 4 vectors of b and one of a are
// what V8 and the baseline's 16 registers hold without spilling. Measured beside 4x8, 5x8, 6x8 and 3x12, it is the
// fastest in wasm, and two rows of a can be read where they lie.
constexpr std::int64_t panel_columns = 16;
// So many columns are copied into panels at a time: whole cache lines of many rows, and they stay in the second cache.
constexpr std::int64_t group_columns = 128;
// A panel of b this deep is 24 KB and stays in the first cache while the rows of a go by; a block of a in the second.
constexpr std::int64_t block_depth = 384;
constexpr std::int64_t block_rows = 256;
// Below this many elements a matrix is read where it lies, whichever way round: copying costs more than its strides.
constexpr std::int64_t small_matrix = 128 * 128;
// Up to this many rows b is read once, row after row, because nothing would be read from a panel twice.
constexpr std::int64_t thin_rows = 8;

/// Adds a [rows, depth] b [depth, 4 * vectors] to what c holds, or starts from zero.
template <int rows, int vectors>
void tile(const MatrixView& a, const float* b, std::int64_t b_step, std::int64_t depth, float* c, std::int64_t c_step,
          bool from_zero) {
    Floats sums[rows][vectors];
    for (int i = 0; i < rows; ++i) {
        for (int v = 0; v < vectors; ++v) {
            sums[i][v] = from_zero ? Floats{} : load_lanes(c + i * c_step + v * lanes);
        }
    }
    const float* row[rows];
    for (int i = 0; i < rows; ++i) row[i] = a.data + i * a.row_step;
    const std::int64_t step = a.column_step;
    for (std::int64_t p = 0; p < depth; ++p, b += b_step) {
        Floats right[vectors];
        for (int v = 0; v < vectors; ++v) right[v] = load_lanes(b + v * lanes);
        for (int i = 0; i < rows; ++i) {
            const Floats left = all_lanes(*row[i]);
            row[i] += step;
            for (int v = 0; v < vectors; ++v) sums[i][v] += left * right[v];
        }
    }
    for (int i = 0; i < rows; ++i) {
        for (int v = 0; v < vectors; ++v) store_lanes(c + i * c_step + v * lanes, sums[i][v]);
    }
}

/// All m rows against one panel of 4 * vectors columns.
template <int rows, int vectors>
void panel(MatrixView a, std::int64_t m, const float* b, std::int64_t b_step, std::int64_t depth, float* c,
           std::int64_t c_step, bool from_zero) {
    std::int64_t i = 0;
    for (; i + rows <= m; i += rows, a.data += rows * a.row_step, c += rows * c_step) {
        tile<rows, vectors>(a, b, b_step, depth, c, c_step, from_zero);
    }
    if constexpr (rows > 1) {
        for (; i < m; ++i, a.data += a.row_step, c += c_step) {
            tile<1, vectors>(a, b, b_step, depth, c, c_step, from_zero);
        }
    }
}

/// How wide the panel is that begins where `left` columns are left.
std::int64_t panel_width(std::int64_t left) { return left >= 16 ? 16 : left >= 8 ? 8 : lanes; }

/// A panel of b [depth, width] copied row after row, `stride` apart, zeros beyond `width`.
void turn_panel(const MatrixView& b, std::int64_t width, std::int64_t depth, std::int64_t stride, float* out) {
    // Stored the other way round: four by four through registers.
    std::int64_t j = 0;
    for (; j + lanes <= width; j += lanes) {
        const float* from = b.data + j * b.column_step;
        std::int64_t p = 0;
        for (; p + lanes <= depth; p += lanes) {
            Floats block[4];
            for (int k = 0; k < 4; ++k) block[k] = load_lanes(from + k * b.column_step + p);
            transpose_lanes(block);
            for (int k = 0; k < 4; ++k) store_lanes(out + (p + k) * stride + j, block[k]);
        }
        for (; p < depth; ++p) {
            for (int k = 0; k < 4; ++k) out[p * stride + j + k] = from[k * b.column_step + p];
        }
    }
    for (std::int64_t p = 0; p < depth; ++p) {
        for (std::int64_t k = j; k < stride; ++k) {
            out[p * stride + k] = k < width ? b.data[p + k * b.column_step] : 0.0F;
        }
    }
}

/// Columns [0, count) of b as panels one after another, each as deep as b: the panel at column j begins at j * depth.
void pack_panels(const MatrixView& b, std::int64_t count, std::int64_t depth, float* out) {
    if (b.column_step != 1) {
        for (std::int64_t j = 0; j < count; j += panel_width(count - j)) {
            const std::int64_t width = panel_width(count - j);
            turn_panel({b.data + j * b.column_step, b.row_step, b.column_step}, std::min(width, count - j), depth,
                       width, out + j * depth);
        }
        return;
    }
    // A row of b at a time: memory is read as it lies.
    for (std::int64_t p = 0; p < depth; ++p) {
        const float* from = b.data + p * b.row_step;
        std::int64_t j = 0;
        for (; j + 16 <= count; j += 16) {
            float* to = out + j * depth + p * 16;
            for (int v = 0; v < 4; ++v) store_lanes(to + v * lanes, load_lanes(from + j + v * lanes));
        }
        for (; j < count; j += panel_width(count - j)) {
            const std::int64_t width = panel_width(count - j);
            const std::int64_t there = std::min(width, count - j);
            float* to = out + j * depth + p * width;
            std::copy_n(from + j, there, to);
            std::fill_n(to + there, width - there, 0.0F);
        }
    }
}

/// One block of rows and of depth against all columns.
void multiply_block(const MatrixView& a, const MatrixView& b, std::int64_t m, std::int64_t n, std::int64_t depth,
                    bool pack, float* packed, float* c, bool from_zero) {
    for (std::int64_t column = 0; column < n;) {
        const MatrixView here{b.data + column * b.column_step, b.row_step, b.column_step};
        const std::int64_t left = n - column;
        const std::int64_t width = panel_width(left);
        const float* from = here.data;
        std::int64_t step = here.row_step;
        if (pack) {
            if (column % group_columns == 0) pack_panels(here, std::min(left, group_columns), depth, packed);
            from = packed + column % group_columns * depth;
            step = width;
        } else if (left < lanes) {
            pack_panels(here, left, depth, packed);
            from = packed;
            step = lanes;
        }
        float* to = c + column;
        if (width == 16) {
            panel<2, 4>(a, m, from, step, depth, to, n, from_zero);
        } else if (width == 8) {
            panel<4, 2>(a, m, from, step, depth, to, n, from_zero);
        } else if (left >= lanes) {
            panel<4, 1>(a, m, from, step, depth, to, n, from_zero);
        } else {
            // Fewer than four columns: computed beside c, whose rows end there.
            for (std::int64_t i = 0; i < m; i += 4) {
                const std::int64_t height = std::min<std::int64_t>(4, m - i);
                float beside[4 * lanes] = {};
                for (std::int64_t r = 0; r < height; ++r) std::copy_n(to + (i + r) * n, left, beside + r * lanes);
                panel<4, 1>({a.data + i * a.row_step, a.row_step, a.column_step}, height, from, step, depth, beside,
                            lanes, from_zero);
                for (std::int64_t r = 0; r < height; ++r) std::copy_n(beside + r * lanes, left, to + (i + r) * n);
            }
        }
        column += width;
    }
}

/// c += a[0 ... count - 1] times as many rows of b, each element of c in their order; count is at most 8.
void add_rows(const float* a, std::int64_t a_step, const float* b, std::int64_t b_step, std::int64_t count,
              std::int64_t width, float* c) {
    std::int64_t j = 0;
    if (count == 8) {
        Floats left[8];
        for (int k = 0; k < 8; ++k) left[k] = all_lanes(a[k * a_step]);
        // One vector of c at a time, rows found by one step: wider loops and a pointer for each row were slower in
        // wasm, where memory is the limit.
        for (; j + lanes <= width; j += lanes) {
            Floats sum = load_lanes(c + j);
            const float* row = b + j;
            for (int k = 0; k < 8; ++k, row += b_step) sum += left[k] * load_lanes(row);
            store_lanes(c + j, sum);
        }
    }
    for (; j < width; ++j) {
        float sum = c[j];
        for (std::int64_t k = 0; k < count; ++k) sum += a[k * a_step] * b[k * b_step + j];
        c[j] = sum;
    }
}

/// Few rows (a matrix-vector product, a decoding step): b streams by once, in the order it lies in memory.
void multiply_thin(const MatrixView& a, const MatrixView& b, std::int64_t m, std::int64_t n, std::int64_t depth,
                   float* c) {
    std::fill_n(c, m * n, 0.0F);
    for (std::int64_t p = 0; p < depth; p += 8) {
        const std::int64_t count = std::min<std::int64_t>(8, depth - p);
        for (std::int64_t i = 0; i < m; ++i) {
            add_rows(a.data + i * a.row_step + p * a.column_step, a.column_step, b.data + p * b.row_step, b.row_step,
                     count, n, c + i * n);
        }
    }
}

}  // namespace

void multiply(const MatrixView& a, const MatrixView& b, std::int64_t m, std::int64_t n, std::int64_t depth, float* c) {
    if (depth == 0) {
        std::fill_n(c, m * n, 0.0F);
        return;
    }
    const bool b_as_it_lies = b.column_step == 1;
    if (m <= thin_rows && b_as_it_lies && n >= panel_columns) return multiply_thin(a, b, m, n, depth, c);
    const bool pack = !b_as_it_lies || (depth * n > small_matrix && m > thin_rows);
    const bool turn = a.column_step != 1 && m * depth > small_matrix;
    const std::int64_t depths = std::min(depth, block_depth);
    Buffer<float> packed(static_cast<std::size_t>(pack             ? depths * (std::min(n, group_columns) + lanes)
                                                  : n % lanes != 0 ? depths * lanes
                                                                   : 0));
    Buffer<float> turned(static_cast<std::size_t>(turn ? depths * std::min(m, block_rows) : 0));
    for (std::int64_t i = 0; i < m; i += block_rows) {
        const std::int64_t height = std::min(block_rows, m - i);
        for (std::int64_t p = 0; p < depth; p += block_depth) {
            const std::int64_t deep = std::min(block_depth, depth - p);
            MatrixView rows{a.data + i * a.row_step + p * a.column_step, a.row_step, a.column_step};
            if (turn) {
                turn_panel(rows, deep, height, deep, turned.data());
                rows = {turned.data(), deep, 1};
            }
            const MatrixView right{b.data + p * b.row_step, b.row_step, b.column_step};
            multiply_block(rows, right, height, n, deep, pack, packed.data(), c + i * n, p == 0);
        }
    }
}

}  // namespace glassformer
