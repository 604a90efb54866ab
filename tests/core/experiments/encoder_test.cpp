#include "nn/transformer_stack.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

using namespace glassformer;

namespace {

Values last_values(Settings settings, std::uint64_t seed = 1) {
    return run_to_end("model.encoder_trace", std::move(settings), seed);
}

/// Layer l of [layers, a, b, ...] as [rows, columns].
Tensor of_layer(const Tensor& all, std::int64_t l, std::int64_t rows, std::int64_t columns) {
    const std::int64_t size = rows * columns;
    return Tensor({rows, columns}, {all.data() + l * size, all.data() + (l + 1) * size});
}

}  // namespace

TEST_CASE("model.encoder_trace spells out the encoder that the models use, with every switch") {
    struct Case {
        const char* norm;
        bool use_norm, residual, attention, ffn;
    };
    for (const Case& c : {Case{"post", true, true, true, true}, Case{"pre", true, true, true, true},
                          Case{"post", false, true, true, true}, Case{"post", true, false, true, true},
                          Case{"pre", true, true, false, true}, Case{"post", true, true, true, false}}) {
        CAPTURE(c.norm, c.use_norm, c.residual, c.attention, c.ffn);
        const Values values = last_values({{"norm", std::string(c.norm)},
                                           {"use_norm", c.use_norm},
                                           {"residual", c.residual},
                                           {"attention", c.attention},
                                           {"ffn", c.ffn}});
        TransformerStackConfig config;
        config.n_layers = 2;
        config.layer.attention = {.d_model = 32, .n_heads = 4};
        config.layer.feed_forward = {.d_model = 32, .d_ff = 128};
        config.layer.self_attention = c.attention;
        config.layer.use_feed_forward = c.ffn;
        config.layer.residual = c.residual;
        config.layer.placement = !c.use_norm                    ? NormPlacement::none
                                 : std::string(c.norm) == "pre" ? NormPlacement::pre
                                                                : NormPlacement::post;
        const TransformerStack stack(config, Rng(7));
        const NamedParameters parameters = stack.parameters();
        for (std::int64_t l = 0; l < 2; ++l) {
            const std::string layer = "layers." + std::to_string(l) + ".";
            const auto put = [&](const std::string& name, const char* W, std::int64_t in, std::int64_t out) {
                set_parameter(parameters, layer + name, of_layer(floats(values, W), l, in, out));
            };
            if (c.attention) {
                put("self_attention.query.weight", "W_Q", 32, 32);
                put("self_attention.key.weight", "W_K", 32, 32);
                put("self_attention.value.weight", "W_V", 32, 32);
                put("self_attention.output.weight", "W_O", 32, 32);
            }
            if (c.ffn) {
                put("feed_forward.up.weight", "W_1", 32, 128);
                put("feed_forward.down.weight", "W_2", 128, 32);
            }
        }
        const Tensor output = stack.forward(Variable(floats(values, "embedding"))).value();
        CHECK(max_abs_difference(output, floats(values, "output")) <= 1e-5 * max_abs(output));
    }
}

TEST_CASE("model.encoder_trace counts the parameters that the models have") {
    const Table table = std::get<Table>(*last_values({}).find("param_table"));
    TransformerStackConfig config;
    config.n_layers = 2;
    config.layer.attention = {.d_model = 32, .n_heads = 4};
    config.layer.feed_forward = {.d_model = 32, .d_ff = 128};
    const TransformerStack stack(config, Rng(1));
    CHECK(std::get<std::int64_t>(table.rows.back()[2]) == parameter_count(stack.parameters()));
    CHECK(std::get<std::int64_t>(table.rows.back()[3]) == 18914304);
    // The three parts make the layer.
    for (const std::size_t column : {2U, 3U}) {
        std::int64_t parts = 0;
        for (std::size_t row = 0; row < 3; ++row) parts += std::get<std::int64_t>(table.rows[row][column]);
        CHECK(parts == std::get<std::int64_t>(table.rows[3][column]));
    }
}

TEST_CASE("model.encoder_trace: one word, the same word throughout, Chinese; refusals") {
    const Values one = last_values({{"text", std::string("猫")}, {"permutation", std::string("reverse")}});
    CHECK(scalar(one, "words") == 1.0);
    CHECK(scalar(one, "equivariance_gap") == 0.0);
    CHECK(scalar(one, "reached_after_one") == 1.0);
    const Values same = last_values({{"text", std::string("汪汪汪")}, {"position", false}});
    CHECK(scalar(same, "twins") == 3.0);
    CHECK(scalar(same, "twin_gap") <= 1e-5);
    CHECK_THROWS_AS(last_values({{"text", std::string("   ")}}), Error);
    CHECK_THROWS_AS(last_values({{"text", std::string("一二三四五六七八九十百")}}), Error);
    CHECK_THROWS_AS(last_values({{"attention", false}, {"ffn", false}}), Error);
}

TEST_CASE("model.encoder_trace: without positions a rearranged sentence gives the same vectors, rearranged") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        for (const char* order : {"swap", "reverse"}) {
            for (const char* norm : {"post", "pre"}) {
                CAPTURE(seed, order, norm);
                std::map<std::string, ParameterValue> p{{"permutation", std::string(order)},
                                                        {"norm", std::string(norm)},
                                                        {"text", std::string("昨天狗追了孩子")},
                                                        {"position", false}};
                CHECK(scalar(last_values(p, seed), "equivariance_gap") <= 1e-4);
                CHECK(scalar(last_values(p, seed), "place_gap") >= 0.1);
                p["position"] = true;
                CHECK(scalar(last_values(p, seed), "equivariance_gap") >= 1e-2);
            }
        }
    }
}
