// Why are queries and keys compared by a dot product and not by an addition?
// (additive: Bahdanau et al. 2014; dot and general: Luong et al. 2015; scaled dot: Vaswani et al. 2017, section 3.2.1)
//
// Six ways to score query i against key j, written as one formula, so that they can be compared term by term:
//
//     s_ij = sum over c of  w_c * phi(A_ic o B_jc)
//
//                        A       B       o    phi      w
//     dot                q       k       *    none     1
//     scaled_dot         q       k       *    none     1/sqrt(d)
//     multiplicative     q W     k       *    none     1
//     cosine             q/|q|   k/|k|   *    none     1
//     additive           q W_q   k W_k   +    tanh     v
//     additive_linear    q W_q   k W_k   +    none     v
//
// Where o is a product and phi does nothing, the sum over c is a row of A times a row of B: one matrix product A B^T,
// and the n x n x d numbers A_ic o B_jc need never exist. The tanh forbids that.

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "experiments/registry.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

const std::vector<std::string> kinds = {"dot", "scaled_dot", "multiplicative", "cosine", "additive", "additive_linear"};
const std::vector<std::int64_t> widths = {4, 8, 16, 32, 64, 128, 256, 512};
constexpr std::int64_t sweep_rows = 16;  // queries and keys at every width of the sweep

/// The weights an untrained layer starts with: standard deviation 1/sqrt(d), so that projections keep variance 1.
struct Weights {
    Tensor W, W_q, W_k;  // [d, d]
    Tensor v;            // [d]
};

/// The columns of the table above for one kind.
struct Scoring {
    Tensor A;  // [n, d], from the queries
    Tensor B;  // [n, d], from the keys
    bool adds = false;
    bool squashes = false;
    Tensor w;  // [d]
};

Scoring scoring(const std::string& kind, const Tensor& Q, const Tensor& K, const Weights& weights) {
    const std::int64_t d = Q.extent(1);
    const auto unit = [](const Tensor& x) {  // every row divided by its length
        Tensor result(x.shape());
        const Tensor squares = sum_rows(multiply(x, x));
        for (std::int64_t i = 0; i < x.extent(0); ++i) {
            for (std::int64_t c = 0; c < x.extent(1); ++c) result(i, c) = x(i, c) / std::sqrt(squares[i]);
        }
        return result;
    };
    if (kind == "dot") return {Q, K, false, false, Tensor({d}, 1.0F)};
    if (kind == "scaled_dot") return {Q, K, false, false, Tensor({d}, 1.0F / std::sqrt(static_cast<float>(d)))};
    if (kind == "multiplicative") return {matmul(Q, weights.W), K, false, false, Tensor({d}, 1.0F)};
    if (kind == "cosine") return {unit(Q), unit(K), false, false, Tensor({d}, 1.0F)};
    return {matmul(Q, weights.W_q), matmul(K, weights.W_k), true, kind == "additive", weights.v};
}

struct Scores {
    Tensor combined;  // [n, n, d]: A_ic o B_jc
    Tensor features;  // [n, n, d]: phi of it
    Tensor scores;    // [n, n]
};

Scores score(const Scoring& s) {
    const std::int64_t n = s.A.extent(0);
    const std::int64_t m = s.B.extent(0);
    const std::int64_t d = s.A.extent(1);
    Scores result{Tensor({n, m, d}), {}, Tensor({n, m})};
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < m; ++j) {
            for (std::int64_t c = 0; c < d; ++c) {
                const float a = s.A(i, c);
                const float b = s.B(j, c);
                result.combined[(i * m + j) * d + c] = s.adds ? a + b : a * b;
            }
        }
    }
    result.features = s.squashes ? tanh(result.combined) : result.combined;
    for (std::int64_t ij = 0; ij < n * m; ++ij) {
        for (std::int64_t c = 0; c < d; ++c) result.scores[ij] += s.w[c] * result.features[ij * d + c];
    }
    return result;
}

