#pragma once

#include <optional>

#include "autograd/variable.h"

/// Normalisation. All use the biased variance (divided by the number of elements) and add epsilon under the root, as
/// PyTorch does; x_hat = (x - mean) / sqrt(variance + epsilon). x is [..., d]; gamma and beta are [d], else
/// Error(shape); Error(out_of_range) unless epsilon >= 0.
namespace glassformer {

/// Layer normalisation without parameters: each row of d features to mean 0 and variance 1 (Ba et al. 2016, section 3).
template <typename T>
BasicVariable<T> layer_norm(const BasicVariable<T>& x, double epsilon = 1e-5);
/// gamma x_hat + beta.
template <typename T>
BasicVariable<T> layer_norm(const BasicVariable<T>& x, const BasicVariable<T>& gamma, const BasicVariable<T>& beta,
                            double epsilon = 1e-5);

/// x / sqrt(mean(x^2) + epsilon): no mean is taken away (Zhang & Sennrich 2019, equation 4).
template <typename T>
BasicVariable<T> rms_norm(const BasicVariable<T>& x, double epsilon = 1e-6);
template <typename T>
BasicVariable<T> rms_norm(const BasicVariable<T>& x, const BasicVariable<T>& gamma, double epsilon = 1e-6);

/// Of each feature over the rows that count.
template <typename T>
struct BatchStatistics {
    BasicTensor<T> mean;               ///< [d]
    BasicTensor<T> variance;           ///< [d], divided by rows
    BasicTensor<T> unbiased_variance;  ///< [d], divided by rows - 1: what PyTorch's running variance averages
    std::int64_t rows = 0;
};
template <typename T>
struct BatchNormResult {
    BasicVariable<T> output;  ///< x's shape
    BatchStatistics<T> statistics;
};

/// Batch normalisation in training (Ioffe & Szegedy 2015, algorithm 1): each feature over all axes but the last.
/// `counted`, of x's shape without the last axis, is 0 for rows (padding) that are left out of the statistics; they are
/// normalised all the same. Error(shape) when fewer than 2 rows count: the variance of one row is 0.
template <typename T>
BatchNormResult<T> batch_norm(const BasicVariable<T>& x, const BasicVariable<T>& gamma, const BasicVariable<T>& beta,
                              double epsilon = 1e-5, const std::optional<BoolTensor>& counted = {});
/// In evaluation, with statistics given [d] (no gradient flows into them).
template <typename T>
BasicVariable<T> batch_norm_with(const BasicVariable<T>& x, const BasicTensor<T>& mean, const BasicTensor<T>& variance,
                                 const BasicVariable<T>& gamma, const BasicVariable<T>& beta, double epsilon = 1e-5);

}  // namespace glassformer
