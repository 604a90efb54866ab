// How is padding masked in the attention scores?  (Vaswani et al. 2017, section 3.2.3, masks in the same way)
//
// A sentence is padded to a common length. No real token's output may depend on the padding: neither on how much of it
// there is nor on what it holds. The same sentence therefore runs twice, padded and alone, under five ways to mask, and
// the outputs of its real tokens are compared.

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/math.h"
#include "experiments/registry.h"
#include "io/half.h"
#include "tensor/kernels.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

constexpr std::int64_t d = 16;  // d_model and d_k: one head
constexpr std::int64_t most_words = 12;
constexpr float infinity = std::numeric_limits<float>::infinity();

/// How the experiment was set, beside the sentence.
struct Masking {
    std::string method;
    bool half = false;    // scores, mask, attention and outputs are rounded to fp16
    bool causal = false;  // a second mask: no token looks ahead
    bool hide_row_0 = false;
};

/// To the precision of the run. Kernels add up in fp32 either way, as those of a GPU do.
Tensor rounded(Tensor x, bool half) {
    if (half) {
        for (float& value : x.elements()) value = round_to_half(value);
    }
    return x;
}

/// 1 where query i may look at key j. Pads are hidden as *keys* (a whole column): keep[j], the same for every query.
struct Keep {
    BoolTensor padding;  // [n, n]
    BoolTensor order;    // [n, n]: causal mask, all 1 without it
    BoolTensor both;     // [n, n]: logical and
};

Keep keep_of(const std::vector<bool>& is_pad, const Masking& masking) {
    const auto n = static_cast<std::int64_t>(is_pad.size());
    Keep keep{BoolTensor({n, n}, 1), BoolTensor({n, n}, 1), BoolTensor({n, n}, 1)};
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            if (is_pad[static_cast<std::size_t>(j)] || (masking.hide_row_0 && i == 0)) keep.padding(i, j) = 0;
            if (masking.causal && j > i) keep.order(i, j) = 0;
            keep.both(i, j) = keep.padding(i, j) != 0 && keep.order(i, j) != 0 ? 1 : 0;
        }
    }
    return keep;
}

/// What an additive mask adds where a key is hidden; 0 for methods that do not add.
float hidden_value(const Masking& masking) {
    const float value = masking.method == "minus_infinity"   ? -infinity
                        : masking.method == "large_negative" ? -1e9F
                        : masking.method == "dtype_minimum"
                            ? (masking.half ? -largest_half : -std::numeric_limits<float>::max())
                            : 0.0F;
    return masking.half ? round_to_half(value) : value;  // -1e9 is beyond fp16: it becomes -inf
}

/// One attention over X [n, d], with everything on the way.
struct Attention {
    Tensor Q, K, V;  // [n, d]
    Tensor scores;   // [n, n] = Q K^T / sqrt(d)
    Tensor added;    // [n, n]: the masks, summed
    Tensor masked;   // [n, n]: what softmax gets
    Tensor softmaxed;
    Tensor attention;
    Tensor output;  // [n, d]
};

Attention attend(const Tensor& X, const Tensor& W_Q, const Tensor& W_K, const Tensor& W_V, const Keep& keep,
                 const Masking& masking) {
    const bool half = masking.half;
    Attention a;
    a.Q = rounded(matmul(X, W_Q), half);
    a.K = rounded(matmul(X, W_K), half);
    a.V = rounded(matmul(X, W_V), half);
    a.scores =
        rounded(scale(matmul(a.Q, a.K, Transpose::no, Transpose::yes), 1.0F / std::sqrt(static_cast<float>(d))), half);
    const std::int64_t cells = a.scores.size();

    // Two masks are two additions. (0 * -inf would be NaN: choose, do not multiply.)
    a.added = Tensor(a.scores.shape());
    const float hidden = hidden_value(masking);
    for (std::int64_t c = 0; c < cells; ++c) {
        a.added[c] = (keep.padding[c] != 0 ? 0.0F : hidden) + (keep.order[c] != 0 ? 0.0F : hidden);
    }
    a.added = rounded(std::move(a.added), half);
    a.masked = a.scores;
    if (masking.method == "multiply_scores") {
        for (std::int64_t c = 0; c < cells; ++c) a.masked[c] *= static_cast<float>(keep.both[c]);  // wrong: e^0 = 1
    } else {
        a.masked = rounded(add(a.scores, a.added), half);
    }
    a.softmaxed = rounded(softmax(a.masked), half);
    a.attention = a.softmaxed;
    if (masking.method == "zero_after") {
        for (std::int64_t c = 0; c < cells; ++c) a.attention[c] *= static_cast<float>(keep.both[c]);  // sums below 1
    }
    a.output = rounded(matmul(a.attention, a.V), half);
    return a;
}

