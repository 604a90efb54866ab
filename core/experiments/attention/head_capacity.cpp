// Why several heads?  (Vaswani et al. 2017, section 3.2.2; Cordonnier et al. 2020 on what heads share)
//
// Token i must collect the contents of its k next neighbours (cyclic) into k slots of its output: k relations at once.
// Attention with h heads is trained to do it. Given its weights a head is one map of where to look, A_r [n, n], and one
// of what to copy, M_r = W_V^r W_O^r: its contribution to the output is A_r X M_r, as an operator on X the Kronecker
// product A_r (x) M_r. The target is a sum of k such products with equal singular values, so by Eckart and Young (1936)
// no sum of h < k of them comes closer than the share 1 - h/k of its squared size.
//
// The error reported is exact: the expectation over all white contents X, from the matrices, without sampling.

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "experiments/registry.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace glassformer {
namespace {

constexpr std::int64_t d_model = 32;
constexpr std::int64_t content = 8;  // white numbers each token holds; 4 slots of 8 fill d_model
constexpr std::int64_t batch = 8;
const std::vector<std::string> head_counts = {"1", "2", "4", "8", "16", "32"};

/// relation m (0 ... k-1): from token i to token i + m + 1. [k, n, n], 1 where query i should look for slot m.
Tensor neighbours(std::int64_t relations, std::int64_t n) {
    Tensor shift({relations, n, n});
    for (std::int64_t m = 0; m < relations; ++m) {
        for (std::int64_t i = 0; i < n; ++i) shift[(m * n + i) * n + (i + m + 1) % n] = 1.0F;
    }
    return shift;
}

/// Multi-head attention whose scores come from learned positions and whose values come from the contents.
struct Heads {
    std::int64_t h, n, width;  // width = d_k = d_v of one head
    Variable positions;        // [n, d_model]
    Variable W_Q, W_K;         // [d_model, h width]
    Variable W_V;              // [content, h width]
    Variable W_O;              // [h width, k content]

    Heads(std::int64_t heads, std::int64_t tokens, std::int64_t head_width, std::int64_t outputs, const Rng& rng)
        : h(heads), n(tokens), width(head_width) {
        const std::int64_t inner = h * width;
        const auto normal = [&](const char* name, std::int64_t rows, std::int64_t columns, bool unit = false) {
            Rng own = rng.split(name);
            const float spread = unit ? 1.0F : 1.0F / std::sqrt(static_cast<float>(rows));
            return Variable(random_normal({rows, columns}, own, 0.0F, spread), true);
        };
        positions = normal("positions", n, d_model, true);
        W_Q = normal("W_Q", d_model, inner);
        W_K = normal("W_K", d_model, inner);
        W_V = normal("W_V", content, inner);
        W_O = normal("W_O", inner, outputs);
    }

    NamedParameters parameters() const {
        return {{"positions", positions}, {"W_Q", W_Q}, {"W_K", W_K}, {"W_V", W_V}, {"W_O", W_O}};
    }

    /// [n, h width] -> [h, n, width]
    Variable split(const Variable& x) const { return permute(reshape(x, {n, h, width}), {1, 0, 2}); }
    Variable queries() const { return split(matmul(positions, W_Q)); }
    Variable keys() const { return split(matmul(positions, W_K)); }
    /// A [h, n, n]: softmax(Q K^T / sqrt(d_k)), every head by itself.
    Variable scores() const {
        return scale(batched_matmul(queries(), keys(), Transpose::no, Transpose::yes),
                     1.0F / std::sqrt(static_cast<float>(width)));
    }
    Variable attention() const { return softmax(scores()); }

    /// X [batch n, content] -> [batch n, k content]: the heads' outputs side by side, mixed by W_O.
    Variable forward(const Variable& X) const {
        const Variable V = reshape(matmul(X, W_V), {batch, n, h, width});
        const Variable by_head = reshape(permute(V, {2, 1, 0, 3}), {h, n, batch * width});
        const Variable mixed = reshape(batched_matmul(attention(), by_head), {h, n, batch, width});
        return matmul(reshape(permute(mixed, {2, 1, 0, 3}), {batch * n, h * width}), W_O);
    }

