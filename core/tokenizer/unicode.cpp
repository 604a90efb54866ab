#include "tokenizer/unicode.h"

#include <algorithm>

#include "tokenizer/unicode_tables.h"

namespace glassformer::unicode {
namespace {

bool contains(std::span<const Range> ranges, char32_t c) {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), c, [](char32_t x, const Range& r) { return x < r.first; });
    return after != ranges.begin() && c <= std::prev(after)->last;
}

}  // namespace

bool is_letter(char32_t c) { return contains(letter_ranges, c); }
bool is_number(char32_t c) { return contains(number_ranges, c); }
bool is_mark(char32_t c) { return contains(mark_ranges, c); }

bool is_whitespace(char32_t c) {
    static const Range ranges[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                                   {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                                   {0x205F, 0x205F}, {0x3000, 0x3000}};
    return contains(ranges, c);
}

bool is_bert_punctuation(char32_t c) {
    const bool ascii_symbol =
        (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
    return ascii_symbol || contains(punctuation_ranges, c);
}

bool is_cjk(char32_t c) {
    static const Range ranges[] = {{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
                                   {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0x2F800, 0x2FA1F}};
    return contains(ranges, c);
}

}  // namespace glassformer::unicode
