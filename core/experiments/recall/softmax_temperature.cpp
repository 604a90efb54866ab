// What temperature does to a softmax of three logits.  (Hinton et al. 2015, equation 1)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    Tensor logits({1, 3});
    for (std::int64_t i = 0; i < 3; ++i) logits[i] = static_cast<float>(between(rng, -2, 4));
    const double T = pick(rng, std::vector<double>{0.5, 1.0, 2.0, 4.0});
    const Tensor scaled = scale(logits, static_cast<float>(1.0 / T));
    const Tensor weights = exp(scaled);  // small logits: nothing overflows
    const Tensor p = softmax(scaled);

    const auto list = [](const Tensor& row) {
        std::string text;
        for (const float x : row.elements()) text += (text.empty() ? "" : ", ") + recall_number(static_cast<double>(x));
        return text;
    };
    const std::string given = list(logits);
    const std::string t = recall_number(T);
    return {.question = {"logits 是 (" + given + ")，温度 T = " + t + "。三个概率各是多少？",
                         "Logits (" + given + "), temperature T = " + t + ". What are the three probabilities?"},
            .given = {{"z", given}, {"T", t}},
            .numbers = {static_cast<double>(p[0]), static_cast<double>(p[1]), static_cast<double>(p[2])},
            .absolute = 0.01,
            .solution = {{"z / T", list(scaled)}, {"exp", list(weights)}, {"/ Σ", list(p)}},
            .lesson = {"温度先除在 logits 上，再做 softmax。T 越大越平，T 越小越尖；次序不会变。",
                       "The temperature divides the logits, before softmax. Larger T flattens, smaller T sharpens; the "
                       "order stays."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_softmax_temperature() {
    static const Experiment experiment = recall_experiment(
        "recall.softmax_temperature", {"手算：带温度的 softmax", "By hand: softmax with a temperature"}, run);
    return experiment;
}

}  // namespace glassformer