    /// M_r = W_V^r W_O^r of every head, [h, content, k content].
    Tensor copies() const {
        const std::int64_t outputs = W_O.value().extent(1);
        Tensor result({h, content, outputs});
        for (std::int64_t r = 0; r < h; ++r) {
            for (std::int64_t a = 0; a < content; ++a) {
                for (std::int64_t b = 0; b < outputs; ++b) {
                    float sum = 0.0F;
                    for (std::int64_t c = r * width; c < (r + 1) * width; ++c) {
                        sum += W_V.value()(a, c) * W_O.value()(c, b);
                    }
                    result[(r * content + a) * outputs + b] = sum;
                }
            }
        }
        return result;
    }
};

double inner_product(const float* a, const float* b, std::int64_t count) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

/// E |Y - T|^2 / E |T|^2 over white X: the squared size of sum_r A_r (x) M_r - sum_m S_m (x) E_m over that of the
/// target. Sizes of Kronecker products multiply: <A (x) M, B (x) N> = <A, B> <M, N>. E_m puts the content into slot m.
double relative_error(const Tensor& A, const Tensor& M, const Tensor& S) {
    const std::int64_t h = A.extent(0);
    const std::int64_t k = S.extent(0);
    const std::int64_t n = A.extent(1);
    const std::int64_t nn = n * n;
    const std::int64_t size = content * k * content;  // of one M_r
    double error = 0.0;
    for (std::int64_t r = 0; r < h; ++r) {
        for (std::int64_t s = 0; s < h; ++s) {
            error += inner_product(A.data() + r * nn, A.data() + s * nn, nn) *
                     inner_product(M.data() + r * size, M.data() + s * size, size);
        }
        for (std::int64_t m = 0; m < k; ++m) {
            double copied = 0.0;  // <M_r, E_m>: the diagonal of the block that leads to slot m
            for (std::int64_t a = 0; a < content; ++a) {
                copied += static_cast<double>(M[r * size + a * k * content + m * content + a]);
            }
            error -= 2.0 * copied * inner_product(A.data() + r * nn, S.data() + m * nn, nn);
        }
    }
    const auto target = static_cast<double>(k * n * content);
    return (error + target) / target;
}

/// T [batch n, k content]: slot m of token i holds the content of token i + m + 1.
Tensor target_of(const Tensor& X, std::int64_t n, std::int64_t relations) {
    Tensor target({batch * n, relations * content});
    for (std::int64_t row = 0; row < batch * n; ++row) {
        const std::int64_t first = row / n * n;
        for (std::int64_t m = 0; m < relations; ++m) {
            const std::int64_t source = first + (row - first + m + 1) % n;
            std::copy_n(X.row(source).data(), content, target.row(row).data() + m * content);
        }
    }
    return target;
}

/// One number of heads in training.
struct Contestant {
    std::string name;  // "4"
    Heads heads;
    Adam optimizer;
    Series curve{"update", {}};
    double error = 1.0;

