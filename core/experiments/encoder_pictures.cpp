#include "experiments/encoder_pictures.h"

#include <cmath>
#include <functional>

#include "models/parameter_count.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

/// Tensors of one shape, one per layer -> [layers, ...].
template <typename Layer, typename Of>
Tensor stacked(const std::vector<Layer>& layers, Of of) {
    std::vector<Tensor> parts;
    for (const Layer& layer : layers) parts.push_back(std::invoke(of, layer));
    return stack(parts, 0);
}

TransformerStackConfig stack_config(std::int64_t layers, std::int64_t d, std::int64_t h, std::int64_t d_ff,
                                    const EncoderSwitches& on) {
    TransformerStackConfig config;
    config.n_layers = layers;
    config.layer.attention = {.d_model = d, .n_heads = h};
    config.layer.feed_forward = {.d_model = d, .d_ff = d_ff};
    config.layer.self_attention = on.attention;
    config.layer.use_feed_forward = on.ffn;
    config.layer.residual = on.residual;
    config.layer.placement = !on.norm ? NormPlacement::none : on.pre ? NormPlacement::pre : NormPlacement::post;
    return config;
}

}  // namespace

Graph encoder_diagram(std::int64_t n, std::int64_t d, std::int64_t d_ff, std::int64_t h, std::int64_t layers,
                      const EncoderSwitches& on) {
    const std::string wide = Shape({n, d}).to_string(), narrow = Shape({h, n, d / h}).to_string(),
                      square = Shape({h, n, n}).to_string(), inner = Shape({n, d_ff}).to_string();
    Graph g;
    g.groups = {{"layer", {"一层（共 " + std::to_string(layers) + " 层）", "one layer of " + std::to_string(layers)}}};
    const auto box = [&](const std::string& id, Text label, const std::string& shape, const char* value, Role role,
                         const char* group = "layer") {
        g.boxes.push_back({id, std::move(label), shape, value, role, group});
        return id;
    };
    box("E", {"√d·E[词]", "√d·E[word]"}, wide, "token_vectors", Role::weight, "");
    box("X", {"X", "X"}, wide, "embedding", Role::activation, "");
    g.wires.push_back({"E", "X"});
    if (on.position) {
        box("PE", {"位置编码", "positions"}, wide, "position_encoding", Role::position, "");
        g.wires.push_back({"PE", "X"});
    }
    std::string stream = "X";
    const auto sublayer = [&](const std::string& name, const char* input, const char* sum, const char* result,
                              const std::function<std::string(const std::string&)>& F) {
        std::string from = stream;
        if (on.norm && on.pre) {
            from = box(name + " LN", {"LayerNorm", "LayerNorm"}, wide, input, Role::weight);
            g.wires.push_back({stream, from});
        }
        from = F(from);
        if (on.residual) {
            const std::string plus = box(name + " +", {"＋ 残差", "+ residual"}, wide, sum, Role::activation);
            g.wires.push_back({from, plus});
            g.wires.push_back({stream, plus, {}, true});
            from = plus;
        }
        if (on.norm && !on.pre) {
            const std::string norm = box(name + " LN", {"LayerNorm", "LayerNorm"}, wide, result, Role::weight);
            g.wires.push_back({from, norm});
            from = norm;
        }
        stream = from;
    };
    if (on.attention) {
        sublayer("attention", "attention_input", "attention_sum", "after_attention", [&](const std::string& from) {
            box("Q", {"Q = X·W_Q", "Q = X·W_Q"}, narrow, "query", Role::query);
            box("K", {"K = X·W_K", "K = X·W_K"}, narrow, "key", Role::key);
            box("V", {"V = X·W_V", "V = X·W_V"}, narrow, "value", Role::value);
            box("A", {"softmax(QKᵀ/√d_k)", "softmax(QKᵀ/√d_k)"}, square, "attention", Role::probability);
            box("AV", {"A·V", "A·V"}, narrow, "head_outputs", Role::value);
            box("O", {"拼接 · W_O", "concat · W_O"}, wide, "attention_output", Role::activation);
            for (const char* to : {"Q", "K", "V"}) g.wires.push_back({from, to});
            for (const auto& [a, b] : {std::pair{"Q", "A"}, {"K", "A"}, {"A", "AV"}, {"V", "AV"}, {"AV", "O"}})
                g.wires.push_back({a, b});
            return std::string("O");
        });
    }
    if (on.ffn) {
        sublayer("ffn", "ffn_input", "ffn_sum", "after_ffn", [&](const std::string& from) {
            box("hidden", {"ReLU(X·W_1)", "ReLU(X·W_1)"}, inner, "hidden", Role::activation);
            box("down", {"乘 W_2", "times W_2"}, wide, "ffn_output", Role::activation);
            g.wires.push_back({from, "hidden"});
            g.wires.push_back({"hidden", "down"});
            return std::string("down");
        });
    }
    box("Y", {"输出 Y", "output Y"}, wide, "output", Role::activation, "");
    g.wires.push_back({stream, "Y"});
    return g;
}

