#pragma once

#include <cstdint>
#include <vector>

#include "autograd/variable.h"

/// What a loss does about classes of unequal frequency. Weights go into CrossEntropyConfig::class_weights; they are
/// scaled to a mean of 1, so that the size of the loss stays comparable. Counts are of training examples per class.
namespace glassformer {

/// 1 / count. Error(out_of_range) for a count below 1; Error(shape) for no classes; likewise below.
std::vector<double> inverse_frequency_weights(const std::vector<std::int64_t>& counts);
/// (1 - beta) / (1 - beta^count): the inverse of the effective number of examples (Cui et al. 2019, equations 2 and 4).
/// beta 0 weighs all alike, beta towards 1 by the inverse frequency. Error(out_of_range) unless 0 <= beta < 1.
std::vector<double> effective_number_weights(const std::vector<std::int64_t>& counts, double beta);
/// logits [..., classes] + tau ln prior: in training with tau > 0 (Menon et al. 2021, equation 10), so that the model
/// need not learn the prior; with -tau on a trained model's logits it is taken out afterwards (equation 9).
template <typename T>
BasicVariable<T> adjust_logits(const BasicVariable<T>& logits, const std::vector<std::int64_t>& counts, double tau);

}  // namespace glassformer
