// What do n x n scores cost, by a dot product and by an additive layer?  (Bahdanau et al. 2014; Luong et al. 2015;
// Vaswani et al. 2017, section 3.2.1: "dot-product attention is much faster and more space-efficient in practice")
//
// Operations are counted while they are done, and the clock of the reader's own machine runs beside them. The
// projections q W_q, k W_k and so on are made beforehand for every kind and are not part of the measurement.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include "base/counters.h"
#include "base/math.h"
#include "experiments/registry.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

const std::vector<std::string> kinds = {"dot",      "scaled_dot",     "multiplicative",
                                        "additive", "additive_fused", "additive_no_tanh"};

/// What the scores of n queries and n keys are computed from.
struct Inputs {
    Tensor Q, K;  // [n, d], for the additive kinds already projected
    Tensor K_t;   // [d, n], the same keys in columns: the additive loops below then read memory straight ahead
    Tensor W;     // [d, d], multiplicative
    Tensor v;     // [d], additive

    std::int64_t n() const { return Q.extent(0); }
    std::int64_t d() const { return Q.extent(1); }
};

/* Dot products: one matrix product makes all n^2 scores. */

Tensor dot(const Inputs& in) { return matmul(in.Q, in.K, Transpose::no, Transpose::yes); }  // 2 n^2 d operations

Tensor scaled_dot(const Inputs& in) { return scale(dot(in), 1.0F / std::sqrt(static_cast<float>(in.d()))); }

Tensor multiplicative(const Inputs& in) {
    return matmul(matmul(in.Q, in.W), in.K, Transpose::no, Transpose::yes);  // 2 n d^2 + 2 n^2 d operations
}

/* Additive: s_ij = sum over c of v_c tanh(Q_ic + K_jc). Three passes over the n x d numbers that query i needs. */

/// tile[c, j] = Q_ic + K_jc
void add_keys(const Inputs& in, std::int64_t i, float* tile) {
    const std::int64_t n = in.n();
    for (std::int64_t c = 0; c < in.d(); ++c, tile += n) {
        const float q_ic = in.Q(i, c);
        const float* k_c = in.K_t.row(c).data();
        for (std::int64_t j = 0; j < n; ++j) tile[j] = q_ic + k_c[j];
    }
    count_cost(static_cast<std::uint64_t>(n * in.d()), 0);
}

/// tile <- tanh(tile) = 1 - 2 / (exp(2 tile) + 1), four exponentials at a time: a slow tanh would prove nothing.
/// Counted as one operation each, though as arithmetic it is some twenty.
void squash(const Inputs& in, float* tile) {
    const std::int64_t count = in.n() * in.d();
    for (std::int64_t at = 0; at < count; ++at) tile[at] *= 2.0F;
    const std::span<float> all(tile, static_cast<std::size_t>(count));
    glassformer::exp(all, 0.0F, all);
    for (std::int64_t at = 0; at < count; ++at) tile[at] = 1.0F - 2.0F / (tile[at] + 1.0F);
    count_cost(static_cast<std::uint64_t>(count), 0);
}

/// s_ij = sum over c of v_c tile[c, j]
void read_out(const Inputs& in, const float* tile, float* s_i) {
    const std::int64_t n = in.n();
    std::fill_n(s_i, n, 0.0F);
    for (std::int64_t c = 0; c < in.d(); ++c, tile += n) {
        const float v_c = in.v[c];
        for (std::int64_t j = 0; j < n; ++j) s_i[j] += v_c * tile[j];
    }
    count_cost(2 * static_cast<std::uint64_t>(n * in.d()), 0);
}

/// One kind of score, cut into slices so that a run can pause between them.
struct Work {
    std::int64_t slices = 1;
    std::function<void(std::int64_t)> slice = {};
    Tensor scores;                // [n, n]
    Tensor intermediate;          // the largest array that is formed on the way
    std::int64_t tanh_calls = 0;  // in one computation of all scores
};

