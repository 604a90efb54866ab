// How does a decoder write, and what is looked up at each step?  (Vaswani et al. 2017, section 3.1)
//
// The encoder reads the source once. The decoder starts from [START] alone: read, take the likeliest token, append it,
// read again, until [END]. Keys and values of what was read never change (causal mask), so that they can be kept: with
// a cache only the newest token is embedded, at the position that the cache is long. The model was trained for this.

#include <algorithm>
#include <cmath>

#include "data/dates.h"
#include "decoding/beam.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"
#include "training/checkpoint.h"

namespace glassformer {
namespace {

constexpr std::int64_t longest = 14;  // ten characters, [END], and room for mistakes

/// The position that token i is given; the first is always right.
std::int32_t position_of(std::int64_t i, const std::string& how) {
    const std::int64_t wrong = how == "always_zero" ? 0 : i - 1;
    return static_cast<std::int32_t>(how == "correct" || i == 0 ? i : wrong);
}

const std::string& character(std::int32_t id) { return date_characters().piece(id); }

std::string written(const std::vector<std::int32_t>& ids) {
    std::string text;
    for (const std::int32_t id : ids) text += id == start_id || id == end_id ? "" : character(id);
    return text;
}

/// Ids as a strip; the text they are cut from is themselves.
Tokens strip(const std::vector<std::int32_t>& ids) {
    Strip all;
    std::int64_t at = 0;
    for (const std::int32_t id : ids) {
        Piece piece{id, character(id)};
        const auto length = static_cast<std::int64_t>(std::count_if(piece.text.begin(), piece.text.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        }));
        piece.begin = at;
        piece.end = at += length;
        all.source += piece.text;
        all.pieces.push_back(std::move(piece));
    }
    return {{std::move(all)}};
}

std::vector<std::string> ticks_of(const std::vector<std::int32_t>& ids) {
    std::vector<std::string> ticks;
    for (const std::int32_t id : ids) ticks.push_back(character(id));
    return ticks;
}

/// What an answer is made of, and in the last cell all the rest of the vocabulary.
std::vector<std::int32_t> answer_characters() {
    std::vector<std::int32_t> ids = encode_date("0123456789-");
    ids.push_back(end_id);
    return ids;
}

/// logits [..., V], the last row -> probabilities of the answer's characters and of the rest.
Tensor next_of(const Tensor& logits) {
    const std::int64_t V = logits.extent(-1);
    const Tensor p =
        softmax(slice(logits.reshaped({logits.size() / V, V}), 0, logits.size() / V - 1, logits.size() / V));
    const std::vector<std::int32_t> ids = answer_characters();
    Tensor next({static_cast<std::int64_t>(ids.size()) + 1});
    float rest = 1.0F;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        next[static_cast<std::int64_t>(i)] = p[ids[i]];
        rest -= p[ids[i]];
    }
    next[next.size() - 1] = std::max(0.0F, rest);
    return next;
}

std::vector<std::int32_t> ids_of(const std::string& source) {
    if (source.empty()) throw Error(ErrorKind::out_of_range, {"请写一个日期。", "Write a date."}, "source");
    try {
        return encode_date(source);
    } catch (const Error& error) {
        throw Error(error.kind(), error.message(), "source");
    }
}

struct Step {
    std::vector<std::int32_t> fed;  // what is embedded in this step
    Tensor next;                    // probabilities of what comes
    Tensor attention;               // [source]: where the newest token looks, mean of the last layer's heads
    std::int32_t chosen = 0;
    std::int64_t lookups = 0;  // embeddings looked up so far
    double difference = 0.0;   // largest so far between these logits and those of a whole parallel pass
};

