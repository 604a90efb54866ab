#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace glassformer {

/// GPT-2's files write bytes as visible characters (Radford et al. 2019): the 188 bytes that print in Latin-1 as
/// themselves, the other 68 in order as U+0100, U+0101, ...; the space becomes U+0120, "Ġ".
char32_t visible_byte(std::uint8_t byte);
/// The byte that a visible character stands for; none for any other character.
std::optional<std::uint8_t> byte_of_visible(char32_t character);

/// Bytes to visible characters, as UTF-8.
std::string to_visible(std::string_view bytes);
/// Visible characters (as UTF-8) back to bytes; none when there is any other character among them.
std::optional<std::string> from_visible(std::string_view visible);
/// The same into a string that is there already; false where there is any other character.
bool from_visible(std::string_view visible, std::string& bytes);

/// "<0xE7>": the name of a byte in vocabularies with byte fallback (SentencePiece).
std::string byte_token(std::uint8_t byte);
/// The byte that such a name stands for, as the reference reads it; none for "<0xZZ>" and any other piece.
std::optional<std::uint8_t> byte_of_token(std::string_view piece);

}  // namespace glassformer
