#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tokenizer/bpe_trainer.h"
#include "tokenizer/unigram.h"

namespace glassformer {

struct UnigramTrainerOptions {
    std::size_t vocab_size = 8000;   ///< special tokens and the unknown piece included
    int sub_iterations = 2;          ///< EM updates between prunings
    double shrinking_factor = 0.75;  ///< share of the pieces that a pruning keeps
    std::size_t longest_piece = 16;  ///< in characters
    std::size_t seed_size = 1000000;
    std::vector<std::string> special_tokens;
    std::string unknown_piece = "<unk>";  ///< added in front unless it is among the special tokens; empty: none
    /// Update as SentencePiece does, exp(digamma(c)) for c, which starves rare pieces; otherwise plain EM, under which
    /// the corpus never gets less likely.
    bool sparse = true;
};

/// Learns a unigram language model (Kudo 2018, section 3.2): many substrings to begin with, EM for their probabilities,
/// then pieces whose loss costs the least likelihood are dropped, again and again. Single characters always stay.
class UnigramTrainer {
  public:
    /// Seeds: every character, and every substring that occurs at least twice, the best by count times length. Words
    /// are UTF-8. Error(out_of_range) when the vocabulary is too small for the characters.
    UnigramTrainer(WordCounts words, UnigramTrainerOptions options);

    struct Piece {
        std::string text;
        double score;  ///< log-probability
    };
    const std::vector<Piece>& pieces() const { return pieces_; }

    /// ln P(corpus): over all words, count times ln of the sum over segmentations.
    double log_likelihood() const;
    /// One EM update; returns the log-likelihood before it.
    double update();
    /// Drops the pieces whose removal costs least until `keep` of the multi-character ones are left (0 ... 1), but no
    /// more than leaves the vocabulary some tenth above its size. Returns how many went.
    std::size_t prune(double keep);
    /// True when there is nothing left to prune.
    bool small_enough() const;
    /// The pieces as they are, after the special tokens; `limit` keeps only the best up to vocab_size.
    Unigram model(bool limit) const;

  private:
    struct Edge {
        std::size_t begin;
        std::size_t end;
        std::size_t piece;
    };
    bool is_character(std::size_t piece) const { return piece < characters_; }
    Trie trie() const;
    std::vector<Edge> edges_of(const Trie& trie, std::string_view word) const;
    double expectation(std::vector<double>* counts) const;
    std::vector<std::size_t> best_cut(const Trie& trie, std::string_view word) const;
    std::vector<std::size_t> second_best(const Trie& trie, std::size_t piece) const;

    WordCounts words_;
    UnigramTrainerOptions options_;
    std::vector<Piece> pieces_;  // single characters first
    std::size_t characters_ = 0;
};

/// The whole training: EM and pruning in turn, then cut to size.
Unigram train_unigram(const WordCounts& words, const UnigramTrainerOptions& options);

}  // namespace glassformer
