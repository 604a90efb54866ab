#include <cmath>

#include "nn/multi_head_attention.h"
#include "nn/relative_position.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

using namespace glassformer;

TEST_CASE("position.compare spells out the schemes of the attention layer") {
    for (const std::int64_t heads : {1, 4, 8}) {
        CAPTURE(heads);
        constexpr std::int64_t n = 40, d_k = 8;
        const auto run = [&](const char* scheme) {
            return run_to_end("position.compare", {{"scheme", std::string(scheme)},
                                                   {"n", n},
                                                   {"heads", heads},
                                                   {"d_head", d_k},
                                                   {"shift", std::int64_t{30}}});
        };
        const Shape batched({1, heads, n, d_k});
        const Tensor plain = floats(run("none"), "query");

        const Values rope = run("rope");
        const RelativePosition layer({.kind = PositionKind::rope, .n_heads = heads, .d_head = d_k}, Rng(1));
        const auto turned = [&](std::int64_t first) {
            return layer.rotate(Variable(plain.reshaped(batched)), counted_positions(n, first)).value();
        };
        CHECK(max_abs_difference(turned(0).reshaped(plain.shape()), floats(rope, "query")) <= 1e-5);
        CHECK(max_abs_difference(turned(30).reshaped(plain.shape()), floats(rope, "shifted_query")) <= 1e-5);

        const Values alibi = run("alibi");
        const RelativePosition slopes({.kind = PositionKind::alibi, .n_heads = heads, .d_head = d_k}, Rng(1));
        const auto bias =
            slopes.score_term(Variable(plain.reshaped(batched)), counted_positions(n), counted_positions(n), 1.0F);
        REQUIRE(bias.has_value());
        const Tensor& shown = floats(alibi, "position_term");
        CHECK(bias->value().size() == shown.size());
        for (std::int64_t i = 0; i < shown.size(); ++i) CHECK(std::abs(bias->value()[i] - shown[i]) <= 1e-5F);
    }
}

TEST_CASE("position.compare: T5 shares buckets far away, Shaw clips, a single word has nowhere to go") {
    const Values t5 = run_to_end("position.compare", {{"scheme", std::string("t5")}, {"n", std::int64_t{64}}});
    const Tensor& profile = floats(t5, "profile");  // [heads, distance - 32 ... 31]
    CHECK(profile(0, 32 + 20) == profile(0, 32 + 21));
    CHECK(profile(0, 32 + 3) != profile(0, 32 + 4));
    CHECK(profile(0, 32 + 3) != profile(0, 32 - 3));
    const Values shaw = run_to_end("position.compare", {{"scheme", std::string("shaw")}, {"n", std::int64_t{64}}});
    const Tensor& clipped = floats(shaw, "profile");
    CHECK(clipped(1, 32 + 16) == clipped(1, 32 + 30));
    CHECK(clipped(1, 32 + 15) != clipped(1, 32 + 16));
    // One word alike everywhere and no position: one number everywhere.
    const Values none = run_to_end("position.compare", {{"scheme", std::string("none")}});
    CHECK(at_tick(none, "diagonal_spread", "none") == 0.0);
}

TEST_CASE("position.extrapolation: two hundred updates show who has learned a distance and who a place") {
    const Values values =
        run_to_end("position.extrapolation",
                   {{"schemes", std::vector<std::string>{"learned", "rope"}}, {"updates", std::int64_t{200}}});
    const DoubleTensor accuracy = numbers(values, "accuracy");  // learned, rope, interpolation, ntk; 16, 24, 32, 64
    CHECK(accuracy.extent(0) == 4);
    CHECK(accuracy(0, 0) >= 0.9);
    CHECK(accuracy(0, 2) <= 0.5);
    CHECK(accuracy(1, 2) >= 0.85);
    CHECK(accuracy(2, 0) == accuracy(1, 0));
    CHECK(accuracy(3, 0) == accuracy(1, 0));
    CHECK(accuracy(3, 3) > accuracy(2, 3));
    // What is shown is trained, chosen or not.
    const Values alone = run_to_end(
        "position.extrapolation",
        {{"schemes", std::vector<std::string>{}}, {"shown", std::string("rope_ntk")}, {"updates", std::int64_t{10}}});
    CHECK(numbers(alone, "accuracy").extent(0) == 3);
}