/// Layers of attention with a residual connection: X <- X + attention(X).
struct Stack {
    std::vector<Tensor> W_Q, W_K, W_V;  // per layer [d, d]

    Stack(std::int64_t layers, const Rng& rng) {
        for (std::int64_t l = 0; l < layers; ++l) {
            Rng own = rng.split(static_cast<std::uint64_t>(l));
            const float spread = 1.0F / std::sqrt(static_cast<float>(d));
            W_Q.push_back(random_normal({d, d}, own, 0.0F, spread));
            W_K.push_back(random_normal({d, d}, own, 0.0F, spread));
            W_V.push_back(random_normal({d, d}, own, 0.0F, spread));
        }
    }

    /// X becomes the last layer's output; returned is the last layer's attention.
    Attention forward(Tensor& X, const Keep& keep, const Masking& masking) const {
        Attention last;
        for (std::size_t l = 0; l < W_Q.size(); ++l) {
            last = attend(X, W_Q[l], W_K[l], W_V[l], keep, masking);
            X = rounded(add(X, last.output), masking.half);
        }
        return last;
    }
};

std::vector<std::string> words_of(const std::string& text) {
    const TextIndex source(text);
    std::vector<std::string> words;
    for (const WordSpan& span : pre_tokenize(PreTokenizer::bert, source.points())) {
        words.push_back(source.slice(span.begin, span.end));
    }
    const auto count = static_cast<std::int64_t>(words.size());
    if (count < 1 || count > most_words) {
        throw Error(ErrorKind::out_of_range,
                    {"文本要有 1 到 12 个词（汉字、标点各算一个），现在是 " + std::to_string(count) + " 个。",
                     "The text must have 1 to 12 words (a Chinese character or a punctuation mark is one); it has " +
                         std::to_string(count) + "."},
                    "text");
    }
    return words;
}

bool has_nan(std::span<const float> row) {
    return std::any_of(row.begin(), row.end(), [](float x) { return std::isnan(x); });
}

