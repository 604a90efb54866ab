#include "tokenizer/pre_tokenizer.h"

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

/// GPT-2's pattern, alternative by alternative:
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
class Gpt2Pattern {
  public:
    explicit Gpt2Pattern(std::u32string_view text) : text_(text) {}

    std::size_t match(std::size_t at) const {
        if (const std::size_t length = contraction(at); length > 0) return at + length;
        const std::size_t start = text_[at] == U' ' && at + 1 < text_.size() ? at + 1 : at;
        if (const std::size_t end = run(start, unicode::is_letter); end > start) return end;
        if (const std::size_t end = run(start, unicode::is_number); end > start) return end;
        const auto symbol = [](char32_t c) {
            return !is_whitespace(c) && !unicode::is_letter(c) && !unicode::is_number(c);
        };
        if (const std::size_t end = run(start, symbol); end > start) return end;
        // \s+(?!\S): as many spaces as leave one before the next word, so that the last joins it; alone it stands for
        // itself.
        const std::size_t end = run(at, is_whitespace);
        return end < text_.size() && end - at > 1 ? end - 1 : end;
    }

  private:
    std::size_t contraction(std::size_t at) const {
        if (text_[at] != U'\'') return 0;
        const std::u32string_view rest = text_.substr(at + 1);
        for (const std::u32string_view ending : {U"s", U"t", U"re", U"ve", U"m", U"ll", U"d"}) {
            if (rest.substr(0, ending.size()) == ending) return ending.size() + 1;
        }
        return 0;
    }

    template <typename Accept>
    std::size_t run(std::size_t at, Accept accept) const {
        while (at < text_.size() && accept(text_[at])) ++at;
        return at;
    }

    std::u32string_view text_;
};

std::vector<WordSpan> split_gpt2(std::u32string_view text) {
    const Gpt2Pattern pattern(text);
    std::vector<WordSpan> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = pattern.match(at);
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
