// How many parameters has one Transformer block?  (Vaswani et al. 2017, sections 3.2.2 and 3.3)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const std::int64_t d = pick(rng, std::vector<std::int64_t>{64, 128, 256, 512, 768, 1024});
    const std::int64_t ratio = pick(rng, std::vector<std::int64_t>{2, 4});
    const bool bias = rng.integer(2) == 0;
    const std::int64_t f = ratio * d;

    const std::int64_t attention = 4 * d * d + (bias ? 4 * d : 0);     // W_Q, W_K, W_V, W_O
    const std::int64_t feed_forward = 2 * d * f + (bias ? f + d : 0);  // up [d, f], down [f, d]
    const std::int64_t norms = 2 * 2 * d;                              // gamma and beta, twice
    const std::string D = std::to_string(d);
    const std::string F = std::to_string(f);
    const std::string total = std::to_string(attention + feed_forward + norms);

    return {
        .question = {"一个编码器块：d_model = " + D + "，d_ff = " + F + "，线性层" + (bias ? "有" : "没有") +
                         "偏置，两个 LayerNorm 都有 γ 和 β。共有多少个参数？",
                     "An encoder block: d_model = " + D + ", d_ff = " + F + ", linear layers " +
                         (bias ? "with" : "without") + " bias, two LayerNorms with γ and β. How many parameters?"},
        .given = {{"d_model", D}, {"d_ff", F}},
        .numbers = {static_cast<double>(attention + feed_forward + norms)},
        .solution = {{"W_Q, W_K, W_V, W_O: 4 · " + D + "²" + (bias ? " + 4 · " + D : ""), std::to_string(attention)},
                     {"W₁, W₂: 2 · " + D + " · " + F + (bias ? " + " + F + " + " + D : ""),
                      std::to_string(feed_forward)},
                     {"γ, β: 2 · 2 · " + D, std::to_string(norms)},
                     {"Σ", total}},
        .lesson = {"头数不影响参数量。d_ff = 4d 时，一块约 12d²：注意力 4d²，前馈 8d²。",
                   "The number of heads does not matter. With d_ff = 4d a block has about 12d²: 4d² in attention, "
                   "8d² in the feed-forward."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_block_parameters() {
    static const Experiment experiment = recall_experiment(
        "recall.block_parameters", {"口算：一个块有多少参数", "Recall: how many parameters a block has"}, run);
    return experiment;
}

}  // namespace glassformer