Table encoder_parameters(std::int64_t layers, std::int64_t d, std::int64_t d_ff, std::int64_t h,
                         const EncoderSwitches& on) {
    const TransformerStackConfig here = stack_config(layers, d, h, d_ff, on);
    const TransformerStackConfig base = stack_config(6, 512, 8, 2048, {true, true, true, false, true, true});
    const auto named = [](const ParameterGroups& groups, const char* name) {
        std::int64_t sum = 0;
        for (const ParameterGroup& group : groups) sum += group.name == name ? group.count : 0;
        return sum;
    };
    Table table{{{"part", Column::Kind::text, {"部分", "Part"}},
                 {"formula", Column::Kind::text, {"公式", "Formula"}},
                 {"here", Column::Kind::integer, {"这里", "Here"}},
                 {"base", Column::Kind::integer, {"论文 base", "Paper's base"}}},
                {}};
    const auto row = [&](const char* name, const char* formula, std::int64_t a, std::int64_t b) {
        table.rows.push_back({std::string(name), std::string(formula), a, b});
    };
    const ParameterGroups a = parameter_groups(here.layer), b = parameter_groups(base.layer);
    row("attention", "4(d² + d)", named(a, "self_attention"), named(b, "self_attention"));
    row("FFN", "2·d·d_ff + d_ff + d", named(a, "feed_forward"), named(b, "feed_forward"));
    row("LayerNorm", "2 · 2d", named(a, "self_attention_norm") + named(a, "feed_forward_norm"),
        named(b, "self_attention_norm") + named(b, "feed_forward_norm"));
    row("layer", "Σ", total(a), total(b));
    row("final LN", "2d", named(parameter_groups(here), "final_norm"), named(parameter_groups(base), "final_norm"));
    row("encoder", "N · Σ", total(parameter_groups(here)), total(parameter_groups(base)));
    return table;
}