void prepare(Work& work, const std::string& kind, const Inputs& in) {
    const std::int64_t n = in.n();
    const std::int64_t tile = n * in.d();
    work = Work{};
    work.scores = Tensor({n, n});
    if (kind == "dot") {
        work.slice = [&](std::int64_t) { work.scores = dot(in); };
    } else if (kind == "scaled_dot") {
        work.slice = [&](std::int64_t) { work.scores = scaled_dot(in); };
    } else if (kind == "multiplicative") {
        work.slice = [&](std::int64_t) { work.scores = multiplicative(in); };
    } else if (kind == "additive") {
        // As an array library does it: each pass over all queries before the next begins, so n x d x n numbers exist.
        work.tanh_calls = n * tile;
        work.intermediate = Tensor({n, in.d(), n});
        work.slices = 3 * n;
        work.slice = [&work, &in, n, tile](std::int64_t s) {
            const std::int64_t i = s % n;
            float* own = work.intermediate.data() + i * tile;
            if (s < n)
                add_keys(in, i, own);
            else if (s < 2 * n)
                squash(in, own);
            else
                read_out(in, own, work.scores.row(i).data());
        };
    } else {
        // Fused: all three passes for one query while its tile is in the cache. No large array, the same arithmetic.
        const bool squashes = kind == "additive_fused";
        work.tanh_calls = squashes ? n * tile : 0;
        work.intermediate = Tensor({in.d(), n});
        work.slices = n;
        work.slice = [&work, &in, squashes](std::int64_t i) {
            add_keys(in, i, work.intermediate.data());
            if (squashes) squash(in, work.intermediate.data());
            read_out(in, work.intermediate.data(), work.scores.row(i).data());
        };
    }
    // What must exist beside the inputs: the scores themselves, or what they are summed from if that is larger.
    if (work.intermediate.size() < work.scores.size()) work.intermediate = Tensor(work.scores.shape());
}

