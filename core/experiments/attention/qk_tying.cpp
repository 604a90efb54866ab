// Why do queries and keys have different weight matrices?  (Vaswani et al. 2017; Kitaev et al. 2020 share them in
// Reformer)
//
// n tokens with fixed random embeddings. Token i must attend to a target: its cyclic successor, or its mirror image.
// Only W_Q and W_K are trained. Tied (W_K = W_Q) the scores are a Gram matrix: symmetric, positive semidefinite. That
// puts a floor under the loss which no training gets past.

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/operations.h"
#include "base/math.h"
#include "experiments/registry.h"
#include "nn/attention.h"
#include "nn/loss.h"
#include "tensor/decompositions.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace glassformer {
namespace {

/// Whom token i shall attend to.
IntTensor targets_of(const std::string& relation, std::int64_t n) {
    IntTensor targets({n});
    for (std::int64_t i = 0; i < n; ++i) {
        targets[i] = static_cast<std::int32_t>(relation == "next_cyclic" ? (i + 1) % n : n - 1 - i);
    }
    return targets;
}

/// The least mean cross-entropy that these weights can reach, whatever their values (lesson 1-02 proves it).
double floor_of(const std::string& relation, const std::string& mode) {
    if (mode == "separate") return 0.0;
    // Competitors that no tied weights can silence: predecessor (only in the cycle) and the token itself (unless
    // hidden).
    const int competitors = (relation == "next_cyclic" ? 1 : 0) + (mode == "tied" ? 1 : 0);
    return glassformer::log(1.0 + competitors);
}

/// Largest |s_ij - s_ji|.
double asymmetry(const Tensor& matrix) { return max_abs_difference(matrix, transpose(matrix)); }

/// Target's score minus the best other visible score, for the row where that is least: positive when all rows are
/// right.
double worst_margin(const Tensor& visible, const IntTensor& targets) {
    double worst = std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < visible.extent(0); ++i) {
        double best = -std::numeric_limits<double>::infinity();
        for (std::int64_t j = 0; j < visible.extent(1); ++j) {
            if (j != targets[i]) best = std::max(best, static_cast<double>(visible(i, j)));
        }
        worst = std::min(worst, static_cast<double>(visible(i, targets[i])) - best);
    }
    return worst;
}

/// Eigenvalues of (S + S^T) / 2, ascending. In double.
std::vector<double> eigenvalues(const Tensor& scores) {
    DoubleTensor symmetric(scores.shape());
    for (std::int64_t i = 0; i < scores.extent(0); ++i) {
        for (std::int64_t j = 0; j < scores.extent(1); ++j) {
            symmetric(i, j) = (static_cast<double>(scores(i, j)) + static_cast<double>(scores(j, i))) / 2.0;
        }
    }
    return symmetric_eigenvalues(symmetric);
}

double mean_score(const Tensor& scores, const IntTensor& columns) {
    double total = 0.0;
    for (std::int64_t i = 0; i < columns.size(); ++i) total += static_cast<double>(scores(i, columns[i]));
    return total / static_cast<double>(columns.size());
}

