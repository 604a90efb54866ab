// If the text is random dice, how can a language model reach loss 0?
//
// Sixteen equally likely symbols: no honest prediction costs less than ln 16. Six ways to set up the training; those
// that fall below the floor have found the answer somewhere in their input.

#include <algorithm>
#include <numeric>
#include <optional>

#include "autograd/operations.h"
#include "base/math.h"
#include "experiments/registry.h"
#include "nn/loss.h"
#include "nn/transformer_stack.h"
#include "training/optimizer.h"

namespace glassformer {
namespace {

constexpr std::int64_t n = 16, symbols = 16, d_model = 32, batch = 8;
constexpr std::int32_t mask_token = 16, not_counted = -1;

struct Sample {
    IntTensor inputs;   // [batch, n]
    IntTensor targets;  // [batch, n], not_counted where nothing is asked
    std::optional<Mask> mask;
};

Sample draw(const std::string& variant, double mask_rate, std::int64_t sequences, Rng rng) {
    Sample s{IntTensor({sequences, n}), IntTensor({sequences, n}, not_counted), {}};
    IntTensor tokens({sequences, n});
    for (std::int64_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<std::int32_t>(rng.integer(symbols));
    s.inputs = tokens;
    if (variant == "causal_lm" || variant == "unmasked_lm") {
        for (std::int64_t b = 0; b < sequences; ++b)
            for (std::int64_t i = 0; i + 1 < n; ++i) s.targets(b, i) = tokens(b, i + 1);  // the next token
        if (variant == "causal_lm") s.mask = causal_mask(n);
        return s;
    }
    if (variant == "diagonal_1_layer" || variant == "diagonal_2_layers") {
        s.targets = tokens;  // every token from all the others
        s.mask = no_diagonal_mask(n);
        return s;
    }
    // Masked language modelling: some places are asked for.
    BoolTensor keep({sequences, n, n}, 1);
    for (std::int64_t b = 0; b < sequences; ++b) {
        for (std::int64_t j = 0; j < n; ++j) {
            if (static_cast<double>(rng.uniform()) >= mask_rate && j != b % n) continue;  // at least one a sequence
            s.targets(b, j) = tokens(b, j);
            if (variant == "mlm_mask_token") s.inputs(b, j) = mask_token;
            if (variant == "mlm_column_mask")
                for (std::int64_t i = 0; i < n; ++i) keep.at({b, i, j}) = 0;  // nobody may look at key j
        }
    }
    if (variant == "mlm_column_mask") s.mask = Mask(keep);
    return s;
}

/// Two ordinary Pre-LN layers; for the diagonal variants one or two layers without any path from a token to itself:
/// the first queries know their position only, and there is no residual around attention.
struct Model {
    bool diagonal;
    std::int64_t diagonal_layers;
    Embedding tokens, positions;
    TransformerStack stack;
    MultiHeadAttention first, second;
    FeedForward first_ffn, second_ffn;
    BasicNorm<float> between, norm, last;
    Linear output;

    Model(const std::string& variant, const Rng& rng)
        : diagonal(variant.starts_with("diagonal")),
          diagonal_layers(variant == "diagonal_2_layers" ? 2 : 1),
          tokens(symbols + 1, d_model, rng.split("tokens"), 1.0F),
          positions(n, d_model, rng.split("positions"), 1.0F),
          stack(ordinary(), rng.split("stack")),
          first({.d_model = d_model, .n_heads = 2}, rng.split("first")),
          second({.d_model = d_model, .n_heads = 2}, rng.split("second")),
          first_ffn({.d_model = d_model, .d_ff = 64}, rng.split("first ffn")),
          second_ffn({.d_model = d_model, .d_ff = 64}, rng.split("second ffn")),
          between({.d = d_model}),
          norm({.d = d_model}),
          last({.d = d_model}),
          output(d_model, symbols, rng.split("output")) {}

    static TransformerStackConfig ordinary() {
        TransformerStackConfig config;
        config.n_layers = 2;
        config.layer.attention = {.d_model = d_model, .n_heads = 2};
        config.layer.feed_forward = {.d_ff = 64};
        config.layer.placement = NormPlacement::pre;
        return config;
    }

    /// ids [sequences, length] -> logits [sequences, length, symbols]
    Variable forward(const IntTensor& ids, const std::optional<Mask>& mask) const {
        const std::int64_t sequences = ids.extent(0), length = ids.extent(1);
        const Variable p = positions.forward(counted_positions(length));
        const Variable x = add(tokens.forward(ids), p);  // [sequences, length, d_model]
        if (!diagonal) {
            LayerInput input;
            input.mask = mask;
            return output.forward(stack.forward(x, input));
        }
        const Variable places = broadcast_to(p, {sequences, length, d_model});
        AttentionInput look;
        look.mask = mask;
        look.memory = x;                           // keys and values: the tokens
        Variable h = first.forward(places, look);  // queries: the position alone; no residual
        h = add(h, first_ffn.forward(norm.forward(h)));
        if (diagonal_layers == 2) {
            const Variable z = add(h, p);
            h = add(z, second.forward(between.forward(z), {.mask = mask}));  // again nobody looks at itself
            h = add(h, second_ffn.forward(norm.forward(h)));
        }
        return output.forward(last.forward(h));
    }

    NamedParameters parameters() const {
        NamedParameters all;
        append_parameters(all, "tokens", tokens.parameters());
        append_parameters(all, "positions", positions.parameters());
        if (!diagonal) {
            append_parameters(all, "stack", stack.parameters());
        } else {
            append_parameters(all, "first", first.parameters());
            append_parameters(all, "first_ffn", first_ffn.parameters());
            append_parameters(all, "norm", norm.parameters());
            append_parameters(all, "last", last.parameters());
            if (diagonal_layers == 2) {
                append_parameters(all, "between", between.parameters());
                append_parameters(all, "second", second.parameters());
                append_parameters(all, "second_ffn", second_ffn.parameters());
            }
        }
        append_parameters(all, "output", output.parameters());
        return all;
    }
};

std::int32_t best(const Tensor& logits, std::int64_t row) {
    const float* values = logits.data() + row * symbols;
    return static_cast<std::int32_t>(std::max_element(values, values + symbols) - values);
}

/// Share of the asked places whose most likely symbol is right.
double accuracy(const Tensor& logits, const IntTensor& targets) {
    double right = 0.0, asked = 0.0;
    for (std::int64_t i = 0; i < targets.size(); ++i) {
        if (targets[i] == not_counted) continue;
        asked += 1.0;
        right += best(logits, i) == targets[i] ? 1.0 : 0.0;
    }
    return right / asked;
}

/// As in use: the model gets x_1 ... x_i and nothing else, and must name x_{i+1}.
double generation_accuracy(const Model& model, const Sample& test) {
    const std::int64_t sequences = test.inputs.extent(0);
    double right = 0.0;
    for (std::int64_t length = 1; length < n; ++length) {
        IntTensor seen({sequences, length});
        for (std::int64_t b = 0; b < sequences; ++b)
            for (std::int64_t i = 0; i < length; ++i) seen(b, i) = test.inputs(b, i);
        std::optional<Mask> mask;
        if (test.mask) mask = causal_mask(length);
        const Tensor logits = model.forward(seen, mask).value();
        for (std::int64_t b = 0; b < sequences; ++b)
            right += best(logits, b * length + length - 1) == test.inputs(b, length) ? 1.0 : 0.0;
    }
    return right / static_cast<double>(sequences * (n - 1));
}

Run run(Arguments arguments, Context context) {
    const std::string& variant = arguments.text("variant");
    const double mask_rate = arguments.number("mask_rate");
    const std::int64_t updates = arguments.integer("updates");
    const Model model(variant, context.rng("weights"));
    Adam optimizer(model.parameters());
    const Rng data = context.rng("text");
    const Sample test = draw(variant, mask_rate, 32, context.rng("test"));
    const bool language_model = variant == "causal_lm" || variant == "unmasked_lm";

    Series curve{"update", {}};
    for (std::int64_t update = 1; update <= updates; ++update) {
        const Sample sample = draw(variant, mask_rate, batch, data.split(static_cast<std::uint64_t>(update)));
        const Variable loss =
            cross_entropy(model.forward(sample.inputs, sample.mask), sample.targets, {.ignore_index = not_counted});
        curve.points.push_back({static_cast<double>(update), static_cast<double>(loss.value()[0])});
        loss.backward();
        const float warmup = std::min(1.0F, static_cast<float>(update) / 100.0F);
        optimizer.update(0.01F * warmup * (2 * update > updates ? 0.3F : 1.0F));

        Frame frame(update, updates, [&](Values& values) {
            const std::size_t count = std::min<std::size_t>(30, curve.points.size());
            const double sum =
                std::accumulate(curve.points.end() - static_cast<std::ptrdiff_t>(count), curve.points.end(), 0.0,
                                [](double total, const auto& point) { return total + point[1]; });
            values.set("loss_curve", curve);
            values.set("floor", glassformer::log(static_cast<double>(symbols)));
            values.set("final_loss", sum / static_cast<double>(count));
            values.set("accuracy", accuracy(model.forward(test.inputs, test.mask).value(), test.targets));
            values.set("generation_accuracy", language_model ? generation_accuracy(model, test) : 0.0);
            values.set("chance", 1.0 / static_cast<double>(symbols));
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const double rows = static_cast<double>(n * batch);
    const double layer = 2.0 * rows * (4.0 * d_model * d_model + 2.0 * d_model * 64.0 + 2.0 * n * d_model);
    return {static_cast<double>(arguments.integer("updates")) * 3.5 * (2.0 * layer + 2.0 * rows * d_model * symbols),
            2e7};
}

}  // namespace

const Experiment& mask_leak_training() {
    static const Experiment experiment{
        .id = "mask.leak_training",
        .summary = {"文本是随机骰子：六种训练方式，谁的损失低于 ln 16，谁就偷看了答案",
                    "The text is random dice: of six ways to train, those below ln 16 have seen the answer"},
        .parameters = {enum_parameter(
                           "variant", {"训练方式", "Set-up"},
                           {"要预测什么，谁能看谁", "What is predicted and who may look at whom"}, "unmasked_lm",
                           {{"causal_lm", {"语言模型，因果掩码", "language model, causal mask"}},
                            {"unmasked_lm", {"语言模型，没有掩码", "language model, no mask"}},
                            {"mlm_mask_token", {"MLM：输入换成 [MASK]", "MLM: input replaced by [MASK]"}},
                            {"mlm_column_mask", {"MLM：只遮注意力的列", "MLM: attention column hidden only"}},
                            {"diagonal_1_layer", {"不看自己，1 层", "not itself, 1 layer"}},
                            {"diagonal_2_layers", {"不看自己，2 层", "not itself, 2 layers"}}}),
                       number_parameter("mask_rate", {"遮多少", "Mask rate"}, {"只有 MLM 用到", "Used by MLM only"},
                                        0.25, 0.05, 0.6),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 900, 10, 1500))},
        .outputs =
            {{"loss_curve", OutputKind::series, {"每批的交叉熵", "Cross-entropy of each batch"}, {}, Role::loss},
             {"floor", OutputKind::scalar, {"诚实的下界 ln 16", "The honest floor, ln 16"}, {}, Role::loss},
             {"final_loss", OutputKind::scalar, {"最近 30 批的平均", "Mean of the last 30 batches"}, {}, Role::loss},
             {"accuracy",
              OutputKind::scalar,
              {"训练方式下的正确率（新文本）", "Accuracy in the training set-up (new text)"}},
             {"generation_accuracy",
              OutputKind::scalar,
              {"真正生成时的正确率：只给前文", "Accuracy in real generation: only the text before is given"}},
             {"chance", OutputKind::scalar, {"瞎猜的正确率 1/16", "Accuracy of guessing, 1/16"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
