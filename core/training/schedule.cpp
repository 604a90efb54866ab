#include "training/schedule.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {

float Schedule::factor(std::int64_t update) const {
    if (update < 1) {
        throw Error(ErrorKind::out_of_range,
                    {"更新从 1 数起，给的是 " + std::to_string(update) + "。",
                     "Updates count from 1; given: " + std::to_string(update) + "."},
                    "update");
    }
    if (update < warmup) return static_cast<float>(update) / static_cast<float>(warmup);
    if (kind == Kind::constant) return 1.0F;
    if (kind == Kind::inverse_sqrt) {
        return std::sqrt(static_cast<float>(std::max<std::int64_t>(1, warmup)) / static_cast<float>(update));
    }
    const auto span = static_cast<float>(std::max<std::int64_t>(1, total - warmup));
    const float progress = std::min(1.0F, static_cast<float>(update - warmup) / span);
    if (kind == Kind::linear) return 1.0F - progress;
    return 0.5F * (1.0F + glassformer::cos(3.14159265F * progress));
}

}  // namespace glassformer
