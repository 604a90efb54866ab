#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tokenizer/normalized_text.h"

namespace glassformer {

/// A text as tokens: one entry per token in each list.
struct Encoding {
    std::vector<std::int32_t> ids;
    std::vector<std::string> pieces;    ///< as the vocabulary spells them; added tokens as the text does
    std::vector<SourceSpan> spans;      ///< characters of the source; {0, 0} for tokens that a post-processor added
    std::vector<std::int32_t> words;    ///< which part of the pre-tokenized text; -1 for added ones
    std::vector<std::int32_t> types;    ///< 0 for the first text, 1 for the second, or as the template says
    std::vector<std::uint8_t> special;  ///< 1 for tokens that a post-processor added

    std::size_t size() const { return ids.size(); }
    void push_back(std::int32_t id, std::string piece, SourceSpan span, std::int32_t word);
    void append(const Encoding& other);
    /// A single token that stands for nothing in the text.
    static Encoding special_token(std::int32_t id, std::string piece, std::int32_t type);
};

/// The part that a token has of a character, where tokens are made of bytes: bytes [first, last] of `count`.
struct ByteFragment {
    std::size_t token;
    std::int32_t character;  ///< of the source
    std::int32_t first;      ///< 1-based
    std::int32_t last;
    std::int32_t count;
    std::string bytes;  ///< raw
    bool operator==(const ByteFragment&) const = default;
};

/// All tokens of a byte-level encoding that hold only a part of a character, tied to it. `source` is the text that was
/// encoded; tokens that are not in visible bytes (added ones) have no fragments.
std::vector<ByteFragment> byte_fragments(const Encoding& encoding, std::u32string_view source);

}  // namespace glassformer
