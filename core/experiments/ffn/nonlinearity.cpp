// What does the activation function buy?  XOR of two attributes of one token.
//
// A token carries two attributes, each -1 or +1, and the answer is yes when they differ. The feed-forward network reads
// that one token: f(x) = phi(x W_1 + b_1) w_2 + b_2, the logit of yes. Without phi, f is linear in x however wide the
// hidden layer is, so f(--) + f(++) = f(-+) + f(+-), and by convexity the mean cross-entropy cannot fall below ln 2.

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "base/math.h"
#include "data/points.h"
#include "experiments/registry.h"
#include "nn/activation.h"
#include "nn/linear.h"
#include "training/optimizer.h"

namespace glassformer {
namespace {

constexpr std::int64_t map_size = 33;  // of the decision map, over [-1.6, 1.6] in both attributes

/// Two attributes in, one logit out: 2 -> hidden -> 1. (In a Transformer the network gives back as many numbers as it
/// takes, and a head reads the logit off.)
struct Network {
    std::string activation;
    Linear up, gate, down;  // the gate is used by SwiGLU alone

    Network(std::string phi, std::int64_t hidden, const Rng& rng)
        : activation(std::move(phi)),
          up(2, hidden, rng.split("up")),
          gate(2, hidden, rng.split("gate")),
          down(hidden, 1, rng.split("down")) {}

    /// [points, 2] -> [points, hidden]
    Variable hidden(const Variable& x) const {
        const Variable pre = up.forward(x);
        if (activation == "swiglu") return multiply(silu(pre), gate.forward(x));
        return activate(activation_of(activation), pre);
    }
    /// [points, 2] -> [points], the logit of yes
    Variable forward(const Variable& x) const { return reshape(down.forward(hidden(x)), {x.shape()[0]}); }

