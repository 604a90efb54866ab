#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "tokenizer/hashing.h"
#include "tokenizer/vocabulary.h"

namespace glassformer {

/// left right -> result; its rank is its place in the list.
struct MergeRule {
    std::int32_t left;
    std::int32_t right;
    std::int32_t result;
    bool operator==(const MergeRule&) const = default;
};

/// What the BPE of a file may ask for, by the names of tokenizer.json.
struct BpeOptions {
    std::string unknown_piece;      ///< stands for characters that the vocabulary lacks; empty: they vanish
    bool fuse_unknown = false;      ///< one unknown piece for a run of them
    bool byte_fallback = false;     ///< such characters as <0xE7> ... where the vocabulary has all of their bytes
    bool ignore_merges = false;     ///< a word that is a piece as a whole is that piece
    std::string continuing_prefix;  ///< in front of every unit but a word's first ("##")
    std::string end_suffix;         ///< behind a word's last unit ("</w>")
    float dropout = 0.0F;           ///< BPE-dropout (Provilkov et al. 2020), 0 ... 1: how often a merge is passed over
};

/// Byte pair encoding (Gage 1994; Sennrich et al. 2016): a vocabulary and an ordered list of merges. Encoding replays
/// the merges by rank; it is not longest match.
class Bpe {
  public:
    enum class Units {
        bytes,  ///< the 256 bytes come first in the vocabulary, ids 0 ... 255: every text can be encoded (Radford et
                ///< al. 2019)
        characters  ///< one piece per character seen in training; id 0 is [UNK] for the others
    };
    /// A character or byte before any merge, and how many bytes of the word it stands for.
    struct Unit {
        std::int32_t id;
        std::int32_t length;
    };
    struct Merge {
        std::int32_t rank = -1;
        std::int32_t result = -1;
    };

    explicit Bpe(Units units);
    /// A vocabulary from elsewhere, its units characters; the merges follow by add_rule.
    Bpe(Vocabulary vocabulary, BpeOptions options);

    Units units() const { return units_; }
    const BpeOptions& options() const { return options_; }
    void set_dropout(float dropout) { options_.dropout = dropout; }
    const Vocabulary& vocabulary() const { return vocabulary_; }
    std::size_t merges() const { return ranks_.size(); }
    /// The merges in order of rank.
    std::vector<MergeRule> rules() const;
    /// characters: a piece for this character. Error(internal) for bytes, whose pieces are all there.
    std::int32_t add_character(std::string_view character);
    /// The next merge; returns the id of its result. A pair that already has a merge keeps its rank.
    std::int32_t add_merge(std::int32_t left, std::int32_t right);
    /// The next merge of a file, between ids of the vocabulary. A pair that comes twice has the later rank, as in the
    /// reference.
    void add_rule(const MergeRule& rule);
    /// Makes room for so many merges.
    void reserve_merges(std::size_t merges) { ranks_.reserve(merges); }
    /// Calls visit(rule, merge) for every merge, in an order that means nothing.
    template <typename Visit>
    void for_each_merge(Visit visit) const {
        ranks_.for_each([&](std::int32_t left, std::int32_t right, const Merge& merge) {
            visit(MergeRule{left, right, merge.result}, merge);
        });
    }

    /// One word to tokens whose spans start at `offset`; O(n log n) in its length. With a generator, merges are dropped
    /// at the rate of options().dropout; without one none are.
    std::vector<Token> encode_word(std::string_view word, std::int64_t offset = 0, Rng* rng = nullptr) const;

    /// One merge of encode_word: what it joined and how the word was cut after it.
    struct Step {
        std::int32_t rank;
        MergeRule rule;
        std::vector<Token> tokens;
    };
    struct Trace {
        std::vector<Token> units;  ///< before the first merge
        std::vector<Step> steps;
    };
    /// encode_word without dropout, merge by merge; meant for a word or a line, it costs O(n) memory per merge.
    Trace trace_word(std::string_view word, std::int64_t offset = 0) const;

    /// Null where the pair has no merge.
    const Merge* find_merge(std::int32_t left, std::int32_t right) const { return ranks_.find(left, right); }

  private:
    std::vector<Unit> units_of(std::string_view word) const;

    Units units_;
    BpeOptions options_;
    Vocabulary vocabulary_;
    PairMap<Merge> ranks_;
    std::int32_t next_rank_ = 0;
};

}  // namespace glassformer
