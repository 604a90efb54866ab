// Why are the embeddings multiplied by sqrt(d_model)?  (Vaswani et al. 2017, section 3.4; Press & Wolf 2017 for the
// tied output matrix)
//
// The stream starts as x = m e + p: a word vector times a factor m, plus a position vector. Both must survive the sum.
// Here a linear reader looks at x and names the word (the embedding with the largest dot product, as a tied output
// layer does) and the position, for every initialisation of e and both factors.

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "experiments/registry.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

const std::vector<std::string> inits = {"tied", "normal", "bert"};
const std::vector<std::string> multipliers = {"one", "sqrt"};
const std::vector<std::int64_t> widths = {32, 64, 128, 256, 512};
constexpr std::int64_t samples = 256;  // (word, position) pairs that are read
constexpr std::int64_t map_words = 6;  // words and positions on the map
constexpr std::int64_t map_positions = 8;
constexpr std::int64_t shown_positions = 16, shown_components = 32;  // of the picture of x

/// Standard deviation of one component of e.
float spread_of(const std::string& init, std::int64_t d) {
    if (init == "tied") return 1.0F / std::sqrt(static_cast<float>(d));  // logits h.e of unit variance
    if (init == "normal") return 1.0F;                                   // PyTorch's nn.Embedding
    return 0.02F;                                                        // BERT, GPT-2
}

float factor_of(const std::string& multiplier, std::int64_t d) {
    return multiplier == "one" ? 1.0F : std::sqrt(static_cast<float>(d));
}

/// PE[p, 2i] = sin(p / 10000^(2i/d)), PE[p, 2i+1] = cos(the same)  (Vaswani et al. 2017, section 3.5).
Tensor sinusoidal(std::int64_t positions, std::int64_t d) {
    Tensor table({positions, d});
    for (std::int64_t i = 0; i < d; i += 2) {
        const double exponent = static_cast<double>(i) / static_cast<double>(d);
        const double frequency = glassformer::exp(-exponent * glassformer::log(10000.0));
        for (std::int64_t p = 0; p < positions; ++p) {
            const double angle = static_cast<double>(p) * frequency;
            table(p, i) = static_cast<float>(glassformer::sin(angle));
            table(p, i + 1) = static_cast<float>(glassformer::cos(angle));
        }
    }
    return table;
}

double norm(std::span<const float> x) {
    double squares = 0.0;
    for (const float value : x) squares += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(squares);
}

double mean_norm(const Tensor& rows) {
    double total = 0.0;
    for (std::int64_t r = 0; r < rows.extent(0); ++r) total += norm(rows.row(r));
    return total / static_cast<double>(rows.extent(0));
}

double cosine(std::span<const float> a, std::span<const float> b) {
    double product = 0.0;
    for (std::size_t c = 0; c < a.size(); ++c) product += static_cast<double>(a[c]) * static_cast<double>(b[c]);
    return product / (norm(a) * norm(b));
}

/// (x - mean) / standard deviation, row by row: LayerNorm before its gain and bias.
Tensor layer_norm(const Tensor& x) {
    Tensor result(x.shape());
    const auto d = static_cast<std::size_t>(x.extent(1));
    for (std::int64_t r = 0; r < x.extent(0); ++r) {
        double center = 0.0;
        double squares = 0.0;
        for (const float value : x.row(r)) center += static_cast<double>(value) / static_cast<double>(d);
        for (const float value : x.row(r)) squares += (value - center) * (value - center);
        const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(d) + 1e-5);
        for (std::size_t c = 0; c < d; ++c) {
            result.row(r)[c] = static_cast<float>((static_cast<double>(x.row(r)[c]) - center) * inverse);
        }
    }
    return result;
}

/// How often the row of `table` with the largest dot product is the one that x was made from.
double retrieval(const Tensor& x, const Tensor& table, const IntTensor& truth) {
    const IntTensor best = argmax_rows(matmul(x, table, Transpose::no, Transpose::yes));
    std::int64_t right = 0;
    for (std::int64_t s = 0; s < truth.size(); ++s) right += best[s] == truth[s] ? 1 : 0;
    return static_cast<double>(right) / static_cast<double>(truth.size());
}

