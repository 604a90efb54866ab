// How many operations does one block take, and how many of them grow with the square of the length?
// (Kaplan et al. 2020, table 1, with a multiply-add counted as two)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const std::int64_t d = pick(rng, std::vector<std::int64_t>{256, 512, 768, 1024, 2048, 4096});
    const std::int64_t n = pick(rng, std::vector<std::int64_t>{128, 512, 1024, 2048, 4096, 8192});
    const auto D = static_cast<double>(d);
    const auto N = static_cast<double>(n);
    const double projections = 8.0 * N * D * D;    // Q, K, V, O: 2 n d² each
    const double quadratic = 4.0 * N * N * D;      // Q Kᵀ and P V: 2 n² d each
    const double feed_forward = 16.0 * N * D * D;  // d → 4d → d
    const double total = projections + quadratic + feed_forward;
    const std::string dt = std::to_string(d);
    const std::string nt = std::to_string(n);
    const auto giga = [](double flops) { return recall_number(flops / 1e9) + " GFLOP"; };

    return {.question =
                {"一个块前向一次：d_model = " + dt + "，d_ff = 4d，n = " + nt +
                     " 个词元，乘加算两次，忽略 softmax、归一化和偏置。共多少 GFLOP？其中与 n² 成正比的占多大比例？",
                 "One forward pass of a block: d_model = " + dt + ", d_ff = 4d, n = " + nt +
                     " tokens, a multiply-add counts two, no softmax, norms or biases. How many GFLOP, and "
                     "what share of them grows with n²?"},
            .given = {{"d_model", dt}, {"d_ff", "4d"}, {"n", nt}},
            .numbers = {total / 1e9, quadratic / total},
            .relative = 0.02,
            .solution = {{"W_Q, W_K, W_V, W_O: 8 n d²", giga(projections)},
                         {"Q Kᵀ, P V: 4 n² d", giga(quadratic)},
                         {"FFN: 16 n d²", giga(feed_forward)},
                         {"Σ", giga(total)},
                         {"4 n² d / Σ = n / (n + 6d)", recall_number(quadratic / total)}},
            .lesson = {"n² 那部分占 n/(n + 6d)：n = 6d 时才到一半。常见长度下，块里大头是矩阵乘权重，不是注意力矩阵。",
                       "The n² part is n/(n + 6d) of it: half only at n = 6d. At usual lengths most of a block's work "
                       "is with the weights, not with the attention matrix."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_block_flops() {
    static const Experiment experiment =
        recall_experiment("recall.block_flops", {"口算：一个块的运算量", "Recall: the operations of a block"}, run);
    return experiment;
}

}  // namespace glassformer
