// How much memory does the key-value cache take?  (Shazeer 2019; Ainslie et al. 2023 for grouped queries)

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    const std::int64_t layers = pick(rng, std::vector<std::int64_t>{12, 24, 32, 40, 80});
    const std::int64_t heads = pick(rng, std::vector<std::int64_t>{16, 32, 64});
    const std::int64_t kv_heads = pick(rng, std::vector<std::int64_t>{1, 8, heads});
    const std::int64_t d_head = pick(rng, std::vector<std::int64_t>{64, 128});
    const std::int64_t length = pick(rng, std::vector<std::int64_t>{1024, 2048, 4096, 8192, 32768});
    const std::int64_t batch = pick(rng, std::vector<std::int64_t>{1, 2, 8});
    const std::int64_t bytes = pick(rng, std::vector<std::int64_t>{1, 2});

    const double per_token = 2.0 * static_cast<double>(layers * kv_heads * d_head * bytes);
    const double mebibytes = per_token * static_cast<double>(length * batch) / 1048576.0;
    const auto text = [](std::int64_t n) { return std::to_string(n); };
    const std::string type = bytes == 2 ? "fp16" : "int8";

    return {.question = {"KV 缓存：" + text(layers) + " 层，" + text(heads) + " 个 query 头、" + text(kv_heads) +
                             " 个 KV 头，d_head = " + text(d_head) + "，长度 " + text(length) + "，批大小 " +
                             text(batch) + "，" + type + "。占多少 MiB？",
                         "KV cache: " + text(layers) + " layers, " + text(heads) + " query heads, " + text(kv_heads) +
                             (kv_heads == 1 ? " KV head" : " KV heads") + ", d_head = " + text(d_head) + ", length " +
                             text(length) + ", batch " + text(batch) + ", " + type + ". How many MiB?"},
            .given = {{"L", text(layers)},
                      {"n_heads", text(heads)},
                      {"n_kv_heads", text(kv_heads)},
                      {"d_head", text(d_head)},
                      {"n", text(length)},
                      {"batch", text(batch)},
                      {"bytes", text(bytes)}},
            .numbers = {mebibytes},
            .unit = "MiB",
            .relative = 0.01,
            .solution = {{"2 · L · n_kv_heads · d_head · bytes = 2 · " + text(layers) + " · " + text(kv_heads) + " · " +
                              text(d_head) + " · " + text(bytes),
                          recall_number(per_token) + " B / token"},
                         {"· " + text(length) + " · " + text(batch),
                          recall_number(per_token * static_cast<double>(length * batch)) + " B"},
                         {"/ 2²⁰", recall_number(mebibytes) + " MiB"}},
            .lesson = {"只有 KV 头数进公式，query 头数不进：GQA、MQA 省的就是它。K 和 V 各一份，所以有个 2。",
                       "KV heads enter, query heads do not: that is what GQA and MQA save. The 2 is for K and V."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_kv_cache() {
    static const Experiment experiment =
        recall_experiment("recall.kv_cache", {"口算：KV 缓存占多少内存", "Recall: the size of a KV cache"}, run);
    return experiment;
}

}  // namespace glassformer
