#include <cmath>

#include "autograd/gradient_check.h"
#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"
#include "nn/attention.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

DoubleTensor normal(Shape shape, std::uint64_t seed) {
    Rng rng(seed);
    DoubleTensor tensor(std::move(shape));
    for (double& x : tensor.elements()) x = static_cast<double>(rng.normal());
    return tensor;
}

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
}

TEST_CASE("an embedding looks rows up and its parameters have names") {
    const Embedding embedding(10, 4, Rng(1), 1.0F);
    CHECK(embedding.forward(IntTensor({2, 3}, 9)).shape() == Shape({2, 3, 4}));
    CHECK_THROWS_AS(embedding.forward(IntTensor({1}, 10)), Error);
    NamedParameters all;
    append_parameters(all, "token", embedding.parameters());
    CHECK(all[0].first == "token.weight");
}
