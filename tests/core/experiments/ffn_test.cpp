#include <cmath>
#include <limits>

#include "nn/transformer_layer.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

using namespace glassformer;

TEST_CASE("ffn.position_wise spells out the layer that the models use") {
    for (const char* name : {"relu", "gelu", "silu", "swiglu", "none"}) {
        CAPTURE(name);
        const std::string activation = name;
        const Values values = run_to_end("ffn.position_wise", {{"activation", activation}, {"bias", 0.5}});
        const bool gated = activation == "swiglu";
        FeedForwardConfig config{.d_model = 16, .d_ff = static_cast<std::int64_t>(scalar(values, "d_ff"))};
        config.activation = activation_of(gated ? "silu" : activation == "gelu" ? "gelu_tanh" : activation);
        config.gated = gated;
        const FeedForward layer(config, Rng(1));
        const NamedParameters parameters = layer.parameters();
        // Gated, the activation stands on the gate: W_1 is the gate, W_3 what it lets through.
        set_parameter(parameters, gated ? "gate.weight" : "up.weight", floats(values, "W_1"));
        set_parameter(parameters, gated ? "gate.bias" : "up.bias", floats(values, "b_1"));
        if (gated) set_parameter(parameters, "up.weight", floats(values, "W_3"));
        set_parameter(parameters, "down.weight", floats(values, "W_2"));
        const Tensor output = layer.forward(Variable(floats(values, "x"))).value();
        CHECK(max_abs_difference(output, floats(values, "output")) == 0.0);
    }
}

TEST_CASE("ffn.position_wise counts the parameters of the layer that the models use") {
    for (const std::int64_t ratio : {1, 4}) {
        const Values values = run_to_end("ffn.position_wise", {{"width", std::int64_t{64}}, {"ratio", ratio}});
        TransformerLayerConfig config;
        config.attention = {.d_model = 64, .n_heads = 4};
        config.feed_forward = {.d_ff = 64 * ratio};
        const TransformerLayer encoder(config, Rng(1));
        CHECK(scalar(values, "layer_parameters") == static_cast<double>(parameter_count(encoder.parameters())));
        CHECK(scalar(values, "ffn_parameters") ==
              static_cast<double>(parameter_count(encoder.feed_forward().parameters())));
        config.cross_attention = true;
        const TransformerLayer decoder(config, Rng(1));
        CHECK(scalar(values, "decoder_share") ==
              scalar(values, "ffn_parameters") / static_cast<double>(parameter_count(decoder.parameters())));
    }
}

TEST_CASE("ffn.position_wise: the strongest units come first, and each writes activation times its row of W_2") {
    const Values values = run_to_end("ffn.position_wise", {{"perturb", std::int64_t{2}}});
    const auto& table = std::get<Table>(*values.find("units"));
    REQUIRE(table.rows.size() == 8);
    double before = std::numeric_limits<double>::infinity();
    for (const auto& row : table.rows) {
        const std::int64_t unit = std::get<std::int64_t>(row[0]);
        double squares = 0.0;
        for (const float x : floats(values, "W_2").row(unit)) squares += static_cast<double>(x) * x;
        const double written = std::abs(floats(values, "hidden")(2, unit)) * std::sqrt(squares);
        CHECK(std::abs(std::get<double>(row[4]) - written) < 1e-9);
        CHECK(written <= before);
        before = written;
    }
}

TEST_CASE("ffn.position_wise needs the replaced token to be there") {
    const Experiment& experiment = find_experiment("ffn.position_wise");
    CHECK_THROWS_AS(complete_arguments(experiment, {{"n", std::int64_t{3}}}), Error);
    CHECK_NOTHROW(complete_arguments(experiment, {{"n", std::int64_t{3}}, {"perturb", std::int64_t{2}}}));
}

TEST_CASE("ffn.nonlinearity: one gated unit learns XOR, one ReLU unit stays at its floor, none at ln 2") {
    const std::map<std::string, ParameterValue> one{{"hidden", std::int64_t{1}}};
    auto with = [&](const std::string& activation) {
        auto parameters = one;
        parameters["activation"] = activation;
        return run_to_end("ffn.nonlinearity", parameters);
    };
    CHECK(scalar(with("swiglu"), "accuracy") == 1.0);
    const Values relu = with("relu");
    CHECK(scalar(relu, "accuracy") <= 0.75);
    CHECK(scalar(relu, "loss") >= scalar(relu, "floor"));
    CHECK(std::abs(scalar(relu, "floor") - (3.0 * std::log(3.0) - 2.0 * std::log(2.0)) / 4.0) < 1e-12);
    CHECK(std::abs(scalar(with("none"), "loss") - std::log(2.0)) < 1e-3);
}
