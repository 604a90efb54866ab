// Dropout: what it does to a tensor, and where a Transformer applies it  (Srivastava et al. 2014; Vaswani et al.
// 2017, 5.4)
//
//     training   y = x * mask / (1 - p),  mask = 1 with probability 1 - p     inverted: the mean stays what it was
//     inference  y = x
//
// One tensor is looked at closely, at the site of your choice; a long row of ones gives the statistics; and a stack of
// layers shows what the noise of each site has become when it leaves the last layer.

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "experiments/registry.h"
#include "models/config.h"
#include "nn/transformer_stack.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t n = 8, d_model = 16, n_heads = 2;  // the stack
constexpr std::int64_t keys = 16;                         // of the attention rows
const std::vector<std::string> sites = {"embedding", "residual", "attention", "ffn_hidden", "skip_path"};

Tensor inverted_dropout(const Tensor& x, const BoolTensor& mask, double p) {
    const auto kept = static_cast<float>(1.0 / (1.0 - p));
    Tensor y(x.shape());
    for (std::int64_t i = 0; i < x.size(); ++i) y[i] = mask[i] != 0 ? x[i] * kept : 0.0F;
    return y;
}

/// A Pre-LN encoder at initialisation with dropout at one site alone.
struct Encoder {
    std::string site;
    double p;
    TransformerStack stack;

    Encoder(std::string where, double rate, std::int64_t layers, const Rng& rng)
        : site(std::move(where)), p(rate), stack(configure(site, rate, layers), rng) {}

    static TransformerStackConfig configure(const std::string& site, double p, std::int64_t layers) {
        TransformerStackConfig config;
        config.n_layers = layers;
        config.final_norm = false;
        config.layer.attention = {.d_model = d_model, .n_heads = n_heads};
        config.layer.placement = NormPlacement::pre;
        if (site == "residual") config.layer.residual_dropout = p;        // x + dropout(F(x))
        if (site == "attention") config.layer.attention.dropout = p;      // dropout(softmax(...)) V
        if (site == "ffn_hidden") config.layer.feed_forward.dropout = p;  // dropout(relu(x W_1)) W_2
        if (site == "skip_path") config.layer.skip_dropout = p;           // dropout(x) + F(x): a mistake
        return config;
    }

    /// What enters layer 0, 1, ..., and what leaves the last: [layers + 1] of [n, d_model].
    std::vector<Tensor> stream(const Tensor& X, const Pass& pass, Trace& trace) const {
        trace.clear();
        const Variable x = pass.dropout("embedding", Variable(X), site == "embedding" ? p : 0.0);
        const Tensor last = stack.forward(x, {}, pass).value();
        std::vector<Tensor> all;
        for (std::int64_t l = 0; l < stack.config().n_layers; ++l)
            all.push_back(trace.at("layers." + std::to_string(l) + ".input").value());
        all.push_back(last);
        return all;
    }
};

double relative_difference(const Tensor& a, const Tensor& b) {
    return std::sqrt(sum(square(subtract(a, b))) / sum(square(b)));
}

/// How far training passes are from the noiseless one after each layer: root mean square over several masks.
std::vector<double> noise_of(const Encoder& encoder, const Tensor& X, const Rng& rng) {
    constexpr std::uint64_t passes = 8;
    Trace trace;
    const std::vector<Tensor> clean = encoder.stream(X, Pass::inference(&trace), trace);
    std::vector<double> squares(clean.size(), 0.0);
    for (std::uint64_t k = 0; k < passes; ++k) {
        const std::vector<Tensor> noisy = encoder.stream(X, Pass::training(rng.split(k), &trace), trace);
        for (std::size_t l = 0; l < clean.size(); ++l) {
            const double difference = relative_difference(noisy[l], clean[l]);
            squares[l] += difference * difference / static_cast<double>(passes);
        }
    }
    for (double& x : squares) x = std::sqrt(x);
    return squares;
}

/// The tensor that passes the chosen site in layer 0.
Tensor at_site(const std::string& site, const Tensor& X, const Trace& trace) {
    const auto of = [&](const char* name) {
        const Tensor& value = trace.at(std::string("layers.0.") + name).value();
        return value.shape().rank() == 3 ? value.reshaped({value.extent(-2), value.extent(-1)}) : value;
    };
    if (site == "residual") return of("self_attention.output");
    if (site == "ffn_hidden") return of("feed_forward.hidden");
    if (site == "attention") {  // [1, heads, n, n]: head 0
        const Tensor& A = trace.at("layers.0.self_attention.attention").value();
        return Tensor({n, n}, {A.data(), A.data() + n * n});
    }
    return X;
}

