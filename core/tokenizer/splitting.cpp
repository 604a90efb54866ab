#include "tokenizer/splitting.h"

#include <algorithm>
#include <functional>

#include "tokenizer/gpt2_pattern.h"
#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

/// A stretch of a part, alternately or not: the matches of a pattern and what lies between them.
struct Stretch {
    std::size_t begin;
    std::size_t end;
    bool match;
};
using Stretches = std::vector<Stretch>;
using Finder = std::function<Stretches(std::u32string_view)>;

/// Every character that passes is a match of its own.
template <typename Accept>
Stretches match_characters(std::u32string_view text, Accept accept) {
    Stretches found;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!accept(text[i])) continue;
        if (begin < i) found.push_back({begin, i, false});
        found.push_back({i, i + 1, true});
        begin = i + 1;
    }
    if (begin < text.size()) found.push_back({begin, text.size(), false});
    return found;
}

/// Runs of characters of one kind; kind 0 is what lies between.
template <typename KindOf>
Stretches match_runs(std::u32string_view text, KindOf kind_of) {
    Stretches found;
    for (std::size_t i = 0; i < text.size();) {
        const int kind = kind_of(text[i]);
        std::size_t end = i + 1;
        while (end < text.size() && kind_of(text[end]) == kind) ++end;
        found.push_back({i, end, kind != 0});
        i = end;
    }
    return found;
}

Stretches match_gpt2(std::u32string_view text) {
    Stretches found;
    for (std::size_t i = 0; i < text.size(); i = found.back().end) found.push_back({i, gpt2_match(text, i), true});
    return found;
}

Stretches match_text(std::u32string_view text, std::u32string_view pattern) {
    Stretches found;
    std::size_t begin = 0;
    for (std::size_t at = text.find(pattern); at != std::u32string_view::npos; at = text.find(pattern, begin)) {
        if (begin < at) found.push_back({begin, at, false});
        found.push_back({at, at + pattern.size(), true});
        begin = at + pattern.size();
    }
    if (begin < text.size()) found.push_back({begin, text.size(), false});
    return found;
}

/// Joins matches to their neighbours as the behavior wants; what is left with `match` set is to be removed.
Stretches apply(SplitBehavior behavior, Stretches found) {
    if (behavior == SplitBehavior::removed) return found;
    Stretches kept;
    bool previous = false;
    const bool backwards = behavior == SplitBehavior::merged_with_next;
    if (backwards) std::reverse(found.begin(), found.end());
    for (const Stretch& next : found) {
        const bool join = behavior == SplitBehavior::isolated     ? false
                          : behavior == SplitBehavior::contiguous ? next.match == previous
                                                                  : next.match && !previous;
        if (join && !kept.empty()) {
            (backwards ? kept.back().begin : kept.back().end) = backwards ? next.begin : next.end;
        } else {
            kept.push_back({next.begin, next.end, false});
        }
        previous = next.match;
    }
    if (backwards) std::reverse(kept.begin(), kept.end());
    return kept;
}

void split_where(SplitText& text, SplitBehavior behavior, const Finder& find) {
    std::vector<SplitText::Part> parts;
    parts.reserve(text.parts.size());
    for (const SplitText::Part& part : text.parts) {
        if (part.token >= 0) {
            parts.push_back(part);
            continue;
        }
        for (const Stretch& stretch : apply(behavior, find(text.characters(part)))) {
            if (!stretch.match) parts.push_back({part.begin + stretch.begin, part.begin + stretch.end});
        }
    }
    text.parts = std::move(parts);
}

/// Rewrites the text of every part that is not an added token.
void rewrite_parts(SplitText& text, const std::function<void(NormalizedText&)>& rewrite) {
    NormalizedText whole;
    std::vector<SplitText::Part> parts;
    parts.reserve(text.parts.size());
    for (const SplitText::Part& part : text.parts) {
        NormalizedText piece = text.text.slice(part.begin, part.end);
        if (part.token < 0) rewrite(piece);
        if (piece.empty()) continue;
        parts.push_back({whole.size(), whole.size() + piece.size(), part.token});
        whole.append(piece);
    }
    text = {std::move(whole), std::move(parts)};
}

