#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tensor/tensor.h"

/// Figures of merit of predictions, and how far to trust them.
namespace glassformer {

/// Counts [classes, classes]: row the true class, column the predicted one.
IntTensor confusion_matrix(const IntTensor& predicted, const IntTensor& labels, int classes);
struct ClassMetrics {
    std::vector<double> recall;     ///< of each class; NaN for one without examples
    std::vector<double> precision;  ///< 0 for one never predicted
    double accuracy = 0.0;
    double balanced_accuracy = 0.0;  ///< mean recall of the classes that have examples
    double macro_f1 = 0.0;           ///< mean F1 of the same
};
ClassMetrics class_metrics(const IntTensor& confusion);

/// Of the predictions whose confidence falls in one bin.
struct ReliabilityBin {
    double low = 0.0, high = 0.0;  ///< [low, high); the last one includes 1
    std::int64_t count = 0;
    double confidence = 0.0;  ///< mean; 0 when empty
    double accuracy = 0.0;
};
/// Equally wide bins over 0 ... 1 (Guo et al. 2017, 1706.04599, section 2). Error(out_of_range) for a confidence
/// outside.
std::vector<ReliabilityBin> reliability_bins(std::span<const double> confidence, std::span<const std::uint8_t> right,
                                             int bins = 10);
/// Expected calibration error: mean |accuracy - confidence| over the bins, weighted by count.
double expected_calibration_error(const std::vector<ReliabilityBin>& bins);

/// Decisions at every threshold: score >= threshold is called positive.
struct RocPoint {
    double threshold, false_positive_rate, true_positive_rate;
};
/// From (1, 1) at -inf to (0, 0) above the largest score. Error(constraint) unless both classes occur.
std::vector<RocPoint> roc_curve(std::span<const double> scores, std::span<const std::uint8_t> positive);
/// Area under it: the chance that a positive scores above a negative, ties half (Mann-Whitney U / (n+ n-)).
double roc_area(std::span<const double> scores, std::span<const std::uint8_t> positive);

/// Mean with the half-width of its 95 % confidence interval by the normal approximation, 1.96 s / sqrt(n).
struct Estimate {
    double mean = 0.0;
    double half_width = 0.0;  ///< 0 for a single value
};
Estimate mean_with_interval(std::span<const double> values);

/// Entropy of each row of probabilities [rows, n], nats.
std::vector<double> row_entropies(const DoubleTensor& probabilities);
/// sum p ln(p / q), nats; infinity where q is 0 and p is not. Error(shape) unless equally long.
double kl_divergence(std::span<const double> p, std::span<const double> q);
/// exp of a mean loss in nats.
double perplexity(double mean_loss);

/// Least number of insertions, deletions and replacements (Levenshtein 1966).
std::int64_t edit_distance(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

}  // namespace glassformer
