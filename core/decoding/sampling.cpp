#include "decoding/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

void check(const SamplingConfig& config) {
    const char* wrong = nullptr;
    if (!(config.temperature >= 0.0) || std::isinf(config.temperature)) wrong = "temperature";
    if (config.top_k < 0) wrong = "top_k";
    if (!(config.top_p > 0.0 && config.top_p <= 1.0)) wrong = "top_p";
    if (wrong == nullptr) return;
    throw Error(ErrorKind::out_of_range,
                {"temperature 和 top_k 不能为负，top_p 须在 (0, 1] 内。",
                 "temperature and top_k must not be negative, top_p must be in (0, 1]."},
                wrong);
}

void require_readable(std::span<const float> logits) {
    const bool nan = std::any_of(logits.begin(), logits.end(), [](float z) { return std::isnan(z) || z == INFINITY; });
    const bool some = std::any_of(logits.begin(), logits.end(), [](float z) { return z > -INFINITY; });
    if (!nan && some) return;
    throw Error(
        ErrorKind::non_finite,
        {"logits 里有 NaN 或无穷，选不出下一个词元。", "The logits hold NaN or infinity: no next token can be chosen."},
        "logits");
}

/// Ids, the likeliest first; of equals the lower id.
std::vector<std::int32_t> ranked(std::span<const double> values) {
    std::vector<std::int32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return values[static_cast<std::size_t>(a)] > values[static_cast<std::size_t>(b)];
    });
    return order;
}

/// Keeps the first `kept` of the order, to a sum of 1.
void keep(std::vector<double>& p, const std::vector<std::int32_t>& order, std::size_t kept) {
    for (std::size_t i = kept; i < order.size(); ++i) p[static_cast<std::size_t>(order[i])] = 0.0;
    const double total = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& each : p) each /= total;
}

}  // namespace

std::vector<double> log_probabilities(std::span<const float> logits) {
    require_readable(logits);
    const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double total = 0.0;
    for (const float z : logits) total += glassformer::exp(static_cast<double>(z) - largest);
    const double log_total = glassformer::log(total);
    std::vector<double> result;
    result.reserve(logits.size());
    for (const float z : logits) result.push_back(static_cast<double>(z) - largest - log_total);
    return result;
}

std::vector<double> next_distribution(std::span<const float> logits, const SamplingConfig& config) {
    check(config);
    require_readable(logits);
    std::vector<double> p(logits.size(), 0.0);
    if (config.temperature == 0.0) {
        p[static_cast<std::size_t>(most_likely(logits))] = 1.0;
        return p;
    }
    const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double total = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        p[i] = glassformer::exp((static_cast<double>(logits[i]) - largest) / config.temperature);
        total += p[i];
    }
    for (double& each : p) each /= total;
    const bool cut = (config.top_k > 0 && static_cast<std::size_t>(config.top_k) < p.size()) || config.top_p < 1.0;
    if (!cut) return p;
    const std::vector<std::int32_t> order = ranked(p);
    if (config.top_k > 0) keep(p, order, std::min(p.size(), static_cast<std::size_t>(config.top_k)));
    if (config.top_p < 1.0) {
        std::size_t kept = 0;
        double mass = 0.0;
        while (kept < order.size() && mass < config.top_p) mass += p[static_cast<std::size_t>(order[kept++])];
        keep(p, order, kept);
    }
    return p;
}

std::int32_t draw_from(std::span<const double> distribution, Rng& rng) {
    auto left = static_cast<double>(rng.uniform());
    std::size_t last = 0;
    for (std::size_t i = 0; i < distribution.size(); ++i) {
        if (distribution[i] <= 0.0) continue;
        last = i;
        if (left < distribution[i]) break;
        left -= distribution[i];
    }
    return static_cast<std::int32_t>(last);
}

std::int32_t most_likely(std::span<const float> logits) {
    return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace glassformer
