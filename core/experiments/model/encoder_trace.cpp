// What does the encoder do to a sentence?  (Vaswani et al. 2017, section 3.1)
//
//     X = sqrt(d) E[words] + PE                       [n, d]
//     N times:  X = LN(X + Attention(X))              the one step in which words see each other
//               X = LN(X + FFN(X))                    the same small network at every word
//
// That is Post-LN, as in the paper; Pre-LN is X = X + F(LN(X)), with one more LN at the very end. The whole encoder is
// in this file, and every piece of it can be switched off. Weights are freshly drawn. Biases, gamma and beta start at
// 0, 1 and 0, so that they change nothing yet: they are counted among the parameters, not computed.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "experiments/encoder_pictures.h"
#include "experiments/registry.h"
#include "nn/position.h"
#include "tensor/kernels.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

constexpr double epsilon = 1e-5;
constexpr std::int64_t most_words = 10;

/// Each word's d numbers to mean 0 and variance 1.
Tensor layer_norm(const Tensor& X) {
    Tensor result = X;
    for (std::int64_t i = 0; i < X.extent(0); ++i) {
        double mean = 0.0, variance = 0.0;
        const auto d = static_cast<double>(X.extent(1));
        for (const float x : X.row(i)) mean += static_cast<double>(x) / d;
        for (const float x : X.row(i))
            variance += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean) / d;
        for (float& x : result.row(i))
            x = static_cast<float>((static_cast<double>(x) - mean) / std::sqrt(variance + epsilon));
    }
    return result;
}

template <typename Function>
EncoderSublayer sublayer(const Tensor& X, const EncoderSwitches& on, bool is_on, Function F) {
    EncoderSublayer s;
    s.input = on.norm && on.pre ? layer_norm(X) : X;
    s.output = F(s.input);
    s.sum = !is_on ? X : on.residual ? add(X, s.output) : s.output;
    s.result = is_on && on.norm && !on.pre ? layer_norm(s.sum) : s.sum;
    return s;
}

/// [n, h d_k] -> [h, n, d_k]: the same numbers, read as heads.
Tensor split_heads(const Tensor& x, std::int64_t h) {
    return permute(x.reshaped({x.extent(0), h, x.extent(1) / h}), {1, 0, 2});
}

EncoderWeights draw_weights(std::int64_t d, std::int64_t d_ff, const Rng& rng) {
    const auto weight = [&](const char* name, std::int64_t d_in, std::int64_t d_out) {
        Rng own = rng.split(name);
        return random_normal({d_in, d_out}, own, 0.0F, 1.0F / std::sqrt(static_cast<float>(d_in)));
    };
    return {weight("W_Q", d, d), weight("W_K", d, d),    weight("W_V", d, d),
            weight("W_O", d, d), weight("W_1", d, d_ff), weight("W_2", d_ff, d)};
}

/// One layer: X [n, d] -> [n, d], h heads of d_k = d / h.
EncoderLayer layer(const Tensor& X, const EncoderWeights& W, std::int64_t h, const EncoderSwitches& on) {
    EncoderLayer t;
    t.self_attention = sublayer(X, on, on.attention, [&](const Tensor& x) {
        t.Q = split_heads(matmul(x, W.Q), h);
        t.K = split_heads(matmul(x, W.K), h);
        t.V = split_heads(matmul(x, W.V), h);
        const auto d_k = static_cast<float>(t.Q.extent(2));
        t.scores = scale(batched_matmul(t.Q, t.K, Transpose::no, Transpose::yes), 1.0F / std::sqrt(d_k));
        t.attention = softmax(t.scores);  // over all words: an encoder has no causal mask
        t.heads = batched_matmul(t.attention, t.V);
        return matmul(permute(t.heads, {1, 0, 2}).reshaped(x.shape()), W.O);
    });
    t.feed_forward = sublayer(t.self_attention.result, on, on.ffn, [&](const Tensor& x) {
        t.before = matmul(x, W.in);  // row by row: word i's output needs word i only
        t.hidden = relu(t.before);
        return matmul(t.hidden, W.out);
    });
    return t;
}

struct Encoder {
    std::vector<EncoderWeights> weights;  // N layers
    std::int64_t h = 1;
    EncoderSwitches on;