void set_encoder_values(Values& values, const EncoderPicture& picture) {
    const EncoderSwitches& on = picture.on;
    const std::vector<EncoderLayer>& layers = picture.layers;
    const Tensor &PE = picture.positions, &X = picture.X, &Y = picture.output;
    const std::vector<EncoderWeights>& all_weights = picture.weights;
    const std::vector<std::string>& words = picture.words;
    const std::int64_t h = picture.h;
    const std::int64_t n = X.extent(0), d = X.extent(1), N = static_cast<std::int64_t>(layers.size());
    const std::int64_t d_ff = all_weights[0].in.extent(1);
    std::vector<std::string> numbers;
    for (std::int64_t l = 1; l <= N; ++l) numbers.push_back(std::to_string(l));
    const Axis layer{"layer", numbers}, head{"head", {}}, token{"token", words}, query{"query", words},
        key{"key", words}, component{"component", {}}, d_k{"d_k", {}}, unit{"hidden", {}};
    using Index = std::vector<std::string>;
    const Index here{"layer", "token", "component"};
    const auto same = [](const char* of, Index at) { return Derivation{Operation::permute, {{of, std::move(at)}}}; };
    const auto product = [](const char* a, Index i, const char* b, Index j, double factor = 1.0) {
        return Derivation{Operation::matmul, {{a, std::move(i)}, {b, std::move(j)}}, {{"factor", factor}}};
    };
    const auto normed = [epsilon = picture.epsilon](const char* of, Index at) {
        return Derivation{
            Operation::norm, {{of, std::move(at)}}, {{"kind", "layer"}, {"axis", "component"}, {"epsilon", epsilon}}};
    };
    const auto all = [&](const std::function<const Tensor&(const EncoderLayer&)>& of) { return stacked(layers, of); };
    const auto stream = [&](const char* name, Tensor of, Derivation how) {
        values.set(name, tensor_value(std::move(of), {layer, token, component}, Role::activation, std::move(how)));
    };
    // One sublayer's four tensors, all [layer, token, component].
    const auto sublayer = [&](EncoderSublayer EncoderLayer::* which, bool is_on, const char* x, const char* input,
                              const char* output, const char* sum, const char* after, Derivation F) {
        stream(input, all([=](const EncoderLayer& t) -> const Tensor& { return (t.*which).input; }),
               on.norm && on.pre ? normed(x, here) : same(x, here));
        stream(output, all([=](const EncoderLayer& t) -> const Tensor& { return (t.*which).output; }), std::move(F));
        stream(sum, all([=](const EncoderLayer& t) -> const Tensor& { return (t.*which).sum; }),
               !is_on        ? same(x, here)
               : on.residual ? Derivation{Operation::add, {{x, here}, {output, here}}}
                             : same(output, here));
        stream(after, all([=](const EncoderLayer& t) -> const Tensor& { return (t.*which).result; }),
               is_on && on.norm && !on.pre ? normed(sum, here) : same(sum, here));
    };

    values.set("embedding_rows", tensor_value(picture.rows, {token, component}, Role::weight));
    values.set("token_vectors", tensor_value(picture.tokens, {token, component}, Role::activation,
                                             Derivation{Operation::scale,
                                                        {{"embedding_rows", {"token", "component"}}},
                                                        {{"factor", std::sqrt(static_cast<double>(d))}}}));
    values.set("position_encoding", tensor_value(PE, {token, component}, Role::position));
    values.set("embedding", tensor_value(X, {token, component}, Role::activation,
                                         on.position ? Derivation{Operation::add,
                                                                  {{"token_vectors", {"token", "component"}},
                                                                   {"position_encoding", {"token", "component"}}}}
                                                     : same("token_vectors", {"token", "component"})));
    Tensor inputs({N, n, d});
    for (std::int64_t l = 0; l < N; ++l) {
        const Tensor& x = l == 0 ? X : layers[static_cast<std::size_t>(l - 1)].feed_forward.result;
        std::copy_n(x.data(), n * d, inputs.data() + l * n * d);
    }
    values.set("layer_input", tensor_value(inputs, {layer, token, component}, Role::activation));
    const std::int64_t d_head = d / h;
    const auto weights = [&](const char* name, Tensor EncoderWeights::* of, Shape shape, std::vector<Axis> axes) {
        values.set(name,
                   tensor_value(stacked(all_weights, of).reshaped(std::move(shape)), std::move(axes), Role::weight));
    };
    weights("W_Q", &EncoderWeights::Q, {N, d, h, d_head}, {layer, component, head, d_k});
    weights("W_K", &EncoderWeights::K, {N, d, h, d_head}, {layer, component, head, d_k});
    weights("W_V", &EncoderWeights::V, {N, d, h, d_head}, {layer, component, head, d_k});
    weights("W_O", &EncoderWeights::O, {N, h, d_head, d}, {layer, head, d_k, component});
    weights("W_1", &EncoderWeights::in, {N, d, d_ff}, {layer, component, unit});
    weights("W_2", &EncoderWeights::out, {N, d_ff, d}, {layer, unit, component});
    sublayer(&EncoderLayer::self_attention, on.attention, "layer_input", "attention_input", "attention_output",
             "attention_sum", "after_attention",
             product("head_outputs", {"layer", "head", "token", "d_k"}, "W_O", {"layer", "head", "d_k", "component"}));
    const auto projected = [&](const char* name, const char* W, Tensor EncoderLayer::* of, const Axis& row, Role role) {
        values.set(name, tensor_value(all([=](const EncoderLayer& t) -> const Tensor& { return t.*of; }),
                                      {layer, head, row, d_k}, role,
                                      product("attention_input", {"layer", row.name, "component"}, W,
                                              {"layer", "component", "head", "d_k"})));
    };
    projected("query", "W_Q", &EncoderLayer::Q, query, Role::query);
    projected("key", "W_K", &EncoderLayer::K, key, Role::key);
    projected("value", "W_V", &EncoderLayer::V, key, Role::value);
    values.set("scores",
               tensor_value(all([](const EncoderLayer& t) -> const Tensor& { return t.scores; }),
                            {layer, head, query, key}, Role::score,
                            product("query", {"layer", "head", "query", "d_k"}, "key", {"layer", "head", "key", "d_k"},
                                    1.0 / std::sqrt(static_cast<double>(d_head)))));
    values.set("attention",
               tensor_value(
                   all([](const EncoderLayer& t) -> const Tensor& { return t.attention; }), {layer, head, query, key},
                   Role::probability,
                   Derivation{Operation::softmax, {{"scores", {"layer", "head", "query", "key"}}}, {{"axis", "key"}}}));
    values.set("head_outputs", tensor_value(all([](const EncoderLayer& t) -> const Tensor& { return t.heads; }),
                                            {layer, head, query, d_k}, Role::value,
                                            product("attention", {"layer", "head", "query", "key"}, "value",
                                                    {"layer", "head", "key", "d_k"})));
    values.set("pre_activation", tensor_value(all([](const EncoderLayer& t) -> const Tensor& { return t.before; }),
                                              {layer, token, unit}, Role::activation,
                                              product("ffn_input", {"layer", "token", "component"}, "W_1",
                                                      {"layer", "component", "hidden"})));
    values.set("hidden", tensor_value(all([](const EncoderLayer& t) -> const Tensor& { return t.hidden; }),
                                      {layer, token, unit}, Role::activation,
                                      Derivation{Operation::activation,
                                                 {{"pre_activation", {"layer", "token", "hidden"}}},
                                                 {{"function", "relu"}}}));
    sublayer(&EncoderLayer::feed_forward, on.ffn, "after_attention", "ffn_input", "ffn_output", "ffn_sum", "after_ffn",
             product("hidden", {"layer", "token", "hidden"}, "W_2", {"layer", "hidden", "component"}));
    const Index last{std::to_string(N - 1), "token", "component"};
    values.set("output", tensor_value(Y, {token, component}, Role::activation,
                                      on.norm && on.pre ? normed("after_ffn", last) : same("after_ffn", last)));
}

