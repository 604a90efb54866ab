// What does multi-head attention compute, and what does it cost?  (Vaswani et al. 2017, section 3.2.2)
//
//     head_r = softmax(Q_r K_r^T / sqrt(d_k)) V_r,   Q_r = X W_Q^r,   d_k = d_model / h
//     Y      = [head_1 ... head_h] W_O
//
// Written twice: as on paper, head after head with narrow matrices, and as in real code, one product X [W_Q W_K W_V]
// whose columns are then read as heads. The results agree; only the number of products started differs.

#include <algorithm>
#include <cmath>

#include "base/counters.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

struct Weights {
    Tensor Q, K, V, O;  // [d_model, d_model]; head r owns columns r d_k ... (r + 1) d_k - 1 of the first three

    Weights(std::int64_t d_model, const Context& context) {
        const float spread = 1.0F / std::sqrt(static_cast<float>(d_model));
        const auto normal = [&](const char* name) {
            Rng rng = context.rng(name);
            return random_normal({d_model, d_model}, rng, 0.0F, spread);
        };
        Q = normal("W_Q");
        K = normal("W_K");
        V = normal("W_V");
        O = normal("W_O");
    }
    double parameters() const { return static_cast<double>(Q.size() + K.size() + V.size() + O.size()); }
};

/// Everything on the way, and what it cost. Heads are the leading axis.
struct Result {
    Tensor Q, K, V;                     // [h, n, d_k]
    Tensor scores, attention;           // [h, n, n]
    Tensor heads;                       // [h, n, d_k]: attention times V
    Tensor concatenated;                // [n, d_model]
    Tensor Y;                           // [n, d_model]
    Cost projections, scoring, mixing;  // X to Q, K, V, and O to Y; Q K^T; A V
};

/// [n, h d_k] -> [h, n, d_k]: the same numbers, read as heads.
Tensor split_heads(const Tensor& x, std::int64_t h) {
    return permute(x.reshaped({x.extent(0), h, x.extent(1) / h}), {1, 0, 2});
}

/// [h, n, d_k] -> [n, h d_k]: the heads side by side.
Tensor join_heads(const Tensor& x) { return permute(x, {1, 0, 2}).reshaped({x.extent(1), x.extent(0) * x.extent(2)}); }

/// Columns first ... first + count - 1.
Tensor columns(const Tensor& x, std::int64_t first, std::int64_t count) {
    Tensor result({x.extent(0), count});
    for (std::int64_t i = 0; i < x.extent(0); ++i) std::copy_n(x.row(i).data() + first, count, result.row(i).data());
    return result;
}

void append(Tensor& all, std::int64_t head, const Tensor& one) {
    std::copy_n(one.data(), one.size(), all.data() + head * one.size());
}

/// As real code does it: all heads at once.
Result fused(const Tensor& X, const Weights& W, std::int64_t h) {
    const std::int64_t d = X.extent(1);
    const std::int64_t d_k = d / h;
    Result r;
    Tensor W_QKV({d, 3 * d});
    for (std::int64_t i = 0; i < d; ++i) {
        std::copy_n(W.Q.row(i).data(), d, W_QKV.row(i).data());
        std::copy_n(W.K.row(i).data(), d, W_QKV.row(i).data() + d);
        std::copy_n(W.V.row(i).data(), d, W_QKV.row(i).data() + 2 * d);
    }
    {
        const CostScope scope;
        const Tensor QKV = matmul(X, W_QKV);  // [n, 3 d_model]: one product
        r.Q = split_heads(columns(QKV, 0, d), h);
        r.K = split_heads(columns(QKV, d, d), h);
        r.V = split_heads(columns(QKV, 2 * d, d), h);
        r.projections = scope.cost();
    }
    {
        const CostScope scope;
        r.scores = batched_matmul(r.Q, r.K, Transpose::no, Transpose::yes);  // [h, n, n]
        r.scoring = scope.cost();
    }
    r.scores = scale(r.scores, 1.0F / std::sqrt(static_cast<float>(d_k)));
    r.attention = softmax(r.scores);  // h n rows, each by itself
    {
        const CostScope scope;
        r.heads = batched_matmul(r.attention, r.V);  // [h, n, d_k]
        r.mixing = scope.cost();
    }
    r.concatenated = join_heads(r.heads);
    {
        const CostScope scope;
        r.Y = matmul(r.concatenated, W.O);
        r.projections.flops += scope.cost().flops;
        r.projections.matmuls += scope.cost().matmuls;
    }
    return r;
}

