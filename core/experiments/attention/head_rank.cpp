// Why is each head narrower than the model?  (Vaswani et al. 2017, section 3.2.2; Bhojanapalli et al. 2020)
//
// Cost: with d_k = d_model / h all heads together cost what one full-width head costs; at full width each, h times
// that. Price: the scores Q K^T of a head have rank at most d_k. This experiment measures both, and what a low rank
// forbids: with d_k = 1 a query is a number, and its favourite key is the largest or the smallest one, whatever the
// query.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/counters.h"
#include "base/math.h"
#include "experiments/registry.h"
#include "nn/multi_head_attention.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t d_model = 64;
constexpr std::int64_t askers = 1024;  // random queries that look for a favourite
const std::vector<std::int64_t> widths = {1, 2, 4, 8, 16, 32, 64};

DoubleTensor exact(const Tensor& x) {
    DoubleTensor result(x.shape());
    for (std::int64_t i = 0; i < x.size(); ++i) result[i] = static_cast<double>(x[i]);
    return result;
}

/// How many different keys are the favourite (largest q.k) of at least one of 1024 random queries. Only corners of the
/// keys' convex hull can be; on a line there are two.
double favourites(std::int64_t n, std::int64_t d_k, const Rng& rng) {
    Rng key_rng = rng.split("keys");
    Rng query_rng = rng.split("queries");
    const Tensor keys = random_normal({n, d_k}, key_rng);
    const Tensor queries = random_normal({askers, d_k}, query_rng);
    const IntTensor best = argmax_rows(matmul(queries, keys, Transpose::no, Transpose::yes));
    return static_cast<double>(std::set<std::int32_t>(best.elements().begin(), best.elements().end()).size());
}

/// Rows with mean 0: softmax does not see a constant added to a row.
void centre_rows(DoubleTensor& logits) {
    for (std::int64_t i = 0; i < logits.extent(0); ++i) {
        const auto row = logits.row(i);
        const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(row.size());
        for (double& x : row) x -= mean;
    }
}

/// Sum of the first `rank` terms s_k u_k v_k^T: no matrix of that rank is closer (Eckart & Young 1936).
DoubleTensor truncated(const SingularValues& svd, std::int64_t rank) {
    DoubleTensor result({svd.u.extent(0), svd.v.extent(0)});
    for (std::int64_t k = 0; k < std::min<std::int64_t>(rank, static_cast<std::int64_t>(svd.s.size())); ++k) {
        for (std::int64_t i = 0; i < result.extent(0); ++i) {
            for (std::int64_t j = 0; j < result.extent(1); ++j) {
                result(i, j) += svd.s[static_cast<std::size_t>(k)] * svd.u(i, k) * svd.v(j, k);
            }
        }
    }
    return result;
}

