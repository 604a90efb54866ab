#include <cmath>

#include "experiments/experiment.h"
#include "support/catch.h"
#include "training/optimizer.h"
#include "training/schedule.h"

using namespace glassformer;

namespace {

Values last_values(const std::string& id, std::map<std::string, ParameterValue> parameters) {
    const Experiment& experiment = find_experiment(id);
    Run run = start(experiment, complete_arguments(experiment, std::move(parameters)), Context{});
    while (run.advance() && !run.last()) {
    }
    return run.frame().values();
}
const DoubleTensor& doubles(const Values& values, const std::string& name) {
    return std::get<DoubleTensor>(std::get<TensorValue>(*values.find(name)).data);
}
const Series& series(const Values& values, const std::string& name) { return std::get<Series>(*values.find(name)); }

}  // namespace

TEST_CASE("training.schedule: Noam is the paper's formula at every update that is shown") {
    const Values values =
        last_values("training.schedule",
                    {{"d_model", std::int64_t{256}}, {"warmup", std::int64_t{700}}, {"total", std::int64_t{5000}}});
    for (const auto& [t, lr] : series(values, "lr").points) {
        CHECK(std::abs(lr - std::pow(256.0, -0.5) * std::min(std::pow(t, -0.5), t * std::pow(700.0, -1.5))) < 1e-12);
    }
}

TEST_CASE("training.schedule: the others rise to the peak, end where they should and are continuous") {
    const std::map<std::string, double> ends = {{"linear", 0.0}, {"cosine", 0.1}, {"wsd", 0.0}, {"constant", 1.0}};
    for (const auto& [kind, end] : ends) {
        CAPTURE(kind);
        const Values values =
            last_values("training.schedule",
                        {{"kind", kind}, {"warmup", std::int64_t{100}}, {"total", std::int64_t{1000}}, {"peak", 0.01}});
        const auto& points = series(values, "lr").points;
        CHECK(std::abs(points.front()[1] - 0.0001) < 1e-12);
        CHECK(std::abs(points.back()[1] - 0.01 * end) < 1e-9);
        for (std::size_t i = 1; i < points.size(); ++i) CHECK(std::abs(points[i][1] - points[i - 1][1]) < 0.01 * 0.025);
    }
}

TEST_CASE("training.schedule spells out what the training layer's schedules are") {
    using Kind = Schedule::Kind;
    const std::int64_t warmup = 70, total = 1000, d_model = 256;
    const std::pair<const char*, Schedule> kinds[] = {
        {"noam", {Kind::inverse_sqrt, warmup, total}},
        {"linear", {Kind::linear, warmup, total}},
        {"cosine", {.kind = Kind::cosine, .warmup = warmup, .total = total, .last = 0.1}},
        {"wsd", {Kind::warmup_stable_decay, warmup, total}},
        {"constant", {Kind::constant, warmup, total}}};
    for (const auto& [kind, schedule] : kinds) {
        const Values values = last_values("training.schedule", {{"kind", kind},
                                                                {"warmup", warmup},
                                                                {"total", total},
                                                                {"d_model", d_model},
                                                                {"factor", 2.0},
                                                                {"peak", 0.01}});
        const bool noam = std::string(kind) == "noam";
        const double peak = noam ? noam_peak(d_model, warmup, 2.0) : 0.01;
        for (const auto& [t, lr] : series(values, "lr").points) {
            INFO(kind << " at " << t);
            CHECK(std::abs(lr - peak * static_cast<double>(schedule.factor(static_cast<std::int64_t>(t)))) <
                  1e-6 * peak);
        }
    }
}

TEST_CASE("optimizer.adam_step moves as the training layer's Adam does") {
    const Values values = last_values("optimizer.adam_step", {{"learning_rate", 0.01}, {"gradient_scale", 0.5}});
    const DoubleTensor& g = doubles(values, "gradient");
    const DoubleTensor& update = doubles(values, "update");
    Variable w(Tensor({4}), true);
    Adam adam({{"w", w}}, {.beta1 = 0.9F, .beta2 = 0.98F, .epsilon = 1e-9F});
    for (std::int64_t t = 0; t < 20; ++t) {
        const Tensor before = w.value();
        Tensor gradient({4});
        for (std::int64_t c = 0; c < 4; ++c) gradient[c] = static_cast<float>(g(t, c));
        w.backward(gradient);
        adam.update(0.01F);
        for (std::int64_t c = 0; c < 4; ++c)
            CHECK(std::abs(static_cast<double>(w.value()[c]) - static_cast<double>(before[c]) - update(t, c)) < 2e-6);
    }
}

TEST_CASE("training.deep_stack: the loss is measured before the update and the rate follows the warmup") {
    const Values values = last_values("training.deep_stack",
                                      {{"updates", std::int64_t{20}}, {"warmup", std::int64_t{10}}, {"peak", 0.004}});
    const auto& rates = series(values, "lr_curve").points;
    REQUIRE(rates.size() == 20);
    CHECK(std::abs(rates[0][1] - 0.0004) < 1e-8);
    CHECK(std::abs(rates[9][1] - 0.004) < 1e-8);
    CHECK(std::abs(rates[19][1] - 0.004) < 1e-8);
    CHECK(series(values, "loss_curve").points[0][1] > 2.0);
    CHECK(doubles(values, "grad_norm").size() == 6);
}
