#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "nn/compressed_embedding.h"
#include "nn/transformer_stack.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::ids;
using test::normal;
using test::random_ids;

namespace {

/// The gradient of sum(y * weights) with respect to each parameter, against a central difference at one element.
template <typename Forward>
void check_parameter_gradients(const BasicNamedParameters<double>& parameters, Forward forward) {
    const DoubleVariable y = forward();
    const DoubleTensor weights = normal<double>(y.shape(), 77);
    y.backward(weights);
    for (auto [name, parameter] : parameters) {
        const std::int64_t e = parameter.value().size() / 3;
        const double analytic = parameter.gradient()[e];
        const double kept = parameter.value()[e];
        const auto loss = [&](double at) {
            parameter.mutable_value()[e] = at;
            return sum(multiply(forward().value(), weights));
        };
        const double numeric = (loss(kept + 1e-5) - loss(kept - 1e-5)) / 2e-5;
        parameter.mutable_value()[e] = kept;
        INFO(name);
        CHECK(std::abs(numeric - analytic) < 1e-6);
    }
}

double relative_error(const Tensor& a, const Tensor& b) { return std::sqrt(variance(subtract(a, b)) / variance(b)); }

}  // namespace

TEST_CASE("a projection in each form is its matrix, with the parameters it promises") {
    using Kind = ProjectionConfig::Kind;
    const DoubleVariable x(normal<double>({2, 5, 12}, 1));
    for (const auto& [config, count] : {std::pair{ProjectionConfig{}, 12 * 20},
                                        {ProjectionConfig{.kind = Kind::low_rank, .rank = 3}, 3 * (12 + 20)},
                                        {ProjectionConfig{.kind = Kind::block_diagonal, .groups = 4}, 12 * 20 / 4}}) {
        const BasicProjection<double> layer(12, 20, config, Rng(1));
        CHECK(parameter_count(layer.parameters()) == count + 20);
        const DoubleTensor y = layer.forward(x).value();
        CHECK(y.shape() == Shape({2, 5, 20}));
        CHECK(max_abs_difference(y.reshaped({10, 20}), matmul(x.value().reshaped({10, 12}), layer.as_matrix())) <
              1e-12);
        check_parameter_gradients(layer.parameters(), [&] { return layer.forward(x); });
    }
    const BasicProjection<double> blocks(4, 4, {.kind = Kind::block_diagonal, .groups = 2}, Rng(1));
    CHECK(blocks.as_matrix()(0, 2) == 0.0);
    CHECK(blocks.as_matrix()(0, 1) != 0.0);
    CHECK_THROWS_AS(Projection(12, 20, {.kind = Kind::block_diagonal, .groups = 3}, Rng(1)), Error);
    CHECK_THROWS_AS(Projection(12, 20, {.kind = Kind::low_rank}, Rng(1)), Error);
    CHECK_THROWS_AS(blocks.forward(DoubleVariable(DoubleTensor({2, 5}))), Error);
}

TEST_CASE("low-rank factors are the best ones: the error is the singular values left out") {
    const Tensor W = normal<float>({6, 4}, 1);
    const LowRankFactors full = low_rank_factors(W, 4);
    CHECK(max_abs_difference(matmul(full.a, full.b), W) < 1e-5);
    const auto error = [&](std::int64_t rank) {
        const LowRankFactors f = low_rank_factors(W, rank);
        return sum(square(subtract(matmul(f.a, f.b), W)));
    };
    CHECK(error(1) > error(2));
    CHECK(error(2) > error(3));
    CHECK_THROWS_AS(low_rank_factors(W, 5), Error);
    CHECK_THROWS_AS(low_rank_factors(W, 0), Error);
}

