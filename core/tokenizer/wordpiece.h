#pragma once

#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace glassformer {

/// WordPiece as BERT encodes (Devlin et al. 2019): from the left, the longest piece of the vocabulary; pieces after the
/// first carry "##". A word with a place that nothing matches becomes one [UNK], id 0.
class WordPiece {
  public:
    WordPiece();
    /// Words with more characters are [UNK] at once, as in BERT's code.
    static constexpr std::size_t longest_word = 100;

    Vocabulary& vocabulary() { return vocabulary_; }
    const Vocabulary& vocabulary() const { return vocabulary_; }
    std::vector<Token> encode_word(std::string_view word, std::int64_t offset = 0) const;

  private:
    Vocabulary vocabulary_;
};

}  // namespace glassformer
