// Does BatchNorm make a network indifferent to how its weights start?  (Ioffe & Szegedy 2015; Santurkar et al. 2018)
//
// Eight layers of ReLU separate a disc from the ring around it, by plain gradient descent on the whole data. Ten
// networks: five sizes of the initial weights (in units of He's), two learning rates.

#include <cmath>
#include <limits>

#include "autograd/operations.h"
#include "data/points.h"
#include "experiments/registry.h"
#include "nn/initialization.h"
#include "nn/loss.h"
#include "training/optimizer.h"

namespace glassformer {
namespace {

constexpr std::int64_t depth = 8, width = 32, samples = 256;
const std::vector<double> scales = {0.3, 0.7, 1.0, 1.5, 3.0};
const std::vector<double> rates = {0.05, 0.5};

struct Network {
    std::vector<Variable> W, b, gamma, beta;
    bool normalise;

    Network(bool with_norm, double scale, const Rng& rng) : normalise(with_norm) {
        const Initialization he{Initialization::Kind::he, static_cast<float>(scale)};
        for (std::int64_t l = 0; l <= depth; ++l) {
            const std::int64_t in = l == 0 ? 2 : width, out = l == depth ? 2 : width;
            W.push_back(initial_weight<float>(in, out, he, rng.split(static_cast<std::uint64_t>(l))));
            b.push_back(constant_parameter<float>({out}, 0.0F));
            gamma.push_back(constant_parameter<float>({out}, 1.0F));
            beta.push_back(constant_parameter<float>({out}, 0.0F));
        }
    }

    /// x [samples, 2] -> logits [samples, 2]; `last_hidden` is what layer 8 puts out.
    Variable forward(const Variable& x, Variable* last_hidden = nullptr) const {
        Variable h = x;
        for (std::size_t l = 0; l < depth; ++l) {
            Variable z = add(matmul(h, W[l]), b[l]);
            if (normalise) z = batch_norm(z, gamma[l], beta[l]).output;
            h = relu(z);
        }
        if (last_hidden != nullptr) *last_hidden = h;
        return add(matmul(h, W[depth]), b[depth]);
    }

