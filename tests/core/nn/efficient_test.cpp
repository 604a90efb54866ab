#include <cmath>

#include "autograd/gradient_check.h"
#include "autograd/operations.h"
#include "base/error.h"
#include "nn/attention.h"
#include "nn/linear_attention.h"
#include "nn/tiled_attention.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::normal;

namespace {

using Variables = std::vector<DoubleVariable>;

/// 2 sequences, 2 heads, 7 queries of 3, 9 keys, values of 4.
Variables heads() {
    return {DoubleVariable(normal<double>({2, 2, 7, 3}, 1), true),
            DoubleVariable(normal<double>({2, 2, 9, 3}, 2), true),
            DoubleVariable(normal<double>({2, 2, 9, 4}, 3), true)};
}

}  // namespace

TEST_CASE("attention by tiles is attention, its gradients too, whatever the blocks and the mask") {
    BoolTensor holes({2, 7, 9}, 1);
    for (std::int64_t i = 0; i < holes.size(); i += 3) holes[i] = 0;
    for (std::int64_t j = 0; j < 9; ++j) holes.at({1, 4, j}) = 0;  // a query that may look nowhere
    for (const std::optional<Mask>& mask :
         {std::optional<Mask>(), std::optional<Mask>(causal_mask(7, 9)), std::optional<Mask>(lengths_mask({9, 2}, 9)),
          std::optional<Mask>(Mask(holes))}) {
        const Variables plain = heads();
        const DoubleTensor weights = normal<double>({2, 2, 7, 4}, 5);
        const DoubleVariable expected = scaled_dot_product_attention(plain[0], plain[1], plain[2], mask).output;
        expected.backward(weights);
        for (const auto& [query_block, key_block] : {std::pair{1, 1}, {2, 3}, {4, 4}, {7, 9}, {100, 100}}) {
            for (const bool skip : {true, false}) {
                const Variables tiled = heads();
                const auto result =
                    tiled_attention(tiled[0], tiled[1], tiled[2], mask,
                                    {.query_block = query_block, .key_block = key_block, .skip_empty = skip});
                CHECK(max_abs_difference(result.output.value(), expected.value()) < 1e-12);
                result.output.backward(weights);
                for (std::size_t i = 0; i < 3; ++i) {
                    CHECK(max_abs_difference(tiled[i].gradient(), plain[i].gradient()) < 1e-12);
                }
                CHECK(result.counts.scores_useful == 2 * (mask ? allowed_pairs(mask->expanded(2, 7, 9)) : 2 * 7 * 9));
                CHECK(result.counts.peak_bytes == 8 * std::min(query_block, 7) * std::min(key_block, 9));
            }
        }
    }
}

TEST_CASE("tiles in which nobody may look are skipped: half of them when causal, most of them in a window") {
    const Variable x(normal<float>({64, 4}, 1));
    const auto run = [&](const Mask& mask, bool skip) {
        return tiled_attention(x, x, x, std::optional(mask), {.query_block = 8, .key_block = 8, .skip_empty = skip})
            .counts;
    };
    const TileCounts causal = run(causal_mask(64), true);
    CHECK(causal.tiles == 64);
    CHECK(causal.tiles_run == 8 * 9 / 2);
    CHECK(causal.scores_useful == 64 * 65 / 2);
    CHECK(run(causal_mask(64), false).tiles_run == 64);
    // A window of 8 before and one global token: the diagonal, its neighbour, the first row and column of tiles.
    CHECK(run((causal_mask(64) & window_mask(64, 8, 0)) | global_mask(64, 1), true).tiles_run == 8 + 7 + 6 + 7);
    CHECK(run(window_mask(64, 0, 0), true).tiles_run == 8);
}

TEST_CASE("attention by tiles holds scores that exp cannot, and refuses what does not fit") {
    const DoubleVariable large(scale(normal<double>({6, 3}, 1), 100.0));
    const auto result = tiled_attention(large, large, large, std::nullopt, {.query_block = 2, .key_block = 2});
    const DoubleTensor expected = scaled_dot_product_attention(large, large, large).output.value();
    CHECK(max_abs_difference(result.output.value(), expected) < 1e-9);
    const DoubleVariable x(normal<double>({4, 3}, 1));
    const DoubleVariable y(normal<double>({5, 2}, 1));
    CHECK_THROWS_AS(tiled_attention(x, y, y), Error);
    CHECK_THROWS_AS(tiled_attention(x, x, y), Error);
    CHECK_THROWS_AS(tiled_attention(x, x, x, std::optional(causal_mask(5))), Error);
    CHECK_THROWS_AS(tiled_attention(x, x, x, std::nullopt, {.query_block = 0}), Error);
    const DoubleVariable none(DoubleTensor({0, 3}));
    CHECK_THROWS_AS(tiled_attention(x, none, none), Error);
}

