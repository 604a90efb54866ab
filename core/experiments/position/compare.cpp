// Where can position enter attention?  Seven ways, the same words, the same W_Q and W_K:
//
//   none         q_i . k_j / sqrt(d_k)                           position does not occur
//   sinusoidal   q, k, v made from x + PE[p]                     at the input (Vaswani et al. 2017)
//   learned      q, k, v made from x + table[p]                  at the input (BERT, GPT-2); the table ends
//   shaw         q_i . (k_j + a[clip(j - i)]) / sqrt(d_k)        a vector per distance (Shaw et al. 2018)
//   t5           q_i . k_j / sqrt(d_k) + b[head, bucket(j - i)]  a number per distance and head (Raffel et al. 2020)
//   rope         (R_i q_i) . (R_j k_j) / sqrt(d_k)               q and k turned by their position (Su et al. 2021)
//   alibi        q_i . k_j / sqrt(d_k) - m[head] |i - j|         a fixed penalty (Press et al. 2022)
//
// All words are then moved `shift` places to the right. Whose scores stay? And what is left when every word is the
// same, so that position is all there is to see?

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/math.h"
#include "experiments/registry.h"
#include "nn/relative_position.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

constexpr std::int64_t max_length = 256;   // learned: rows of the table
constexpr std::int64_t max_distance = 16;  // shaw: distances beyond are clipped to it
constexpr std::int64_t buckets = 32;       // t5: 16 for each direction; single distances up to 7, then wider and wider
constexpr double base = 10000.0;           // sinusoidal, rope

const std::vector<std::string> scheme_names{"none", "sinusoidal", "learned", "shaw", "t5", "rope", "alibi"};

struct Weights {
    Tensor W_Q, W_K, W_V;  // [d, d], d = h d_k
    Tensor table;          // [max_length, d]
    Tensor a;              // [2 max_distance + 1, d_k]: one vector per clipped distance; all heads share it
    Tensor b;              // [buckets, h]
};

/// [n, h d_k] -> [h, n, d_k]
Tensor split_heads(const Tensor& x, std::int64_t h) {
    return permute(x.reshaped({x.extent(0), h, x.extent(1) / h}), {1, 0, 2});
}

/// RoPE: in each pair of dimensions (2i, 2i + 1) the vector at position p turns by the angle p base^(-2i / d_k).
Tensor rotate(Tensor x, std::int64_t first) {  // [h, n, d_k]
    const std::int64_t n = x.extent(1), d_k = x.extent(2);
    for (std::int64_t row = 0; row < x.extent(0) * n; ++row) {
        const auto p = static_cast<double>(first + row % n);
        for (std::int64_t i = 0; i < d_k; i += 2) {
            const double frequency =
                glassformer::exp(-static_cast<double>(i) / static_cast<double>(d_k) * glassformer::log(base));
            const auto cosine = static_cast<float>(glassformer::cos(p * frequency));
            const auto sine = static_cast<float>(glassformer::sin(p * frequency));
            float* pair = x.data() + row * d_k + i;
            const float u = pair[0], v = pair[1];
            pair[0] = u * cosine - v * sine;
            pair[1] = u * sine + v * cosine;
        }
    }
    return x;
}

struct Scores {
    Tensor Q, K, V;   // [h, n, d_k], with what the scheme does to them
    Tensor content;   // [h, n, n]: Q K^T / sqrt(d_k)
    Tensor position;  // [h, n, n]: what the scheme adds to the scores; 0 for those that act on Q and K
    Tensor sum;       // [h, n, n]: content + position
};