TEST_CASE("a mixture of experts: one expert is the plain network; each token uses its own k") {
    MixtureConfig config{.expert = {.d_model = 6, .d_ff = 8}, .n_experts = 1, .top_k = 1};
    const Variable x(normal<float>({2, 5, 6}, 1));
    const MixtureOfExperts single(config, Rng(1));
    const FeedForward plain(config.expert, Rng(1).split("experts").split(std::uint64_t{0}));
    CHECK(max_abs_difference(single.forward(x).value(), plain.forward(x).value()) < 1e-6);
    CHECK(std::abs(single.route(x).balance.value()[0] - 1.0F) < 1e-6F);

    config.n_experts = 4;
    config.top_k = 2;
    const MixtureOfExperts mixture(config, Rng(1));
    Trace trace;
    const auto result = mixture.route(x, Pass::inference(&trace));
    const Tensor& gates = trace.at("gates").value();
    Tensor expected({10, 6});
    for (std::int64_t t = 0; t < 10; ++t) {
        double total = 0.0;
        std::int64_t used = 0;
        const Variable token(slice(x.value().reshaped({10, 6}), 0, t, t + 1));
        for (std::int64_t e = 0; e < 4; ++e) {
            total += static_cast<double>(gates(t, e));
            used += gates(t, e) > 0.0F ? 1 : 0;
            const FeedForward expert(config.expert, Rng(1).split("experts").split(static_cast<std::uint64_t>(e)));
            const Tensor y = scale(expert.forward(token).value(), gates(t, e));
            for (std::int64_t c = 0; c < 6; ++c) expected(t, c) += y[c];
        }
        CHECK(std::abs(total - 1.0) < 1e-6);
        CHECK(used == 2);
        CHECK(gates(t, result.chosen(t, 0)) >= gates(t, result.chosen(t, 1)));
    }
    CHECK(max_abs_difference(result.output.value().reshaped({10, 6}), expected) < 1e-5);
    CHECK(mixture.active_parameters() < parameter_count(mixture.parameters()));
    CHECK(result.balance.value()[0] > 0.5F);

    const BasicMixtureOfExperts<double> precise(config, Rng(1));
    const DoubleVariable inputs(normal<double>({10, 6}, 1));
    check_parameter_gradients(precise.parameters(), [&] { return precise.forward(inputs); });
    check_parameter_gradients({{"router", precise.parameters()[0].second}}, [&] {
        precise.parameters()[0].second.node()->has_gradient = false;
        return precise.route(inputs).balance;
    });
    config.top_k = 5;
    CHECK_THROWS_AS(MixtureOfExperts(config, Rng(1)), Error);
    CHECK_THROWS_AS(mixture.forward(Variable(Tensor({5, 7}))), Error);
    CHECK_THROWS_AS(mixture.forward(Variable(Tensor({0, 6}))), Error);
}

TEST_CASE("layers with a mixture, with one network for all, with networks exchanged") {
    TransformerStackConfig config;
    config.n_layers = 3;
    config.layer.attention.d_model = 12;
    config.layer.attention.n_heads = 3;
    config.layer.feed_forward.d_ff = 20;
    const Variable x(normal<float>({5, 12}, 1));
    const std::int64_t separate = parameter_count(TransformerStack(config, Rng(1)).parameters());
    const std::int64_t one = 12 * 20 + 20 + 20 * 12 + 12;
    config.shared_feed_forward = true;
    const TransformerStack shared(config, Rng(1));
    CHECK(separate - parameter_count(shared.parameters()) == 2 * one);
    // The shared network's gradient is the sum of what each layer sends.
    shared.forward(x).backward(normal<float>({5, 12}, 2));
    CHECK(max_abs(find_parameter(shared.parameters(), "layers.0.feed_forward.up.weight").gradient()) > 0.0);

    config.shared_feed_forward = false;
    TransformerStack stack(config, Rng(1));
    const Tensor before = stack.forward(x).value();
    const FeedForward first = stack.layer(0).feed_forward();
    stack.layer(0).set_feed_forward(stack.layer(2).feed_forward());
    stack.layer(2).set_feed_forward(first);
    CHECK(max_abs_difference(stack.forward(x).value(), before) > 1e-3);
    stack.layer(2).set_feed_forward(stack.layer(0).feed_forward());
    stack.layer(0).set_feed_forward(first);
    CHECK(max_abs_difference(stack.forward(x).value(), before) == 0.0);
    FeedForwardConfig other;
    other.d_model = 8;
    CHECK_THROWS_AS(stack.layer(0).set_feed_forward(FeedForward(other, Rng(1))), Error);

    config.layer.n_experts = 4;
    const TransformerStack mixture(config, Rng(1));
    Trace trace;
    mixture.forward(x, {}, Pass::inference(&trace));
    CHECK(trace.at("layers.2.feed_forward.gates").shape() == Shape({5, 4}));
    CHECK(parameter_count(mixture.parameters()) == separate + 3 * (3 * one + 12 * 4));
    CHECK_THROWS_AS(mixture.layer(0).feed_forward(), Error);
}

