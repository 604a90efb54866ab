// Trained on 16 tokens, tested on 64: which position scheme survives?
//
// A two-layer causal model must report, at every place, the symbol one (or two) back in a stream of random symbols:
// the rule is the same at every place, so whoever learned it by distance can go on for ever, and whoever learned it by
// place is lost where no place was trained. Five copies of the model, one per scheme, are trained on the same data and
// then read longer streams. RoPE is tested three times with the same weights: as it is, with its positions compressed
// (Chen et al. 2023) and with a larger base ("NTK-aware").

#include <algorithm>
#include <cmath>
#include <memory>

#include "autograd/operations.h"
#include "data/sequences.h"
#include "experiments/registry.h"
#include "nn/loss.h"
#include "nn/position.h"
#include "nn/transformer_stack.h"
#include "tensor/kernels.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace glassformer {
namespace {

constexpr std::int64_t train_length = 16, symbols = 8, batch = 8, d_model = 32;
constexpr std::int64_t test_sequences = 32, last_places = 8;
constexpr std::int32_t no_answer = -1;
const std::vector<std::int64_t> test_lengths{16, 24, 32, 64};
const std::vector<std::string> schemes{"none", "sinusoidal", "learned", "alibi", "rope"};

using Extension = RopeConfig::Extension;

PositionKind kind_of(const std::string& scheme) {
    if (scheme == "sinusoidal") return PositionKind::sinusoidal;
    if (scheme == "learned") return PositionKind::learned;
    if (scheme == "alibi") return PositionKind::alibi;
    if (scheme == "rope") return PositionKind::rope;
    return PositionKind::none;
}

/// Token embeddings, positions, two Pre-LN layers behind a causal mask, a linear layer to the symbols.
struct Model {
    Embedding tokens;
    AbsolutePosition positions;  // added to the tokens, if the scheme is one of those
    TransformerStack stack;      // RoPE and ALiBi act in here
    Linear output;

    Model(PositionKind kind, const RopeConfig& rope, const Rng& rng)
        : tokens(symbols, d_model, rng.split("tokens"), 1.0F),
          positions(kind, d_model, test_lengths.back(), rng.split("positions"), 1.0F),
          stack(configure(kind, rope), rng.split("stack")),
          output(d_model, symbols, rng.split("output")) {}

    static TransformerStackConfig configure(PositionKind kind, const RopeConfig& rope) {
        TransformerStackConfig config;
        config.n_layers = 2;
        config.layer.attention = {.d_model = d_model, .n_heads = 4};
        if (!is_absolute(kind)) config.layer.attention.position = {.kind = kind, .rope = rope};
        config.layer.feed_forward = {.d_ff = 64};
        config.layer.placement = NormPlacement::pre;
        return config;
    }

    /// ids [batch, n] -> logits [batch, n, symbols]
    Variable forward(const IntTensor& ids, Trace* trace = nullptr) const {
        const std::int64_t n = ids.extent(1);
        Variable x = tokens.forward(ids);
        if (const auto added = positions.forward(counted_positions(n))) x = add(x, *added);
        LayerInput input;
        input.mask = causal_mask(n);
        return output.forward(stack.forward(x, input, Pass::inference(trace)));
    }

