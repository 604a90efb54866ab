#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace glassformer::unicode {

/// What a character is, as the reference's patterns and tokenizers see it: bits of flags(). The reference (Hugging Face
/// tokenizers) mixes several versions of Unicode; scripts/make_unicode_tables.py asks it about every code point.
enum Class : std::uint8_t {
    letter = 1,                 ///< \p{L}, general category L
    number = 2,                 ///< \p{N}
    whitespace = 4,             ///< \s, the White_Space property
    word = 8,                   ///< \w
    bert_punctuation = 16,      ///< category P, and the ASCII symbols that are neither letters nor digits
    bert_control = 32,          ///< what BERT's clean-up drops: controls, format, private use, U+0000 and U+FFFD
    bert_nonspacing_mark = 64,  ///< category Mn, what BERT's accent stripping drops
    mark = 128,                 ///< category M, what the normalizer StripAccents drops
};

/// The flags of a code point; 0 for anything beyond U+10FFFF.
std::uint8_t flags(char32_t c);

inline bool is_letter(char32_t c) { return (flags(c) & letter) != 0; }
inline bool is_number(char32_t c) { return (flags(c) & number) != 0; }
inline bool is_mark(char32_t c) { return (flags(c) & mark) != 0; }
inline bool is_whitespace(char32_t c) { return (flags(c) & whitespace) != 0; }
inline bool is_bert_punctuation(char32_t c) { return (flags(c) & bert_punctuation) != 0; }
/// Category N of the newest Unicode that the reference's digit splitter knows.
bool is_numeric(char32_t c);
/// The blocks of CJK ideographs that BERT's tokenizer sets apart (not kana, not Hangul). As in the reference, whose
/// last block but one begins at U+2B920 where BERT's own code has U+2B820.
bool is_cjk(char32_t c);

/// Appends the lower case of a character: one code point, except for U+0130, which becomes two. Returns how many.
int append_lowercase(char32_t c, std::u32string& out);

/// Flags of all of the first two planes, for loops that cannot afford a search.
const std::array<std::uint8_t, 0x20000>& flag_table();

}  // namespace glassformer::unicode
