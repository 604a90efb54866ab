// Does a deep stack train, and what has warmup to do with it?  (Xiong et al. 2020; Liu et al. 2020)
//
// An encoder reverses sequences of random symbols. Where LayerNorm stands, whether there is a residual, how high the
// learning rate is and how it starts are the reader's choice; all else is fixed. Guessing costs ln 12.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/operations.h"
#include "base/math.h"
#include "data/sequences.h"
#include "experiments/registry.h"
#include "nn/loss.h"
#include "nn/transformer_stack.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace glassformer {
namespace {

constexpr std::int64_t n = 12, symbols = 12, batch = 8, d_model = 32;

/// Token and position embeddings, the stack, a linear layer to the symbols.
struct Model {
    Embedding tokens, positions;
    TransformerStack stack;
    Linear output;

    Model(const std::string& layout, std::int64_t layers, const Rng& rng)
        : tokens(symbols, d_model, rng.split("tokens"), 1.0F),
          positions(n, d_model, rng.split("positions"), 1.0F),
          stack(configure(layout, layers), rng.split("stack")),
          output(d_model, symbols, rng.split("output")) {}

    static TransformerStackConfig configure(const std::string& layout, std::int64_t layers) {
        const Initialization xavier{Initialization::Kind::xavier_uniform};
        TransformerStackConfig config;
        config.n_layers = layers;
        config.layer.attention = {.d_model = d_model, .n_heads = 2, .init = xavier};
        config.layer.feed_forward = {.d_ff = 64, .init = xavier};
        config.layer.placement = layout == "pre_ln" ? NormPlacement::pre : NormPlacement::post;
        config.layer.residual = layout != "no_residual";  // then LN(F(x)) instead of LN(x + F(x))
        return config;
    }

    /// tokens [batch, n] -> logits [batch, n, symbols]
    Variable forward(const IntTensor& ids) const {
        const Variable x = add(tokens.forward(ids), positions.forward(counted_positions(n)));
        return output.forward(stack.forward(x));
    }

