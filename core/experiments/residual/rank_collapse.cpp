// What becomes of 16 different tokens in a deep stack without residuals?  (Dong et al. 2021; Noci et al. 2022)
//
// Random tokens go through freshly initialised layers. After each layer we ask how much of the matrix X [n, d] is not
// the same row repeated:  r = ||X - 1 x_mean^T|| / ||X||.  Attention averages; without a skip path, layer after layer
// of averages leaves one and the same vector. In double, because float cannot show anything below 1e-7.

#include <cmath>

#include "autograd/variable.h"
#include "experiments/registry.h"
#include "nn/transformer_stack.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t n = 16, d_model = 64, n_heads = 4;

DoubleTensor row_mean(const DoubleTensor& X) {
    DoubleTensor mean({d_model});
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t c = 0; c < d_model; ++c) mean[c] += X(i, c) / static_cast<double>(n);
    return mean;
}

/// X minus the mean token: what tells the tokens apart.
DoubleTensor centred(const DoubleTensor& X) {
    const DoubleTensor mean = row_mean(X);
    DoubleTensor result = X;
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t c = 0; c < d_model; ++c) result(i, c) -= mean[c];
    return result;
}

double frobenius(const DoubleTensor& X) {
    double squares = 0.0;
    for (const double x : X.elements()) squares += x * x;
    return std::sqrt(squares);
}

/// cos(x_i, x_j) for all pairs, [n, n].
DoubleTensor cosines(const DoubleTensor& X) {
    DoubleTensor product = matmul(X, X, Transpose::no, Transpose::yes);
    DoubleTensor result({n, n});
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j) result(i, j) = product(i, j) / std::sqrt(product(i, i) * product(j, j));
    return result;
}

/// The tokens along their two main directions, in units of the stream's size, so that layers can be compared: [n, 2].
DoubleTensor principal_plane(const DoubleTensor& X, double rms) {
    const SingularValues svd = singular_value_decomposition(centred(X));
    DoubleTensor points({n, 2});
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t c = 0; c < 2; ++c) points(i, c) = svd.u(i, c) * svd.s[static_cast<std::size_t>(c)] / rms;
    return points;
}

TransformerStackConfig configure(const Arguments& arguments) {
    const Initialization xavier{Initialization::Kind::xavier_uniform};
    const std::string& norm = arguments.text("norm");
    TransformerStackConfig config;
    config.n_layers = arguments.integer("layers");
    config.final_norm = false;
    config.layer.attention = {.d_model = d_model, .n_heads = n_heads, .init = xavier};
    config.layer.feed_forward = {.d_ff = 4 * d_model, .init = xavier};
    config.layer.use_feed_forward = arguments.boolean("ffn");
    config.layer.residual = arguments.boolean("residual");
    config.layer.placement = norm == "post"  ? NormPlacement::post
                             : norm == "pre" ? NormPlacement::pre
                                             : NormPlacement::none;
    return config;
}

/// F = 0: the last weight and bias of every sublayer are set to 0.
void silence_branches(const BasicNamedParameters<double>& parameters) {
    for (const auto& [name, parameter] : parameters) {
        if (name.find("self_attention.output") == std::string::npos &&
            name.find("feed_forward.down") == std::string::npos)
            continue;
        set_parameter(parameters, name, DoubleTensor(parameter.shape()));
    }
}

