#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenizer/normalized_text.h"

namespace glassformer {

/// What becomes of the matches of a splitting pattern (a space, "-", a digit): `ab-cd` gives
enum class SplitBehavior {
    removed,               ///< ab, cd
    isolated,              ///< ab, -, cd
    merged_with_previous,  ///< ab-, cd
    merged_with_next,      ///< ab, -cd
    contiguous             ///< ab, -, cd; matches next to each other stay together
};

/// Byte-level: GPT-2's pattern if asked for, then every byte as a visible character.
struct ByteLevelSplit {
    bool add_prefix_space = true;  ///< a space in front of a text that does not begin with one
    bool trim_offsets = true;      ///< kept for the file; the post-processor of this name acts on it
    bool use_regex = true;
};
/// White space dropped, every punctuation mark alone.
struct BertSplit {};
/// \w+|[^\w\s]+
struct WhitespaceSplit {};
/// Runs of non-space.
struct WhitespaceOnlySplit {};
/// SentencePiece's: spaces become `replacement`, one is put in front, and every one begins a piece.
struct MetaspaceSplit {
    enum class Prepend { first, never, always };
    char32_t replacement = U'▁';
    Prepend prepend = Prepend::always;
    bool split = true;
};
struct PunctuationSplit {
    SplitBehavior behavior = SplitBehavior::isolated;
};
struct DigitsSplit {
    bool individual = false;
};
struct DelimiterSplit {
    char32_t delimiter = U' ';
};
/// A plain text, or GPT-2's pattern; other regular expressions are not supported.
struct PatternSplit {
    bool gpt2 = false;
    std::string text;
    SplitBehavior behavior = SplitBehavior::isolated;
    bool invert = false;
};

using Splitter = std::variant<ByteLevelSplit, BertSplit, WhitespaceSplit, WhitespaceOnlySplit, MetaspaceSplit,
                              PunctuationSplit, DigitsSplit, DelimiterSplit, PatternSplit>;

/// A text and how it is cut: pieces in order, each either to be tokenized or one added token already.
struct SplitText {
    struct Part {
        std::size_t begin;  ///< characters of `text`
        std::size_t end;
        std::int32_t token = -1;  ///< id of an added token; -1: not one
    };
    NormalizedText text;
    std::vector<Part> parts;

    std::u32string_view characters(const Part& part) const {
        return std::u32string_view(text.text()).substr(part.begin, part.end - part.begin);
    }
};

/// Cuts every part that is not an added token further. Empty parts vanish.
void split(const Splitter& splitter, SplitText& text);

/// Name of a splitter in tokenizer.json: "ByteLevel", "BertPreTokenizer", ...
std::string splitter_name(const Splitter& splitter);

}  // namespace glassformer
