// Five learning-rate schedules, written out  (Vaswani et al. 2017, section 5.3, and what came after)
//
// Updates t count from 1. All warm up linearly for w updates. Noam's peak follows from the width d and the warmup:
//
//   lr(t) = factor * d^(-1/2) * min(t^(-1/2), t * w^(-3/2)),   largest at t = w, where it is factor * (d w)^(-1/2)
//
// The others take a peak of their own and know how many updates there will be.

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "experiments/registry.h"

namespace glassformer {
namespace {

struct Setting {
    double d_model, warmup, total, factor, peak;
};

double noam(double t, const Setting& s) {
    const double rise = t / (s.warmup * std::sqrt(s.warmup));
    const double fall = 1.0 / std::sqrt(t);
    return s.factor / std::sqrt(s.d_model) * std::min(rise, fall);
}

double constant(double t, const Setting& s) { return s.peak * std::min(1.0, t / s.warmup); }

/// 0 at the end of the warmup, 1 at the last update.
double progress(double t, const Setting& s) {
    return std::max(0.0, (t - s.warmup) / std::max(1.0, s.total - s.warmup));
}

/// Down to 0 in a straight line (BERT).
double linear(double t, const Setting& s) { return t < s.warmup ? constant(t, s) : s.peak * (1.0 - progress(t, s)); }

/// Half a cosine, down to a tenth of the peak (GPT-3 and most since).
double cosine(double t, const Setting& s) {
    if (t < s.warmup) return constant(t, s);
    return s.peak * (0.1 + 0.9 * 0.5 * (1.0 + glassformer::cos(3.141592653589793 * progress(t, s))));
}

/// Warmup, stable, decay: the peak is kept until the last tenth, which falls to 0 (Hu et al. 2024, MiniCPM).
double warmup_stable_decay(double t, const Setting& s) {
    const double decay_from = 0.9 * s.total;
    return t < decay_from ? constant(t, s) : s.peak * std::max(0.0, (s.total - t) / (s.total - decay_from));
}

using Schedule = double (*)(double, const Setting&);
const std::vector<std::pair<std::string, Schedule>> schedules = {
    {"noam", noam}, {"linear", linear}, {"cosine", cosine}, {"wsd", warmup_stable_decay}, {"constant", constant}};

Run run(Arguments arguments, Context) {
    const std::string& kind = arguments.text("kind");
    const Setting setting{
        static_cast<double>(arguments.integer("d_model")), static_cast<double>(arguments.integer("warmup")),
        static_cast<double>(arguments.integer("total")), arguments.number("factor"), arguments.number("peak")};
    Setting wider = setting;
    wider.d_model *= 4.0;
    const Schedule chosen = std::find_if(schedules.begin(), schedules.end(), [&](const auto& entry) {
                                return entry.first == kind;
                            })->second;

    // Every update is looked at; the picture gets 400 of them.
    const std::int64_t total = arguments.integer("total");
    const std::int64_t stride = std::max<std::int64_t>(1, total / 400);
    Series curve{"update", {}};
    double peak_lr = 0.0, peak_update = 0.0, area = 0.0, width_gap = 0.0;
    for (std::int64_t update = 1; update <= total; ++update) {
        const auto t = static_cast<double>(update);
        const double lr = chosen(t, setting);
        if (lr > peak_lr) {
            peak_lr = lr;
            peak_update = t;
        }
        area += lr;
        width_gap = std::max(width_gap, std::abs(noam(t, wider) / noam(t, setting) - 0.5));
        if (update == 1 || update == total || update % stride == 0) curve.points.push_back({t, lr});
    }

    Frame frame(1, 1, [&](Values& values) {
        values.set("lr", curve);
        std::vector<std::string> names, ticks;
        for (const auto& entry : schedules) names.push_back(entry.first);
        for (const auto& point : curve.points) ticks.push_back(std::to_string(static_cast<std::int64_t>(point[0])));
        DoubleTensor all({static_cast<std::int64_t>(names.size()), static_cast<std::int64_t>(ticks.size())});
        for (std::int64_t s = 0; s < all.extent(0); ++s) {
            for (std::int64_t i = 0; i < all.extent(1); ++i)
                all(s, i) = schedules[static_cast<std::size_t>(s)].second(curve.points[static_cast<std::size_t>(i)][0],
                                                                          setting);
        }
        values.set("all_schedules", TensorValue{std::move(all), {{"kind", names}, {"update", ticks}}});
        values.set("peak_update", peak_update);
        values.set("peak_lr", peak_lr);
        values.set("noam_peak", setting.factor / std::sqrt(setting.d_model * setting.warmup));
        values.set("first_lr", chosen(1.0, setting));
        values.set("last_lr", chosen(setting.total, setting));
        values.set("area", area);
        values.set("width_gap", width_gap);
    });
    co_yield std::move(frame);
}

CostEstimate cost(const Arguments& arguments) { return {200.0 * static_cast<double>(arguments.integer("total")), 1e5}; }

}  // namespace

const Experiment& training_schedule() {
    static const Experiment experiment{
        .id = "training.schedule",
        .summary = {"Noam、线性、余弦、WSD、常数：学习率随更新次数怎么走",
                    "Noam, linear, cosine, WSD, constant: the learning rate over the updates"},
        .parameters = {enum_parameter(
                           "kind", {"调度", "Schedule"},
                           {"细看哪一种；图里五种都画", "Which to look at closely; the picture shows all five"}, "noam",
                           {{"noam", {"Noam（原论文）", "Noam (the paper)"}},
                            {"linear", {"线性下降", "linear"}},
                            {"cosine", {"余弦到 10%", "cosine to 10 %"}},
                            {"wsd", {"WSD：预热-稳定-下降", "WSD: warmup, stable, decay"}},
                            {"constant", {"常数", "constant"}}}),
                       integer_parameter("d_model", {"宽度 d_model", "Width d_model"},
                                         {"只有 Noam 用到", "Used by Noam only"}, 512, 64, 8192, Spacing::power_of_two),
                       integer_parameter("warmup", {"预热", "Warmup"}, {"线性上升多少次更新", "Updates of linear rise"},
                                         4000, 1, 10000, Spacing::logarithmic),
                       integer_parameter("total", {"总更新次数", "Total updates"},
                                         {"训练多长", "How long the training is"}, 100000, 1000, 200000,
                                         Spacing::logarithmic),
                       number_parameter("factor", {"系数", "Factor"}, {"Noam 整体乘多少", "Multiplies Noam"}, 1.0, 0.1,
                                        10.0, Spacing::logarithmic),
                       number_parameter("peak", {"峰值", "Peak"}, {"Noam 以外四种的峰值", "Peak of the four others"},
                                        3e-4, 1e-5, 1e-2, Spacing::logarithmic)},
        .constraints = {{{"warmup", "total"},
                         {"预热必须短于整个训练的九成。",
                          "The warmup must be shorter than nine tenths of the training."},
                         [](const Arguments& a) { return 10 * a.integer("warmup") <= 9 * a.integer("total"); }}},
        .outputs = {{"lr", OutputKind::series, {"所选调度的学习率", "Learning rate of the chosen schedule"}},
                    {"all_schedules",
                     OutputKind::tensor,
                     {"五种调度的学习率", "Learning rate of all five"},
                     {"kind", "update"}},
                    {"peak_update", OutputKind::scalar, {"第几次更新最大", "The update where it is largest"}},
                    {"peak_lr", OutputKind::scalar, {"最大学习率", "Largest learning rate"}},
                    {"noam_peak", OutputKind::scalar, {"公式：系数 ÷ √(d·w)", "The formula: factor ÷ √(d·w)"}},
                    {"first_lr", OutputKind::scalar, {"第 1 次更新的学习率", "Learning rate of update 1"}},
                    {"last_lr", OutputKind::scalar, {"最后一次更新的学习率", "Learning rate of the last update"}},
                    {"area",
                     OutputKind::scalar,
                     {"学习率之和：Adam 最多能走多远", "Sum of the learning rates: how far Adam can move at most"}},
                    {"width_gap",
                     OutputKind::scalar,
                     {"|lr(4d)/lr(d) − ½| 的最大值，所有更新", "Largest |lr(4d)/lr(d) − ½| over all updates"}}},
        .cost = cost,
        .run = run};
    return experiment;
}

}  // namespace glassformer
