#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace glassformer {

/// By the names of tokenizer.json.
struct WordPieceOptions {
    std::string unknown_piece = "[UNK]";
    std::string continuing_prefix = "##";
    std::size_t longest_word = 100;  ///< words with more characters are unknown at once
};

/// WordPiece as BERT encodes (Devlin et al. 2019): from the left, the longest piece of the vocabulary; pieces after the
/// first carry "##". A word with a place that nothing matches becomes one [UNK], id 0.
class WordPiece {
  public:
    WordPiece();
    /// A vocabulary from elsewhere.
    WordPiece(Vocabulary vocabulary, WordPieceOptions options);
    /// Words with more characters are [UNK] at once, as in BERT's code.
    static constexpr std::size_t longest_word = 100;

    Vocabulary& vocabulary() { return vocabulary_; }
    const Vocabulary& vocabulary() const { return vocabulary_; }
    const WordPieceOptions& options() const { return options_; }
    /// Error(unknown_name) for an unknown word when the vocabulary lacks the piece for them.
    std::vector<Token> encode_word(std::string_view word, std::int64_t offset = 0) const;

    /// One piece tried at one place of the word, longest first.
    struct Attempt {
        std::int64_t begin;  ///< bytes of the word
        std::int64_t end;
        std::string piece;  ///< with its prefix
        bool found;
    };
    /// Every attempt of encode_word, in order; ends with a failed one where the word is unknown.
    std::vector<Attempt> trace_word(std::string_view word) const;
    /// The fewest pieces that spell the word, by dynamic programming, the longest first among equals; empty where none
    /// do. What greedy matching can miss: {a, ab, ##bc} spells "abc", but ab leaves c.
    std::vector<Token> fewest_pieces(std::string_view word) const;

  private:
    std::vector<Token> unknown(std::string_view word, std::int64_t offset) const;
    std::string prefixed(std::string_view piece, bool first) const;

    WordPieceOptions options_;
    Vocabulary vocabulary_;
};

}  // namespace glassformer
