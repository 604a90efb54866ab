#include "experiments/pieces.h"

#include "tokenizer/units.h"

namespace glassformer {
namespace {

bool covers(const Token& token, const TextIndex& source, std::int64_t character) {
    return token.begin <= source.byte_of(character) && source.byte_of(character + 1) <= token.end;
}

bool touches(const Token& token, const TextIndex& source, std::int64_t character) {
    return token.begin < source.byte_of(character + 1) && source.byte_of(character) < token.end;
}

}  // namespace

std::string hexadecimal(std::string_view bytes) {
    static const char digits[] = "0123456789ABCDEF";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (!text.empty()) text += ' ';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::vector<Piece> pieces_of(const TextIndex& source, const std::vector<Token>& tokens, const Vocabulary& vocabulary) {
    std::vector<Piece> pieces;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        const Token& token = tokens[t];
        const std::int64_t begin = source.character_at(token.begin);
        const std::int64_t end = source.character_at(token.end - 1) + 1;
        const std::string& name = vocabulary.piece(token.id);
        Piece piece{token.id, source.slice(begin, end), begin, end};
        piece.unknown = name == unknown_piece;
        // A continuation is longer than the bytes it covers by its mark; a text that holds "##" itself is not.
        const std::size_t covered = static_cast<std::size_t>(token.end - token.begin);
        piece.continues_word = name.starts_with(continuation) && name.size() == covered + continuation.size();
        std::int64_t partial = begin;
        while (partial < end && covers(token, source, partial)) ++partial;
        if (partial < end) {
            // The pieces that share this character stand next to each other.
            std::size_t first = t;
            while (first > 0 && touches(tokens[first - 1], source, partial)) --first;
            std::size_t last = t;
            while (last + 1 < tokens.size() && touches(tokens[last + 1], source, partial)) ++last;
            piece.fragment = static_cast<std::int32_t>(t - first + 1);
            piece.fragments = static_cast<std::int32_t>(last - first + 1);
            piece.bytes = hexadecimal(name);
        }
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

std::string readable_piece(std::string_view piece) {
    std::string text;
    std::string stray;
    const auto flush = [&] {
        if (!stray.empty()) text += "⟨" + hexadecimal(stray) + "⟩";
        stray.clear();
    };
    for (std::size_t at = 0; at < piece.size();) {
        const std::size_t length = character_length(piece, at);
        const std::string_view character = piece.substr(at, length);
        if (!is_utf8(character)) {
            stray += piece[at++];
            continue;
        }
        flush();
        const auto byte = static_cast<unsigned char>(character[0]);
        if (character == " ")
            text += "␣";
        else if (byte < 0x20 || byte == 0x7F)
            text += "⟨" + hexadecimal(character) + "⟩";
        else
            text += character;
        at += length;
    }
    flush();
    return text;
}

}  // namespace glassformer
