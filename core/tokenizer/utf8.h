#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace glassformer {

/// Code points of a text. Error(malformed) naming the byte position when it is not UTF-8 (overlong forms, surrogates
/// and anything beyond U+10FFFF are not).
std::u32string decode_utf8(std::string_view text);
/// Error(malformed) for a surrogate or anything beyond U+10FFFF.
std::string encode_utf8(std::u32string_view characters);
bool is_utf8(std::string_view text);
/// The character at byte `at`, moving `at` past it. Error(malformed) as decode_utf8.
char32_t take_utf8(std::string_view text, std::size_t& at);

/// Characters and bytes of the same text, side by side: pieces are cut in bytes and shown in characters.
class TextIndex {
  public:
    /// Error(malformed) as decode_utf8.
    explicit TextIndex(std::string text);

    const std::string& text() const { return text_; }
    std::int64_t characters() const { return static_cast<std::int64_t>(points_.size()); }
    char32_t point(std::int64_t character) const { return points_[static_cast<std::size_t>(character)]; }
    const std::u32string& points() const { return points_; }
    /// First byte of a character; characters() gives the number of bytes.
    std::int64_t byte_of(std::int64_t character) const { return bytes_[static_cast<std::size_t>(character)]; }
    /// The character that a byte belongs to.
    std::int64_t character_at(std::int64_t byte) const;
    /// The text of characters [begin, end).
    std::string slice(std::int64_t begin, std::int64_t end) const;

  private:
    std::string text_;
    std::u32string points_;
    std::vector<std::int64_t> bytes_;
};

}  // namespace glassformer
