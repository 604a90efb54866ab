#include <cmath>

#include "autograd/gradient_check.h"
#include "autograd/operations.h"
#include "base/error.h"
#include "nn/relative_position.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::normal;

namespace {

RelativePositionConfig relative(PositionKind kind) {
    RelativePositionConfig config;
    config.kind = kind;
    config.n_heads = 2;
    config.d_head = 6;
    config.buckets = 8;
    config.max_distance = 16;
    return config;
}

}  // namespace

TEST_CASE("sinusoidal positions: norm, rotation by an offset, the formula itself") {
    const DoubleTensor pe = sinusoidal_positions<double>(counted_positions(40), 8);
    for (std::int64_t p = 0; p < 40; ++p) {
        double norm = 0.0;
        for (const double x : pe.row(p)) norm += x * x;
        CHECK(std::abs(norm - 4.0) < 1e-12);
        CHECK(std::abs(pe(p, 3) - std::cos(p / std::pow(10000.0, 2.0 / 8.0))) < 1e-12);
    }
    // PE[p + k] is PE[p] turned by k frequencies, whatever p.
    for (std::int64_t i = 0; i < 4; ++i) {
        const double turn = 5.0 / std::pow(10000.0, 2.0 * static_cast<double>(i) / 8.0);
        const double s = pe(7, 2 * i) * std::cos(turn) + pe(7, 2 * i + 1) * std::sin(turn);
        CHECK(std::abs(pe(12, 2 * i) - s) < 1e-12);
    }
    CHECK(sinusoidal_positions<float>(counted_positions(3), 5).shape() == Shape({3, 5}));
    const DoubleTensor grid = sinusoidal_positions_2d<double>(2, 3, 8);
    const DoubleTensor line = sinusoidal_positions<double>(counted_positions(3), 4);
    CHECK(grid.shape() == Shape({6, 8}));
    CHECK(grid(4, 1) == line(1, 1));  // token 4 is row 1, column 1
    CHECK(grid(5, 6) == line(2, 2));  // token 5 is row 1, column 2
    CHECK_THROWS_AS(sinusoidal_positions_2d<double>(2, 2, 7), Error);
}

TEST_CASE("absolute positions know their limits") {
    const AbsolutePosition learned(PositionKind::learned, 4, 6, Rng(1));
    CHECK(learned.forward(counted_positions(6))->shape() == Shape({6, 4}));
    CHECK(learned.parameters()[0].first == "weight");
    CHECK_THROWS_AS(learned.forward(counted_positions(7)), Error);
    CHECK_THROWS_AS(learned.forward(test::ids({1}, {-1})), Error);
    const AbsolutePosition sinusoidal(PositionKind::sinusoidal, 4, 0, Rng(1));
    CHECK(sinusoidal.forward(counted_positions(3, 1000))->shape() == Shape({3, 4}));
    CHECK(sinusoidal.parameters().empty());
    CHECK_FALSE(AbsolutePosition(PositionKind::rope, 4, 0, Rng(1)).forward(counted_positions(3)));
    CHECK_THROWS_AS(AbsolutePosition(PositionKind::learned, 4, 0, Rng(1)), Error);
    const IntTensor left = positions_of(BoolTensor({1, 4}, {0, 0, 1, 1}));
    CHECK(std::vector<std::int32_t>(left.elements().begin(), left.elements().end()) ==
          std::vector<std::int32_t>{0, 0, 0, 1});
}