Run run(Arguments arguments, Context context) {
    const std::vector<std::string> words = words_of(arguments.text("text"));
    const std::int64_t pads = arguments.integer("pads");
    const bool left = arguments.text("side") == "left";
    const std::int64_t layers = arguments.integer("layers");
    const Masking masking{arguments.text("method"), arguments.text("dtype") == "fp16", arguments.boolean("causal"),
                          arguments.boolean("fully_masked_row")};
    const auto n_real = static_cast<std::int64_t>(words.size());
    const std::int64_t n = n_real + pads;
    const std::int64_t first_real = left ? pads : 0;
    const auto is_real = [&](std::int64_t i) { return i >= first_real && i < first_real + n_real; };

    // X [n, d]: a word has its vector wherever it stands; a pad holds zeros or noise, as the reader likes.
    Tensor X({n, d});
    Tensor X_alone({n_real, d});
    std::vector<std::string> ticks;
    std::vector<bool> is_pad;
    Rng noise = context.rng("pads");
    for (std::int64_t i = 0; i < n; ++i) {
        is_pad.push_back(!is_real(i));
        ticks.push_back(is_real(i) ? words[static_cast<std::size_t>(i - first_real)] : "[PAD]");
        if (is_real(i)) {
            Rng own = context.rng("words").split(ticks.back());
            own.fill_normal(X.row(i));
            std::copy_n(X.row(i).data(), d, X_alone.row(i - first_real).data());
        } else if (arguments.text("pad_content") == "random") {
            noise.fill_normal(X.row(i));
        }
    }

    const Stack stack(layers, context.rng("weights"));
    const Keep keep = keep_of(is_pad, masking);
    Tensor output = X;
    const Attention a = stack.forward(output, keep, masking);
    // The same sentence alone. Row 0 of the padded run is a real token only when the pads are on the right.
    Masking alone = masking;
    alone.hide_row_0 = masking.hide_row_0 && is_real(0);
    Tensor expected = X_alone;
    stack.forward(expected, keep_of(std::vector<bool>(words.size(), false), alone), alone);

    Tensor row_sums({n}), pad_mass({n}), predicted({n});
    double real_difference = 0.0;
    double mean_mass = 0.0;
    std::int64_t nan_weights = 0;
    std::int64_t nan_real_rows = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        double of_real = 0.0;  // sum of e^s over the real keys: what 0 instead of a score competes with
        for (std::int64_t j = 0; j < n; ++j) {
            row_sums[i] += a.attention(i, j);
            if (std::isnan(a.attention(i, j))) ++nan_weights;
            if (is_real(j))
                of_real += glassformer::exp(static_cast<double>(a.scores(i, j)));
            else
                pad_mass[i] += a.attention(i, j);
        }
        predicted[i] = static_cast<float>(static_cast<double>(pads) / (static_cast<double>(pads) + of_real));
        if (!is_real(i)) continue;
        mean_mass += static_cast<double>(pad_mass[i]) / static_cast<double>(n_real);
        if (has_nan(output.row(i))) ++nan_real_rows;
        for (std::int64_t c = 0; c < d; ++c) {
            const double difference = static_cast<double>(std::abs(output(i, c) - expected(i - first_real, c)));
            // A NaN on both sides is no difference between them; a NaN on one side is.
            if (std::isnan(output(i, c)) && std::isnan(expected(i - first_real, c))) continue;
            if (!(difference <= real_difference)) real_difference = difference;
        }
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis query{"query", ticks}, key{"key", ticks}, component{"component", {}};
        const std::vector<Axis> grid{query, key};
        const auto with = [&](Derivation derivation) {  // rounding to fp16 is no step that a cell could explain
            return masking.half ? std::optional<Derivation>{} : std::optional<Derivation>(std::move(derivation));
        };
        const std::vector<std::string> at{"query", "key"};
        values.set("query", tensor_value(a.Q, {query, component}, Role::query));
        values.set("key", tensor_value(a.K, {key, component}, Role::key));
        values.set("value", tensor_value(a.V, {key, component}, Role::value));
        values.set("scores", tensor_value(a.scores, grid, Role::score,
                                          with({Operation::matmul,
                                                {{"query", {"query", "component"}}, {"key", {"key", "component"}}},
                                                {{"factor", 1.0 / std::sqrt(static_cast<double>(d))}}})));
        values.set("keep", TensorValue{keep.both, grid, Role::mask});
        values.set("added", tensor_value(a.added, grid, Role::mask));
        values.set("masked_scores",
                   tensor_value(a.masked, grid, Role::score,
                                with(masking.method == "multiply_scores"
                                         ? Derivation{Operation::matmul, {{"scores", at}, {"keep", at}}}
                                         : Derivation{Operation::add, {{"scores", at}, {"added", at}}})));
        values.set("softmaxed",
                   tensor_value(a.softmaxed, grid, Role::probability,
                                with({Operation::softmax, {{"masked_scores", at}}, {{"axis", std::string("key")}}})));
        values.set("attention", tensor_value(a.attention, grid, Role::probability,
                                             with(masking.method == "zero_after"
                                                      ? Derivation{Operation::matmul, {{"softmaxed", at}, {"keep", at}}}
                                                      : Derivation{Operation::permute, {{"softmaxed", at}}})));
        values.set(
            "row_sums",
            tensor_value(
                row_sums, {query}, Role::probability,
                with({Operation::reduce, {{"attention", {"query", "key"}}}, {{"function", std::string("sum")}}})));
        values.set("pad_mass_by_row", tensor_value(pad_mass, {query}, Role::probability));
        values.set("predicted_pad_mass", tensor_value(predicted, {query}, Role::probability));
        values.set("attention_output",
                   tensor_value(
                       a.output, {query, component}, Role::activation,
                       with({Operation::matmul, {{"attention", {"query", "key"}}, {"value", {"key", "component"}}}})));
        values.set("pad_mass", mean_mass);
        values.set("real_output_diff", real_difference);
        values.set("nan_count", static_cast<double>(nan_weights));
        values.set("nan_real_rows", static_cast<double>(nan_real_rows));
        values.set("real_tokens", static_cast<double>(n_real));
        values.set("length", static_cast<double>(n));
        values.set("mask_value", static_cast<double>(hidden_value(masking)));
        values.set("double_mask_value", static_cast<double>(masking.half ? round_to_half(2.0F * hidden_value(masking))
                                                                         : 2.0F * hidden_value(masking)));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) { return {static_cast<double>(arguments.integer("layers")) * 4e5, 1e6}; }

/// Outputs in which -inf (the mask) or NaN (a row that sees nothing) is part of the lesson.
Output grid(const std::string& name, Text doc, std::vector<std::string> axes, Role role) {
    return {name, OutputKind::tensor, std::move(doc), std::move(axes), role, false, true};
}
Output number(const std::string& name, Text doc) {
    return {name, OutputKind::scalar, std::move(doc), {}, Role::none, false, true};
}

}  // namespace

