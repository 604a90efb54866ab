// Whose business is it what stands beside your sentence in the batch?  (Ba et al. 2016; Ioffe & Szegedy 2015)
//
// Both norms compute (x - mean) / sqrt(variance + epsilon). The only difference is over what the mean and the variance
// are taken: LayerNorm over the d features of one token, BatchNorm over all tokens of the batch for one feature.

#include <algorithm>
#include <cmath>

#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t n = 8, d = 32;  // real tokens of a sentence, features
constexpr double epsilon = 1e-5;

/// Mean and variance, one per feature.
struct Statistics {
    std::vector<double> mean, variance;
};

/// X [rows, d]. Every token by itself.
Tensor layer_norm(const Tensor& X, bool subtract_mean) {
    Tensor Y(X.shape());
    for (std::int64_t i = 0; i < X.extent(0); ++i) {
        double mean = 0.0, squares = 0.0;
        for (const float x : X.row(i)) mean += static_cast<double>(x) / d;
        if (!subtract_mean) mean = 0.0;  // RMSNorm
        for (const float x : X.row(i)) squares += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean) / d;
        for (std::int64_t c = 0; c < d; ++c)
            Y(i, c) = static_cast<float>((static_cast<double>(X(i, c)) - mean) / std::sqrt(squares + epsilon));
    }
    return Y;
}

/// Every feature over all rows: all tokens of all sentences, padding included.
Statistics over_the_batch(const Tensor& X) {
    Statistics s{std::vector<double>(d), std::vector<double>(d)};
    const auto rows = static_cast<double>(X.extent(0));
    for (std::int64_t c = 0; c < d; ++c) {
        const auto f = static_cast<std::size_t>(c);
        for (std::int64_t i = 0; i < X.extent(0); ++i) s.mean[f] += static_cast<double>(X(i, c)) / rows;
        for (std::int64_t i = 0; i < X.extent(0); ++i) {
            const double centred = static_cast<double>(X(i, c)) - s.mean[f];
            s.variance[f] += centred * centred / rows;
        }
    }
    return s;
}

Tensor batch_norm(const Tensor& X, const Statistics& s) {
    Tensor Y(X.shape());
    for (std::int64_t i = 0; i < X.extent(0); ++i) {
        for (std::int64_t c = 0; c < d; ++c) {
            const auto f = static_cast<std::size_t>(c);
            Y(i, c) =
                static_cast<float>((static_cast<double>(X(i, c)) - s.mean[f]) / std::sqrt(s.variance[f] + epsilon));
        }
    }
    return Y;
}

/// Running averages, as inference uses them: here of a thousand tokens seen before.
Statistics running_statistics(const Rng& rng) {
    Rng own = rng.split("running");
    return over_the_batch(random_normal({1024, d}, own));
}

Tensor normalise(const Tensor& X, const std::string& norm, const Statistics& running) {
    if (norm == "batch_train") return batch_norm(X, over_the_batch(X));
    if (norm == "batch_eval") return batch_norm(X, running);
    return layer_norm(X, norm == "layer");
}

/// `batch` sentences of n real tokens, each followed by `pads` zero vectors -> [batch (n + pads), d]. Sentence 0 is
/// yours.
Tensor batch_of(std::int64_t batch, std::int64_t pads, const Rng& rng, bool other_companions, bool other_last_token) {
    Tensor X({batch * (n + pads), d});
    for (std::int64_t b = 0; b < batch; ++b) {
        Rng own = rng.split(static_cast<std::uint64_t>(b > 0 && other_companions ? b + 1000 : b));
        for (std::int64_t i = 0; i < n; ++i) own.fill_normal(X.row(b * (n + pads) + i));
    }
    if (other_last_token) {
        Rng own = rng.split("another last token");
        own.fill_normal(X.row(n - 1));
    }
    return X;
}

/// What comes out for the n real tokens of your sentence.
Tensor yours(const Tensor& Y) { return Tensor({n, d}, {Y.data(), Y.data() + n * d}); }

struct Comparison {
    Tensor before, after;  // [n, d]
    DoubleTensor change;   // [n], relative, of each position
    double total = 0.0;
    double real_rms = 0.0;  // of all real tokens, in the batch that is changed to
};

Comparison compare(const std::string& norm, const std::string& change, std::int64_t batch, std::int64_t pads,
                   const Rng& rng) {
    const Statistics running = running_statistics(rng);
    const std::int64_t pads_before = change == "pads" ? 0 : pads;
    const Tensor X = batch_of(batch, pads, rng, change == "companions", change == "last_token");
    const Tensor Y = normalise(X, norm, running);
    Comparison result{yours(normalise(batch_of(batch, pads_before, rng, false, false), norm, running)), yours(Y),
                      DoubleTensor({n})};
    double differences = 0.0, sizes = 0.0, squares = 0.0;
    for (std::int64_t i = 0; i < n; ++i) {
        double difference = 0.0, size = 0.0;
        for (std::int64_t c = 0; c < d; ++c) {
            const auto a = static_cast<double>(result.before(i, c)), b = static_cast<double>(result.after(i, c));
            difference += (a - b) * (a - b);
            size += a * a;
        }
        result.change[i] = std::sqrt(difference / size);
        // The token that was replaced has changed by our own hand: it does not count.
        if (change == "last_token" && i == n - 1) continue;
        differences += difference;
        sizes += size;
    }
    result.total = std::sqrt(differences / sizes);
    for (std::int64_t b = 0; b < batch; ++b)
        for (std::int64_t i = 0; i < n; ++i)
            for (const float y : Y.row(b * (n + pads) + i)) squares += static_cast<double>(y) * static_cast<double>(y);
    result.real_rms = std::sqrt(squares / static_cast<double>(batch * n * d));
    return result;
}

