// To ask for a token, BERT replaces it in the input. Why not hide it in the attention scores instead?
//
// A sentence runs through a freshly initialised encoder. One token is to be predicted, so its own output must not
// depend on it. We exchange each token in turn for another and measure what changes: leak[l] is the change of the asked
// place after layer l when its own token is exchanged. Any change at all is a path from the answer to the question.

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "experiments/registry.h"
#include "nn/feed_forward.h"
#include "nn/multi_head_attention.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

constexpr std::int64_t d_model = 32;
constexpr std::int64_t most_words = 12;

/// Which token is asked for, and how it is hidden.
struct Setting {
    std::string method;
    std::int64_t place = 0;
    std::int64_t layers = 2;
};

struct Layer {
    MultiHeadAttention attention;
    FeedForward ffn;
    explicit Layer(const Rng& rng)
        : attention({.d_model = d_model, .n_heads = 2}, rng.split("attention")),
          ffn({.d_model = d_model, .d_ff = 64}, rng.split("ffn")) {}
};

struct Network {
    Tensor positions;   // [n, d_model]
    Tensor mask_token;  // [d_model]: the embedding of [MASK]
    std::vector<Layer> layers;
};

Mask mask_of(const Setting& setting, std::int64_t n) {
    if (setting.method == "diagonal") return no_diagonal_mask(n);
    BoolTensor keep({n, n}, 1);
    if (setting.method == "column_mask" || setting.method == "column_mask_no_residual")
        for (std::int64_t i = 0; i < n; ++i) keep(i, setting.place) = 0;  // nobody may look at the asked token
    return Mask(keep);
}

/// States after each layer, [n, d_model] each, and the last layer's attention [n, n] (mean of its two heads).
struct Result {
    std::vector<Tensor> states;
    Tensor attention;
};

Result forward(const Network& network, Tensor tokens, const Setting& setting) {
    const std::int64_t n = tokens.extent(0);
    if (setting.method == "mask_token")
        std::copy_n(network.mask_token.data(), d_model, tokens.row(setting.place).data());
    const bool residual = setting.method == "mask_token" || setting.method == "column_mask";
    const Mask mask = mask_of(setting, n);
    const Variable positions(network.positions);
    Variable h = add(Variable(tokens), positions);
    Result result;
    for (const Layer& layer : network.layers) {
        Trace trace;
        const Pass pass = Pass::inference(&trace);
        Variable out;
        if (setting.method == "diagonal") {
            // Nobody looks at itself, and the first query knows only its place: content comes in through the keys and
            // values of the others. Later layers get the position added again: there is no residual to carry it.
            const bool first = result.states.empty();
            const Variable query = first ? positions : add(h, positions);
            const Variable memory = first ? h : query;
            out = layer.attention.forward(layer_norm(query), {.mask = mask, .memory = layer_norm(memory)}, pass);
        } else {
            out = layer.attention.forward(layer_norm(h), {.mask = mask}, pass);
        }
        if (residual) out = add(out, h);
        h = add(out, layer.ffn.forward(layer_norm(out)));
        result.states.push_back(h.value());
        const Tensor heads = trace.at("attention").value();  // [1, 2, n, n]
        result.attention = Tensor({n, n});
        for (std::int64_t i = 0; i < n * n; ++i) result.attention[i] = 0.5F * (heads[i] + heads[n * n + i]);
    }
    return result;
}

/// ||a_i - b_i|| / ||a_i|| of row i.
float change_of_row(const Tensor& a, const Tensor& b, std::int64_t i) {
    double change = 0.0, size = 0.0;
    for (std::int64_t c = 0; c < d_model; ++c) {
        const auto x = static_cast<double>(a(i, c)), y = static_cast<double>(b(i, c));
        change += (x - y) * (x - y);
        size += x * x;
    }
    return static_cast<float>(std::sqrt(change / size));
}

/// The sentence as words; each Chinese character is one.
std::vector<std::string> words_of(const std::string& text) {
    const TextIndex source(text);
    std::vector<std::string> words;
    for (const WordSpan& span : pre_tokenize(PreTokenizer::bert, source.points()))
        words.push_back(std::string(source.slice(span.begin, span.end)));
    if (words.size() >= 3 && words.size() <= most_words) return words;
    const std::string most = std::to_string(most_words), now = std::to_string(words.size());
    throw Error(
        ErrorKind::out_of_range,
        {"句子要有 3 到 " + most + " 个词元（汉字各算一个），现在有 " + now + " 个。",
         "The sentence must have 3 to " + most + " tokens (each Chinese character is one); it has " + now + "."},
        "text");
}

