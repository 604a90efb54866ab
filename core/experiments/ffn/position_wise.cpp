// The feed-forward network: one small network, applied to every token by itself  (Vaswani et al. 2017, section 3.3)
//
//     FFN(x) = phi(x W_1 + b_1) W_2 + b_2          d -> d_ff -> d
//     SwiGLU(x) = (silu(x W_1) * (x W_3)) W_2      the same size with a third matrix: d_ff = 2/3 of it (Shazeer 2020)
//
// We replace one token after another and watch which rows of the output move: behind the feed-forward network its own
// row alone, behind self-attention all of them.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

struct FeedForwardWeights {
    Tensor W_1;  // [d, d_ff]: column h is the pattern that hidden unit h looks for, its key
    Tensor b_1;  // [d_ff]
    Tensor W_3;  // [d, d_ff]: SwiGLU's third matrix
    Tensor W_2;  // [d_ff, d]: row h is what unit h writes when it fires, its value.  b_2 starts at 0: left out
    std::string activation;
};

/// Everything on the way, for tokens X [n, d].
struct Hidden {
    Tensor weighted, pre;      // X W_1, and with b_1: [n, d_ff]
    Tensor activated, passed;  // phi(pre), and what it is multiplied with: X W_3 for SwiGLU, else 1
    Tensor hidden;             // [n, d_ff]
    Tensor output;             // [n, d]
};

Tensor phi(const std::string& activation, const Tensor& x) {
    if (activation == "relu") return relu(x);
    if (activation == "gelu") return gelu_tanh(x);
    if (activation == "silu" || activation == "swiglu") return silu(x);
    return x;  // none
}

Hidden feed_forward(const Tensor& X, const FeedForwardWeights& w) {
    Hidden r;
    r.weighted = matmul(X, w.W_1);
    r.pre = add(r.weighted, w.b_1);
    r.activated = phi(w.activation, r.pre);
    r.passed = w.activation == "swiglu" ? matmul(X, w.W_3) : Tensor(r.pre.shape(), 1.0F);
    r.hidden = multiply(r.activated, r.passed);
    r.output = matmul(r.hidden, w.W_2);
    return r;
}

/// The other sublayer, to compare with: one head of self-attention.
struct AttentionWeights {
    Tensor W_Q, W_K, W_V;  // [d, d]
};
Tensor attention_weights(const Tensor& X, const AttentionWeights& w) {
    const float scaling = 1.0F / std::sqrt(static_cast<float>(X.extent(1)));
    return softmax(scale(matmul(matmul(X, w.W_Q), matmul(X, w.W_K), Transpose::no, Transpose::yes), scaling));
}
Tensor attend(const Tensor& A, const Tensor& X, const AttentionWeights& w) { return matmul(A, matmul(X, w.W_V)); }
Tensor self_attention(const Tensor& X, const AttentionWeights& w) { return attend(attention_weights(X, w), X, w); }

/// n random tokens as the layer before hands them over: mean 0 and mean square 1 in every row.
Tensor normalised_tokens(std::int64_t n, std::int64_t d, Rng rng) {
    Tensor X = random_normal({n, d}, rng);
    for (std::int64_t i = 0; i < n; ++i) {
        const double mean = std::accumulate(X.row(i).begin(), X.row(i).end(), 0.0) / static_cast<double>(d);
        double square = 0.0;
        for (const float x : X.row(i)) square += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean);
        const double size = std::sqrt(square / static_cast<double>(d));
        for (float& x : X.row(i)) x = static_cast<float>((static_cast<double>(x) - mean) / size);
    }
    return X;
}

/// influence[i, j] = ||output row i, moved by replacing token j|| / ||output row i||
template <typename Sublayer>
Tensor influence_of(const Sublayer& sublayer, const Tensor& X, const Tensor& others) {
    const std::int64_t n = X.extent(0);
    const Tensor before = sublayer(X);
    Tensor influence({n, n});
    for (std::int64_t j = 0; j < n; ++j) {
        Tensor changed = X;
        std::copy_n(others.row(j).data(), X.extent(1), changed.row(j).data());
        const Tensor after = sublayer(changed);
        for (std::int64_t i = 0; i < n; ++i) {
            double change = 0.0, size = 0.0;
            for (std::int64_t c = 0; c < before.extent(1); ++c) {
                const double moved = static_cast<double>(after(i, c)) - static_cast<double>(before(i, c));
                change += moved * moved;
                size += static_cast<double>(before(i, c)) * static_cast<double>(before(i, c));
            }
            influence(i, j) = size > 0.0 ? static_cast<float>(std::sqrt(change / size)) : 0.0F;
        }
    }
    return influence;
}

