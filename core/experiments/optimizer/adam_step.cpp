// One step of Adam, coordinate by coordinate  (Kingma & Ba 2015, algorithm 1)
//
// Four coordinates see gradients of very different size and kind. SGD moves each by its gradient; Adam moves each by
// about the learning rate, whatever the size. All in double.

#include <cmath>

#include "experiments/registry.h"

namespace glassformer {
namespace {

const std::vector<std::string> coordinates = {"steady", "million", "noisy", "alternating"};

/// g[t, coordinate]: s; a million times s; s with noise; s with changing sign.
DoubleTensor gradients(std::int64_t steps, double s, Rng rng) {
    DoubleTensor g({steps, 4});
    for (std::int64_t t = 0; t < steps; ++t) {
        g(t, 0) = s;
        g(t, 1) = 1e6 * s;
        g(t, 2) = s * (1.0 + 2.0 * static_cast<double>(rng.normal()));
        g(t, 3) = t % 2 == 0 ? s : -s;
    }
    return g;
}

struct Moments {
    DoubleTensor m, v, m_hat, v_hat, update;  // each [steps, 4]
};

Moments adam(const DoubleTensor& g, double learning_rate, double beta1, double beta2, double epsilon) {
    const Shape& shape = g.shape();
    Moments a{DoubleTensor(shape), DoubleTensor(shape), DoubleTensor(shape), DoubleTensor(shape), DoubleTensor(shape)};
    double power1 = 1.0, power2 = 1.0;  // beta^t
    for (std::int64_t t = 0; t < g.extent(0); ++t) {
        power1 *= beta1;
        power2 *= beta2;
        for (std::int64_t c = 0; c < 4; ++c) {
            const double m = t == 0 ? 0.0 : a.m(t - 1, c);
            const double v = t == 0 ? 0.0 : a.v(t - 1, c);
            a.m(t, c) = beta1 * m + (1.0 - beta1) * g(t, c);
            a.v(t, c) = beta2 * v + (1.0 - beta2) * g(t, c) * g(t, c);
            a.m_hat(t, c) = a.m(t, c) / (1.0 - power1);  // both averages start at 0: without this the first
            a.v_hat(t, c) = a.v(t, c) / (1.0 - power2);  // steps would be too small or too large
            a.update(t, c) = -learning_rate * a.m_hat(t, c) / (std::sqrt(a.v_hat(t, c)) + epsilon);
        }
    }
    return a;
}

DoubleTensor sgd(const DoubleTensor& g, double learning_rate) {
    DoubleTensor update(g.shape());
    for (std::int64_t i = 0; i < g.size(); ++i) update[i] = -learning_rate * g[i];
    return update;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t steps = arguments.integer("steps");
    const double learning_rate = arguments.number("learning_rate");
    const bool is_adam = arguments.text("optimizer") == "adam";
    const DoubleTensor g = gradients(steps, arguments.number("gradient_scale"), context.rng("noise"));
    const Moments moments =
        adam(g, learning_rate, arguments.number("beta1"), arguments.number("beta2"), arguments.number("epsilon"));
    const DoubleTensor update = is_adam ? moments.update : sgd(g, learning_rate);

    Frame frame(1, 1, [&](Values& values) {
        std::vector<std::string> ticks;
        for (std::int64_t t = 1; t <= steps; ++t) ticks.push_back(std::to_string(t));
        const std::vector<Axis> axes{{"step", ticks}, {"coordinate", coordinates}};
        const std::vector<std::pair<const char*, const DoubleTensor*>> shown = {
            {"gradient", &g},          {"m", &moments.m},         {"v", &moments.v},
            {"m_hat", &moments.m_hat}, {"v_hat", &moments.v_hat}, {"update", &update}};
        for (const auto& [name, tensor] : shown) {
            const Role role = tensor == &g ? Role::gradient : Role::none;
            values.set(name, TensorValue{*tensor, axes, role});
        }
        // In units of the learning rate: how far a coordinate moved, whatever its gradient.
        DoubleTensor relative({steps, 4}), first({4});
        for (std::int64_t i = 0; i < update.size(); ++i) relative[i] = std::abs(update[i]) / learning_rate;
        for (std::int64_t c = 0; c < 4; ++c) first[c] = relative(0, c);
        values.set("step_size", TensorValue{relative, axes});
        values.set("first_step_size", TensorValue{first, {{"coordinate", coordinates}}});
        values.set("ratio_of_gradients", std::abs(g(0, 1) / g(0, 0)));
        values.set("ratio_of_steps", std::abs(update(0, 1) / update(0, 0)));
    });
    co_yield std::move(frame);
}

}  // namespace

const Experiment& optimizer_adam_step() {
    static const Experiment experiment{
        .id = "optimizer.adam_step",
        .summary = {"四个坐标，梯度大小相差百万倍：SGD 与 Adam 各走多远",
                    "Four coordinates whose gradients differ a million times: how far SGD and Adam move each"},
        .parameters = {enum_parameter("optimizer", {"优化器", "Optimizer"}, {"用哪个走", "Which one moves"}, "adam",
                                      {{"adam", {"Adam", "Adam"}}, {"sgd", {"SGD", "SGD"}}}),
                       number_parameter("gradient_scale", {"梯度大小 s", "Gradient size s"},
                                        {"基本的梯度大小；“million” 那个坐标是它的百万倍",
                                         "The basic size; coordinate “million” has a million times that"},
                                        1e-3, 1e-6, 1e3, Spacing::logarithmic),
                       integer_parameter("steps", {"步数", "Steps"}, {"看前几步", "How many steps"}, 20, 1, 20),
                       number_parameter("beta1", {"β₁", "β₁"}, {"一阶矩的衰减", "Decay of the first moment"}, 0.9, 0.0,
                                        0.99),
                       number_parameter("beta2", {"β₂", "β₂"}, {"二阶矩的衰减", "Decay of the second moment"}, 0.98,
                                        0.9, 0.9999),
                       number_parameter("epsilon", {"ε", "ε"}, {"加在根号之后", "Added after the root"}, 1e-9, 1e-12,
                                        1e-3, Spacing::logarithmic),
                       number_parameter("learning_rate", {"学习率", "Learning rate"},
                                        {"步长的单位", "The unit of the step"}, 1e-3, 1e-6, 1.0, Spacing::logarithmic)},
        .outputs =
            {{"gradient", OutputKind::tensor, {"梯度", "Gradients"}, {"step", "coordinate"}, Role::gradient},
             {"m", OutputKind::tensor, {"一阶矩 m", "First moment m"}, {"step", "coordinate"}},
             {"v", OutputKind::tensor, {"二阶矩 v", "Second moment v"}, {"step", "coordinate"}},
             {"m_hat", OutputKind::tensor, {"偏差修正后的 m̂", "m̂, bias-corrected"}, {"step", "coordinate"}},
             {"v_hat", OutputKind::tensor, {"偏差修正后的 v̂", "v̂, bias-corrected"}, {"step", "coordinate"}},
             {"update", OutputKind::tensor, {"参数的改变", "Change of the parameter"}, {"step", "coordinate"}},
             {"step_size", OutputKind::tensor, {"|改变| ÷ 学习率", "|change| ÷ learning rate"}, {"step", "coordinate"}},
             {"first_step_size",
              OutputKind::tensor,
              {"第一步的 |改变| ÷ 学习率", "|change| ÷ learning rate at the first step"},
              {"coordinate"}},
             {"ratio_of_gradients",
              OutputKind::scalar,
              {"million 与 steady 的梯度之比", "Gradient of million ÷ gradient of steady"}},
             {"ratio_of_steps",
              OutputKind::scalar,
              {"两者第一步之比", "First step of million ÷ first step of steady"}}},
        .run = run};
    return experiment;
}

}  // namespace glassformer