    NamedParameters parameters() const {
        NamedParameters all;
        append_parameters(all, "tokens", tokens.parameters());
        append_parameters(all, "positions", positions.parameters());
        append_parameters(all, "stack", stack.parameters());
        append_parameters(all, "output", output.parameters());
        return all;
    }
};

/// The same weights with RoPE stretched over `factor` times the training length. Nothing is trained again.
Model stretched(const Model& trained, Extension extension, double factor) {
    Model model(PositionKind::rope, {.extension = extension, .factor = factor}, Rng(1));
    const NamedParameters parameters = model.parameters();
    for (const auto& [name, parameter] : trained.parameters()) set_parameter(parameters, name, parameter.value());
    return model;
}

/// Shares of right answers at each place of [sequences, n].
std::vector<double> accuracy_by_place(const Tensor& logits, const IntTensor& targets, std::int64_t first_place) {
    const std::int64_t sequences = targets.extent(0), n = targets.extent(1);
    std::vector<double> right(static_cast<std::size_t>(n), 0.0);
    for (std::int64_t s = 0; s < sequences; ++s) {
        for (std::int64_t p = first_place; p < n; ++p) {
            const float* row = logits.data() + (s * n + p) * symbols;
            const auto guess = std::max_element(row, row + symbols) - row;
            if (guess == targets(s, p)) right[static_cast<std::size_t>(p)] += 1.0 / static_cast<double>(sequences);
        }
    }
    return right;
}

/// One scheme in training; RoPE is three rows of the test.
struct Contestant {
    std::string name;
    std::unique_ptr<Model> model;
    std::unique_ptr<Adam> optimizer;
    Series curve{"update", {}};
};
struct Row {
    std::string name;  // "rope_ntk"
    const Contestant* of;
    Extension extension = Extension::none;