Run run(Arguments arguments, Context context) {
    const bool cached = arguments.boolean("cache");
    const std::string& how = arguments.text("position_index");
    const std::string& text = arguments.text("source");
    const std::vector<std::int32_t> source = ids_of(text);

    Transformer model(date_translation_config(), Rng(0));
    load_checkpoint(context.assets.at("date-translation.safetensors"), "date-translation", model.parameters());

    const IntTensor x({1, static_cast<std::int64_t>(source.size())}, source);
    const Variable memory = model.encode({.ids = x});  // [1, source, d_model], once
    StackCache cache;
    std::vector<std::int32_t> so_far{start_id};
    std::vector<Step> steps;
    while (so_far.back() != end_id && static_cast<std::int64_t>(steps.size()) < longest) {
        Step step;
        step.fed = cached ? std::vector<std::int32_t>{so_far.back()} : so_far;
        const auto n = static_cast<std::int64_t>(step.fed.size());
        const auto first = static_cast<std::int64_t>(so_far.size()) - n;  // how many the cache holds
        IntTensor positions({n});
        for (std::int64_t i = 0; i < n; ++i) positions[i] = position_of(first + i, how);

        Trace trace;
        const Tensor logits = model
                                  .decode({.ids = IntTensor({1, n}, step.fed), .positions = positions}, memory, {},
                                          Pass::inference(&trace), cached ? &cache : nullptr)
                                  .value();
        step.next = next_of(logits);
        const std::int64_t V = logits.extent(-1);
        const float* newest = logits.data() + (n - 1) * V;
        step.chosen = static_cast<std::int32_t>(std::max_element(newest, newest + V) - newest);

        // The same in one parallel pass over all that was written, as in training.
        const IntTensor whole({1, static_cast<std::int64_t>(so_far.size())}, so_far);
        const Tensor parallel = model.decode({.ids = whole}, memory).value();
        const float* there = parallel.data() + parallel.size() - V;
        step.difference = steps.empty() ? 0.0 : steps.back().difference;
        for (std::int64_t v = 0; v < V; ++v)
            step.difference = std::max(step.difference, std::abs(static_cast<double>(newest[v] - there[v])));

        const Tensor heads = trace.at("decoder.layers.1.cross_attention.attention").value();  // [1, heads, n, source]
        const Tensor mean_of_heads = mean(heads, 1);                                          // [1, n, source]
        step.attention = Tensor({x.size()});
        std::copy_n(mean_of_heads.data() + (n - 1) * x.size(), x.size(), step.attention.data());
        step.lookups = (steps.empty() ? 0 : steps.back().lookups) + n;
        so_far.push_back(step.chosen);
        steps.push_back(std::move(step));
    }

    // Several hypotheses side by side; one beam is what the loop above does.
    using Index = StepperOptions::PositionIndex;
    const Index index = how == "correct"      ? Index::correct
                        : how == "off_by_one" ? Index::off_by_one
                                              : Index::always_zero;
    TransformerStepper stepper(model, {.ids = x}, {.cache = cached, .position_index = index});
    const BeamResult beams = beam_search(
        stepper, IntTensor({1}, start_id),
        {.beams = arguments.integer("beams"), .max_new_tokens = longest, .end = end_id, .keep_steps = true});

    const std::optional<Date> date = read_date(text);
    const std::string expected = date ? write_date(*date, DateForm::iso) : "";
    const auto total = static_cast<std::int64_t>(steps.size());
    for (std::int64_t t = 1; t <= total; ++t) {
        Frame frame(t, total, [&, t](Values& values) {
            const std::vector<std::int32_t> read(so_far.begin(), so_far.begin() + t);
            const std::vector<std::int32_t> made(so_far.begin() + 1, so_far.begin() + t + 1);
            const Step& now = steps[static_cast<std::size_t>(t - 1)];
            values.set("source_tokens", strip(source));
            values.set("fed", strip(now.fed));
            values.set("output", strip(made));

            std::vector<std::string> next_ticks = ticks_of(answer_characters());
            next_ticks.emplace_back("…");
            values.set("next", tensor_value(now.next, {{"character", next_ticks}}, Role::probability));
            Tensor attention({t, x.size()});
            for (std::int64_t i = 0; i < t; ++i)
                std::ranges::copy(steps[static_cast<std::size_t>(i)].attention.elements(), attention.row(i).begin());
            values.set("attention", tensor_value(attention, {{"read", ticks_of(read)}, {"source", ticks_of(source)}},
                                                 Role::probability));

            Table table{{{"step", Column::Kind::integer, {"步", "step"}},
                         {"embedded", Column::Kind::text, {"送进解码器", "embedded"}},
                         {"position", Column::Kind::text, {"位置编号", "positions"}},
                         {"chosen", Column::Kind::text, {"选出", "chosen"}},
                         {"probability", Column::Kind::number, {"概率", "probability"}},
                         {"lookups", Column::Kind::integer, {"累计查表", "look-ups so far"}}},
                        {}};
            for (std::int64_t i = 0; i < t; ++i) {
                const Step& step = steps[static_cast<std::size_t>(i)];
                const auto n = static_cast<std::int64_t>(step.fed.size());
                std::string embedded, positions;
                for (std::int64_t k = 0; k < n; ++k) {
                    embedded += character(step.fed[static_cast<std::size_t>(k)]);
                    positions += (k > 0 ? " " : "") + std::to_string(position_of(i + 1 - n + k, how));
                }
                float probability = 0.0F;
                for (std::size_t c = 0; c + 1 < static_cast<std::size_t>(step.next.size()); ++c) {
                    if (answer_characters()[c] == step.chosen) probability = step.next[static_cast<std::int64_t>(c)];
                }
                table.rows.push_back({i + 1, embedded, positions, character(step.chosen),
                                      static_cast<double>(probability), step.lookups});
            }
            values.set("steps", std::move(table));

            Table hypotheses{{{"text", Column::Kind::text, {"写到这里", "text so far"}},
                              {"log_probability", Column::Kind::number, {"ln p", "ln p"}},
                              {"ended", Column::Kind::boolean, {"已结束", "ended"}}},
                             {}};
            const auto at = std::min(static_cast<std::size_t>(t), beams.steps.size()) - 1;
            for (const auto* list : {&beams.steps[at].open, &beams.steps[at].finished}) {
                for (const Hypothesis& one : *list)
                    hypotheses.rows.push_back({written(one.ids), one.log_probability, one.ended});
            }
            values.set("hypotheses", std::move(hypotheses));

            const std::string answer = written(made), best = written(beams.hypotheses[0].ids);
            values.set("text", Text{answer, answer});
            values.set("beam_text", Text{best, best});
            values.set("expected", date ? Text{expected, expected} : Text{"不是日期", "not a date"});
            values.set("correct", answer == expected ? 1.0 : 0.0);
            values.set("generated", static_cast<double>(t));
            values.set("lookups", static_cast<double>(now.lookups));
            values.set("difference", now.difference);
        });
        co_yield std::move(frame);
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto beams = static_cast<double>(arguments.integer("beams"));
    return {(2.0 + beams) * longest * longest * 3e5, 2e7};
}

}  // namespace