    struct Result {
        std::vector<EncoderLayer> layers;
        Tensor output;  // [n, d]: one vector per word
    };
    Result forward(Tensor X) const {
        Result result;
        for (const EncoderWeights& W : weights) {
            result.layers.push_back(layer(X, W, h, on));
            X = result.layers.back().feed_forward.result;
        }
        result.output = on.norm && on.pre ? layer_norm(X) : X;
        return result;
    }
};

std::vector<std::string> words_of(const std::string& text) {
    const TextIndex source(text);
    std::vector<std::string> words;
    for (const WordSpan& span : pre_tokenize(PreTokenizer::bert, source.points()))
        words.push_back(source.slice(span.begin, span.end));
    const auto count = static_cast<std::int64_t>(words.size());
    if (count < 1 || count > most_words) {
        throw Error(
            ErrorKind::out_of_range,
            {"句子要有 1 到 10 个词（汉字、标点各算一个），现在是 " + std::to_string(count) + " 个。",
             "The sentence must have 1 to 10 words (a Chinese character or a punctuation mark is one); it has " +
                 std::to_string(count) + "."},
            "text");
    }
    return words;
}

/// order[i]: which word of the sentence stands at place i of the rearranged one.
std::vector<std::int64_t> order_of(const std::string& permutation, std::int64_t n) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    if (permutation == "reverse") std::reverse(order.begin(), order.end());
    if (permutation == "swap" && n > 1) std::swap(order[n > 2 ? 1 : 0], order.back());
    return order;
}

double norm_of(std::span<const float> x) {
    double squares = 0.0;
    for (const float v : x) squares += static_cast<double>(v) * static_cast<double>(v);
    return std::sqrt(squares);
}
double distance(std::span<const float> a, std::span<const float> b) {
    double squares = 0.0;
    for (std::size_t c = 0; c < a.size(); ++c)
        squares += (static_cast<double>(a[c]) - static_cast<double>(b[c])) *
                   (static_cast<double>(a[c]) - static_cast<double>(b[c]));
    return std::sqrt(squares);
}
double rms(const Tensor& X) { return norm_of(X.elements()) / std::sqrt(static_cast<double>(X.size())); }

/// influence[l, i, j]: how much word i's vector after l layers changes, relative to its size, when word j is replaced.
Tensor influence_of(const Encoder& encoder, const Tensor& X, const Tensor& others) {
    const std::int64_t n = X.extent(0), layers = static_cast<std::int64_t>(encoder.weights.size());
    const auto stream = [](const Tensor& start, const Encoder::Result& r, std::int64_t l) -> const Tensor& {
        return l == 0 ? start : r.layers[static_cast<std::size_t>(l - 1)].feed_forward.result;
    };
    const Encoder::Result before = encoder.forward(X);
    Tensor influence({layers + 1, n, n});
    for (std::int64_t j = 0; j < n; ++j) {
        Tensor changed = X;
        std::copy_n(others.row(j).data(), X.extent(1), changed.row(j).data());
        const Encoder::Result after = encoder.forward(changed);
        for (std::int64_t l = 0; l <= layers; ++l) {
            for (std::int64_t i = 0; i < n; ++i) {
                const auto was = stream(X, before, l).row(i), is = stream(changed, after, l).row(i);
                influence[(l * n + i) * n + j] = static_cast<float>(distance(was, is) / norm_of(was));
            }
        }
    }
    return influence;
}

struct Reach {
    double strangers = 0.0;   // the largest influence of a word on another, anywhere
    double after_one = 0.0;   // pairs (i, j), i = j included, where j reaches i within one layer
    double most_moved = 0.0;  // how many outputs one replaced word moves, at most
};
Reach reach_of(const Tensor& influence) {
    const std::int64_t layers = influence.extent(0) - 1, n = influence.extent(1);
    Reach reach;
    for (std::int64_t j = 0; j < n; ++j) {
        double moved = 0.0;
        for (std::int64_t i = 0; i < n; ++i) {
            const auto at = [&](std::int64_t l) { return static_cast<double>(influence[(l * n + i) * n + j]); };
            if (at(1) > 0.0) reach.after_one += 1.0;
            if (at(layers) > 0.0) moved += 1.0;
            if (i == j) continue;
            for (std::int64_t l = 0; l <= layers; ++l) reach.strangers = std::max(reach.strangers, at(l));
        }
        reach.most_moved = std::max(reach.most_moved, moved);
    }
    return reach;
}

