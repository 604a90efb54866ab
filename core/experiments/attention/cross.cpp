// How the decoder reads the encoder: cross-attention, looked at in a small translator of dates that is trained here
//
//     M = encoder(source)            [n_source, d]    once per source
//     Q = X W_Q                      [n_target, d]    X: the decoder's own stream, new for every token
//     K = M W_K,  V = M W_V          [n_source, d]    every decoder layer has its own W_K and W_V, all read one M
//     softmax(Q K^T / sqrt(d_k)) V                    hidden: the source's padding; never the future
//
// "Tuesday, March 5, 2024" becomes 2024 年 3 月 5 日 星期二. Once it is trained we tamper with M.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "autograd/operations.h"
#include "data/dates.h"
#include "experiments/registry.h"
#include "models/transformer.h"
#include "nn/loss.h"
#include "tensor/kernels.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/utf8.h"
#include "tokenizer/vocabulary.h"
#include "training/optimizer.h"

namespace glassformer {
namespace {

constexpr std::int64_t d_model = 32, n_heads = 2, d_head = d_model / n_heads, decoder_layers = 2, batch = 16;
constexpr std::int64_t longest_source = 8, longest_target = 9;
constexpr int earliest = 2000, latest = 2029;

constexpr std::array weekdays = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::array xingqi = {"星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"};
constexpr std::array months = {"January", "February", "March",     "April",   "May",      "June",
                               "July",    "August",   "September", "October", "November", "December"};

/// Words of the two languages. Padding and start, end are the first ids.
struct Words {
    Vocabulary source, target;
    std::int32_t padding, start, end;

    Words() : padding(source.add("[PAD]")), start(target.add("<s>")), end(target.add("</s>")) {
        source.add(",");
        for (const char* word : weekdays) source.add(word);
        for (const char* word : months) source.add(word);
        for (const char* word : {"年", "月", "日"}) target.add(word);
        for (const char* word : xingqi) target.add(word);
        for (Vocabulary* language : {&source, &target}) {
            for (int day = 1; day <= 31; ++day) language->add(std::to_string(day));
            for (int year = earliest; year <= latest; ++year) language->add(std::to_string(year));
        }
    }
};

using Ids = std::vector<std::int32_t>;

Ids read_source(const Words& words, const std::string& text, const char* parameter) {
    const TextIndex source(text);
    Ids ids;
    for (const WordSpan& span : pre_tokenize(PreTokenizer::bert, source.points())) {
        const std::string word(source.slice(span.begin, span.end));
        const auto id = words.source.find(word);
        if (!id || *id == words.padding) {
            throw Error(ErrorKind::out_of_range,
                        {"不认识“" + word + "”：只认英文的星期与月份（首字母大写）、1 到 31、2000 到 2029 和逗号。",
                         "“" + word +
                             "” is unknown: only English weekdays and months (capitalised), 1 to 31, 2000 to "
                             "2029 and commas are."},
                        parameter);
        }
        ids.push_back(*id);
    }
    const auto n = static_cast<std::int64_t>(ids.size());
    if (n < 2 || n > longest_source) {
        throw Error(ErrorKind::out_of_range,
                    {"源句要有 2 到 8 个词元（逗号也算），现在有 " + std::to_string(n) + " 个。",
                     "The source must have 2 to 8 tokens, commas included; it has " + std::to_string(n) + "."},
                    parameter);
    }
    return ids;
}

/// One random date in both languages; English in one of two word orders.
std::pair<Ids, Ids> draw_pair(const Words& words, Rng& rng) {
    const int first = day_number({earliest, 1, 1}), last = day_number({latest, 12, 31});
    const int number = first + static_cast<int>(rng.integer(static_cast<std::uint32_t>(last - first + 1)));
    const Date date = date_of(number);
    const auto which = static_cast<std::size_t>(weekday(date));
    const std::string name = weekdays[which], month = months[static_cast<std::size_t>(date.month - 1)];
    const std::string day = std::to_string(date.day), year = std::to_string(date.year);
    const std::vector<std::string> english = rng.integer(2) == 0
                                                 ? std::vector<std::string>{name, ",", month, day, ",", year}
                                                 : std::vector<std::string>{day, month, year, ",", name};
    Ids source, target;
    for (const std::string& word : english) source.push_back(*words.source.find(word));
    for (const std::string& word : {year, std::string("年"), std::to_string(date.month), std::string("月"), day,
                                    std::string("日"), std::string(xingqi[which])})
        target.push_back(*words.target.find(word));
    target.push_back(words.end);
    return {source, target};
}

struct Batch {
    IntTensor source, inputs, targets;  // [batch, n_source], [batch, n_target]: inputs are the targets one later
    std::vector<std::int64_t> lengths;  // of the sources
};
Batch draw_batch(const Words& words, std::int64_t size, Rng& rng) {
    Batch all{IntTensor({size, 6}, words.padding), IntTensor({size, 8}, words.start), IntTensor({size, 8}), {}};
    for (std::int64_t b = 0; b < size; ++b) {
        const auto [source, target] = draw_pair(words, rng);
        std::copy(source.begin(), source.end(), all.source.row(b).begin());
        std::copy(target.begin(), target.end(), all.targets.row(b).begin());
        std::copy(target.begin(), target.end() - 1, all.inputs.row(b).begin() + 1);
        all.lengths.push_back(static_cast<std::int64_t>(source.size()));
    }
    return all;
}
Variable logits_of(const Transformer& model, const Batch& sample, const Pass& pass = {}) {
    return model.forward({sample.source, lengths_mask(sample.lengths, 6)}, {sample.inputs}, pass);
}

IntTensor row_of(const Ids& ids) { return IntTensor({static_cast<std::int64_t>(ids.size())}, ids); }

/// Greedy decoding from a memory, whatever it holds: the decoder runs once per token, the encoder not at all.
Ids decode(const Transformer& model, const Words& words, const Variable& memory, const Pass& pass = {}) {
    StackCache cache;  // keeps K and V: of earlier tokens, and of the memory, which are made at the first step
    Ids said;
    std::int32_t token = words.start;
    while (static_cast<std::int64_t>(said.size()) < longest_target - 1 && token != words.end) {
        const Tensor logits = model.decode({row_of({token})}, memory, {}, pass, &cache).value();  // [1, vocabulary]
        token = static_cast<std::int32_t>(std::max_element(logits.elements().begin(), logits.elements().end()) -
                                          logits.elements().begin());
        said.push_back(token);
    }
    return said;
}
/// Logits of every next token when the decoder is fed the given ones.
Tensor teacher_forced(const Transformer& model, const Words& words, const Ids& said, const Variable& memory,
                      const Pass& pass = {}) {
    Ids fed{words.start};
    fed.insert(fed.end(), said.begin(), said.end() - 1);
    return model.decode({row_of(fed)}, memory, {}, pass).value();
}

std::string written(const Vocabulary& language, const Ids& ids) {
    std::string text;
    for (const std::int32_t id : ids) text += (text.empty() ? "" : " ") + language.piece(id);
    return text;
}
std::vector<std::string> pieces_of(const Vocabulary& language, const Ids& ids) {
    std::vector<std::string> pieces;
    for (const std::int32_t id : ids) pieces.push_back(language.piece(id));
    return pieces;
}

/// A trained model, a source to translate and another one to take a memory from.
struct Scene {
    const Transformer& model;
    const Words& words;
    Ids source, other;
    std::int64_t deleted;