const Experiment& decoding_incremental() {
    static const Experiment experiment{
        .id = "decoding.incremental",
        .summary =
            {"一个训练好的日期翻译模型逐字写出答案：每一步送进什么、查几次表、看源文哪里",
             "A trained translator of dates writes its answer character by character: what goes in at each step, "
             "how much is looked up, where it looks"},
        .parameters = {text_parameter("source", {"日期", "Date"},
                                      {"中文或英文的一种写法，1950 到 2049 年",
                                       "Any way of writing it, Chinese or English, 1950 to 2049"},
                                      "二〇二六年十一月二十三日", 36),
                       bool_parameter(
                           "cache", {"KV 缓存", "KV cache"},
                           {"留着读过的键和值，每步只送最新的词元；否则每步从头再读",
                            "Keep the keys and values of what was read, so that only the newest token is fed; else all "
                            "is read again"},
                           true),
                       enum_parameter("position_index", {"位置编号", "Position index"},
                                      {"新词元按第几个位置查表；后两种是常见的错",
                                       "At which position a new token is embedded; the last two are classic mistakes"},
                                      "correct",
                                      {{"correct", {"正确", "correct"}},
                                       {"always_zero", {"总是 0", "always 0"}},
                                       {"off_by_one", {"少 1", "one too low"}}}),
                       integer_parameter("beams", {"束宽", "Beams"},
                                         {"束搜索保留几个假设", "How many hypotheses beam search keeps"}, 3, 1, 5)},
        .outputs = {{"source_tokens",
                     OutputKind::tokens,
                     {"源文，编码器只读一次", "The source; the encoder reads it once"}},
                    {"fed", OutputKind::tokens, {"这一步送进解码器的词元", "What is embedded in this step"}},
                    {"output", OutputKind::tokens, {"已经写出的", "What has been written"}},
                    {"next",
                     OutputKind::tensor,
                     {"下一个字符的概率", "Probability of the next character"},
                     {"character"},
                     Role::probability},
                    {"attention",
                     OutputKind::tensor,
                     {"最后一层交叉注意力（各头平均）", "Cross-attention of the last layer, mean of its heads"},
                     {"read", "source"},
                     Role::probability},
                    {"steps",
                     OutputKind::table,
                     {"每一步", "Step by step"},
                     {"step", "embedded", "position", "chosen", "probability", "lookups"}},
                    {"hypotheses",
                     OutputKind::table,
                     {"束搜索这一步的假设", "The hypotheses of beam search at this step"},
                     {"text", "log_probability", "ended"}},
                    {"text", OutputKind::text, {"贪心写出的", "Written greedily"}},
                    {"beam_text", OutputKind::text, {"束搜索的结果", "What beam search ends with"}},
                    {"expected", OutputKind::text, {"正确答案", "The right answer"}},
                    {"correct", OutputKind::scalar, {"写对了吗（1 对，0 不对）", "Is it right (1 yes, 0 no)"}},
                    {"generated", OutputKind::scalar, {"已写词元数", "Tokens written"}, {}, Role::count},
                    {"lookups", OutputKind::scalar, {"查了几次词嵌入表", "Embeddings looked up"}, {}, Role::count},
                    {"difference",
                     OutputKind::scalar,
                     {"与一次并行前向的 logits 最大相差", "Largest difference from the logits of one parallel pass"}}},
        .assets = {"date-translation.safetensors"},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
