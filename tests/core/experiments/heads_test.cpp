#include "nn/multi_head_attention.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

/// Lessons 1-01 and 1-06: many heads, and how wide each is.
using namespace glassformer;

namespace {

using Names = std::vector<std::string>;

/// E |Y - T|^2 / E |T|^2 from the definition: the operator on vec(X) written out, entry by entry.
double brute_force_error(const Tensor& A, const Tensor& M, const Tensor& S) {
    const std::int64_t h = A.extent(0), n = A.extent(1), c = M.extent(1), outputs = M.extent(2), k = S.extent(0);
    double error = 0.0, target = 0.0;
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            for (std::int64_t a = 0; a < c; ++a) {
                for (std::int64_t b = 0; b < outputs; ++b) {
                    double difference = 0.0;
                    for (std::int64_t r = 0; r < h; ++r)
                        difference += double(A[(r * n + i) * n + j]) * double(M[(r * c + a) * outputs + b]);
                    double wanted = 0.0;
                    for (std::int64_t m = 0; m < k; ++m)
                        wanted += double(S[(m * n + i) * n + j]) * (b == m * c + a ? 1.0 : 0.0);
                    error += (difference - wanted) * (difference - wanted);
                    target += wanted * wanted;
                }
            }
        }
    }
    return error / target;
}

Tensor& parameter(MultiHeadAttention& layer, const std::string& name) {
    for (auto& [key, variable] : layer.parameters()) {
        if (key == name) return Variable(variable).mutable_value();
    }
    throw std::runtime_error("no parameter " + name);
}

}  // namespace

TEST_CASE("head_capacity: the exact error is the operator's squared distance, for trained heads of any number") {
    for (const char* heads : {"1", "2", "4", "8"}) {
        const Values values = run_to_end("attention.head_capacity", {{"heads", Names{heads}},
                                                                     {"shown", std::string(heads)},
                                                                     {"n", std::int64_t{8}},
                                                                     {"relations", std::int64_t{3}},
                                                                     {"updates", std::int64_t{40}}});
        CAPTURE(heads);
        const double expected =
            brute_force_error(floats(values, "attention"), floats(values, "copies"), floats(values, "target"));
        CHECK(at_tick(values, "rel_mse", heads) == Approx(expected).epsilon(1e-5));
    }
}

TEST_CASE("head_capacity: no training gets below 1 - h/k, at any width of head and at any moment") {
    Rng rng(50);
    const Experiment& experiment = find_experiment("attention.head_capacity");
    for (int trial = 0; trial < 6; ++trial) {
        const auto relations = static_cast<std::int64_t>(1 + rng.integer(4));
        const Arguments arguments =
            complete_arguments(experiment, {{"heads", Names{"1", "2", "4"}},
                                            {"relations", relations},
                                            {"full_dim", rng.integer(2) == 1},
                                            {"n", static_cast<std::int64_t>(8 + rng.integer(9))},
                                            {"learning_rate", trial % 2 == 0 ? 0.03 : 0.1},
                                            {"updates", std::int64_t{150}}});
        Run run = start(experiment, arguments, Context{rng.integer(1000)});
        while (run.advance()) {
            if (run.frame().done() % 10 != 0) continue;
            const Values values = run.frame().values();
            for (const char* heads : {"1", "2", "4"}) {
                CHECK(at_tick(values, "rel_mse", heads) >= at_tick(values, "bound", heads) - 1e-6);
            }
            if (run.last()) break;
        }
        CHECK(at_tick(run.frame().values(), "rel_mse", "4") < 0.9);  // and it does learn
    }
}

TEST_CASE("head_capacity: as many parameters for any number of heads, h times as many at full width") {
    const auto counts = [](bool full) {
        return numbers(run_to_end("attention.head_capacity", {{"heads", Names{"1", "2", "4", "8", "16", "32"}},
                                                              {"full_dim", full},
                                                              {"updates", std::int64_t{10}}}),
                       "parameter_count");
    };
    const DoubleTensor split = counts(false);
    const DoubleTensor full = counts(true);
    for (std::int64_t i = 0; i < 6; ++i) CHECK(split[i] == split[0]);
    CHECK(full[5] - 16 * 32 == 32 * (split[0] - 16 * 32));  // all but the positions
}

