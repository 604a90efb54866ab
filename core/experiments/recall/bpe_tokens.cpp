// Cut a word by given BPE merges.  (Sennrich et al. 2016, section 3.2: the merges are replayed in the order learned)

#include <algorithm>

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"
#include "tokenizer/bpe.h"

namespace glassformer {
namespace {

/// The merges are drawn from these, so that some help the word and some mislead.
const std::vector<std::vector<std::string>> families = {{"lowest", "lower", "newest", "widest"},
                                                        {"banana", "bandana", "ananas", "nana"},
                                                        {"running", "runner", "inning", "gunner"},
                                                        {"tokens", "taken", "stoke", "kens"},
                                                        {"hugging", "hugs", "bugging", "ginger"}};

std::string spelled(const Bpe& bpe, const std::vector<Token>& tokens) {
    std::string text;
    for (const Token& token : tokens) text += (text.empty() ? "" : " ") + bpe.vocabulary().piece(token.id);
    return text;
}

RecallCard card(Rng rng) {
    const std::vector<std::string>& family = pick(rng, families);
    const std::string word = pick(rng, family);
    Bpe bpe(Bpe::Units::characters);
    for (const std::string& each : family) {
        for (const char letter : each) bpe.add_character(std::string(1, letter));
    }
    // Six merges, each of a pair that stands side by side in one of the words as it is cut so far.
    std::string list;
    for (int i = 0; i < 6; ++i) {
        // Every third of the word itself, so that there is something to do.
        const std::vector<Token> cut = bpe.encode_word(i % 3 == 0 ? word : pick(rng, family));
        if (cut.size() < 2) continue;
        const std::size_t at = rng.integer(static_cast<std::uint32_t>(cut.size() - 1));
        if (bpe.find_merge(cut[at].id, cut[at + 1].id) != nullptr) continue;
        bpe.add_merge(cut[at].id, cut[at + 1].id);
        list += (list.empty() ? "" : ", ") + bpe.vocabulary().piece(cut[at].id) + "+" +
                bpe.vocabulary().piece(cut[at + 1].id);
    }

    RecallCard result{
        .question = {"BPE 的合并规则，按学到的先后：" + list + "。把“" + word + "”切成词元，用空格隔开。",
                     "BPE merges, in the order learned: " + list + ". Cut \"" + word +
                         "\" into tokens, spaces between them."},
        .given = {{"merges", list}, {"word", word}},
        .solution = {},
        .lesson = {"从单个字符开始，每次在当前序列里找排名最靠前的那对来合并，直到没有可合并的。不是最长匹配。",
                   "From single characters, always merge the pair of the best rank that stands in the "
                   "word, until none is left. It is not longest match."}};
    const Bpe::Trace trace = bpe.trace_word(word);
    result.solution.push_back({word, spelled(bpe, trace.units)});
    for (const Bpe::Step& step : trace.steps) {
        result.solution.push_back({std::to_string(step.rank + 1) + ": " + bpe.vocabulary().piece(step.rule.left) + "+" +
                                       bpe.vocabulary().piece(step.rule.right),
                                   spelled(bpe, step.tokens)});
    }
    for (const Token& token : bpe.encode_word(word)) result.pieces.push_back(bpe.vocabulary().piece(token.id));
    return result;
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_bpe_tokens() {
    static const Experiment experiment =
        recall_experiment("recall.bpe_tokens", {"手算：按 BPE 合并切词", "By hand: cut a word by BPE merges"}, run);
    return experiment;
}

}  // namespace glassformer