    Model at(std::int64_t length) const {
        const double factor = static_cast<double>(length) / static_cast<double>(train_length);
        return extension == Extension::none ? *of->model : stretched(*of->model, extension, factor);
    }
};

std::vector<Row> rows_of(const std::vector<Contestant>& contestants) {
    std::vector<Row> rows;
    for (const Contestant& c : contestants) {
        rows.push_back({c.name, &c});
        if (c.name != "rope") continue;
        rows.push_back({"rope_interpolation", &c, Extension::interpolation});
        rows.push_back({"rope_ntk", &c, Extension::ntk});
    }
    return rows;
}

struct Results {
    DoubleTensor accuracy;  // [rows, lengths], over the last places of each length
    DoubleTensor by_place;  // [rows, places of the longest]
};

Results test(const std::vector<Row>& rows, Recall recall, const Rng& rng) {
    const auto lengths = static_cast<std::int64_t>(test_lengths.size());
    const auto count = static_cast<std::int64_t>(rows.size());
    const std::int64_t start = recall == Recall::previous ? 1 : 2;  // before it there is nothing to report
    Results results{DoubleTensor({count, lengths}), DoubleTensor({count, test_lengths.back() - start})};
    for (std::int64_t l = 0; l < lengths; ++l) {
        const std::int64_t n = test_lengths[static_cast<std::size_t>(l)];
        Rng own = rng.split(static_cast<std::uint64_t>(n));
        const TokenBatch sample =
            recalls({.recall = recall, .length = static_cast<int>(n), .symbols = symbols}, test_sequences, own);
        for (std::int64_t r = 0; r < count; ++r) {
            const Model model = rows[static_cast<std::size_t>(r)].at(n);
            const std::vector<double> right =
                accuracy_by_place(model.forward(sample.inputs).value(), sample.targets, start);
            for (std::int64_t p = n - last_places; p < n; ++p)
                results.accuracy(r, l) += right[static_cast<std::size_t>(p)] / static_cast<double>(last_places);
            if (n != test_lengths.back()) continue;
            for (std::int64_t p = start; p < n; ++p)
                results.by_place(r, p - start) = right[static_cast<std::size_t>(p)];
        }
    }
    return results;
}

std::vector<std::string> names(const std::vector<std::int64_t>& of) {
    std::vector<std::string> result;
    for (const std::int64_t n : of) result.push_back(std::to_string(n));
    return result;
}

Run run(Arguments arguments, Context context) {
    const std::int64_t updates = arguments.integer("updates");
    const Recall recall = arguments.text("task") == "previous" ? Recall::previous : Recall::two_back;
    const std::string& shown = arguments.text("shown");
    std::vector<Contestant> contestants;
    for (const std::string& name : schemes) {
        if (!arguments.contains("schemes", name) && shown.rfind(name, 0) != 0) continue;
        // The same seed for all: they start from the same weights.
        auto model = std::make_unique<Model>(kind_of(name), RopeConfig{}, context.rng("weights"));
        auto optimizer = std::make_unique<Adam>(model->parameters());
        contestants.push_back({name, std::move(model), std::move(optimizer)});
    }
    const std::vector<Row> rows = rows_of(contestants);
    const Schedule schedule{Schedule::Kind::cosine, std::min<std::int64_t>(50, updates / 4), updates + 1};
    const RecallTask task{.recall = recall, .length = train_length, .symbols = symbols};
    const Rng data = context.rng("data");

    Results results;
    for (std::int64_t update = 0; update <= updates; ++update) {
        Rng rng = data.split(static_cast<std::uint64_t>(update));
        const TokenBatch sample = recalls(task, batch, rng);  // the same for every contestant
        IntTensor counted = sample.targets;
        for (std::int64_t i = 0; i < counted.size(); ++i)
            if (sample.mask[i] == 0) counted[i] = no_answer;
        for (Contestant& c : contestants) {
            const Variable loss = cross_entropy(c.model->forward(sample.inputs), counted, {.ignore_index = no_answer});
            c.curve.points.push_back({static_cast<double>(update), static_cast<double>(loss.value()[0])});
            if (update == updates) continue;
            loss.backward();
            c.optimizer->update(0.004F * schedule.factor(update + 1));
        }
        const std::int64_t often = std::max<std::int64_t>(updates / 2, 1);
        if (update % often == 0 || update == updates) results = test(rows, recall, context.rng("test"));

        Frame frame(update, updates, [&](Values& values) {
            std::vector<std::string> row_names, places;
            for (const Row& row : rows) row_names.push_back(row.name);
            const std::int64_t start = test_lengths.back() - results.by_place.extent(1);
            for (std::int64_t p = start; p < test_lengths.back(); ++p) places.push_back(std::to_string(p));
            const Axis scheme{"scheme", row_names};
            values.set("accuracy", TensorValue{results.accuracy, {scheme, {"length", names(test_lengths)}}});
            values.set("by_place", TensorValue{results.by_place, {scheme, {"place", places}}});
            Table table{{{"scheme", Column::Kind::text, {"方案", "Scheme"}}}, {}};
            for (const std::string& n : names(test_lengths))
                table.columns.push_back({"at_" + n, Column::Kind::number, {"长度 " + n, "length " + n}});
            for (std::size_t r = 0; r < rows.size(); ++r) {
                table.rows.push_back({row_names[r]});
                for (std::int64_t l = 0; l < results.accuracy.extent(1); ++l)
                    table.rows.back().push_back(results.accuracy(static_cast<std::int64_t>(r), l));
            }
            values.set("accuracy_table", table);
            values.set("chance", 1.0 / static_cast<double>(symbols));
            for (const std::string& name : schemes) {
                const auto found = std::find_if(contestants.begin(), contestants.end(),
                                                [&](const Contestant& c) { return c.name == name; });
                values.set("curve_" + name, found == contestants.end() ? Series{"update", {}} : found->curve);
            }
            // One stream of twice the training length, through the row that is shown.
            const Row& row = *std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == shown; });
            const std::int64_t n = 2 * train_length;
            Rng own = context.rng("shown");
            const TokenBatch stream =
                recalls({.recall = recall, .length = static_cast<int>(n), .symbols = symbols}, 1, own);
            Trace trace;
            row.at(n).forward(stream.inputs, &trace);
            const Tensor first = trace.at("layers.0.self_attention.attention").value();
            const Tensor second = trace.at("layers.1.self_attention.attention").value();
            std::vector<Tensor> both{first.reshaped({4, n, n}), second.reshaped({4, n, n})};
            values.set("attention",
                       tensor_value(stack(both, 0), {{"layer", {}}, {"head", {}}, {"query", {}}, {"key", {}}},
                                    Role::probability));
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    double rows = 0.0, trained = 0.0;
    for (const std::string& name : schemes) {
        if (!arguments.contains("schemes", name) && arguments.text("shown").rfind(name, 0) != 0) continue;
        trained += 1.0;
        rows += name == "rope" ? 3.0 : 1.0;
    }
    const double token = 2.0 * 2.0 * (4.0 * d_model * d_model + 2.0 * 64.0 * d_model + 128.0 * d_model);
    const double update = 3.0 * trained * batch * train_length * token;
    return {static_cast<double>(arguments.integer("updates")) * update + 3.0 * rows * test_sequences * 136.0 * token,
            6e7};
}

Output curve(const std::string& scheme, const char* zh, const char* en) {
    return {"curve_" + scheme,
            OutputKind::series,
            {std::string("训练损失：") + zh, std::string("Training loss: ") + en},
            {},
            Role::loss};
}

}  // namespace

const Experiment& position_extrapolation() {
    static const Experiment experiment{
        .id = "position.extrapolation",
        .summary = {"训练长度 16，测试到 64：哪种位置编码撑得住；RoPE 不重训，改位置或改底数",
                    "Trained at 16, tested up to 64: which position scheme survives? And RoPE stretched without "
                    "training it again"},
        .parameters = {set_parameter("schemes", {"方案", "Schemes"},
                                     {"哪几种一起训练", "Which are trained side by side"}, schemes,
                                     {{"none", {"没有", "none"}},
                                      {"sinusoidal", {"正弦", "sinusoidal"}},
                                      {"learned", {"可学习", "learned"}},
                                      {"alibi", {"ALiBi", "ALiBi"}},
                                      {"rope", {"RoPE", "RoPE"}}}),
                       enum_parameter(
                           "shown", {"细看哪一种", "Look at"},
                           {"画谁的注意力；它总会一起训练", "Whose attention is drawn; it is trained in any case"},
                           "rope",
                           {{"none", {"没有", "none"}},
                            {"sinusoidal", {"正弦", "sinusoidal"}},
                            {"learned", {"可学习", "learned"}},
                            {"alibi", {"ALiBi", "ALiBi"}},
                            {"rope", {"RoPE", "RoPE"}},
                            {"rope_interpolation", {"RoPE + 位置内插", "RoPE + interpolation"}},
                            {"rope_ntk", {"RoPE + NTK", "RoPE + NTK"}}}),
                       enum_parameter("task", {"任务", "Task"},
                                      {"报出前面哪一个符号", "Which earlier symbol to report"}, "previous",
                                      {{"previous", {"前一个", "one back"}}, {"two_back", {"前两个", "two back"}}}),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 400, 10, 1000))},
        .outputs = {{"accuracy",
                     OutputKind::tensor,
                     {"最后 8 个位置的正确率", "Accuracy at the last 8 places"},
                     {"scheme", "length"}},
                    {"accuracy_table",
                     OutputKind::table,
                     {"最后 8 个位置的正确率", "Accuracy at the last 8 places"},
                     {"scheme", "at_16", "at_24", "at_32", "at_64"}},
                    {"by_place",
                     OutputKind::tensor,
                     {"长度 64 时，每个位置的正确率", "At length 64: accuracy at each place"},
                     {"scheme", "place"}},
                    {"chance", OutputKind::scalar, {"瞎猜的正确率", "Accuracy of guessing"}},
                    curve("none", "没有", "none"),
                    curve("sinusoidal", "正弦", "sinusoidal"),
                    curve("learned", "可学习", "learned"),
                    curve("alibi", "ALiBi", "ALiBi"),
                    curve("rope", "RoPE", "RoPE"),
                    {"attention",
                     OutputKind::tensor,
                     {"长度 32 时的注意力（训练长度的两倍）", "Attention at length 32, twice the training length"},
                     {"layer", "head", "query", "key"},
                     Role::probability}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
