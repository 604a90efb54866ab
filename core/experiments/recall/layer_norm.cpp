// LayerNorm of four numbers by hand.  (Ba et al. 2016, section 3)

#include <cmath>

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    // The fourth makes the mean a whole number, so that the variance can be found in the head.
    Tensor x({1, 4});
    do {
        float sum = 0.0F;
        for (std::int64_t i = 0; i < 3; ++i) {
            x[i] = static_cast<float>(between(rng, -4, 6));
            sum += x[i];
        }
        x[3] = static_cast<float>(4 * between(rng, -1, 2)) - sum;
    } while (variance(x) == 0.0);
    const double mu = mean(x);
    const double sigma2 = variance(x);
    const double sigma = std::sqrt(sigma2);
    std::vector<double> expected;
    std::string given, centered, normed;
    for (std::int64_t i = 0; i < 4; ++i) {
        const double off = static_cast<double>(x[i]) - mu;
        expected.push_back(off / sigma);
        given += (i == 0 ? "" : ", ") + recall_number(static_cast<double>(x[i]));
        centered += (i == 0 ? "" : ", ") + recall_number(off);
        normed += (i == 0 ? "" : ", ") + recall_number(off / sigma);
    }

    return {.question = {"一个词元的特征是 (" + given + ")。LayerNorm（γ = 1，β = 0，忽略 ε）之后的四个数是多少？",
                         "A token's features are (" + given + "). What are they after LayerNorm (γ = 1, β = 0, no ε)?"},
            .given = {{"x", given}},
            .numbers = expected,
            .absolute = 0.02,
            .solution = {{"μ", recall_number(mu)},
                         {"x − μ", centered},
                         {"σ² = Σ (x − μ)² / 4", recall_number(sigma2)},
                         {"σ", recall_number(sigma)},
                         {"(x − μ) / σ", normed}},
            .lesson = {"方差除以 d，不是 d − 1。结果均值为 0、平方和为 d，与原来的大小和平移无关。",
                       "The variance divides by d, not by d − 1. The result has mean 0 and squares summing to d, "
                       "whatever the scale and offset were."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_layer_norm() {
    static const Experiment experiment =
        recall_experiment("recall.layer_norm", {"手算：四个数的 LayerNorm", "By hand: LayerNorm of four numbers"}, run);
    return experiment;
}

}  // namespace glassformer
