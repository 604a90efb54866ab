#pragma once

#include <string>

#include "tensor/tensor.h"

/// Every data set is generated: the same seed gives the same bytes everywhere, samples never run out, and what the best
/// possible predictor can reach is known rather than estimated. A loss below a floor proves a leak; a loss that stays
/// at a floor proves missing information.
namespace glassformer {

/// Token sequences with their answers.
struct TokenBatch {
    IntTensor inputs;   ///< [batch, n]: what may be read
    IntTensor targets;  ///< [batch, m]: m = n for an answer at each place, or the target's length; 1 for one answer
    BoolTensor mask;    ///< [batch, m]: 1 where the answer counts
    double floor = 0;   ///< least expected cross-entropy of a counted answer, nats, reading all of `inputs`
    double blind = 0;   ///< the same reading neither inputs nor other answers: the entropy of an answer
};

/// Points with a class each.
struct LabelledPoints {
    Tensor inputs;     ///< [points, features]
    IntTensor labels;  ///< [points], 0 ... classes - 1
    int classes = 2;
};

/// Error(out_of_range) naming `parameter` unless low <= value <= high. For the settings of generators.
void require_within(const char* parameter, double value, double low, double high);

/// -sum p ln p of a distribution, nats; 0 ln 0 = 0. Error(out_of_range) for a negative entry.
double entropy_of(std::span<const double> probabilities);

}  // namespace glassformer
