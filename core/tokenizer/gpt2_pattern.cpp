#include "tokenizer/gpt2_pattern.h"

#include <array>
#include <cstdint>

#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

// The pattern tells four kinds apart: letter, number, white space, and none of them.
constexpr std::uint8_t space = unicode::whitespace;
constexpr std::uint8_t kind_mask = unicode::letter | unicode::number | unicode::whitespace;

/// Reads UTF-8 character by character.
class Bytes {
  public:
    explicit Bytes(std::string_view text) : text_(text) {}
    std::size_t size() const { return text_.size(); }
    bool is(std::size_t at, char c) const { return text_[at] == c; }
    /// The kind of the character at `at`; moves `at` past it.
    std::uint8_t take(std::size_t& at) const {
        const auto byte = static_cast<std::uint8_t>(text_[at]);
        if (byte < 0x80) {
            ++at;
            return table_[byte] & kind_mask;
        }
        const char32_t c = take_utf8(text_, at);
        return (c < table_.size() ? table_[c] : unicode::flags(c)) & kind_mask;
    }
    std::size_t before(std::size_t at) const {
        do --at;
        while ((static_cast<std::uint8_t>(text_[at]) & 0xC0) == 0x80);
        return at;
    }

  private:
    std::string_view text_;
    const std::array<std::uint8_t, 0x20000>& table_ = unicode::flag_table();
};

class Points {
  public:
    explicit Points(std::u32string_view text) : text_(text) {}
    std::size_t size() const { return text_.size(); }
    bool is(std::size_t at, char c) const { return text_[at] == static_cast<char32_t>(c); }
    std::uint8_t take(std::size_t& at) const { return unicode::flags(text_[at++]) & kind_mask; }
    std::size_t before(std::size_t at) const { return at - 1; }

  private:
    std::u32string_view text_;
};

/// Length of 's, 't, 're, 've, 'm, 'll, 'd at the apostrophe at `at`; 0 for anything else.
template <typename Text>
std::size_t contraction(const Text& text, std::size_t at) {
    const std::size_t left = text.size() - at;
    if (left < 2) return 0;
    for (const char c : {'s', 't', 'm', 'd'}) {
        if (text.is(at + 1, c)) return 2;
    }
    if (left < 3) return 0;
    const bool three = (text.is(at + 1, 'r') && text.is(at + 2, 'e')) ||
                       (text.is(at + 1, 'v') && text.is(at + 2, 'e')) || (text.is(at + 1, 'l') && text.is(at + 2, 'l'));
    return three ? 3 : 0;
}

template <typename Text>
std::size_t match(const Text& text, std::size_t at) {
    if (text.is(at, '\'')) {
        if (const std::size_t length = contraction(text, at); length > 0) return at + length;
    }
    const std::size_t size = text.size();
    std::size_t end = text.is(at, ' ') && at + 1 < size ? at + 1 : at;
    const std::uint8_t kind = text.take(end);
    if (kind != space) {
        for (std::size_t next = end; end < size; end = next) {
            if (text.take(next) != kind) break;
        }
        return end;
    }
    // \s+(?!\S): as many spaces as leave one before the next word, so that the last joins it; alone it stands for
    // itself.
    end = at;
    std::size_t count = 0;
    for (std::size_t next = end; end < size; end = next, ++count) {
        if (text.take(next) != space) break;
    }
    return end < size && count > 1 ? text.before(end) : end;
}

}  // namespace

std::size_t gpt2_match(std::u32string_view text, std::size_t at) { return match(Points(text), at); }
std::size_t gpt2_match(std::string_view text, std::size_t at) { return match(Bytes(text), at); }

}  // namespace glassformer