    NamedParameters parameters() const {
        NamedParameters all;
        for (std::size_t l = 0; l <= depth; ++l) {
            const std::string layer = std::to_string(l);
            all.emplace_back("W" + layer, W[l]);
            all.emplace_back("b" + layer, b[l]);
            if (!normalise || l == depth) continue;
            all.emplace_back("gamma" + layer, gamma[l]);
            all.emplace_back("beta" + layer, beta[l]);
        }
        return all;
    }
};

double rms(const Tensor& tensor) {
    double squares = 0.0;
    for (const float x : tensor.elements()) squares += static_cast<double>(x) * static_cast<double>(x);
    return std::sqrt(squares / static_cast<double>(tensor.size()));
}

double accuracy_of(const Tensor& logits, const IntTensor& labels) {
    double right = 0.0;
    for (std::int64_t i = 0; i < labels.size(); ++i) {
        // A NaN compares as false with everything: it is never right.
        const bool second = logits(i, 1) > logits(i, 0), first = logits(i, 0) > logits(i, 1);
        right += (labels[i] == 1 && second) || (labels[i] == 0 && first) ? 1.0 : 0.0;
    }
    return right / static_cast<double>(labels.size());
}

Run run(Arguments arguments, Context context) {
    const bool with_norm = arguments.text("norm") == "batch";
    const std::int64_t updates = arguments.integer("updates");
    Rng data = context.rng("points");
    const LabelledPoints points = disc_in_ring(static_cast<int>(samples), data);
    const Variable x(points.inputs);

    const auto rows = static_cast<std::int64_t>(scales.size()), columns = static_cast<std::int64_t>(rates.size());
    constexpr double not_yet = std::numeric_limits<double>::quiet_NaN();
    const std::int64_t stride = std::max<std::int64_t>(1, updates / 30), marks = updates / stride + 1;
    DoubleTensor losses({rows, columns}, not_yet), accuracies({rows, columns}, not_yet), first_rms({rows}, not_yet);
    DoubleTensor curves({rows, columns, marks}, not_yet);
    Series sequence{"update", {}};  // one network after another
    for (std::int64_t column = 0; column < columns; ++column) {
        for (std::int64_t row = 0; row < rows; ++row) {
            const Network network(with_norm, scales[static_cast<std::size_t>(row)], context.rng("weights"));
            Sgd optimizer(network.parameters());
            for (std::int64_t update = 0; update <= updates; ++update) {
                Variable hidden;
                const Variable logits = network.forward(x, &hidden);
                const Variable loss = cross_entropy(logits, points.labels);
                const auto value = static_cast<double>(loss.value()[0]);
                if (update == 0) first_rms[row] = rms(hidden.value());
                if (update % stride == 0) curves.at({row, column, update / stride}) = value;
                losses(row, column) = value;
                accuracies(row, column) = accuracy_of(logits.value(), points.labels);
                // The cell ends with its last update, or when it has diverged: nothing comes back from NaN.
                const bool ends = update == updates || !std::isfinite(value);
                const std::int64_t done = (column * rows + row) * (updates + 1) + (ends ? updates : update);

                if (std::isfinite(value)) sequence.points.push_back({static_cast<double>(done), value});

                Frame frame(done, rows * columns * (updates + 1) - 1, [&](Values& values) {
                    std::vector<std::string> scale_ticks, rate_ticks, update_ticks;
                    for (const double scale : scales) scale_ticks.push_back(std::to_string(scale).substr(0, 3));
                    for (const double rate : rates)
                        rate_ticks.push_back(std::to_string(rate).substr(0, rate < 0.1 ? 4 : 3));
                    for (std::int64_t m = 0; m < marks; ++m) update_ticks.push_back(std::to_string(m * stride));
                    const Axis scale_axis{"init_scale", scale_ticks}, rate_axis{"rate", rate_ticks};
                    values.set("loss_curve", sequence);
                    values.set("final_loss", TensorValue{losses, {scale_axis, rate_axis}, Role::loss});
                    values.set("accuracy", TensorValue{accuracies, {scale_axis, rate_axis}});
                    values.set("loss_curves",
                               TensorValue{curves, {scale_axis, rate_axis, {"update", update_ticks}}, Role::loss});
                    values.set("first_forward_rms", TensorValue{first_rms, {scale_axis}});
                    double trained = 0.0;
                    for (const double a : accuracies.elements()) trained += a >= 0.95 ? 1.0 : 0.0;
                    values.set("trained", trained);
                });
                co_yield std::move(frame);
                if (ends) break;
                loss.backward();
                optimizer.update(static_cast<float>(rates[static_cast<std::size_t>(column)]));
            }
        }
    }
}

CostEstimate cost(const Arguments& arguments) {
    const double pass = 2.0 * samples * depth * width * width;
    return {10.0 * 3.5 * static_cast<double>(arguments.integer("updates")) * pass, 2e7};
}

}  // namespace

const Experiment& norm_batch_training() {
    static const Experiment experiment{
        .id = "norm.batch_training",
        .summary =
            {"十个八层网络：五种初始权重、两种学习率，有没有 BatchNorm",
             "Ten eight-layer networks: five sizes of initial weights, two learning rates, with or without BatchNorm"},
        .parameters = {enum_parameter("norm", {"归一化", "Norm"},
                                      {"每层 ReLU 之前有没有 BatchNorm", "BatchNorm before every ReLU, or not"}, "none",
                                      {{"none", {"没有", "none"}}, {"batch", {"BatchNorm", "BatchNorm"}}}),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"每个网络更新多少次", "Updates of each network"}, 300, 10, 300))},
        .outputs =
            {{"loss_curve",
              OutputKind::series,
              {"十个网络一个接一个：交叉熵", "The ten networks one after another: cross-entropy"},
              {},
              Role::loss},
             {"final_loss",
              OutputKind::tensor,
              {"交叉熵（nat）", "Cross-entropy (nats)"},
              {"init_scale", "rate"},
              Role::loss,
              false,
              true},
             {"accuracy", OutputKind::tensor, {"正确率", "Accuracy"}, {"init_scale", "rate"}, Role::none, false, true},
             {"loss_curves",
              OutputKind::tensor,
              {"训练中的交叉熵", "Cross-entropy during training"},
              {"init_scale", "rate", "update"},
              Role::loss,
              false,
              true},
             {"first_forward_rms",
              OutputKind::tensor,
              {"训练前第 8 层输出的均方根", "Root mean square of layer 8's output before training"},
              {"init_scale"},
              Role::none,
              false,
              true},
             {"trained",
              OutputKind::scalar,
              {"十个里有几个学会了（正确率 ≥ 95%）", "How many of the ten have learned (accuracy ≥ 95 %)"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
