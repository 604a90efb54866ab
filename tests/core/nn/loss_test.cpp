#include <cmath>

#include "autograd/gradient_check.h"
#include "autograd/operations.h"
#include "base/error.h"
#include "nn/loss.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::ids;
using test::normal;

namespace {

using Smoothing = CrossEntropyConfig::Smoothing;

double loss_of(const DoubleTensor& logits, const IntTensor& targets, const CrossEntropyConfig& config = {}) {
    return cross_entropy(DoubleVariable(logits), targets, config).value()[0];
}

}  // namespace

TEST_CASE("ignored rows do not count, and get no gradient") {
    const DoubleTensor logits = normal<double>({4, 5}, 1);
    const IntTensor targets = ids({4}, {2, -100, 4, -100});
    const double two = loss_of(index_select(logits, 0, ids({2}, {0, 2})), ids({2}, {2, 4}));
    CHECK(std::abs(loss_of(logits, targets, {.ignore_index = -100}) - two) < 1e-12);
    const DoubleVariable leaf(logits, true);
    cross_entropy(leaf, targets, {.ignore_index = -100}).backward();
    for (std::int64_t c = 0; c < 5; ++c) {
        CHECK(leaf.gradient()(1, c) == 0.0);
        CHECK(leaf.gradient()(0, c) != 0.0);
    }
    CHECK(loss_of(logits, IntTensor({4}, -100), {.ignore_index = -100}) == 0.0);
    // A batch of sequences is its rows.
    CHECK(loss_of(logits.reshaped({2, 2, 5}), ids({2, 2}, {2, -100, 4, -100}), {.ignore_index = -100}) == two);
    CHECK_THROWS_AS(loss_of(logits, targets), Error);
}

TEST_CASE("label smoothing in both conventions is the cross-entropy with its target distribution") {
    const DoubleTensor logits = normal<double>({3, 5}, 1);
    const IntTensor targets = ids({3}, {0, 4, 2});
    for (const Smoothing smoothing : {Smoothing::over_all, Smoothing::over_others}) {
        const CrossEntropyConfig config{.label_smoothing = 0.1, .smoothing = smoothing};
        const DoubleTensor q = target_distribution<double>(targets, 5, config);
        for (std::int64_t i = 0; i < 3; ++i) {
            double total = 0.0;
            for (const double each : q.row(i)) total += each;
            CHECK(std::abs(total - 1.0) < 1e-12);
        }
        CHECK(std::abs(q(0, 1) - (smoothing == Smoothing::over_all ? 0.02 : 0.025)) < 1e-12);
        CHECK(std::abs(q(0, 0) - (smoothing == Smoothing::over_all ? 0.92 : 0.9)) < 1e-12);
        CHECK(std::abs(loss_of(logits, targets, config) - soft_cross_entropy(DoubleVariable(logits), q).value()[0]) <
              1e-12);
        // The gradient is (softmax - q) / rows.
        const DoubleVariable leaf(logits, true);
        cross_entropy(leaf, targets, config).backward();
        CHECK(max_abs_difference(leaf.gradient(), scale(subtract(softmax(logits), q), 1.0 / 3.0)) < 1e-12);
    }
}

TEST_CASE("class weights weigh rows by their target; focal loss by how wrong they are") {
    const DoubleTensor logits = normal<double>({3, 3}, 1);
    const IntTensor targets = ids({3}, {0, 2, 0});
    const DoubleTensor nll = negative_log_likelihood(DoubleVariable(logits), targets).value();
    const double weighted = (2.0 * nll[0] + 0.5 * nll[1] + 2.0 * nll[2]) / 4.5;
    CHECK(std::abs(loss_of(logits, targets, {.class_weights = {2.0, 1.0, 0.5}}) - weighted) < 1e-12);
    double focal = 0.0;
    for (std::int64_t i = 0; i < 3; ++i) focal += std::pow(1.0 - std::exp(-nll[i]), 2.0) * nll[i];
    CHECK(std::abs(loss_of(logits, targets, {.focal_gamma = 2.0}) - focal / 3.0) < 1e-12);
    CHECK(std::abs(loss_of(logits, targets, {.focal_gamma = 2.0, .reduction = CrossEntropyConfig::Reduction::sum}) -
                   focal) < 1e-12);
    // A certain and right row: focal weight 0, no NaN in the gradient.
    const DoubleVariable certain(DoubleTensor({1, 2}, {800.0, 0.0}), true);
    cross_entropy(certain, ids({1}, {0}), {.focal_gamma = 0.5}).backward();
    CHECK(std::abs(certain.gradient()[0]) < 1e-9);
}

TEST_CASE("gradients of every variant agree with central differences") {
    const IntTensor targets = ids({4}, {0, 2, 1, -1});
    for (const CrossEntropyConfig& config :
         {CrossEntropyConfig{.ignore_index = -1}, CrossEntropyConfig{.ignore_index = -1, .label_smoothing = 0.2},
          CrossEntropyConfig{.ignore_index = -1, .label_smoothing = 0.2, .class_weights = {1.0, 0.3, 2.0}},
          CrossEntropyConfig{.ignore_index = -1, .label_smoothing = 0.2, .smoothing = Smoothing::over_others},
          CrossEntropyConfig{.ignore_index = -1, .focal_gamma = 1.5}}) {
        const auto loss = [&](const std::vector<DoubleVariable>& v) { return cross_entropy(v[0], targets, config); };
        CHECK(gradient_check(loss, {normal<double>({4, 3}, 2)}) < 1e-8);
    }
}

TEST_CASE("what is no target, weight or smoothing is refused") {
    const DoubleTensor logits = normal<double>({2, 3}, 1);
    CHECK_THROWS_AS(loss_of(logits, ids({2}, {0, 3})), Error);
    CHECK_THROWS_AS(loss_of(logits, ids({2}, {0, -1})), Error);
    CHECK_THROWS_AS(loss_of(logits, ids({3}, {0, 1, 2})), Error);
    CHECK_THROWS_AS(loss_of(logits, ids({2}, {0, 1}), {.label_smoothing = 1.0}), Error);
    CHECK_THROWS_AS(loss_of(logits, ids({2}, {0, 1}), {.class_weights = {1.0, 2.0}}), Error);
    CHECK_THROWS_AS(loss_of(logits, ids({2}, {0, 1}), {.class_weights = {1.0, 2.0, -1.0}}), Error);
    CHECK_THROWS_AS(loss_of(logits, ids({2}, {0, 1}), {.label_smoothing = 0.1, .focal_gamma = 2.0}), Error);
    CHECK_THROWS_AS(target_distribution<double>(ids({1}, {3}), 3), Error);
    CHECK_THROWS_AS(soft_cross_entropy(DoubleVariable(logits), DoubleTensor({3, 2})), Error);
}
