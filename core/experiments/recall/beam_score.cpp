// Beam search compares sentences of different lengths.  (Wu et al. 2016, equation 14)

#include "base/math.h"
#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

double penalty(std::int64_t length, double alpha) {
    return glassformer::exp(alpha * glassformer::log((5.0 + static_cast<double>(length)) / 6.0));
}

RecallCard card(Rng rng) {
    const double alpha = pick(rng, std::vector<double>{0.5, 0.6, 1.0});
    // Lengths for which (5 + n) / 6 is a round number.
    const std::int64_t first_length = pick(rng, std::vector<std::int64_t>{1, 4, 7});
    const std::int64_t second_length = pick(rng, std::vector<std::int64_t>{13, 19, 25});
    const double first_log = -0.1 * static_cast<double>(between(rng, 20, 60));
    const double second_log = first_log - 0.1 * static_cast<double>(between(rng, 5, 40));
    const double first = first_log / penalty(first_length, alpha);
    const double second = second_log / penalty(second_length, alpha);
    const auto text = recall_number;
    const std::string a = std::to_string(first_length);
    const std::string b = std::to_string(second_length);

    return {.question = {"束搜索，长度惩罚 ((5 + n)/6)^α，α = " + text(alpha) + "。候选 A 有 " + a +
                             " 个词元，对数概率和 " + text(first_log) + "；候选 B 有 " + b + " 个，对数概率和 " +
                             text(second_log) + "。A 和 B 的得分各是多少？",
                         "Beam search, length penalty ((5 + n)/6)^α with α = " + text(alpha) + ". Candidate A has " +
                             a + " tokens and log-probability " + text(first_log) + ", candidate B " + b + " and " +
                             text(second_log) + ". What are the scores of A and B?"},
            .given = {{"α", text(alpha)}, {"A", a + ", " + text(first_log)}, {"B", b + ", " + text(second_log)}},
            .numbers = {first, second},
            .relative = 0.01,
            .solution = {{"((5 + " + a + ")/6)^" + text(alpha), text(penalty(first_length, alpha))},
                         {text(first_log) + " / " + text(penalty(first_length, alpha)), text(first)},
                         {"((5 + " + b + ")/6)^" + text(alpha), text(penalty(second_length, alpha))},
                         {text(second_log) + " / " + text(penalty(second_length, alpha)), text(second)},
                         {"max", first > second ? "A" : "B"}},
            .lesson = {"得分是负数，除以更大的惩罚会更接近 0，所以长句得到补偿。α = 0 就是不惩罚，偏爱短句。",
                       "Scores are negative, and a larger divisor brings them nearer to 0: long sentences are made up "
                       "for. α = 0 is no penalty and favours short ones."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_beam_score() {
    static const Experiment experiment = recall_experiment(
        "recall.beam_score", {"手算：束搜索的长度惩罚", "By hand: beam scores with a length penalty"}, run);
    return experiment;
}

}  // namespace glassformer
