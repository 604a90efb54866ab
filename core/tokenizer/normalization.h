#pragma once

#include <string_view>
#include <vector>

namespace glassformer::unicode {

/// The four normalization forms of Unicode (UAX #15). D decomposes, C composes again; K also replaces compatibility
/// characters (ﬁ, ², full-width letters) by plain ones.
enum class Form { nfc, nfd, nfkc, nfkd };

/// One character of a rewritten text and how it came about: 0 takes the place of the next old character, -n does so and
/// removes the n after it, +1 is inserted behind what was written last.
struct Change {
    char32_t character;
    int change;
    bool operator==(const Change&) const = default;
};

/// The text in that form, with the changes that lead there (tables of Unicode 9, as the reference has them).
std::vector<Change> normalize(Form form, std::u32string_view text);

}  // namespace glassformer::unicode
