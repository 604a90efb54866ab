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

std::uint8_t search(char32_t c) {
    const auto after = std::upper_bound(class_runs.begin(), class_runs.end(), c,
                                        [](char32_t x, std::uint32_t run) { return x < run >> 8; });
    return after == class_runs.begin() ? std::uint8_t{0} : static_cast<std::uint8_t>(*std::prev(after) & 0xFF);
}

}  // namespace

const std::array<std::uint8_t, 0x20000>& flag_table() {
    static const auto table = [] {
        std::array<std::uint8_t, 0x20000> flat{};
        for (std::size_t i = 0; i < class_runs.size(); ++i) {
            const std::size_t end = i + 1 < class_runs.size() ? class_runs[i + 1] >> 8 : flat.size();
            for (std::size_t c = class_runs[i] >> 8; c < std::min(end, flat.size()); ++c) {
                flat[c] = static_cast<std::uint8_t>(class_runs[i] & 0xFF);
            }
        }
        return flat;
    }();
    return table;
}

std::uint8_t flags(char32_t c) {
    static const auto& table = flag_table();
    if (c < table.size()) return table[c];
    return c > 0x10FFFF ? std::uint8_t{0} : search(c);
}

bool is_numeric(char32_t c) { return is_number(c) || contains(later_numbers, c); }

bool is_cjk(char32_t c) {
    static const Range ranges[] = {{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},  {0x20000, 0x2A6DF},
                                   {0x2A700, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F}};
    return c >= 0x3400 && contains(ranges, c);
}

int append_lowercase(char32_t c, std::u32string& out) {
    if (c < 0x80) {
        out.push_back(c >= U'A' && c <= U'Z' ? c + 32 : c);
        return 1;
    }
    if (c == 0x130) {
        out += U"i\u0307";
        return 2;
    }
    const auto after = std::upper_bound(lowercase_runs.begin(), lowercase_runs.end(), c,
                                        [](char32_t x, const Lowercase& r) { return x < r.first; });
    if (after != lowercase_runs.begin()) {
        const Lowercase& run = *std::prev(after);
        if (c <= run.last && (c - run.first) % run.stride == 0) {
            out.push_back(static_cast<char32_t>(static_cast<std::int64_t>(c) + run.delta));
            return 1;
        }
    }
    out.push_back(c);
    return 1;
}

}  // namespace glassformer::unicode
