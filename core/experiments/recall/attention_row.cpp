// One row of attention by hand: one query, three keys of width 2.  (Vaswani et al. 2017, equation 1)

#include <cmath>

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

Tensor small_integers(Rng& rng, std::int64_t rows, std::int64_t columns, std::int64_t most) {
    Tensor result({rows, columns});
    for (std::int64_t i = 0; i < rows * columns; ++i) result[i] = static_cast<float>(between(rng, -most, most));
    return result;
}

std::string row_text(std::span<const float> row) {
    std::string text;
    for (const float x : row) text += (text.empty() ? "" : ", ") + recall_number(static_cast<double>(x));
    return "(" + text + ")";
}

RecallCard card(Rng rng) {
    Tensor q = small_integers(rng, 1, 2, 2);
    if (q[0] == 0.0F && q[1] == 0.0F) q[0] = 1.0F;  // a query that asks for nothing is no exercise
    const Tensor K = small_integers(rng, 3, 2, 2);
    const Tensor V = small_integers(rng, 3, 2, 4);

    const Tensor scores = matmul(q, K, Transpose::no, Transpose::yes);      // [1, 3]
    const Tensor weights = softmax(scale(scores, 1.0F / std::sqrt(2.0F)));  // [1, 3]
    const Tensor output = matmul(weights, V);                               // [1, 2]

    const std::string keys = row_text(K.row(0)) + ", " + row_text(K.row(1)) + ", " + row_text(K.row(2));
    const std::string values = row_text(V.row(0)) + ", " + row_text(V.row(1)) + ", " + row_text(V.row(2));
    return {.question = {"q = " + row_text(q.row(0)) + "，三个 key：" + keys + "，对应的 value：" + values +
                             "。分数除以 √2。输出向量的两个分量是多少？",
                         "q = " + row_text(q.row(0)) + ", three keys: " + keys + ", their values: " + values +
                             ". Scores are divided by √2. What are the two components of the output?"},
            .given = {{"q", row_text(q.row(0))}, {"K", keys}, {"V", values}},
            .numbers = {static_cast<double>(output[0]), static_cast<double>(output[1])},
            .absolute = 0.05,
            .solution = {{"q · Kᵀ", row_text(scores.row(0))},
                         {"/ √2", row_text(scale(scores, 1.0F / std::sqrt(2.0F)).row(0))},
                         {"softmax", row_text(weights.row(0))},
                         {"Σ p · v", row_text(output.row(0))}},
            .lesson = {"先算三个内积，再缩放、softmax，最后用权重平均 value。权重相加应为 1，先检查这一步。",
                       "Three inner products, scaled, softmax, then the average of the values. The weights sum to 1: "
                       "check that first."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_attention_row() {
    static const Experiment experiment =
        recall_experiment("recall.attention_row", {"手算：注意力的一行", "By hand: one row of attention"}, run);
    return experiment;
}

}  // namespace glassformer
