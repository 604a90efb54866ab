// Why are attention scores divided by sqrt(d_k)?  (Vaswani et al. 2017, section 3.2.1 and footnote 4)
//
// Draw random queries and keys, look at the scores q.k for every head width d_k and under every scaling, and measure
// what softmax makes of them: how spread the scores are, how sharp the attention is, and how much gradient a row still
// passes.

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

const std::vector<std::int64_t> widths = {4, 8, 16, 32, 64, 128, 256, 512, 1024};
const std::vector<std::string> scalings = {"none", "sqrt", "linear", "cosine"};
const std::vector<std::string> measures = {"score_mean", "score_std",     "within_row_std", "match_score", "entropy",
                                           "max_prob",   "jacobian_norm", "dead_rows",      "top10_share"};

/// One component of every query and key has mean 0 and variance 1, whatever the distribution.
void fill(Tensor& tensor, const std::string& distribution, Rng rng) {
    const float bound = std::sqrt(3.0F);  // uniform in [-sqrt 3, sqrt 3) has variance 1
    if (distribution == "uniform")
        rng.fill_uniform(tensor.elements(), -bound, bound);
    else
        rng.fill_normal(tensor.elements());
}

/// x <- sqrt(1 - share) x + sqrt(share) y for one row: the variance stays 1, the correlation with y becomes
/// sqrt(share).
void mix(std::span<float> x, std::span<const float> y, float share) {
    const float keep = std::sqrt(1.0F - share);
    const float add = std::sqrt(share);
    for (std::size_t c = 0; c < x.size(); ++c) x[c] = keep * x[c] + add * y[c];
}

Tensor first_columns(const Tensor& matrix, std::int64_t columns) {
    Tensor result({matrix.extent(0), columns});
    for (std::int64_t r = 0; r < matrix.extent(0); ++r)
        std::copy_n(matrix.row(r).data(), columns, result.row(r).data());
    return result;
}

/// Henry et al. 2020 start the learned temperature of QK-norm at log2(n^2 - n).
float start_temperature(std::int64_t n) {
    const auto pairs = static_cast<float>(n * n - n);
    return glassformer::log(pairs) / glassformer::log(2.0F);
}

/// The logits that softmax gets: scores [rows, n] = Q K^T under one scaling.
Tensor scale_scores(const Tensor& scores, const std::string& scaling, const Tensor& Q, const Tensor& K) {
    const auto d_k = static_cast<float>(Q.extent(1));
    if (scaling == "none") return scores;
    if (scaling == "sqrt") return scale(scores, 1.0F / std::sqrt(d_k));
    if (scaling == "linear") return scale(scores, 1.0F / d_k);
    // cosine: q and k are normalised to length 1, their product is multiplied by a temperature.
    const Tensor q_squared = sum_rows(multiply(Q, Q));
    const Tensor k_squared = sum_rows(multiply(K, K));
    const float temperature = start_temperature(K.extent(0));
    Tensor logits(scores.shape());
    for (std::int64_t i = 0; i < scores.extent(0); ++i) {
        for (std::int64_t j = 0; j < scores.extent(1); ++j) {
            logits(i, j) = temperature * scores(i, j) / (std::sqrt(q_squared[i]) * std::sqrt(k_squared[j]));
        }
    }
    return logits;
}

/// Frobenius norm of softmax's Jacobian diag(p) - p p^T, from the sums S_m of p^m: ||J||^2 = S_2 - 2 S_3 + S_2^2.
double jacobian_norm(std::span<const float> p) {
    double s2 = 0.0;
    double s3 = 0.0;
    for (const float x : p) {
        const auto probability = static_cast<double>(x);
        s2 += probability * probability;
        s3 += probability * probability * probability;
    }
    return std::sqrt(std::max(0.0, s2 - 2.0 * s3 + s2 * s2));
}

/// -sum p ln p of one row. Since ln p_j = s_j - s_max + ln p_max, one logarithm is enough.
double entropy(std::span<const float> logits, std::span<const float> p) {
    const auto top = static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    double total = 0.0;
    for (std::size_t j = 0; j < p.size(); ++j) {
        total += static_cast<double>(p[j]) * (static_cast<double>(logits[top]) - static_cast<double>(logits[j]));
    }
    return total - glassformer::log(static_cast<double>(p[top]));
}

