#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/bpe.h"
#include "tokenizer/wordpiece.h"

namespace glassformer {

/// A corpus as its different words with their counts, sorted by word.
using WordCounts = std::vector<std::pair<std::string, std::int64_t>>;

/// Counts words that come one by one; takes each as a view and copies it once.
class WordCounter {
  public:
    void add(std::string_view word, std::int64_t count = 1);
    WordCounts sorted() const;
    std::size_t size() const { return counts_.size(); }

  private:
    Vocabulary words_;
    std::vector<std::int64_t> counts_;
};

/// By the names of the reference's trainers.
struct BpeTrainerOptions {
    std::size_t vocab_size = 30000;
    std::int64_t min_frequency = 0;             ///< pairs that are rarer end the training
    std::vector<std::string> special_tokens;    ///< first in the vocabulary
    std::optional<std::size_t> limit_alphabet;  ///< keep so many characters, the most frequent
    std::u32string initial_alphabet;            ///< in the vocabulary whether the corpus has them or not
    std::string continuing_prefix;
    std::string end_suffix;
    std::optional<std::size_t> max_token_length;  ///< in characters
    /// Units with a prefix or a suffix that come first, in this order: the reference's order changes from run to run,
    /// and given it this trainer reproduces that run.
    std::vector<std::string> first_units;
};

/// What training gives: the merges in order, each with how often its pair stood in the corpus then.
struct TrainedBpe {
    Vocabulary vocabulary;
    std::vector<MergeRule> merges;
    std::vector<std::int64_t> counts;

    /// As a model whose units are characters.
    Bpe model(BpeOptions options) const;
};

/// Merges the most frequent pair until the vocabulary is full (Sennrich et al. 2016), step by step as the reference
/// does, so that vocabulary and merges come out equal. Ties go to the pair with the smaller ids, left first. Ids:
/// special tokens, the alphabet by code point, then units with prefix or suffix as the sorted words show them (in the
/// reference that order changes from run to run, and with it how ties fall where there is a prefix or a suffix), then
/// merges. With limit_alphabet the rarest characters go, of equally rare ones those with the greater code point.
TrainedBpe train_bpe(const WordCounts& words, const BpeTrainerOptions& options);

/// WordPiece as the reference trains it: BPE whose units carry "##" inside words; only the vocabulary is kept. (The
/// trainer of BERT's own vocabulary was never published.)
WordPiece train_wordpiece(const WordCounts& words, BpeTrainerOptions options, WordPieceOptions model = {});

/// The 256 visible characters that stand for bytes: the initial alphabet of byte-level BPE.
std::u32string byte_alphabet();

}  // namespace glassformer
