// What can run at the same time, and what must wait?
//
// Every model is written down as a list of tasks, one per matrix product (or cell of an LSTM), each with the tasks it
// waits for. The longest chain of waiting is the critical path: with hardware without limit, that is the time. A
// parallel pass is a few wide products; generation is the same products for one token after another, and each time all
// weights are read again.

#include <algorithm>
#include <cmath>

#include "experiments/registry.h"
#include "nn/transformer_stack.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

const std::vector<std::string> model_names{"encoder", "decoder_training", "generation_no_cache", "generation_cached",
                                           "lstm"};
const std::vector<std::int64_t> grid{8, 16, 32, 64, 128, 256};

struct Task {
    std::int64_t pass = 0;  // which forward pass (token or time step); 0 when all tokens go at once
    std::int64_t layer = 0;
    std::string name;
    double linear = 0.0, attention = 0.0;  // FLOPs: products with weights; QK^T and AV
    double weights = 0.0;                  // numbers read from the model's weights
    std::vector<std::size_t> after;        // the tasks whose results it needs
};
using Tasks = std::vector<Task>;

/// One pass of a Transformer: `rows` tokens are computed, `keys` can be looked at. It waits for the pass before, whose
/// last token is its input.
void transformer_pass(Tasks& tasks, std::int64_t pass, std::int64_t layers, double d, double rows, double keys) {
    const auto then = [&](std::int64_t layer, const char* name, double linear, double attention, double weights) {
        Task task{pass, layer, name, linear, attention, weights, {}};
        if (!tasks.empty()) task.after.push_back(tasks.size() - 1);  // needs what came just before
        tasks.push_back(std::move(task));
    };
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        then(layer, "Q K V", 2.0 * rows * d * 3.0 * d, 0.0, 3.0 * d * d);  // three products, none waits for another
        then(layer, "Q Kᵀ", 0.0, 2.0 * rows * keys * d, 0.0);              // all heads at once
        then(layer, "A V", 0.0, 2.0 * rows * keys * d, 0.0);
        then(layer, "W_O", 2.0 * rows * d * d, 0.0, d * d);
        then(layer, "W_1", 2.0 * rows * d * 4.0 * d, 0.0, 4.0 * d * d);
        then(layer, "W_2", 2.0 * rows * 4.0 * d * d, 0.0, 4.0 * d * d);
    }
}

Tasks tasks_of(const std::string& model, std::int64_t n, std::int64_t layers, double d) {
    Tasks tasks;
    const auto length = static_cast<double>(n);
    if (model == "encoder" || model == "decoder_training") {
        // A decoder in training knows all of its input: a mask, not waiting, hides the future.
        transformer_pass(tasks, 0, layers, d, length, length);
    } else if (model == "lstm") {
        for (std::int64_t t = 0; t < n; ++t) {
            for (std::int64_t layer = 0; layer < layers; ++layer) {
                const std::size_t here = tasks.size();
                Task cell{t, layer, "cell", 2.0 * 8.0 * d * d, 0.0, 8.0 * d * d, {}};      // [x, h] times [2d, 4d]
                if (layer > 0) cell.after.push_back(here - 1);                             // x: the layer below, now
                if (t > 0) cell.after.push_back(here - static_cast<std::size_t>(layers));  // h: this layer, before
                tasks.push_back(std::move(cell));
            }
        }
    } else {
        for (std::int64_t t = 0; t < n; ++t) {
            const auto seen = static_cast<double>(t + 1);
            const bool cached = model == "generation_cached";  // K and V of the past are kept: one row is new
            transformer_pass(tasks, t, layers, d, cached ? 1.0 : seen, seen);
        }
    }
    return tasks;
}

/// When each task can end at the earliest, each taking one unit of time: the longest way to it.
std::vector<std::int64_t> earliest_ends(const Tasks& tasks) {
    std::vector<std::int64_t> ends;
    for (const Task& task : tasks) {
        std::int64_t start = 0;
        for (const std::size_t before : task.after) start = std::max(start, ends[before]);
        ends.push_back(start + 1);
    }
    return ends;
}

