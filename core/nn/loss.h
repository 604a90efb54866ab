#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "autograd/variable.h"

/// Losses over classes, in nats. logits are [..., classes]; targets are class numbers of shape [...].
namespace glassformer {

struct CrossEntropyConfig {
    /// Rows with this target do not count (PyTorch uses -100; a padding id serves too).
    std::optional<std::int32_t> ignore_index = {};
    /// Label smoothing: part of the target's probability is spread (Szegedy et al. 2016, section 7).
    double label_smoothing = 0.0;
    enum class Smoothing {
        over_all,     ///< epsilon / classes for every class, the target included: PyTorch's
        over_others,  ///< epsilon / (classes - 1) for the others, exactly 1 - epsilon for the target: tensor2tensor's
    };
    Smoothing smoothing = Smoothing::over_all;
    /// One weight per class, or empty. The mean is then over the weights of the targets, as in PyTorch.
    std::vector<double> class_weights = {};
    /// Focal loss (Lin et al. 2017, equation 4): each row times (1 - p_target)^gamma. 0: off.
    double focal_gamma = 0.0;
    enum class Reduction { mean, sum };
    Reduction reduction = Reduction::mean;
};

/// Mean (or sum) over the counted rows of -sum_c q_c ln softmax(logits)_c, q the smoothed target -> scalar. 0, with no
/// gradient, when no row counts (PyTorch's mean is NaN there). Error(shape) for a target outside 0 ... classes - 1, or
/// shapes that do not fit; Error(out_of_range) for a smoothing outside [0, 1), negative weights or gamma;
/// Error(constraint) for focal loss with smoothing, which has no agreed meaning.
template <typename T>
BasicVariable<T> cross_entropy(const BasicVariable<T>& logits, const IntTensor& targets,
                               const CrossEntropyConfig& config = {});

/// -ln softmax(logits)[target] of each row, [...], without config: for per-token pictures.
template <typename T>
BasicVariable<T> negative_log_likelihood(const BasicVariable<T>& logits, const IntTensor& targets);

/// The distribution q [..., classes] that cross_entropy compares with: one-hot, smoothed. Ignored rows are 0.
template <typename T>
BasicTensor<T> target_distribution(const IntTensor& targets, std::int64_t classes,
                                   const CrossEntropyConfig& config = {});

/// Mean over rows of -sum_c q_c ln softmax(logits)_c for any distributions q of logits' shape (soft labels).
template <typename T>
BasicVariable<T> soft_cross_entropy(const BasicVariable<T>& logits, const BasicTensor<T>& targets);

}  // namespace glassformer
