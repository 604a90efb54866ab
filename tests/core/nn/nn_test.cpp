#include <cmath>

#include "autograd/gradient_check.h"
#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"
#include "nn/attention.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;

namespace {

DoubleTensor normal(Shape shape, std::uint64_t seed) { return test::normal<double>(std::move(shape), seed); }

}  // namespace

TEST_CASE("attention is softmax(Q K^T / sqrt(d_k)) V, spelled out") {
    const DoubleVariable q(normal({3, 4}, 1));
    const DoubleVariable k(normal({5, 4}, 2));
    const DoubleVariable v(normal({5, 2}, 3));
    const auto result = scaled_dot_product_attention(q, k, v);
    for (std::int64_t i = 0; i < 3; ++i) {
        std::vector<double> weights(5);
        double total = 0.0;
        for (std::int64_t j = 0; j < 5; ++j) {
            double score = 0.0;
            for (std::int64_t c = 0; c < 4; ++c) score += q.value()(i, c) * k.value()(j, c);
            CHECK(std::abs(result.scores.value()(i, j) - score / 2.0) < 1e-12);
            total += weights[static_cast<std::size_t>(j)] = std::exp(score / 2.0);
        }
        for (std::int64_t c = 0; c < 2; ++c) {
            double output = 0.0;
            for (std::int64_t j = 0; j < 5; ++j)
                output += weights[static_cast<std::size_t>(j)] / total * v.value()(j, c);
            CHECK(std::abs(result.output.value()(i, c) - output) < 1e-12);
        }
    }
}

TEST_CASE("masked keys get exactly no attention and no gradient") {
    const DoubleVariable q(normal({4, 3}, 1), true);
    const DoubleVariable k(normal({4, 3}, 2), true);
    const DoubleVariable v(normal({4, 3}, 3), true);
    const auto causal = scaled_dot_product_attention(q, k, v, causal_mask(4));
    for (std::int64_t i = 0; i < 4; ++i) {
        for (std::int64_t j = i + 1; j < 4; ++j) CHECK(causal.attention.value()(i, j) == 0.0);
    }
    DoubleTensor only_first({4, 3});
    only_first(0, 0) = 1.0;
    causal.output.backward(only_first);
    for (std::int64_t j = 1; j < 4; ++j) {
        for (std::int64_t c = 0; c < 3; ++c) CHECK(v.gradient()(j, c) == 0.0);
    }
    const auto hidden = scaled_dot_product_attention(q, k, v, no_diagonal_mask(4));
    for (std::int64_t i = 0; i < 4; ++i) CHECK(hidden.attention.value()(i, i) == 0.0);
}

TEST_CASE("attention and cross-entropy have the gradients of central differences") {
    const IntTensor targets({3}, std::vector<std::int32_t>{1, 0, 2});
    const auto loss = [&](const std::vector<DoubleVariable>& v) { return cross_entropy(v[0], targets); };
    CHECK(gradient_check(loss, {normal({3, 4}, 4)}) < 1e-8);
    const auto attention = [](const std::vector<DoubleVariable>& v) {
        return scaled_dot_product_attention(v[0], v[1], v[2], causal_mask(4)).output;
    };
    CHECK(gradient_check(attention, {normal({4, 3}, 5), normal({4, 3}, 6), normal({4, 2}, 7)}) < 1e-8);
}

TEST_CASE("cross-entropy of uniform logits is ln of the classes") {
    const DoubleVariable logits(DoubleTensor({2, 7}));
    CHECK(std::abs(cross_entropy(logits, IntTensor({2}, 3)).value()[0] - glassformer::log(7.0)) < 1e-12);
    CHECK_THROWS_AS(cross_entropy(logits, IntTensor({2}, 7)), Error);
}