/// Mean of -ln softmax(h E^T)[target] - ln V for hidden states h of unit variance that know nothing of the target.
double tied_excess(const Tensor& hidden, const Tensor& E, const IntTensor& targets) {
    const Tensor log_p = log_softmax(matmul(hidden, E, Transpose::no, Transpose::yes));
    double loss = 0.0;
    for (std::int64_t s = 0; s < targets.size(); ++s) loss -= static_cast<double>(log_p(s, targets[s]));
    return loss / static_cast<double>(targets.size()) - glassformer::log(static_cast<double>(E.extent(0)));
}

/// What the reader of x = m e + p finds, in the order of `measures`.
const std::vector<std::string> measures = {"norm_token", "ratio", "token_retrieval", "position_retrieval", "cosine"};

/// Words and positions that x is made of.
struct Sample {
    IntTensor words, positions;  // [samples]
};

std::vector<double> measure(const Tensor& E, const Tensor& P, float m, const Sample& sample, bool normalised) {
    const Tensor e = scale(gather_rows(E, sample.words), m);
    Tensor x = add(e, gather_rows(P, sample.positions));  // [samples, d]
    if (normalised) x = layer_norm(x);
    double cosines = 0.0;
    for (std::int64_t s = 0; s < samples; ++s) cosines += cosine(x.row(s), e.row(s)) / static_cast<double>(samples);
    const double token = mean_norm(e);
    return {token, token / mean_norm(P), retrieval(x, E, sample.words), retrieval(x, P, sample.positions), cosines};
}

/// The best plane through the points (principal component analysis), from the Gram matrix of the centred rows.
DoubleTensor plane(const Tensor& rows) {
    const std::int64_t count = rows.extent(0);
    const std::int64_t d = rows.extent(1);
    DoubleTensor centred({count, d});
    for (std::int64_t c = 0; c < d; ++c) {
        double center = 0.0;
        for (std::int64_t r = 0; r < count; ++r) center += static_cast<double>(rows(r, c)) / static_cast<double>(count);
        for (std::int64_t r = 0; r < count; ++r) centred(r, c) = static_cast<double>(rows(r, c)) - center;
    }
    const SingularValues gram = singular_value_decomposition(matmul(centred, centred, Transpose::no, Transpose::yes));
    DoubleTensor points({count, 2});
    for (std::int64_t k = 0; k < 2; ++k) {
        // A singular vector's sign is arbitrary: make its largest component positive, so that pictures compare.
        std::int64_t largest = 0;
        for (std::int64_t r = 1; r < count; ++r) {
            if (std::abs(gram.u(r, k)) > std::abs(gram.u(largest, k)) + 1e-9) largest = r;
        }
        const double sign = gram.u(largest, k) < 0.0 ? -1.0 : 1.0;
        for (std::int64_t r = 0; r < count; ++r) {
            points(r, k) = sign * gram.u(r, k) * std::sqrt(gram.s[static_cast<std::size_t>(k)]);
        }
    }
    return points;
}

/// Sum over rows of |row - mean|^2.
double scatter(const Tensor& rows, std::int64_t count) {
    double total = 0.0;
    for (std::int64_t c = 0; c < rows.extent(1); ++c) {
        double center = 0.0;
        for (std::int64_t r = 0; r < count; ++r) center += static_cast<double>(rows(r, c)) / static_cast<double>(count);
        for (std::int64_t r = 0; r < count; ++r) {
            total += (static_cast<double>(rows(r, c)) - center) * (static_cast<double>(rows(r, c)) - center);
        }
    }
    return total / static_cast<double>(count);
}

