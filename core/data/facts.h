#pragma once

#include <vector>

#include "data/batch.h"

/// Small worlds of facts and sentences with a known right answer, for the lessons on what a model generalises.
namespace glassformer {

/// "A_i is B_i" and, for a share of the pairs, "B_i is A_i" (Berglund et al. 2023, 2309.12288). Entities: A_i = i,
/// B_i = pairs + i, C_i = 2 pairs + i, then three relation tokens: A is, B is, C is.
struct ReversalFacts {
    int pairs = 40;               ///< 2 ... 10000
    float reversed_share = 0.5F;  ///< of the pairs whose reverse is trained, 0 ... 1
    bool other_facts = true;      ///< one more fact C_i -> A_i each, so that every held-out answer is some answer
};
struct FactSets {
    TokenBatch forward;   ///< inputs [facts, 2] = subject, relation; targets [facts, 1]
    TokenBatch reversed;  ///< trained reverses
    TokenBatch held_out;  ///< reverses never trained: known only to one who learned "is" as symmetric
    TokenBatch others;    ///< C_i -> A_i
    int vocabulary = 0;   ///< 3 pairs + 3
};
FactSets reversal_facts(const ReversalFacts& task, Rng& rng);

/// Sentences of m core words of their class and one cue word that agrees with the label at rate rho (plan, 3-04).
/// Ids: core words of class 0, then of class 1, then the two cue words, then "no cue".
struct ShortcutTask {
    int core_words = 20;      ///< of each class, 1 ... 1000
    int words = 3;            ///< core words a sentence (m), 1 ... core_words, distinct
    float cue_agrees = 1.0F;  ///< rho, 0 ... 1
    float core_noise = 0.0F;  ///< chance that a core word is one of the other class, 0 ... 0.5
};
enum class Cue { as_trained, flipped, none };
/// inputs [samples, words + 1], the cue last; targets [samples, 1]; classes balanced.
TokenBatch shortcut_sentences(const ShortcutTask& task, Cue cue, int samples, Rng& rng);
int shortcut_vocabulary(const ShortcutTask& task);

/// Each verb type asks for the noun of its category among `nouns` candidates (plan, 4-14): [batch, 1 + nouns], the verb
/// first, then one noun of each category in random order; the target is the place (0 ... nouns - 1) of the right one.
TokenBatch verb_noun(int categories, int nouns_per_category, int batch, Rng& rng);

/// Joint distribution [K, K] of two words: coupling on the diagonal, the rest independent and uniform:
/// p_ij = coupling [i = j] / K + (1 - coupling) / K^2 (plan, 3-06). Marginals are uniform.
DoubleTensor coupled_pair(int words, double coupling);
/// Sum of p ln(p / (p_i p_j)), nats: what a model that fills both places at once must lose. Error(shape) unless square.
double mutual_information(const DoubleTensor& joint);

/// The rows whose answers are replaced by others at random (never the right one): a share `rate` of them, exactly
/// (rounded). Returns how many.
std::int64_t corrupt_labels(IntTensor& labels, int classes, float rate, Rng& rng);

}  // namespace glassformer
