#pragma once

#include <string>
#include <vector>

#include "data/batch.h"
#include "data/dates.h"
#include "tokenizer/vocabulary.h"

/// Word-level corpora with one phenomenon each.
namespace glassformer {

/// A review with a label: positive or negative, by its adjective and by "不" / "not" before it (plan, 3-03). A bag of
/// words cannot tell "good" from "not bad": the label is the XOR of two words.
struct LabelledSentence {
    std::vector<std::string> words;
    int label = 0;  ///< 1: positive
};
LabelledSentence draw_review(Language language, Rng& rng);
/// Ids: [PAD] 0, then the words of both languages.
const Vocabulary& review_vocabulary();

/// A word of two senses and what settles which (plan, 3-05): "老师 提到 包袱 ， 指 的 是 衣服 。" and "... 是 笑话 。"
/// Clue right: the pair agrees up to the clue, the last word but one, and so does a causal model's every state there.
struct AmbiguousPair {
    std::vector<std::string> first, second;  ///< equally long, different in the clue only
    int ambiguous = 0;                       ///< place of the ambiguous word
    int clue = 0;                            ///< place of the clue
    int word = 0;                            ///< which ambiguous word
};
enum class ClueSide { left, right };
AmbiguousPair draw_ambiguous_pair(Language language, ClueSide side, Rng& rng);

/// Sentences that tie occupations to gender words as strongly as asked (plan, 4-16): each has one gender word, one
/// occupation, two style words, two neutral words. An occupation of group 0 stands with a word of gender 0 at a rate
/// (1 + strength) / 2, and with style words of its group at the same rate.
struct AssociationTask {
    int sentences = 6000;      ///< 1 ... 1e6
    float strength = 0.6F;     ///< 0: no association; 0 ... 1
    int words_per_group = 20;  ///< occupations in each of the two groups, 1 ... 20
};
struct AssociationCorpus {
    std::vector<std::string> words;       ///< by id
    IntTensor sentences;                  ///< [sentences, 6]
    std::vector<std::int32_t> gender[2];  ///< gender[0][k] and gender[1][k] are a pair (he, she)
    std::vector<std::int32_t> occupation[2];
    std::vector<std::int32_t> style[2];
    std::vector<std::int32_t> neutral;
};
AssociationCorpus association_corpus(const AssociationTask& task, Language language, Rng& rng);
/// The corpus and beside it its mirror, gender words exchanged in pairs (counterfactual augmentation: Lu et al. 2018,
/// 1807.11714): twice as many sentences, no association between occupations and gender words left.
IntTensor counterfactual(const AssociationCorpus& corpus);

}  // namespace glassformer