Run run(Arguments arguments, Context context) {
    const std::int64_t d = arguments.integer("d_model");
    const std::int64_t vocab = arguments.integer("vocab");
    const std::int64_t positions = arguments.integer("positions");
    const std::string& init = arguments.text("init");
    const std::string& multiplier = arguments.text("multiplier");
    const bool learned = arguments.text("position") == "learned";
    const bool normalised = arguments.boolean("layer_norm");

    Rng rng = context.rng("embeddings");
    const Tensor draws = random_normal({vocab, d}, rng);  // e is these times a spread: the same words for every init
    Rng position_rng = context.rng("positions");
    const Tensor P = learned ? random_normal({positions, d}, position_rng, 0.0F, 0.02F) : sinusoidal(positions, d);
    Rng sample_rng = context.rng("sample");
    Sample sample{IntTensor({samples}), IntTensor({samples})};
    for (std::int64_t s = 0; s < samples; ++s) {
        sample.words[s] = static_cast<std::int32_t>(sample_rng.integer(static_cast<std::uint32_t>(vocab)));
        sample.positions[s] = static_cast<std::int32_t>(sample_rng.integer(static_cast<std::uint32_t>(positions)));
    }
    const Tensor hidden = random_normal({samples, d}, sample_rng);

    // Every initialisation with either factor.
    const auto init_count = static_cast<std::int64_t>(inits.size());
    const auto factor_count = static_cast<std::int64_t>(multipliers.size());
    std::vector<DoubleTensor> found(measures.size(), DoubleTensor({init_count, factor_count}));
    DoubleTensor excess({init_count});
    Table table{{{"init", Column::Kind::text, {"初始化", "Init"}},
                 {"multiplier", Column::Kind::text, {"系数", "Factor"}},
                 {"norm_token", Column::Kind::number, {"|m·e|", "|m·e|"}},
                 {"ratio", Column::Kind::number, {"÷ |p|", "÷ |p|"}},
                 {"token_retrieval", Column::Kind::number, {"认出词", "found: word"}},
                 {"position_retrieval", Column::Kind::number, {"认出位置", "position"}}},
                {}};
    for (std::int64_t i = 0; i < init_count; ++i) {
        const std::string& name = inits[static_cast<std::size_t>(i)];
        const Tensor E = scale(draws, spread_of(name, d));  // [vocab, d]
        excess[i] = tied_excess(hidden, E, sample.words);
        for (std::int64_t f = 0; f < factor_count; ++f) {
            const std::string& factor = multipliers[static_cast<std::size_t>(f)];
            const std::vector<double> all = measure(E, P, factor_of(factor, d), sample, normalised);
            for (std::size_t m = 0; m < all.size(); ++m) found[m](i, f) = all[m];
            table.rows.push_back({name, factor, all[0], all[1], all[2], all[3]});
        }
    }

    // The chosen one: words 0 to 5 at positions 0, 8, 16 ... on a map, and word 0 at sixteen positions in full.
    const float spread = spread_of(init, d);
    const float m = factor_of(multiplier, d);
    Tensor map({map_words * map_positions, d});
    Tensor map_e({map_words, d}), map_p({map_positions, d});
    IntTensor map_word({map_words * map_positions}), map_position({map_words * map_positions});
    std::vector<std::string> names;
    for (std::int64_t w = 0; w < map_words; ++w) {
        for (std::int64_t k = 0; k < map_positions; ++k) {
            const std::int64_t p = k * positions / map_positions;
            const std::int64_t row = w * map_positions + k;
            for (std::int64_t c = 0; c < d; ++c) {
                map_e(w, c) = m * (spread * draws(w, c));
                map_p(k, c) = P(p, c);
                map(row, c) = map_e(w, c) + map_p(k, c);
            }
            map_word[row] = static_cast<std::int32_t>(w);
            map_position[row] = static_cast<std::int32_t>(p);
            names.push_back(std::string(1, static_cast<char>('A' + w)) + std::to_string(p));
        }
    }
    const double of_words = scatter(map_e, map_words);
    const double of_positions = scatter(map_p, map_positions);
    const double of_sum = scatter(map, map_words * map_positions);

    Tensor word({shown_components}), scaled({shown_components});
    const std::int64_t rows = std::min(positions, shown_positions);
    Tensor position({rows, shown_components}), stream({rows, shown_components});
    for (std::int64_t c = 0; c < shown_components; ++c) {
        word[c] = spread * draws(0, c);
        scaled[c] = m * word[c];
        for (std::int64_t p = 0; p < rows; ++p) {
            position(p, c) = P(p, c);
            stream(p, c) = scaled[c] + position(p, c);
        }
    }

    // Lengths at every width, of the tied initialisation: 1, sqrt(d) and sqrt(d/2).
    const std::vector<std::string> parts = {"word_one", "word_sqrt", "position"};
    Tensor lengths({static_cast<std::int64_t>(widths.size()), static_cast<std::int64_t>(parts.size())});
    for (std::size_t w = 0; w < widths.size(); ++w) {
        const std::int64_t width = widths[w];
        Rng width_rng = context.rng("widths").split(static_cast<std::uint64_t>(width));
        const double one = mean_norm(random_normal({32, width}, width_rng, 0.0F, spread_of("tied", width)));
        const auto row = static_cast<std::int64_t>(w);
        lengths(row, 0) = static_cast<float>(one);
        lengths(row, 1) = static_cast<float>(one) * factor_of("sqrt", width);
        lengths(row, 2) = static_cast<float>(
            mean_norm(learned ? random_normal({32, width}, width_rng, 0.0F, 0.02F) : sinusoidal(32, width)));
    }

    Frame frame(1, 1, [&](Values& values) {
        const std::vector<Axis> grid{{"init", inits}, {"multiplier", multipliers}};
        for (std::size_t k = 0; k < measures.size(); ++k) values.set(measures[k], TensorValue{found[k], grid});
        values.set("initial_excess", TensorValue{excess, {{"init", inits}}, Role::loss});
        values.set("norm_position", mean_norm(P));
        values.set("combinations", table);
        std::vector<std::string> width_ticks;
        for (const std::int64_t width : widths) width_ticks.push_back(std::to_string(width));
        values.set("length_by_width", tensor_value(lengths, {{"d_model", width_ticks}, {"part", parts}}));
        values.set("word", tensor_value(word, {{"component", {}}}, Role::activation));
        values.set("scaled_word",
                   tensor_value(
                       scaled, {{"component", {}}}, Role::activation,
                       Derivation{Operation::scale, {{"word", {"component"}}}, {{"factor", static_cast<double>(m)}}}));
        values.set("position", tensor_value(position, {{"position", {}}, {"component", {}}}, Role::position));
        values.set("stream",
                   tensor_value(stream, {{"position", {}}, {"component", {}}}, Role::activation,
                                Derivation{Operation::add,
                                           {{"scaled_word", {"component"}}, {"position", {"position", "component"}}}}));
        values.set("map", TensorValue{plane(map), {{"point", names}, {"axis", {}}}});
        values.set("map_word", TensorValue{map_word, {{"point", names}}});
        values.set("map_position", TensorValue{map_position, {{"point", names}}});
        values.set("word_share", of_words / of_sum);
        values.set("position_share", of_positions / of_sum);
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto d = static_cast<double>(arguments.integer("d_model"));
    const auto vocab = static_cast<double>(arguments.integer("vocab"));
    const auto positions = static_cast<double>(arguments.integer("positions"));
    const double read = 2.0 * samples * d * (vocab + positions) + 30.0 * samples * vocab;
    return {9.0 * read + 40.0 * vocab * d + 2e7, 12.0 * (vocab * d + samples * vocab) + 1e6};
}

Output grid(const std::string& name, Text doc) {
    return {name, OutputKind::tensor, std::move(doc), {"init", "multiplier"}};
}

}  // namespace

const Experiment& embedding_scale() {
    static const Experiment experiment{
        .id = "embedding.scale",
        .summary = {"x = m·e + p：词向量乘不乘 √d_model，词和位置还认得出来吗",
                    "x = m·e + p: with and without the factor √d_model, can word and position still be told?"},
        .parameters = {integer_parameter("d_model", {"宽度 d_model", "Width d_model"},
                                         {"词向量的宽度", "Width of the embeddings"}, 128, 32, 512,
                                         Spacing::power_of_two),
                       enum_parameter("init", {"词向量初始化", "Initialisation"},
                                      {"每个分量的标准差；表里三种都算",
                                       "Standard deviation of a component; the table has all three"},
                                      "tied",
                                      {{"tied", {"1/√d（与输出层共享）", "1/√d (tied output)"}},
                                       {"normal", {"1（PyTorch 默认）", "1 (PyTorch default)"}},
                                       {"bert", {"0.02（BERT）", "0.02 (BERT)"}}}),
                       enum_parameter(
                           "multiplier", {"系数 m", "Factor m"},
                           {"词向量先乘多少；表里两种都算", "What the embedding is multiplied by; the table has both"},
                           "one", {{"one", {"1", "1"}}, {"sqrt", {"√d", "√d"}}}),
                       enum_parameter("position", {"位置向量", "Positions"},
                                      {"加上去的位置向量", "The position vectors added"}, "sinusoidal",
                                      {{"sinusoidal", {"正弦（固定）", "sinusoidal (fixed)"}},
                                       {"learned", {"可学习，标准差 0.02", "learned, std 0.02"}}}),
                       bool_parameter("layer_norm", {"先做 LayerNorm", "LayerNorm first"},
                                      {"读之前先把 x 归一化", "Normalise x before it is read"}, false),
                       integer_parameter("vocab", {"词表大小", "Vocabulary"},
                                         {"有多少个词", "How many words there are"}, 1000, 100, 2000),
                       integer_parameter("positions", {"位置数", "Positions"},
                                         {"有多少个位置", "How many positions there are"}, 64, 8, 128)},
        .outputs = {grid("norm_token", {"m·e 的平均长度", "Mean length of m·e"}),
                    grid("ratio", {"m·e 与 p 的长度之比", "Length of m·e over that of p"}),
                    grid("token_retrieval", {"从 x 认出词的比例", "How often the word is told from x"}),
                    grid("position_retrieval", {"从 x 认出位置的比例", "How often the position is told from x"}),
                    grid("cosine", {"x 与 m·e 的平均余弦", "Mean cosine of x and m·e"}),
                    {"initial_excess",
                     OutputKind::tensor,
                     {"共享输出层的初始交叉熵减 ln V（nat）",
                      "Initial cross-entropy of the tied output minus ln V, nats"},
                     {"init"},
                     Role::loss},
                    {"norm_position", OutputKind::scalar, {"p 的平均长度", "Mean length of p"}},
                    {"combinations",
                     OutputKind::table,
                     {"三种初始化 × 两种系数", "Three initialisations × two factors"},
                     {"init", "multiplier", "norm_token", "ratio", "token_retrieval", "position_retrieval"}},
                    {"length_by_width",
                     OutputKind::tensor,
                     {"各宽度下的长度（词向量按 1/√d 初始化）", "Lengths at every width (embeddings of std 1/√d)"},
                     {"d_model", "part"}},
                    {"word",
                     OutputKind::tensor,
                     {"词 A 的前 32 个分量 e", "e of word A, its first 32 components"},
                     {"component"},
                     Role::activation},
                    {"scaled_word", OutputKind::tensor, {"m·e", "m·e"}, {"component"}, Role::activation},
                    {"position",
                     OutputKind::tensor,
                     {"位置向量 p", "Position vectors p"},
                     {"position", "component"},
                     Role::position},
                    {"stream",
                     OutputKind::tensor,
                     {"同一个词在各个位置：m·e + p", "The same word at each position: m·e + p"},
                     {"position", "component"},
                     Role::activation},
                    {"map",
                     OutputKind::tensor,
                     {"6 个词 × 8 个位置的 x，主成分平面", "x of 6 words × 8 positions, principal plane"},
                     {"point", "axis"}},
                    {"map_word", OutputKind::tensor, {"每个点是哪个词", "The word of each point"}, {"point"}},
                    {"map_position", OutputKind::tensor, {"每个点的位置", "The position of each point"}, {"point"}},
                    {"word_share",
                     OutputKind::scalar,
                     {"图中 x 的方差有多少来自词", "Share of the map's variance that is the word's"}},
                    {"position_share", OutputKind::scalar, {"有多少来自位置", "Share that is the position's"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
