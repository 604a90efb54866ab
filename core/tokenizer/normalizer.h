#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tokenizer/normalized_text.h"

namespace glassformer {

/// NFC, NFD, NFKC or NFKD.
struct UnicodeNormalizer {
    unicode::Form form = unicode::Form::nfc;
};
struct LowercaseNormalizer {};
/// Drops combining marks (category M); it does not decompose, so NFD must come before it.
struct StripAccentsNormalizer {};
/// BERT's BasicTokenizer before splitting (Devlin et al. 2019).
struct BertNormalizer {
    bool clean_text = true;             ///< drop control characters, turn every white space into a plain space
    bool handle_chinese_chars = true;   ///< a space on both sides of every CJK ideograph
    std::optional<bool> strip_accents;  ///< NFD, then drop category Mn; unset means: as lowercase
    bool lowercase = true;
};
/// White space at the ends.
struct StripNormalizer {
    bool left = true;
    bool right = true;
};
struct PrependNormalizer {
    std::string text;
};
/// Every occurrence of a plain text (regular expressions are not supported).
struct ReplaceNormalizer {
    std::string pattern;
    std::string content;
};
/// SentencePiece's rules from machine translation: some controls dropped, some separators to spaces.
struct NmtNormalizer {};
/// Bytes as visible characters.
struct ByteLevelNormalizer {};

using Normalizer =
    std::variant<UnicodeNormalizer, LowercaseNormalizer, StripAccentsNormalizer, BertNormalizer, StripNormalizer,
                 PrependNormalizer, ReplaceNormalizer, NmtNormalizer, ByteLevelNormalizer>;

/// Applies one normalizer in place.
void normalize(const Normalizer& normalizer, NormalizedText& text);
/// Applies them one after the other.
void normalize(const std::vector<Normalizer>& normalizers, NormalizedText& text);

/// What a step did, to be shown: its name and the text after it.
struct NormalizerStage {
    std::string name;
    NormalizedText text;
};
/// The text after every normalizer; BERT's is taken apart into clean_text, chinese_chars, strip_accents, lowercase.
std::vector<NormalizerStage> normalizer_stages(const std::vector<Normalizer>& normalizers, NormalizedText text);

}  // namespace glassformer
