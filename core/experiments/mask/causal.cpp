// Who may look at whom: the one difference between an encoder's and a decoder's self-attention
//
// The same layers with the same weights, once with each mask. We replace one input token after another and watch which
// outputs move: influence[i, j] > 0 means that output i depends on input j. Behind a causal mask that is 0, exactly,
// for every j > i, however many layers there are.

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "experiments/registry.h"
#include "nn/transformer_stack.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t d_model = 32, n_heads = 2;

BoolTensor mask_of(const std::string& kind, std::int64_t n, std::int64_t prefix) {
    BoolTensor keep({n, n});
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            bool may_look = true;                                   // none: an encoder
            if (kind == "causal") may_look = j <= i;                // a decoder
            if (kind == "prefix") may_look = j <= i || j < prefix;  // all see the prefix, the rest is causal
            if (kind == "shifted_ahead") may_look = j <= i + 1;     // a bug: one token too many, the label
            if (kind == "shifted_back") may_look = j < i || (i == 0 && j == 0);  // a bug: one too few, itself
            keep(i, j) = may_look ? 1 : 0;
        }
    }
    return keep;
}

/// X [n, d] and n copies, in each of which one token is another -> [n + 1, n, d].
Tensor with_replacements(const Tensor& X, Rng rng) {
    const std::int64_t n = X.extent(0);
    Tensor batch({n + 1, n, d_model});
    for (std::int64_t b = 0; b <= n; ++b) std::copy_n(X.data(), X.size(), batch.data() + b * X.size());
    for (std::int64_t j = 0; j < n; ++j)
        rng.fill_normal({batch.data() + ((j + 1) * n + j) * d_model, static_cast<std::size_t>(d_model)});
    return batch;
}

/// influence[i, j] = ||output i changed by replacing j|| / ||output i||
Tensor influence_of(const Tensor& outputs, std::int64_t n) {
    Tensor influence({n, n});
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            double change = 0.0, size = 0.0;
            for (std::int64_t c = 0; c < d_model; ++c) {
                const auto before = static_cast<double>(outputs[i * d_model + c]);
                const auto after = static_cast<double>(outputs[((j + 1) * n + i) * d_model + c]);
                change += (after - before) * (after - before);
                size += before * before;
            }
            influence(i, j) = static_cast<float>(std::sqrt(change / size));
        }
    }
    return influence;
}

/// Token by token with a KV cache, as in generation: every token is computed when only the past is there.
double cache_gap(const TransformerStack& stack, const Tensor& X, const Tensor& outputs) {
    StackCache cache;
    double gap = 0.0;
    for (std::int64_t i = 0; i < X.extent(0); ++i) {
        const Tensor token({1, d_model}, {X.row(i).begin(), X.row(i).end()});
        const Tensor step = stack.forward(Variable(token), {}, {}, &cache).value();
        for (std::int64_t c = 0; c < d_model; ++c)
            gap = std::max(gap, std::abs(static_cast<double>(step[c]) - static_cast<double>(outputs[i * d_model + c])));
    }
    return gap;
}

/// One layer's [batch, heads, n, n] of the untouched sequence, into place in [layers, heads, n, n].
void store(Tensor& all, std::int64_t layer, const Tensor& batch) {
    const std::int64_t size = batch.size() / batch.extent(0);
    std::copy_n(batch.data(), size, all.data() + layer * size);
}

Run run(Arguments arguments, Context context) {
    const std::string& kind = arguments.text("kind");
    const std::int64_t n = arguments.integer("n"), layers = arguments.integer("layers");
    const std::int64_t perturbed = arguments.integer("perturb");
    const BoolTensor keep = mask_of(kind, n, arguments.integer("prefix_length"));

    TransformerStackConfig config;
    config.n_layers = layers;
    config.layer.attention = {.d_model = d_model, .n_heads = n_heads};
    config.layer.placement = NormPlacement::pre;
    const TransformerStack stack(config, context.rng("weights"));
    Rng rng = context.rng("tokens");
    const Tensor X = random_normal({n, d_model}, rng);

    LayerInput input;
    input.mask = Mask(keep);
    Trace trace;
    const Tensor outputs =
        stack.forward(Variable(with_replacements(X, context.rng("other tokens"))), input, Pass::inference(&trace))
            .value();
    const Tensor influence = influence_of(outputs, n);

    Tensor scores({layers, n_heads, n, n}), attention(scores.shape()), visible(scores.shape());
    for (std::int64_t l = 0; l < layers; ++l) {
        const std::string name = "layers." + std::to_string(l) + ".self_attention.";
        store(scores, l, trace.at(name + "scores").value());
        store(attention, l, trace.at(name + "attention").value());
    }
    // -sum p ln p of every row, and by how much the fullest exceeds ln(i + 1), all that row i of a causal mask can
    // have.
    Tensor entropy({layers, n_heads, n});
    double excess = -1.0;
    for (std::int64_t r = 0; r < entropy.size(); ++r) {
        double total = 0.0;
        for (std::int64_t j = 0; j < n; ++j) {
            const auto p = static_cast<double>(attention[r * n + j]);
            if (p > 0.0) total -= p * glassformer::log(p);
            visible[r * n + j] = keep(r % n, j) != 0 ? scores[r * n + j] : -std::numeric_limits<float>::infinity();
        }
        entropy[r] = static_cast<float>(total);
        excess = std::max(excess, total - glassformer::log(static_cast<double>(r % n + 1)));
    }
    double future = 0.0, least = std::numeric_limits<double>::infinity();
    std::int64_t moved = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        moved += influence(i, perturbed) > 0.0F ? 1 : 0;
        for (std::int64_t j = 0; j < n; ++j) {
            if (j > i) future = std::max(future, static_cast<double>(influence(i, j)));
            if (j != i) least = std::min(least, static_cast<double>(influence(i, j)));
        }
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis layer{"layer", {}}, head{"head", {}}, query{"query", {}}, key{"key", {}};
        values.set("mask", TensorValue{keep, {query, key}, Role::mask});
        values.set("scores", tensor_value(scores, {layer, head, query, key}, Role::score));
        values.set("visible_scores",
                   tensor_value(visible, {layer, head, query, key}, Role::score,
                                Derivation{Operation::mask,
                                           {{"scores", {"layer", "head", "query", "key"}}, {"mask", {"query", "key"}}},
                                           {{"fill", -std::numeric_limits<double>::infinity()}}}));
        values.set("attention", tensor_value(attention, {layer, head, query, key}, Role::probability,
                                             Derivation{Operation::softmax,
                                                        {{"visible_scores", {"layer", "head", "query", "key"}}},
                                                        {{"axis", "key"}}}));
        values.set("influence", tensor_value(influence, {{"output", {}}, {"input", {}}}));
        Tensor column({n});
        for (std::int64_t i = 0; i < n; ++i) column[i] = influence(i, perturbed);
        values.set("perturbed_influence", tensor_value(column, {{"output", {}}}));
        values.set("moved_outputs", static_cast<double>(moved));
        values.set("row_entropy", tensor_value(entropy, {layer, head, query}));
        values.set("entropy_excess", excess);
        values.set("first_weight", static_cast<double>(attention[0]));
        values.set("future_influence", future);
        values.set("least_influence", least);
        values.set("cache_gap", cache_gap(stack, X, outputs));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    return {static_cast<double>(arguments.integer("layers")) * n * n * 26.0 * d_model * d_model, 2e7};
}

}  // namespace

