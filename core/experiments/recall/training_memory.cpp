// How much memory do weights, gradients and Adam's states take in mixed precision?  (Rajbhandari et al. 2020,
// section 3.1)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const double billions = pick(rng, std::vector<double>{0.1, 0.35, 1.3, 2.7, 7.0, 13.0});
    const std::int64_t devices = pick(rng, std::vector<std::int64_t>{1, 8, 16, 64});
    const double n = billions * 1e9;
    const double replicated = 16.0 * n / 1e9;
    const double sharded = 4.0 * n / 1e9 + 12.0 * n / 1e9 / static_cast<double>(devices);
    const std::string size = recall_number(billions);
    const std::string count = std::to_string(devices);

    return {.question =
                {size +
                     "B 参数，fp16 混合精度加 Adam：fp16 权重和梯度，fp32 主权重、一阶矩、二阶矩。不算激活，共多少 GB"
                     "（10⁹ 字节）？若只把 fp32 的三份分摊到 " +
                     count + " 张卡（ZeRO-1），每张卡多少 GB？",
                 size +
                     "B parameters, fp16 mixed precision with Adam: weights and gradients in fp16, master "
                     "weights and both moments in fp32. Without activations, how many GB (10⁹ bytes)? And "
                     "per device when only the three fp32 copies are spread over " +
                     count + " devices (ZeRO-1)?"},
            .given = {{"N", size + "e9"}, {"devices", count}},
            .numbers = {replicated, sharded},
            .relative = 0.01,
            .solution = {{"2 + 2 + 4 + 4 + 4", "16 B / parameter"},
                         {"16 · " + size, recall_number(replicated) + " GB"},
                         {"2 + 2 + 12 / " + count, recall_number(4.0 + 12.0 / static_cast<double>(devices)) + " B"},
                         {"· " + size, recall_number(sharded) + " GB"}},
            .lesson = {"混合精度的 Adam 每个参数 16 字节，其中 12 字节是优化器状态：ZeRO-1 分摊的就是它。",
                       "Adam in mixed precision takes 16 bytes a parameter, 12 of them the optimizer's: those are what "
                       "ZeRO-1 spreads."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_training_memory() {
    static const Experiment experiment = recall_experiment(
        "recall.training_memory", {"口算：训练要多少显存", "Recall: the memory that training takes"}, run);
    return experiment;
}

}  // namespace glassformer