Run run(Arguments arguments, Context context) {
    const std::vector<std::string> words = words_of(arguments.text("text"));
    const auto n = static_cast<std::int64_t>(words.size());
    const std::int64_t N = arguments.integer("layers"), d = arguments.integer("d_model");
    const std::int64_t h = arguments.integer("heads"), d_ff = arguments.integer("d_ff");
    const EncoderSwitches on{arguments.boolean("position"),  arguments.boolean("residual"),
                             arguments.boolean("use_norm"),  arguments.text("norm") == "pre",
                             arguments.boolean("attention"), arguments.boolean("ffn")};
    Encoder encoder{{}, h, on};
    for (std::int64_t l = 0; l < N; ++l)
        encoder.weights.push_back(draw_weights(d, d_ff, context.rng("layers").split(static_cast<std::uint64_t>(l))));

    // The same word has the same row of E wherever it stands; positions belong to places.
    Tensor rows({n, d}), others({n, d});
    for (std::int64_t i = 0; i < n; ++i) {
        const float spread = 1.0F / std::sqrt(static_cast<float>(d));
        Rng own = context.rng("E").split(words[static_cast<std::size_t>(i)]);
        own.fill_normal(rows.row(i), 0.0F, spread);
        Rng other = context.rng("replacements").split(static_cast<std::uint64_t>(i));
        other.fill_normal(others.row(i));
    }
    const Tensor tokens = scale(rows, std::sqrt(static_cast<float>(d)));
    const Tensor PE = sinusoidal_positions<float>(counted_positions(n), d);
    const auto embedded = [&](const Tensor& of) { return on.position ? add(of, PE) : of; };
    const Tensor X = embedded(tokens);
    const Encoder::Result result = encoder.forward(X);
    const Tensor& Y = result.output;

    // The sentence rearranged: f(PX) beside P f(X).
    const std::vector<std::int64_t> order = order_of(arguments.text("permutation"), n);
    Tensor moved_tokens({n, d});
    for (std::int64_t i = 0; i < n; ++i)
        std::copy_n(tokens.row(order[static_cast<std::size_t>(i)]).data(), d, moved_tokens.row(i).data());
    const Tensor Y_moved = encoder.forward(embedded(moved_tokens)).output;
    Tensor Y_back({n, d}), change({n});  // the same, with every vector carried back to its word's old place
    std::vector<std::string> moved_words;
    for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t from = order[static_cast<std::size_t>(i)];
        std::copy_n(Y_moved.row(i).data(), d, Y_back.row(from).data());
        moved_words.push_back(words[static_cast<std::size_t>(from)]);
    }
    double twins = 0.0, twin_gap = 0.0;  // pairs of the same word in this sentence
    Tensor mean_before({d}), mean_after({d});
    for (std::int64_t i = 0; i < n; ++i) {
        change[i] = static_cast<float>(distance(Y.row(i), Y_back.row(i)) / norm_of(Y.row(i)));
        for (std::int64_t j = 0; j < i; ++j) {
            if (words[static_cast<std::size_t>(i)] != words[static_cast<std::size_t>(j)]) continue;
            twins += 1.0;
            twin_gap = std::max(twin_gap, distance(Y.row(i), Y.row(j)) / norm_of(Y.row(i)));
        }
        for (std::int64_t c = 0; c < d; ++c) {
            mean_before[c] += Y(i, c) / static_cast<float>(n);
            mean_after[c] += Y_moved(i, c) / static_cast<float>(n);
        }
    }
    const double largest = max_abs(Y);
    const Tensor influence = influence_of(encoder, X, others);
    const Reach reach = reach_of(influence);
    double mean_off = 0.0, deviation_off = 0.0;
    for (std::int64_t i = 0; i < n; ++i) {
        const Tensor row({d}, {Y.row(i).begin(), Y.row(i).end()});
        mean_off = std::max(mean_off, std::abs(mean(row)));
        deviation_off = std::max(deviation_off, std::abs(std::sqrt(variance(row)) - 1.0));
    }
    std::vector<std::string> stages{"X"};
    std::vector<double> sizes{rms(X)};
    for (std::int64_t l = 0; l < N; ++l) {
        const EncoderLayer& t = result.layers[static_cast<std::size_t>(l)];
        stages.insert(stages.end(), {std::to_string(l + 1) + " attention", std::to_string(l + 1) + " FFN"});
        sizes.insert(sizes.end(), {rms(t.self_attention.result), rms(t.feed_forward.result)});
    }
    stages.push_back("output");
    sizes.push_back(rms(Y));

    Frame frame(1, 1, [&](Values& values) {
        set_encoder_values(values, {words, h, on, rows, tokens, PE, X, encoder.weights, result.layers, Y, epsilon});
        values.set("output_moved",
                   tensor_value(Y_moved, {{"token", moved_words}, {"component", {}}}, Role::activation));
        values.set("output_back", tensor_value(Y_back, {{"token", words}, {"component", {}}}, Role::activation));
        values.set("word_change", tensor_value(change, {{"token", words}}));
        values.set("equivariance_gap", max_abs_difference(Y, Y_back) / largest);
        values.set("place_gap", max_abs_difference(Y, Y_moved) / largest);
        values.set("pooled_gap", max_abs_difference(mean_before, mean_after) / largest);
        values.set("twins", twins);
        values.set("twin_gap", twin_gap);
        std::vector<std::string> depths{"0"};
        for (std::int64_t l = 1; l <= N; ++l) depths.push_back(std::to_string(l));
        values.set("receptive_field",
                   tensor_value(influence, {{"depth", depths}, {"output", words}, {"input", words}}));
        values.set("strangers", reach.strangers);
        values.set("reached_after_one", reach.after_one);
        values.set("most_moved", reach.most_moved);
        values.set("words", static_cast<double>(n));
        values.set("vectors", static_cast<double>(Y.extent(0)));
        values.set("width", static_cast<double>(Y.extent(1)));
        values.set("row_mean_off", mean_off);
        values.set("row_deviation_off", deviation_off);
        values.set("stream_rms",
                   TensorValue{DoubleTensor({static_cast<std::int64_t>(sizes.size())}, sizes), {{"stage", stages}}});
        values.set("param_table", encoder_parameters(N, d, d_ff, h, on));
        values.set("architecture", encoder_diagram(n, d, d_ff, h, N, on));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto d = static_cast<double>(arguments.integer("d_model")),
               d_ff = static_cast<double>(arguments.integer("d_ff"));
    const auto layers = static_cast<double>(arguments.integer("layers"));
    const double n = most_words;  // the words are counted when the text is cut
    return {(n + 3.0) * layers * n * (8.0 * d * d + 4.0 * d * d_ff + 60.0 * n * d),
            4e6 + layers * 16.0 * d * (d + d_ff)};
}

Output number(const char* name, Text doc) { return {name, OutputKind::scalar, std::move(doc)}; }

}  // namespace

