// Cut a word by WordPiece: from the left, always the longest piece there is.  (Devlin et al. 2019)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"
#include "tokenizer/wordpiece.h"

namespace glassformer {
namespace {

const std::vector<std::string> words = {"unaffable",   "embeddings", "tokenizer", "transformer", "attention",
                                        "pretraining", "multihead",  "gradients", "unaffected",  "positional"};

RecallCard card(Rng rng) {
    const std::string word = pick(rng, words);
    const auto length = static_cast<std::int64_t>(word.size());
    WordPiece tokenizer;
    // Pieces from three random ways to cut the word. The first two may lack their last piece: who is led there by the
    // longest match ends in [UNK], although the third way goes through.
    const bool trap = rng.integer(2) == 0;
    std::string list;
    const auto add = [&](std::int64_t begin, std::int64_t end) {
        const std::string piece = (begin > 0 ? "##" : "") +
                                  word.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
        if (tokenizer.vocabulary().find(piece)) return;
        tokenizer.vocabulary().add(piece);
        list += (list.empty() ? "" : ", ") + piece;
    };
    for (int way = 0; way < 3; ++way) {
        std::int64_t begin = 0;
        while (begin < length) {
            const std::int64_t end = std::min(length, begin + between(rng, 2, 4));
            if (!(trap && way < 2 && end == length)) add(begin, end);
            begin = end;
        }
    }

    RecallCard result{
        .question = {"WordPiece 词表：" + list + "。把“" + word +
                         "”切成词元，用空格隔开，接续片段写 ##；切不出来写 [UNK]。",
                     "WordPiece vocabulary: " + list + ". Cut \"" + word +
                         "\" into tokens, spaces between them, continuing pieces with ##; [UNK] where it "
                         "cannot be cut."},
        .given = {{"vocabulary", list}, {"word", word}},
        .solution = {},
        .lesson = {"每一步都取能匹配的最长片段，不回头。中途有一处接不上，整个词就是 [UNK]，哪怕换一种切法能切开。",
                   "Always the longest piece that fits, never going back. One place where nothing fits "
                   "makes the whole word [UNK], even if another way of cutting would do."}};
    // Every attempt is shown where it was decisive: the piece found, or the last one tried in vain.
    std::int64_t tried = 0;
    for (const WordPiece::Attempt& attempt : tokenizer.trace_word(word)) {
        ++tried;
        const bool last_chance = !attempt.found && attempt.end - attempt.begin == 1;
        if (!attempt.found && !last_chance) continue;
        const std::string place = word.substr(static_cast<std::size_t>(attempt.begin));
        result.solution.push_back({place + " → " + (attempt.found ? attempt.piece : "∅"), std::to_string(tried)});
        tried = 0;
    }
    std::string joined;
    for (const Token& token : tokenizer.encode_word(word)) {
        const std::string& piece = tokenizer.vocabulary().piece(token.id);
        result.pieces.push_back(piece);
        joined += (joined.empty() ? "" : " ") + piece;
    }
    result.solution.push_back({"=", joined});
    return result;
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_wordpiece_match() {
    static const Experiment experiment = recall_experiment(
        "recall.wordpiece_match", {"手算：WordPiece 最长匹配", "By hand: WordPiece's longest match"}, run);
    return experiment;
}

}  // namespace glassformer
