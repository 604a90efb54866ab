// Two updates of Adam on one number.  (Kingma & Ba 2015, algorithm 1)

#include <cmath>

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const double beta1 = 0.9;
    const double beta2 = pick(rng, std::vector<double>{0.99, 0.999});
    const double rate = pick(rng, std::vector<double>{0.001, 0.01, 0.1});
    double g1 = static_cast<double>(between(rng, 1, 8));
    double g2 = static_cast<double>(between(rng, 1, 8));
    if (rng.integer(2) == 0) g1 = -g1;
    if (rng.integer(2) == 0) g2 = -g2;

    // First update: after bias correction both moments are the gradient itself.
    const double first = -rate * g1 / std::abs(g1);
    const double m = beta1 * (1.0 - beta1) * g1 + (1.0 - beta1) * g2;
    const double v = beta2 * (1.0 - beta2) * g1 * g1 + (1.0 - beta2) * g2 * g2;
    const double m_hat = m / (1.0 - beta1 * beta1);
    const double v_hat = v / (1.0 - beta2 * beta2);
    const double second = -rate * m_hat / std::sqrt(v_hat);
    const auto text = recall_number;

    return {.question = {"Adam：β₁ = 0.9，β₂ = " + text(beta2) + "，学习率 " + text(rate) +
                             "，忽略 ε。前两步的梯度是 " + text(g1) + " 和 " + text(g2) + "。两步里参数各变化多少？",
                         "Adam: β₁ = 0.9, β₂ = " + text(beta2) + ", learning rate " + text(rate) +
                             ", no ε. The first two gradients are " + text(g1) + " and " + text(g2) +
                             ". By how much does the parameter change at each?"},
            .given = {{"β₁, β₂", "0.9, " + text(beta2)}, {"η", text(rate)}, {"g₁, g₂", text(g1) + ", " + text(g2)}},
            .numbers = {first, second},
            .relative = 0.02,
            .absolute = 0.005 * rate,
            .solution = {{"t = 1: m̂ = g₁, v̂ = g₁² → −η · sign(g₁)", text(first)},
                         {"t = 2: m = 0.9 · 0.1 · g₁ + 0.1 · g₂", text(m)},
                         {"m̂ = m / (1 − 0.9²)", text(m_hat)},
                         {"v = β₂ (1 − β₂) g₁² + (1 − β₂) g₂²", text(v)},
                         {"v̂ = v / (1 − β₂²)", text(v_hat)},
                         {"−η · m̂ / √v̂", text(second)}},
            .lesson = {"第一步的大小恰好是学习率，与梯度大小无关；两步梯度反号时，第二步会小得多。",
                       "The first step is the learning rate exactly, however large the gradient; when the second "
                       "gradient has the other sign the second step is much smaller."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_adam_update() {
    static const Experiment experiment =
        recall_experiment("recall.adam_update", {"手算：Adam 的前两步", "By hand: Adam's first two updates"}, run);
    return experiment;
}

}  // namespace glassformer