/// What no score can exceed. Cauchy-Schwarz for the products and the plain sum; |tanh| <= 1 for additive.
double limit(const Scoring& s) {
    const auto longest = [](const Tensor& x) { return std::sqrt(max_abs(sum_rows(multiply(x, x)))); };
    double w_1 = 0.0;  // |w|_1
    for (const float w : s.w.elements()) w_1 += static_cast<double>(std::abs(w));
    if (s.squashes) return w_1;
    const double w_2 = std::sqrt(sum(multiply(s.w, s.w)));
    return s.adds ? w_2 * (longest(s.A) + longest(s.B)) : max_abs(s.w) * longest(s.A) * longest(s.B);
}

/// Largest difference between any attention row and the first: 0 when every query looks at the same keys.
double row_spread(const Tensor& attention) {
    double spread = 0.0;
    for (std::int64_t i = 1; i < attention.extent(0); ++i) {
        for (std::int64_t j = 0; j < attention.extent(1); ++j) {
            spread = std::max(spread, static_cast<double>(std::abs(attention(i, j) - attention(0, j))));
        }
    }
    return spread;
}

/// Singular values above 1e-5 of the largest: float32 rounding lies well below.
double numerical_rank(const Tensor& matrix) {
    DoubleTensor exact(matrix.shape());
    for (std::int64_t i = 0; i < matrix.size(); ++i) exact[i] = static_cast<double>(matrix[i]);
    const std::vector<double> s = singular_value_decomposition(exact).s;
    return static_cast<double>(std::count_if(s.begin(), s.end(), [&](double x) { return x > 1e-5 * s[0]; }));
}

/// How far 2q scores from twice what q scores, in units of the largest score: 0 for whatever is linear in q.
double doubling_gap(const Scoring& once, const Scoring& twice) {
    const Tensor expected = scale(score(once).scores, 2.0F);
    return max_abs_difference(score(twice).scores, expected) / max_abs(expected);
}

double mean_largest(const Tensor& attention) { return mean(max_rows(attention)); }

/// The first `rows` x `columns` of a matrix, times a factor.
Tensor corner(const Tensor& matrix, std::int64_t rows, std::int64_t columns, float factor = 1.0F) {
    Tensor result({rows, columns});
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) result(r, c) = factor * matrix(r, c);
    }
    return result;
}

/// Standard-normal draws, large enough for every width; a narrower layer takes a corner.
struct Draws {
    Tensor Q, K;         // [16, 512]
    Tensor W, W_q, W_k;  // [512, 512]
    Tensor v;            // [1, 512]

    explicit Draws(const Context& context) {
        const std::int64_t most = widths.back();
        const auto normal = [&](const char* name, std::int64_t rows) {
            Rng rng = context.rng(name);
            return random_normal({rows, most}, rng);
        };
        Q = normal("queries", sweep_rows);
        K = normal("keys", sweep_rows);
        W = normal("W", most);
        W_q = normal("W_q", most);
        W_k = normal("W_k", most);
        v = normal("v", 1);
    }

    Weights weights(std::int64_t d) const {
        const float spread = 1.0F / std::sqrt(static_cast<float>(d));
        return {corner(W, d, d, spread), corner(W_q, d, d, spread), corner(W_k, d, d, spread),
                corner(v, 1, d, spread).reshaped({d})};
    }
};