/// As on paper: head r has its own W_Q^r, W_K^r, W_V^r of d_k columns.
Result head_by_head(const Tensor& X, const Weights& W, std::int64_t h) {
    const std::int64_t n = X.extent(0);
    const std::int64_t d = X.extent(1);
    const std::int64_t d_k = d / h;
    Result r{Tensor({h, n, d_k}),
             Tensor({h, n, d_k}),
             Tensor({h, n, d_k}),
             Tensor({h, n, n}),
             Tensor({h, n, n}),
             Tensor({h, n, d_k}),
             {},
             {},
             {},
             {},
             {}};
    const auto add_cost = [](Cost& to, const Cost& more) {
        to.flops += more.flops;
        to.matmuls += more.matmuls;
    };
    for (std::int64_t head = 0; head < h; ++head) {
        Tensor Q, K, V, S;
        {
            const CostScope scope;
            Q = matmul(X, columns(W.Q, head * d_k, d_k));  // [n, d_k]
            K = matmul(X, columns(W.K, head * d_k, d_k));
            V = matmul(X, columns(W.V, head * d_k, d_k));
            add_cost(r.projections, scope.cost());
        }
        {
            const CostScope scope;
            S = matmul(Q, K, Transpose::no, Transpose::yes);  // [n, n]
            add_cost(r.scoring, scope.cost());
        }
        S = scale(S, 1.0F / std::sqrt(static_cast<float>(d_k)));
        const Tensor A = softmax(S);
        {
            const CostScope scope;
            append(r.heads, head, matmul(A, V));
            add_cost(r.mixing, scope.cost());
        }
        append(r.Q, head, Q);
        append(r.K, head, K);
        append(r.V, head, V);
        append(r.scores, head, S);
        append(r.attention, head, A);
    }
    r.concatenated = join_heads(r.heads);
    const CostScope scope;
    r.Y = matmul(r.concatenated, W.O);
    add_cost(r.projections, scope.cost());
    return r;
}

std::string extents(std::initializer_list<std::int64_t> sizes) { return Shape(sizes).to_string(); }

/// What stands where, with the shapes of this run.
Table steps(std::int64_t n, std::int64_t d, std::int64_t h, const Result& r) {
    const std::int64_t d_k = d / h;
    const auto count = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
    const auto output = 2 * n * d * d;
    Table table{{{"step", Column::Kind::text, {"一步", "Step"}},
                 {"shape", Column::Kind::text, {"形状", "Shape"}},
                 {"parameters", Column::Kind::integer, {"参数", "Parameters"}},
                 {"flops", Column::Kind::integer, {"矩阵乘运算", "Matmul FLOPs"}}},
                {}};
    table.rows.push_back({std::string("X"), extents({n, d}), std::int64_t{0}, std::int64_t{0}});
    table.rows.push_back(
        {std::string("X [W_Q W_K W_V]"), extents({n, 3 * d}), 3 * d * d, count(r.projections.flops) - output});
    table.rows.push_back({std::string("Q, K, V"), extents({h, n, d_k}), std::int64_t{0}, std::int64_t{0}});
    table.rows.push_back({std::string("Q Kᵀ / √d_k"), extents({h, n, n}), std::int64_t{0}, count(r.scoring.flops)});
    table.rows.push_back({std::string("softmax"), extents({h, n, n}), std::int64_t{0}, std::int64_t{0}});
    table.rows.push_back({std::string("A V"), extents({h, n, d_k}), std::int64_t{0}, count(r.mixing.flops)});
    table.rows.push_back({std::string("concat"), extents({n, d}), std::int64_t{0}, std::int64_t{0}});
    table.rows.push_back({std::string("concat · W_O"), extents({n, d}), d * d, output});
    return table;
}