/// What a real attention layer of h heads of this width has and does: parameters and FLOPs, counted by the layer
/// itself.
struct LayerCost {
    double parameters = 0.0;
    double flops = 0.0;
};
LayerCost layer_cost(std::int64_t h, std::int64_t d_head, const Tensor& X, const Rng& rng) {
    AttentionConfig config;
    config.d_model = d_model;
    config.n_heads = h;
    config.d_head = d_head;
    config.bias = false;
    const MultiHeadAttention layer(config, rng);
    LayerCost cost;
    for (const auto& [name, parameter] : layer.parameters()) {
        cost.parameters += static_cast<double>(parameter.value().size());
    }
    const CostScope scope;
    layer.forward(Variable(X));
    cost.flops = static_cast<double>(scope.cost().flops);
    return cost;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t n = arguments.integer("n");
    const std::int64_t d_k = arguments.integer("d_k");
    const bool permutation = arguments.text("target") == "permutation";

    // A head at initialisation: its scores have as many singular values as d_k allows.
    Rng rng = context.rng("head");
    const Tensor X = random_normal({n, d_model}, rng);
    const float spread = 1.0F / std::sqrt(static_cast<float>(d_model));
    const Tensor Q = matmul(X, random_normal({d_model, d_k}, rng, 0.0F, spread));  // [n, d_k]
    const Tensor K = matmul(X, random_normal({d_model, d_k}, rng, 0.0F, spread));
    const float factor = 1.0F / std::sqrt(static_cast<float>(d_k));
    const Tensor scores = scale(matmul(Q, K, Transpose::no, Transpose::yes), factor);  // [n, n]
    const std::vector<double> spectrum = singular_value_decomposition(exact(scores)).s;
    const auto rank = std::count_if(spectrum.begin(), spectrum.end(), [&](double s) { return s > 1e-5 * spectrum[0]; });

    // A pattern the head should show, as logits; how close does the best matrix of rank d_k come?
    std::vector<std::int32_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    Rng order_rng = context.rng("permutation");
    order_rng.shuffle(order);
    DoubleTensor logits({n, n});
    if (permutation) {
        for (std::int64_t i = 0; i < n; ++i) logits(i, order[static_cast<std::size_t>(i)]) = 10.0;
    } else {
        Rng target_rng = context.rng("target");
        for (double& x : logits.elements()) x = 2.0 * static_cast<double>(target_rng.normal());
    }
    centre_rows(logits);
    const SingularValues svd = singular_value_decomposition(logits);
    const auto total =
        std::accumulate(svd.s.begin(), svd.s.end(), 0.0, [](double sum, double s) { return sum + s * s; });
    const DoubleTensor fit_logits = truncated(svd, d_k);
    const DoubleTensor target = softmax(logits);
    const DoubleTensor fit = softmax(fit_logits);
    const IntTensor wanted = argmax_rows(target);
    const IntTensor got = argmax_rows(fit);

    const auto width_count = static_cast<std::int64_t>(widths.size());
    DoubleTensor best_error({width_count}), favourite({width_count});
    for (std::int64_t w = 0; w < width_count; ++w) {
        const std::int64_t width = widths[static_cast<std::size_t>(w)];
        double left = 0.0;
        for (std::size_t k = static_cast<std::size_t>(width); k < svd.s.size(); ++k) left += svd.s[k] * svd.s[k];
        best_error[w] = left / total;
        favourite[w] = favourites(n, width, context.rng("favourites").split(static_cast<std::uint64_t>(width)));
    }

    // Two dimensions are enough for any permutation, if logits may be sharp: keys on a circle, each query pointing at
    // its key. The runner-up is one step of 2 pi / n away.
    const double turn = 2.0 * 3.14159265358979323846 / static_cast<double>(n);
    const double gap = 1.0 - glassformer::cos(turn);
    const double sharpness = glassformer::log(99.0 * 2.0) / gap;  // two runners-up share the last per cent
    DoubleTensor circle_logits({n, n});
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            const double angle = turn * static_cast<double>(order[static_cast<std::size_t>(i)] - j);
            circle_logits(i, j) = sharpness * glassformer::cos(angle);  // q_i . k_j with |q_i| = sharpness, |k_j| = 1
        }
    }
    const DoubleTensor circle = softmax(circle_logits);
    double circle_right = 0.0;
    double fit_right = 0.0;
    const IntTensor circle_best = argmax_rows(circle);
    for (std::int64_t i = 0; i < n; ++i) {
        circle_right += circle_best[i] == order[static_cast<std::size_t>(i)] ? 1.0 / static_cast<double>(n) : 0.0;
        fit_right += got[i] == wanted[i] ? 1.0 / static_cast<double>(n) : 0.0;
    }

    // What it costs: h heads of d_model / h dimensions against h heads of d_model dimensions.
    std::vector<std::string> head_ticks;
    const std::vector<std::string> layouts = {"split", "full"};
    const auto head_options = static_cast<std::int64_t>(widths.size());
    DoubleTensor parameters({head_options, 2}), flops({head_options, 2});
    for (std::int64_t o = 0; o < head_options; ++o) {
        const std::int64_t h = widths[static_cast<std::size_t>(o)];
        head_ticks.push_back(std::to_string(h));
        const LayerCost split = layer_cost(h, d_model / h, X, context.rng("layer"));
        const LayerCost full = layer_cost(h, d_model, X, context.rng("layer"));
        parameters(o, 0) = split.parameters;
        parameters(o, 1) = full.parameters;
        flops(o, 0) = split.flops;
        flops(o, 1) = full.flops;
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis query{"query", {}}, key{"key", {}};
        std::vector<std::string> width_ticks;
        for (const std::int64_t width : widths) width_ticks.push_back(std::to_string(width));
        values.set("query", tensor_value(Q, {query, {"d_k", {}}}, Role::query));
        values.set("key", tensor_value(K, {key, {"d_k", {}}}, Role::key));
        values.set("scores", tensor_value(scores, {query, key}, Role::score,
                                          Derivation{Operation::matmul,
                                                     {{"query", {"query", "d_k"}}, {"key", {"key", "d_k"}}},
                                                     {{"factor", 1.0 / std::sqrt(static_cast<double>(d_k))}}}));
        values.set("singular_values", TensorValue{DoubleTensor({n}, spectrum), {{"index", {}}}, Role::score});
        values.set("score_rank", static_cast<double>(rank));
        values.set("distinct_favourites", TensorValue{favourite, {{"d_k", width_ticks}}, Role::count});
        values.set("target_logits", TensorValue{logits, {query, key}, Role::score});
        values.set("target", TensorValue{target,
                                         {query, key},
                                         Role::probability,
                                         Derivation{Operation::softmax,
                                                    {{"target_logits", {"query", "key"}}},
                                                    {{"axis", std::string("key")}}}});
        values.set("fit_logits", TensorValue{fit_logits, {query, key}, Role::score});
        values.set("fit", TensorValue{fit,
                                      {query, key},
                                      Role::probability,
                                      Derivation{Operation::softmax,
                                                 {{"fit_logits", {"query", "key"}}},
                                                 {{"axis", std::string("key")}}}});
        values.set("best_rank_error", TensorValue{best_error, {{"d_k", width_ticks}}, Role::loss});
        values.set("fit_right", fit_right);
        values.set("circle", TensorValue{circle, {query, key}, Role::probability});
        values.set("circle_right", circle_right);
        values.set("circle_sharpness", sharpness);
        values.set("parameters", TensorValue{parameters, {{"heads", head_ticks}, {"layout", layouts}}, Role::count});
        values.set("flops", TensorValue{flops, {{"heads", head_ticks}, {"layout", layouts}}, Role::count});
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    return {7.0 * askers * n * 64.0 * 2.0 / 3.0 + 2e3 * n * n * n + 130.0 * 64.0 * n * (520.0 + 4.0 * n) + 2e7, 4e7};
}

