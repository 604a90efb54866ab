#include <cmath>

#include "autograd/gradient_check.h"
#include "autograd/operations.h"
#include "base/error.h"
#include "nn/chunked_loss.h"
#include "nn/class_imbalance.h"
#include "nn/distillation.h"
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

TEST_CASE("weights of unequal classes: effective numbers between all alike and the inverse frequency") {
    const std::vector<std::int64_t> counts{500, 50, 5};
    const std::vector<double> inverse = inverse_frequency_weights(counts);
    CHECK(std::abs(inverse[0] + inverse[1] + inverse[2] - 3.0) < 1e-12);
    CHECK(std::abs(inverse[1] / inverse[0] - 10.0) < 1e-12);
    CHECK(effective_number_weights(counts, 0.0) == std::vector<double>{1.0, 1.0, 1.0});
    const std::vector<double> effective = effective_number_weights(counts, 0.99);
    const auto number = [](int n) { return (1.0 - std::pow(0.99, n)) / 0.01; };
    CHECK(std::abs(effective[2] / effective[0] - number(500) / number(5)) < 1e-9);
    const std::vector<double> close = effective_number_weights(counts, 1.0 - 1e-12);
    CHECK(std::abs(close[2] / close[0] - 100.0) < 1e-4);
    CHECK_THROWS_AS(effective_number_weights(counts, 1.0), Error);
    CHECK_THROWS_AS(inverse_frequency_weights({3, 0}), Error);
    CHECK_THROWS_AS(inverse_frequency_weights({}), Error);
    // Adjusted logits of a uniform model are the prior.
    const DoubleVariable even(DoubleTensor({1, 3}));
    const DoubleTensor p = softmax(adjust_logits(even, counts, 1.0).value());
    CHECK(std::abs(p[0] - 500.0 / 555.0) < 1e-12);
    CHECK(max_abs_difference(adjust_logits(adjust_logits(even, counts, 0.7), counts, -0.7).value(), even.value()) <
          1e-12);
    CHECK_THROWS_AS(adjust_logits(even, {1, 2}, 1.0), Error);
}

TEST_CASE("distillation: KL, its scale with temperature, its limit in the logits") {
    const DoubleVariable teacher(normal<double>({3, 4}, 1));
    const DoubleVariable student(normal<double>({3, 4}, 2), true);
    CHECK(std::abs(kl_divergence(teacher, teacher).value()[0]) < 1e-12);
    double expected = 0.0;
    const DoubleTensor p = softmax(scale(teacher.value(), 0.5));
    const DoubleTensor q = softmax(scale(student.value(), 0.5));
    for (std::int64_t i = 0; i < 12; ++i) expected += p[i] * std::log(p[i] / q[i]) / 3.0;
    CHECK(std::abs(kl_divergence(teacher, student, 2.0).value()[0] - expected) < 1e-12);
    CHECK(std::abs(distillation_loss(teacher, student, 2.0).value()[0] - 4.0 * expected) < 1e-12);
    CHECK(std::abs(distillation_loss(teacher, student, 2.0, false).value()[0] - expected) < 1e-12);
    // At a high temperature T^2 KL is half the squared difference of the centred logits, over the classes.
    const DoubleTensor centred = subtract(subtract(student.value(), teacher.value()),
                                          mean(subtract(student.value(), teacher.value()), -1, KeepAxis::yes));
    CHECK(std::abs(distillation_loss(teacher, student, 1e4).value()[0] - mean(square(centred)) / 2.0) < 1e-3);
    CHECK(std::abs(logit_mse(teacher, student).value()[0] - mean(square(subtract(student.value(), teacher.value())))) <
          1e-12);
    const DoubleVariable leaf(teacher.value(), true);
    distillation_loss(leaf, student, 2.0).backward();
    CHECK(max_abs(leaf.gradient()) == 0.0);
    const auto kl = [](const std::vector<DoubleVariable>& v) { return kl_divergence(v[0], v[1], 1.5); };
    CHECK(gradient_check(kl, {teacher.value(), student.value()}) < 1e-8);
    const auto mse = [&](const std::vector<DoubleVariable>& v) { return logit_mse(teacher, v[0]); };
    CHECK(gradient_check(mse, {student.value()}) < 1e-8);
    CHECK_THROWS_AS(kl_divergence(teacher, DoubleVariable(DoubleTensor({3, 5}))), Error);
    CHECK_THROWS_AS(kl_divergence(teacher, student, 0.0), Error);
}