struct Totals {
    double path = 0.0, linear = 0.0, attention = 0.0, weight_bytes = 0.0;
    double intensity() const { return (linear + attention) / weight_bytes; }
};
Totals totals_of(const Tasks& tasks) {
    const std::vector<std::int64_t> ends = earliest_ends(tasks);
    Totals totals;
    totals.path = static_cast<double>(*std::max_element(ends.begin(), ends.end()));
    for (const Task& task : tasks) {
        totals.linear += task.linear;
        totals.attention += task.attention;
        totals.weight_bytes += 4.0 * task.weights;
    }
    return totals;
}

/// Token by token: from when to when is each worked on? The first twelve.
Table timeline_of(const Tasks& tasks, std::int64_t n, bool at_once) {
    Table table{{{"token", Column::Kind::text, {"词元", "Token"}},
                 {"start", Column::Kind::integer, {"开始", "Start"}},
                 {"stages", Column::Kind::integer, {"要几个阶段", "Stages"}}},
                {}};
    const std::vector<std::int64_t> ends = earliest_ends(tasks);
    for (std::int64_t token = 0; token < std::min<std::int64_t>(n, 12); ++token) {
        std::int64_t start = *std::max_element(ends.begin(), ends.end()), end = 0;
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            if (!at_once && tasks[i].pass != token) continue;
            start = std::min(start, ends[i] - 1);
            end = std::max(end, ends[i]);
        }
        table.rows.push_back({std::to_string(token), start, end - start});
    }
    return table;
}

/// The tasks of three tokens as a picture: who waits for whom.
Graph graph_of(const std::string& model, std::int64_t layers) {
    const Tasks tasks = tasks_of(model, 3, std::min<std::int64_t>(layers, 2), 1.0);
    const bool at_once = model == "encoder" || model == "decoder_training";
    Graph graph;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Task& task = tasks[i];
        const std::string group = "pass " + std::to_string(task.pass);
        if (graph.groups.empty() || graph.groups.back().id != group)
            graph.groups.push_back(
                {group, at_once ? Text{"三个词元一起", "three tokens at once"}
                                : Text{"词元 " + std::to_string(task.pass), "token " + std::to_string(task.pass)}});
        const std::string where = std::to_string(task.layer + 1);
        graph.boxes.push_back({std::to_string(i),
                               {task.name + "（第 " + where + " 层）", task.name + " (layer " + where + ")"},
                               "",
                               "",
                               task.attention > 0.0 ? Role::probability : Role::weight,
                               group});
        for (const std::size_t before : task.after) {
            const bool waits = tasks[before].pass != task.pass;
            graph.wires.push_back({std::to_string(before), std::to_string(i), {}, waits});
        }
    }
    return graph;
}

/// The same decoder twice: all tokens in one pass behind a causal mask, and one by one with a KV cache.
struct Measured {
    double gap = 0.0, parallel_ms = 0.0, stepwise_ms = 0.0;
};
Measured measure(std::int64_t n, std::int64_t layers, std::int64_t d, const Context& context) {
    TransformerStackConfig config;
    config.n_layers = layers;
    config.layer.attention = {.d_model = d, .n_heads = 4};
    config.layer.feed_forward = {.d_ff = 4 * d};
    config.layer.placement = NormPlacement::pre;
    const TransformerStack stack(config, context.rng("weights"));
    Rng rng = context.rng("tokens");
    const Tensor X = random_normal({n, d}, rng);
    const auto now = [&] { return context.milliseconds ? context.milliseconds() : 0.0; };

    Measured result;
    const double begin = now();
    LayerInput input;
    input.mask = causal_mask(n);
    const Tensor all = stack.forward(Variable(X), input).value();
    const double middle = now();
    StackCache cache;
    for (std::int64_t t = 0; t < n; ++t) {
        const Tensor token({1, d}, {X.row(t).begin(), X.row(t).end()});
        const Tensor one = stack.forward(Variable(token), {}, {}, &cache).value();
        for (std::int64_t c = 0; c < d; ++c)
            result.gap = std::max(result.gap, std::abs(static_cast<double>(one[c]) - static_cast<double>(all(t, c))));
    }
    result.parallel_ms = middle - begin;
    result.stepwise_ms = now() - middle;
    return result;
}