Run run(Arguments arguments, Context context) {
    const std::string& norm = arguments.text("norm");
    const std::string& change = arguments.text("change");
    const std::int64_t batch = arguments.integer("batch");
    const std::int64_t percent = arguments.integer("pads");
    const auto pads =
        static_cast<std::int64_t>(std::lround(static_cast<double>(n * percent) / static_cast<double>(100 - percent)));
    const Rng rng = context.rng("sentences");
    const Comparison chosen = compare(norm, change, batch, pads, rng);

    const std::vector<std::string> norms = {"layer", "rms", "batch_train", "batch_eval"},
                                   batches = {"2", "4", "8", "16", "32", "64"};
    DoubleTensor sweep({4, 6});
    for (std::int64_t r = 0; r < 4; ++r)
        for (std::int64_t b = 0; b < 6; ++b)
            sweep(r, b) = compare(norms[static_cast<std::size_t>(r)], change, std::int64_t{2} << b, pads, rng).total;

    Frame frame(1, 1, [&](Values& values) {
        const std::vector<Axis> axes{{"token", {}}, {"feature", {}}};
        Tensor difference({n, d});
        for (std::int64_t i = 0; i < difference.size(); ++i) difference[i] = chosen.after[i] - chosen.before[i];
        values.set("output_before", tensor_value(chosen.before, axes, Role::activation));
        values.set("output_after", tensor_value(chosen.after, axes, Role::activation));
        values.set("difference", tensor_value(difference, axes, Role::activation));
        values.set("relative_change", chosen.total);
        values.set("change_by_position", TensorValue{chosen.change, {{"token", {}}}});
        values.set("first_token_change", chosen.change[0]);
        values.set("sweep", TensorValue{sweep, {{"norm", norms}, {"batch", batches}}});
        const double real = static_cast<double>(n) / static_cast<double>(n + pads);
        values.set("real_share", real);
        values.set("real_rms", chosen.real_rms);
        values.set("rms_bound", 1.0 / std::sqrt(real));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const double tokens = 8.0 / (1.0 - static_cast<double>(arguments.integer("pads")) / 100.0);
    return {4.0 * 130.0 * 3.0 * tokens * d * 12.0, 1e7};
}

}  // namespace

const Experiment& norm_batch_coupling() {
    static const Experiment experiment{
        .id = "norm.batch_coupling",
        .summary =
            {"你的句子没变，批里别的东西变了：归一化之后它还一样吗",
             "Your sentence stays the same, something else in the batch changes: is it still the same after the norm?"},
        .parameters =
            {enum_parameter(
                 "norm", {"归一化", "Norm"}, {"在什么范围上取均值和方差", "Over what mean and variance are taken"},
                 "batch_train",
                 {{"layer", {"LayerNorm", "LayerNorm"}},
                  {"rms", {"RMSNorm", "RMSNorm"}},
                  {"batch_train", {"BatchNorm，训练", "BatchNorm, training"}},
                  {"batch_eval", {"BatchNorm，推理（滑动平均）", "BatchNorm, inference (running averages)"}}}),
             enum_parameter("change", {"改变什么", "What changes"}, {"你的句子之外的什么", "Outside your sentence"},
                            "companions",
                            {{"companions", {"同批的其他句子", "the other sentences"}},
                             {"pads", {"从没有填充到有填充", "from no padding to padding"}},
                             {"last_token", {"自己的最后一个词元", "your own last token"}}}),
             integer_parameter("batch", {"批大小", "Batch size"}, {"一批几个句子", "Sentences in a batch"}, 2, 1, 64),
             integer_parameter("pads", {"填充比例 %", "Padding %"},
                               {"填充占所有位置的百分之几", "Share of the positions that are padding"}, 0, 0, 90)},
        .constraints = {{{"batch", "change"},
                         {"批里只有你的句子，没有别的句子可换：批大小至少 2。",
                          "A batch of one has no other sentences to change: take at least 2."},
                         [](const Arguments& a) {
                             return a.text("change") != "companions" || a.integer("batch") >= 2;
                         }}},
        .outputs =
            {{"output_before",
              OutputKind::tensor,
              {"改变之前，你的句子的输出", "Your sentence's output before the change"},
              {"token", "feature"},
              Role::activation},
             {"output_after",
              OutputKind::tensor,
              {"改变之后", "After the change"},
              {"token", "feature"},
              Role::activation},
             {"difference", OutputKind::tensor, {"两者之差", "The difference"}, {"token", "feature"}, Role::activation},
             {"relative_change",
              OutputKind::scalar,
              {"‖差‖ ÷ ‖输出‖（被替换的词元不计）", "‖difference‖ ÷ ‖output‖ (a replaced token not counted)"}},
             {"change_by_position",
              OutputKind::tensor,
              {"每个词元的相对变化", "Relative change of each token"},
              {"token"}},
             {"first_token_change", OutputKind::scalar, {"第 0 个词元的相对变化", "Relative change of token 0"}},
             {"sweep",
              OutputKind::tensor,
              {"四种归一化、各种批大小下的相对变化", "Relative change for every norm and batch size"},
              {"norm", "batch"}},
             {"real_share", OutputKind::scalar, {"真实词元所占的份额 f", "Share f of real tokens"}},
             {"real_rms", OutputKind::scalar, {"真实词元输出的均方根", "Root mean square of the real tokens' output"}},
             {"rms_bound", OutputKind::scalar, {"上界 1/√f", "The bound 1/√f"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