Run run(Arguments arguments, Context context) {
    const std::string& mode = arguments.text("mode");
    const std::string& relation = arguments.text("relation");
    const std::int64_t n = arguments.integer("n");
    const std::int64_t d_model = arguments.integer("d_model");
    const std::int64_t updates = arguments.integer("updates");
    const auto learning_rate = static_cast<float>(arguments.number("learning_rate"));
    const bool tied = mode != "separate";
    const IntTensor targets = targets_of(relation, n);
    const BoolTensor keep = (mode == "tied_no_diagonal" ? no_diagonal_mask(n) : full_mask(n, n)).matrix();

    // X [n, d_model] stays as it is; W_Q and W_K [d_model, d_model] learn.
    Rng rng = context.rng("weights");
    const Variable X(random_normal({n, d_model}, rng));
    const float spread = 1.0F / std::sqrt(static_cast<float>(d_model));
    const Variable W_Q(random_normal({d_model, d_model}, rng, 0.0F, spread), true);
    const Variable W_K = tied ? W_Q : Variable(random_normal({d_model, d_model}, rng, 0.0F, spread), true);
    NamedParameters parameters{{"W_Q", W_Q}};
    if (!tied) parameters.emplace_back("W_K", W_K);
    Adam optimizer(parameters);
    const Schedule schedule{Schedule::Kind::cosine, updates / 20, updates + 1};

    Series curve{"update", {}};
    double lowest = std::numeric_limits<double>::infinity();
    for (std::int64_t update = 0; update <= updates; ++update) {
        const Variable Q = matmul(X, W_Q);               // [n, d_model]
        const Variable K = matmul(X, W_K);               // [n, d_model]
        const Variable scores = attention_scores(Q, K);  // [n, n] = Q K^T / sqrt(d_model)
        const Variable visible = masked_fill(scores, keep, -std::numeric_limits<float>::infinity());
        const Variable loss = cross_entropy(visible, targets);  // mean of -ln p[i, target(i)]
        const auto cross = static_cast<double>(loss.value()[0]);
        curve.points.push_back({static_cast<double>(update), cross});
        lowest = std::min(lowest, cross);

        Frame frame(update, updates, [&](Values& values) {
            const Tensor attention = softmax(visible.value());
            const std::vector<double> spectrum = eigenvalues(scores.value());
            IntTensor self({n});
            for (std::int64_t i = 0; i < n; ++i) self[i] = static_cast<std::int32_t>(i);
            values.set("loss", cross);
            values.set("lowest_loss", lowest);
            values.set("floor", floor_of(relation, mode));
            values.set("loss_curve", curve);
            values.set("asymmetry", asymmetry(scores.value()));
            values.set("attention_asymmetry", asymmetry(attention));
            values.set("max_abs_score", max_abs(scores.value()));
            values.set("min_eigenvalue", spectrum.front());
            values.set("max_eigenvalue", spectrum.back());
            values.set("worst_margin", worst_margin(visible.value(), targets));
            values.set("self_score", mean_score(scores.value(), self));
            values.set("target_score", mean_score(scores.value(), targets));
            values.set("query", tensor_value(Q.value(), {{"query", {}}, {"d_k", {}}}, Role::query));
            values.set("key", tensor_value(K.value(), {{"key", {}}, {"d_k", {}}}, Role::key));
            const double factor = 1.0 / std::sqrt(static_cast<double>(d_model));
            values.set("scores", tensor_value(scores.value(), {{"query", {}}, {"key", {}}}, Role::score,
                                              Derivation{Operation::matmul,
                                                         {{"query", {"query", "d_k"}}, {"key", {"key", "d_k"}}},
                                                         {{"factor", factor}}}));
            values.set("mask", TensorValue{keep, {{"query", {}}, {"key", {}}}, Role::mask});
            values.set("visible_scores",
                       tensor_value(visible.value(), {{"query", {}}, {"key", {}}}, Role::score,
                                    Derivation{Operation::mask,
                                               {{"scores", {"query", "key"}}, {"mask", {"query", "key"}}},
                                               {{"fill", -std::numeric_limits<double>::infinity()}}}));
            values.set("attention",
                       tensor_value(
                           attention, {{"query", {}}, {"key", {}}}, Role::probability,
                           Derivation{Operation::softmax, {{"visible_scores", {"query", "key"}}}, {{"axis", "key"}}}));
            values.set("targets", TensorValue{targets, {{"query", {}}}, Role::position});
        });
        co_yield std::move(frame);

        if (update == updates) break;
        loss.backward();
        optimizer.update(learning_rate * schedule.factor(update + 1));
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    const auto d = static_cast<double>(arguments.integer("d_model"));
    const double update = 3.0 * (4.0 * n * d * d + 2.0 * n * n * d) + 60.0 * n * n + 30.0 * d * d;
    return {static_cast<double>(arguments.integer("updates")) * update, 1e6};
}

}  // namespace

