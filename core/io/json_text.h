#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.h"

namespace glassformer {

/// How much a text from outside may ask of us.
struct JsonLimits {
    std::size_t bytes = 64U << 20;
    int depth = 64;
    std::size_t names = 5000;  ///< in one object: Json keeps their order and looks a name up one by one
};

/// Parses a whole JSON text that may be hostile. Error(malformed) names the byte for text that is no JSON or no UTF-8,
/// a name given twice in one object, nesting deeper than the limit; Error(budget) for a longer text or a larger object.
/// `what` says what is being read ("config", "tokenizer.json") and becomes the error's parameter.
Json parse_json_text(std::string_view text, std::string_view what, const JsonLimits& limits = {});

/// Offset of the first byte that is not part of well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no
/// surrogates, nothing above U+10FFFF); npos if all is well.
std::size_t first_invalid_utf8(std::string_view text);

/// At most 60 bytes of a name from outside, cut at a character, for use in a message.
std::string shown_name(std::string_view name);

}  // namespace glassformer
