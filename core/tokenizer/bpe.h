#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace glassformer {

/// Byte pair encoding (Gage 1994; Sennrich et al. 2016): a vocabulary and an ordered list of merges. Encoding replays
/// the merges by rank; it is not longest match.
class Bpe {
  public:
    enum class Units {
        bytes,  ///< the 256 bytes come first in the vocabulary, ids 0 ... 255: every text can be encoded (Radford et
                ///< al. 2019)
        characters  ///< one piece per character seen in training; id 0 is [UNK] for the others
    };
    explicit Bpe(Units units);

    Units units() const { return units_; }
    const Vocabulary& vocabulary() const { return vocabulary_; }
    std::size_t merges() const { return ranks_.size(); }
    /// characters: a piece for this character. Error(internal) for bytes, whose pieces are all there.
    std::int32_t add_character(std::string_view character);
    /// The next merge; returns the id of its result. A pair that already has a merge keeps its rank.
    std::int32_t add_merge(std::int32_t left, std::int32_t right);

    /// One word to tokens whose spans start at `offset`; O(n log n) in its length.
    std::vector<Token> encode_word(std::string_view word, std::int64_t offset = 0) const;

  private:
    struct Merge {
        std::int32_t rank;
        std::int32_t result;
    };
    Units units_;
    Vocabulary vocabulary_;
    std::map<std::pair<std::int32_t, std::int32_t>, Merge> ranks_;
};

}  // namespace glassformer