Run run(Arguments arguments, Context context) {
    const TransformerStackConfig config = configure(arguments);
    const BasicTransformerStack<double> stack(config, context.rng("weights"));
    if (arguments.boolean("zero_branches")) silence_branches(stack.parameters());

    Rng rng = context.rng("tokens");
    const Tensor start_tokens = random_normal({n, d_model}, rng);
    DoubleTensor X({n, d_model});
    for (std::int64_t i = 0; i < X.size(); ++i) X[i] = static_cast<double>(start_tokens[i]);
    const DoubleTensor first = X;

    const std::int64_t layers = config.n_layers;
    DoubleTensor residual({layers + 1}), rms({layers + 1}), cosine({layers + 1, n, n}), plane({layers + 1, n, 2});
    for (std::int64_t layer = 0; layer <= layers; ++layer) {
        if (layer > 0) X = stack.layer(layer - 1).forward(BasicVariable<double>(X)).value();
        rms[layer] = frobenius(X) / std::sqrt(static_cast<double>(n * d_model));
        residual[layer] = frobenius(centred(X)) / frobenius(X);
        const DoubleTensor cosine_here = cosines(X), points = principal_plane(X, rms[layer]);
        std::copy_n(cosine_here.data(), n * n, cosine.data() + layer * n * n);
        std::copy_n(points.data(), n * 2, plane.data() + layer * n * 2);
    }

    Frame frame(1, 1, [&](Values& values) {
        values.set("token_residual", TensorValue{residual, {{"layer", {}}}});
        values.set("stream_rms", TensorValue{rms, {{"layer", {}}}});
        values.set("cosine", TensorValue{cosine, {{"layer", {}}, {"token", {}}, {"other", {}}}});
        values.set("plane", TensorValue{plane, {{"layer", {}}, {"token", {}}, {"direction", {"1", "2"}}}});
        values.set("last_residual", residual[layers]);
        double gap = 0.0;
        for (std::int64_t i = 0; i < X.size(); ++i) gap = std::max(gap, std::abs(X[i] - first[i]));
        values.set("identity_gap", gap);
        std::int64_t merged = -1;  // the first layer after which the tokens differ by less than a millionth
        for (std::int64_t layer = layers; layer >= 0 && residual[layer] < 1e-6; --layer) merged = layer;
        values.set("merged_after", static_cast<double>(merged));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const double layer = 2.0 * n * (12.0 * d_model * d_model + 2.0 * n * d_model) + 4000.0 * n * n;
    return {static_cast<double>(arguments.integer("layers")) * 4.0 * layer, 1e7};
}

}  // namespace

const Experiment& residual_rank_collapse() {
    static const Experiment experiment{
        .id = "residual.rank_collapse",
        .summary = {"没有残差的深层网络里，16 个不同的词元会不会变成同一个",
                    "Do 16 different tokens become one and the same in a deep stack without residuals?"},
        .parameters = {integer_parameter("layers", {"层数", "Layers"}, {"随机初始化的层", "Freshly initialised layers"},
                                         12, 1, 24),
                       bool_parameter("residual", {"残差", "Residual"}, {"x + F(x) 还是 F(x)", "x + F(x) or F(x)"},
                                      false),
                       enum_parameter("norm", {"LayerNorm", "LayerNorm"}, {"放在哪里", "Where it stands"}, "post",
                                      {{"none", {"没有", "none"}},
                                       {"post", {"子层之后（Post-LN）", "after the sublayer (Post-LN)"}},
                                       {"pre", {"子层之前（Pre-LN）", "before it (Pre-LN)"}}}),
                       bool_parameter("ffn", {"前馈网络", "Feed-forward"},
                                      {"有没有前馈子层", "With or without the feed-forward sublayer"}, true),
                       bool_parameter("zero_branches", {"F = 0", "F = 0"},
                                      {"把每个子层的最后一个矩阵设成 0", "Sets the last matrix of every sublayer to 0"},
                                      false)},
        .outputs =
            {{"token_residual",
              OutputKind::tensor,
              {"‖X − 1x̄ᵀ‖ ÷ ‖X‖：词元之间还有多少差别", "‖X − 1x̄ᵀ‖ ÷ ‖X‖: how much the tokens still differ"},
              {"layer"},
              Role::none,
              false,
              true},
             {"stream_rms", OutputKind::tensor, {"每个分量的均方根", "Root mean square of the components"}, {"layer"}},
             {"cosine",
              OutputKind::tensor,
              {"词元两两之间的余弦", "Cosine of every pair of tokens"},
              {"layer", "token", "other"},
              Role::none,
              false,
              true},
             {"plane",
              OutputKind::tensor,
              {"词元在两个主方向上的位置，以流的大小为单位",
               "Tokens along their two main directions, in units of the stream's size"},
              {"layer", "token", "direction"},
              Role::none,
              false,
              true},
             {"last_residual",
              OutputKind::scalar,
              {"最后一层的差别", "The difference left after the last layer"},
              {},
              Role::none,
              false,
              true},
             {"identity_gap", OutputKind::scalar, {"输出与输入最多差多少", "Largest difference of output and input"}},
             {"merged_after",
              OutputKind::scalar,
              {"从第几层起差别小于百万分之一；−1 = 没有",
               "The layer from which the difference is below a millionth; −1: none"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
