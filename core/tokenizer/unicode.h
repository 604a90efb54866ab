#pragma once

namespace glassformer::unicode {

/// General categories of the Unicode version named in unicode_tables.cpp.
bool is_letter(char32_t c);
bool is_number(char32_t c);
bool is_mark(char32_t c);
/// White_Space property: what \s means in the pre-tokenizers' patterns.
bool is_whitespace(char32_t c);
/// BERT's: category P, and the ASCII symbols that are neither letters nor digits (so that $ and ^ count as well).
bool is_bert_punctuation(char32_t c);
/// The blocks of CJK ideographs that BERT's tokenizer sets apart (not kana, not Hangul).
bool is_cjk(char32_t c);

}  // namespace glassformer::unicode