TEST_CASE("contrastive loss: ln n when all are alike, near 0 when each finds its own") {
    const DoubleVariable same(DoubleTensor({4, 3}, 1.0));
    CHECK(std::abs(contrastive_loss(same, same, 0.1).value()[0] - std::log(4.0)) < 1e-12);
    DoubleTensor apart({3, 3});
    for (std::int64_t i = 0; i < 3; ++i) apart(i, i) = 2.0;
    CHECK(contrastive_loss(DoubleVariable(apart), DoubleVariable(apart), 0.05).value()[0] < 1e-6);
    const DoubleTensor a = normal<double>({4, 3}, 1);
    const DoubleTensor b = normal<double>({4, 3}, 2);
    for (const bool symmetric : {false, true}) {
        const auto loss = [&](const std::vector<DoubleVariable>& v) {
            return contrastive_loss(v[0], v[1], 0.5, symmetric);
        };
        CHECK(gradient_check(loss, {a, b}) < 1e-8);
    }
    CHECK_THROWS_AS(contrastive_loss(DoubleVariable(a), DoubleVariable(DoubleTensor({3, 3})), 0.5), Error);
    CHECK_THROWS_AS(contrastive_loss(DoubleVariable(a), DoubleVariable(b), -1.0), Error);
}

TEST_CASE("chunked cross-entropy is cross-entropy, its gradients too, with less held at a time") {
    const DoubleTensor hidden = normal<double>({7, 3}, 1);
    const DoubleTensor weight = normal<double>({11, 3}, 2);
    const IntTensor targets = ids({7}, {0, 10, 3, -1, 7, 7, 2});
    for (const double smoothing : {0.0, 0.1}) {
        const DoubleVariable h(hidden, true);
        const DoubleVariable w(weight, true);
        const DoubleVariable whole = cross_entropy(matmul(h, w, Transpose::no, Transpose::yes), targets,
                                                   {.ignore_index = -1, .label_smoothing = smoothing});
        whole.backward();
        for (const auto& [rows, words] : {std::pair{0, 0}, {2, 0}, {0, 4}, {3, 5}, {1, 1}, {100, 100}}) {
            const DoubleVariable h2(hidden, true);
            const DoubleVariable w2(weight, true);
            const auto chunked = chunked_cross_entropy(
                h2, w2, targets, {.rows = rows, .vocabulary = words, .ignore_index = -1, .label_smoothing = smoothing});
            CHECK(std::abs(chunked.loss.value()[0] - whole.value()[0]) < 1e-12);
            chunked.loss.backward();
            CHECK(max_abs_difference(h2.gradient(), h.gradient()) < 1e-12);
            CHECK(max_abs_difference(w2.gradient(), w.gradient()) < 1e-12);
            const std::int64_t band = rows == 0 ? 7 : std::min(rows, 7);
            CHECK(chunked.peak_bytes == 8 * band * (words == 0 ? 11 : std::min(words, 11)));
        }
    }
    // Logits far beyond what exp can hold.
    const auto large = chunked_cross_entropy(DoubleVariable(scale(hidden, 1000.0)), DoubleVariable(weight),
                                             ids({7}, {0, 1, 2, 3, 4, 5, 6}), {.rows = 2, .vocabulary = 3});
    CHECK(std::isfinite(large.loss.value()[0]));
    CHECK(
        chunked_cross_entropy(DoubleVariable(hidden), DoubleVariable(weight), IntTensor({7}, -1), {.ignore_index = -1})
            .loss.value()[0] == 0.0);
    CHECK_THROWS_AS(chunked_cross_entropy(DoubleVariable(hidden), DoubleVariable(weight), targets), Error);
    CHECK_THROWS_AS(chunked_cross_entropy(DoubleVariable(hidden), DoubleVariable(weight), ids({1}, {0})), Error);
    CHECK_THROWS_AS(chunked_cross_entropy(DoubleVariable(hidden), DoubleVariable(weight), IntTensor({7}), {.rows = -1}),
                    Error);
}
