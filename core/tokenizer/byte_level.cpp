#include "tokenizer/byte_level.h"

#include <array>

#include "tokenizer/units.h"

namespace glassformer {
namespace {

bool prints(unsigned byte) { return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD); }

struct Table {
    std::array<char32_t, 256> visible{};
    std::array<std::int16_t, 324> bytes{};  // by character; -1 where it stands for none

    Table() {
        bytes.fill(-1);
        char32_t next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            visible[byte] = prints(byte) ? byte : next++;
            bytes[visible[byte]] = static_cast<std::int16_t>(byte);
        }
    }
};

const Table& table() {
    static const Table made;
    return made;
}

int hexadecimal_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

char32_t visible_byte(std::uint8_t byte) { return table().visible[byte]; }

std::optional<std::uint8_t> byte_of_visible(char32_t character) {
    if (character >= table().bytes.size() || table().bytes[character] < 0) return std::nullopt;
    return static_cast<std::uint8_t>(table().bytes[character]);
}

std::string to_visible(std::string_view bytes) {
    std::string visible;
    visible.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const char32_t c = visible_byte(static_cast<std::uint8_t>(byte));  // below 0x800: at most two bytes
        if (c < 0x80) {
            visible.push_back(static_cast<char>(c));
        } else {
            visible.push_back(static_cast<char>(0xC0 | (c >> 6)));
            visible.push_back(static_cast<char>(0x80 | (c & 0x3F)));
        }
    }
    return visible;
}

bool from_visible(std::string_view visible, std::string& bytes) {
    const Table& characters = table();
    bytes.clear();
    for (std::size_t at = 0; at < visible.size();) {
        const std::size_t length = character_length(visible, at);
        const auto first = static_cast<unsigned char>(visible[at]);
        char32_t c = first;
        if (length == 2) c = ((first & 0x1FU) << 6) | (static_cast<unsigned char>(visible[at + 1]) & 0x3FU);
        if (length > 2 || c >= characters.bytes.size() || characters.bytes[c] < 0) return false;
        bytes.push_back(static_cast<char>(characters.bytes[c]));
        at += length;
    }
    return true;
}

std::optional<std::string> from_visible(std::string_view visible) {
    std::string bytes;
    bytes.reserve(visible.size());
    if (!from_visible(visible, bytes)) return std::nullopt;
    return bytes;
}

std::string byte_token(std::uint8_t byte) {
    static const char digits[] = "0123456789ABCDEF";
    return std::string("<0x") + digits[byte >> 4] + digits[byte & 15] + ">";
}

std::optional<std::uint8_t> byte_of_token(std::string_view piece) {
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return std::nullopt;
    const int high = piece[3] == '+' ? 0 : hexadecimal_digit(piece[3]);  // the reference's parser takes a plus sign
    const int low = hexadecimal_digit(piece[4]);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<std::uint8_t>(high * 16 + low);
}

}  // namespace glassformer