Run run(Arguments arguments, Context context) {
    const std::string& kind = arguments.text("kind");
    const std::int64_t n = arguments.integer("n");
    const std::int64_t d = arguments.integer("d");
    const auto query_scale = static_cast<float>(arguments.number("query_scale"));
    const auto kind_count = static_cast<std::int64_t>(kinds.size());
    const Draws draws(context);

    // n queries and n keys [n, d], every component of variance 1 (queries: query_scale^2).
    const Tensor Q = corner(draws.Q, n, d, query_scale);
    const Tensor K = corner(draws.K, n, d);
    const Weights weights = draws.weights(d);
    DoubleTensor spreads({kind_count}), ranks({kind_count}), gaps({kind_count});
    Scoring chosen;
    for (std::int64_t k = 0; k < kind_count; ++k) {
        const std::string& name = kinds[static_cast<std::size_t>(k)];
        const Scoring once = scoring(name, Q, K, weights);
        const Tensor scores = score(once).scores;
        spreads[k] = row_spread(softmax(scores));
        ranks[k] = numerical_rank(scores);
        gaps[k] = doubling_gap(once, scoring(name, scale(Q, 2.0F), K, weights));
        if (name == kind) chosen = once;
    }
    const Scores shown = score(chosen);
    const Tensor attention = softmax(shown.scores);

    // The same at every width, always with queries of variance 1: how large do scores get?
    const auto width_count = static_cast<std::int64_t>(widths.size());
    Tensor std_by_width({width_count, kind_count}), largest_by_width({width_count, kind_count});
    for (std::int64_t w = 0; w < width_count; ++w) {
        const std::int64_t width = widths[static_cast<std::size_t>(w)];
        const Weights wide = draws.weights(width);
        for (std::int64_t k = 0; k < kind_count; ++k) {
            const Scoring s = scoring(kinds[static_cast<std::size_t>(k)], corner(draws.Q, sweep_rows, width),
                                      corner(draws.K, sweep_rows, width), wide);
            const Tensor scores = score(s).scores;
            std_by_width(w, k) = static_cast<float>(std::sqrt(variance(scores)));
            largest_by_width(w, k) = static_cast<float>(mean_largest(softmax(scores)));
        }
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis query{"query", {}}, key{"key", {}}, c{"c", {}};
        std::vector<std::string> width_ticks;
        for (const std::int64_t width : widths) width_ticks.push_back(std::to_string(width));
        values.set("query_side", tensor_value(chosen.A, {query, c}, Role::query));
        values.set("key_side", tensor_value(chosen.B, {key, c}, Role::key));
        values.set("readout", tensor_value(chosen.w, {c}, Role::weight));
        values.set("combined", tensor_value(shown.combined, {query, key, c}, Role::activation,
                                            Derivation{chosen.adds ? Operation::add : Operation::matmul,
                                                       {{"query_side", {"query", "c"}}, {"key_side", {"key", "c"}}}}));
        Derivation phi{Operation::permute, {{"combined", {"query", "key", "c"}}}};
        if (chosen.squashes) phi = {Operation::activation, phi.inputs, {{"function", std::string("tanh")}}};
        values.set("features", tensor_value(shown.features, {query, key, c}, Role::activation, phi));
        values.set("scores", tensor_value(shown.scores, {query, key}, Role::score,
                                          Derivation{Operation::matmul,
                                                     {{"features", {"query", "key", "c"}}, {"readout", {"c"}}}}));
        values.set("attention",
                   tensor_value(
                       attention, {query, key}, Role::probability,
                       Derivation{Operation::softmax, {{"scores", {"query", "key"}}}, {{"axis", std::string("key")}}}));
        values.set("row_spread", row_spread(attention));
        values.set("max_abs_score", max_abs(shown.scores));
        values.set("score_limit", limit(chosen));
        values.set("spread_by_kind", TensorValue{spreads, {{"kind", kinds}}, Role::probability});
        values.set("rank_by_kind", TensorValue{ranks, {{"kind", kinds}}, Role::count});
        values.set("doubling_gap", TensorValue{gaps, {{"kind", kinds}}});
        values.set("std_by_width", tensor_value(std_by_width, {{"d", width_ticks}, {"kind", kinds}}, Role::score));
        values.set("largest_by_width",
                   tensor_value(largest_by_width, {{"d", width_ticks}, {"kind", kinds}}, Role::probability));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    const auto d = static_cast<double>(arguments.integer("d"));
    // Two tanh and ten plain passes over [n, n, d]; the sweep does the same over 1020 widths in sum, plus the draws.
    return {60.0 * n * n * d + 60.0 * 256.0 * 1020.0 + 4e7, 2e7};
}

}  // namespace

