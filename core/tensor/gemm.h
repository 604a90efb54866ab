#pragma once

#include <cstdint>

/// The single-precision product behind matmul and batched_matmul. Internal to the tensor layer.
namespace glassformer {

/// A matrix inside other memory: element (i, j) is data[i * row_step + j * column_step], and one of the steps is 1.
struct MatrixView {
    const float* data;
    std::int64_t row_step;
    std::int64_t column_step;
};

/// c [m, n] = a [m, depth] b [depth, n], c contiguous. Whatever path the extents choose, every element adds its
/// products in the order of the summed index, from zero, each product and each sum rounded: the bits of three plain
/// loops.
void multiply(const MatrixView& a, const MatrixView& b, std::int64_t m, std::int64_t n, std::int64_t depth, float* c);

}  // namespace glassformer