Run run(Arguments arguments, Context context) {
    const std::string& model = arguments.text("model");
    const std::int64_t n = arguments.integer("n"), layers = arguments.integer("layers"), d = arguments.integer("d");
    const auto width = static_cast<double>(d);
    const auto models = static_cast<std::int64_t>(model_names.size()), lengths = static_cast<std::int64_t>(grid.size());

    DoubleTensor path({models}), linear({models}), attention({models}), bytes({models}), intensity({models});
    DoubleTensor paths({models, lengths}), reads({models, lengths});
    Table table{{{"model", Column::Kind::text, {"怎样运行", "How it runs"}},
                 {"stages", Column::Kind::integer, {"关键路径", "Critical path"}},
                 {"mflop", Column::Kind::number, {"百万次运算", "MFLOP"}},
                 {"megabytes", Column::Kind::number, {"读权重（MB）", "Weights read (MB)"}},
                 {"intensity", Column::Kind::number, {"运算 / 字节", "FLOP per byte"}}},
                {}};
    for (std::int64_t m = 0; m < models; ++m) {
        const std::string& name = model_names[static_cast<std::size_t>(m)];
        const Totals t = totals_of(tasks_of(name, n, layers, width));
        path[m] = t.path;
        linear[m] = t.linear;
        attention[m] = t.attention;
        bytes[m] = t.weight_bytes;
        intensity[m] = t.intensity();
        table.rows.push_back({name, static_cast<std::int64_t>(t.path), (t.linear + t.attention) / 1e6,
                              t.weight_bytes / 1e6, t.intensity()});
        for (std::int64_t l = 0; l < lengths; ++l) {
            const Totals at = totals_of(tasks_of(name, grid[static_cast<std::size_t>(l)], layers, width));
            paths(m, l) = at.path;
            reads(m, l) = at.weight_bytes / 1e6;
        }
    }
    const Measured measured = measure(n, layers, d, context);
    const std::int64_t chosen = std::find(model_names.begin(), model_names.end(), model) - model_names.begin();

    Frame frame(1, 1, [&](Values& values) {
        std::vector<std::string> ticks;
        for (const std::int64_t length : grid) ticks.push_back(std::to_string(length));
        const Axis of{"model", model_names}, length{"n", ticks};
        values.set("critical_path", path[chosen]);
        values.set("path", TensorValue{path, {of}, Role::count});
        values.set("paths", TensorValue{paths, {of, length}, Role::count});
        values.set("linear_flops", TensorValue{linear, {of}, Role::count});
        values.set("attention_flops", TensorValue{attention, {of}, Role::count});
        values.set("weight_bytes_read", TensorValue{bytes, {of}, Role::count});
        values.set("weight_megabytes", TensorValue{reads, {of, length}, Role::count});
        values.set("arithmetic_intensity", TensorValue{intensity, {of}});
        values.set("models", table);
        const bool at_once = model == "encoder" || model == "decoder_training";
        values.set("timeline", timeline_of(tasks_of(model, n, layers, width), n, at_once));
        values.set("dependencies", graph_of(model, layers));
        values.set("output_gap", measured.gap);
        values.set("parallel_ms", measured.parallel_ms);
        values.set("stepwise_ms", measured.stepwise_ms);
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n")),
               layers = static_cast<double>(arguments.integer("layers")),
               d = static_cast<double>(arguments.integer("d"));
    return {2.0 * n * layers * (24.0 * d * d + 8.0 * n * d) + n * layers * 2e5,
            layers * 60.0 * d * d + 40.0 * n * n + 2e7};
}

}  // namespace

const Experiment& efficiency_parallelism() {
    static const Experiment experiment{
        .id = "efficiency.parallelism",
        .summary = {"谁必须等谁：关键路径、运算次数、读多少权重；并行一遍与逐个生成结果相同",
                    "Who must wait for whom: critical path, operations, weights read; one parallel pass and one-by-one "
                    "give the same"},
        .parameters = {enum_parameter("model", {"怎样运行", "How it runs"},
                                      {"画哪一种；表里五种都算", "Which is drawn; the table has all five"}, "encoder",
                                      {{"encoder", {"编码器", "encoder"}},
                                       {"decoder_training", {"解码器，训练", "decoder in training"}},
                                       {"generation_no_cache", {"逐个生成，没有缓存", "generation, no cache"}},
                                       {"generation_cached", {"逐个生成，KV 缓存", "generation, KV cache"}},
                                       {"lstm", {"LSTM", "LSTM"}}}),
                       integer_parameter("n", {"词元数 n", "Tokens n"}, {"序列长度", "Length of the sequence"}, 64, 8,
                                         256, Spacing::power_of_two),
                       integer_parameter("layers", {"层数 L", "Layers L"}, {"叠几层", "Depth"}, 2, 1, 6),
                       integer_parameter("d", {"宽度 d", "Width d"}, {"前馈宽度是 4d", "The feed-forward is 4d wide"},
                                         128, 32, 128, Spacing::power_of_two)},
        .outputs =
            {{"critical_path",
              OutputKind::scalar,
              {"所选方式的关键路径", "Critical path of the chosen way"},
              {},
              Role::count},
             {"path",
              OutputKind::tensor,
              {"关键路径：必须一个接一个的阶段", "Critical path: stages that must wait for each other"},
              {"model"},
              Role::count},
             {"paths",
              OutputKind::tensor,
              {"关键路径随长度", "Critical path over the length"},
              {"model", "n"},
              Role::count},
             {"linear_flops",
              OutputKind::tensor,
              {"与权重相乘的运算次数", "FLOPs of products with weights"},
              {"model"},
              Role::count},
             {"attention_flops",
              OutputKind::tensor,
              {"QKᵀ 与 AV 的运算次数", "FLOPs of QKᵀ and AV"},
              {"model"},
              Role::count},
             {"weight_bytes_read",
              OutputKind::tensor,
              {"读了多少字节的权重（float32）", "Bytes of weights read (float32)"},
              {"model"},
              Role::count},
             {"weight_megabytes",
              OutputKind::tensor,
              {"读权重（MB）随长度", "Weights read (MB) over the length"},
              {"model", "n"},
              Role::count},
             {"arithmetic_intensity",
              OutputKind::tensor,
              {"每读一个字节的权重做几次运算", "FLOPs per byte of weights read"},
              {"model"}},
             {"models",
              OutputKind::table,
              {"五种运行方式", "Five ways to run"},
              {"model", "stages", "mflop", "megabytes", "intensity"}},
             {"timeline",
              OutputKind::table,
              {"前 12 个词元各在什么时候算", "When each of the first 12 tokens is worked on"},
              {"token", "start", "stages"}},
             {"dependencies", OutputKind::graph, {"三个词元：谁等谁", "Three tokens: who waits for whom"}},
             {"output_gap",
              OutputKind::scalar,
              {"并行一遍与逐个计算最多差多少", "Largest difference of one parallel pass and one by one"}},
             {"parallel_ms", OutputKind::scalar, {"并行一遍（毫秒）", "One parallel pass (ms)"}, {}, Role::none, true},
             {"stepwise_ms", OutputKind::scalar, {"逐个计算（毫秒）", "One by one (ms)"}, {}, Role::none, true}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
