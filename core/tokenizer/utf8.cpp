#include "tokenizer/utf8.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace glassformer {
namespace {

constexpr char32_t invalid = 0xFFFFFFFF;

/// Reads one character at `at` and moves past it; `invalid` when the bytes there are none.
char32_t next(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(at);
    if (first < 0x80) {
        ++at;
        return first;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return invalid;
    char32_t point = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return invalid;
        point = (point << 6) | (byte(at + i) & 0x3FU);
    }
    static const char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < least[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return invalid;
    at += length;
    return point;
}

[[noreturn]] void refuse(std::size_t at) {
    const std::string place = std::to_string(at);
    throw Error(ErrorKind::malformed, {"文本不是 UTF-8：第 " + place + " 个字节处读不成字符。",
                                       "The text is not UTF-8: no character can be read at byte " + place + "."});
}

}  // namespace

char32_t take_utf8(std::string_view text, std::size_t& at) {
    const char32_t point = next(text, at);
    if (point == invalid) refuse(at);
    return point;
}

std::u32string decode_utf8(std::string_view text) {
    std::u32string points;
    points.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) points.push_back(take_utf8(text, at));
    return points;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (next(text, at) == invalid) return false;
    }
    return true;
}

std::string encode_utf8(std::u32string_view characters) {
    std::string text;
    for (const char32_t c : characters) {
        if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
            throw Error(ErrorKind::malformed,
                        {"码位 " + std::to_string(static_cast<std::uint32_t>(c)) + " 不是字符。",
                         "The code point " + std::to_string(static_cast<std::uint32_t>(c)) + " is no character."});
        }
        const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
        if (c < 0x80) {
            put(c);
        } else if (c < 0x800) {
            put(0xC0 | (c >> 6));
            put(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            put(0xE0 | (c >> 12));
            put(0x80 | ((c >> 6) & 0x3F));
            put(0x80 | (c & 0x3F));
        } else {
            put(0xF0 | (c >> 18));
            put(0x80 | ((c >> 12) & 0x3F));
            put(0x80 | ((c >> 6) & 0x3F));
            put(0x80 | (c & 0x3F));
        }
    }
    return text;
}

TextIndex::TextIndex(std::string text) : text_(std::move(text)), points_(decode_utf8(text_)) {
    bytes_.reserve(points_.size() + 1);
    std::int64_t byte = 0;
    for (const char32_t c : points_) {
        bytes_.push_back(byte);
        byte += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    bytes_.push_back(byte);
}

std::int64_t TextIndex::character_at(std::int64_t byte) const {
    return std::upper_bound(bytes_.begin(), bytes_.end() - 1, byte) - bytes_.begin() - 1;
}

std::string TextIndex::slice(std::int64_t begin, std::int64_t end) const {
    const auto from = static_cast<std::size_t>(byte_of(begin));
    return text_.substr(from, static_cast<std::size_t>(byte_of(end)) - from);
}

}  // namespace glassformer
