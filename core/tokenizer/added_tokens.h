#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/normalizer.h"
#include "tokenizer/splitting.h"
#include "tokenizer/vocabulary.h"

namespace glassformer {

/// A token that the model did not learn: it is cut out of the text before anything else sees it.
struct AddedToken {
    std::string content;
    bool single_word = false;  ///< only where no \w stands beside it
    bool lstrip = false;       ///< takes the white space before it along
    bool rstrip = false;       ///< and after it
    bool normalized = true;    ///< looked for after the normalizers, and itself normalized
    bool special = false;      ///< can be left out when decoding
    bool operator==(const AddedToken&) const = default;
};

class AddedTokens {
  public:
    /// Gives each its id: that of the same piece in the model's vocabulary, else the next free one.
    void add(const AddedToken& token, const Vocabulary& model, const std::vector<Normalizer>& normalizers);

    bool empty() const { return tokens_.empty(); }
    const std::map<std::int32_t, AddedToken>& tokens() const { return tokens_; }
    std::optional<std::int32_t> find(std::string_view content) const;
    /// How it is written in a decoded text (normalized, where it is); none for other ids.
    std::optional<std::string> text(std::int32_t id) const;
    bool is_special(std::string_view text) const { return specials_.find(text) != specials_.end(); }
    /// Whether any of them might be in a text without normalizers.
    bool any_in(std::string_view text) const;

    /// A source text with these tokens cut out and everything else normalized.
    SplitText extract(std::u32string_view source, const std::vector<Normalizer>& normalizers) const;

  private:
    /// Finds the longest of several patterns at a place: by first character, then by length.
    class Matcher {
      public:
        void add(const std::u32string& pattern, std::int32_t id);
        /// Length and id at `at`; length 0 where none matches.
        std::pair<std::size_t, std::int32_t> longest(std::u32string_view text, std::size_t at) const;
        bool empty() const { return ids_.empty(); }

      private:
        std::unordered_map<char32_t, std::set<std::size_t, std::greater<>>> lengths_;  // by first character
        std::map<std::u32string, std::int32_t, std::less<>> ids_;
    };
    void link(std::int32_t id, const std::vector<Normalizer>& normalizers);
    std::vector<SplitText::Part> find_in(std::u32string_view text, const Matcher& matcher) const;

    std::map<std::int32_t, AddedToken> tokens_;
    std::map<std::string, std::int32_t, std::less<>> ids_;
    std::map<std::int32_t, std::string> normalized_;  // where it differs from the content
    std::set<std::string, std::less<>> specials_;
    Matcher raw_;
    Matcher after_;
};

}  // namespace glassformer
