#include "training/teacher_forcing.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "decoding/generate.h"

namespace glassformer {
namespace {

void require_share(double share) {
    if (share >= 0.0 && share <= 1.0) return;
    throw Error(ErrorKind::out_of_range,
                {"own_share 须在 0 到 1 之间，给的是 " + std::to_string(share) + "。",
                 "own_share must be between 0 and 1; given: " + std::to_string(share) + "."},
                "own_share");
}

/// Whether row r reads its own token at place i: of every place on its own.
bool reads_own(const Rng& rng, std::int64_t row, std::int64_t place, double share) {
    Rng of_place = rng.split(static_cast<std::uint64_t>(row)).split(static_cast<std::uint64_t>(place));
    return static_cast<double>(of_place.uniform()) < share;
}

}  // namespace

IntTensor shifted_right(const IntTensor& targets, std::int32_t start) {
    if (targets.shape().rank() != 2 || targets.size() == 0) {
        throw Error(ErrorKind::shape,
                    {"目标应为 [rows, n]，n 至少为 1，给的是 " + targets.shape().to_string() + "。",
                     "Targets must be [rows, n] with n at least 1; they are " + targets.shape().to_string() + "."});
    }
    IntTensor inputs(targets.shape(), start);
    for (std::int64_t r = 0; r < targets.extent(0); ++r) {
        for (std::int64_t i = 1; i < targets.extent(1); ++i) inputs(r, i) = targets(r, i - 1);
    }
    return inputs;
}

IntTensor scheduled_inputs(Stepper& stepper, const IntTensor& targets, std::int32_t start, double own_share,
                           const Rng& rng) {
    require_share(own_share);
    IntTensor inputs = shifted_right(targets, start);
    const std::int64_t n = targets.extent(1);
    if (n == 1 || own_share == 0.0) return inputs;
    GenerationConfig config{.max_new_tokens = n - 1};
    config.script = [&](std::int64_t row, std::int64_t step, std::int32_t own) -> std::optional<std::int32_t> {
        return reads_own(rng, row, step, own_share) ? own : targets(row, step);
    };
    const IntTensor read = generate(stepper, IntTensor({targets.extent(0), 1}, start), config).ids;
    for (std::int64_t r = 0; r < targets.extent(0); ++r) {
        for (std::int64_t i = 1; i < n; ++i) inputs(r, i) = read(r, i - 1);
    }
    return inputs;
}

IntTensor two_pass_inputs(const Tensor& logits, const IntTensor& targets, std::int32_t start, double own_share,
                          const Rng& rng) {
    require_share(own_share);
    IntTensor inputs = shifted_right(targets, start);
    const std::int64_t n = targets.extent(1);
    if (logits.shape().rank() != 3 || logits.extent(0) != targets.extent(0) || logits.extent(1) != n) {
        throw Error(ErrorKind::shape, {"logits 的形状 " + logits.shape().to_string() + " 与目标 " +
                                           targets.shape().to_string() + " 不符。",
                                       "Logits of shape " + logits.shape().to_string() +
                                           " do not fit targets of shape " + targets.shape().to_string() + "."});
    }
    const auto vocabulary = static_cast<std::size_t>(logits.extent(2));
    for (std::int64_t r = 0; r < targets.extent(0); ++r) {
        for (std::int64_t i = 1; i < n; ++i) {
            if (!reads_own(rng, r, i - 1, own_share)) continue;
            inputs(r, i) = most_likely({logits.data() + (r * n + i - 1) * logits.extent(2), vocabulary});
        }
    }
    return inputs;
}

double scheduled_share(std::int64_t update, std::int64_t updates, double most) {
    require_share(most);
    if (updates < 2) return most;
    const double progress = static_cast<double>(update - 1) / static_cast<double>(updates - 1);
    return most * std::clamp(progress, 0.0, 1.0);
}

}  // namespace glassformer