Finder finder_of(const PatternSplit& s) {
    Finder find = match_gpt2;
    if (!s.gpt2) {
        find = [pattern = decode_utf8(s.text)](std::u32string_view text) { return match_text(text, pattern); };
    }
    if (!s.invert) return find;
    return [find](std::u32string_view text) {
        Stretches found = find(text);
        for (Stretch& stretch : found) stretch.match = !stretch.match;
        return found;
    };
}

struct Apply {
    SplitText& text;

    void operator()(const ByteLevelSplit& s) const {
        if (s.add_prefix_space) {
            rewrite_parts(text, [](NormalizedText& part) {
                if (!part.empty() && part.text().front() != U' ') part.prepend(U" ");
            });
        }
        if (s.use_regex) split_where(text, SplitBehavior::isolated, match_gpt2);
        rewrite_parts(text, [](NormalizedText& part) { part.to_visible_bytes(); });
    }
    void operator()(const BertSplit&) const {
        (*this)(WhitespaceOnlySplit{});
        (*this)(PunctuationSplit{});
    }
    void operator()(const WhitespaceSplit&) const {
        // Words and runs of symbols are matches and kept; the space between them is not.
        split_where(text, SplitBehavior::removed, [](std::u32string_view part) {
            Stretches found = match_runs(part, [](char32_t c) {
                const std::uint8_t flags = unicode::flags(c);
                return (flags & unicode::word) != 0 ? 1 : (flags & unicode::whitespace) != 0 ? 0 : 2;
            });
            for (Stretch& stretch : found) stretch.match = !stretch.match;
            return found;
        });
    }
    void operator()(const WhitespaceOnlySplit&) const {
        split_where(text, SplitBehavior::removed,
                    [](std::u32string_view part) { return match_characters(part, unicode::is_whitespace); });
    }
    void operator()(const MetaspaceSplit& s) const {
        const std::u32string_view mark(&s.replacement, 1);
        rewrite_parts(text, [&](NormalizedText& part) {
            part.replace(U" ", mark);
            const bool wanted = s.prepend == MetaspaceSplit::Prepend::always ||
                                (s.prepend == MetaspaceSplit::Prepend::first && part.origin(0).begin == 0);
            if (wanted && part.text().front() != s.replacement) part.prepend(mark);
        });
        if (!s.split) return;
        split_where(text, SplitBehavior::merged_with_next, [&](std::u32string_view part) {
            return match_characters(part, [&](char32_t c) { return c == s.replacement; });
        });
    }
    void operator()(const PunctuationSplit& s) const {
        split_where(text, s.behavior,
                    [](std::u32string_view part) { return match_characters(part, unicode::is_bert_punctuation); });
    }
    void operator()(const DigitsSplit& s) const {
        split_where(text, s.individual ? SplitBehavior::isolated : SplitBehavior::contiguous,
                    [](std::u32string_view part) { return match_characters(part, unicode::is_numeric); });
    }
    void operator()(const DelimiterSplit& s) const {
        split_where(text, SplitBehavior::removed, [&](std::u32string_view part) {
            return match_characters(part, [&](char32_t c) { return c == s.delimiter; });
        });
    }
    void operator()(const PatternSplit& s) const { split_where(text, s.behavior, finder_of(s)); }
};

struct Name {
    std::string operator()(const ByteLevelSplit&) const { return "ByteLevel"; }
    std::string operator()(const BertSplit&) const { return "BertPreTokenizer"; }
    std::string operator()(const WhitespaceSplit&) const { return "Whitespace"; }
    std::string operator()(const WhitespaceOnlySplit&) const { return "WhitespaceSplit"; }
    std::string operator()(const MetaspaceSplit&) const { return "Metaspace"; }
    std::string operator()(const PunctuationSplit&) const { return "Punctuation"; }
    std::string operator()(const DigitsSplit&) const { return "Digits"; }
    std::string operator()(const DelimiterSplit&) const { return "CharDelimiterSplit"; }
    std::string operator()(const PatternSplit&) const { return "Split"; }
};

}  // namespace

void split(const Splitter& splitter, SplitText& text) { std::visit(Apply{text}, splitter); }

std::string splitter_name(const Splitter& splitter) { return std::visit(Name{}, splitter); }

}  // namespace glassformer