TEST_CASE("multi_head: head by head and all at once give the same bits, and what the attention layer gives") {
    Rng rng(51);
    for (int trial = 0; trial < 8; ++trial) {
        const std::int64_t d = 16 << rng.integer(4);
        const std::int64_t h = 1 << rng.integer(5);
        const auto n = static_cast<std::int64_t>(2 + rng.integer(20));
        CAPTURE(d, h, n);
        const Values values =
            run_to_end("attention.multi_head", {{"d_model", d}, {"heads", h}, {"n", n}}, rng.integer(1000));
        CHECK(scalar(values, "max_diff") == 0.0);
        AttentionConfig config;
        config.d_model = d;
        config.n_heads = h;
        config.bias = false;
        MultiHeadAttention layer(config, Rng(1));
        const std::pair<const char*, const char*> names[] = {
            {"query.weight", "W_Q"}, {"key.weight", "W_K"}, {"value.weight", "W_V"}, {"output.weight", "W_O"}};
        for (const auto& [to, from] : names) parameter(layer, to) = floats(values, from).reshaped({d, d});
        const Variable y = layer.forward(Variable(floats(values, "x")));
        CHECK(max_abs_difference(y.value(), floats(values, "output")) < 1e-5);
    }
}

TEST_CASE("multi_head: parameters and score FLOPs do not depend on the number of heads, softmaxes do") {
    const Values values = run_to_end("attention.multi_head", {{"d_model", std::int64_t{32}}, {"n", std::int64_t{10}}});
    const DoubleTensor parameters = numbers(values, "parameter_count");
    const DoubleTensor scores = numbers(values, "score_flops");
    const DoubleTensor exponentials = numbers(values, "exponentials");
    const DoubleTensor matmuls = numbers(values, "matmul_flops");
    REQUIRE(parameters.size() == 6);  // 1, 2, 4, 8, 16, 32 heads
    for (std::int64_t i = 0; i < parameters.size(); ++i) {
        CHECK(parameters[i] == 4.0 * 32 * 32);
        CHECK(scores[i] == 2.0 * 10 * 10 * 32);
        CHECK(matmuls[i] == 8.0 * 10 * 32 * 32 + 4.0 * 10 * 10 * 32);
        CHECK(exponentials[i] == double(1 << i) * 10 * 10);
    }
}

TEST_CASE("head_rank: the theorems of lesson 1-06 over random settings") {
    Rng rng(52);
    for (int trial = 0; trial < 12; ++trial) {
        const std::int64_t d_k = 1 << rng.integer(7);
        const auto n = static_cast<std::int64_t>(8 + rng.integer(57));
        CAPTURE(d_k, n);
        const Values values = run_to_end(
            "attention.head_rank",
            {{"d_k", d_k}, {"n", n}, {"target", std::string(trial % 2 == 0 ? "random_soft" : "permutation")}},
            rng.integer(1000));
        CHECK(scalar(values, "score_rank") <= double(std::min(n, d_k)));
        CHECK(at_tick(values, "distinct_favourites", "1") <= 2.0);
        const DoubleTensor error = numbers(values, "best_rank_error");
        for (std::int64_t i = 1; i < error.size(); ++i) CHECK(error[i] <= error[i - 1]);
        if (n <= 64) CHECK(error[6] < 1e-10);
        if (d_k >= n) CHECK(max_abs_difference(numbers(values, "fit"), numbers(values, "target")) < 1e-9);
        CHECK(scalar(values, "circle_right") == Approx(1.0));
        const DoubleTensor circle = numbers(values, "circle");
        for (std::int64_t i = 0; i < n; ++i) {
            double largest = 0.0;
            for (std::int64_t j = 0; j < n; ++j) largest = std::max(largest, circle(i, j));
            CHECK(largest > 0.985);
        }
        const DoubleTensor parameters = numbers(values, "parameters");
        for (std::int64_t i = 0; i < 7; ++i) {
            CHECK(parameters(i, 0) == 4.0 * 64 * 64);
            CHECK(parameters(i, 1) == 4.0 * 64 * 64 * double(1 << i));
        }
    }
}
