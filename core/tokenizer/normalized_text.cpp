#include "tokenizer/normalized_text.h"

#include <algorithm>

#include "base/error.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

namespace glassformer {

NormalizedText::NormalizedText(std::u32string_view text, std::int32_t first) : text_(text) {
    origins_.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto at = first + static_cast<std::int32_t>(i);
        origins_.push_back({at, at + 1});
    }
}

void NormalizedText::apply(std::span<const unicode::Change> changes, std::size_t dropped) {
    std::u32string text;
    std::vector<SourceSpan> origins;
    text.reserve(changes.size());
    origins.reserve(changes.size());
    std::size_t at = dropped;  // the next old character
    for (const auto& [character, change] : changes) {
        const std::size_t from = change > 0 ? (at == 0 ? 0 : at - 1) : at;
        text.push_back(character);
        origins.push_back(origins_[std::min(from, origins_.size() - 1)]);
        if (change <= 0) at += 1 + static_cast<std::size_t>(-change);
    }
    text_ = std::move(text);
    origins_ = std::move(origins);
}

void NormalizedText::lowercase() {
    std::u32string text;
    std::vector<SourceSpan> origins;
    text.reserve(text_.size());
    origins.reserve(text_.size());
    for (std::size_t i = 0; i < text_.size(); ++i) {
        for (int n = unicode::append_lowercase(text_[i], text); n > 0; --n) origins.push_back(origins_[i]);
    }
    text_ = std::move(text);
    origins_ = std::move(origins);
}

void NormalizedText::keep_if(const std::function<bool(char32_t)>& keep) {
    std::size_t to = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
        if (!keep(text_[i])) continue;
        text_[to] = text_[i];
        origins_[to++] = origins_[i];
    }
    text_.resize(to);
    origins_.resize(to);
}

void NormalizedText::map(const std::function<char32_t(char32_t)>& to) {
    for (char32_t& c : text_) c = to(c);
}

void NormalizedText::strip(bool left, bool right) {
    std::size_t begin = 0;
    std::size_t end = text_.size();
    while (left && begin < end && unicode::is_whitespace(text_[begin])) ++begin;
    while (right && end > begin && unicode::is_whitespace(text_[end - 1])) --end;
    if (begin > 0 || end < text_.size()) *this = slice(begin, end);
}

void NormalizedText::check_growth(std::size_t size) const {
    const auto source = static_cast<std::size_t>(origins_.back().end - origins_.front().begin);
    const std::size_t most = most_grown(source);
    if (size <= most) return;
    const std::string limit = std::to_string(most);
    throw Error(ErrorKind::budget,
                {"这些规则会把文本扩大到超过 " + limit + " 个字符。",
                 "These rules would make the text longer than " + limit + " characters."},
                "normalizer");
}

void NormalizedText::prepend(std::u32string_view characters) {
    if (text_.empty()) return;
    check_growth(text_.size() + characters.size());
    text_.insert(0, characters);
    origins_.insert(origins_.begin(), characters.size(), SourceSpan(origins_.front()));
}

void NormalizedText::replace(std::u32string_view pattern, std::u32string_view content) {
    if (pattern.empty() || text_.find(pattern) == std::u32string::npos) return;
    std::u32string text;
    std::vector<SourceSpan> origins;
    std::size_t at = 0;
    const auto copy_until = [&](std::size_t end) {
        text.append(text_, at, end - at);
        origins.insert(origins.end(), origins_.begin() + static_cast<std::ptrdiff_t>(at),
                       origins_.begin() + static_cast<std::ptrdiff_t>(end));
    };
    for (std::size_t found = text_.find(pattern); found != std::u32string::npos; found = text_.find(pattern, at)) {
        copy_until(found);
        at = found + pattern.size();
        check_growth(text.size() + content.size());
        text += content;
        origins.insert(origins.end(), content.size(), origins_[at - 1]);
    }
    copy_until(text_.size());
    text_ = std::move(text);
    origins_ = std::move(origins);
}

void NormalizedText::to_visible_bytes() {
    std::u32string text;
    std::vector<SourceSpan> origins;
    for (std::size_t i = 0; i < text_.size(); ++i) {
        check_growth(text.size() + 4);
        for (const char byte : encode_utf8(std::u32string_view(text_).substr(i, 1))) {
            text.push_back(visible_byte(static_cast<std::uint8_t>(byte)));
            origins.push_back(origins_[i]);
        }
    }
    text_ = std::move(text);
    origins_ = std::move(origins);
}

void NormalizedText::append(const NormalizedText& other) {
    text_ += other.text_;
    origins_.insert(origins_.end(), other.origins_.begin(), other.origins_.end());
}

NormalizedText NormalizedText::slice(std::size_t begin, std::size_t end) const {
    NormalizedText part;
    part.text_ = text_.substr(begin, end - begin);
    part.origins_.assign(origins_.begin() + static_cast<std::ptrdiff_t>(begin),
                         origins_.begin() + static_cast<std::ptrdiff_t>(end));
    return part;
}

}  // namespace glassformer
