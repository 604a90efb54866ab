// What inverted dropout does to one activation.  (Srivastava et al. 2014, section 10)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const double p = pick(rng, std::vector<double>{0.1, 0.2, 0.25, 0.5, 0.75, 0.8});
    const auto x = static_cast<double>(between(rng, 1, 6));
    const double kept = x / (1.0 - p);
    const double variance = x * x * p / (1.0 - p);
    const std::string pt = recall_number(p);
    const std::string xt = recall_number(x);

    return {.question = {"inverted dropout，丢弃率 p = " + pt + "，一个激活值恒为 " + xt +
                             "。没被丢掉时它变成多少？训练时输出的均值和方差各是多少？按这个顺序写三个数。",
                         "Inverted dropout at rate p = " + pt + ", an activation that is always " + xt +
                             ". What does it become when it is kept? What are the mean and the variance of the output "
                             "in training? Three numbers, in this order."},
            .given = {{"p", pt}, {"x", xt}},
            .numbers = {kept, x, variance},
            .relative = 0.01,
            .solution = {{"x / (1 − p) = " + xt + " / " + recall_number(1.0 - p), recall_number(kept)},
                         {"E = (1 − p) · x / (1 − p)", xt},
                         {"E[y²] = x² / (1 − p)", recall_number(x * x / (1.0 - p))},
                         {"Var = x² / (1 − p) − x² = x² · p / (1 − p)", recall_number(variance)}},
            .lesson = {"除以 1 − p 让均值不变，推理时才可以直接关掉；方差却多了 x²·p/(1 − p)，这就是它加进来的噪声。",
                       "Dividing by 1 − p keeps the mean, which is why it can simply be switched off in use; the "
                       "variance of x²·p/(1 − p) is the noise it adds."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_dropout_moments() {
    static const Experiment experiment = recall_experiment(
        "recall.dropout_moments", {"口算：dropout 的缩放与方差", "Recall: dropout's scaling and variance"}, run);
    return experiment;
}

}  // namespace glassformer
