#include <cmath>

#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

using namespace glassformer;

TEST_CASE("training.dropout: kept elements are divided by 1 - p, others are 0; nothing happens in inference") {
    for (const char* site : {"embedding", "residual", "attention", "ffn_hidden", "skip_path"}) {
        CAPTURE(site);
        const Values values = run_to_end("training.dropout", {{"site", std::string(site)}, {"p", 0.5}});
        const Tensor &before = floats(values, "input"), &after = floats(values, "output");
        const auto& mask = std::get<BoolTensor>(std::get<TensorValue>(*values.find("mask")).data);
        std::int64_t dropped = 0;
        for (std::int64_t i = 0; i < before.size(); ++i) {
            CHECK(after[i] == (mask[i] != 0 ? 2.0F * before[i] : 0.0F));
            dropped += mask[i] == 0 ? 1 : 0;
        }
        CHECK(dropped > 0);
        CHECK(dropped < before.size());
        const Values quiet =
            run_to_end("training.dropout", {{"site", std::string(site)}, {"p", 0.5}, {"mode", std::string("eval")}});
        CHECK(max_abs_difference(floats(quiet, "input"), floats(quiet, "output")) == 0.0);
        CHECK(max_abs_difference(floats(quiet, "input"), before) == 0.0);
    }
    const Values attention = run_to_end("training.dropout", {{"mode", std::string("eval")}});
    for (const float sum : floats(attention, "sums").elements()) CHECK(std::abs(sum - 1.0F) < 1e-6F);
}

TEST_CASE("training.dropout: the diagram has the dropouts that are counted") {
    for (const char* convention : {"paper", "common"}) {
        const Values values = run_to_end("training.dropout", {{"convention", std::string(convention)},
                                                              {"encoder_layers", std::int64_t{1}},
                                                              {"decoder_layers", std::int64_t{1}}});
        std::int64_t drawn = 0;
        for (const GraphBox& box : std::get<Graph>(*values.find("architecture")).boxes)
            if (box.label.en == "dropout" && !box.quiet) ++drawn;
        CHECK(static_cast<double>(drawn) == scalar(values, "site_count"));
    }
}

TEST_CASE("training.dropout_regularizer: least squares finds the truth without noise; training finds ridge") {
    const Values exact =
        run_to_end("training.dropout_regularizer", {{"noise", 0.0}, {"samples", std::int64_t{80}}, {"p", 0.0}});
    CHECK(numbers(exact, "test_error")[0] < 1e-12);
    CHECK(numbers(exact, "train_error")[0] < 1e-12);
    CHECK(scalar(exact, "best_rate") == 0.0);
    for (const double p : {0.1, 0.3, 0.8}) {
        CAPTURE(p);
        const Values values = run_to_end("training.dropout_regularizer", {{"p", p}, {"updates", std::int64_t{4000}}});
        CHECK(scalar(values, "distance") < 0.06);
        CHECK(scalar(values, "distance_to_least_squares") > 0.5);
    }
}

TEST_CASE("training.dropout_regularizer: the error on fresh data never passes its floor, at the ends of the controls") {
    for (const std::int64_t samples : {10, 200})
        for (const std::int64_t features : {5, 80})
            for (const double p : {0.0, 0.8}) {
                CAPTURE(samples, features, p);
                const Values values = run_to_end("training.dropout_regularizer", {{"samples", samples},
                                                                                  {"features", features},
                                                                                  {"p", p},
                                                                                  {"masks", std::int64_t{20}},
                                                                                  {"updates", std::int64_t{20}}});

                CHECK(std::isfinite(scalar(values, "trained_error")));
                CHECK(scalar(values, "trained_error") >= scalar(values, "noise_floor"));
                CHECK(scalar(values, "best_error") >= scalar(values, "noise_floor"));
            }
}
