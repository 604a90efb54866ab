#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/lattice.h"
#include "tokenizer/trie.h"
#include "tokenizer/vocabulary.h"

namespace glassformer {

/// How Unigram cuts a word.
struct SegmentationChoice {
    std::size_t n_best = 0;  ///< draw among the n best; 0: among all
    double theta = 0.0;      ///< draw in proportion to P(segmentation)^theta (Kudo 2018, section 3.3); 0: take the best
};

/// The unigram language model (Kudo 2018): every piece has a probability, a segmentation has the product of its
/// pieces'.
class Unigram {
  public:
    /// How much less likely an unknown character is than the least likely piece, in nats.
    static constexpr double unknown_penalty = 10.0;

    /// Pieces with their log-probabilities; ids are places in the list. Error(malformed) for a piece that comes twice,
    /// Error(out_of_range) for an unknown id that is none.
    Unigram(const std::vector<std::pair<std::string, double>>& pieces, std::optional<std::int32_t> unknown,
            bool byte_fallback = false);

    const Vocabulary& vocabulary() const { return vocabulary_; }
    double score(std::int32_t id) const { return scores_[static_cast<std::size_t>(id)]; }
    const std::vector<double>& scores() const { return scores_; }
    std::optional<std::int32_t> unknown() const { return unknown_; }
    bool byte_fallback() const { return byte_fallback_; }

    /// The most likely segmentation, O(n) times the longest piece; unknown characters side by side become one unknown
    /// token or, with byte fallback, their bytes. Error(unknown_name) for an unknown character when there is no unknown
    /// piece.
    std::vector<Token> encode_word(std::string_view word, std::int64_t offset = 0) const;
    /// The same for a segmentation that is drawn.
    std::vector<Token> sample_word(std::string_view word, std::int64_t offset, const SegmentationChoice& choice,
                                   Rng& rng) const;

    /// All the ways to cut a word; memory grows with the number of edges.
    Lattice lattice(std::string_view word) const;
    /// The tokens of one of them.
    std::vector<Token> tokens(std::string_view word, std::int64_t offset, const Lattice& lattice,
                              const Segmentation& segmentation) const;

  private:
    struct Cut {
        std::size_t begin;
        std::size_t end;
        bool unknown;
    };
    std::vector<Token> tokens_of(std::string_view word, std::int64_t offset, const std::vector<Cut>& cuts) const;
    double unknown_score() const { return least_score_ - unknown_penalty; }

    Vocabulary vocabulary_;
    std::vector<double> scores_;
    Trie trie_;
    std::optional<std::int32_t> unknown_;
    bool byte_fallback_;
    double least_score_;
};

}  // namespace glassformer