    NamedParameters parameters() const {
        NamedParameters all;
        append_parameters(all, "up", up.parameters());
        if (activation == "swiglu") append_parameters(all, "gate", gate.parameters());
        append_parameters(all, "down", down.parameters());
        return all;
    }
};

BooleanFunction function_of(const std::string& name) {
    if (name == "and") return BooleanFunction::logical_and;
    if (name == "or") return BooleanFunction::logical_or;
    return BooleanFunction::logical_xor;
}

/// Mean of softplus(-z) where the answer is yes and softplus(z) where it is no.
Variable binary_cross_entropy(const Variable& logits, const IntTensor& labels) {
    Tensor sign({labels.size()});
    for (std::int64_t i = 0; i < labels.size(); ++i) sign[i] = labels[i] == 1 ? -1.0F : 1.0F;
    return mean(softplus(multiply(logits, Variable(sign))));
}

double attribute_at(std::int64_t step) {
    return -1.6 + 3.2 * static_cast<double>(step) / static_cast<double>(map_size - 1);
}

/// Probability of yes over the plane of attributes, [second attribute, first attribute].
Tensor decision_map(const Network& network) {
    Tensor points({map_size * map_size, 2});
    for (std::int64_t i = 0; i < points.extent(0); ++i) {
        points(i, 0) = static_cast<float>(attribute_at(i % map_size));
        points(i, 1) = static_cast<float>(attribute_at(i / map_size));
    }
    return sigmoid(network.forward(Variable(points))).value().reshaped({map_size, map_size});
}

/// What no network of this kind can beat on XOR, whatever its weights; AND and OR need no phi.
double floor_of(const Arguments& arguments) {
    if (arguments.text("task") != "xor") return 0.0;
    if (arguments.text("activation") == "none") return glassformer::log(2.0);
    // One ReLU unit is monotone along one line, on which the four points alternate: at best three of them stay
    // together, two of one class with one of the other: 3/4 of their entropy.
    if (arguments.text("activation") == "relu" && arguments.integer("hidden") == 1) {
        return (3.0 * glassformer::log(3.0) - 2.0 * glassformer::log(2.0)) / 4.0;
    }
    return 0.0;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t updates = arguments.integer("updates");
    const std::string& activation = arguments.text("activation");
    const LabelledPoints points = boolean_points(function_of(arguments.text("task")));
    const Network network(activation, arguments.integer("hidden"), context.rng("weights"));
    const Variable x(points.inputs);
    Adam optimizer(network.parameters());

    Series curve{"update", {}};
    for (std::int64_t update = 0; update <= updates; ++update) {
        const Variable logits = network.forward(x);
        const Variable loss = binary_cross_entropy(logits, points.labels);
        curve.points.push_back({static_cast<double>(update), static_cast<double>(loss.value()[0])});

        Frame frame(update, updates, [&](Values& values) {
            const Tensor& z = logits.value();
            values.set("loss_curve", curve);
            values.set("loss", curve.points.back()[1]);
            values.set("floor", floor_of(arguments));
            double right = 0.0;  // a logit of 0 up to rounding is no answer: it counts half
            for (std::int64_t i = 0; i < 4; ++i)
                right += std::abs(z[i]) < 1e-4F ? 0.5 : (z[i] > 0.0F) == (points.labels[i] == 1) ? 1.0 : 0.0;
            values.set("accuracy", right / 4.0);
            // f(--) + f(++) - f(-+) - f(+-): the part of f that no linear function has
            values.set("interaction", static_cast<double>(z[0]) + static_cast<double>(z[3]) -
                                          static_cast<double>(z[1]) - static_cast<double>(z[2]));
            values.set("largest_logit", max_abs(z));
            const std::vector<std::string> names{"−−", "−+", "+−", "++"};
            values.set("points", tensor_value(points.inputs, {{"point", names}, {"attribute", {"a", "b"}}}));
            values.set("labels", TensorValue{points.labels, {{"point", names}}});
            values.set("logits", tensor_value(z, {{"point", names}}, Role::score));
            values.set("hidden",
                       tensor_value(network.hidden(x).value(), {{"point", names}, {"unit", {}}}, Role::activation));
            std::vector<std::string> ticks;
            for (std::int64_t i = 0; i < map_size; ++i) {
                const auto hundredths = static_cast<std::int64_t>(std::lround(attribute_at(i) * 100.0));
                const std::string digits = std::to_string(std::abs(hundredths) % 100);
                ticks.push_back((hundredths < 0 ? "-" : "") + std::to_string(std::abs(hundredths) / 100) + "." +
                                (digits.size() < 2 ? "0" : "") + digits);
            }
            values.set("decision",
                       tensor_value(decision_map(network), {{"b", ticks}, {"a", ticks}}, Role::probability));
        });
        co_yield std::move(frame);

        if (update == updates) break;
        loss.backward();
        optimizer.update(0.03F);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto hidden = static_cast<double>(arguments.integer("hidden"));
    return {static_cast<double>(arguments.integer("updates")) * 400.0 * hidden + 1100.0 * 8.0 * hidden, 2e6};
}

}  // namespace

const Experiment& ffn_nonlinearity() {
    static const Experiment experiment{
        .id = "ffn.nonlinearity",
        .summary = {"一个词元的两个属性做异或：没有激活函数，多宽都学不会",
                    "XOR of two attributes of one token: without an activation no width learns it"},
        .parameters = {enum_parameter("activation", {"激活函数 φ", "Activation φ"},
                                      {"两个矩阵之间的函数", "Between the matrices"}, "none",
                                      {{"none", {"没有", "none"}},
                                       {"relu", {"ReLU", "ReLU"}},
                                       {"gelu", {"GELU", "GELU"}},
                                       {"silu", {"SiLU", "SiLU"}},
                                       {"swiglu", {"SwiGLU", "SwiGLU"}}}),
                       integer_parameter("hidden", {"隐藏单元", "Hidden units"},
                                         {"隐藏层多宽", "Width of the hidden layer"}, 16, 1, 64),
                       enum_parameter("task", {"任务", "Task"},
                                      {"两个属性的什么函数", "Which function of the two attributes"}, "xor",
                                      {{"xor", {"异或：恰有一个是 +", "xor: exactly one is +"}},
                                       {"and", {"与：两个都是 +", "and: both are +"}},
                                       {"or", {"或：至少一个是 +", "or: at least one is +"}}}),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 400, 10, 2000))},
        .outputs = {{"loss_curve",
                     OutputKind::series,
                     {"四个点上的平均交叉熵", "Mean cross-entropy on the four points"},
                     {},
                     Role::loss},
                    {"loss", OutputKind::scalar, {"现在的交叉熵（nat）", "Cross-entropy now (nats)"}, {}, Role::loss},
                    {"floor",
                     OutputKind::scalar,
                     {"这种网络损失的下界（有证明时）；0 = 没有限制",
                      "Least loss such a network can have, where that is proven; 0: no limit"},
                     {},
                     Role::loss},
                    {"accuracy", OutputKind::scalar, {"四个点里答对的比例", "Share of the four points answered right"}},
                    {"interaction",
                     OutputKind::scalar,
                     {"f(−−)+f(++)−f(−+)−f(+−)：线性函数恒为 0",
                      "f(−−)+f(++)−f(−+)−f(+−): 0 for every linear function"}},
                    {"largest_logit", OutputKind::scalar, {"最大的 |logit|", "Largest |logit|"}},
                    {"points",
                     OutputKind::tensor,
                     {"四个词元的两个属性", "The two attributes of the four tokens"},
                     {"point", "attribute"}},
                    {"labels", OutputKind::tensor, {"正确答案", "Right answers"}, {"point"}},
                    {"logits", OutputKind::tensor, {"网络的 logit", "The network's logits"}, {"point"}, Role::score},
                    {"hidden", OutputKind::tensor, {"隐藏层", "Hidden layer"}, {"point", "unit"}, Role::activation},
                    {"decision",
                     OutputKind::tensor,
                     {"属性平面上“是”的概率", "Probability of yes over the plane of attributes"},
                     {"b", "a"},
                     Role::probability}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