Graph diagram(std::int64_t n, std::int64_t d, std::int64_t h) {
    const std::int64_t d_k = d / h;
    const auto box = [](const char* id, Text label, std::string shape, const char* value, Role role,
                        const char* group) {
        return GraphBox{id, std::move(label), std::move(shape), value, role, group};
    };
    Graph graph;
    graph.groups = {
        {"heads",
         {"每个头各算各的（共 " + std::to_string(h) + " 个）", "each of " + std::to_string(h) + " heads by itself"}}};
    graph.boxes = {
        box("x", {"输入 X", "input X"}, extents({n, d}), "x", Role::activation, ""),
        box("w", {"X [W_Q W_K W_V]", "X [W_Q W_K W_V]"}, extents({n, 3 * d}), "", Role::weight, ""),
        box("q", {"Q", "Q"}, extents({h, n, d_k}), "query", Role::query, "heads"),
        box("k", {"K", "K"}, extents({h, n, d_k}), "key", Role::key, "heads"),
        box("v", {"V", "V"}, extents({h, n, d_k}), "value", Role::value, "heads"),
        box("s", {"分数 QKᵀ/√d_k", "scores QKᵀ/√d_k"}, extents({h, n, n}), "scores", Role::score, "heads"),
        box("a", {"softmax", "softmax"}, extents({h, n, n}), "attention", Role::probability, "heads"),
        box("o", {"A V", "A V"}, extents({h, n, d_k}), "head_outputs", Role::value, "heads"),
        box("c", {"拼接", "concat"}, extents({n, d}), "concatenated", Role::activation, ""),
        box("y", {"乘 W_O", "times W_O"}, extents({n, d}), "output", Role::weight, ""),
    };
    graph.wires = {{"x", "w"}, {"w", "q"}, {"w", "k"}, {"w", "v"}, {"q", "s"}, {"k", "s"},
                   {"s", "a"}, {"a", "o"}, {"v", "o"}, {"o", "c"}, {"c", "y"}};
    return graph;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t d = arguments.integer("d_model");
    const std::int64_t h = arguments.integer("heads");
    const std::int64_t n = arguments.integer("n");
    const std::int64_t d_k = d / h;
    Rng rng = context.rng("x");
    const Tensor X = random_normal({n, d}, rng);
    const Weights W(d, context);
    const Result paper = head_by_head(X, W, h);
    const Result code = fused(X, W, h);
    const Result& shown = arguments.boolean("fused") ? code : paper;

    // The same width cut into 1, 2, 4 ... heads.
    std::vector<std::string> head_ticks;
    std::vector<double> parameter_counts, matmul_flops, score_flops, exponentials, products;
    for (std::int64_t heads = 1; heads <= std::min<std::int64_t>(d, 64); heads *= 2) {
        const Result r = fused(X, W, heads);
        head_ticks.push_back(std::to_string(heads));
        parameter_counts.push_back(W.parameters());
        score_flops.push_back(static_cast<double>(r.scoring.flops));
        matmul_flops.push_back(static_cast<double>(r.projections.flops + r.scoring.flops + r.mixing.flops));
        exponentials.push_back(static_cast<double>(r.attention.size()));
        products.push_back(static_cast<double>(r.projections.matmuls + r.scoring.matmuls + r.mixing.matmuls));
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis head{"head", {}}, query{"query", {}}, key{"key", {}}, width{"d_k", {}}, component{"component", {}};
        const auto by_heads = [&](const std::vector<double>& of, Role role) {
            return TensorValue{DoubleTensor({static_cast<std::int64_t>(of.size())}, of), {{"heads", head_ticks}}, role};
        };
        values.set("parameter_count", by_heads(parameter_counts, Role::count));
        values.set("matmul_flops", by_heads(matmul_flops, Role::count));
        values.set("score_flops", by_heads(score_flops, Role::count));
        values.set("exponentials", by_heads(exponentials, Role::count));
        values.set("products", by_heads(products, Role::count));
        values.set("products_head_by_head",
                   static_cast<double>(paper.projections.matmuls + paper.scoring.matmuls + paper.mixing.matmuls));
        values.set("products_fused",
                   static_cast<double>(code.projections.matmuls + code.scoring.matmuls + code.mixing.matmuls));
        values.set("max_diff", max_abs_difference(paper.Y, code.Y));
        values.set("steps", steps(n, d, h, shown));
        values.set("architecture", diagram(n, d, h));

        // Weights by head, so that a cell of Q can point at the columns it came from.
        values.set("x", tensor_value(X, {query, component}, Role::activation));
        const auto weight = [&](const Tensor& of) {
            return tensor_value(of.reshaped({d, h, d_k}), {component, head, width}, Role::weight);
        };
        values.set("W_Q", weight(W.Q));
        values.set("W_K", weight(W.K));
        values.set("W_V", weight(W.V));
        const auto projected = [&](const char* from, const Axis& token, Role role, const Tensor& of) {
            return tensor_value(of, {head, token, width}, role,
                                Derivation{Operation::matmul,
                                           {{"x", {token.name, "component"}}, {from, {"component", "head", "d_k"}}}});
        };
        values.set("query", projected("W_Q", query, Role::query, shown.Q));
        values.set("key", projected("W_K", key, Role::key, shown.K));
        values.set("value", projected("W_V", key, Role::value, shown.V));
        values.set("scores",
                   tensor_value(shown.scores, {head, query, key}, Role::score,
                                Derivation{Operation::matmul,
                                           {{"query", {"head", "query", "d_k"}}, {"key", {"head", "key", "d_k"}}},
                                           {{"factor", 1.0 / std::sqrt(static_cast<double>(d_k))}}}));
        values.set("attention", tensor_value(shown.attention, {head, query, key}, Role::probability,
                                             Derivation{Operation::softmax,
                                                        {{"scores", {"head", "query", "key"}}},
                                                        {{"axis", std::string("key")}}}));
        values.set(
            "head_outputs",
            tensor_value(shown.heads, {head, query, width}, Role::value,
                         Derivation{Operation::matmul,
                                    {{"attention", {"head", "query", "key"}}, {"value", {"head", "key", "d_k"}}}}));
        Derivation side_by_side{Operation::concat, {}, {{"axis", std::string("component")}}};
        for (std::int64_t r = 0; r < h; ++r) {
            side_by_side.inputs.push_back({"head_outputs", {std::to_string(r), "query", "component"}});
        }
        values.set("concatenated",
                   tensor_value(shown.concatenated, {query, component}, Role::activation, side_by_side));
        values.set("W_O", tensor_value(W.O, {component, {"output", {}}}, Role::weight));
        values.set(
            "output",
            tensor_value(shown.Y, {query, {"output", {}}}, Role::activation,
                         Derivation{Operation::matmul,
                                    {{"concatenated", {"query", "component"}}, {"W_O", {"component", "output"}}}}));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto d = static_cast<double>(arguments.integer("d_model"));
    const auto n = static_cast<double>(arguments.integer("n"));
    return {9.0 * (8.0 * n * d * d + 4.0 * n * n * d + 30.0 * n * n * 64.0) + 200.0 * d * d,
            40.0 * (d * d + n * d) + 600.0 * n * n * 64.0 / 8.0};
}

Output by_heads(const std::string& name, Text doc) {
    return {name, OutputKind::tensor, std::move(doc), {"heads"}, Role::count};
}
Output tensor(const std::string& name, Text doc, std::vector<std::string> axes, Role role) {
    return {name, OutputKind::tensor, std::move(doc), std::move(axes), role};
}

}  // namespace