const Experiment& attention_qk_tying() {
    static const Experiment experiment{
        .id = "attention.qk_tying",
        .summary = {"只训练 W_Q、W_K：共享与分开，各能把“该看谁”学到什么程度",
                    "Train only W_Q and W_K, tied or separate: how well can they learn whom to attend to?"},
        .parameters = {enum_parameter("mode", {"权重", "Weights"},
                                      {"Q、K 用一个矩阵还是两个", "One matrix for Q and K, or two"}, "tied",
                                      {{"separate", {"分开", "separate"}},
                                       {"tied", {"共享", "tied"}},
                                       {"tied_no_diagonal", {"共享，不看自己", "tied, diagonal hidden"}}}),
                       enum_parameter("relation", {"要学的关系", "Relation"},
                                      {"每个词元应该注意谁", "Whom each token should attend to"}, "next_cyclic",
                                      {{"next_cyclic", {"循环的下一个", "next, cyclic"}},
                                       {"mirror", {"镜像 n−1−i", "mirror n−1−i"}}}),
                       integer_parameter("n", {"词元数 n", "Tokens n"},
                                         {"循环里有几个词元", "How many tokens there are"}, 10, 3, 24),
                       integer_parameter("d_model", {"宽度 d_model", "Width d_model"},
                                         {"词向量的宽度，也是 d_k", "Width of the embeddings, and d_k"}, 16, 4, 64),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 600, 10, 1000)),
                       number_parameter(
                           "learning_rate", {"学习率", "Learning rate"},
                           {"预热后的峰值，余弦下降到 0", "Peak after the warmup; falls to 0 along a cosine"}, 0.05,
                           0.001, 0.2, Spacing::logarithmic)},
        .constraints = {{{"n", "relation"},
                         {"镜像关系要求 n 是偶数：奇数时中间的词元是自己的镜像。",
                          "The mirror relation needs an even n: with an odd n the middle token is its own mirror."},
                         [](const Arguments& arguments) {
                             return arguments.text("relation") != "mirror" || arguments.integer("n") % 2 == 0;
                         }}},
        .outputs =
            {{"loss",
              OutputKind::scalar,
              {"平均交叉熵 −ln p(i→目标)，nat", "Mean cross-entropy −ln p(i→target), nats"},
              {},
              Role::loss},
             {"lowest_loss",
              OutputKind::scalar,
              {"到目前为止最低的交叉熵", "Lowest cross-entropy so far"},
              {},
              Role::loss},
             {"floor", OutputKind::scalar, {"这种权重可能达到的下界", "The least that such weights can reach"}},
             {"loss_curve",
              OutputKind::series,
              {"每次更新前的交叉熵", "Cross-entropy before each update"},
              {},
              Role::loss},
             {"asymmetry",
              OutputKind::scalar,
              {"分数的不对称程度 max|s_ij − s_ji|", "Asymmetry of the scores, max|s_ij − s_ji|"}},
             {"attention_asymmetry",
              OutputKind::scalar,
              {"注意力的不对称程度 max|p_ij − p_ji|", "Asymmetry of the attention, max|p_ij − p_ji|"}},
             {"max_abs_score", OutputKind::scalar, {"分数的最大绝对值", "Largest absolute score"}},
             {"min_eigenvalue", OutputKind::scalar, {"(S+Sᵀ)/2 的最小特征值", "Least eigenvalue of (S+Sᵀ)/2"}},
             {"max_eigenvalue", OutputKind::scalar, {"(S+Sᵀ)/2 的最大特征值", "Largest eigenvalue of (S+Sᵀ)/2"}},
             {"worst_margin",
              OutputKind::scalar,
              {"最差一行：目标的分数减去别处最高的分数", "Worst row: target's score minus the best other"}},
             {"self_score", OutputKind::scalar, {"对自己的平均分数", "Mean score with oneself"}},
             {"target_score", OutputKind::scalar, {"对目标的平均分数", "Mean score with the target"}},
             {"query", OutputKind::tensor, {"Q = X W_Q", "Q = X W_Q"}, {"query", "d_k"}, Role::query},
             {"key", OutputKind::tensor, {"K = X W_K", "K = X W_K"}, {"key", "d_k"}, Role::key},
             {"scores", OutputKind::tensor, {"Q Kᵀ / √d_k", "Q Kᵀ / √d_k"}, {"query", "key"}, Role::score},
             {"mask", OutputKind::tensor, {"1 = 可以看", "1 = may look"}, {"query", "key"}, Role::mask},
             {"visible_scores",
              OutputKind::tensor,
              {"遮住之后的分数", "Scores after the mask"},
              {"query", "key"},
              Role::score,
              false,
              true},
             {"attention",
              OutputKind::tensor,
              {"softmax 之后，每行和为 1", "After softmax; each row sums to 1"},
              {"query", "key"},
              Role::probability},
             {"targets", OutputKind::tensor, {"每个词元的目标", "Target of each token"}, {"query"}, Role::position}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
