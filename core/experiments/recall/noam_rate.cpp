// The learning rate of the original Transformer at one update.  (Vaswani et al. 2017, section 5.3)

#include <cmath>

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"
#include "training/schedule.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const std::int64_t d = pick(rng, std::vector<std::int64_t>{64, 256, 512, 1024});
    const std::int64_t warmup = pick(rng, std::vector<std::int64_t>{400, 1600, 4000, 10000});
    const std::vector<std::int64_t> updates = {warmup / 4, warmup / 2, warmup, 4 * warmup, 9 * warmup};
    const std::int64_t t = pick(rng, updates);

    const double peak = 1.0 / std::sqrt(static_cast<double>(d) * static_cast<double>(warmup));
    const Schedule schedule{Schedule::Kind::inverse_sqrt, warmup, 10 * warmup};
    const double rate = peak * static_cast<double>(schedule.factor(t));
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    const bool rising = t <= warmup;

    return {.question = {"Noam 学习率：d_model = " + text(d) + "，warmup = " + text(warmup) + "。第 " + text(t) +
                             " 步的学习率是多少？",
                         "Noam schedule: d_model = " + text(d) + ", warmup = " + text(warmup) +
                             ". What is the learning rate at update " + text(t) + "?"},
            .given = {{"d_model", text(d)}, {"w", text(warmup)}, {"t", text(t)}},
            .numbers = {rate},
            .relative = 0.01,
            .solution = {{"d^(−1/2) · min(t^(−1/2), t · w^(−3/2))", rising ? "t ≤ w" : "t > w"},
                         {"t = w: (d · w)^(−1/2)", recall_number(peak)},
                         {rising ? "· t / w = " + text(t) + " / " + text(warmup)
                                 : "· √(w / t) = √(" + text(warmup) + " / " + text(t) + ")",
                          recall_number(rate)}},
            .lesson = {"峰值在 t = w，等于 1/√(d·w)。之前线性上升，之后按 1/√t 下降：4 倍步数，学习率减半。",
                       "The peak, at t = w, is 1/√(d·w). Before it the rate is linear, after it falls as 1/√t: four "
                       "times the updates, half the rate."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_noam_rate() {
    static const Experiment experiment =
        recall_experiment("recall.noam_rate", {"口算：某一步的学习率", "Recall: the learning rate at an update"}, run);
    return experiment;
}

}  // namespace glassformer