const Experiment& attention_score_function() {
    static const Experiment experiment{
        .id = "attention.score_function",
        .summary = {"六种给 query 和 key 打分的方法，写成同一个公式，逐项比较",
                    "Six ways to score a query against a key, written as one formula and compared term by term"},
        .parameters = {enum_parameter("kind", {"打分函数", "Score function"},
                                      {"细看哪一种；各项指标总是六种都算",
                                       "Which one to look at closely; the measures always cover all six"},
                                      "additive_linear",
                                      {{"dot", {"点乘", "dot"}},
                                       {"scaled_dot", {"缩放点乘", "scaled dot"}},
                                       {"multiplicative", {"双线性 qWkᵀ", "bilinear qWkᵀ"}},
                                       {"cosine", {"余弦", "cosine"}},
                                       {"additive", {"加性（tanh）", "additive (tanh)"}},
                                       {"additive_linear", {"加性，去掉 tanh", "additive, tanh removed"}}}),
                       integer_parameter("n", {"词元数 n", "Tokens n"},
                                         {"n 个 query，n 个 key", "n queries and n keys"}, 8, 2, sweep_rows),
                       integer_parameter("d", {"宽度 d", "Width d"},
                                         {"q、k 与打分层的宽度", "Width of q, k and the layer"}, 16, 2, 64),
                       number_parameter("query_scale", {"query 的大小", "Size of the queries"},
                                        {"把所有 query 乘以这个数；随宽度变化的曲线不受影响",
                                         "Multiplies every query; the curves over the width keep it at 1"},
                                        1.0, 0.125, 8.0, Spacing::logarithmic)},
        .outputs =
            {{"query_side",
              OutputKind::tensor,
              {"来自 query 的一侧 A", "The queries' side A"},
              {"query", "c"},
              Role::query},
             {"key_side", OutputKind::tensor, {"来自 key 的一侧 B", "The keys' side B"}, {"key", "c"}, Role::key},
             {"readout", OutputKind::tensor, {"读出权重 w", "Readout weights w"}, {"c"}, Role::weight},
             {"combined",
              OutputKind::tensor,
              {"A_ic ∘ B_jc：n×n×d 个数", "A_ic ∘ B_jc: n×n×d numbers"},
              {"query", "key", "c"},
              Role::activation},
             {"features",
              OutputKind::tensor,
              {"φ(A_ic ∘ B_jc)", "φ(A_ic ∘ B_jc)"},
              {"query", "key", "c"},
              Role::activation},
             {"scores", OutputKind::tensor, {"分数 s_ij", "Scores s_ij"}, {"query", "key"}, Role::score},
             {"attention",
              OutputKind::tensor,
              {"softmax 之后，每行和为 1", "After softmax; each row sums to 1"},
              {"query", "key"},
              Role::probability},
             {"row_spread",
              OutputKind::scalar,
              {"任一行与第 0 行注意力的最大差", "Largest difference between any attention row and row 0"}},
             {"max_abs_score", OutputKind::scalar, {"最大的 |s_ij|", "Largest |s_ij|"}},
             {"score_limit",
              OutputKind::scalar,
              {"|s_ij| 的上界（Cauchy–Schwarz；加性为 ‖v‖₁）", "Bound on |s_ij| (Cauchy–Schwarz; ‖v‖₁ for additive)"}},
             {"spread_by_kind",
              OutputKind::tensor,
              {"六种打分各自的行间最大差", "Largest difference between attention rows, for each kind"},
              {"kind"},
              Role::probability},
             {"rank_by_kind",
              OutputKind::tensor,
              {"六种打分各自的分数矩阵的数值秩", "Numerical rank of the score matrix, for each kind"},
              {"kind"},
              Role::count},
             {"doubling_gap",
              OutputKind::tensor,
              {"query 加倍后，分数偏离两倍多少（相对最大分数）",
               "How far the scores of 2q are from twice the scores of q, relative to the largest"},
              {"kind"}},
             {"std_by_width",
              OutputKind::tensor,
              {"各宽度下分数的标准差", "Standard deviation of the scores at every width"},
              {"d", "kind"},
              Role::score},
             {"largest_by_width",
              OutputKind::tensor,
              {"各宽度下一行最大权重的平均", "Mean largest weight of a row at every width"},
              {"d", "kind"},
              Role::probability}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
