#include "autograd/operations.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "support/catch.h"
#include "support/gradient.h"

using namespace glassformer;
using namespace glassformer::testing;

TEST_CASE("gradients of broadcasting arithmetic are summed over what was repeated, on both sides") {
    const std::vector<std::pair<Shape, Shape>> pairs = {{{3, 4}, {3, 4}},    {{3, 4}, {4}},    {{4}, {3, 4}},
                                                        {{3, 4}, {3, 1}},    {{3, 1}, {1, 4}}, {{2, 3, 4}, {3, 1}},
                                                        {{2, 1, 4}, {3, 1}}, {{2, 2}, {}},     {{1, 1}, {2, 2}}};
    for (const auto& [left, right] : pairs) {
        const DoubleTensor a = normal(left, 1);
        const DoubleTensor b = positive(right, 2);
        CAPTURE(left.to_string(), right.to_string());
        CHECK(worst([](const Variables& v) { return add(v[0], v[1]); }, {a, b}) < 1e-8);
        CHECK(worst([](const Variables& v) { return subtract(v[0], v[1]); }, {a, b}) < 1e-8);
        CHECK(worst([](const Variables& v) { return multiply(v[0], v[1]); }, {a, b}) < 1e-8);
        CHECK(worst([](const Variables& v) { return divide(v[0], v[1]); }, {a, b}) < 1e-8);
    }
    CHECK(worst([](const Variables& v) { return broadcast_to(v[0], {2, 3, 4}); }, {normal({3, 1}, 3)}) < 1e-8);
    BoolTensor condition({3, 1});
    condition[1] = 1;
    CHECK(worst([&](const Variables& v) { return where(condition, v[0], v[1]); }, {normal({4}, 1), normal({3, 4}, 2)}) <
          1e-8);
}