    /// What the decoder is given after an intervention: the words that stand for the rows, and the rows.
    std::pair<Ids, Variable> memory_after(const std::string& intervention) const {
        Ids given = intervention == "swap_memory" ? other : source;
        if (intervention == "reverse_words") std::reverse(given.begin(), given.end());
        if (intervention == "delete_word") given.erase(given.begin() + deleted);
        const Variable memory = model.encode({row_of(given)});
        if (intervention == "zero_memory") return {given, Variable(Tensor(memory.value().shape()))};
        if (intervention != "reverse_rows") return {given, memory};
        Tensor rows(memory.value().shape());
        const std::int64_t n = rows.extent(0);
        for (std::int64_t i = 0; i < n; ++i)
            std::copy_n(memory.value().row(n - 1 - i).data(), d_model, rows.row(i).data());
        std::reverse(given.begin(), given.end());
        return {given, Variable(rows)};
    }
};
const std::vector<Option> interventions = {{"none", {"不动", "none"}},
                                           {"reverse_rows", {"M 的行倒过来", "rows of M reversed"}},
                                           {"reverse_words", {"源句的词倒过来", "words of the source reversed"}},
                                           {"zero_memory", {"M 清零", "M set to 0"}},
                                           {"swap_memory", {"换成另一句的 M", "M of the other source"}},
                                           {"delete_word", {"源句删一个词", "one word of the source deleted"}}};

double norm_of_gradients(const NamedParameters& parameters) {
    double squares = 0.0;
    for (const auto& [name, parameter] : parameters)
        if (parameter.has_gradient()) squares += sum(square(parameter.gradient()));
    return std::sqrt(squares);
}

/// [heads, n, c] of each decoder layer's cross-attention -> [layers, heads, n, c].
Tensor of_layers(const Trace& trace, const std::string& name) {
    std::vector<float> all;
    Shape shape;
    for (std::int64_t l = 0; l < decoder_layers; ++l) {
        const Tensor& one = trace.at("decoder.layers." + std::to_string(l) + ".cross_attention." + name).value();
        shape = Shape({decoder_layers, one.extent(-3), one.extent(-2), one.extent(-1)});
        all.insert(all.end(), one.elements().begin(), one.elements().end());
    }
    return Tensor(shape, all);
}

/// Share of the test sentences whose every word is right, the right words before it given.
double accuracy(const Tensor& logits, const IntTensor& targets) {
    double right = 0.0;
    for (std::int64_t b = 0; b < targets.extent(0); ++b) {
        bool all = true;
        for (std::int64_t i = 0; i < targets.extent(1); ++i) {
            const float* row = logits.data() + (b * targets.extent(1) + i) * logits.extent(-1);
            all = all && std::max_element(row, row + logits.extent(-1)) - row == targets(b, i);
        }
        right += all ? 1.0 : 0.0;
    }
    return right / static_cast<double>(targets.extent(0));
}

/// Every intervention: what is said, and how far the logits move while the untouched translation is fed.
Table table_of(const Scene& scene, const Ids& untouched, const Tensor& logits) {
    Table table{{{"intervention", Column::Kind::text, {"干预", "intervention"}},
                 {"said", Column::Kind::text, {"解码器说", "the decoder says"}},
                 {"rows", Column::Kind::integer, {"M 的行数", "rows of M"}},
                 {"change", Column::Kind::number, {"logits 最多变多少", "largest change of a logit"}}},
                {}};
    for (const Option& option : interventions) {
        const Variable memory = scene.memory_after(option.name).second;
        const Ids said = decode(scene.model, scene.words, memory);
        const Tensor moved = teacher_forced(scene.model, scene.words, untouched, memory);
        table.rows.push_back({option.name, written(scene.words.target, said), memory.value().extent(0),
                              max_abs_difference(moved, logits)});
    }
    return table;
}

void describe(Values& values, const Scene& scene, const std::string& intervention) {
    const Transformer& model = scene.model;
    const Words& words = scene.words;

    // A translation from beginning to end, everything counted.
    Trace calls;
    const Variable memory = model.encode({row_of(scene.source)}, Pass::inference(&calls));
    const Ids said = decode(model, words, memory, Pass::inference(&calls));
    const Tensor logits = teacher_forced(model, words, said, memory);
    const std::string text = written(words.target, said);
    values.set("translation", Text{text, text});
    values.set("generated", static_cast<double>(said.size()));
    values.set("encoder_calls", static_cast<double>(calls.count("memory")));
    values.set("decoder_calls", static_cast<double>(calls.count("logits")));
    double cached = 0.0;
    std::int64_t step = 0;
    for (const auto& [name, value] : calls.entries()) {
        if (name != "logits") continue;
        for (std::int64_t v = 0; v < logits.extent(1); ++v)
            cached = std::max(cached, std::abs(static_cast<double>(value.value()[v]) - logits(step, v)));
        ++step;
    }
    values.set("cache_gap", cached);
    values.set("interventions", table_of(scene, said, logits));

    // Whatever the source was, a memory of zeros says the same.
    const auto nothing = [&](const Ids& ids) {
        return teacher_forced(model, words, said, Variable(Tensor(model.encode({row_of(ids)}).value().shape())));
    };
    values.set("zero_gap", max_abs_difference(nothing(scene.source), nothing(scene.other)));

    // The chosen intervention in detail: Q from the decoder, K and V from what it was given.
    const auto [rows, given] = scene.memory_after(intervention);
    Trace trace;
    teacher_forced(model, words, said, given, Pass::inference(&trace));
    const Axis layer{"layer", {}}, head{"head", {}}, c{"c", {}}, target{"target", pieces_of(words.target, said)};
    const Axis from{"source", pieces_of(words.source, rows)};
    values.set("memory", tensor_value(given.value(), {from, {"feature", {}}}, Role::activation));
    values.set("query", tensor_value(of_layers(trace, "query"), {layer, head, target, c}, Role::query));
    values.set("key", tensor_value(of_layers(trace, "key"), {layer, head, from, c}, Role::key));
    values.set("value", tensor_value(of_layers(trace, "value"), {layer, head, from, c}, Role::value));
    values.set("scores", tensor_value(of_layers(trace, "scores"), {layer, head, target, from}, Role::score,
                                      Derivation{Operation::matmul,
                                                 {{"query", {"layer", "head", "target", "c"}},
                                                  {"key", {"layer", "head", "source", "c"}}},
                                                 {{"factor", 1.0 / std::sqrt(static_cast<double>(d_head))}}}));
    const Tensor attention = of_layers(trace, "attention");
    values.set("attention", tensor_value(attention, {layer, head, target, from}, Role::probability,
                                         Derivation{Operation::softmax,
                                                    {{"scores", {"layer", "head", "target", "source"}}},
                                                    {{"axis", std::string("source")}}}));
    double gap = 0.0;
    const std::int64_t keys = attention.extent(-1);
    for (std::int64_t r = 0; r < attention.size() / keys; ++r)
        gap = std::max(gap,
                       std::abs(std::accumulate(attention.data() + r * keys, attention.data() + (r + 1) * keys, -1.0)));
    values.set("row_gap", gap);
    const Ids heard = decode(model, words, given);
    values.set("said", Text{written(words.target, heard), written(words.target, heard)});
    values.set("same", heard == said ? 1.0 : 0.0);
    Table shapes{{{"tensor", Column::Kind::text, {"张量", "tensor"}},
                  {"made_from", Column::Kind::text, {"由谁算出", "made from"}},
                  {"rows", Column::Kind::integer, {"行", "rows"}},
                  {"columns", Column::Kind::integer, {"列", "columns"}}},
                 {}};
    const auto n_target = static_cast<std::int64_t>(said.size());
    for (const auto& [name, made, r, k] : std::vector<std::tuple<std::string, std::string, std::int64_t, std::int64_t>>{
             {"Q", "decoder", n_target, d_head},
             {"K", "M", keys, d_head},
             {"V", "M", keys, d_head},
             {"softmax(QKᵀ/√d_k)", "Q, K", attention.extent(-2), keys}})
        shapes.rows.push_back({name, made, r, k});
    values.set("shapes", std::move(shapes));
}

Run run(Arguments arguments, Context context) {
    const Words words;
    const std::string& intervention = arguments.text("intervention");
    const Ids source = read_source(words, arguments.text("text"), "text");
    const Ids other = read_source(words, arguments.text("other"), "other");
    const std::int64_t updates = arguments.integer("updates");

    TransformerConfig config =
        transformer_live_config({words.source.size(), longest_source, 1, d_model, n_heads, 64},
                                {words.target.size(), longest_target, decoder_layers, d_model, n_heads, 64});
    config.tying = TransformerConfig::Tying::none;
    const Transformer model(config, context.rng("weights"));
    const Scene scene{model, words, source, other,
                      std::min(arguments.integer("deleted"), static_cast<std::int64_t>(source.size()) - 1)};
    Adam optimizer(model.parameters());
    Rng data = context.rng("data"), held_out = context.rng("test");
    const Batch test = draw_batch(words, 32, held_out), few = draw_batch(words, 4, held_out);

    Series losses{"update", {}};
    for (std::int64_t update = 1; update <= updates; ++update) {
        const Batch sample = draw_batch(words, batch, data);
        const Variable loss = cross_entropy(logits_of(model, sample), sample.targets);
        loss.backward();
        const float warmup = std::min(1.0F, static_cast<float>(update) / 50.0F);
        optimizer.update(0.01F * warmup * (2 * update > updates ? 0.3F : 1.0F));
        losses.points.push_back({static_cast<double>(update), static_cast<double>(loss.value()[0])});

        Frame frame(update, updates, [&](Values& values) {
            const std::size_t count = std::min<std::size_t>(30, losses.points.size());
            const double total =
                std::accumulate(losses.points.end() - static_cast<std::ptrdiff_t>(count), losses.points.end(), 0.0,
                                [](double before, const auto& point) { return before + point[1]; });
            values.set("loss_curve", losses);
            values.set("final_loss", total / static_cast<double>(count));
            values.set("accuracy", accuracy(logits_of(model, test).value(), test.targets));
            describe(values, scene, intervention);

            // The way of the gradient: whole, and with the memory cut from the tape.
            const auto to_encoder = [&](bool cut) {
                Trace trace;
                if (cut)
                    trace.edit = [](const std::string& name, const Variable& value) {
                        return name == "memory" ? value.detach() : value;
                    };
                cross_entropy(logits_of(model, few, Pass::inference(&trace)), few.targets).backward();
                const double norm = norm_of_gradients(model.encoder().parameters());
                optimizer.clear_gradients();
                return norm;
            };
            values.set("encoder_gradient", to_encoder(false));
            values.set("encoder_gradient_cut", to_encoder(true));
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const double tokens = batch * (6.0 + 2.0 * 8.0);
    return {static_cast<double>(arguments.integer("updates")) * 3.5 * 2.0 * tokens * 14.0 * d_model * d_model, 4e7};
}

Output tensor(const std::string& name, Text doc, std::vector<std::string> axes, Role role) {
    return {name, OutputKind::tensor, std::move(doc), std::move(axes), role};
}
Output number(const std::string& name, Text doc) { return {name, OutputKind::scalar, std::move(doc)}; }

}  // namespace

const Experiment& attention_cross() {
    static const Experiment experiment{
        .id = "attention.cross",
        .summary = {"训练一个小小的日期翻译模型，再对编码器的输出动手脚，看解码器说什么",
                    "A small translator of dates is trained; then its encoder's output is tampered with, and the "
                    "decoder says what it makes of it"},
        .parameters = {enum_parameter("intervention", {"干预", "Intervention"},
                                      {"细看哪一种（表里列出全部）", "The one looked at closely; the table lists all"},
                                      "reverse_rows", interventions),
                       text_parameter("text", {"源句", "Source"},
                                      {"英文日期，2000 到 2029 年", "An English date, 2000 to 2029"},
                                      "Tuesday, March 5, 2024", 80),
                       text_parameter("other", {"另一句", "Other source"},
                                      {"换 memory 时用它的", "Whose memory is swapped in"}, "Sunday, July 9, 2017", 80),
                       integer_parameter(
                           "deleted", {"删第几个词", "Word deleted"},
                           {"从 0 数起；超出时删最后一个", "Counted from 0; beyond the end it is the last"}, 2, 0,
                           longest_source - 1),
                       work(integer_parameter("updates", {"更新次数", "Updates"},
                                              {"Adam 更新多少次", "How many updates Adam makes"}, 600, 10, 1500))},
        .outputs =
            {{"loss_curve", OutputKind::series, {"每批的交叉熵", "Cross-entropy of each batch"}, {}, Role::loss},
             {"final_loss", OutputKind::scalar, {"最近 30 批的平均", "Mean of the last 30 batches"}, {}, Role::loss},
             number("accuracy", {"新日期里整句都对的比例", "Share of new dates translated without a mistake"}),
             {"translation", OutputKind::text, {"不动时的译文", "The translation when nothing is touched"}},
             number("generated", {"生成了几个词元", "Tokens generated"}),
             number("encoder_calls", {"编码器运行几次", "Times the encoder ran"}),
             number("decoder_calls", {"解码器运行几次", "Times the decoder ran"}),
             number("cache_gap", {"带缓存逐个生成与一次算完，logits 最多差多少",
                                  "Token by token with a cache against all at once: largest difference of a logit"}),
             {"interventions",
              OutputKind::table,
              {"所有干预", "All interventions"},
              {"intervention", "said", "rows", "change"}},
             number("zero_gap", {"两个不同的源，M 都清零：logits 最多差多少",
                                 "Two different sources, both memories set to 0: largest difference of a logit"}),
             tensor("memory", {"解码器拿到的 M", "The memory M the decoder is given"}, {"source", "feature"},
                    Role::activation),
             tensor("query", {"Q：由解码器算出", "Q, made from the decoder"}, {"layer", "head", "target", "c"},
                    Role::query),
             tensor("key", {"K：由 M 算出", "K, made from M"}, {"layer", "head", "source", "c"}, Role::key),
             tensor("value", {"V：由 M 算出", "V, made from M"}, {"layer", "head", "source", "c"}, Role::value),
             tensor("scores", {"分数", "Scores"}, {"layer", "head", "target", "source"}, Role::score),
             tensor("attention", {"交叉注意力", "Cross-attention"}, {"layer", "head", "target", "source"},
                    Role::probability),
             number("row_gap", {"各行之和与 1 最多差多少", "Largest distance of a row's sum from 1"}),
             {"said", OutputKind::text, {"干预之后的译文", "The translation after the intervention"}},
             number("same", {"译文没有变（1）或变了（0）", "1: the translation is the same, 0: it is another"}),
             {"shapes",
              OutputKind::table,
              {"形状（每个头）", "Shapes, of each head"},
              {"tensor", "made_from", "rows", "columns"}},
             number("encoder_gradient", {"传到编码器的梯度范数", "Norm of the gradient that reaches the encoder"}),
             number("encoder_gradient_cut", {"在 M 处切断之后", "The same with the tape cut at M"})},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
