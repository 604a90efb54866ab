// The bridge between encoder and decoder is cross-attention and nothing else: take it away and see
//
// The source is random symbols, the target the same symbols in reverse (or copied). The decoder is trained by teacher
// forcing: it always sees the right answers so far. Since the symbols are independent, those tell nothing about the
// next one, and without the source no model has an expected cross-entropy below ln V.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/math.h"
#include "data/sequences.h"
#include "experiments/registry.h"
#include "models/transformer.h"
#include "nn/loss.h"
#include "tensor/kernels.h"
#include "training/optimizer.h"

namespace glassformer {
namespace {

constexpr std::int64_t d_model = 32, n_heads = 2, batch = 16;

/// One layer each, two vocabularies, no matrix shared: what reaches the encoder comes through cross-attention.
TransformerConfig config_of(bool cross, std::int64_t n, std::int64_t symbols) {
    const ModelSize source{symbols, n, 1, d_model, n_heads, 64};
    const ModelSize target{symbols + 1, n, 1, d_model, n_heads, 64};  // and a start token
    TransformerConfig config = transformer_live_config(source, target);
    config.decoder.layer.cross_attention = cross;
    config.tying = TransformerConfig::Tying::none;
    return config;
}

/// What the decoder reads: start, y_1, ..., y_{n-1}.
IntTensor shifted(const IntTensor& targets, std::int64_t symbols) {
    IntTensor inputs(targets.shape());
    for (std::int64_t b = 0; b < targets.extent(0); ++b)
        for (std::int64_t i = 0; i < targets.extent(1); ++i)
            inputs(b, i) = i == 0 ? static_cast<std::int32_t>(symbols) : targets(b, i - 1);
    return inputs;
}

/// Joint norm of the parameters' gradients.
double gradient_norm(const NamedParameters& parameters) {
    double squares = 0.0;
    for (const auto& [name, parameter] : parameters)
        if (parameter.has_gradient()) squares += sum(square(parameter.gradient()));
    return std::sqrt(squares);
}

double accuracy(const Tensor& logits, const IntTensor& targets) {
    const std::int64_t classes = logits.extent(-1);
    double right = 0.0;
    for (std::int64_t i = 0; i < targets.size(); ++i) {
        const float* row = logits.data() + i * classes;
        right += std::max_element(row, row + classes) - row == targets[i] ? 1.0 : 0.0;
    }
    return right / static_cast<double>(targets.size());
}

Run run(Arguments arguments, Context context) {
    const bool cross = arguments.boolean("cross");
    const std::int64_t n = arguments.integer("n"), symbols = arguments.integer("symbols");
    const std::int64_t updates = arguments.integer("updates");
    const Transduction task{arguments.text("task") == "copy" ? Rule::copy : Rule::reverse, static_cast<int>(n),
                            static_cast<int>(symbols)};
    const Transformer model(config_of(cross, n, symbols), context.rng("weights"));
    const NamedParameters encoder = model.encoder().parameters(), decoder = model.decoder().parameters();
    Adam optimizer(model.parameters());
    Rng data = context.rng("data"), held_out = context.rng("test");
    const TokenBatch test = transductions(task, 32, held_out);

    Series losses{"update", {}}, to_encoder{"update", {}}, to_decoder{"update", {}};
    for (std::int64_t update = 1; update <= updates; ++update) {
        const TokenBatch sample = transductions(task, batch, data);
        const Variable logits = model.forward({sample.inputs}, {shifted(sample.targets, symbols)});
        const Variable loss = cross_entropy(logits, sample.targets);
        loss.backward();
        const auto now = static_cast<double>(update);
        losses.points.push_back({now, static_cast<double>(loss.value()[0])});
        to_encoder.points.push_back({now, gradient_norm(encoder)});
        to_decoder.points.push_back({now, gradient_norm(decoder)});
        const float warmup = std::min(1.0F, static_cast<float>(update) / 50.0F);
        optimizer.update(0.01F * warmup * (2 * update > updates ? 0.3F : 1.0F));

        Frame frame(update, updates, [&](Values& values) {
            const std::size_t count = std::min<std::size_t>(30, losses.points.size());
            const double sum =
                std::accumulate(losses.points.end() - static_cast<std::ptrdiff_t>(count), losses.points.end(), 0.0,
                                [](double total, const auto& point) { return total + point[1]; });
            values.set("loss_curve", losses);
            values.set("floor", glassformer::log(static_cast<double>(symbols)));
            values.set("final_loss", sum / static_cast<double>(count));
            values.set("encoder_gradient", to_encoder);
            values.set("decoder_gradient", to_decoder);
            const auto largest = [](const Series& series) {
                double most = 0.0;
                for (const auto& point : series.points) most = std::max(most, point[1]);
                return most;
            };
            values.set("encoder_gradient_norm", largest(to_encoder));
            values.set("decoder_gradient_norm", largest(to_decoder));

            Trace trace;
            const Tensor answers =
                model.forward({test.inputs}, {shifted(test.targets, symbols)}, Pass::inference(&trace)).value();
            values.set("accuracy", accuracy(answers, test.targets));
            values.set("chance", 1.0 / static_cast<double>(symbols));
            Tensor attention({n_heads, n, n});  // of the first test sequence
            if (cross) {
                const Tensor& all = trace.at("decoder.layers.0.cross_attention.attention").value();
                std::copy_n(all.data(), attention.size(), attention.data());
            }
            values.set("attention",
                       tensor_value(attention, {{"head", {}}, {"target", {}}, {"source", {}}}, Role::probability));
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    const double layers = 2.0 * n * batch * (4.0 + 8.0 + 8.0) * d_model * d_model;
    return {static_cast<double>(arguments.integer("updates")) * 3.5 * layers, 2e7};
}

}  // namespace

const Experiment& training_cross_ablation() {
    static const Experiment experiment{
        .id = "training.cross_ablation",
        .summary = {"同一个编码器-解码器，只拆掉交叉注意力：损失停在哪里，梯度还到不到得了编码器",
                    "One encoder-decoder with and without cross-attention: where the loss stops, and whether any "
                    "gradient reaches the encoder"},
        .parameters = {bool_parameter("cross", {"交叉注意力", "Cross-attention"},
                                      {"解码器能否看编码器的输出", "Whether the decoder sees the encoder's output"},
                                      false),
                       enum_parameter("task", {"任务", "Task"}, {"目标怎样由源得到", "How the target follows"},
                                      "reverse", {{"reverse", {"倒过来", "reverse"}}, {"copy", {"照抄", "copy"}}}),
                       integer_parameter("n", {"长度 n", "Length n"}, {"源和目标的长度", "Of source and target"}, 8, 4,
                                         12),
                       integer_parameter("symbols", {"符号数 V", "Symbols V"},
                                         {"符号均匀、独立", "Independent and equally likely"}, 10, 2, 16),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 700, 10, 1500))},
        .outputs =
            {{"loss_curve", OutputKind::series, {"每批的交叉熵", "Cross-entropy of each batch"}, {}, Role::loss},
             {"floor", OutputKind::scalar, {"不看源的下界 ln V", "Floor without the source, ln V"}, {}, Role::loss},
             {"final_loss", OutputKind::scalar, {"最近 30 批的平均", "Mean of the last 30 batches"}, {}, Role::loss},
             {"encoder_gradient",
              OutputKind::series,
              {"编码器的梯度范数", "Gradient norm of the encoder"},
              {},
              Role::gradient},
             {"decoder_gradient",
              OutputKind::series,
              {"解码器的梯度范数", "Gradient norm of the decoder"},
              {},
              Role::gradient},
             {"encoder_gradient_norm",
              OutputKind::scalar,
              {"编码器梯度范数的最大值", "Largest gradient norm of the encoder"},
              {},
              Role::gradient},
             {"decoder_gradient_norm",
              OutputKind::scalar,
              {"解码器梯度范数的最大值", "Largest gradient norm of the decoder"},
              {},
              Role::gradient},
             {"accuracy", OutputKind::scalar, {"新序列上的正确率", "Accuracy on new sequences"}},
             {"chance", OutputKind::scalar, {"瞎猜的正确率", "Accuracy of guessing"}},
             {"attention",
              OutputKind::tensor,
              {"交叉注意力（拆掉时全 0）", "Cross-attention (all 0 when it is off)"},
              {"head", "target", "source"},
              Role::probability}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