TEST_CASE("compressed embeddings: parameters, lookups, gradients") {
    const IntTensor some = ids({2, 3}, {0, 99, 7, 42, 7, 63});
    const auto check_all = [&](const auto& embedding, std::int64_t parameters) {
        CHECK(parameter_count(embedding.parameters()) == parameters);
        CHECK(embedding.forward(some).shape() == Shape({2, 3, 8}));
        CHECK_THROWS_AS(embedding.forward(ids({1}, {100})), Error);
        CHECK_THROWS_AS(embedding.forward(ids({1}, {-1})), Error);
        check_parameter_gradients(embedding.parameters(), [&] { return embedding.forward(some); });
        const DoubleTensor all = embedding.forward(random_ids({400}, 100, 5)).value();
        CHECK(std::abs(std::sqrt(variance(all) * 8.0) - 1.0) < 0.35);
        // The same id, the same vector.
        const DoubleTensor vectors = embedding.forward(some).value();
        for (std::int64_t c = 0; c < 8; ++c) CHECK(vectors.at({0, 2, c}) == vectors.at({1, 1, c}));
    };
    using Combine = BasicQuotientRemainderEmbedding<double>::Combine;
    check_all(BasicFactorisedEmbedding<double>(100, 3, 8, Rng(1)), 100 * 3 + 3 * 8);
    check_all(BasicHashedEmbedding<double>(100, 12, 2, 8, Rng(1)), 12 * 8);
    check_all(BasicQuotientRemainderEmbedding<double>(100, 12, 8, Combine::sum, Rng(1)), (9 + 12) * 8);
    check_all(BasicQuotientRemainderEmbedding<double>(100, 12, 8, Combine::product, Rng(1)), (9 + 12) * 8);
    check_all(BasicQuotientRemainderEmbedding<double>(100, 12, 8, Combine::concat, Rng(1)), (9 + 12) * 4);
    check_all(BasicAdaptiveEmbedding<double>({10, 50, 100}, 8, 2, Rng(1)), 10 * 8 + 64 + 40 * 4 + 32 + 50 * 2 + 16);
    const FactorisedEmbedding factorised(10, 3, 8, Rng(1));
    const Tensor table = factorised.forward(test::ids({10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})).value();
    const Tensor x = normal<float>({4, 8}, 1);
    CHECK(max_abs_difference(factorised.logits(Variable(x)).value(), matmul(x, table, Transpose::no, Transpose::yes)) <
          1e-5);
    CHECK_THROWS_AS(QuotientRemainderEmbedding(100, 12, 7, QuotientRemainderEmbedding::Combine::concat, Rng(1)), Error);
    CHECK_THROWS_AS(AdaptiveEmbedding({10, 10}, 8, 2, Rng(1)), Error);
    CHECK_THROWS_AS(AdaptiveEmbedding({10, 20, 30}, 2, 2, Rng(1)), Error);
    CHECK_THROWS_AS(AdaptiveEmbedding({}, 8, 2, Rng(1)), Error);
    CHECK_THROWS_AS(HashedEmbedding(100, 0, 2, 8, Rng(1)), Error);
}