TEST_CASE("a linear layer is x W + b and keeps the variance of its input") {
    const Linear layer(256, 64, Rng(1));
    Rng rng(2);
    const Variable x(random_normal({128, 256}, rng));
    const Variable y = layer.forward(x);
    CHECK(y.shape() == Shape({128, 64}));
    CHECK(std::abs(variance(y.value()) - 1.0) < 0.1);
    CHECK(layer.parameters().size() == 2);
    CHECK(Linear(2, 3, Rng(1), false).parameters().size() == 1);
    CHECK_THROWS_AS(layer.forward(Variable(Tensor({1, 3}))), Error);
    // A batch is its rows.
    const Tensor batch = layer.forward(Variable(x.value().reshaped({4, 32, 256}))).value();
    CHECK(batch.shape() == Shape({4, 32, 64}));
    CHECK(max_abs_difference(batch.reshaped({128, 64}), y.value()) == 0.0);
    // The double layer starts from the same weights.
    const BasicLinear<double> twice(256, 64, Rng(1));
    CHECK(static_cast<float>(twice.weight().value()[100]) == layer.weight().value()[100]);
    CHECK_THROWS_AS(Linear(0, 3, Rng(1)), Error);
}

TEST_CASE("an embedding looks rows up and its parameters have names") {
    const Embedding embedding(10, 4, Rng(1), 1.0F);
    CHECK(embedding.forward(IntTensor({2, 3}, 9)).shape() == Shape({2, 3, 4}));
    CHECK_THROWS_AS(embedding.forward(IntTensor({1}, 10)), Error);
    NamedParameters all;
    append_parameters(all, "token", embedding.parameters());
    CHECK(all[0].first == "token.weight");
    append_parameters(all, "head", embedding.parameters());
    CHECK(all.size() == 1);  // tied: listed once
    CHECK(parameter_count(all) == 40);
    const Variable x(Tensor({2, 3, 4}, 0.5F));
    CHECK(embedding.logits(x).shape() == Shape({2, 3, 10}));
    CHECK(max_abs_difference(
              embedding.logits(x).value().reshaped({6, 10}),
              matmul(x.value().reshaped({6, 4}), embedding.weight().value(), Transpose::no, Transpose::yes)) == 0.0);
    CHECK_THROWS_AS(find_parameter(all, "tokens"), Error);
    CHECK_THROWS_AS(set_parameter(all, "token.weight", Tensor({4, 10})), Error);
    set_parameter(all, "token.weight", Tensor({10, 4}, 2.0F));
    CHECK(embedding.weight().value()[3] == 2.0F);
}

TEST_CASE("initial weights have the spread their name promises") {
    const auto spread = [](Initialization::Kind kind) {
        return std::sqrt(variance(initial_weight<float>(200, 300, {.kind = kind}, Rng(3)).value()));
    };
    using Kind = Initialization::Kind;
    CHECK(std::abs(spread(Kind::fan_in) * std::sqrt(200.0) - 1.0) < 0.02);
    CHECK(std::abs(spread(Kind::xavier_uniform) * std::sqrt(250.0) - 1.0) < 0.02);
    CHECK(std::abs(spread(Kind::xavier_normal) * std::sqrt(250.0) - 1.0) < 0.02);
    CHECK(std::abs(spread(Kind::he) * std::sqrt(100.0) - 1.0) < 0.02);
    CHECK(std::abs(spread(Kind::normal) / 0.02 - 1.0) < 0.02);
    CHECK(spread(Kind::zeros) == 0.0);
}