TEST_CASE("linear attention: reordered, recurrent and by the full matrix are one function") {
    const DoubleVariable q = elu_features(DoubleVariable(normal<double>({2, 7, 3}, 1)));
    const DoubleVariable k = elu_features(DoubleVariable(normal<double>({2, 7, 3}, 2)));
    const DoubleVariable v(normal<double>({2, 7, 4}, 3));
    for (const bool causal : {false, true}) {
        const auto reference = quadratic_linear_attention(q, k, v, causal);
        CHECK(max_abs_difference(linear_attention(q, k, v, causal).value(), reference.output.value()) < 1e-12);
        const DoubleTensor rows = sum_rows(reference.attention.value());
        for (const double row : rows.elements()) CHECK(std::abs(row - 1.0) < 1e-12);
        const auto features_and_all = [&](const Variables& x) {
            return linear_attention(elu_features(x[0]), elu_features(x[1]), x[2], causal);
        };
        CHECK(gradient_check(features_and_all,
                             {normal<double>({5, 2}, 1), normal<double>({5, 2}, 2), normal<double>({5, 3}, 3)}) < 1e-7);
    }
    // The last causal row sees everything.
    CHECK(max_abs_difference(slice(linear_attention(q, k, v, true), 1, 6, 7).value(),
                             slice(linear_attention(q, k, v, false), 1, 6, 7).value()) < 1e-12);
    CHECK_THROWS_AS(linear_attention(q, k, DoubleVariable(DoubleTensor({2, 6, 4}))), Error);
    CHECK_THROWS_AS(linear_attention(q, slice(k, 1, 0, 5), slice(v, 1, 0, 5), true), Error);
}

TEST_CASE("FAVOR+: orthogonal vectors, unbiased products, an error that falls with the number of features") {
    const DoubleTensor w = random_projection<double>(10, 4, Rng(1));
    for (std::int64_t a = 0; a < 10; ++a) {
        for (std::int64_t b = a - a % 4; b < a; ++b) {
            double dot = 0.0;
            for (std::int64_t c = 0; c < 4; ++c) dot += w(a, c) * w(b, c);
            CHECK(std::abs(dot) < 1e-12);
        }
    }
    const DoubleTensor q = scale(normal<double>({6, 8}, 1), 0.7);
    const DoubleTensor k = scale(normal<double>({9, 8}, 2), 0.7);
    const DoubleTensor v = normal<double>({9, 4}, 3);
    const DoubleTensor exact =
        scaled_dot_product_attention(DoubleVariable(q), DoubleVariable(k), DoubleVariable(v)).output.value();
    const auto error = [&](std::int64_t features, bool orthogonal) {
        double total = 0.0;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const DoubleTensor projection = random_projection<double>(features, 8, Rng(seed), orthogonal);
            const DoubleTensor y =
                linear_attention(softmax_features(DoubleVariable(q), projection, true),
                                 softmax_features(DoubleVariable(k), projection, false), DoubleVariable(v))
                    .value();
            total += variance(subtract(y, exact));
        }
        return std::sqrt(total / 20.0);
    };
    CHECK(error(1024, true) < 0.5 * error(64, true));
    CHECK(error(1024, true) < 0.1);
    CHECK(error(64, true) < error(64, false));
    const DoubleTensor projection = random_projection<double>(6, 2, Rng(4));
    const auto favor = [&](const Variables& x) {
        return linear_attention(softmax_features(x[0], projection, true), softmax_features(x[1], projection, false),
                                x[2], true);
    };
    CHECK(gradient_check(favor, {normal<double>({4, 2}, 1), normal<double>({4, 2}, 2), normal<double>({4, 3}, 3)}) <
          1e-7);
    // The factor that was taken out cancels: large inputs do not overflow.
    const DoubleVariable large(scale(q, 30.0));
    const DoubleTensor features = softmax_features(large, random_projection<double>(6, 8, Rng(4)), true).value();
    for (const double each : features.elements()) CHECK(std::isfinite(each));
    CHECK_THROWS_AS(softmax_features(large, projection, true), Error);
    CHECK_THROWS_AS(random_projection<double>(0, 2, Rng(1)), Error);
}

TEST_CASE("Linformer with the identity as its projection is attention; with fewer rows it mixes keys down") {
    const DoubleVariable q(normal<double>({2, 5, 3}, 1));
    const DoubleVariable k(normal<double>({2, 6, 3}, 2));
    const DoubleVariable v(normal<double>({2, 6, 4}, 3));
    DoubleTensor identity({6, 6});
    for (std::int64_t i = 0; i < 6; ++i) identity(i, i) = 1.0;
    const DoubleVariable E(identity);
    CHECK(max_abs_difference(linformer_attention(q, k, v, E, E).value(),
                             scaled_dot_product_attention(q, k, v).output.value()) < 1e-12);
    const DoubleVariable narrow(normal<double>({2, 6}, 4));
    CHECK(linformer_attention(q, k, v, narrow, narrow).shape() == Shape({2, 5, 4}));
    const auto all = [](const Variables& x) { return linformer_attention(x[0], x[1], x[2], x[3], x[4]); };
    CHECK(gradient_check(all, {normal<double>({3, 2}, 1), normal<double>({4, 2}, 2), normal<double>({4, 2}, 3),
                               normal<double>({2, 4}, 4), normal<double>({2, 4}, 5)}) < 1e-7);
    CHECK_THROWS_AS(linformer_attention(q, k, v, DoubleVariable(DoubleTensor({2, 5})), narrow), Error);
}
