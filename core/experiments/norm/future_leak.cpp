// Can BatchNorm see the future through a causal mask?
//
// Tokens are dice rolls with four faces: no honest model predicts the next one better than ln 4. The causal mask is on
// in every layer. Only the norm is exchanged. BatchNorm's statistics are taken over all positions of the batch, later
// ones too: whatever falls below the floor came through them.

#include <algorithm>
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

constexpr std::int64_t n = 8, faces = 4, d_model = 32;

struct Model {
    Embedding tokens, positions;
    TransformerStack stack;
    Linear output;

    Model(NormKind norm, const Rng& rng)
        : tokens(faces, d_model, rng.split("tokens"), 1.0F),
          positions(n, d_model, rng.split("positions"), 1.0F),
          stack(configure(norm), rng.split("stack")),
          output(d_model, faces, rng.split("output")) {}

    static TransformerStackConfig configure(NormKind norm) {
        TransformerStackConfig config;
        config.n_layers = 2;
        config.layer.attention = {.d_model = d_model, .n_heads = 2};
        config.layer.feed_forward = {.d_ff = 64};
        config.layer.placement = NormPlacement::pre;
        config.layer.norm.kind = norm;
        return config;
    }

    /// ids [batch, n] -> logits [batch, n, faces], each position seeing itself and what came before.
    Variable forward(const IntTensor& ids, const Pass& pass) const {
        LayerInput input;
        input.mask = causal_mask(n);
        const Variable x = add(tokens.forward(ids), positions.forward(counted_positions(n)));
        return output.forward(stack.forward(x, input, pass));
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

Run run(Arguments arguments, Context context) {
    const std::int64_t updates = arguments.integer("updates");
    const auto batch = static_cast<int>(arguments.integer("batch"));
    const Model model(arguments.text("norm") == "batch" ? NormKind::batch : NormKind::layer, context.rng("weights"));
    const UniformTokens dice{n, faces};
    Rng data = context.rng("dice");
    const Rng dropout = context.rng("unused");
    Adam optimizer(model.parameters());
    const Schedule schedule{Schedule::Kind::constant, updates / 20, updates};
    Rng unseen = context.rng("unseen dice");
    const TokenBatch test = uniform_tokens(dice, 250, unseen);

    Series curve{"update", {}};
    for (std::int64_t update = 1; update <= updates; ++update) {
        const TokenBatch rolls = uniform_tokens(dice, batch, data);
        const Variable loss = cross_entropy(model.forward(rolls.inputs, Pass::training(dropout)), rolls.targets);
        curve.points.push_back({static_cast<double>(update), static_cast<double>(loss.value()[0])});
        loss.backward();
        optimizer.update(0.003F * schedule.factor(update));

        Frame frame(update, updates, [&](Values& values) {
            const std::size_t count = std::min<std::size_t>(200, curve.points.size());
            const double sum =
                std::accumulate(curve.points.end() - static_cast<std::ptrdiff_t>(count), curve.points.end(), 0.0,
                                [](double total, const auto& point) { return total + point[1]; });
            values.set("loss_curve", curve);
            values.set("floor", glassformer::log(static_cast<double>(faces)));
            values.set("train_loss", sum / static_cast<double>(count));
            // Inference: running statistics, nothing of the sequence itself.
            const Variable honest = cross_entropy(model.forward(test.inputs, Pass::inference()), test.targets);
            values.set("eval_loss", static_cast<double>(honest.value()[0]));
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const double tokens = static_cast<double>(n * arguments.integer("batch"));
    const double update = 3.0 * 2.0 * 2.0 * tokens * (4.0 * d_model * d_model + 2.0 * d_model * 64.0) + 2e5;
    return {static_cast<double>(arguments.integer("updates")) * update, 2e7};
}

}  // namespace

const Experiment& norm_future_leak() {
    static const Experiment experiment{
        .id = "norm.future_leak",
        .summary =
            {"因果掩码开着，词元是骰子：只换归一化，训练损失能不能低于 ln 4",
             "Causal mask on, tokens are dice: can the training loss fall below ln 4 when only the norm is exchanged?"},
        .parameters = {enum_parameter("norm", {"归一化", "Norm"},
                                      {"每个子层之前用哪一种", "Which one stands before every sublayer"}, "batch",
                                      {{"layer", {"LayerNorm", "LayerNorm"}}, {"batch", {"BatchNorm", "BatchNorm"}}}),
                       integer_parameter("batch", {"批大小", "Batch size"}, {"一批几个句子", "Sentences in a batch"}, 1,
                                         1, 8),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 1500, 10, 3000,
                                              Spacing::logarithmic))},
        .outputs =
            {{"loss_curve",
              OutputKind::series,
              {"每批的训练交叉熵", "Training cross-entropy of each batch"},
              {},
              Role::loss},
             {"floor",
              OutputKind::scalar,
              {"诚实的模型的下界 ln 4", "The least an honest model can reach, ln 4"},
              {},
              Role::loss},
             {"train_loss", OutputKind::scalar, {"最近 200 批的平均", "Mean of the last 200 batches"}, {}, Role::loss},
             {"eval_loss",
              OutputKind::scalar,
              {"推理时（滑动平均）在新骰子上的交叉熵", "Cross-entropy in inference (running averages) on new dice"},
              {},
              Role::loss}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