struct Moments {
    double mean = 0.0, variance = 0.0;
};
Moments moments_of(std::span<const float> x) {
    Moments m;
    for (const float v : x) m.mean += static_cast<double>(v) / static_cast<double>(x.size());
    for (const float v : x)
        m.variance +=
            (static_cast<double>(v) - m.mean) * (static_cast<double>(v) - m.mean) / static_cast<double>(x.size());
    return m;
}

/// Sums of attention rows with dropout: rows of flat, ordinary and peaked weights, from scores that spread by 0, 1, 4.
struct RowSums {
    Tensor sums;                              // [3, rows]
    DoubleTensor mean, deviation, predicted;  // [3]
};
RowSums row_sums_of(double p, std::int64_t rows, const Rng& rng) {
    RowSums r{Tensor({3, rows}), DoubleTensor({3}), DoubleTensor({3}), DoubleTensor({3})};
    const float spread[] = {0.0F, 1.0F, 4.0F};  // of the scores
    for (std::int64_t kind = 0; kind < 3; ++kind) {
        Rng own = rng.split(static_cast<std::uint64_t>(kind));
        const Tensor A = softmax(random_normal({rows, keys}, own, 0.0F, spread[kind]));
        const Tensor dropped = inverted_dropout(A, dropout_mask(A.shape(), p, own), p);
        for (std::int64_t i = 0; i < rows; ++i)
            for (const float a : dropped.row(i)) r.sums(kind, i) += a;
        const Moments m = moments_of(r.sums.row(kind));
        r.mean[kind] = m.mean;
        r.deviation[kind] = std::sqrt(m.variance);
        r.predicted[kind] = std::sqrt(p / (1.0 - p) * sum(square(A)) / static_cast<double>(rows));
    }
    return r;
}

/// Mean of what a layer hands on, in training and in inference, for the two conventions and the two ways to mix them
/// up.
Table conventions_of(const Tensor& ones, const BoolTensor& mask, double p) {
    Table table{{{"written", Column::Kind::text, {"训练 → 推理", "training → inference"}},
                 {"train", Column::Kind::number, {"训练时的均值", "mean in training"}},
                 {"eval", Column::Kind::number, {"推理时的均值", "mean in inference"}}},
                {}};
    const double inverted = moments_of(inverted_dropout(ones, mask, p).elements()).mean;
    const double masked = inverted * (1.0 - p);  // x * mask, without 1 / (1 - p)
    table.rows = {{std::string("x·m/(1−p) → x"), inverted, 1.0},
                  {std::string("x·m → (1−p)·x"), masked, 1.0 - p},
                  {std::string("✗ x·m/(1−p) → (1−p)·x"), inverted, 1.0 - p},
                  {std::string("✗ x·m → x"), masked, 1.0}};
    return table;
}

/// Boxes of one encoder and one decoder layer with every site of either convention.
Graph architecture_of(const Arguments& arguments) {
    const bool common = arguments.text("convention") == "common";
    const std::string& chosen = arguments.text("site");
    Graph graph;
    const auto box = [&](const std::string& id, Text label, const std::string& group, const std::string& site = {}) {
        GraphBox b;
        b.id = id;
        b.label = std::move(label);
        b.group = group;
        b.role = site.empty() ? Role::activation : site == chosen ? Role::gradient : Role::mask;
        b.quiet = !common && (site == "attention" || site == "ffn_hidden");
        graph.boxes.push_back(std::move(b));
    };
    const Text dropout{"dropout", "dropout"};
    for (const bool decoder : {false, true}) {
        const std::string group = decoder ? "decoder" : "encoder";
        const std::int64_t layers = arguments.integer(group + "_layers");
        graph.groups.push_back({group,
                                {(decoder ? "解码器层 × " : "编码器层 × ") + std::to_string(layers),
                                 (decoder ? "decoder layer × " : "encoder layer × ") + std::to_string(layers)}});
        std::string before = group + "_embedding";
        box(before, {"嵌入 + 位置", "embedding + position"}, "");
        box(before + "_dropout", dropout, "", "embedding");
        graph.wires.push_back({before, before + "_dropout"});
        before += "_dropout";
        std::vector<std::pair<std::string, Text>> sublayers{{"self", {"自注意力", "self-attention"}}};
        if (decoder) sublayers.push_back({"cross", {"交叉注意力", "cross-attention"}});
        sublayers.push_back({"ffn", {"前馈网络", "feed-forward"}});
        for (const auto& [name, label] : sublayers) {
            const std::string id = group + "_" + name;
            const bool ffn = name == "ffn";
            box(id,
                ffn ? Text{"隐藏层 φ(xW₁)", "hidden φ(xW₁)"}
                    : Text{label.zh + "的权重 softmax", label.en + " weights, softmax"},
                group);
            box(id + "_inner", dropout, group, ffn ? "ffn_hidden" : "attention");
            box(id + "_output", ffn ? Text{"· W₂", "· W₂"} : Text{"· V，再 · W_O", "· V, then · W_O"}, group);
            box(id + "_dropout", dropout, group, "residual");
            box(id + "_add", {"相加（跳连不动）", "add (the skip is left alone)"}, group);
            for (const auto& [from, to] :
                 std::vector<std::pair<std::string, std::string>>{{before, id},
                                                                  {id, id + "_inner"},
                                                                  {id + "_inner", id + "_output"},
                                                                  {id + "_output", id + "_dropout"},
                                                                  {id + "_dropout", id + "_add"},
                                                                  {before, id + "_add"}})
                graph.wires.push_back({from, to});
            before = id + "_add";
        }
    }
    graph.wires.push_back({"encoder_ffn_add", "decoder_cross"});
    return graph;
}