TEST_CASE("gradients of elementwise functions") {
    const DoubleTensor a = normal({4, 6}, 5);
    const DoubleTensor p = positive({4, 6}, 6);
    CHECK(worst([](const Variables& v) { return square(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return sqrt(v[0]); }, {p}) < 1e-8);
    CHECK(worst([](const Variables& v) { return log(v[0]); }, {p}) < 1e-8);
    CHECK(worst([](const Variables& v) { return sin(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return cos(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return abs(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return add_scalar(v[0], 1.5); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return clip(v[0], -0.5, 0.75); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return leaky_relu(v[0], 0.1); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return elu(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return sigmoid(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return silu(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return gelu(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return gelu_tanh(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return softplus(v[0]); }, {a}) < 1e-8);
}

TEST_CASE("masked softmax: gradients, empty rows, and what is not kept does not matter") {
    const DoubleTensor a = normal({2, 3, 5}, 5);
    BoolTensor keep({3, 5}, 1);
    keep(0, 2) = 0;
    for (std::int64_t j = 0; j < 5; ++j) keep(1, j) = 0;
    CHECK(worst([&](const Variables& v) { return masked_softmax(v[0], keep); }, {a}) < 1e-8);
    BoolTensor per_row({3, 1}, 1);
    per_row[2] = 0;
    CHECK(worst([&](const Variables& v) { return masked_softmax(v[0], per_row); }, {a}) < 1e-8);
    CHECK(worst([&](const Variables& v) { return masked_fill(v[0], per_row, -2.0); }, {a}) < 1e-8);

    DoubleTensor poisoned = a;
    poisoned.at({0, 0, 2}) = std::nan("");
    const DoubleVariable x(poisoned, true);
    const DoubleVariable p = masked_softmax(x, keep);
    p.backward(normal(p.shape(), 6));
    for (std::int64_t j = 0; j < 5; ++j) CHECK(p.value().at({0, 1, j}) == 0.0);
    CHECK(p.value().at({0, 0, 2}) == 0.0);
    const DoubleTensor gradient = x.gradient();
    for (const double g : gradient.elements()) CHECK(std::isfinite(g));
    // The unguarded one beside it follows IEEE arithmetic.
    const DoubleVariable filled = masked_fill(DoubleVariable(a), keep, -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(softmax(filled).value().at({0, 1, 0})));
    CHECK(max_abs_difference(slice(softmax(filled).value(), 1, 0, 1), slice(masked_softmax(a, keep), 1, 0, 1)) == 0.0);
    CHECK_THROWS_AS(masked_softmax(DoubleVariable(a), BoolTensor({2, 2, 3, 5}, 1)), Error);
    CHECK_THROWS_AS(masked_softmax(DoubleVariable(a), BoolTensor({4}, 1)), Error);
}

TEST_CASE("gradients of reductions over any axis") {
    const DoubleTensor a = normal({3, 4, 5}, 7);
    for (const std::int64_t axis : {0, 1, -1}) {
        for (const KeepAxis keep : {KeepAxis::no, KeepAxis::yes}) {
            CAPTURE(axis);
            CHECK(worst([&](const Variables& v) { return sum(v[0], axis, keep); }, {a}) < 1e-8);
            CHECK(worst([&](const Variables& v) { return mean(v[0], axis, keep); }, {a}) < 1e-8);
            CHECK(worst([&](const Variables& v) { return variance(v[0], axis, keep); }, {a}) < 1e-8);
            CHECK(worst([&](const Variables& v) { return variance(v[0], axis, keep, 1); }, {a}) < 1e-8);
            CHECK(worst([&](const Variables& v) { return maximum(v[0], axis, keep); }, {a}) < 1e-8);
            CHECK(worst([&](const Variables& v) { return logsumexp(v[0], axis, keep); }, {a}) < 1e-8);
        }
        CHECK(worst([&](const Variables& v) { return cumulative_sum(v[0], axis); }, {a}) < 1e-8);
    }
}

TEST_CASE("gradients of lookups, cuts and joints") {
    const DoubleTensor a = normal({3, 4, 2}, 8);
    const IntTensor twice({3}, std::vector<std::int32_t>{2, 0, 2});
    CHECK(worst([&](const Variables& v) { return index_select(v[0], 1, twice); }, {a}) < 1e-8);
    const IntTensor along({3, 2, 2}, std::vector<std::int32_t>{0, 3, 0, 1, 2, 2, 1, 1, 3, 0, 3, 0});
    CHECK(worst([&](const Variables& v) { return take_along_axis(v[0], 1, along); }, {a}) < 1e-8);
    CHECK(worst([&](const Variables& v) { return scatter_add(v[0], 1, along, v[1]); }, {a, normal({3, 2, 2}, 9)}) <
          1e-8);
    CHECK(worst([](const Variables& v) { return slice(v[0], 1, 1, -1); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return slice(v[0], -2, 0, 4, 2); }, {a}) < 1e-8);
    for (const std::int64_t axis : {0, 1, -1}) {
        CHECK(worst([&](const Variables& v) { return concat<double>({v[0], v[1], v[0]}, axis); },
                    {a, normal({3, 4, 2}, 10)}) < 1e-8);
        CHECK(worst([&](const Variables& v) { return stack<double>({v[0], v[1]}, axis); }, {a, normal({3, 4, 2}, 10)}) <
              1e-8);
        CHECK(worst([&](const Variables& v) { return pad(v[0], axis, 1, 2, 9.0); }, {a}) < 1e-8);
        CHECK(worst([&](const Variables& v) { return roll(v[0], axis, 5); }, {a}) < 1e-8);
    }
    CHECK(worst([](const Variables& v) { return permute(reshape(v[0], {2, 3, 2, 2}), {0, 2, 1, 3}); }, {a}) < 1e-8);
}

TEST_CASE("gradients of products over batches of any rank, shared and repeated factors") {
    const std::vector<std::pair<Shape, Shape>> batches = {
        {{}, {}}, {{2}, {2}}, {{2}, {}}, {{}, {2}}, {{2, 3}, {2, 3}}, {{2, 3}, {}}, {{2, 3}, {2, 1}}, {{2, 3}, {3}}};
    const auto with = [](const Shape& batch, std::int64_t rows, std::int64_t columns) {
        std::vector<std::int64_t> extents = batch.extents();
        extents.push_back(rows);
        extents.push_back(columns);
        return Shape(extents);
    };
    for (const auto& [left, right] : batches) {
        for (const Transpose ta : {Transpose::no, Transpose::yes}) {
            for (const Transpose tb : {Transpose::no, Transpose::yes}) {
                CAPTURE(left.to_string(), right.to_string());
                const DoubleTensor a = normal(ta == Transpose::no ? with(left, 3, 4) : with(left, 4, 3), 1);
                const DoubleTensor b = normal(tb == Transpose::no ? with(right, 4, 2) : with(right, 2, 4), 2);
                CHECK(worst([&](const Variables& v) { return batched_matmul(v[0], v[1], ta, tb); }, {a, b}) < 1e-8);
            }
        }
    }
}

TEST_CASE("gradients of normalisation") {
    const DoubleTensor x = normal({2, 3, 5}, 11);
    const DoubleTensor gamma = normal({5}, 12);
    const DoubleTensor beta = normal({5}, 13);
    // A large epsilon, so that leaving it out of the gradient shows.
    for (const double epsilon : {1e-5, 0.3}) {
        CHECK(worst([&](const Variables& v) { return layer_norm(v[0], epsilon); }, {x}) < 1e-7);
        CHECK(worst([&](const Variables& v) { return layer_norm(v[0], v[1], v[2], epsilon); }, {x, gamma, beta}) <
              1e-7);
        CHECK(worst([&](const Variables& v) { return rms_norm(v[0], epsilon); }, {x}) < 1e-7);
        CHECK(worst([&](const Variables& v) { return rms_norm(v[0], v[1], epsilon); }, {x, gamma}) < 1e-7);
        CHECK(worst([&](const Variables& v) { return batch_norm(v[0], v[1], v[2], epsilon).output; },
                    {x, gamma, beta}) < 1e-7);
        BoolTensor counted({2, 3}, 1);
        counted(0, 2) = 0;
        counted(1, 1) = 0;
        CHECK(worst([&](const Variables& v) { return batch_norm(v[0], v[1], v[2], epsilon, counted).output; },
                    {x, gamma, beta}) < 1e-7);
        CHECK(worst(
                  [&](const Variables& v) {
                      return batch_norm_with(v[0], normal({5}, 14), positive({5}, 15), v[1], v[2], epsilon);
                  },
                  {x, gamma, beta}) < 1e-7);
    }
}

TEST_CASE("normalisation gives the mean and the variance it promises") {
    const DoubleTensor x = normal({4, 64}, 16);
    const DoubleTensor y = layer_norm(DoubleVariable(x), 0.0).value();
    CHECK(max_abs(mean(y, -1)) < 1e-12);
    CHECK(max_abs(add_scalar(variance(y, -1), -1.0)) < 1e-12);
    const DoubleTensor r = rms_norm(DoubleVariable(x), 0.0).value();
    CHECK(max_abs(add_scalar(mean(square(r), -1), -1.0)) < 1e-12);
    // Epsilon is inside the root and the variance is the biased one: x = (-1, 1) has variance 1.
    const DoubleTensor pair({1, 2}, std::vector<double>{-1.0, 1.0});
    CHECK(layer_norm(DoubleVariable(pair), 3.0).value()[1] == 0.5);
    CHECK(rms_norm(DoubleVariable(pair), 3.0).value()[1] == 0.5);
}

TEST_CASE("batch normalisation: statistics over counted rows, biased inside, unbiased beside") {
    DoubleTensor x = normal({5, 3}, 17);
    const DoubleVariable gamma(DoubleTensor({3}, 1.0));
    const DoubleVariable beta(DoubleTensor({3}));
    const auto all = batch_norm(DoubleVariable(x), gamma, beta, 0.0);
    CHECK(all.statistics.rows == 5);
    CHECK(max_abs_difference(all.statistics.mean, mean(x, 0)) < 1e-14);
    CHECK(max_abs_difference(all.statistics.variance, variance(x, 0)) < 1e-14);
    CHECK(max_abs_difference(all.statistics.unbiased_variance, variance(x, 0, KeepAxis::no, 1)) < 1e-14);
    CHECK(max_abs(add_scalar(variance(all.output.value(), 0), -1.0)) < 1e-12);
    // A padding row changes nothing for the others, whatever it holds.
    BoolTensor counted({5}, 1);
    counted[4] = 0;
    const DoubleTensor before = batch_norm(DoubleVariable(x), gamma, beta, 0.0, counted).output.value();
    for (double& element : x.row(4)) element = 1e6;
    const DoubleTensor after = batch_norm(DoubleVariable(x), gamma, beta, 0.0, counted).output.value();
    CHECK(max_abs_difference(slice(before, 0, 0, 4), slice(after, 0, 0, 4)) == 0.0);
    // Evaluation with the statistics of the batch is training's output.
    const auto once = batch_norm(DoubleVariable(x), gamma, beta);
    const DoubleVariable again =
        batch_norm_with(DoubleVariable(x), once.statistics.mean, once.statistics.variance, gamma, beta);
    CHECK(max_abs_difference(once.output.value(), again.value()) < 1e-12);
    CHECK_THROWS_AS(batch_norm(DoubleVariable(normal({1, 3}, 1)), gamma, beta), Error);
    CHECK_THROWS_AS(batch_norm(DoubleVariable(x), gamma, beta, 1e-5, BoolTensor({4}, 1)), Error);
}

TEST_CASE("dropout: gradient, scale, and a mask that depends on the generator alone") {
    const DoubleTensor a = normal({4, 5}, 18);
    const Rng rng(3);
    CHECK(worst([&](const Variables& v) { return dropout(v[0], 0.4, rng); }, {a}) < 1e-8);
    const Tensor ones({200, 50}, 1.0F);
    const Tensor first = dropout(Variable(ones), 0.25, rng).value();
    CHECK(max_abs_difference(first, dropout(Variable(ones), 0.25, rng).value()) == 0.0);
    CHECK(max_abs_difference(first, dropout(Variable(ones), 0.25, rng.split(1)).value()) > 1.0);
    std::int64_t zeros = 0;
    for (const float x : first.elements()) {
        CHECK((x == 0.0F || x == 1.0F / 0.75F));
        zeros += x == 0.0F ? 1 : 0;
    }
    CHECK(std::abs(static_cast<double>(zeros) / 10000.0 - 0.25) < 0.02);
    CHECK(max_abs_difference(dropout(Variable(ones), 0.0, rng).value(), ones) == 0.0);
    CHECK(max_abs(dropout(Variable(ones), 1.0, rng).value()) == 0.0);
    for (const double p : {-0.1, 1.1, std::nan("")}) CHECK_THROWS_AS(dropout(Variable(ones), p, rng), Error);
}