Run run(Arguments arguments, Context context) {
    const std::int64_t longest = arguments.integer("n");
    const std::int64_t d = arguments.integer("d_k");
    const std::int64_t repeats = arguments.integer("repeats");
    const auto chosen = std::find(kinds.begin(), kinds.end(), arguments.text("kind")) - kinds.begin();
    const auto kind_count = static_cast<std::int64_t>(kinds.size());
    const auto now = [&] { return context.milliseconds ? context.milliseconds() : 0.0; };

    std::vector<std::int64_t> lengths;
    for (std::int64_t n = 32; n <= longest; n *= 2) lengths.push_back(n);
    const auto length_count = static_cast<std::int64_t>(lengths.size());

    const float never = std::numeric_limits<float>::quiet_NaN();
    Tensor ms({length_count, kind_count}, never);  // the fastest of the repeats: the least disturbed
    DoubleTensor flops({length_count, kind_count}), tanh_calls({length_count, kind_count});
    DoubleTensor intermediate_bytes({length_count, kind_count});
    double fused_difference = 0.0;
    Tensor materialised;  // the additive scores, to compare the fused ones with

    const auto fill = [&](Values& values) {
        std::vector<std::string> length_ticks;
        for (const std::int64_t n : lengths) length_ticks.push_back(std::to_string(n));
        const std::int64_t last = length_count - 1;
        const std::vector<Axis> sweep{{"n", length_ticks}, {"kind", kinds}};
        const std::vector<Axis> single{{"kind", kinds}};
        const auto of_longest = [&](const DoubleTensor& all) {
            return TensorValue{DoubleTensor({kind_count}, {all.row(last).begin(), all.row(last).end()}), single};
        };
        Tensor longest_ms({kind_count}), slowdown({kind_count}), gflops({kind_count});
        Table table{{{"kind", Column::Kind::text, {"打分", "Score"}},
                     {"flops", Column::Kind::integer, {"运算次数", "Operations"}},
                     {"tanh_calls", Column::Kind::integer, {"其中 tanh", "of them tanh"}},
                     {"intermediate_kib", Column::Kind::integer, {"中间结果 KiB", "Intermediate KiB"}},
                     {"ms", Column::Kind::number, {"毫秒", "ms"}},
                     {"slowdown", Column::Kind::number, {"是点乘的几倍", "Times dot"}}},
                    {}};
        for (std::int64_t k = 0; k < kind_count; ++k) {
            longest_ms[k] = ms(last, k);
            slowdown[k] = ms(last, k) / ms(last, 0);
            gflops[k] = static_cast<float>(flops(last, k)) / ms(last, k) * 1e-6F;
            const std::string& kind = kinds[static_cast<std::size_t>(k)];
            table.rows.push_back({kind, static_cast<std::int64_t>(flops(last, k)),
                                  static_cast<std::int64_t>(tanh_calls(last, k)),
                                  static_cast<std::int64_t>(intermediate_bytes(last, k)) / 1024,
                                  static_cast<double>(longest_ms[k]), static_cast<double>(slowdown[k])});
        }
        values.set("flops", of_longest(flops));
        values.set("tanh_calls", of_longest(tanh_calls));
        values.set("intermediate_bytes", of_longest(intermediate_bytes));
        values.set("sweep_flops", TensorValue{flops, sweep});
        values.set("sweep_ms", tensor_value(ms, sweep));
        values.set("ms", tensor_value(longest_ms, single));
        values.set("slowdown", tensor_value(slowdown, single));
        values.set("gflops", tensor_value(gflops, single));
        values.set("flops_ratio", flops(last, chosen) / flops(last, 0));
        values.set("memory_ratio", intermediate_bytes(last, chosen) / intermediate_bytes(last, 0));
        values.set("time_ratio", static_cast<double>(slowdown[chosen]));
        values.set("fused_difference", fused_difference);
        values.set("costs", table);
    };

    const std::int64_t total = length_count * kind_count * repeats;
    std::int64_t done = 0;
    for (std::int64_t l = 0; l < length_count; ++l) {
        const std::int64_t n = lengths[static_cast<std::size_t>(l)];
        Rng rng = context.rng("inputs");
        Inputs in{random_normal({n, d}, rng), random_normal({n, d}, rng), {}, {}, {}};
        in.K_t = transpose(in.K);
        in.W = random_normal({d, d}, rng, 0.0F, 1.0F / std::sqrt(static_cast<float>(d)));
        in.v = random_normal({d}, rng, 0.0F, 1.0F / std::sqrt(static_cast<float>(d)));
        for (std::int64_t k = 0; k < kind_count; ++k) {
            const std::string& kind = kinds[static_cast<std::size_t>(k)];
            Work work;
            prepare(work, kind, in);
            tanh_calls(l, k) = static_cast<double>(work.tanh_calls);
            intermediate_bytes(l, k) = static_cast<double>(work.intermediate.size()) * sizeof(float);
            for (std::int64_t repeat = 0; repeat < repeats; ++repeat) {
                // Short work is done again and again for two milliseconds: browsers' clocks are coarse.
                double elapsed = 0.0;
                int computed = 0;
                do {
                    double counted = 0.0;
                    for (std::int64_t s = 0; s < work.slices;) {
                        const double start = now();
                        {
                            const CostScope scope;
                            do work.slice(s++);
                            while (s < work.slices && now() - start < 20.0);
                            counted += static_cast<double>(scope.cost().flops);
                        }
                        elapsed += now() - start;
                        Frame pause(done, total, fill);
                        if (s < work.slices) co_yield std::move(pause);
                    }
                    flops(l, k) = counted;
                    ++computed;
                } while (context.milliseconds && elapsed < 2.0 && computed < 1000);
                const auto each = static_cast<float>(elapsed / computed);
                if (context.milliseconds && !(each >= ms(l, k))) ms(l, k) = each;
                ++done;
                Frame frame(done, total, fill);
                if (repeat + 1 < repeats) co_yield std::move(frame);
            }
            if (kind == "additive") materialised = work.scores;
            if (kind == "additive_fused") {
                fused_difference = std::max(fused_difference, max_abs_difference(work.scores, materialised));
            }
            Frame frame(done, total, fill);
            co_yield std::move(frame);
        }
    }
}

CostEstimate cost(const Arguments& arguments) {
    const auto n = static_cast<double>(arguments.integer("n"));
    const auto d = static_cast<double>(arguments.integer("d_k"));
    const auto repeats = static_cast<double>(arguments.integer("repeats"));
    // Two kinds with n^2 d tanh of some 100 operations' time, the shorter lengths a third more; short work up to 2 ms.
    return {1.34 * repeats * (240.0 * n * n * d) + 30.0 * repeats * 4e7, 4.0 * n * n * (d + 4.0) + 16.0 * n * d};
}