double size_of(const Tensor& x) { return std::sqrt(sum(square(x))); }

/// A linear map satisfies F(X + Y) = F(X) + F(Y) - F(0). By how much does this one not?
template <typename Sublayer>
double superposition_gap(const Sublayer& F, const Tensor& X, const Tensor& Y) {
    const Tensor together = F(add(X, Y));
    const Tensor apart = subtract(add(F(X), F(Y)), F(Tensor(X.shape())));
    return size_of(together) > 0.0 ? size_of(subtract(together, apart)) / size_of(together) : 0.0;
}

Tensor reversed(const Tensor& X) {
    Tensor result(X.shape());
    for (std::int64_t i = 0; i < X.extent(0); ++i)
        std::copy_n(X.row(X.extent(0) - 1 - i).data(), X.extent(1), result.row(i).data());
    return result;
}

double largest_off_diagonal(const Tensor& influence) {
    double largest = 0.0;
    for (std::int64_t i = 0; i < influence.extent(0); ++i)
        for (std::int64_t j = 0; j < influence.extent(1); ++j)
            if (i != j) largest = std::max(largest, static_cast<double>(influence(i, j)));
    return largest;
}

std::int64_t inner_width(const std::string& activation, std::int64_t d, std::int64_t ratio) {
    return activation == "swiglu" ? (2 * ratio * d + 1) / 3 : ratio * d;  // three matrices at the price of two
}

/// Parameters of one encoder layer of width d.
struct LayerCount {
    std::int64_t attention, feed_forward, norms;
    std::int64_t all() const { return attention + feed_forward + norms; }
};
LayerCount count_layer(const std::string& activation, std::int64_t d, std::int64_t ratio) {
    const std::int64_t d_ff = inner_width(activation, d, ratio);
    const bool gated = activation == "swiglu";  // today's models: no biases there
    return {4 * d * d + 4 * d, gated ? 3 * d * d_ff : 2 * d * d_ff + d_ff + d, 4 * d};
}

/// The hidden units that contribute most to one token's output: activation times ||row of W_2||.
Table strongest_units(const Hidden& r, const FeedForwardWeights& w, std::int64_t token) {
    const std::int64_t d_ff = w.W_2.extent(0);
    std::vector<double> value_size, contribution;
    for (std::int64_t h = 0; h < d_ff; ++h) {
        double squares = 0.0;
        for (const float x : w.W_2.row(h)) squares += static_cast<double>(x) * static_cast<double>(x);
        value_size.push_back(std::sqrt(squares));
        contribution.push_back(std::abs(static_cast<double>(r.hidden(token, h))) * value_size.back());
    }
    std::vector<std::size_t> order(contribution.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return contribution[a] > contribution[b]; });
    Table table{{{"unit", Column::Kind::integer, {"单元 h", "unit h"}},
                 {"match", Column::Kind::number, {"与 key 的匹配 x·W₁[:,h]+b", "match with its key, x·W₁[:,h]+b"}},
                 {"activation", Column::Kind::number, {"激活值", "activation"}},
                 {"value_size", Column::Kind::number, {"‖W₂[h,:]‖", "‖W₂[h,:]‖"}},
                 {"contribution", Column::Kind::number, {"写入的长度", "length written"}}},
                {}};
    for (std::size_t k = 0; k < std::min<std::size_t>(8, order.size()); ++k) {
        const auto h = static_cast<std::int64_t>(order[k]);
        table.rows.push_back({h, static_cast<double>(r.pre(token, h)), static_cast<double>(r.hidden(token, h)),
                              value_size[order[k]], contribution[order[k]]});
    }
    return table;
}