const Experiment& model_encoder_trace() {
    static const Experiment experiment = [] {
        Parameter text = text_parameter(
            "text", {"句子", "Sentence"},
            {"1 到 10 个词；汉字、标点各算一个", "1 to 10 words; a Chinese character or a punctuation mark is one"},
            "the dog bit the man", 120);
        text.minimum = 1;
        Experiment e{
            .id = "model.encoder_trace",
            .summary = {"一句话穿过编码器：每一步的张量、谁影响谁、打乱词序会怎样、参数有多少",
                        "A sentence goes through the encoder: every tensor, who influences whom, what word order does, "
                        "how many parameters"},
            .parameters =
                {text,
                 integer_parameter("layers", {"层数 N", "Layers N"}, {"编码器有几层", "Layers of the encoder"}, 2, 1,
                                   6),
                 integer_parameter("d_model", {"宽度 d", "Width d"},
                                   {"每个词的向量有多少维", "Size of a word's vector"}, 32, 16, 64,
                                   Spacing::power_of_two),
                 integer_parameter("heads", {"头数 h", "Heads h"}, {"d_k = d / h", "d_k = d / h"}, 4, 1, 8,
                                   Spacing::power_of_two),
                 integer_parameter("d_ff", {"前馈宽度 d_ff", "Feed-forward width d_ff"},
                                   {"前馈网络中间层的宽度", "Width of the feed-forward network's hidden layer"}, 128,
                                   16, 256, Spacing::power_of_two),
                 enum_parameter(
                     "norm", {"LayerNorm 的位置", "Where LayerNorm stands"},
                     {"子层之后（论文）还是之前（今天）", "After the sublayer (the paper) or before it (today)"},
                     "post",
                     {{"post", {"子层之后（Post-LN）", "after (Post-LN)"}},
                      {"pre", {"子层之前（Pre-LN）", "before (Pre-LN)"}}}),
                 bool_parameter("position", {"位置编码", "Positions"},
                                {"加不加正弦位置编码", "Adds sinusoidal positions"}, true),
                 bool_parameter("residual", {"残差", "Residual"}, {"x + F(x) 还是 F(x)", "x + F(x) or F(x)"}, true),
                 bool_parameter("use_norm", {"LayerNorm", "LayerNorm"},
                                {"有没有 LayerNorm", "With or without LayerNorm"}, true),
                 bool_parameter("attention", {"自注意力", "Self-attention"},
                                {"有没有自注意力子层", "With or without the self-attention sublayer"}, true),
                 bool_parameter("ffn", {"前馈网络", "Feed-forward"},
                                {"有没有前馈子层", "With or without the feed-forward sublayer"}, true),
                 enum_parameter("permutation", {"打乱词序", "Rearrange"},
                                {"同一句话换个顺序再算一遍", "The same words in another order, once more"}, "none",
                                {{"none", {"不变", "as it is"}},
                                 {"swap", {"第 2 个与最后一个对调", "exchange the 2nd and the last"}},
                                 {"reverse", {"整句倒过来", "backwards"}}})},
            .constraints = {{{"attention", "ffn"},
                             {"至少留一个子层：自注意力或前馈网络。",
                              "Keep at least one sublayer: self-attention or feed-forward."},
                             [](const Arguments& a) { return a.boolean("attention") || a.boolean("ffn"); }}},
            .outputs = encoder_outputs(),
            .cost = cost,
            .run = run};
        const auto tensor = [&](const char* name, Text doc, std::vector<std::string> axes, Role role = Role::none) {
            e.outputs.push_back({name, OutputKind::tensor, std::move(doc), std::move(axes), role});
        };
        tensor("output_moved", {"打乱之后的输出，按新的顺序", "Outputs of the rearranged sentence, in its own order"},
               {"token", "component"}, Role::activation);
        tensor("output_back", {"打乱之后的输出，每个词的向量放回原处", "The same, every word's vector carried back"},
               {"token", "component"}, Role::activation);
        tensor("word_change",
               {"打乱词序后，每个词的向量变了多少（相对）",
                "How much each word's vector changed by rearranging (relative)"},
               {"token"});
        tensor("receptive_field",
               {"替换词 j，经过几层之后词 i 的向量变多少（相对）",
                "How much word i's vector changes after so many layers when word j is replaced (relative)"},
               {"depth", "output", "input"});
        tensor("stream_rms", {"每一步之后的均方根", "Root mean square after every step"}, {"stage"});
        e.outputs.insert(
            e.outputs.end(),
            {number("equivariance_gap", {"f(PX) 与 P f(X) 最多差多少（相对最大值）",
                                         "Largest difference of f(PX) and P f(X), relative to the largest output"}),
             number("place_gap", {"同一个位置上，打乱前后最多差多少", "Largest difference at the same place"}),
             number("pooled_gap", {"输出的平均，打乱前后差多少", "Difference of the mean output"}),
             number("twins", {"句中相同的词有几对", "Pairs of the same word in the sentence"}),
             number("twin_gap",
                    {"相同的词，输出最多差多少（相对）", "Largest difference of the same word's outputs (relative)"}),
             number("strangers", {"一个词对另一个词的最大影响", "The largest influence of one word on another"}),
             number("reached_after_one",
                    {"一层之后，有多少对（i, j）里词 j 影响了词 i，包括自己对自己",
                     "Pairs (i, j) in which word j reaches word i after one layer, itself included"}),
             number("most_moved",
                    {"替换一个词，最多几个输出会动", "How many outputs one replaced word moves, at most"}),
             number("words", {"进去几个词", "Words that went in"}),
             number("vectors", {"出来几个向量", "Vectors that came out"}),
             number("width", {"每个向量多少维", "Size of each"}),
             number("row_mean_off", {"输出每行均值离 0 最远多少", "Largest mean of an output row, in size"}),
             number("row_deviation_off",
                    {"输出每行标准差离 1 最远多少", "Furthest an output row's deviation is from 1"}),
             {"param_table",
              OutputKind::table,
              {"参数从哪里来：这里与论文 base", "Where the parameters are: here and in the paper's base model"},
              {"part", "formula", "here", "base"}},
             {"architecture", OutputKind::graph, {"一层的结构与形状", "One layer, with shapes"}}});
        return e;
    }();
    return experiment;
}

}  // namespace glassformer
