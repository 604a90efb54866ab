#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/normalization.h"

namespace glassformer {

/// Characters [begin, end) of the source text.
struct SourceSpan {
    std::int32_t begin;
    std::int32_t end;
    bool operator==(const SourceSpan&) const = default;
};

/// How long the rules of a file may make a text of this size: a few rules that double it would soon be beyond all
/// memory.
inline std::size_t most_grown(std::size_t size) { return std::max(std::size_t{1} << 20, 16 * size); }

/// A text on its way through the normalizers: its characters, and for each the part of the source that it stands for.
/// Rewriting follows the reference's rules, so that offsets come out equal: what replaces a character takes over its
/// place, what is inserted shares the place of the character before it. prepend(), replace() and to_visible_bytes()
/// throw Error(budget) beyond most_grown() characters of the source.
class NormalizedText {
  public:
    NormalizedText() = default;
    /// Every character stands for itself; the first is character `first` of the source.
    explicit NormalizedText(std::u32string_view text, std::int32_t first = 0);

    const std::u32string& text() const { return text_; }
    std::size_t size() const { return text_.size(); }
    bool empty() const { return text_.empty(); }
    SourceSpan origin(std::size_t character) const { return origins_[character]; }
    /// What characters [begin, end) stand for, from the first's begin to the last's end. begin < end.
    SourceSpan origin(std::size_t begin, std::size_t end) const {
        return {origins_[begin].begin, origins_[end - 1].end};
    }

    /// Rewrites the whole text; `dropped` characters at its start are gone before the first change.
    void apply(std::span<const unicode::Change> changes, std::size_t dropped = 0);
    void normalize(unicode::Form form) { apply(unicode::normalize(form, text_)); }
    void lowercase();
    void keep_if(const std::function<bool(char32_t)>& keep);
    void map(const std::function<char32_t(char32_t)>& to);
    /// Removes White_Space at either end.
    void strip(bool left, bool right);
    /// In front of the first character, sharing its place; nothing is put before an empty text.
    void prepend(std::u32string_view characters);
    /// Every occurrence, from the left; the new characters all share the place of the last one replaced.
    void replace(std::u32string_view pattern, std::u32string_view content);
    /// Every character becomes the visible characters of its UTF-8 bytes (see byte_level.h), each in its place.
    void to_visible_bytes();

    void append(const NormalizedText& other);
    /// Characters [begin, end) with their places.
    NormalizedText slice(std::size_t begin, std::size_t end) const;

  private:
    void check_growth(std::size_t size) const;

    std::u32string text_;
    std::vector<SourceSpan> origins_;
};

}  // namespace glassformer