double row_variance(std::span<const float> row) {
    double sum = 0.0;
    double squares = 0.0;
    for (const float x : row) sum += static_cast<double>(x);
    const double center = sum / static_cast<double>(row.size());
    for (const float x : row) squares += (static_cast<double>(x) - center) * (static_cast<double>(x) - center);
    return squares / static_cast<double>(row.size());
}

/// What one width and one scaling do, in the order of `measures`; also the Jacobian's norm row by row.
struct Measured {
    std::vector<double> of_measure;
    Tensor jacobian_norms;  // [rows]
};

Measured measure(const Tensor& logits, const Tensor& attention) {
    const std::int64_t rows = logits.extent(0);
    const std::int64_t n = logits.extent(1);
    Measured result{{}, Tensor({rows})};
    double match = 0.0;
    double entropies = 0.0;
    double maxima = 0.0;
    double within = 0.0;
    double norms = 0.0;
    std::int64_t dead = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
        const auto p = attention.row(i);
        const double norm = jacobian_norm(p);
        result.jacobian_norms[i] = static_cast<float>(norm);
        norms += norm;
        if (norm < 0.01) ++dead;
        entropies += entropy(logits.row(i), p);
        maxima += static_cast<double>(*std::max_element(p.begin(), p.end()));
        match += static_cast<double>(logits(i, i % n));
        within += row_variance(logits.row(i));
    }
    std::vector<float> sorted(result.jacobian_norms.elements().begin(), result.jacobian_norms.elements().end());
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    const std::int64_t top = std::max<std::int64_t>(1, rows / 10);
    double top_norms = 0.0;
    for (std::int64_t i = 0; i < top; ++i) top_norms += static_cast<double>(sorted[static_cast<std::size_t>(i)]);
    const auto count = static_cast<double>(rows);
    result.of_measure = {mean(logits),
                         std::sqrt(variance(logits)),
                         std::sqrt(within / count),
                         match / count,
                         entropies / count,
                         maxima / count,
                         norms / count,
                         static_cast<double>(dead) / count,
                         norms > 0.0 ? top_norms / norms : 1.0};
    return result;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t d_k = arguments.integer("d_k");
    const std::int64_t n = arguments.integer("n");
    const std::int64_t rows = arguments.integer("rows");
    const std::string& scaling = arguments.text("scale");
    const std::string& distribution = arguments.text("distribution");
    const auto correlation = static_cast<float>(arguments.number("correlation"));

    // Queries [rows, 1024] and keys [n, 1024], shared by all rows. A narrower head uses the first d_k columns.
    Tensor Q({rows, widths.back()});
    Tensor K({n, widths.back()});
    fill(Q, distribution, context.rng("queries"));
    fill(K, distribution, context.rng("keys"));
    if (distribution == "matched_key") {
        // Row i looks for key i mod n: corr(q, k) = correlation for that key, 0 for the others.
        for (std::int64_t i = 0; i < rows; ++i) mix(Q.row(i), K.row(i % n), correlation * correlation);
    } else if (distribution == "common_component") {
        // All queries and keys share a part: corr(q, k) = correlation for every key.
        Rng rng = context.rng("common");
        const Tensor common = random_normal({1, widths.back()}, rng);
        for (std::int64_t i = 0; i < rows; ++i) mix(Q.row(i), common.row(0), correlation);
        for (std::int64_t j = 0; j < n; ++j) mix(K.row(j), common.row(0), correlation);
    }

    const auto d_count = static_cast<std::int64_t>(widths.size());
    const auto s_count = static_cast<std::int64_t>(scalings.size());
    std::vector<Tensor> curves(measures.size(), Tensor({d_count, s_count}));
    Tensor scores, logits, attention;  // of the chosen d_k and scaling
    Measured chosen;
    for (std::int64_t d = 0; d < d_count; ++d) {
        const std::int64_t width = widths[static_cast<std::size_t>(d)];
        const Tensor Q_d = first_columns(Q, width);
        const Tensor K_d = first_columns(K, width);
        Tensor QK = matmul(Q_d, K_d, Transpose::no, Transpose::yes);  // [rows, n]
        for (std::int64_t s = 0; s < s_count; ++s) {
            const std::string& name = scalings[static_cast<std::size_t>(s)];
            Tensor scaled = scale_scores(QK, name, Q_d, K_d);
            Tensor p = softmax(scaled);  // [rows, n], each row sums to 1
            Measured measured = measure(scaled, p);
            for (std::size_t m = 0; m < measures.size(); ++m)
                curves[m](d, s) = static_cast<float>(measured.of_measure[m]);
            if (width == d_k && name == scaling) {
                scores = QK;
                logits = std::move(scaled);
                attention = std::move(p);
                chosen = std::move(measured);
            }
        }
    }

    Frame frame(1, 1, [&](Values& values) {
        std::vector<std::string> width_ticks;
        for (const std::int64_t width : widths) width_ticks.push_back(std::to_string(width));
        for (std::size_t m = 0; m < measures.size(); ++m) {
            const Role role = measures[m] == "max_prob" ? Role::probability : Role::none;
            values.set(measures[m], tensor_value(curves[m], {{"d_k", width_ticks}, {"scale", scalings}}, role));
        }
        DoubleTensor selected({static_cast<std::int64_t>(measures.size())}, chosen.of_measure);
        values.set("selected", TensorValue{std::move(selected), {{"measure", measures}}});
        values.set("uniform_entropy", glassformer::log(static_cast<double>(n)));
        values.set("logits", tensor_value(logits, {{"row", {}}, {"key", {}}}, Role::score));
        values.set("jacobian_norms", tensor_value(chosen.jacobian_norms, {{"row", {}}}, Role::gradient));
        // Row 0 in full: q, K, their products, the scaled scores, the attention.
        const Tensor q = first_columns(Q, d_k).reshaped({rows * d_k});
        values.set("query", tensor_value(Tensor({d_k}, {q.data(), q.data() + d_k}), {{"d_k", {}}}, Role::query));
        values.set("keys", tensor_value(first_columns(K, d_k), {{"key", {}}, {"d_k", {}}}, Role::key));
        const auto row = [&](const Tensor& of) { return Tensor({n}, {of.data(), of.data() + n}); };
        values.set("row_scores",
                   tensor_value(row(scores), {{"key", {}}}, Role::score,
                                Derivation{Operation::matmul, {{"query", {"d_k"}}, {"keys", {"key", "d_k"}}}}));
        TensorValue row_logits = tensor_value(row(logits), {{"key", {}}}, Role::score);
        if (scaling != "cosine") {
            const auto width = static_cast<double>(d_k);
            const double factor = scaling == "none" ? 1.0 : scaling == "sqrt" ? 1.0 / std::sqrt(width) : 1.0 / width;
            row_logits.derivation = Derivation{Operation::scale, {{"row_scores", {"key"}}}, {{"factor", factor}}};
        }
        values.set("row_logits", std::move(row_logits));
        values.set("row_attention",
                   tensor_value(row(attention), {{"key", {}}}, Role::probability,
                                Derivation{Operation::softmax, {{"row_logits", {"key"}}}, {{"axis", "key"}}}));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    const auto rows = static_cast<double>(arguments.integer("rows"));
    const double columns = 2.0 * static_cast<double>(widths.back());  // 4 + 8 + ... + 1024
    const double softmaxes = 9.0 * 4.0 * rows * n;
    return {2.0 * rows * n * columns + 40.0 * softmaxes, 16.0 * (rows + n) * columns + 64.0 * rows * n};
}

Output curve(const std::string& name, Text doc, Role role = Role::none) {
    return {name, OutputKind::tensor, std::move(doc), {"d_k", "scale"}, role};
}

}  // namespace

