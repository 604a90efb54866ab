#pragma once

#include <functional>
#include <optional>

#include "decoding/sampling.h"
#include "decoding/stepper.h"

namespace glassformer {

/// What a row is told to go on with in place of its own choice: nothing leaves it its own. `step` counts generated
/// tokens from 0. Gold answers, one forced token at step k, a mixture of both by chance: all are scripts.
using Script = std::function<std::optional<std::int32_t>(std::int64_t row, std::int64_t step, std::int32_t own)>;

struct GenerationConfig {
    std::int64_t max_new_tokens = 32;
    std::optional<std::int32_t> end = {};            ///< a row that has said it is done; the end token belongs to it
    std::int32_t padding = 0;                        ///< what finished rows are filled and fed with
    SamplingConfig sampling = {.temperature = 0.0};  ///< greedy
    Script script = {};
    bool keep_logits = false;  ///< for those who look at every step
};

struct Generation {
    IntTensor ids;                      ///< [rows, steps]: what was generated (or scripted), padding after the end
    std::vector<std::int64_t> lengths;  ///< tokens of each row, its end included
    IntTensor own;                      ///< [rows, steps]: what each row would have chosen by itself
    /// Sum over each row's tokens of the model's ln p (at temperature 1, uncut), of what was fed on.
    std::vector<double> log_probability;
    std::vector<Tensor> logits;  ///< per step [rows, vocabulary], if kept
};

/// Feeds the prompts [rows, n], then token after token until every row has ended or max_new_tokens are there. `rng`
/// belongs to the call: row and step draw from streams of their own, so a row's text does not depend on its
/// neighbours. Error(out_of_range) for fewer than one new token or a scripted token outside the vocabulary.
Generation generate(Stepper& stepper, const IntTensor& prompts, const GenerationConfig& config,
                    const Rng& rng = Rng(0));

/// ln p of each given token, [rows, n]: one pass over prompt and continuation, as in training.
Tensor continuation_log_probability(Stepper& stepper, const IntTensor& prompts, const IntTensor& continuation);

}  // namespace glassformer
