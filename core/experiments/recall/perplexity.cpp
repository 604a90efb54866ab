// Cross-entropy and perplexity from the probabilities of the right tokens.

#include <cmath>

#include "base/math.h"
#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const std::int64_t n = between(rng, 3, 5);
    std::string given, bits;
    double nats = 0.0;
    std::int64_t exponents = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t k = between(rng, 0, 5);  // p = 2^-k
        exponents += k;
        nats -= glassformer::log(1.0 / static_cast<double>(std::int64_t{1} << k));
        given += (i == 0 ? "" : ", ") + std::string(k == 0 ? "1" : "1/" + std::to_string(std::int64_t{1} << k));
        bits += (i == 0 ? "" : " + ") + std::to_string(k);
    }
    const double cross_entropy = nats / static_cast<double>(n);
    const double perplexity = glassformer::exp(cross_entropy);
    const std::string count = std::to_string(n);

    return {.question = {"模型给 " + count + " 个正确词元的概率是 " + given +
                             "。平均交叉熵（nat）和困惑度各是多少？先写交叉熵。",
                         "The model gave the " + count + " right tokens the probabilities " + given +
                             ". What are the mean cross-entropy (nats) and the perplexity, in this order?"},
            .given = {{"p", given}},
            .numbers = {cross_entropy, perplexity},
            .relative = 0.01,
            .absolute = 0.005,
            .solution = {{"−log₂ p: (" + bits + ") / " + count,
                          recall_number(static_cast<double>(exponents) / static_cast<double>(n)) + " bit"},
                         {"· ln 2", recall_number(cross_entropy) + " nat"},
                         {"exp", recall_number(perplexity)}},
            .lesson = {"困惑度是 1/p 的几何平均。概率都是 1/k 时，困惑度就是 k。",
                       "The perplexity is the geometric mean of 1/p: k when every probability is 1/k."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_perplexity() {
    static const Experiment experiment =
        recall_experiment("recall.perplexity", {"手算：交叉熵与困惑度", "By hand: cross-entropy and perplexity"}, run);
    return experiment;
}

}  // namespace glassformer