TEST_CASE("RoPE keeps norms and makes products depend on the offset only, in both pairings") {
    for (const auto pairs : {RopeConfig::Pairs::adjacent, RopeConfig::Pairs::halves}) {
        RelativePositionConfig config = relative(PositionKind::rope);
        config.rope.pairs = pairs;
        const BasicRelativePosition<double> rope(config, Rng(1));
        const DoubleVariable q(normal<double>({1, 2, 5, 6}, 1));
        const DoubleVariable k(normal<double>({1, 2, 5, 6}, 2));
        const auto scores = [&](std::int64_t shift) {
            return batched_matmul(rope.rotate(q, counted_positions(5, shift)),
                                  rope.rotate(k, counted_positions(5, shift)), Transpose::no, Transpose::yes)
                .value();
        };
        CHECK(max_abs_difference(scores(0), scores(17)) < 1e-10);
        CHECK(max_abs_difference(scores(0), batched_matmul(q, k, Transpose::no, Transpose::yes).value()) > 0.1);
        const DoubleTensor turned = rope.rotate(q, counted_positions(5, 3)).value();
        CHECK(max_abs_difference(sum_rows(square(turned)), sum_rows(square(q.value()))) < 1e-12);
        const auto rotate = [&](const std::vector<DoubleVariable>& v) {
            return rope.rotate(v[0], counted_positions(5));
        };
        CHECK(gradient_check(rotate, {q.value()}) < 1e-8);
    }
}

TEST_CASE("RoPE turns the pair (0, 1) by the position itself") {
    const BasicRelativePosition<double> rope(relative(PositionKind::rope), Rng(1));
    DoubleTensor x({1, 1, 1, 6});
    x[0] = 1.0;
    const DoubleTensor y = rope.rotate(DoubleVariable(x), test::ids({1}, {2})).value();
    CHECK(std::abs(y[0] - std::cos(2.0)) < 1e-12);
    CHECK(std::abs(y[1] - std::sin(2.0)) < 1e-12);
    CHECK(y[3] == 0.0);
}

TEST_CASE(
    "RoPE's extensions: interpolation divides positions, NTK keeps the fastest pair and slows the last by factor") {
    RopeConfig config;
    const IntTensor at = test::ids({1}, {12});
    const DoubleTensor plain = rope_angles(at, 8, config);
    config.factor = 4.0;
    config.extension = RopeConfig::Extension::interpolation;
    const DoubleTensor interpolated = rope_angles(at, 8, config);
    config.extension = RopeConfig::Extension::ntk;
    const DoubleTensor ntk = rope_angles(at, 8, config);
    for (std::int64_t i = 0; i < 4; ++i) CHECK(std::abs(interpolated[i] - plain[i] / 4.0) < 1e-12);
    CHECK(ntk[0] == plain[0]);
    CHECK(std::abs(ntk[3] - plain[3] / 4.0) < 1e-12);
    CHECK(ntk[1] > interpolated[1]);
    RelativePositionConfig odd = relative(PositionKind::rope);
    odd.d_head = 5;
    CHECK_THROWS_AS(RelativePosition(odd, Rng(1)), Error);
    RelativePositionConfig shrinking = relative(PositionKind::rope);
    shrinking.rope.factor = 0.5;
    CHECK_THROWS_AS(RelativePosition(shrinking, Rng(1)), Error);
}

TEST_CASE("ALiBi: the paper's slopes, a penalty linear in the distance") {
    CHECK(alibi_slopes(8) == std::vector<double>{0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625});
    CHECK(alibi_slopes(4) == std::vector<double>{0.25, 0.0625, 0.015625, 0.00390625});
    const std::vector<double> three = alibi_slopes(3);
    REQUIRE(three.size() == 3);
    CHECK(three[0] == 0.0625);
    CHECK(three[1] == 0.00390625);
    CHECK(std::abs(three[2] - 0.25) < 1e-15);
    CHECK(std::abs(alibi_slopes(16)[0] - std::sqrt(0.5)) < 1e-15);
    const BasicRelativePosition<double> alibi(relative(PositionKind::alibi), Rng(1));
    const DoubleVariable query(DoubleTensor({1, 2, 2, 6}));
    const DoubleTensor bias = alibi.score_term(query, counted_positions(2, 3), counted_positions(5), 1.0)->value();
    CHECK(bias.shape() == Shape({1, 2, 2, 5}));
    CHECK(bias.at({0, 0, 0, 3}) == 0.0);
    CHECK(bias.at({0, 0, 1, 0}) == -0.0625 * 4);
    CHECK(bias.at({0, 1, 1, 0}) == -0.00390625 * 4);
}