    NamedParameters parameters() const {
        NamedParameters all;
        append_parameters(all, "tokens", tokens.parameters());
        append_parameters(all, "positions", positions.parameters());
        append_parameters(all, "stack", stack.parameters());
        append_parameters(all, "output", output.parameters());
        return all;
    }
};

double norm(const Tensor& tensor) {
    double squares = 0.0;
    for (const float x : tensor.elements()) squares += static_cast<double>(x) * static_cast<double>(x);
    return std::sqrt(squares);
}

/// Joint gradient norm of each layer's parameters.
std::vector<double> layer_gradient_norms(const TransformerStack& stack) {
    std::vector<double> norms;
    for (std::int64_t layer = 0; layer < stack.config().n_layers; ++layer) {
        double squares = 0.0;
        for (const auto& [name, parameter] : stack.layer(layer).parameters()) {
            const double part = norm(parameter.gradient());
            squares += part * part;
        }
        norms.push_back(std::sqrt(squares));
    }
    return norms;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t updates = arguments.integer("updates");
    const std::int64_t warmup = arguments.integer("warmup");
    const auto peak = static_cast<float>(arguments.number("peak"));
    const Model model(arguments.text("layout"), arguments.integer("layers"), context.rng("weights"));
    const Transduction task{Rule::reverse, n, symbols};
    Rng data = context.rng("data");
    const NamedParameters parameters = model.parameters();
    Adam optimizer(parameters, {.beta1 = 0.9F, .beta2 = 0.98F, .epsilon = 1e-9F});
    const Schedule schedule{Schedule::Kind::constant, warmup, updates};

    // One weight stands for all: how far a typical update moves it, relative to its size.
    const Variable watched = find_parameter(model.stack.layer(0).parameters(), "feed_forward.up.weight");
    Series losses{"update", {}}, rates{"update", {}}, moved{"update", {}};
    std::vector<double> first_norms;
    for (std::int64_t update = 1; update <= updates; ++update) {
        const TokenBatch sample = transductions(task, batch, data);
        const Variable loss = cross_entropy(model.forward(sample.inputs), sample.targets);
        losses.points.push_back({static_cast<double>(update), static_cast<double>(loss.value()[0])});
        loss.backward();
        const std::vector<double> norms = layer_gradient_norms(model.stack);
        if (first_norms.empty()) first_norms = norms;

        const float rate = peak * schedule.factor(update);
        // A copy, because the update writes into the original.
        const Tensor before = watched.value();  // NOLINT(performance-unnecessary-copy-initialization)
        optimizer.update(rate);
        Tensor change = watched.value();
        for (std::int64_t i = 0; i < change.size(); ++i) change[i] -= before[i];
        rates.points.push_back({static_cast<double>(update), static_cast<double>(rate)});
        moved.points.push_back({static_cast<double>(update), norm(change) / norm(before)});

        Frame frame(update, updates, [&](Values& values) {
            const std::size_t count = std::min<std::size_t>(30, losses.points.size());
            const double sum =
                std::accumulate(losses.points.end() - static_cast<std::ptrdiff_t>(count), losses.points.end(), 0.0,
                                [](double total, const auto& point) { return total + point[1]; });
            values.set("final_loss", sum / static_cast<double>(count));
            values.set("guessing", glassformer::log(static_cast<double>(symbols)));
            values.set("loss_curve", losses);
            values.set("lr_curve", rates);
            values.set("update_to_weight", moved);
            const auto layers = static_cast<std::int64_t>(norms.size());
            values.set("first_grad_norm",
                       TensorValue{DoubleTensor({layers}, first_norms), {{"layer", {}}}, Role::gradient});
            values.set("grad_norm", TensorValue{DoubleTensor({layers}, norms), {{"layer", {}}}, Role::gradient});
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const double tokens = static_cast<double>(n * batch);
    const double layer = 2.0 * tokens * (4.0 * d_model * d_model + 2.0 * d_model * 64.0 + 2.0 * n * d_model);
    const double update =
        4.0 * (static_cast<double>(arguments.integer("layers")) * layer + 4.0 * tokens * d_model * symbols);
    return {static_cast<double>(arguments.integer("updates")) * update, 2e7};
}

}  // namespace

const Experiment& training_deep_stack() {
    static const Experiment experiment{
        .id = "training.deep_stack",
        .summary = {"叠几层、LayerNorm 放哪里、要不要残差、要不要预热：训练得动吗",
                    "How deep, LayerNorm where, with or without residual, with or without warmup: does it train?"},
        .parameters =
            {enum_parameter("layout", {"结构", "Layout"},
                            {"LayerNorm 与残差怎么放", "Where LayerNorm and the residual stand"}, "post_ln",
                            {{"post_ln", {"Post-LN（原论文）", "Post-LN (the paper)"}},
                             {"pre_ln", {"Pre-LN（今天）", "Pre-LN (today)"}},
                             {"no_residual", {"没有残差", "no residual"}}}),
             integer_parameter("layers", {"层数", "Layers"}, {"编码器叠几层", "Depth of the encoder"}, 6, 1, 8),
             number_parameter("peak", {"学习率峰值", "Peak learning rate"},
                              {"预热之后保持不变", "Kept after the warmup"}, 0.006, 0.001, 0.01, Spacing::logarithmic),
             integer_parameter("warmup", {"预热", "Warmup"},
                               {"线性上升多少次更新；0 = 不预热", "Updates of linear rise; 0: none"}, 300, 0, 600),
             work(integer_parameter("updates", {"更新次数", "Updates"},
                                    {"Adam 更新多少次", "How many updates Adam makes"}, 900, 10, 1200))},
        .outputs = {{"final_loss",
                     OutputKind::scalar,
                     {"最近 30 批的平均交叉熵（nat）", "Mean cross-entropy of the last 30 batches (nats)"},
                     {},
                     Role::loss},
                    {"guessing",
                     OutputKind::scalar,
                     {"瞎猜的交叉熵 ln 12", "Cross-entropy of guessing, ln 12"},
                     {},
                     Role::loss},
                    {"loss_curve", OutputKind::series, {"每批的交叉熵", "Cross-entropy of each batch"}, {}, Role::loss},
                    {"lr_curve", OutputKind::series, {"学习率", "Learning rate"}},
                    {"update_to_weight",
                     OutputKind::series,
                     {"第 0 层 W₁ 的 ‖改变‖ ÷ ‖权重‖", "‖change‖ ÷ ‖weight‖ of layer 0's W₁"}},
                    {"first_grad_norm",
                     OutputKind::tensor,
                     {"第一批的梯度范数，逐层", "Gradient norm of each layer at the first batch"},
                     {"layer"},
                     Role::gradient},
                    {"grad_norm",
                     OutputKind::tensor,
                     {"现在的梯度范数，逐层", "Gradient norm of each layer now"},
                     {"layer"},
                     Role::gradient}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