const Experiment& mask_padding() {
    static const Experiment experiment{
        .id = "mask.padding",
        .summary = {"同一句话补不补齐各算一遍：五种遮法，真词元的输出变没变",
                    "One sentence, padded and alone, under several masks: do the outputs of its real tokens change?"},
        .parameters = {[] {
                           Parameter text =
                               text_parameter("text", {"句子", "Sentence"},
                                              {"1 到 12 个词；汉字、标点各算一个",
                                               "1 to 12 words; a Chinese character or a punctuation mark is one"},
                                              "the cat sat on the mat", 200);
                           text.minimum = 1;
                           return text;
                       }(),
                       integer_parameter("pads", {"[PAD] 个数", "Pads"}, {"补多少个 [PAD]", "How many [PAD] are added"},
                                         6, 0, 16),
                       enum_parameter("method", {"遮法", "Mask"},
                                      {"怎样让 key 里的 [PAD] 不被注意", "How pads are kept from being attended to"},
                                      "minus_infinity",
                                      {{"none", {"不遮", "none"}},
                                       {"multiply_scores", {"分数乘 0（错）", "scores × 0 (wrong)"}},
                                       {"zero_after", {"softmax 后清零（错）", "zero after softmax (wrong)"}},
                                       {"large_negative", {"加 −10⁹", "add −10⁹"}},
                                       {"dtype_minimum", {"加该精度的最小值", "add the dtype's minimum"}},
                                       {"minus_infinity", {"加 −∞", "add −∞"}}}),
                       enum_parameter("pad_content", {"[PAD] 的内容", "What pads hold"},
                                      {"[PAD] 的向量", "The vector of a pad"}, "random",
                                      {{"zero", {"全 0", "zeros"}}, {"random", {"随机", "noise"}}}),
                       enum_parameter("side", {"补在", "Side"}, {"[PAD] 补在哪一边", "Where the pads go"}, "right",
                                      {{"right", {"右边", "right"}}, {"left", {"左边", "left"}}}),
                       bool_parameter("causal", {"再加因果 mask", "Causal mask too"},
                                      {"第二个 mask：不许看后面", "A second mask: no token looks ahead"}, false),
                       bool_parameter("fully_masked_row", {"第 0 行全遮", "Hide all from row 0"},
                                      {"第 0 个 query 什么也看不到", "Query 0 may look at nothing"}, false),
                       enum_parameter("dtype", {"精度", "Precision"},
                                      {"分数、mask、注意力以什么精度存", "How scores, masks and attention are stored"},
                                      "fp32", {{"fp32", {"fp32", "fp32"}}, {"fp16", {"fp16", "fp16"}}}),
                       integer_parameter("layers", {"层数", "Layers"},
                                         {"几层注意力（带残差）；图上是最后一层",
                                          "Layers of attention with a residual; shown is the last"},
                                         1, 1, 4)},
        .outputs =
            {{"query", OutputKind::tensor, {"Q", "Q"}, {"query", "component"}, Role::query, false, true},
             {"key", OutputKind::tensor, {"K", "K"}, {"key", "component"}, Role::key, false, true},
             {"value", OutputKind::tensor, {"V", "V"}, {"key", "component"}, Role::value, false, true},
             grid("scores", {"遮之前的分数 QKᵀ/√d", "Scores before the mask, QKᵀ/√d"}, {"query", "key"}, Role::score),
             {"keep", OutputKind::tensor, {"1 = 可以看", "1 = may look"}, {"query", "key"}, Role::mask},
             grid("added", {"加到分数上的 mask", "The mask added to the scores"}, {"query", "key"}, Role::mask),
             grid("masked_scores", {"softmax 拿到的分数", "What softmax gets"}, {"query", "key"}, Role::score),
             grid("softmaxed", {"softmax 的结果", "What softmax gives"}, {"query", "key"}, Role::probability),
             grid("attention", {"用来加权 V 的注意力", "Attention that weights V"}, {"query", "key"},
                  Role::probability),
             grid("row_sums", {"每行注意力之和", "Sum of each attention row"}, {"query"}, Role::probability),
             grid("pad_mass_by_row", {"每行分给 [PAD] 的注意力", "Attention each row gives to pads"}, {"query"},
                  Role::probability),
             grid("predicted_pad_mass", {"分数乘 0 时的公式：P/(P+Σe^s)", "The formula for scores × 0: P/(P+Σe^s)"},
                  {"query"}, Role::probability),
             grid("attention_output", {"注意力 × V", "attention × V"}, {"query", "component"}, Role::activation),
             number("pad_mass", {"真词元平均分给 [PAD] 多少注意力", "Attention that real tokens give to pads, mean"}),
             number("real_output_diff",
                    {"真词元的输出与不补齐时最多差多少", "Largest change of a real token's output against no padding"}),
             number("nan_count", {"注意力里有多少个 NaN", "NaN among the attention weights"}),
             number("nan_real_rows", {"输出成了 NaN 的真词元数", "Real tokens whose output is NaN"}),
             number("real_tokens", {"真词元数", "Real tokens"}),
             number("length", {"补齐后的长度 n", "Length n with pads"}),
             number("mask_value", {"存下来的 mask 值", "The mask's value as stored"}),
             number("double_mask_value", {"两个 mask 叠加的值", "Two masks added"})},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