Output timing(const std::string& name, OutputKind kind, Text doc, std::vector<std::string> axes) {
    return {name, kind, std::move(doc), std::move(axes), Role::none, true, true};
}

}  // namespace

const Experiment& efficiency_score_cost() {
    static const Experiment experiment{
        .id = "efficiency.score_cost",
        .summary = {"同样的 n×n 个分数，点乘和加性各要多少运算、多少内存、多少毫秒",
                    "The same n×n scores by dot product and by an additive layer: operations, memory, milliseconds"},
        .parameters = {enum_parameter("kind", {"与点乘相比的", "Compared with dot"},
                                      {"卡片上把哪一种和点乘相比；每一种总是都算",
                                       "Which kind the cards compare with dot; every kind is always computed"},
                                      "additive",
                                      {{"dot", {"点乘", "dot"}},
                                       {"scaled_dot", {"缩放点乘", "scaled dot"}},
                                       {"multiplicative", {"双线性 qWkᵀ", "bilinear qWkᵀ"}},
                                       {"additive", {"加性", "additive"}},
                                       {"additive_fused", {"加性，融合", "additive, fused"}},
                                       {"additive_no_tanh", {"加性，融合，无 tanh", "additive, fused, no tanh"}}}),
                       integer_parameter("n", {"长度 n", "Length n"},
                                         {"n 个 query 对 n 个 key；曲线从 32 画到这里",
                                          "n queries against n keys; the curves run from 32 to this length"},
                                         256, 32, 512, Spacing::power_of_two),
                       integer_parameter("d_k", {"宽度 d_k", "Width d_k"},
                                         {"每个 q、k 的宽度", "Width of every q and k"}, 64, 16, 128,
                                         Spacing::power_of_two),
                       work(integer_parameter(
                           "repeats", {"重复次数", "Repeats"},
                           {"每种计时几次，取最快的一次", "How often each is timed; the fastest counts"}, 3, 1, 10))},
        .outputs =
            {{"flops",
              OutputKind::tensor,
              {"长度 n 时的运算次数，边算边数；一次 tanh 只算一次",
               "Operations at length n, counted while they are done; a tanh counts as one"},
              {"kind"}},
             {"tanh_calls", OutputKind::tensor, {"其中的 tanh 次数", "How many of them are tanh"}, {"kind"}},
             {"intermediate_bytes",
              OutputKind::tensor,
              {"途中必须存在的最大数组，字节", "Largest array that must exist on the way, bytes"},
              {"kind"}},
             {"sweep_flops", OutputKind::tensor, {"各长度的运算次数", "Operations at every length"}, {"n", "kind"}},
             timing("sweep_ms", OutputKind::tensor, {"各长度的毫秒数", "Milliseconds at every length"}, {"n", "kind"}),
             timing("ms", OutputKind::tensor, {"长度 n 时的毫秒数", "Milliseconds at length n"}, {"kind"}),
             timing("slowdown", OutputKind::tensor, {"时间是点乘的几倍", "Time as a multiple of dot's"}, {"kind"}),
             timing("gflops", OutputKind::tensor, {"每秒多少 10⁹ 次运算", "10⁹ operations per second"}, {"kind"}),
             {"flops_ratio",
              OutputKind::scalar,
              {"所选打分的运算次数是点乘的几倍", "Operations of the chosen kind as a multiple of dot's"},
              {},
              Role::none,
              false,
              true},
             {"memory_ratio",
              OutputKind::scalar,
              {"所选打分的中间结果是点乘的几倍", "Intermediate of the chosen kind as a multiple of dot's"},
              {},
              Role::none,
              false,
              true},
             timing("time_ratio", OutputKind::scalar,
                    {"所选打分的时间是点乘的几倍", "Time of the chosen kind as a multiple of dot's"}, {}),
             {"fused_difference",
              OutputKind::scalar,
              {"融合与不融合的加性分数最多差多少", "Largest difference between fused and unfused additive scores"}},
             timing("costs", OutputKind::table, {"长度 n 时的账单", "The bill at length n"},
                    {"kind", "flops", "tanh_calls", "intermediate_kib", "ms", "slowdown"})},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