/// Words X [n, d] standing at the places first, first + 1, ...
Scores scores_of(const std::string& scheme, const Tensor& X, std::int64_t first, const Weights& W, std::int64_t h) {
    const std::int64_t n = X.extent(0), d = X.extent(1), d_k = d / h;
    Tensor x = X;
    if (scheme == "sinusoidal") x = add(X, sinusoidal_positions<float>(counted_positions(n, first), d, base));
    if (scheme == "learned") x = add(X, Tensor({n, d}, {W.table.row(first).data(), W.table.row(first).data() + n * d}));
    Scores s;
    s.Q = split_heads(matmul(x, W.W_Q), h);
    s.K = split_heads(matmul(x, W.W_K), h);
    s.V = split_heads(matmul(x, W.W_V), h);
    if (scheme == "rope") {
        s.Q = rotate(s.Q, first);
        s.K = rotate(s.K, first);
    }
    const double factor = 1.0 / std::sqrt(static_cast<double>(d_k));
    s.content = scale(batched_matmul(s.Q, s.K, Transpose::no, Transpose::yes), static_cast<float>(factor));

    s.position = Tensor({h, n, n});
    const RelativePositionConfig t5{.kind = PositionKind::t5, .buckets = buckets, .max_distance = 128};
    for (std::int64_t head = 0; head < h; ++head) {
        // ALiBi's slopes: 2^(-8/h), 2^(-16/h), ..., 2^-8.
        const double slope =
            glassformer::exp(-8.0 * static_cast<double>(head + 1) / static_cast<double>(h) * glassformer::log(2.0));
        for (std::int64_t i = 0; i < n; ++i) {
            for (std::int64_t j = 0; j < n; ++j) {
                const std::int64_t distance = (first + j) - (first + i);
                float& term = s.position[(head * n + i) * n + j];
                if (scheme == "alibi") term = static_cast<float>(-slope * std::abs(static_cast<double>(distance)));
                if (scheme == "t5") term = W.b(t5_bucket(distance, t5), head);
                if (scheme == "shaw") {
                    const auto a = W.a.row(std::clamp(distance, -max_distance, max_distance) + max_distance);
                    double product = 0.0;  // q_i . a[distance]
                    for (std::int64_t c = 0; c < d_k; ++c)
                        product += static_cast<double>(s.Q[(head * n + i) * d_k + c]) *
                                   static_cast<double>(a[static_cast<std::size_t>(c)]);
                    term = static_cast<float>(factor * product);
                }
            }
        }
    }
    s.sum = add(s.content, s.position);
    return s;
}

/// The largest | |q with position| / |q without| - 1 |.
double norm_change(const Tensor& with, const Tensor& without) {
    double largest = 0.0;
    const std::int64_t d_k = with.extent(2);
    for (std::int64_t row = 0; row < with.size() / d_k; ++row) {
        double a = 0.0, b = 0.0;
        for (std::int64_t c = row * d_k; c < (row + 1) * d_k; ++c) {
            a += static_cast<double>(with[c]) * static_cast<double>(with[c]);
            b += static_cast<double>(without[c]) * static_cast<double>(without[c]);
        }
        largest = std::max(largest, std::abs(std::sqrt(a / b) - 1.0));
    }
    return largest;
}

/// How far the scores [h, n, n] are from being a function of j - i alone: the largest spread along a diagonal.
double diagonal_spread(const Tensor& scores) {
    double largest = 0.0;
    const std::int64_t h = scores.extent(0), n = scores.extent(1);
    for (std::int64_t head = 0; head < h; ++head) {
        for (std::int64_t distance = 1 - n; distance < n; ++distance) {
            double low = std::numeric_limits<double>::infinity(), high = -low;
            for (std::int64_t i = std::max<std::int64_t>(0, -distance); i < n && i + distance < n; ++i) {
                const auto s = static_cast<double>(scores[(head * n + i) * n + i + distance]);
                low = std::min(low, s);
                high = std::max(high, s);
            }
            largest = std::max(largest, high - low);
        }
    }
    return largest;
}

struct Facts {
    const char* formula;
    std::int64_t parameters;  // of the scheme, in one layer
    const char* reach;        // positions it is defined for
};
Facts facts_of(const std::string& scheme, std::int64_t d, std::int64_t h) {
    if (scheme == "sinusoidal") return {"x + PE[p]", 0, "∞"};
    if (scheme == "learned") return {"x + E[p]", max_length * d, "0 … 255"};
    if (scheme == "shaw") return {"q·(k + a[clip(j−i)])", 2 * (2 * max_distance + 1) * (d / h), "∞"};
    if (scheme == "t5") return {"q·k + b[bucket(j−i)]", buckets * h, "∞"};
    if (scheme == "rope") return {"(R_i q)·(R_j k)", 0, "∞"};
    if (scheme == "alibi") return {"q·k − m·|i−j|", 0, "∞"};
    return {"q·k", 0, "∞"};
}