Run run(Arguments arguments, Context context) {
    const std::vector<std::string> words = words_of(arguments.text("text"));
    const auto n = static_cast<std::int64_t>(words.size());
    const Setting setting{arguments.text("method"), std::min(arguments.integer("position"), n - 1),
                          arguments.integer("layers")};

    // The same word has the same embedding; position vectors as in BERT, learned there, random here.
    const Rng embeddings = context.rng("embeddings"), others = context.rng("other tokens");
    Rng positions = context.rng("positions"), mask = context.rng("mask token");
    Tensor tokens({n, d_model});
    for (std::int64_t j = 0; j < n; ++j) {
        Rng word = embeddings.split(words[static_cast<std::size_t>(j)]);
        word.fill_normal(tokens.row(j));
    }
    Network network{random_normal({n, d_model}, positions), random_normal({d_model}, mask), {}};
    for (std::int64_t l = 0; l < setting.layers; ++l)
        network.layers.emplace_back(context.rng("weights").split(static_cast<std::uint64_t>(l)));

    const Result base = forward(network, tokens, setting);
    Tensor influence({setting.layers, n, n});
    for (std::int64_t j = 0; j < n; ++j) {
        Tensor exchanged = tokens;
        Rng other = others.split(static_cast<std::uint64_t>(j));
        other.fill_normal(exchanged.row(j));
        const Result result = forward(network, exchanged, setting);
        for (std::int64_t l = 0; l < setting.layers; ++l) {
            const auto layer = static_cast<std::size_t>(l);
            for (std::int64_t i = 0; i < n; ++i)
                influence.at({l, i, j}) = change_of_row(base.states[layer], result.states[layer], i);
        }
    }

    Frame frame(1, 1, [&](Values& values) {
        std::vector<std::string> layer_ticks;
        for (std::int64_t l = 1; l <= setting.layers; ++l) layer_ticks.push_back(std::to_string(l));
        const Axis layer{"layer", layer_ticks};
        Tensor leak({setting.layers}), reads({n});
        for (std::int64_t l = 0; l < setting.layers; ++l) leak[l] = influence.at({l, setting.place, setting.place});
        for (std::int64_t j = 0; j < n; ++j) reads[j] = influence.at({setting.layers - 1, setting.place, j});
        values.set("leak", tensor_value(leak, {layer}));
        values.set("first_leak", static_cast<double>(leak[0]));
        values.set("last_leak", static_cast<double>(leak[setting.layers - 1]));
        values.set("influence", tensor_value(influence, {layer, {"output", words}, {"input", words}}));
        values.set("reads_from", tensor_value(reads, {{"input", words}}));
        values.set("attention", tensor_value(base.attention, {{"query", words}, {"key", words}}, Role::probability));
        values.set("mask", TensorValue{mask_of(setting, n).matrix(), {{"query", words}, {"key", words}}, Role::mask});
        const std::string& asked = words[static_cast<std::size_t>(setting.place)];
        values.set("asked", Text{asked, asked});
        // Routes of two steps: the asked token into a neighbour (layer 1), the neighbour back (the last layer's
        // attention).
        Table paths{{{"via", Column::Kind::text, {"经过", "via"}},
                     {"written", Column::Kind::number, {"第 1 层：写进它多少", "layer 1: written into it"}},
                     {"read", Column::Kind::number, {"最后一层：读回的权重", "last layer: weight of reading it back"}}},
                    {}};
        for (std::int64_t j = 0; j < n; ++j) {
            if (j == setting.place) continue;
            paths.rows.push_back({words[static_cast<std::size_t>(j)],
                                  static_cast<double>(influence.at({0, j, setting.place})),
                                  static_cast<double>(base.attention(setting.place, j))});
        }
        values.set("paths", std::move(paths));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const double n = most_words;
    return {(n + 1.0) * static_cast<double>(arguments.integer("layers")) * 2.0 * n * 9.0 * d_model * d_model, 1e7};
}

}  // namespace

const Experiment& bert_mask_leak() {
    static const Experiment experiment{
        .id = "bert.mask_leak",
        .summary = {"要预测的词元藏在哪里：换成 [MASK]，还是只在注意力里遮住？换掉它，看自己的输出动不动",
                    "Where to hide the token that is asked for: in the input, or in the attention only? Exchange it "
                    "and see whether its own output moves"},
        .parameters = {enum_parameter(
                           "method", {"怎么藏", "How it is hidden"},
                           {"怎样不让模型看到要预测的词元", "How the asked token is kept from the model"}, "diagonal",
                           {{"mask_token", {"输入换成 [MASK]", "input replaced by [MASK]"}},
                            {"column_mask", {"遮住注意力的一列", "its attention column hidden"}},
                            {"column_mask_no_residual", {"遮住一列，去掉残差", "column hidden, no residual"}},
                            {"diagonal", {"谁都不看自己，没有残差", "nobody looks at itself, no residual"}}}),
                       integer_parameter("layers", {"层数", "Layers"}, {"编码器几层", "Depth of the encoder"}, 2, 1, 4),
                       integer_parameter(
                           "position", {"预测第几个", "Asked place"},
                           {"从 0 数起；超出句子时取最后一个", "Counted from 0; beyond the sentence the last one"}, 1,
                           0, most_words - 1),
                       text_parameter("text", {"句子", "Sentence"},
                                      {"3 到 12 个词元，汉字各算一个", "3 to 12 tokens; each Chinese character is one"},
                                      "猫坐在垫子上", 120)},
        .outputs = {{"leak",
                     OutputKind::tensor,
                     {"换掉被问的词元，它自己的输出变多少",
                      "Change of the asked place's output when its token is exchanged"},
                     {"layer"}},
                    {"first_leak", OutputKind::scalar, {"第 1 层之后的泄露", "Leak after layer 1"}},
                    {"last_leak", OutputKind::scalar, {"最后一层之后的泄露", "Leak after the last layer"}},
                    {"influence",
                     OutputKind::tensor,
                     {"换掉输入 j，输出 i 变多少", "How much output i changes when input j is exchanged"},
                     {"layer", "output", "input"}},
                    {"reads_from",
                     OutputKind::tensor,
                     {"被问的位置最后依赖哪些输入", "Which inputs the asked place depends on at the end"},
                     {"input"}},
                    {"attention",
                     OutputKind::tensor,
                     {"最后一层的注意力（各头平均）", "Attention of the last layer (mean of heads)"},
                     {"query", "key"},
                     Role::probability},
                    {"mask", OutputKind::tensor, {"1 = 可以看", "1 = may look"}, {"query", "key"}, Role::mask},
                    {"asked", OutputKind::text, {"被问的词元", "The asked token"}},
                    {"paths",
                     OutputKind::table,
                     {"两步的泄露路径：写进邻居，再读回来", "Leaks in two steps: written into a neighbour, read back"},
                     {"via", "written", "read"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