const Experiment& attention_scaling() {
    static const Experiment experiment{
        .id = "attention.scaling",
        .summary =
            {"随机的 q、k：每种头维度、每种缩放下，分数有多散，softmax 有多尖，梯度还剩多少",
             "Random q and k: how far scores spread, how sharp softmax gets and how much gradient is left, for every "
             "head width and scaling"},
        .parameters = {integer_parameter("d_k", {"头维度 d_k", "Head width d_k"},
                                         {"细看哪个宽度；曲线总是覆盖 4 到 1024",
                                          "Which width to look at closely; the curves always cover 4 to 1024"},
                                         1024, 4, 1024, Spacing::power_of_two),
                       enum_parameter("scale", {"缩放", "Scaling"},
                                      {"细看哪种缩放；曲线总是四种都算",
                                       "Which scaling to look at closely; the curves always show all four"},
                                      "sqrt",
                                      {{"none", {"不缩放", "none"}},
                                       {"sqrt", {"÷ √d_k", "÷ √d_k"}},
                                       {"linear", {"÷ d_k", "÷ d_k"}},
                                       {"cosine", {"余弦 × 温度", "cosine × temperature"}}}),
                       integer_parameter("n", {"key 的个数 n", "Number of keys n"},
                                         {"一行里有多少个分数", "How many scores a row has"}, 64, 4, 64),
                       work(integer_parameter("rows", {"query 的行数", "Query rows"},
                                              {"统计用多少行 query，共用同一组 key",
                                               "How many query rows the statistics use; all share the same keys"},
                                              256, 16, 256)),
                       enum_parameter("distribution", {"q、k 的分布", "Distribution of q, k"},
                                      {"各分量的均值都是 0，方差都是 1", "Every component has mean 0 and variance 1"},
                                      "normal",
                                      {{"normal", {"独立正态", "independent normal"}},
                                       {"uniform", {"独立均匀", "independent uniform"}},
                                       {"matched_key", {"与一个 key 相关", "correlated with one key"}},
                                       {"common_component", {"共有一个分量", "common component"}}}),
                       number_parameter("correlation", {"相关系数 ρ", "Correlation ρ"},
                                        {"只对后两种分布起作用", "Used by the last two distributions only"}, 0.5, 0.0,
                                        0.9)},
        .outputs =
            {curve("score_mean", {"缩放后分数的均值", "Mean of the scaled scores"}),
             curve("score_std", {"缩放后分数的标准差", "Standard deviation of the scaled scores"}),
             curve("within_row_std",
                   {"同一行内分数的标准差（均方根）", "Standard deviation within a row (root mean square)"}),
             curve("match_score", {"第 i 行与第 i mod n 个 key 的平均分数", "Mean score of row i with key i mod n"}),
             curve("entropy", {"注意力一行的平均熵（nat）", "Mean entropy of an attention row (nats)"}),
             curve("max_prob", {"一行里最大权重的平均", "Mean of the largest weight in a row"}, Role::probability),
             curve("jacobian_norm", {"softmax 雅可比的 Frobenius 范数，各行平均",
                                     "Frobenius norm of softmax's Jacobian, mean over rows"}),
             curve("dead_rows",
                   {"雅可比范数小于 0.01 的行所占比例", "Share of rows whose Jacobian norm is below 0.01"}),
             curve("top10_share", {"雅可比范数最大的 10% 行占总和的比例",
                                   "Share of the summed Jacobian norms held by the top 10 % of rows"}),
             {"selected",
              OutputKind::tensor,
              {"所选 d_k 与缩放下的各项数值", "All measures at the chosen d_k and scaling"},
              {"measure"}},
             {"uniform_entropy", OutputKind::scalar, {"均匀注意力的熵 ln n", "Entropy of uniform attention, ln n"}},
             {"logits",
              OutputKind::tensor,
              {"所选设置下全部缩放后的分数", "All scaled scores at the chosen setting"},
              {"row", "key"},
              Role::score},
             {"jacobian_norms",
              OutputKind::tensor,
              {"每一行的雅可比范数", "Jacobian norm of each row"},
              {"row"},
              Role::gradient},
             {"query", OutputKind::tensor, {"第 0 行的 q", "q of row 0"}, {"d_k"}, Role::query},
             {"keys", OutputKind::tensor, {"全部 key", "All keys"}, {"key", "d_k"}, Role::key},
             {"row_scores", OutputKind::tensor, {"第 0 行的 q·k", "q·k of row 0"}, {"key"}, Role::score},
             {"row_logits",
              OutputKind::tensor,
              {"第 0 行缩放后的分数", "Scaled scores of row 0"},
              {"key"},
              Role::score},
             {"row_attention",
              OutputKind::tensor,
              {"第 0 行的注意力", "Attention of row 0"},
              {"key"},
              Role::probability}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