Graph architecture_of(std::int64_t n, std::int64_t d, std::int64_t d_ff, bool gated) {
    const auto matrix = [](std::int64_t rows, std::int64_t columns) {
        return "[" + std::to_string(rows) + ", " + std::to_string(columns) + "]";
    };
    Graph graph{
        {{"x", {"输入 x", "input x"}, matrix(n, d), "x", Role::activation},
         {"W_1", {"W₁", "W₁"}, matrix(d, d_ff), "W_1", Role::weight},
         {"pre", {"xW₁ + b₁", "xW₁ + b₁"}, matrix(n, d_ff), "pre_activation", Role::activation},
         {"phi", {"φ", "φ"}, matrix(n, d_ff), "activated", Role::activation},
         {"hidden", {"隐藏层", "hidden"}, matrix(n, d_ff), "hidden", Role::activation},
         {"W_2", {"W₂", "W₂"}, matrix(d_ff, d), "W_2", Role::weight},
         {"output", {"输出", "output"}, matrix(n, d), "output", Role::activation}},
        {{"x", "pre"}, {"W_1", "pre"}, {"pre", "phi"}, {"phi", "hidden"}, {"hidden", "output"}, {"W_2", "output"}}};
    if (gated) {
        graph.boxes.push_back({"W_3", {"W₃", "W₃"}, matrix(d, d_ff), "W_3", Role::weight});
        graph.wires.push_back({"W_3", "passed"});
        graph.boxes.push_back({"passed",
                               {"xW₃（被门放行的）", "xW₃, what the gate lets through"},
                               matrix(n, d_ff),
                               "passed",
                               Role::activation});
        graph.wires.push_back({"x", "passed"});
        graph.wires.push_back({"passed", "hidden"});
    }
    return graph;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t n = arguments.integer("n"), d = arguments.integer("d_model"), ratio = arguments.integer("ratio");
    const std::int64_t token = arguments.integer("perturb"), width = arguments.integer("width");
    const std::string& activation = arguments.text("activation");
    const std::int64_t d_ff = inner_width(activation, d, ratio);

    const auto normal = [&](const char* name, std::int64_t rows, std::int64_t columns) {
        Rng rng = context.rng(name);
        return random_normal({rows, columns}, rng, 0.0F, 1.0F / std::sqrt(static_cast<float>(rows)));
    };
    const FeedForwardWeights w{normal("W_1", d, d_ff), Tensor({d_ff}, static_cast<float>(arguments.number("bias"))),
                               normal("W_3", d, d_ff), normal("W_2", d_ff, d), activation};
    const AttentionWeights a{normal("W_Q", d, d), normal("W_K", d, d), normal("W_V", d, d)};
    const Tensor X = normalised_tokens(n, d, context.rng("tokens"));
    const Tensor others = normalised_tokens(n, d, context.rng("other tokens"));

    const auto ffn = [&](const Tensor& x) { return feed_forward(x, w).output; };
    const auto attention = [&](const Tensor& x) { return self_attention(x, a); };
    const Tensor A = attention_weights(X, a);
    const auto attention_with_given_weights = [&](const Tensor& x) { return attend(A, x, a); };

    const Hidden r = feed_forward(X, w);
    const Tensor ffn_influence = influence_of(ffn, X, others);
    const Tensor attention_influence = influence_of(attention, X, others);
    // Without phi the two matrices are one: (X W_1 + b_1) W_2 = X (W_1 W_2) + b_1 W_2.
    const Tensor one_matrix = add(matmul(X, matmul(w.W_1, w.W_2)), matmul(w.b_1.reshaped({1, d_ff}), w.W_2));
    // The token alone in the world, and the sentence backwards.
    const Tensor alone = ffn(Tensor({1, d}, {X.row(token).begin(), X.row(token).end()}));
    double alone_gap = 0.0;
    for (std::int64_t c = 0; c < d; ++c)
        alone_gap = std::max(alone_gap, std::abs(static_cast<double>(alone[c] - r.output(token, c))));
    std::int64_t active = 0;
    for (const float x : r.pre.elements()) active += x > 0.0F ? 1 : 0;
    double least = std::numeric_limits<double>::infinity();
    for (const float x : attention_influence.elements()) least = std::min(least, static_cast<double>(x));

    Frame frame(1, 1, [&](Values& values) {
        const Axis rows{"token", {}}, component{"component", {}}, unit{"unit", {}}, out{"output", {}};
        const std::vector<std::string> at{"token", "unit"};
        values.set("x", tensor_value(X, {rows, component}, Role::activation));
        values.set("W_1", tensor_value(w.W_1, {component, unit}, Role::weight));
        values.set("b_1", tensor_value(w.b_1, {unit}, Role::weight));
        values.set("weighted",
                   tensor_value(
                       r.weighted, {rows, unit}, Role::activation,
                       Derivation{Operation::matmul, {{"x", {"token", "component"}}, {"W_1", {"component", "unit"}}}}));
        values.set("pre_activation", tensor_value(r.pre, {rows, unit}, Role::activation,
                                                  Derivation{Operation::add, {{"weighted", at}, {"b_1", {"unit"}}}}));
        const std::string function = activation == "swiglu" ? "silu" : activation;
        values.set(
            "activated",
            tensor_value(r.activated, {rows, unit}, Role::activation,
                         activation == "none"
                             ? Derivation{Operation::permute, {{"pre_activation", at}}}
                             : Derivation{Operation::activation, {{"pre_activation", at}}, {{"function", function}}}));
        values.set("W_3", tensor_value(w.W_3, {component, unit}, Role::weight));
        values.set(
            "passed",
            tensor_value(r.passed, {rows, unit}, Role::activation,
                         activation == "swiglu"
                             ? std::optional<Derivation>(Derivation{
                                   Operation::matmul, {{"x", {"token", "component"}}, {"W_3", {"component", "unit"}}}})
                             : std::nullopt));
        values.set("hidden", tensor_value(r.hidden, {rows, unit}, Role::activation,
                                          Derivation{Operation::matmul, {{"activated", at}, {"passed", at}}}));
        values.set("W_2", tensor_value(w.W_2, {unit, out}, Role::weight));
        values.set("output",
                   tensor_value(r.output, {rows, out}, Role::activation,
                                Derivation{Operation::matmul, {{"hidden", at}, {"W_2", {"unit", "output"}}}}));

        const Axis changed{"changed", {}};
        values.set("ffn_influence", tensor_value(ffn_influence, {rows, changed}));
        values.set("attention_influence", tensor_value(attention_influence, {rows, changed}));
        Tensor moved({2, n});
        for (std::int64_t i = 0; i < n; ++i) {
            moved(0, i) = ffn_influence(i, token);
            moved(1, i) = attention_influence(i, token);
        }
        values.set("moved", tensor_value(moved, {{"sublayer", {"feed-forward", "attention"}}, rows}));
        values.set("moved_rows", static_cast<double>(std::count_if(moved.row(0).begin(), moved.row(0).end(),
                                                                   [](float x) { return x > 0.0F; })));
        values.set("moved_rows_attention", static_cast<double>(std::count_if(moved.row(1).begin(), moved.row(1).end(),
                                                                             [](float x) { return x > 0.0F; })));
        values.set("cross_token_change", largest_off_diagonal(ffn_influence));
        values.set("attention_least_change", least);
        values.set("alone_gap", alone_gap);
        values.set("order_gap", max_abs_difference(ffn(reversed(X)), reversed(r.output)));

        values.set("active_fraction", static_cast<double>(active) / static_cast<double>(n * d_ff));
        values.set("collapse_gap", max_abs_difference(r.output, one_matrix) / std::max(max_abs(r.output), 1e-30));
        values.set("superposition",
                   TensorValue{DoubleTensor({3}, {superposition_gap(ffn, X, others),
                                                  superposition_gap(attention_with_given_weights, X, others),
                                                  superposition_gap(attention, X, others)}),
                               {{"map", {"feed-forward", "attention with given weights", "attention"}}}});
        values.set("units", strongest_units(r, w, token));
        values.set("architecture", architecture_of(n, d, d_ff, activation == "swiglu"));

        const LayerCount count = count_layer(activation, width, ratio);
        const auto all = static_cast<double>(count.all());
        Table parts{{{"part", Column::Kind::text, {"部分", "part"}},
                     {"parameters", Column::Kind::integer, {"参数个数", "parameters"}},
                     {"share", Column::Kind::number, {"占比", "share"}}},
                    {}};
        for (const auto& [name, number] : {std::pair<const char*, std::int64_t>{"attention", count.attention},
                                           {"feed-forward", count.feed_forward},
                                           {"LayerNorm", count.norms}})
            parts.rows.push_back({name, number, static_cast<double>(number) / all});
        values.set("parameters", std::move(parts));
        values.set("ffn_parameters", static_cast<double>(count.feed_forward));
        values.set("layer_parameters", all);
        values.set("params_share", static_cast<double>(count.feed_forward) / all);
        // A decoder layer of an encoder-decoder has a second attention and a third norm.
        values.set("decoder_share",
                   static_cast<double>(count.feed_forward) / (all + static_cast<double>(count.attention + 2 * width)));
        std::vector<std::string> lengths;
        for (std::int64_t length = 128; length <= 131072; length *= 2) lengths.push_back(std::to_string(length));
        DoubleTensor flops({3, static_cast<std::int64_t>(lengths.size())});
        for (std::size_t k = 0; k < lengths.size(); ++k) {
            const double length = std::stod(lengths[k]);
            const auto D = static_cast<double>(width);
            const auto column = static_cast<std::int64_t>(k);
            const auto inner = static_cast<double>(inner_width(activation, width, ratio));
            flops(0, column) = 8.0 * length * D * D;       // Q, K, V, O
            flops(1, column) = 4.0 * length * length * D;  // Q K^T and A V
            flops(2, column) = (activation == "swiglu" ? 6.0 : 4.0) * length * D * inner;
        }
        values.set("flops",
                   TensorValue{
                       flops, {{"part", {"projections", "scores", "feed-forward"}}, {"length", lengths}}, Role::count});
        values.set("crossover", static_cast<double>(ratio * width));
        values.set("d_ff", static_cast<double>(d_ff));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n")), d = static_cast<double>(arguments.integer("d_model"));
    const double one = 6.0 * n * d * d * static_cast<double>(arguments.integer("ratio")) + 8.0 * n * d * d;
    return {(n + 8.0) * one + 4.0 * d * d * d * static_cast<double>(arguments.integer("ratio")), 1e7};
}

Output tensor(const std::string& name, Text doc, std::vector<std::string> axes, Role role) {
    return {name, OutputKind::tensor, std::move(doc), std::move(axes), role};
}
Output number(const std::string& name, Text doc) { return {name, OutputKind::scalar, std::move(doc)}; }

}  // namespace

const Experiment& ffn_position_wise() {
    static const Experiment experiment{
        .id = "ffn.position_wise",
        .summary = {"前馈网络逐步算一遍：换掉一个词元，输出里哪几行会变；参数和运算量占多少",
                    "The feed-forward network step by step: which rows move when one token is replaced, and what share "
                    "of weights and work it has"},
        .parameters = {enum_parameter("activation", {"激活函数 φ", "Activation φ"},
                                      {"两个矩阵之间的函数", "Between the matrices"}, "relu",
                                      {{"relu", {"ReLU", "ReLU"}},
                                       {"gelu", {"GELU", "GELU"}},
                                       {"silu", {"SiLU", "SiLU"}},
                                       {"swiglu", {"SwiGLU（三个矩阵）", "SwiGLU (three matrices)"}},
                                       {"none", {"没有", "none"}}}),
                       integer_parameter("perturb", {"换掉第几个词元", "Replace token"},
                                         {"从 0 数起", "Counted from 0"}, 3, 0, 11),
                       integer_parameter("ratio", {"扩展倍数", "Expansion"},
                                         {"d_ff ÷ d；SwiGLU 再乘 ⅔", "d_ff ÷ d; times ⅔ for SwiGLU"}, 4, 1, 8),
                       number_parameter("bias", {"b₁", "b₁"}, {"隐藏单元共同的偏置", "Bias of every hidden unit"}, 0.0,
                                        -3.0, 3.0),
                       integer_parameter("d_model", {"宽度 d", "Width d"},
                                         {"算的这个网络有多宽", "Of the network that runs"}, 16, 4, 64),
                       integer_parameter("n", {"词元数 n", "Tokens n"}, {"句子的长度", "Length of the sentence"}, 6, 2,
                                         12),
                       integer_parameter(
                           "width", {"计数用的宽度", "Width for counting"},
                           {"参数和 FLOPs 按多宽的模型数", "Of the model whose weights and FLOPs are counted"}, 512, 64,
                           16384, Spacing::power_of_two)},
        .constraints = {{{"perturb", "n"},
                         {"要换的词元必须在句子里：小于 n。",
                          "The token to replace must be in the sentence: less than n."},
                         [](const Arguments& x) { return x.integer("perturb") < x.integer("n"); }}},
        .outputs =
            {tensor("x", {"输入（每行归一化）", "Input, each row normalised"}, {"token", "component"},
                    Role::activation),
             tensor("W_1", {"W₁：第 h 列是单元 h 的 key", "W₁: column h is the key of unit h"}, {"component", "unit"},
                    Role::weight),
             tensor("b_1", {"b₁", "b₁"}, {"unit"}, Role::weight),
             tensor("weighted", {"xW₁", "xW₁"}, {"token", "unit"}, Role::activation),
             tensor("pre_activation", {"xW₁ + b₁", "xW₁ + b₁"}, {"token", "unit"}, Role::activation),
             tensor("activated", {"φ(xW₁ + b₁)", "φ(xW₁ + b₁)"}, {"token", "unit"}, Role::activation),
             tensor("W_3", {"W₃：只有 SwiGLU 用", "W₃: used by SwiGLU only"}, {"component", "unit"}, Role::weight),
             tensor("passed",
                    {"被门放行的：SwiGLU 是 xW₃，其余是 1", "What the gate lets through: xW₃ for SwiGLU, else 1"},
                    {"token", "unit"}, Role::activation),
             tensor("hidden", {"隐藏层", "Hidden layer"}, {"token", "unit"}, Role::activation),
             tensor("W_2", {"W₂：第 h 行是单元 h 写出的 value", "W₂: row h is the value that unit h writes"},
                    {"unit", "output"}, Role::weight),
             tensor("output", {"输出", "Output"}, {"token", "output"}, Role::activation),
             tensor("ffn_influence",
                    {"前馈网络：换掉词元 j，第 i 行变了多少（相对）",
                     "Feed-forward: how much row i moves when token j is replaced, relative"},
                    {"token", "changed"}, Role::none),
             tensor("attention_influence", {"自注意力：同上", "Self-attention: the same"}, {"token", "changed"},
                    Role::none),
             tensor("moved",
                    {"换掉所选词元，各行变了多少", "How much each row moves when the chosen token is replaced"},
                    {"sublayer", "token"}, Role::none),
             number("moved_rows", {"前馈网络之后变了的行数", "Rows that move behind the feed-forward network"}),
             number("moved_rows_attention", {"自注意力之后变了的行数", "Rows that move behind self-attention"}),
             number("cross_token_change", {"前馈网络：别的行最多变多少", "Feed-forward: largest move of another row"}),
             number("attention_least_change",
                    {"自注意力：变得最少的一行变多少", "Self-attention: least move of any row"}),
             number("alone_gap", {"所选词元单独算与在句中算最多差多少",
                                  "Largest difference of the chosen token computed alone and in the sentence"}),
             number("order_gap", {"句子倒过来算再倒回来，最多差多少",
                                  "Largest difference when the sentence is reversed, and the output back"}),
             number("active_fraction", {"激活前大于 0 的比例", "Share of pre-activations above 0"}),
             number("collapse_gap", {"与去掉 φ（和门）、合成一个矩阵的结果相比，差多少（相对）",
                                     "Difference from one matrix W₁W₂, that is, without φ and gate, relative"}),
             tensor("superposition",
                    {"F(X+Y) 与 F(X)+F(Y)−F(0) 差多少（相对）；0 = 线性",
                     "How far F(X+Y) is from F(X)+F(Y)−F(0), relative; 0: linear"},
                    {"map"}, Role::none),
             {"units",
              OutputKind::table,
              {"对所选词元写得最多的 8 个隐藏单元", "The 8 hidden units that write most to the chosen token"},
              {"unit", "match", "activation", "value_size", "contribution"}},
             {"architecture", OutputKind::graph, {"数据怎样流过", "How the data flow"}},
             {"parameters",
              OutputKind::table,
              {"一个编码器层的参数", "Parameters of one encoder layer"},
              {"part", "parameters", "share"}},
             number("ffn_parameters", {"前馈网络的参数个数", "Parameters of the feed-forward network"}),
             number("layer_parameters", {"整个编码器层的参数个数", "Parameters of the encoder layer"}),
             number("params_share", {"前馈网络占编码器层的比例", "Its share of an encoder layer"}),
             number("decoder_share", {"前馈网络占（带交叉注意力的）解码器层的比例",
                                      "Its share of a decoder layer with cross-attention"}),
             tensor("flops", {"矩阵乘的 FLOPs，随句长", "FLOPs of the matrix products over the length"},
                    {"part", "length"}, Role::count),
             number("crossover", {"多长的句子，QKᵀ 与 AV 的 FLOPs 追上前馈网络",
                                  "Length at which the FLOPs of QKᵀ and AV reach the feed-forward network's"}),
             number("d_ff", {"隐藏层宽度", "Inner width"})},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
