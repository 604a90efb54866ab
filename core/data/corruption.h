#pragma once

#include "data/batch.h"

/// BERT's corruption of its input (Devlin et al. 2019, 1810.04805, section 3.1) and its variants.
namespace glassformer {

enum class MaskUnit {
    token,       ///< each piece on its own
    whole_word,  ///< all pieces of a word or none
    span,        ///< runs of words, geometric lengths, mean 3.8, at most 10 (Joshi et al. 2020, 1907.10529)
};
struct MlmTask {
    float rate = 0.15F;         ///< share of positions selected, 0 ... 1
    float mask_share = 0.8F;    ///< of these: replaced by the mask token
    float random_share = 0.1F;  ///< replaced by a random token; the rest stays as it is
    MaskUnit unit = MaskUnit::token;
    std::int32_t mask_token = 0;
    std::int32_t first_ordinary = 0;  ///< random replacements are first_ordinary ... vocabulary - 1,
    std::int32_t vocabulary = 2;      ///< and tokens below first_ordinary ([CLS], [SEP], padding) are never selected
};
/// What was done to each position.
enum class Corruption : std::uint8_t { untouched, masked, random, kept };

struct CorruptedTokens {
    TokenBatch batch;     ///< inputs corrupted; targets the original tokens; mask: the selected positions
    IntTensor kinds;      ///< [batch, n], a Corruption
    BoolTensor replaced;  ///< [batch, n]: 1 where the token differs from the original (ELECTRA's labels, 2003.10555)
};
/// Corrupts `tokens` [batch, n]. word_starts [batch, n]: 1 where a word begins (token: ignored, may be empty).
/// Error(shape) when the shapes differ; Error(out_of_range) when shares pass 1 or the vocabulary is empty.
CorruptedTokens corrupt_tokens(const IntTensor& tokens, const BoolTensor& word_starts, const MlmTask& task, Rng& rng);

/// Share of positions selected at least once in so many independent draws: 1 - (1 - rate)^draws.
double mask_coverage(double rate, int draws);
/// Chance that another piece of the same word stays visible beside a selected piece, pieces selected independently:
/// 1 - rate^(pieces - 1).
double mask_leak(double rate, int pieces_per_word);

}  // namespace glassformer
