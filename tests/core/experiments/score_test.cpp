#include <functional>

#include "base/counters.h"
#include "base/math.h"
#include "nn/attention.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

/// Lesson 1-03: how queries and keys are scored, and what it costs.
using namespace glassformer;

namespace {

const char* const all_kinds[] = {"dot", "scaled_dot", "multiplicative", "cosine", "additive", "additive_linear"};

Values scored(const std::string& kind, std::int64_t n, std::int64_t d, double query_scale, std::uint64_t seed) {
    return run_to_end("attention.score_function", {{"kind", kind}, {"n", n}, {"d", d}, {"query_scale", query_scale}},
                      seed);
}

}  // namespace

TEST_CASE("score_function: scaled dot is the attention layer's") {
    const Values values = scored("scaled_dot", 7, 12, 1.5, 3);
    const Variable q(floats(values, "query_side"));
    const Variable k(floats(values, "key_side"));
    const auto layer = scaled_dot_product_attention(q, k, k);
    CHECK(max_abs_difference(layer.scores.value(), floats(values, "scores")) < 1e-5);
    CHECK(max_abs_difference(layer.attention.value(), floats(values, "attention")) < 1e-6);
}

TEST_CASE("score_function: every kind is what the attention layer computes from the same two sides") {
    const std::pair<const char*, ScoreKind> kinds[] = {{"dot", ScoreKind::dot},
                                                       {"scaled_dot", ScoreKind::scaled_dot},
                                                       {"cosine", ScoreKind::cosine},
                                                       {"additive", ScoreKind::additive},
                                                       {"additive_linear", ScoreKind::additive_linear}};
    for (const auto& [name, kind] : kinds) {
        CAPTURE(name);
        const Values values = scored(name, 6, 10, 1.0, 4);
        const AttentionScore layer({kind, 10}, Rng(1));
        for (auto [parameter, variable] : layer.parameters()) {
            // The experiment shows A = q W_q and B = k W_k: the layer's own projections are then the identity.
            Tensor& weight = variable.mutable_value();
            const bool readout = parameter == "value";
            for (std::int64_t i = 0; i < weight.size(); ++i)
                weight[i] = readout ? floats(values, "readout")[i] : (i % 11 == 0 ? 1.0F : 0.0F);
        }
        const Variable scores =
            layer.forward(Variable(floats(values, "query_side")), Variable(floats(values, "key_side")));
        CHECK(max_abs_difference(scores.value(), floats(values, "scores")) < 1e-5);
    }
}

TEST_CASE("score_function: every kind is the formula its name stands for") {
    Rng rng(20);
    for (const std::string kind : all_kinds) {
        for (int trial = 0; trial < 4; ++trial) {
            const auto n = static_cast<std::int64_t>(2 + rng.integer(15));
            const auto d = static_cast<std::int64_t>(2 + rng.integer(63));
            CAPTURE(kind, n, d);
            const std::uint64_t seed = rng.integer(1000);
            const Values values = scored(kind, n, d, 1.0, seed);
            // The same draws under "dot" give q and k themselves.
            const Values plain = scored("dot", n, d, 1.0, seed);
            const Tensor& q = floats(plain, "query_side");
            const Tensor& k = floats(plain, "key_side");
            const Tensor& a = floats(values, "query_side");
            const Tensor& b = floats(values, "key_side");
            const Tensor& v = floats(values, "readout");
            for (std::int64_t i = 0; i < n; ++i) {
                for (std::int64_t j = 0; j < n; ++j) {
                    double qk = 0.0, qq = 0.0, kk = 0.0, ab = 0.0, additive = 0.0, linear = 0.0;
                    for (std::int64_t c = 0; c < d; ++c) {
                        qk += double(q(i, c)) * double(k(j, c));
                        qq += double(q(i, c)) * double(q(i, c));
                        kk += double(k(j, c)) * double(k(j, c));
                        ab += double(a(i, c)) * double(b(j, c));
                        additive += double(v[c]) * std::tanh(double(a(i, c)) + double(b(j, c)));
                        linear += double(v[c]) * (double(a(i, c)) + double(b(j, c)));
                    }
                    const double expected = kind == "dot"              ? qk
                                            : kind == "scaled_dot"     ? qk / std::sqrt(double(d))
                                            : kind == "cosine"         ? qk / std::sqrt(qq * kk)
                                            : kind == "multiplicative" ? ab
                                            : kind == "additive"       ? additive
                                                                       : linear;
                    CHECK(std::abs(double(floats(values, "scores")(i, j)) - expected) < 1e-4);
                }
            }
        }
    }
}

