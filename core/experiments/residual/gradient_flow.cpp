// Without residuals, what dies: the gradient, or what it has to say?  (Xiong et al. 2020; Noci et al. 2022)
//
// Four layouts of the same stack at initialisation. A random gradient, different for every token, enters at the output;
// we follow it back to the input, layer by layer: its size, the share of it that tells tokens apart, and how much of it
// reaches W_Q beside W_V.

#include <cmath>

#include "autograd/variable.h"
#include "experiments/registry.h"
#include "nn/transformer_stack.h"

namespace glassformer {
namespace {

constexpr std::int64_t n = 16, d_model = 64;
const std::vector<std::string> layouts = {"post_ln", "pre_ln", "no_residual_ln", "no_residual_no_norm"};

TransformerStack stack_of(const std::string& layout, std::int64_t layers, const Rng& rng) {
    const Initialization xavier{Initialization::Kind::xavier_uniform};
    TransformerStackConfig config;
    config.n_layers = layers;
    config.final_norm = false;
    config.layer.attention = {.d_model = d_model, .n_heads = 4, .init = xavier};
    config.layer.feed_forward = {.d_ff = 4 * d_model, .init = xavier};
    config.layer.residual = layout == "post_ln" || layout == "pre_ln";
    config.layer.placement = layout == "pre_ln"                ? NormPlacement::pre
                             : layout == "no_residual_no_norm" ? NormPlacement::none
                                                               : NormPlacement::post;
    return TransformerStack(config, rng.split("weights"));
}

double norm(const Tensor& tensor) {
    double squares = 0.0;
    for (const float x : tensor.elements()) squares += static_cast<double>(x) * static_cast<double>(x);
    return std::sqrt(squares);
}

/// ||G - mean over tokens|| / ||G||
double centred_share(const Tensor& G) {
    double squares = 0.0;
    for (std::int64_t c = 0; c < d_model; ++c) {
        double mean = 0.0;
        for (std::int64_t i = 0; i < n; ++i) mean += static_cast<double>(G(i, c)) / static_cast<double>(n);
        for (std::int64_t i = 0; i < n; ++i)
            squares += (static_cast<double>(G(i, c)) - mean) * (static_cast<double>(G(i, c)) - mean);
    }
    return std::sqrt(squares) / norm(G);
}

struct Flow {
    DoubleTensor hidden, centred, rms, qk;  // [4, layers + 1] three times, [4, layers]
};

void follow(const TransformerStack& stack, std::int64_t row, const Tensor& tokens, const Tensor& gradient, Flow& flow) {
    const std::int64_t layers = stack.config().n_layers;
    std::vector<Variable> h{Variable(tokens, true)};  // h[l] enters layer l
    for (std::int64_t l = 0; l < layers; ++l) h.push_back(stack.layer(l).forward(h.back()));
    h.back().backward(gradient);
    for (std::int64_t l = 0; l <= layers; ++l) {
        const Tensor G = h[static_cast<std::size_t>(l)].gradient();
        flow.hidden(row, l) = norm(G);
        flow.centred(row, l) = centred_share(G);
        flow.rms(row, l) = norm(h[static_cast<std::size_t>(l)].value()) / std::sqrt(static_cast<double>(n * d_model));
    }
    for (std::int64_t l = 0; l < layers; ++l) {
        const NamedParameters parameters = stack.layer(l).parameters();
        flow.qk(row, l) = norm(find_parameter(parameters, "self_attention.query.weight").gradient()) /
                          norm(find_parameter(parameters, "self_attention.value.weight").gradient());
    }
}

Run run(Arguments arguments, Context context) {
    const std::int64_t layers = arguments.integer("layers");
    Rng rng = context.rng("tokens");
    const Tensor tokens = random_normal({n, d_model}, rng);
    const Tensor gradient = random_normal({n, d_model}, rng);  // different for every token: not the gradient of a sum

    Flow flow{DoubleTensor({4, layers + 1}), DoubleTensor({4, layers + 1}), DoubleTensor({4, layers + 1}),
              DoubleTensor({4, layers})};
    for (std::int64_t row = 0; row < 4; ++row) {
        const std::string& layout = layouts[static_cast<std::size_t>(row)];
        follow(stack_of(layout, layers, context.rng("stack")), row, tokens, gradient, flow);
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis layout{"layout", layouts};
        values.set("grad_hidden", TensorValue{flow.hidden, {layout, {"layer", {}}}, Role::gradient});
        values.set("centred_share", TensorValue{flow.centred, {layout, {"layer", {}}}, Role::gradient});
        values.set("stream_rms", TensorValue{flow.rms, {layout, {"layer", {}}}});
        values.set("qk_share", TensorValue{flow.qk, {layout, {"layer", {}}}, Role::gradient});
        DoubleTensor ratio({4}), middle_centred({4}), middle_qk({4}), growth({4});
        for (std::int64_t row = 0; row < 4; ++row) {
            ratio[row] = flow.hidden(row, 0) / flow.hidden(row, layers);
            middle_centred[row] = flow.centred(row, layers / 2);
            middle_qk[row] = flow.qk(row, layers / 2);
            growth[row] = flow.rms(row, layers) / flow.rms(row, 0);
        }
        values.set("ratio_first_last", TensorValue{ratio, {layout}, Role::gradient});
        values.set("middle_centred_share", TensorValue{middle_centred, {layout}, Role::gradient});
        values.set("middle_qk_share", TensorValue{middle_qk, {layout}, Role::gradient});
        values.set("stream_growth", TensorValue{growth, {layout}});
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const double layer = 2.0 * n * (12.0 * d_model * d_model + 2.0 * n * d_model);
    return {4.0 * 3.0 * static_cast<double>(arguments.integer("layers")) * layer, 5e7};
}

}  // namespace

const Experiment& residual_gradient_flow() {
    static const Experiment experiment{
        .id = "residual.gradient_flow",
        .summary = {"四种结构，同一个随机梯度从输出走回输入：大小、能区分词元的部分、到达 W_Q 的部分",
                    "Four layouts, one random gradient from output back to input: its size, the part that tells tokens "
                    "apart, the part that reaches W_Q"},
        .parameters = {integer_parameter("layers", {"层数", "Layers"}, {"叠几层", "Depth of the stack"}, 12, 2, 48)},
        .outputs = {{"grad_hidden",
                     OutputKind::tensor,
                     {"每层输入处梯度的范数", "Norm of the gradient entering each layer"},
                     {"layout", "layer"},
                     Role::gradient},
                    {"centred_share",
                     OutputKind::tensor,
                     {"梯度里因词元而异的份额", "Share of the gradient that differs between tokens"},
                     {"layout", "layer"},
                     Role::gradient},
                    {"stream_rms",
                     OutputKind::tensor,
                     {"前向：每层输入的均方根", "Forward: root mean square entering each layer"},
                     {"layout", "layer"}},
                    {"qk_share",
                     OutputKind::tensor,
                     {"‖dW_Q‖ ÷ ‖dW_V‖", "‖dW_Q‖ ÷ ‖dW_V‖"},
                     {"layout", "layer"},
                     Role::gradient},
                    {"ratio_first_last",
                     OutputKind::tensor,
                     {"输入处 ÷ 输出处的梯度范数", "Gradient norm at the input ÷ at the output"},
                     {"layout"},
                     Role::gradient},
                    {"middle_centred_share",
                     OutputKind::tensor,
                     {"中间一层的份额", "The share in the middle of the stack"},
                     {"layout"},
                     Role::gradient},
                    {"middle_qk_share",
                     OutputKind::tensor,
                     {"中间一层的 ‖dW_Q‖ ÷ ‖dW_V‖", "‖dW_Q‖ ÷ ‖dW_V‖ in the middle"},
                     {"layout"},
                     Role::gradient},
                    {"stream_growth",
                     OutputKind::tensor,
                     {"输出 ÷ 输入的均方根", "Root mean square of output ÷ input"},
                     {"layout"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
