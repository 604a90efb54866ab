#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace glassformer {

/// What stands for characters that the vocabulary lacks.
inline constexpr std::string_view unknown_piece = "[UNK]";
/// Marks a WordPiece that continues a word.
inline constexpr std::string_view continuation = "##";

/// Bytes of the UTF-8 character that begins at `at` (of valid text).
inline std::size_t character_length(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return std::min(length, text.size() - at);
}

}  // namespace glassformer