TEST_CASE("T5's buckets: near distances apart, far ones shared, the ends held") {
    RelativePositionConfig config;
    CHECK(t5_bucket(0, config) == 0);
    CHECK(t5_bucket(-3, config) == 3);
    CHECK(t5_bucket(3, config) == 16 + 3);
    CHECK(t5_bucket(-8, config) == 8);
    CHECK(t5_bucket(-16, config) == 10);  // 8 + floor(8 ln 2 / ln 16)
    CHECK(t5_bucket(-1000, config) == 15);
    CHECK(t5_bucket(1000, config) == 31);
    config.bidirectional = false;
    CHECK(t5_bucket(5, config) == 0);
    CHECK(t5_bucket(-15, config) == 15);
    CHECK(t5_bucket(-200, config) == 31);
    const BasicRelativePosition<double> t5(relative(PositionKind::t5), Rng(1));
    set_parameter(t5.parameters(), "bias", normal<double>({8, 2}, 3));
    const DoubleVariable query(DoubleTensor({1, 2, 3, 6}));
    const DoubleTensor near = t5.score_term(query, counted_positions(3), counted_positions(3), 1.0)->value();
    const DoubleTensor far = t5.score_term(query, counted_positions(3, 9), counted_positions(3, 9), 1.0)->value();
    CHECK(near.shape() == Shape({1, 2, 3, 3}));
    CHECK(max_abs_difference(near, far) == 0.0);
    CHECK(near.at({0, 1, 0, 1}) == t5.parameters()[0].second.value()(t5_bucket(1, relative(PositionKind::t5)), 1));
    RelativePositionConfig tight = relative(PositionKind::t5);
    tight.max_distance = 2;
    CHECK_THROWS_AS(RelativePosition(tight, Rng(1)), Error);
}

TEST_CASE("Shaw's terms are those of the paper's equations 3 and 4, spelled out") {
    RelativePositionConfig config = relative(PositionKind::shaw);
    config.max_distance = 2;
    const BasicRelativePosition<double> shaw(config, Rng(5));
    const DoubleTensor q = normal<double>({2, 2, 4, 6}, 1);
    const DoubleTensor weights = softmax(normal<double>({2, 2, 4, 4}, 2));
    const DoubleTensor keys = shaw.parameters()[0].second.value();
    const DoubleTensor values = shaw.parameters()[1].second.value();
    const IntTensor at = counted_positions(4);
    const DoubleTensor score = shaw.score_term(DoubleVariable(q), at, at, 0.5)->value();
    const DoubleTensor output = shaw.output_term(DoubleVariable(weights), at, at)->value();
    for (std::int64_t bh = 0; bh < 4; ++bh) {
        for (std::int64_t i = 0; i < 4; ++i) {
            std::vector<double> mixed(6);
            for (std::int64_t j = 0; j < 4; ++j) {
                const std::int64_t row = std::max<std::int64_t>(-2, std::min<std::int64_t>(2, j - i)) + 2;
                double dot = 0.0;
                for (std::int64_t c = 0; c < 6; ++c) {
                    dot += q[(bh * 4 + i) * 6 + c] * keys(row, c);
                    mixed[static_cast<std::size_t>(c)] += weights[(bh * 4 + i) * 4 + j] * values(row, c);
                }
                CHECK(std::abs(score[(bh * 4 + i) * 4 + j] - 0.5 * dot) < 1e-12);
            }
            for (std::int64_t c = 0; c < 6; ++c) {
                CHECK(std::abs(output[(bh * 4 + i) * 6 + c] - mixed[static_cast<std::size_t>(c)]) < 1e-12);
            }
        }
    }
    const auto both = [&](const std::vector<DoubleVariable>& v) {
        return add(sum(*shaw.score_term(v[0], at, at, 0.5)), sum(*shaw.output_term(v[1], at, at)));
    };
    CHECK(gradient_check(both, {q, weights}) < 1e-7);
}
