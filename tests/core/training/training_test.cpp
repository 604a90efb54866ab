#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "support/catch.h"
#include "training/optimizer.h"
#include "training/schedule.h"

using namespace glassformer;

namespace {

/// Sets the gradient of a parameter to g (by a loss g * w).
void set_gradient(const Variable& w, float g) { sum(scale(w, g)).backward(); }

}  // namespace

TEST_CASE("SGD with momentum, by hand") {
    const Variable w(Tensor({1}, 1.0F), true);
    Sgd sgd({{"w", w}}, 0.5F);
    set_gradient(w, 2.0F);
    sgd.update(0.1F);
    CHECK(std::abs(w.value()[0] - 0.8F) < 1e-6F);
    set_gradient(w, 2.0F);
    sgd.update(0.1F);  // velocity 0.5 * 2 + 2 = 3
    CHECK(std::abs(w.value()[0] - 0.5F) < 1e-6F);
}

TEST_CASE("Adam's first step is the learning rate, whatever the size of the gradient") {
    for (const float g : {1e-3F, 1.0F, -1e4F}) {
        const Variable w(Tensor({1}), true);
        Adam adam({{"w", w}});
        set_gradient(w, g);
        adam.update(0.01F);
        CHECK(std::abs(std::abs(w.value()[0]) - 0.01F) < 1e-6F);
        CHECK((w.value()[0] < 0) == (g > 0));
    }
}

TEST_CASE("Adam follows algorithm 1 of its paper") {
    const Variable w(Tensor({1}, 0.5F), true);
    Adam adam({{"w", w}}, {.beta1 = 0.9F, .beta2 = 0.99F, .epsilon = 1e-3F});
    double x = 0.5, m = 0.0, v = 0.0;
    for (int t = 1; t <= 20; ++t) {
        const double g = std::sin(t) + 0.3;
        set_gradient(w, static_cast<float>(g));
        adam.update(0.05F);
        m = 0.9 * m + 0.1 * g;
        v = 0.99 * v + 0.01 * g * g;
        x -= 0.05 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.99, t))) + 1e-3);
        CHECK(std::abs(static_cast<double>(w.value()[0]) - x) < 1e-5);
    }
}

TEST_CASE("weight decay is decoupled: it acts without a gradient") {
    const Variable w(Tensor({1}, 1.0F), true);
    Adam adam({{"w", w}}, {.weight_decay = 0.1F});
    set_gradient(w, 0.0F);
    adam.update(0.5F);
    CHECK(std::abs(w.value()[0] - 0.95F) < 1e-6F);
}

TEST_CASE("an update clears the gradients") {
    const Variable w(Tensor({1}), true);
    Adam adam({{"w", w}});
    set_gradient(w, 1.0F);
    adam.update(0.1F);
    CHECK(w.gradient()[0] == 0.0F);
}

TEST_CASE("clipping scales the joint norm and never enlarges") {
    const Variable a(Tensor({1}), true);
    const Variable b(Tensor({1}), true);
    const NamedParameters both{{"a", a}, {"b", b}};
    set_gradient(a, 3.0F);
    set_gradient(b, 4.0F);
    CHECK(std::abs(clip_gradient_norm(both, 1.0) - 5.0) < 1e-9);
    CHECK(std::abs(a.gradient()[0] - 0.6F) < 1e-6F);
    CHECK(std::abs(clip_gradient_norm(both, 10.0) - 1.0) < 1e-6);
    CHECK(std::abs(b.gradient()[0] - 0.8F) < 1e-6F);
    set_gradient(a, INFINITY);
    CHECK_THROWS_AS(clip_gradient_norm(both, 1.0), Error);
}

TEST_CASE("schedules rise through the warmup and fall as they should") {
    const Schedule cosine{Schedule::Kind::cosine, 10, 110};
    CHECK(std::abs(cosine.factor(1) - 0.1F) < 1e-6F);
    CHECK(cosine.factor(10) == 1.0F);
    CHECK(std::abs(cosine.factor(60) - 0.5F) < 1e-6F);
    CHECK(std::abs(cosine.factor(110)) < 1e-6F);
    CHECK(Schedule{Schedule::Kind::linear, 0, 100}.factor(25) == 0.75F);
    CHECK(Schedule{Schedule::Kind::inverse_sqrt, 4, 100}.factor(16) == 0.5F);
    CHECK(Schedule{}.factor(99) == 1.0F);
    CHECK_THROWS_AS(cosine.factor(0), Error);
}
