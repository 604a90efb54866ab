#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/splitting.h"

namespace glassformer {

/// Visible bytes back to bytes; what is no UTF-8 then becomes U+FFFD.
struct ByteLevelDecoder {
    ByteLevelSplit settings;  ///< kept for the file
};
/// Takes "##" off and puts a space before pieces without it; `cleanup` undoes the spaces before punctuation.
struct WordPieceDecoder {
    std::string prefix = "##";
    bool cleanup = true;
};
/// "▁" back to spaces; in the first piece they vanish, unless nothing was put in front when encoding.
struct MetaspaceDecoder {
    MetaspaceSplit settings;
};
/// The suffix of a word's last piece becomes a space, that of the last word nothing.
struct BpeDecoder {
    std::string suffix = "</w>";
};
/// Runs of <0xE7> ... become the characters they spell, or one U+FFFD each.
struct ByteFallbackDecoder {};
/// All pieces to one.
struct FuseDecoder {};
/// Up to so many of a character off the start and the end of every piece.
struct StripDecoder {
    char32_t content = U' ';
    std::size_t start = 0;
    std::size_t stop = 0;
};
struct ReplaceDecoder {
    std::string pattern;
    std::string content;
};

using Decoder = std::variant<ByteLevelDecoder, WordPieceDecoder, MetaspaceDecoder, BpeDecoder, ByteFallbackDecoder,
                             FuseDecoder, StripDecoder, ReplaceDecoder>;

/// Pieces to pieces, by each decoder in turn; the text is what they spell together. Error(budget) when replacements
/// make them longer than most_grown().
std::vector<std::string> decode(const std::vector<Decoder>& decoders, std::vector<std::string> pieces);

/// Bytes as UTF-8, with U+FFFD for every longest stretch that begins like a character but is none (as browsers do).
std::string lossy_utf8(std::string_view bytes);

}  // namespace glassformer
