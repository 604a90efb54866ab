#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"

/// From logits to the next token.
namespace glassformer {

struct SamplingConfig {
    double temperature = 1.0;  ///< logits are divided by it; 0: the largest logit, nothing is drawn
    std::int64_t top_k = 0;    ///< only the k likeliest tokens (Fan et al. 2018, section 5.3); 0: all
    /// Only the likeliest tokens that together reach this probability, always at least one (Holtzman et al. 2020,
    /// section 3.1); 1: all. Applied after top_k, on what it left, renormalised.
    double top_p = 1.0;
};

/// What a token is drawn from: softmax(logits / temperature), cut and renormalised; sums to 1. Of equal logits the
/// lower id counts as likelier. Error(non_finite) for logits that hold NaN or are all -inf; Error(out_of_range) for a
/// negative temperature or top_k, or a top_p outside (0, 1].
std::vector<double> next_distribution(std::span<const float> logits, const SamplingConfig& config);
/// Draws from a distribution.
std::int32_t draw_from(std::span<const double> distribution, Rng& rng);
/// The largest; of equals the first.
std::int32_t most_likely(std::span<const float> logits);
/// ln softmax(logits), in double.
std::vector<double> log_probabilities(std::span<const float> logits);

}  // namespace glassformer
