#pragma once

#include <span>

namespace glassformer::unicode {

/// Code points first ... last, both included. Each table is sorted and without overlaps.
struct Range {
    char32_t first;
    char32_t last;
};

extern const std::span<const Range> letter_ranges;       ///< general category L
extern const std::span<const Range> number_ranges;       ///< N
extern const std::span<const Range> punctuation_ranges;  ///< P
extern const std::span<const Range> mark_ranges;         ///< M

}  // namespace glassformer::unicode