const Experiment& attention_multi_head() {
    static const Experiment experiment{
        .id = "attention.multi_head",
        .summary =
            {"多头注意力的每一步：形状、参数、运算次数；合在一起算与逐头算，结果相同",
             "Multi-head attention step by step: shapes, parameters, operations; all heads at once or one by one"},
        .parameters = {integer_parameter("d_model", {"宽度 d_model", "Width d_model"},
                                         {"输入和输出的宽度", "Width of input and output"}, 64, 16, 128,
                                         Spacing::power_of_two),
                       integer_parameter("heads", {"头数 h", "Heads h"}, {"d_k = d_model / h", "d_k = d_model / h"}, 4,
                                         1, 64, Spacing::power_of_two),
                       integer_parameter("n", {"词元数 n", "Tokens n"}, {"句子的长度", "Length of the sequence"}, 8, 2,
                                         64),
                       bool_parameter("fused", {"合在一起算", "All heads at once"},
                                      {"一次乘法得到所有头的 Q、K、V；关掉就逐头算",
                                       "One product for Q, K, V of all heads; off: head by head"},
                                      true)},
        .constraints = {{{"heads", "d_model"},
                         {"头数要整除 d_model：每个头至少要有一维。",
                          "The number of heads must divide d_model: a head needs at least one dimension."},
                         [](const Arguments& arguments) {
                             return arguments.integer("d_model") % arguments.integer("heads") == 0;
                         }}},
        .outputs =
            {by_heads("parameter_count", {"参数个数，随头数", "Parameters, over the number of heads"}),
             by_heads("matmul_flops",
                      {"全部矩阵乘的运算次数，随头数", "FLOPs of all matrix products, over the number of heads"}),
             by_heads("score_flops", {"QKᵀ 的运算次数，随头数", "FLOPs of QKᵀ, over the number of heads"}),
             by_heads("exponentials", {"softmax 里的指数个数 h·n²", "Exponentials in the softmax, h·n²"}),
             by_heads("products", {"要启动的矩阵乘次数（合在一起算）", "Matrix products started (all heads at once)"}),
             {"products_head_by_head",
              OutputKind::scalar,
              {"逐头算要启动的矩阵乘次数", "Matrix products started head by head"}},
             {"products_fused",
              OutputKind::scalar,
              {"合在一起算要启动的矩阵乘次数", "Matrix products started all at once"}},
             {"max_diff",
              OutputKind::scalar,
              {"两种算法的输出最多差多少", "Largest difference of the two ways' outputs"}},
             {"steps",
              OutputKind::table,
              {"每一步的形状、参数、运算次数", "Shape, parameters and FLOPs of every step"},
              {"step", "shape", "parameters", "flops"}},
             {"architecture", OutputKind::graph, {"数据怎样流过", "How the data flow"}},
             tensor("x", {"输入 X", "Input X"}, {"query", "component"}, Role::activation),
             tensor("W_Q", {"W_Q，按头分列", "W_Q, its columns by head"}, {"component", "head", "d_k"}, Role::weight),
             tensor("W_K", {"W_K，按头分列", "W_K, its columns by head"}, {"component", "head", "d_k"}, Role::weight),
             tensor("W_V", {"W_V，按头分列", "W_V, its columns by head"}, {"component", "head", "d_k"}, Role::weight),
             tensor("query", {"各头的 Q", "Q of each head"}, {"head", "query", "d_k"}, Role::query),
             tensor("key", {"各头的 K", "K of each head"}, {"head", "key", "d_k"}, Role::key),
             tensor("value", {"各头的 V", "V of each head"}, {"head", "key", "d_k"}, Role::value),
             tensor("scores", {"各头的分数", "Scores of each head"}, {"head", "query", "key"}, Role::score),
             tensor("attention", {"各头的注意力", "Attention of each head"}, {"head", "query", "key"},
                    Role::probability),
             tensor("head_outputs", {"各头的输出 A V", "Output A V of each head"}, {"head", "query", "d_k"},
                    Role::value),
             tensor("concatenated", {"各头拼在一起", "The heads side by side"}, {"query", "component"},
                    Role::activation),
             tensor("W_O", {"W_O", "W_O"}, {"component", "output"}, Role::weight),
             tensor("output", {"输出 Y", "Output Y"}, {"query", "output"}, Role::activation)},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
