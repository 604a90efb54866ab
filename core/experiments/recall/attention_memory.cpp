// What the attention probabilities cost in training memory.  (Dao et al. 2022: what FlashAttention does not store)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const std::int64_t batch = pick(rng, std::vector<std::int64_t>{1, 4, 8, 16, 32});
    const std::int64_t heads = pick(rng, std::vector<std::int64_t>{8, 12, 16, 32});
    const std::int64_t n = pick(rng, std::vector<std::int64_t>{512, 1024, 2048, 4096});
    const std::int64_t layers = pick(rng, std::vector<std::int64_t>{6, 12, 24});
    const std::int64_t bytes = pick(rng, std::vector<std::int64_t>{2, 4});
    const auto one_layer = static_cast<double>(batch * heads * n * n * bytes);
    const double gibibytes = one_layer * static_cast<double>(layers) / 1073741824.0;
    const auto text = [](std::int64_t k) { return std::to_string(k); };
    const std::string type = bytes == 2 ? "fp16" : "fp32";

    return {.question = {"训练时每层都要为反向传播留着 softmax 的输出：批大小 " + text(batch) + "，" + text(heads) +
                             " 个头，n = " + text(n) + "，" + text(layers) + " 层，" + type + "。共多少 GiB？",
                         "In training every layer keeps softmax's output for the backward pass: batch " + text(batch) +
                             ", " + text(heads) + " heads, n = " + text(n) + ", " + text(layers) + " layers, " + type +
                             ". How many GiB?"},
            .given = {{"batch", text(batch)},
                      {"n_heads", text(heads)},
                      {"n", text(n)},
                      {"L", text(layers)},
                      {"bytes", text(bytes)}},
            .numbers = {gibibytes},
            .unit = "GiB",
            .relative = 0.01,
            .solution = {{"batch · n_heads · n² · bytes = " + text(batch) + " · " + text(heads) + " · " + text(n) +
                              "² · " + text(bytes),
                          recall_number(one_layer / 1048576.0) + " MiB"},
                         {"· " + text(layers) + " / 1024", recall_number(gibibytes) + " GiB"}},
            .lesson = {"长度翻倍，这一项变成四倍，与 d_model 无关。FlashAttention 不存它，反向时分块重算。",
                       "Twice the length, four times this, whatever d_model is. FlashAttention does not store it but "
                       "computes it again, block by block, on the way back."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_attention_memory() {
    static const Experiment experiment = recall_experiment(
        "recall.attention_memory", {"口算：注意力矩阵的训练显存", "Recall: training memory of attention"}, run);
    return experiment;
}

}  // namespace glassformer
