#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "data/dates.h"
#include "tokenizer/vocabulary.h"

/// A small grammar that says the same thing in Chinese and in English. A meaning is drawn, then rendered in either
/// language; so translations are exact, every word's role and alignment is known, and so is the probability of every
/// sentence. English agrees in number (a cat sleeps, two cats sleep) and in a / an; Chinese has its measure words,
/// marks the past with 了 and puts the place before the verb.
namespace glassformer {

enum class Determiner {
    the,  ///< the cat; 猫
    a,    ///< a cat; 一 只 猫
    two,  ///< two cats; 两 只 猫
};
struct Entity {
    int noun = 0;
    Determiner determiner = Determiner::the;
    int adjective = -1;  ///< -1: none
    bool operator==(const Entity&) const = default;
};
struct Meaning {
    Entity subject;
    int verb = 0;
    std::optional<Entity> object;  ///< present just when the verb is transitive
    bool past = false;
    bool negated = false;
    int place = -1;  ///< -1: none
    bool operator==(const Meaning&) const = default;
};

enum class WordRole { subject, verb, object, modifier, place, function };
struct SaidWord {
    std::string text;
    WordRole role = WordRole::function;
    int part = -1;  ///< which part of the meaning it says; words of both languages with the same part are aligned
};
using Sentence = std::vector<SaidWord>;

/// Numbers of a part: what `SaidWord::part` holds.
enum MeaningPart {
    part_subject,
    part_subject_adjective,
    part_subject_count,
    part_verb,
    part_object,
    part_object_adjective,
    part_object_count,
    part_place,
    part_negation,
    part_end
};

struct GrammarTask {
    float transitive = 0.75F;  ///< share of sentences with an object
    float adjective = 0.4F;    ///< chance of an adjective beside a noun that can have one
    float place = 0.4F;
    float past = 0.5F;
    float negation = 0.0F;
};

/// The lexicon's sizes; indices in a Meaning are below them.
int noun_count();
int verb_count();
int adjective_count();
int place_count();
bool is_transitive(int verb);
/// What a sentence is about, by its verb, or by its object where the verb goes with anything: 0 food, 1 letters, 2
/// play, 3 garden, 4 other.
int topic_of(const Meaning& meaning);
constexpr int topic_count = 5;
const char* topic_name(int topic, Language language);

Meaning draw_meaning(const GrammarTask& task, Rng& rng);
/// ln p(meaning); -inf when the grammar cannot say it (a ball that sleeps). Sentences are as probable: rendering is
/// one-to-one in each language.
double log_probability(const Meaning& meaning, const GrammarTask& task);
/// Entropy of a sentence, nats: no language model's mean loss per sentence (end mark included) is below it.
double grammar_entropy(const GrammarTask& task);

/// Words of a sentence, the end mark (。 or .) last. Error(out_of_range) for a meaning outside the lexicon.
Sentence render(const Meaning& meaning, Language language);
/// As it is written: no spaces in Chinese, spaces between English words, a capital first.
std::string written(const Sentence& sentence, Language language);
/// The meaning of a sentence given as words, with or without its end mark; nothing if the grammar has no such sentence.
/// A judge of generated text: agreement, measure words and who can do what are all checked.
std::optional<Meaning> understand(const std::vector<std::string>& words, Language language);

/// Pairs (i, j): word i of a sentence and word j of its translation say the same part.
std::vector<std::pair<int, int>> alignment(const Sentence& a, const Sentence& b);
/// Share of the parts two meanings have in common, of those that either has: 1 for the same, a gold similarity.
double overlap(const Meaning& a, const Meaning& b);

/// Ids: [PAD] 0, [START] 1, [END] 2, [MASK] 3, [CLS] 4, [SEP] 5, then the words of the language (both when none is
/// given), end marks included.
const Vocabulary& grammar_vocabulary(std::optional<Language> language = {});
constexpr std::int32_t mask_id = 3;
constexpr std::int32_t cls_id = 4;
constexpr std::int32_t sep_id = 5;
constexpr std::int32_t first_word_id = 6;
/// Ids of a sentence's words. Error(unknown_name) for a word that the vocabulary lacks.
std::vector<std::int32_t> word_ids(const Sentence& sentence, const Vocabulary& vocabulary);

/// Two sentences for next-sentence prediction. A true successor goes on about the same subject ("the ...") at the same
/// place, if one was named; a false one has another subject. Half and half.
struct SentencePair {
    Meaning first, second;
    bool is_next = false;
};
SentencePair draw_sentence_pair(const GrammarTask& task, Rng& rng);

/// Translation pairs as ids, padded: inputs [batch, n] source, targets [batch, m] with the end id last, mask. blind:
/// the sentence's entropy over the mean length of a target.
TokenBatch translation_batch(const GrammarTask& task, Language source, int batch, Rng& rng);

/// Share q_l of each language in training when sampled with exponent alpha: q proportional to n_l^alpha (Conneau &
/// Lample 2019, 1901.07291, section 3.1). 1: as the corpus is; 0: evenly.
std::vector<double> sampling_shares(const std::vector<double>& sentences, double alpha);

}  // namespace glassformer
