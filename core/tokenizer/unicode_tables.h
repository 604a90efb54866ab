#pragma once

#include <cstdint>
#include <span>

/// What scripts/make_unicode_tables.py wrote; the rest of the core asks unicode.h and normalization.h.
namespace glassformer::unicode {

/// Code points first ... last, both included. Each table is sorted and without overlaps.
struct Range {
    char32_t first;
    char32_t last;
};

/// Every stride-th of first ... last moves by delta.
struct Lowercase {
    char32_t first;
    char32_t last;
    std::uint32_t stride;
    std::int32_t delta;
};

/// first, second compose to composed.
struct Composition {
    char32_t first;
    char32_t second;
    char32_t composed;
};

/// Canonical combining class of first ... last; 0 for what is in no range.
struct CombiningRange {
    char32_t first;
    char32_t last;
    std::uint32_t combining_class;
};

extern const std::span<const std::uint32_t> class_runs;  ///< (first << 8) | flags, wherever the flags change
extern const std::span<const Range> later_numbers;       ///< numbers that only the reference's digit splitter knows
extern const std::span<const Lowercase> lowercase_runs;
/// (code point << 8) | length, then so many code points: the full decomposition. Sorted, Hangul left out.
extern const std::span<const char32_t> canonical_decompositions;
extern const std::span<const char32_t> compatibility_decompositions;  ///< only where they differ from the canonical
extern const std::span<const Composition> compositions;
extern const std::span<const CombiningRange> combining_ranges;

}  // namespace glassformer::unicode