Run run(Arguments arguments, Context context) {
    const double p = arguments.number("p");
    const bool training = arguments.text("mode") == "train";
    const std::string& site = arguments.text("site");
    const std::int64_t samples = arguments.integer("samples"), layers = arguments.integer("encoder_layers");
    Rng rng = context.rng("tokens");
    const Tensor X = random_normal({n, d_model}, rng);

    // One tensor at the chosen site.
    const Encoder chosen(site, p, layers, context.rng("weights"));
    Trace trace;
    const std::vector<Tensor> quiet = chosen.stream(X, Pass::inference(&trace), trace);
    const Tensor input = at_site(site, X, trace);
    const BoolTensor mask =
        training ? dropout_mask(input.shape(), p, context.rng("mask")) : BoolTensor(input.shape(), std::uint8_t{1});
    const Tensor output = training ? inverted_dropout(input, mask, p) : input;

    // The whole model, twice in the same mode, and once built without any dropout.
    const auto pass = [&](const char* update) {
        return training ? Pass::training(context.rng(update), &trace) : Pass::inference(&trace);
    };
    const Tensor first = chosen.stream(X, pass("first"), trace).back();
    const Tensor second = chosen.stream(X, pass("second"), trace).back();
    const Encoder without(site, 0.0, layers, context.rng("weights"));
    const double eval_gap = max_abs_difference(quiet.back(), without.stream(X, Pass::inference(&trace), trace).back());

    // Statistics over a long row of ones.
    const Tensor ones({samples}, 1.0F);
    const BoolTensor kept =
        training ? dropout_mask(ones.shape(), p, context.rng("samples")) : BoolTensor(ones.shape(), std::uint8_t{1});
    const Tensor dropped = training ? inverted_dropout(ones, kept, p) : ones;
    const Moments moments = moments_of(dropped.elements());
    const RowSums rows = row_sums_of(training ? p : 0.0, std::max<std::int64_t>(10, samples / 10), context.rng("rows"));

    // On the skip path dropout follows upon dropout: what is left of the input after 1, 2, ... sublayers.
    DoubleTensor survival({2 * layers + 1}), expected({2 * layers + 1});
    Tensor skip = ones;
    for (std::int64_t k = 0; k <= 2 * layers; ++k) {
        if (k > 0)
            skip = inverted_dropout(
                skip, dropout_mask(skip.shape(), p, context.rng("skips").split(static_cast<std::uint64_t>(k))), p);
        survival[k] = static_cast<double>(std::count_if(skip.elements().begin(), skip.elements().end(),
                                                        [](float x) { return x > 0.0F; })) /
                      static_cast<double>(samples);
        expected[k] = k == 0 ? 1.0 : expected[k - 1] * (1.0 - p);
    }

    DoubleTensor noise({static_cast<std::int64_t>(sites.size()), layers + 1});
    for (std::size_t s = 0; s < sites.size(); ++s) {
        const std::vector<double> of =
            noise_of(Encoder(sites[s], p, layers, context.rng("weights")), X, context.rng("noise"));
        std::copy(of.begin(), of.end(), noise.row(static_cast<std::int64_t>(s)).begin());
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis row{"row", {}}, column{"column", {}}, spread{"score_std", {"0", "1", "4"}};
        const std::vector<std::string> at{"row", "column"};
        values.set("input", tensor_value(input, {row, column}, Role::activation));
        values.set("mask", TensorValue{mask, {row, column}, Role::mask});
        values.set("output", tensor_value(output, {row, column}, Role::activation,
                                          Derivation{Operation::matmul,
                                                     {{"input", at}, {"mask", at}},
                                                     {{"factor", training ? 1.0 / (1.0 - p) : 1.0}}}));
        Tensor sums({output.extent(0)});
        for (std::int64_t i = 0; i < sums.size(); ++i)
            for (const float x : output.row(i)) sums[i] += x;
        values.set("sums",
                   tensor_value(sums, {row}, Role::none,
                                Derivation{Operation::reduce, {{"output", at}}, {{"function", std::string("sum")}}}));
        values.set("identity_gap", max_abs_difference(input, output));
        values.set("mean", moments.mean);
        values.set("variance", moments.variance);
        values.set("expected_variance", training ? p / (1.0 - p) : 0.0);
        values.set("zero_fraction",
                   static_cast<double>(std::count(dropped.elements().begin(), dropped.elements().end(), 0.0F)) /
                       static_cast<double>(samples));
        values.set("conventions", conventions_of(ones, dropout_mask(ones.shape(), p, context.rng("samples")), p));
        values.set("row_sums", tensor_value(rows.sums, {spread, row}, Role::probability));
        values.set("row_sum_mean", TensorValue{rows.mean, {spread}, Role::probability});
        values.set("row_sum_std", TensorValue{rows.deviation, {spread}, Role::probability});
        values.set("predicted_std", TensorValue{rows.predicted, {spread}, Role::probability});
        values.set("least_std", training ? std::sqrt(p / ((1.0 - p) * static_cast<double>(keys))) : 0.0);
        values.set("eval_gap", eval_gap);
        values.set("repeat_gap", relative_difference(second, first));

        const DropoutSites count = dropout_sites(layers, arguments.integer("decoder_layers"));
        Table table{{{"site", Column::Kind::text, {"位置", "site"}},
                     {"paper", Column::Kind::integer, {"原论文", "the paper"}},
                     {"common", Column::Kind::integer, {"常见代码", "common code"}}},
                    {}};
        table.rows = {{std::string("embedding"), count.embedding, count.embedding},
                      {std::string("residual"), count.residual, count.residual},
                      {std::string("attention"), std::int64_t{0}, count.attention},
                      {std::string("ffn_hidden"), std::int64_t{0}, count.hidden}};
        values.set("site_counts", std::move(table));
        const bool common = arguments.text("convention") == "common";
        values.set("site_count", static_cast<double>(count.embedding + count.residual +
                                                     (common ? count.attention + count.hidden : 0)));
        values.set("architecture", architecture_of(arguments));

        const Axis sublayers{"sublayers", {}};
        values.set("survival", TensorValue{survival, {sublayers}});
        values.set("expected_survival", TensorValue{expected, {sublayers}});
        values.set("last_survival", survival[2 * layers]);
        values.set("noise", TensorValue{noise, {{"site", sites}, {"layer", {}}}});
        DoubleTensor last({static_cast<std::int64_t>(sites.size())});
        for (std::int64_t s = 0; s < last.size(); ++s) last[s] = noise(s, layers);
        values.set("last_noise", TensorValue{last, {{"site", sites}}});
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const double layer = 2.0 * n * (12.0 * d_model * d_model + 2.0 * n * d_model);
    const auto layers = static_cast<double>(arguments.integer("encoder_layers"));
    return {60.0 * layers * layer + static_cast<double>(arguments.integer("samples")) * (300.0 + 60.0 * layers), 2e7};
}

Output tensor(const std::string& name, Text doc, std::vector<std::string> axes, Role role) {
    return {name, OutputKind::tensor, std::move(doc), std::move(axes), role};
}
Output number(const std::string& name, Text doc) { return {name, OutputKind::scalar, std::move(doc)}; }

}  // namespace