std::vector<Output> encoder_outputs() {
    const std::vector<std::string> stream{"layer", "token", "component"}, inner{"layer", "token", "hidden"};
    const auto tensor = [](const char* name, Text doc, std::vector<std::string> axes, Role role = Role::activation) {
        return Output{name, OutputKind::tensor, std::move(doc), std::move(axes), role};
    };
    return {
        tensor("embedding_rows", {"词表 E 里的行", "Rows of the table E"}, {"token", "component"}, Role::weight),
        tensor("token_vectors", {"√d·E[词]", "√d·E[word]"}, {"token", "component"}),
        tensor("position_encoding", {"位置编码 PE", "Positions PE"}, {"token", "component"}, Role::position),
        tensor("embedding", {"进入第 1 层的 X", "X, as it enters layer 1"}, {"token", "component"}),
        tensor("layer_input", {"每层的输入", "Input of each layer"}, stream),
        tensor("W_Q", {"W_Q，按头分列", "W_Q, its columns by head"}, {"layer", "component", "head", "d_k"},
               Role::weight),
        tensor("W_K", {"W_K，按头分列", "W_K, its columns by head"}, {"layer", "component", "head", "d_k"},
               Role::weight),
        tensor("W_V", {"W_V，按头分列", "W_V, its columns by head"}, {"layer", "component", "head", "d_k"},
               Role::weight),
        tensor("W_O", {"W_O，按头分行", "W_O, its rows by head"}, {"layer", "head", "d_k", "component"}, Role::weight),
        tensor("W_1", {"前馈网络的 W_1", "W_1 of the feed-forward"}, {"layer", "component", "hidden"}, Role::weight),
        tensor("W_2", {"前馈网络的 W_2", "W_2 of the feed-forward"}, {"layer", "hidden", "component"}, Role::weight),
        tensor("attention_input", {"自注意力的输入", "Input of self-attention"}, stream),
        tensor("attention_output", {"自注意力的输出", "Output of self-attention"}, stream),
        tensor("attention_sum", {"加上残差", "With the residual"}, stream),
        tensor("after_attention", {"自注意力子层之后", "After the self-attention sublayer"}, stream),
        tensor("query", {"Q", "Q"}, {"layer", "head", "query", "d_k"}, Role::query),
        tensor("key", {"K", "K"}, {"layer", "head", "key", "d_k"}, Role::key),
        tensor("value", {"V", "V"}, {"layer", "head", "key", "d_k"}, Role::value),
        tensor("scores", {"分数 QKᵀ/√d_k", "Scores QKᵀ/√d_k"}, {"layer", "head", "query", "key"}, Role::score),
        tensor("attention", {"注意力：每行和为 1", "Attention: each row sums to 1"}, {"layer", "head", "query", "key"},
               Role::probability),
        tensor("head_outputs", {"各头的 A·V", "A·V of each head"}, {"layer", "head", "query", "d_k"}, Role::value),
        tensor("ffn_input", {"前馈网络的输入", "Input of the feed-forward"}, stream),
        tensor("pre_activation", {"ReLU 之前", "Before the ReLU"}, inner),
        tensor("hidden", {"ReLU 之后", "After the ReLU"}, inner),
        tensor("ffn_output", {"前馈网络的输出", "Output of the feed-forward"}, stream),
        tensor("ffn_sum", {"加上残差", "With the residual"}, stream),
        tensor("after_ffn", {"前馈子层之后", "After the feed-forward sublayer"}, stream),
        tensor("output", {"编码器的输出", "The encoder's output"}, {"token", "component"})};
}

}  // namespace glassformer