    Contestant(const std::string& count, Heads model)
        : name(count), heads(std::move(model)), optimizer(heads.parameters(), {.beta2 = 0.98F}) {}
};

Run run(Arguments arguments, Context context) {
    const std::int64_t relations = arguments.integer("relations");
    const std::int64_t n = arguments.integer("n");
    const std::int64_t updates = arguments.integer("updates");
    const bool full_dim = arguments.boolean("full_dim");
    const auto peak = static_cast<float>(arguments.number("learning_rate"));
    const Tensor S = neighbours(relations, n);

    std::vector<Contestant> contestants;
    for (const std::string& name : head_counts) {  // in order, whatever order they were given in
        if (!arguments.contains("heads", name) && arguments.text("shown") != name) continue;
        const std::int64_t h = std::stoll(name);
        const std::int64_t width = full_dim ? d_model : d_model / h;
        contestants.emplace_back(name, Heads(h, n, width, relations * content, context.rng("weights").split(name)));
    }
    const Contestant& shown = *std::find_if(contestants.begin(), contestants.end(), [&](const Contestant& contestant) {
        return contestant.name == arguments.text("shown");
    });
    const Schedule schedule{Schedule::Kind::cosine, std::min<std::int64_t>(50, updates / 4), updates + 1};
    const Rng data = context.rng("contents");

    for (std::int64_t update = 0; update <= updates; ++update) {
        for (Contestant& contestant : contestants) {
            const Heads& heads = contestant.heads;
            contestant.error = relative_error(heads.attention().value(), heads.copies(), S);
            if (update % 5 == 0 || update == updates) {
                contestant.curve.points.push_back({static_cast<double>(update), contestant.error});
            }
        }
        Frame frame(update, updates, [&](Values& values) {
            std::vector<std::string> ticks;
            DoubleTensor errors({static_cast<std::int64_t>(contestants.size())});
            DoubleTensor bounds(errors.shape());
            DoubleTensor counts(errors.shape());
            for (std::size_t c = 0; c < contestants.size(); ++c) {
                const auto at = static_cast<std::int64_t>(c);
                ticks.push_back(contestants[c].name);
                errors[at] = contestants[c].error;
                bounds[at] =
                    std::max(0.0, 1.0 - static_cast<double>(contestants[c].heads.h) / static_cast<double>(relations));
                for (const auto& [name, parameter] : contestants[c].heads.parameters()) {
                    counts[at] += static_cast<double>(parameter.value().size());
                }
            }
            for (const std::string& name : head_counts) {
                const auto found = std::find_if(contestants.begin(), contestants.end(),
                                                [&](const Contestant& contestant) { return contestant.name == name; });
                values.set("curve_" + name, found == contestants.end() ? Series{"update", {}} : found->curve);
            }
            values.set("rel_mse", TensorValue{errors, {{"heads", ticks}}, Role::loss});
            values.set("bound", TensorValue{bounds, {{"heads", ticks}}});
            values.set("parameter_count", TensorValue{counts, {{"heads", ticks}}, Role::count});

            const Heads& heads = shown.heads;
            const Axis head{"head", {}}, query{"query", {}}, key{"key", {}}, width{"d_k", {}};
            std::vector<std::string> offsets;
            for (std::int64_t m = 1; m <= relations; ++m) offsets.push_back("+" + std::to_string(m));
            values.set("query", tensor_value(heads.queries().value(), {head, query, width}, Role::query));
            values.set("key", tensor_value(heads.keys().value(), {head, key, width}, Role::key));
            values.set("scores",
                       tensor_value(heads.scores().value(), {head, query, key}, Role::score,
                                    Derivation{Operation::matmul,
                                               {{"query", {"head", "query", "d_k"}}, {"key", {"head", "key", "d_k"}}},
                                               {{"factor", 1.0 / std::sqrt(static_cast<double>(heads.width))}}}));
            const Tensor attention = heads.attention().value();
            values.set("attention", tensor_value(attention, {head, query, key}, Role::probability,
                                                 Derivation{Operation::softmax,
                                                            {{"scores", {"head", "query", "key"}}},
                                                            {{"axis", std::string("key")}}}));
            values.set("target", tensor_value(S, {{"neighbour", offsets}, query, key}, Role::mask));
            // Mean attention of each head on each neighbour: who does what.
            const Tensor looks = scale(matmul(attention.reshaped({heads.h, n * n}), S.reshaped({relations, n * n}),
                                              Transpose::no, Transpose::yes),
                                       1.0F / static_cast<float>(n));
            values.set("head_looks", tensor_value(looks, {head, {"neighbour", offsets}}, Role::probability,
                                                  Derivation{Operation::matmul,
                                                             {{"attention", {"head", "query", "key"}},
                                                              {"target", {"neighbour", "query", "key"}}},
                                                             {{"factor", 1.0 / static_cast<double>(n)}}}));
            values.set("copies", tensor_value(heads.copies(), {head, {"content", {}}, {"output", {}}}, Role::weight));
        });
        co_yield std::move(frame);

        if (update == updates) break;
        Rng rng = data.split(static_cast<std::uint64_t>(update));
        const Variable X(random_normal({batch * n, content}, rng));  // the same contents for every contestant
        const Variable T(target_of(X.value(), n, relations));
        for (Contestant& contestant : contestants) {
            const Variable difference = subtract(contestant.heads.forward(X), T);
            mean(multiply(difference, difference)).backward();
            contestant.optimizer.update(peak * schedule.factor(update + 1));
        }
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    double update = 0.0;
    double widest = 0.0;
    for (const std::string& name : head_counts) {
        if (!arguments.contains("heads", name) && arguments.text("shown") != name) continue;
        const auto h = static_cast<double>(std::stoll(name));
        const double inner = arguments.boolean("full_dim") ? h * d_model : d_model;
        widest = std::max(widest, inner);
        update += 3.0 * inner * (4.0 * n * d_model + 2.0 * n * n * (1.0 + batch) + batch * n * (2.0 * content + 64.0));
        update += h * (60.0 * n * n + 2.0 * h * (n * n + 256.0)) + 40.0 * inner * 140.0 + 4e5;
    }
    return {static_cast<double>(arguments.integer("updates")) * update, 40.0 * batch * n * widest * 4.0 + 4e6};
}

Output curve(const std::string& heads) {
    return {
        "curve_" + heads, OutputKind::series, {heads + " 个头的误差", "Error of " + heads + " heads"}, {}, Role::loss};
}

}  // namespace

const Experiment& attention_head_capacity() {
    std::vector<Option> options;
    for (const std::string& count : head_counts) options.push_back({count, {count, count}});
    static const Experiment experiment{
        .id = "attention.head_capacity",
        .summary =
            {"每个词元要同时看 k 个邻居：h 个头能做到什么程度，训练撞上 1 − h/k",
             "Each token must look at k neighbours at once: how well can h heads do it? Training against 1 − h/k"},
        .parameters = {set_parameter("heads", {"头数", "Numbers of heads"},
                                     {"哪几种头数一起训练", "Which numbers of heads are trained side by side"},
                                     {"1", "2", "4", "8"}, options),
                       enum_parameter("shown", {"细看几个头的", "Look at"},
                                      {"画哪一种头数的注意力；它总会一起训练",
                                       "Whose attention is drawn; it is trained in any case"},
                                      "4", options),
                       integer_parameter(
                           "relations", {"关系数 k", "Relations k"},
                           {"每个词元要收集几个邻居的内容", "How many neighbours each token must collect"}, 4, 1, 4),
                       bool_parameter("full_dim", {"每个头都用全宽", "Full width per head"},
                                      {"d_k = d_model，而不是 d_model / h", "d_k = d_model instead of d_model / h"},
                                      false),
                       integer_parameter("n", {"词元数 n", "Tokens n"},
                                         {"循环里有几个词元", "How many stand in the cycle"}, 16, 8, 32),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 800, 10, 3000)),
                       number_parameter(
                           "learning_rate", {"学习率", "Learning rate"},
                           {"预热后的峰值，余弦下降到 0", "Peak after the warmup; falls to 0 along a cosine"}, 0.03,
                           0.001, 0.1, Spacing::logarithmic)},
        .outputs =
            {curve("1"),
             curve("2"),
             curve("4"),
             curve("8"),
             curve("16"),
             curve("32"),
             {"rel_mse",
              OutputKind::tensor,
              {"相对均方误差，对白噪声内容的精确期望",
               "Relative mean squared error, the exact expectation over white contents"},
              {"heads"},
              Role::loss},
             {"bound",
              OutputKind::tensor,
              {"任何权重都过不去的下界 1 − h/k", "1 − h/k, which no weights get past"},
              {"heads"}},
             {"parameter_count", OutputKind::tensor, {"参数个数", "Number of parameters"}, {"heads"}, Role::count},
             {"query", OutputKind::tensor, {"各头的 Q", "Q of each head"}, {"head", "query", "d_k"}, Role::query},
             {"key", OutputKind::tensor, {"各头的 K", "K of each head"}, {"head", "key", "d_k"}, Role::key},
             {"scores",
              OutputKind::tensor,
              {"各头的分数", "Scores of each head"},
              {"head", "query", "key"},
              Role::score},
             {"attention",
              OutputKind::tensor,
              {"各头的注意力 A_r", "Attention A_r of each head"},
              {"head", "query", "key"},
              Role::probability},
             {"target",
              OutputKind::tensor,
              {"该看谁：每个关系一张", "Whom to look at, for each relation"},
              {"neighbour", "query", "key"},
              Role::mask},
             {"head_looks",
              OutputKind::tensor,
              {"每个头平均有多少注意力落在每个邻居上", "Mean attention of each head on each neighbour"},
              {"head", "neighbour"},
              Role::probability},
             {"copies",
              OutputKind::tensor,
              {"每个头抄什么：M_r = W_V W_O", "What each head copies: M_r = W_V W_O"},
              {"head", "content", "output"},
              Role::weight}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
