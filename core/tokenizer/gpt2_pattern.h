#pragma once

#include <cstddef>
#include <string_view>

namespace glassformer {

/// GPT-2's pattern by hand (Radford et al. 2019), alternative by alternative:
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
inline constexpr std::string_view gpt2_pattern_text =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Where the match that begins at `at` ends. It matches everywhere: at < text.size() gives something greater than at.
std::size_t gpt2_match(std::u32string_view text, std::size_t at);
/// The same on UTF-8, `at` and the result in bytes. Error(malformed) where the text is not UTF-8.
std::size_t gpt2_match(std::string_view text, std::size_t at);

}  // namespace glassformer