Output grid(const std::string& name, Text doc, Role role) {
    return {name, OutputKind::tensor, std::move(doc), {"query", "key"}, role};
}

}  // namespace

const Experiment& attention_head_rank() {
    static const Experiment experiment{
        .id = "attention.head_rank",
        .summary = {"一个头宽 d_k：要多少参数和运算，分数的秩多大，有多少个 key 能成为“最爱”",
                    "A head of width d_k: what it costs, what rank its scores have, how many keys can be a favourite"},
        .parameters = {integer_parameter("d_k", {"头宽 d_k", "Head width d_k"},
                                         {"细看的宽度；曲线总是覆盖 1 到 64",
                                          "The width to look at; the curves always cover 1 to 64"},
                                         8, 1, 64, Spacing::power_of_two),
                       integer_parameter("n", {"词元数 n", "Tokens n"}, {"句子的长度", "Length of the sequence"}, 32, 8,
                                         64),
                       enum_parameter("target", {"目标图案", "Pattern wanted"},
                                      {"希望这个头做出的注意力", "The attention that the head should show"},
                                      "random_soft",
                                      {{"random_soft", {"随机，软", "random, soft"}},
                                       {"permutation", {"随机置换，硬", "a permutation, hard"}}})},
        .outputs = {{"query", OutputKind::tensor, {"Q", "Q"}, {"query", "d_k"}, Role::query},
                    {"key", OutputKind::tensor, {"K", "K"}, {"key", "d_k"}, Role::key},
                    grid("scores", {"随机头的分数 QKᵀ/√d_k", "Scores of a random head, QKᵀ/√d_k"}, Role::score),
                    {"singular_values",
                     OutputKind::tensor,
                     {"分数矩阵的奇异值", "Singular values of the scores"},
                     {"index"},
                     Role::score},
                    {"score_rank", OutputKind::scalar, {"分数矩阵的数值秩", "Numerical rank of the scores"}},
                    {"distinct_favourites",
                     OutputKind::tensor,
                     {"1024 个随机 query 里，至少被一个当作最爱的 key 有几个",
                      "How many keys are the favourite of at least one of 1024 random queries"},
                     {"d_k"},
                     Role::count},
                    grid("target_logits", {"目标图案的对数，每行均值 0", "The pattern's logits, every row of mean 0"},
                         Role::score),
                    grid("target", {"目标图案", "The pattern wanted"}, Role::probability),
                    grid("fit_logits", {"秩 d_k 的最佳逼近", "The best approximation of rank d_k"}, Role::score),
                    grid("fit",
                         {"秩 d_k 的最佳逼近，softmax 之后", "The best approximation of rank d_k, after softmax"},
                         Role::probability),
                    {"best_rank_error",
                     OutputKind::tensor,
                     {"最佳逼近的相对平方误差（logit）",
                      "Relative squared error of the best approximation (of logits)"},
                     {"d_k"},
                     Role::loss},
                    {"fit_right",
                     OutputKind::scalar,
                     {"逼近后最大的位置仍正确的行", "Rows whose largest weight is still in the right place"}},
                    grid("circle", {"圆上构造：d_k = 2 做出任意置换", "On a circle: any permutation with d_k = 2"},
                         Role::probability),
                    {"circle_right", OutputKind::scalar, {"圆上构造：正确的行", "On a circle: rows that are right"}},
                    {"circle_sharpness",
                     OutputKind::scalar,
                     {"圆上构造需要的 query 长度", "On a circle: length of query needed"}},
                    {"parameters",
                     OutputKind::tensor,
                     {"参数个数（由注意力层数出）", "Parameters, counted by the attention layer"},
                     {"heads", "layout"},
                     Role::count},
                    {"flops",
                     OutputKind::tensor,
                     {"一次前向的运算次数（由内核数出）", "FLOPs of a forward pass, counted by the kernels"},
                     {"heads", "layout"},
                     Role::count}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
