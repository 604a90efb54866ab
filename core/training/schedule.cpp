#include "training/schedule.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

void check(const Schedule& schedule, std::int64_t update) {
    if (update < 1) {
        throw Error(ErrorKind::out_of_range,
                    {"更新从 1 数起，给的是 " + std::to_string(update) + "。",
                     "Updates count from 1; given: " + std::to_string(update) + "."},
                    "update");
    }
    const auto is_share = [](double value) { return value >= 0.0 && value <= 1.0; };
    if (schedule.warmup >= 0 && is_share(schedule.last) && is_share(schedule.decay)) return;
    throw Error(ErrorKind::out_of_range,
                {"预热不能为负，last 和 decay 须在 0 到 1 之间。",
                 "The warmup must not be negative; last and decay must be between 0 and 1."},
                schedule.warmup < 0 ? "warmup" : "schedule");
}

}  // namespace

float Schedule::factor(std::int64_t update) const {
    check(*this, update);
    if (update < warmup) return static_cast<float>(update) / static_cast<float>(warmup);
    if (kind == Kind::constant) return 1.0F;
    const auto t = static_cast<double>(update);
    if (kind == Kind::inverse_sqrt) {
        return static_cast<float>(std::sqrt(static_cast<double>(std::max<std::int64_t>(1, warmup)) / t));
    }
    const auto end = static_cast<double>(total);
    const double from = kind == Kind::warmup_stable_decay ? std::max(static_cast<double>(warmup), (1.0 - decay) * end)
                                                          : static_cast<double>(warmup);
    if (t >= end) return static_cast<float>(last);
    const double progress = std::max(0.0, (t - from) / std::max(1.0, end - from));
    const double height =
        kind == Kind::cosine ? 0.5 * (1.0 + glassformer::cos(3.141592653589793 * progress)) : 1.0 - progress;
    return static_cast<float>(last + (1.0 - last) * height);
}

double noam_peak(std::int64_t d_model, std::int64_t warmup, double factor) {
    if (d_model < 1 || warmup < 1) {
        throw Error(ErrorKind::out_of_range, {"d_model 和预热至少为 1。", "d_model and the warmup must be at least 1."},
                    "warmup");
    }
    return factor / std::sqrt(static_cast<double>(d_model) * static_cast<double>(warmup));
}

}  // namespace glassformer
