#include "tokenizer/decoder.h"

#include <algorithm>

#include "base/error.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

using Pieces = std::vector<std::string>;
constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// Error(budget) when more than `most` bytes come out.
std::string replace_all(std::string_view text, std::string_view pattern, std::string_view content,
                        std::size_t most = std::string_view::npos) {
    if (pattern.empty()) return std::string(text);
    std::string out;
    std::size_t at = 0;
    for (std::size_t found = text.find(pattern); found != std::string_view::npos; found = text.find(pattern, at)) {
        out += text.substr(at, found - at);
        if (out.size() + content.size() > most) {
            throw Error(ErrorKind::budget,
                        {"解码规则把文本扩大得太多。", "The rules for decoding make the text too much longer."},
                        "decoder");
        }
        out += content;
        at = found + pattern.size();
    }
    return out += text.substr(at);
}

/// The spaces that pre-tokenization put round English punctuation and contractions, in the reference's order.
std::string clean_up(std::string text) {
    static const std::pair<const char*, const char*> rules[] = {
        {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
        {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    for (const auto& [from, to] : rules) text = replace_all(text, from, to);
    return text;
}

struct Decode {
    Pieces pieces;
    std::size_t most;

    Pieces operator()(const ByteLevelDecoder&) const {
        std::string bytes;
        for (const std::string& piece : pieces) bytes += from_visible(piece).value_or(piece);
        return {lossy_utf8(bytes)};
    }
    Pieces operator()(const WordPieceDecoder& d) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (i > 0)
                pieces[i] = pieces[i].starts_with(d.prefix) ? pieces[i].substr(d.prefix.size()) : " " + pieces[i];
            if (d.cleanup) pieces[i] = clean_up(pieces[i]);
        }
        return std::move(pieces);
    }
    Pieces operator()(const MetaspaceDecoder& d) {
        const std::string mark = encode_utf8(std::u32string(1, d.settings.replacement));
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const bool vanish = i == 0 && d.settings.prepend != MetaspaceSplit::Prepend::never;
            pieces[i] = replace_all(pieces[i], mark, vanish ? "" : " ");
        }
        return std::move(pieces);
    }
    Pieces operator()(const BpeDecoder& d) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            pieces[i] = replace_all(pieces[i], d.suffix, i + 1 == pieces.size() ? "" : " ");
        }
        return std::move(pieces);
    }
    Pieces operator()(const ByteFallbackDecoder&) const {
        Pieces out;
        std::string bytes;
        const auto flush = [&] {
            if (is_utf8(bytes)) {
                if (!bytes.empty()) out.push_back(bytes);
            } else {
                out.insert(out.end(), bytes.size(), std::string(replacement_character));
            }
            bytes.clear();
        };
        for (const std::string& piece : pieces) {
            if (const auto byte = byte_of_token(piece)) {
                bytes.push_back(static_cast<char>(*byte));
                continue;
            }
            flush();
            out.push_back(piece);
        }
        flush();
        return out;
    }
    Pieces operator()(const FuseDecoder&) const {
        std::string whole;
        for (const std::string& piece : pieces) whole += piece;
        return {whole};
    }
    Pieces operator()(const StripDecoder& d) {
        for (std::string& piece : pieces) {
            const std::u32string characters = decode_utf8(piece);
            std::size_t begin = 0;
            while (begin < d.start && begin < characters.size() && characters[begin] == d.content) ++begin;
            std::size_t cut = 0;
            while (cut < d.stop && cut < characters.size() - begin &&
                   characters[characters.size() - cut - 1] == d.content) {
                ++cut;
            }
            piece = encode_utf8(std::u32string_view(characters).substr(begin, characters.size() - begin - cut));
        }
        return std::move(pieces);
    }
    Pieces operator()(const ReplaceDecoder& d) {
        std::size_t left = most;
        for (std::string& piece : pieces) {
            piece = replace_all(piece, d.pattern, d.content, left);
            left -= std::min(left, piece.size());
        }
        return std::move(pieces);
    }
};

}  // namespace

std::vector<std::string> decode(const std::vector<Decoder>& decoders, std::vector<std::string> pieces) {
    std::size_t size = 0;
    for (const std::string& piece : pieces) size += piece.size();
    Decode decode{std::move(pieces), most_grown(size)};
    for (const Decoder& decoder : decoders) decode.pieces = std::visit(decode, decoder);
    return std::move(decode.pieces);
}

std::string lossy_utf8(std::string_view bytes) {
    if (is_utf8(bytes)) return std::string(bytes);
    std::string out;
    const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0U; };
    for (std::size_t at = 0; at < bytes.size();) {
        const unsigned first = byte(at);
        std::size_t wanted = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
        // The second byte has a narrower range after some first ones: no overlong forms, no surrogates, no more than
        // U+10FFFF.
        const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        std::size_t got = 1;
        while (got < wanted && byte(at + got) >= (got == 1 ? low : 0x80U) &&
               byte(at + got) <= (got == 1 ? high : 0xBFU)) {
            ++got;
        }
        if (wanted > 0 && got == wanted) {
            out += bytes.substr(at, got);
        } else {
            out += replacement_character;
        }
        at += got;
    }
    return out;
}

}  // namespace glassformer