TEST_CASE("every score kind is its formula, for one head and for several") {
    const DoubleTensor q = normal({2, 3, 4, 5}, 1);  // [batch, heads, n_query, d_k]
    const DoubleTensor k = normal({2, 3, 6, 5}, 2);
    const auto scores = [&](ScoreKind kind) {
        const BasicAttentionScore<double> score({.kind = kind, .d_k = 5, .n_heads = 3, .d_hidden = 7}, Rng(3));
        return std::pair(score.forward(DoubleVariable(q), DoubleVariable(k)).value(), score.parameters());
    };
    const auto each_pair = [&](auto visit) {
        std::int64_t at = 0;
        for (std::int64_t bh = 0; bh < 6; ++bh) {
            for (std::int64_t i = 0; i < 4; ++i) {
                for (std::int64_t j = 0; j < 6; ++j) {
                    visit(at++, bh % 3, q.elements().subspan(static_cast<std::size_t>((bh * 4 + i) * 5), 5),
                          k.elements().subspan(static_cast<std::size_t>((bh * 6 + j) * 5), 5));
                }
            }
        }
    };
    using Row = std::span<const double>;
    const auto dot = [](Row a, Row b) {
        double sum = 0.0;
        for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
        return sum;
    };
    const auto plain = scores(ScoreKind::dot).first;
    const auto scaled = scores(ScoreKind::scaled_dot).first;
    const auto cosine = scores(ScoreKind::cosine).first;
    const auto [general, general_weights] = scores(ScoreKind::general);
    const auto [additive, weights] = scores(ScoreKind::additive);
    const auto [linear, linear_weights] = scores(ScoreKind::additive_linear);
    const DoubleTensor W = general_weights[0].second.value();
    const DoubleTensor W_q = weights[0].second.value();
    const DoubleTensor W_k = weights[1].second.value();
    const DoubleTensor v = weights[2].second.value();
    each_pair([&](std::int64_t at, std::int64_t head, Row a, Row b) {
        CHECK(std::abs(plain[at] - dot(a, b)) < 1e-12);
        CHECK(std::abs(scaled[at] - dot(a, b) / std::sqrt(5.0)) < 1e-12);
        CHECK(std::abs(cosine[at] - dot(a, b) / std::sqrt(dot(a, a) * dot(b, b))) < 1e-12);
        double bilinear = 0.0;
        for (std::int64_t r = 0; r < 5; ++r) {
            for (std::int64_t c = 0; c < 5; ++c) {
                bilinear += a[static_cast<std::size_t>(r)] * W.at({head, r, c}) * b[static_cast<std::size_t>(c)];
            }
        }
        CHECK(std::abs(general[at] - bilinear) < 1e-12);
        double sum_tanh = 0.0;
        double sum_linear = 0.0;
        for (std::int64_t h = 0; h < 7; ++h) {
            double inside = 0.0;
            for (std::int64_t c = 0; c < 5; ++c) {
                inside += a[static_cast<std::size_t>(c)] * W_q.at({head, c, h}) +
                          b[static_cast<std::size_t>(c)] * W_k.at({head, c, h});
            }
            sum_tanh += v.at({head, h, 0}) * std::tanh(inside);
            sum_linear += v.at({head, h, 0}) * inside;
        }
        CHECK(std::abs(additive[at] - sum_tanh) < 1e-12);
        CHECK(std::abs(linear[at] - sum_linear) < 1e-12);
    });
    // Without tanh the query cancels in softmax: every row is the same.
    const DoubleTensor attention = softmax(linear);
    CHECK(std::abs(attention[0] - attention[6]) < 1e-12);
    // One head takes any leading axes.
    const BasicAttentionScore<double> one({.kind = ScoreKind::additive, .d_k = 5}, Rng(3));
    CHECK(one.forward(DoubleVariable(normal({4, 5}, 1)), DoubleVariable(normal({6, 5}, 2))).shape() == Shape({4, 6}));
    CHECK_THROWS_AS(one.forward(DoubleVariable(normal({4, 5}, 1)), DoubleVariable(normal({6, 4}, 2))), Error);
}

TEST_CASE("a query that may look nowhere gets zeros, and so does its gradient") {
    const DoubleVariable scores(normal({3, 3}, 1), true);
    const DoubleVariable weights = attention_weights(scores, std::optional(permutation_mask({2, 0, 1}, false)));
    for (std::int64_t j = 0; j < 3; ++j) CHECK(weights.value()(2, j) == 0.0);
    CHECK(std::abs(sum(weights.value()) - 2.0) < 1e-12);
    weights.backward(normal({3, 3}, 2));
    for (std::int64_t j = 0; j < 3; ++j) CHECK(scores.gradient()(2, j) == 0.0);
    CHECK_THROWS_AS(attention_weights(scores, std::optional(causal_mask(4))), Error);
    CHECK_THROWS_AS(attention_weights(scores, std::optional(lengths_mask({1, 2}, 3))), Error);
}