TEST_CASE("score_function: the theorems of lesson 1-03 over random settings") {
    Rng rng(21);
    for (const std::string kind : all_kinds) {
        for (int trial = 0; trial < 6; ++trial) {
            const auto n = static_cast<std::int64_t>(2 + rng.integer(15));
            const auto d = static_cast<std::int64_t>(2 + rng.integer(63));
            const double query_scale = double(glassformer::exp(rng.uniform(-2.0F, 2.0F)));
            CAPTURE(kind, n, d, query_scale);
            const Values values = scored(kind, n, d, query_scale, rng.integer(1000));
            CHECK(scalar(values, "max_abs_score") <= scalar(values, "score_limit") * (1.0 + 1e-5));
            const double rank = at_tick(values, "rank_by_kind", kind);
            if (kind == "additive_linear") {
                CHECK(scalar(values, "row_spread") <= 1e-5);
                CHECK(rank <= 2.0);
            } else if (kind == "additive") {
                CHECK(scalar(values, "row_spread") > 1e-3);
                CHECK(at_tick(values, "doubling_gap", kind) > 1e-3);
            } else {
                CHECK(rank <= double(d));
            }
            if (kind == "dot" || kind == "scaled_dot" || kind == "multiplicative") {
                CHECK(at_tick(values, "doubling_gap", kind) == 0.0);
            }
            if (kind == "cosine") CHECK(scalar(values, "max_abs_score") <= 1.0 + 1e-5);
        }
    }
}

TEST_CASE("score_cost: what is counted is what the formulas say, and fusing changes no bit") {
    for (const std::int64_t n : {32, 64}) {
        for (const std::int64_t d : {16, 32}) {
            const Values values =
                run_to_end("efficiency.score_cost", {{"n", n}, {"d_k", d}, {"repeats", std::int64_t{1}}});
            CAPTURE(n, d);
            const double nnd = double(n * n * d);
            CHECK(at_tick(values, "flops", "dot") == 2.0 * nnd);
            CHECK(at_tick(values, "flops", "scaled_dot") == 2.0 * nnd + double(n * n));
            CHECK(at_tick(values, "flops", "multiplicative") == 2.0 * nnd + 2.0 * double(n * d * d));
            CHECK(at_tick(values, "flops", "additive") == 4.0 * nnd);
            CHECK(at_tick(values, "flops", "additive_fused") == 4.0 * nnd);
            CHECK(at_tick(values, "flops", "additive_no_tanh") == 3.0 * nnd);
            CHECK(at_tick(values, "tanh_calls", "additive") == nnd);
            CHECK(at_tick(values, "tanh_calls", "additive_no_tanh") == 0.0);
            CHECK(at_tick(values, "intermediate_bytes", "dot") == 4.0 * double(n * n));
            CHECK(at_tick(values, "intermediate_bytes", "additive") == 4.0 * nnd);
            CHECK(at_tick(values, "intermediate_bytes", "additive_fused") == 4.0 * double(n * std::max(n, d)));
            CHECK(scalar(values, "fused_difference") == 0.0);
            CHECK(std::isnan(scalar(values, "time_ratio")));  // no clock, no time: never a made-up number
        }
    }
}

TEST_CASE("score_cost: with a clock every kind gets a time, and a run pauses within slices") {
    const Experiment& experiment = find_experiment("efficiency.score_cost");
    double clock = 0.0;
    Context context;
    context.milliseconds = [&clock] { return clock += 0.5; };
    Run run = start(experiment, complete_arguments(experiment, {{"n", std::int64_t{64}}, {"repeats", std::int64_t{2}}}),
                    context);
    int frames = 0;
    double longest = 0.0;
    double before = clock;
    while (run.advance()) {
        longest = std::max(longest, clock - before);
        before = clock;
        ++frames;
        if (run.last()) break;
    }
    CHECK(frames > 24);     // two lengths, six kinds, two repeats, and pauses
    CHECK(longest < 30.0);  // by this clock: 20 ms of slices and some readings
    const Values values = run.frame().values();
    for (const char* kind : {"dot", "scaled_dot", "multiplicative", "additive", "additive_fused", "additive_no_tanh"}) {
        CHECK(at_tick(values, "ms", kind) > 0.0);
    }
    CHECK(scalar(values, "time_ratio") == Approx(at_tick(values, "slowdown", "additive")));
}