const Experiment& training_dropout() {
    static const Experiment experiment{
        .id = "training.dropout",
        .summary = {"dropout 对一个张量做了什么，Transformer 里有哪些位置，放错地方会怎样",
                    "What dropout does to a tensor, at which sites a Transformer has it, and what a wrong site costs"},
        .parameters = {number_parameter("p", {"丢弃概率 p", "Dropout rate p"},
                                        {"每个元素归零的概率", "Probability that an element becomes 0"}, 0.1, 0.0, 0.9),
                       enum_parameter("site", {"位置", "Site"}, {"看哪里的张量", "Whose tensor is shown"}, "attention",
                                      {{"embedding", {"嵌入 + 位置", "embedding + position"}},
                                       {"residual", {"子层输出（相加之前）", "sublayer output, before it is added"}},
                                       {"attention", {"注意力权重", "attention weights"}},
                                       {"ffn_hidden", {"FFN 隐藏层", "FFN hidden units"}},
                                       {"skip_path", {"跳连本身（错）", "the skip path itself (wrong)"}}}),
                       enum_parameter("mode", {"模式", "Mode"},
                                      {"model.train() 还是 model.eval()", "model.train() or model.eval()"}, "train",
                                      {{"train", {"训练", "training"}}, {"eval", {"推理", "inference"}}}),
                       enum_parameter("convention", {"约定", "Convention"},
                                      {"按谁的做法数位置", "Whose sites are counted"}, "paper",
                                      {{"paper", {"原论文", "the paper"}}, {"common", {"常见代码", "common code"}}}),
                       integer_parameter("encoder_layers", {"编码器层数", "Encoder layers"},
                                         {"也是跑噪声实验的层数", "Also the depth of the noise experiment"}, 6, 1, 24),
                       integer_parameter("decoder_layers", {"解码器层数", "Decoder layers"},
                                         {"数位置用", "For counting sites"}, 6, 1, 24),
                       work(integer_parameter("samples", {"样本数", "Samples"},
                                              {"统计用的 1 有多少个", "How many ones the statistics take"}, 20000, 100,
                                              100000, Spacing::logarithmic))},
        .outputs =
            {tensor("input", {"所选位置的张量", "The tensor at the chosen site"}, {"row", "column"}, Role::activation),
             tensor("mask", {"1 = 保留", "1: kept"}, {"row", "column"}, Role::mask),
             tensor("output", {"dropout 之后", "After dropout"}, {"row", "column"}, Role::activation),
             tensor("sums", {"它每行之和", "Sum of each of its rows"}, {"row"}, Role::none),
             number("identity_gap", {"输出与输入最多差多少", "Largest difference of output and input"}),
             number("mean", {"一长串 1 经过 dropout 之后的均值", "Mean of a long row of ones after dropout"}),
             number("variance", {"它的方差", "Its variance"}),
             number("expected_variance", {"理论方差 p/(1−p)", "Variance by the formula, p/(1−p)"}),
             number("zero_fraction", {"归零的比例", "Share of zeros"}),
             {"conventions",
              OutputKind::table,
              {"两种写法，以及两种写错的方式", "The two conventions and two ways to mix them up"},
              {"written", "train", "eval"}},
             tensor("row_sums", {"attention dropout 之后每行之和", "Row sums of attention after dropout"},
                    {"score_std", "row"}, Role::probability),
             tensor("row_sum_mean", {"行和的均值", "Mean of the row sums"}, {"score_std"}, Role::probability),
             tensor("row_sum_std", {"行和的标准差", "Standard deviation of the row sums"}, {"score_std"},
                    Role::probability),
             tensor("predicted_std", {"公式 √(p/(1−p)·Σa²)", "By the formula √(p/(1−p)·Σa²)"}, {"score_std"},
                    Role::probability),
             number("least_std", {"任何注意力都不小于 √(p/((1−p)n))", "Least for any attention, √(p/((1−p)n))"}),
             number("eval_gap", {"推理时与没有 dropout 的模型最多差多少",
                                 "Inference against a model without dropout, largest difference"}),
             number("repeat_gap", {"同一输入跑两遍，输出相差多少（相对）",
                                   "The same input twice: relative difference of the outputs"}),
             {"site_counts",
              OutputKind::table,
              {"各处 dropout 的个数", "Number of dropout sites"},
              {"site", "paper", "common"}},
             number("site_count", {"一共几处", "Sites in all"}),
             {"architecture", OutputKind::graph, {"dropout 放在哪里", "Where dropout stands"}},
             tensor("survival",
                    {"跳连上每个子层都 dropout：输入分量还剩多少",
                     "Dropout on the skip path of every sublayer: share of the input that is left"},
                    {"sublayers"}, Role::none),
             tensor("expected_survival", {"(1−p)^k", "(1−p)^k"}, {"sublayers"}, Role::none),
             number("last_survival", {"走完所有子层还剩多少", "What is left after all sublayers"}),
             tensor("noise",
                    {"训练时的流与无噪声的流之差（相对）", "Stream in training against the noiseless one, relative"},
                    {"site", "layer"}, Role::none),
             tensor("last_noise", {"走出最后一层时的噪声", "Noise that leaves the last layer"}, {"site"}, Role::none)},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
