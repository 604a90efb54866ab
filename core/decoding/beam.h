#pragma once

#include <optional>
#include <vector>

#include "decoding/stepper.h"

namespace glassformer {

/// By what a sentence's ln p is divided, so that long ones are not beaten for their length alone.
enum class LengthPenalty {
    power,  ///< length^alpha: 1 compares the mean per token (Hugging Face's length_penalty)
    gnmt    ///< ((5 + length) / 6)^alpha (Wu et al. 2016, equation 14)
};

struct BeamConfig {
    std::int64_t beams = 4;
    std::int64_t max_new_tokens = 32;
    std::optional<std::int32_t> end = {};
    LengthPenalty penalty = LengthPenalty::power;
    double alpha = 1.0;  ///< 0: no penalty
    enum class Stop {
        heuristic,  ///< when the best open beam, were it to end now, is no better than the worst finished one
        early,      ///< when as many sentences as beams have ended
        never       ///< when no open beam can become better even at max_new_tokens (exact for ln p <= 0)
    };
    Stop stop = Stop::heuristic;
    bool keep_steps = false;
};

struct Hypothesis {
    std::vector<std::int32_t> ids;  ///< generated, the end included
    double log_probability = 0.0;
    double score = 0.0;  ///< log_probability over the length's penalty
    bool ended = false;  ///< by the end token, else cut off
};
struct BeamStep {
    std::vector<Hypothesis> open;  ///< the beams after this step, the best first; their scores as if they ended here
    std::vector<std::int32_t> parents;  ///< which beam of the step before each continues
    std::vector<Hypothesis> finished;   ///< the best so far
};
struct BeamResult {
    std::vector<Hypothesis> hypotheses;  ///< at most `beams`, the best first
    std::vector<BeamStep> steps;         ///< if kept
};

/// Beam search for one prompt [n]: at each step all continuations of all beams compete by ln p. The stepper must be
/// fresh and hold one row. Ties go to the earlier beam and the lower id. Error(out_of_range) for fewer than one beam or
/// token, or more beams than the vocabulary can fill at the first step; Error(shape) for another prompt.
BeamResult beam_search(Stepper& stepper, const IntTensor& prompt, const BeamConfig& config = {});

/// What ln p is divided by.
double length_penalty(std::int64_t length, LengthPenalty kind, double alpha);

}  // namespace glassformer
