#include <cmath>

#include "autograd/operations.h"
#include "support/catch.h"
#include "support/runs.h"

using namespace glassformer;

TEST_CASE("norm.batch normalises as the layer does, scaled weights or not") {
    const Values values = run_to_end("norm.batch", {{"batch", std::int64_t{12}}, {"weight_scale", 3.0}});
    const Variable gamma(Tensor({16}, 1.0F)), beta(Tensor({16}, 0.0F));
    const auto layer = batch_norm(Variable(floats(values, "before")), gamma, beta, 1e-5);
    CHECK(max_abs_difference(layer.output.value(), floats(values, "after")) < 1e-5);
}

TEST_CASE("norm.batch at batch 1: every output is beta and no gradient passes") {
    const Values values = run_to_end("norm.batch", {{"batch", std::int64_t{1}}});
    CHECK(max_abs(floats(values, "after")) == 0.0);
    CHECK(scalar(values, "bias_gradient") == 0.0);
}

TEST_CASE("norm.batch_coupling: LayerNorm's rows are those of the layer") {
    const Values values = run_to_end("norm.batch_coupling", {{"norm", std::string("layer")}});
    const Tensor& y = floats(values, "output_after");
    // Normalising what is normalised changes nothing but for epsilon.
    CHECK(max_abs_difference(layer_norm(Variable(y)).value(), y) < 1e-4);
    CHECK(scalar(values, "relative_change") == 0.0);
}

TEST_CASE("norm.batch_coupling needs a companion to exchange one") {
    const Experiment& experiment = find_experiment("norm.batch_coupling");
    CHECK_THROWS_AS(complete_arguments(experiment, {{"batch", std::int64_t{1}}}), Error);
    CHECK_NOTHROW(complete_arguments(experiment, {{"batch", std::int64_t{1}}, {"change", std::string("last_token")}}));
}

TEST_CASE("norm.future_leak: two hundred updates of LayerNorm stay above the floor") {
    const Values values =
        run_to_end("norm.future_leak", {{"norm", std::string("layer")}, {"updates", std::int64_t{200}}});
    CHECK(scalar(values, "train_loss") > std::log(4.0) - 0.05);
}
