#include "tokenizer/pre_tokenizer.h"

#include "tokenizer/gpt2_pattern.h"
#include "tokenizer/unicode.h"

namespace glassformer {
namespace {

using unicode::is_whitespace;

std::vector<WordSpan> split_whitespace(std::u32string_view text, bool bert) {
    std::vector<WordSpan> words;
    std::int64_t begin = 0;
    const auto size = static_cast<std::int64_t>(text.size());
    const auto flush = [&](std::int64_t end) {
        if (end > begin) words.push_back({begin, end});
    };
    for (std::int64_t i = 0; i < size; ++i) {
        const char32_t c = text[static_cast<std::size_t>(i)];
        const bool alone = bert && (unicode::is_cjk(c) || unicode::is_bert_punctuation(c));
        if (!is_whitespace(c) && !alone) continue;
        flush(i);
        if (alone) words.push_back({i, i + 1});
        begin = i + 1;
    }
    flush(size);
    return words;
}

std::vector<WordSpan> split_gpt2(std::u32string_view text) {
    std::vector<WordSpan> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = gpt2_match(text, at);
        words.push_back({static_cast<std::int64_t>(at), static_cast<std::int64_t>(end)});
        at = end;
    }
    return words;
}

}  // namespace

std::vector<WordSpan> pre_tokenize(PreTokenizer kind, std::u32string_view text) {
    if (kind == PreTokenizer::gpt2) return split_gpt2(text);
    return split_whitespace(text, kind == PreTokenizer::bert);
}

}  // namespace glassformer