Run run(Arguments arguments, Context context) {
    const std::string& chosen = arguments.text("scheme");
    const std::int64_t n = arguments.integer("n"), h = arguments.integer("heads"), d_k = arguments.integer("d_head");
    const std::int64_t shift = arguments.integer("shift"), d = h * d_k;
    const auto normal = [&](const char* name, Shape shape, double spread) {
        Rng rng = context.rng(name);
        return random_normal(std::move(shape), rng, 0.0F, static_cast<float>(spread));
    };
    const double fan_in = 1.0 / std::sqrt(static_cast<double>(d));
    const Weights W{normal("W_Q", {d, d}, fan_in),
                    normal("W_K", {d, d}, fan_in),
                    normal("W_V", {d, d}, fan_in),
                    normal("table", {max_length, d}, 1.0),
                    normal("a", {2 * max_distance + 1, d_k}, 1.0),
                    normal("b", {buckets, h}, 1.0)};
    const Tensor X = normal("words", {n, d}, 1.0);
    Tensor same({n, d});  // the first word, n times
    for (std::int64_t i = 0; i < n; ++i) std::copy_n(X.row(0).data(), d, same.row(i).data());

    const auto count = static_cast<std::int64_t>(scheme_names.size());
    DoubleTensor gaps({count}), spreads({count}), value_gaps({count}), norm_gaps({count});
    IntTensor parameters({count});
    const Scores plain = scores_of("none", X, 0, W, h);
    Scores shown, moved, uniform;
    Table table{{{"scheme", Column::Kind::text, {"方案", "Scheme"}},
                 {"formula", Column::Kind::text, {"分数里的样子", "In the scores"}},
                 {"gap", Column::Kind::number, {"平移后分数变多少", "Scores change by"}},
                 {"value_gap", Column::Kind::number, {"平移后 V 变多少", "V changes by"}},
                 {"parameters", Column::Kind::integer, {"参数", "Parameters"}},
                 {"reach", Column::Kind::text, {"有定义的位置", "Defined for"}}},
                {}};
    for (std::int64_t s = 0; s < count; ++s) {
        const std::string& scheme = scheme_names[static_cast<std::size_t>(s)];
        const Scores here = scores_of(scheme, X, 0, W, h), there = scores_of(scheme, X, shift, W, h);
        const Scores alike = scores_of(scheme, same, 0, W, h);
        gaps[s] = max_abs_difference(here.sum, there.sum);
        spreads[s] = diagonal_spread(alike.sum);
        value_gaps[s] = max_abs_difference(here.V, there.V);
        norm_gaps[s] = norm_change(here.Q, plain.Q);
        const Facts facts = facts_of(scheme, d, h);
        parameters[s] = static_cast<std::int32_t>(facts.parameters);
        table.rows.push_back(
            {scheme, std::string(facts.formula), gaps[s], value_gaps[s], facts.parameters, std::string(facts.reach)});
        if (scheme == chosen) {
            shown = here;
            moved = there;
            uniform = alike;
        }
    }
    const std::int64_t middle = n / 2;
    Tensor profile({h, n});
    std::vector<std::string> places, moved_places, distances;
    for (std::int64_t j = 0; j < n; ++j) {
        places.push_back(std::to_string(j));
        moved_places.push_back(std::to_string(shift + j));
        distances.push_back(std::to_string(j - middle));
        for (std::int64_t head = 0; head < h; ++head) profile(head, j) = uniform.sum[(head * n + middle) * n + j];
    }

    Frame frame(1, 1, [&](Values& values) {
        const Axis head{"head", {}}, query{"query", places}, key{"key", places}, width{"d_k", {}};
        const Axis scheme{"scheme", scheme_names};
        const std::vector<std::string> pair{"head", "query", "key"};
        const auto add_scores = [&](const std::string& prefix, const Scores& s, const Axis& q, const Axis& k) {
            values.set(prefix + "query", tensor_value(s.Q, {head, q, width}, Role::query));
            values.set(prefix + "key", tensor_value(s.K, {head, k, width}, Role::key));
            values.set(prefix + "content",
                       tensor_value(s.content, {head, q, k}, Role::score,
                                    Derivation{Operation::matmul,
                                               {{prefix + "query", {"head", "query", "d_k"}},
                                                {prefix + "key", {"head", "key", "d_k"}}},
                                               {{"factor", 1.0 / std::sqrt(static_cast<double>(d_k))}}}));
            values.set(prefix + "position_term", tensor_value(s.position, {head, q, k}, Role::position));
            values.set(prefix + "scores",
                       tensor_value(
                           s.sum, {head, q, k}, Role::score,
                           Derivation{Operation::add, {{prefix + "content", pair}, {prefix + "position_term", pair}}}));
        };
        add_scores("", shown, query, key);
        add_scores("shifted_", moved, {"query", moved_places}, {"key", moved_places});
        add_scores("same_word_", uniform, query, key);
        values.set("profile", tensor_value(profile, {head, {"distance", distances}}, Role::score));
        values.set("gaps", TensorValue{gaps, {scheme}});
        values.set("diagonal_spread", TensorValue{spreads, {scheme}});
        values.set("value_gaps", TensorValue{value_gaps, {scheme}});
        values.set("norm_gaps", TensorValue{norm_gaps, {scheme}});
        values.set("parameters", TensorValue{parameters, {scheme}, Role::count});
        values.set("schemes", table);
        values.set("shift_gap", max_abs_difference(shown.sum, moved.sum));
        values.set("q_norm_ratio", 1.0 + norm_change(shown.Q, plain.Q));
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n")), h = static_cast<double>(arguments.integer("heads"));
    const double d = h * static_cast<double>(arguments.integer("d_head"));
    return {21.0 * (6.0 * n * d * d + 2.0 * n * n * d + 60.0 * h * n * n), 4.0 * (60.0 * h * n * n + 300.0 * d) + 4e6};
}

}  // namespace

const Experiment& position_compare() {
    static const Experiment experiment = [] {
        Experiment e{
            .id = "position.compare",
            .summary = {"七种位置编码：把所有词右移，谁的分数不变；所有词相同时，分数里还剩什么",
                        "Seven position schemes: move all words to the right, and whose scores stay? And what do the "
                        "scores show when all words are the same?"},
            .parameters = {enum_parameter("scheme", {"方案", "Scheme"},
                                          {"画哪一种；表里七种都算", "Which is drawn; the table has all seven"}, "rope",
                                          {{"none", {"没有", "none"}},
                                           {"sinusoidal", {"正弦（输入处相加）", "sinusoidal, added"}},
                                           {"learned", {"可学习（输入处相加）", "learned, added"}},
                                           {"shaw", {"Shaw 相对向量", "Shaw"}},
                                           {"t5", {"T5 分桶偏置", "T5 buckets"}},
                                           {"rope", {"RoPE 旋转", "RoPE"}},
                                           {"alibi", {"ALiBi 线性偏置", "ALiBi"}}}),
                           integer_parameter("shift", {"右移几格", "Shift"},
                                             {"所有词一起右移", "All words move to the right by so many places"}, 17, 0,
                                             64),
                           integer_parameter("n", {"词数 n", "Words n"}, {"句子多长", "Length of the sentence"}, 32, 4,
                                             64),
                           integer_parameter("heads", {"头数 h", "Heads h"},
                                             {"ALiBi 和 T5 每个头各不相同", "ALiBi and T5 differ from head to head"}, 4,
                                             1, 8, Spacing::power_of_two),
                           integer_parameter("d_head", {"每个头的宽度 d_k", "Width of a head d_k"},
                                             {"RoPE 把它两两配对", "RoPE pairs its dimensions"}, 16, 4, 32,
                                             Spacing::power_of_two)},
            .outputs = {},
            .cost = cost,
            .run = run};
        const std::vector<std::string> pair{"head", "query", "key"};
        const auto tensor = [&](const std::string& name, Text doc, std::vector<std::string> axes,
                                Role role = Role::none) {
            e.outputs.push_back({name, OutputKind::tensor, std::move(doc), std::move(axes), role});
        };
        for (const auto& [prefix, zh, en] : {std::array<const char*, 3>{"", "", ""},
                                             {"shifted_", "平移之后：", ", moved"},
                                             {"same_word_", "所有词相同：", ", all words the same"}}) {
            const std::string p = prefix, z = zh, t = en;
            tensor(p + "query", {z + "Q", "Q" + t}, {"head", "query", "d_k"}, Role::query);
            tensor(p + "key", {z + "K", "K" + t}, {"head", "key", "d_k"}, Role::key);
            tensor(p + "content", {z + "QKᵀ/√d_k", "QKᵀ/√d_k" + t}, pair, Role::score);
            tensor(p + "position_term", {z + "方案加到分数上的项", "What the scheme adds to the scores" + t}, pair,
                   Role::position);
            tensor(p + "scores", {z + "分数", "Scores" + t}, pair, Role::score);
        }
        tensor("profile",
               {"所有词相同时，中间那个词对各个距离的分数",
                "All words the same: the middle word's score at each distance"},
               {"head", "distance"}, Role::score);
        tensor("gaps", {"平移之后分数最多变多少", "Largest change of a score by the shift"}, {"scheme"});
        tensor("diagonal_spread",
               {"所有词相同时，同一距离的分数最多差多少",
                "All words the same: largest difference of scores at one distance"},
               {"scheme"});
        tensor("value_gaps", {"平移之后 V 最多变多少", "Largest change of V by the shift"}, {"scheme"});
        tensor("norm_gaps", {"位置使 |q| 变了几成", "Relative change of |q| by position"}, {"scheme"});
        tensor("parameters", {"方案的参数个数", "Parameters of the scheme"}, {"scheme"}, Role::count);
        e.outputs.insert(
            e.outputs.end(),
            {{"schemes",
              OutputKind::table,
              {"七种方案", "The seven schemes"},
              {"scheme", "formula", "gap", "value_gap", "parameters", "reach"}},
             {"shift_gap", OutputKind::scalar, {"平移之后分数最多变多少", "Largest change of a score by the shift"}},
             {"q_norm_ratio",
              OutputKind::scalar,
              {"1 + |q| 的最大相对变化", "1 + the largest relative change of |q|"}}});
        return e;
    }();
    return experiment;
}

}  // namespace glassformer
