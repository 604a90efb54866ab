#pragma once

#include <cstdint>
#include <cstring>

/// Four numbers at a time by the compilers' portable vectors: SSE natively, SIMD128 in wasm, lane by lane the same IEEE
/// operations. One source, the same bits.
namespace glassformer {

using Floats = float __attribute__((vector_size(16)));
using Integers = std::int32_t __attribute__((vector_size(16)));
inline constexpr std::int64_t lanes = 4;

inline Floats load_lanes(const float* from) {
    Floats vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}
inline void store_lanes(float* to, Floats vector) { std::memcpy(to, &vector, sizeof vector); }
inline Floats all_lanes(float x) { return Floats{x, x, x, x}; }

/// The first `count` lanes, zeros after them, and back: what is left at the end of a loop.
inline Floats load_some(const float* from, std::int64_t count) {
    Floats vector = {};
    std::memcpy(&vector, from, static_cast<std::size_t>(count) * sizeof(float));
    return vector;
}
inline void store_some(float* to, Floats vector, std::int64_t count) {
    std::memcpy(to, &vector, static_cast<std::size_t>(count) * sizeof(float));
}

/// The four rows given become the four columns.
inline void transpose_lanes(Floats rows[4]) {
    const Floats low_0 = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
    const Floats high_0 = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    const Floats low_1 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
    const Floats high_1 = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    rows[0] = __builtin_shufflevector(low_0, low_1, 0, 1, 4, 5);
    rows[1] = __builtin_shufflevector(low_0, low_1, 2, 3, 6, 7);
    rows[2] = __builtin_shufflevector(high_0, high_1, 0, 1, 4, 5);
    rows[3] = __builtin_shufflevector(high_0, high_1, 2, 3, 6, 7);
}

}  // namespace glassformer
