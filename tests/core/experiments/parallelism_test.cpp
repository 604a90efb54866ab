#include "base/counters.h"
#include "nn/transformer_stack.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

using namespace glassformer;

TEST_CASE("efficiency.parallelism counts the operations that a model really does") {
    // The stack of the experiment, run and counted: weights' products and QK^T, AV, nothing else is a matmul.
    for (const std::int64_t n : {8, 32}) {
        const Values values =
            run_to_end("efficiency.parallelism", {{"n", n}, {"layers", std::int64_t{2}}, {"d", std::int64_t{32}}});
        TransformerStackConfig config;
        config.n_layers = 2;
        config.layer.attention = {.d_model = 32, .n_heads = 4};
        config.layer.feed_forward = {.d_ff = 128};
        const TransformerStack stack(config, Rng(1));
        Rng rng(2);
        const Tensor X = random_normal({n, 32}, rng);
        const CostScope scope;
        stack.forward(Variable(X));
        const double counted =
            at_tick(values, "linear_flops", "encoder") + at_tick(values, "attention_flops", "encoder");
        // Softmax, LayerNorm, ReLU and sums come on top: a small share, and none is a matmul.
        const auto flops = static_cast<double>(scope.cost().flops);
        CHECK(flops >= counted);
        CHECK(flops <= 1.2 * counted);
    }
}

TEST_CASE("efficiency.parallelism: the timeline of the first tokens, abreast or in stairs") {
    const auto starts = [](const char* model) {
        const Values values =
            run_to_end("efficiency.parallelism",
                       {{"model", std::string(model)}, {"n", std::int64_t{8}}, {"layers", std::int64_t{3}}});
        std::vector<std::int64_t> result;
        for (const auto& row : std::get<Table>(*values.find("timeline")).rows) {
            result.push_back(std::get<std::int64_t>(row[1]));
            CHECK(std::get<std::int64_t>(row[2]) == (std::string(model) == "lstm" ? 3 : 18));
        }
        return result;
    };
    CHECK(starts("encoder") == std::vector<std::int64_t>(8, 0));
    CHECK(starts("decoder_training") == std::vector<std::int64_t>(8, 0));
    CHECK(starts("generation_cached") == std::vector<std::int64_t>{0, 18, 36, 54, 72, 90, 108, 126});
    CHECK(starts("lstm") == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7});
}
