#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace glassformer {

/// Characters [begin, end) of the source.
struct WordSpan {
    std::int64_t begin;
    std::int64_t end;
    bool operator==(const WordSpan&) const = default;
};

/// How a text is cut before the model sees it; no token crosses a border.
enum class PreTokenizer {
    whitespace,  ///< runs of non-space; the spaces are dropped
    bert,        ///< the same, and every punctuation mark and CJK ideograph alone (Devlin et al. 2019, BasicTokenizer)
    gpt2,  ///< Radford et al. 2019: contractions, letters, digits, symbols, each with the space before it; nothing
           ///< dropped
};

std::vector<WordSpan> pre_tokenize(PreTokenizer kind, std::u32string_view text);

}  // namespace glassformer
