#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/bpe.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/wordpiece.h"

namespace glassformer {

/// Which adjacent pair a trainer merges next. Ties go to the lexicographically smallest (left, right).
enum class MergeCriterion {
    frequency,       ///< most occurrences c(ab)  (Sennrich et al. 2016)
    ratio,           ///< c(ab) / (c(a) c(b)), the popular account of WordPiece
    likelihood_gain  ///< growth of the corpus's unigram log-likelihood by the merge, exactly, in nats (Schuster &
                     ///< Nakajima 2012)
};

enum class TokenizerAlgorithm { byte_bpe, char_bpe, wordpiece };

/// One adjacent pair of the corpus as it is cut now.
struct PairCandidate {
    std::string left;
    std::string right;
    std::int64_t count = 0;   ///< adjacent positions
    std::int64_t merges = 0;  ///< how many of them can be merged without overlap ("aaa" has 2 positions, 1 merge)
    double ratio = 0.0;
    double likelihood_gain = 0.0;
    double score(MergeCriterion criterion) const;
};

/// What a merge of a and b does to sum over pieces of c ln(c / N), given the counts of a, b, of the piece it makes (if
/// it is already there), the number of tokens N and the number of merges. The two pieces may be the same.
double likelihood_gain(std::int64_t a, std::int64_t b, std::int64_t merged, std::int64_t tokens, std::int64_t merges,
                       bool same);

/// Counts of a corpus's words.
std::map<std::string, std::int64_t> count_words(const std::string& corpus, PreTokenizer pre_tokenizer);

/// Learns merges from counted words. Counts are kept up to date merge by merge, so that training costs what changes and
/// not the corpus again.
class MergeTrainer {
  public:
    MergeTrainer(TokenizerAlgorithm algorithm, const std::map<std::string, std::int64_t>& words);

    /// The pair that the criterion prefers; none when every word is one piece.
    std::optional<PairCandidate> best(MergeCriterion criterion) const;
    PairCandidate candidate(const std::string& left, const std::string& right) const;
    void merge(const PairCandidate& pair);

    /// Tokens of the corpus as it is cut now.
    std::int64_t tokens() const { return tokens_; }
    std::size_t pairs() const { return pairs_.size(); }
    /// All merges so far as a tokenizer: Bpe for both kinds of BPE.
    const Bpe& bpe() const { return bpe_; }
    const WordPiece& wordpiece() const { return wordpiece_; }

  private:
    using Pair = std::pair<std::int32_t, std::int32_t>;
    struct Word {
        std::vector<std::int32_t> symbols;
        std::int64_t count;
    };
    struct Occurrences {
        std::int64_t count = 0;
        std::set<std::size_t> words;
    };
    const Vocabulary& vocabulary() const;
    std::string merged_piece(const std::string& left, const std::string& right) const;
    PairCandidate candidate(const Pair& pair, const Occurrences& occurrences) const;
    void count(std::size_t word, int sign);

    TokenizerAlgorithm algorithm_;
    Bpe bpe_;
    WordPiece wordpiece_;
    std::vector<Word> words_;
    std::map<Pair, Occurrences> pairs_;
    std::vector<std::int64_t> symbol_counts_;
    std::int64_t tokens_ = 0;
};

}  // namespace glassformer
