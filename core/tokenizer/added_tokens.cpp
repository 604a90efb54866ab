#include "tokenizer/added_tokens.h"

#include <algorithm>

#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

namespace glassformer {

void AddedTokens::Matcher::add(const std::u32string& pattern, std::int32_t id) {
    if (pattern.empty()) return;
    lengths_[pattern.front()].insert(pattern.size());
    ids_[pattern] = id;
}

std::pair<std::size_t, std::int32_t> AddedTokens::Matcher::longest(std::u32string_view text, std::size_t at) const {
    const auto lengths = lengths_.find(text[at]);
    if (lengths == lengths_.end()) return {0, -1};
    for (const std::size_t length : lengths->second) {
        if (length > text.size() - at) continue;
        if (const auto found = ids_.find(text.substr(at, length)); found != ids_.end()) return {length, found->second};
    }
    return {0, -1};
}

void AddedTokens::add(const AddedToken& token, const Vocabulary& model, const std::vector<Normalizer>& normalizers) {
    if (token.content.empty()) return;
    const auto known = ids_.find(token.content);
    if (known != ids_.end() && tokens_.at(known->second) == token) return;
    std::int32_t id = model.count();
    if (!tokens_.empty()) id = std::max(id, tokens_.rbegin()->first + 1);
    if (const auto in_model = model.find(token.content)) id = *in_model;
    if (known != ids_.end()) id = known->second;
    if (token.special) specials_.insert(token.content);

    tokens_[id] = token;
    if (known == ids_.end()) {
        ids_[token.content] = id;
        link(id, normalizers);
        return;
    }
    // The same content again with other properties: what was known of it is forgotten.
    raw_ = {};
    after_ = {};
    normalized_.clear();
    for (const auto& [each, ignored] : tokens_) link(each, normalizers);
}

void AddedTokens::link(std::int32_t id, const std::vector<Normalizer>& normalizers) {
    const AddedToken& token = tokens_.at(id);
    const std::u32string characters = decode_utf8(token.content);
    if (!token.normalized) return raw_.add(characters, id);
    NormalizedText text(characters);
    normalize(normalizers, text);
    if (text.text() != characters) normalized_[id] = encode_utf8(text.text());
    after_.add(text.text(), id);
}

std::optional<std::int32_t> AddedTokens::find(std::string_view content) const {
    const auto found = ids_.find(content);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string> AddedTokens::text(std::int32_t id) const {
    const auto token = tokens_.find(id);
    if (token == tokens_.end()) return std::nullopt;
    const auto normalized = normalized_.find(id);
    return normalized == normalized_.end() ? token->second.content : normalized->second;
}

bool AddedTokens::any_in(std::string_view text) const {
    return std::any_of(ids_.begin(), ids_.end(),
                       [&](const auto& entry) { return text.find(entry.first) != std::string_view::npos; });
}

std::vector<SplitText::Part> AddedTokens::find_in(std::u32string_view text, const Matcher& matcher) const {
    std::vector<SplitText::Part> parts;
    if (matcher.empty()) {
        if (!text.empty()) parts.push_back({0, text.size()});
        return parts;
    }
    const auto is_word = [&](std::size_t at) { return (unicode::flags(text[at]) & unicode::word) != 0; };
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto [length, id] = matcher.longest(text, at);
        if (length == 0) {
            ++at;
            continue;
        }
        const AddedToken& token = tokens_.at(id);
        std::size_t begin = at;
        std::size_t end = at + length;
        at = end;
        const bool beside_word = (begin > 0 && is_word(begin - 1)) || (end < text.size() && is_word(end));
        if (token.single_word && beside_word) continue;
        if (token.lstrip) {
            while (begin > done && unicode::is_whitespace(text[begin - 1])) --begin;
        }
        if (token.rstrip) {
            while (end < text.size() && unicode::is_whitespace(text[end])) ++end;
        }
        if (done < begin) parts.push_back({done, begin});
        parts.push_back({begin, end, id});
        done = end;
    }
    if (done < text.size()) parts.push_back({done, text.size()});
    return parts;
}

SplitText AddedTokens::extract(std::u32string_view source, const std::vector<Normalizer>& normalizers) const {
    SplitText out;
    for (const SplitText::Part& raw : find_in(source, raw_)) {
        NormalizedText piece(source.substr(raw.begin, raw.end - raw.begin), static_cast<std::int32_t>(raw.begin));
        const std::size_t offset = out.text.size();
        if (raw.token >= 0) {
            out.parts.push_back({offset, offset + piece.size(), raw.token});
        } else {
            normalize(normalizers, piece);
            for (const SplitText::Part& part : find_in(piece.text(), after_)) {
                out.parts.push_back({offset + part.begin, offset + part.end, part.token});
            }
        }
        out.text.append(piece);
    }
    return out;
}

}  // namespace glassformer