const Experiment& mask_causal() {
    static const Experiment experiment{
        .id = "mask.causal",
        .summary =
            {"同样的层、同样的权重，只换掩码：改一个词元，哪些输出会动",
             "The same layers and weights, only the mask is exchanged: replace one token, and which outputs move?"},
        .parameters = {enum_parameter("kind", {"掩码", "Mask"}, {"谁能看谁", "Who may look at whom"}, "causal",
                                      {{"causal", {"因果（解码器）", "causal (decoder)"}},
                                       {"none", {"没有（编码器）", "none (encoder)"}},
                                       {"prefix", {"前缀", "prefix"}},
                                       {"shifted_ahead", {"错一位：多看一个", "off by one: sees one ahead"}},
                                       {"shifted_back", {"错一位：看不到自己", "off by one: not itself"}}}),
                       integer_parameter("layers", {"层数", "Layers"}, {"叠几层", "Depth"}, 2, 1, 4),
                       integer_parameter("n", {"词元数 n", "Tokens n"}, {"序列长度", "Length of the sequence"}, 10, 2,
                                         24),
                       integer_parameter("perturb", {"替换第几个词元", "Replace token"},
                                         {"从 0 数起", "Counted from 0"}, 7, 0, 23),
                       integer_parameter("prefix_length", {"前缀长度", "Prefix length"},
                                         {"只有前缀掩码用到", "Used by the prefix mask only"}, 4, 1, 24)},
        .constraints = {{{"perturb", "n"},
                         {"要替换的词元必须在序列里：小于 n。",
                          "The token to replace must be in the sequence: less than n."},
                         [](const Arguments& a) { return a.integer("perturb") < a.integer("n"); }},
                        {{"prefix_length", "n"},
                         {"前缀不能比序列长。", "The prefix cannot be longer than the sequence."},
                         [](const Arguments& a) {
                             return a.text("kind") != "prefix" || a.integer("prefix_length") <= a.integer("n");
                         }}},
        .outputs = {{"mask", OutputKind::tensor, {"1 = 可以看", "1 = may look"}, {"query", "key"}, Role::mask},
                    {"scores",
                     OutputKind::tensor,
                     {"遮住之前的分数", "Scores before the mask"},
                     {"layer", "head", "query", "key"},
                     Role::score},
                    {"visible_scores",
                     OutputKind::tensor,
                     {"遮住之后的分数", "Scores after the mask"},
                     {"layer", "head", "query", "key"},
                     Role::score,
                     false,
                     true},
                    {"attention",
                     OutputKind::tensor,
                     {"注意力", "Attention"},
                     {"layer", "head", "query", "key"},
                     Role::probability},
                    {"influence",
                     OutputKind::tensor,
                     {"替换输入 j，输出 i 变多少（相对）",
                      "How much output i changes when input j is replaced (relative)"},
                     {"output", "input"}},
                    {"perturbed_influence",
                     OutputKind::tensor,
                     {"替换所选词元，每个输出变多少", "How much each output changes when the chosen token is replaced"},
                     {"output"}},
                    {"moved_outputs", OutputKind::scalar, {"动了几个输出", "How many outputs moved"}},
                    {"row_entropy",
                     OutputKind::tensor,
                     {"注意力每行的熵（nat）", "Entropy of each attention row (nats)"},
                     {"layer", "head", "query"}},
                    {"entropy_excess", OutputKind::scalar, {"熵减 ln(i+1) 的最大值", "Largest entropy minus ln(i+1)"}},
                    {"first_weight", OutputKind::scalar, {"第 0 行给自己的权重", "Weight of row 0 on itself"}},
                    {"future_influence",
                     OutputKind::scalar,
                     {"未来对过去的最大影响", "Largest influence of the future on the past"}},
                    {"least_influence",
                     OutputKind::scalar,
                     {"两个不同位置之间的最小影响", "Least influence between two different places"}},
                    {"cache_gap",
                     OutputKind::scalar,
                     {"逐个生成（KV 缓存）与一次算完最多差多少",
                      "Largest difference of one-by-one (KV cache) and all at once"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
