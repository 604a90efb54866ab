// How many scores does a mask leave?

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const std::int64_t n = pick(rng, std::vector<std::int64_t>{6, 8, 10, 16, 32, 64});
    const std::int64_t padding = between(rng, 0, n / 3);
    const bool windowed = rng.integer(2) == 0;
    const std::int64_t w = windowed ? between(rng, 2, n / 2) : n;
    // Counted as it is defined: token i of the real ones sees j <= i with i - j < w.
    const std::int64_t real = n - padding;
    std::int64_t allowed = 0;
    for (std::int64_t i = 0; i < real; ++i) allowed += std::min(i + 1, w);
    const auto text = [](std::int64_t k) { return std::to_string(k); };
    const std::int64_t full_rows = std::max<std::int64_t>(0, real - w);
    const std::int64_t rising = std::min(real, w);

    return {.question = {"序列长 " + text(n) + "，末尾 " + text(padding) + " 个是 padding，因果掩码" +
                             (windowed ? "，滑动窗口 w = " + text(w) + "（看自己和前面 w − 1 个）" : "") +
                             "。真实词元那些行里，一共有多少个分数没被遮住？",
                         "A sequence of " + text(n) + ", the last " + text(padding) + " padding, causal mask" +
                             (windowed ? ", sliding window w = " + text(w) + " (itself and the w − 1 before)" : "") +
                             ". How many scores are left unmasked in the rows of real tokens?"},
            .given = windowed ? std::vector<RecallGiven>{{"n", text(n)}, {"padding", text(padding)}, {"w", text(w)}}
                              : std::vector<RecallGiven>{{"n", text(n)}, {"padding", text(padding)}},
            .numbers = {static_cast<double>(allowed)},
            .solution =
                windowed ? std::vector<RecallStep>{{"m = n − padding", text(real)},
                                                   {"1 + 2 + … + " + text(rising), text(rising * (rising + 1) / 2)},
                                                   {text(full_rows) + " · " + text(w), text(full_rows * w)},
                                                   {"Σ", text(allowed)}}
                         : std::vector<RecallStep>{{"m = n − padding", text(real)}, {"m (m + 1) / 2", text(allowed)}},
            .lesson = {"因果掩码留下 m(m + 1)/2 个，比一半略多（对角线也在）。加窗后每行最多 w 个，总数随 n 线性增长。",
                       "A causal mask leaves m(m + 1)/2, a little over half (the diagonal stays). A window leaves at "
                       "most w a row: linear in n."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_mask_count() {
    static const Experiment experiment = recall_experiment(
        "recall.mask_count", {"口算：掩码留下多少个分数", "Recall: how many scores a mask leaves"}, run);
    return experiment;
}

}  // namespace glassformer