TEST_CASE("hashing: more functions, fewer words that cannot be told apart; quotient and remainder tell all apart") {
    const std::int64_t once = HashedEmbedding(1000, 100, 1, 4, Rng(1)).collided();
    const std::int64_t twice = HashedEmbedding(1000, 100, 2, 4, Rng(1)).collided();
    CHECK(once > 950);
    CHECK(twice < 250);
    const QuotientRemainderEmbedding pairs(50, 7, 4, QuotientRemainderEmbedding::Combine::sum, Rng(1));
    IntTensor all({50});
    for (std::int32_t i = 0; i < 50; ++i) all[i] = i;
    const Tensor vectors = pairs.forward(all).value();
    for (std::int64_t a = 0; a < 50; ++a) {
        for (std::int64_t b = 0; b < a; ++b) CHECK(vectors(a, 0) != vectors(b, 0));
    }
    CHECK(hash_bucket(5, 0, 7) == hash_bucket(5, 0, 7));
}

TEST_CASE("quantised tables: bytes and errors shrink and grow with the bits") {
    const Tensor table = normal<float>({200, 16}, 1);
    const QuantisedEmbedding eight(table, 8);
    const QuantisedEmbedding four(table, 4);
    CHECK(eight.bytes() == 200 * 16 + 200 * 4);
    CHECK(four.bytes() == 200 * 8 + 200 * 4);
    CHECK(relative_error(eight.table(), table) < 0.01);
    CHECK(relative_error(four.table(), table) < 0.15);
    CHECK(relative_error(four.table(), table) > 5.0 * relative_error(eight.table(), table));
    for (std::int64_t r = 0; r < 200; ++r) {
        float peak = 0.0F;
        for (const float x : table.row(r)) peak = std::max(peak, std::fabs(x));
        for (std::int64_t c = 0; c < 16; ++c) {
            CHECK(std::fabs(eight.table()(r, c) - table(r, c)) <= peak / 127.0F * 0.5001F);
            if (r > 2) break;
        }
    }
    CHECK(max_abs_difference(eight.forward(ids({2}, {3, 3})), gather_rows(eight.table(), ids({2}, {3, 3}))) == 0.0);
    CHECK_THROWS_AS(eight.forward(ids({1}, {200})), Error);
    CHECK_THROWS_AS(QuantisedEmbedding(table, 9), Error);
    CHECK_THROWS_AS(QuantisedEmbedding(Tensor({4}), 8), Error);
    CHECK(max_abs(QuantisedEmbedding(Tensor({2, 3}), 8).table()) == 0.0);

    const ProductQuantisedEmbedding product(table, 4, 16, Rng(1));
    CHECK(product.bytes() == 200 * 4 / 2 + 4 * 16 * 4 * 4);
    CHECK(relative_error(product.table(), table) < 0.7);
    CHECK(relative_error(ProductQuantisedEmbedding(table, 4, 64, Rng(1)).table(), table) <
          relative_error(product.table(), table));
    CHECK(relative_error(product.table(), table) <
          relative_error(ProductQuantisedEmbedding(table, 4, 16, Rng(1), 0).table(), table));
    CHECK(max_abs_difference(ProductQuantisedEmbedding(table, 4, 16, Rng(1)).table(), product.table()) == 0.0);
    // As many codes as rows: nothing is lost.
    CHECK(max_abs_difference(ProductQuantisedEmbedding(table, 4, 200, Rng(1)).table(), table) < 1e-6);
    CHECK_THROWS_AS(ProductQuantisedEmbedding(table, 3, 16, Rng(1)), Error);
    CHECK_THROWS_AS(ProductQuantisedEmbedding(table, 4, 257, Rng(1)), Error);
}
