#include "analysis/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/similarity.h"
#include "base/error.h"
#include "base/math.h"
#include "data/batch.h"

namespace glassformer {
namespace {

void require_equal(const char* measure, std::size_t a, std::size_t b) {
    if (a == b && a > 0) return;
    const std::string name = measure, left = std::to_string(a), right = std::to_string(b);
    throw Error(ErrorKind::shape, {name + " 需要两列一样长且不为空，给的是 " + left + " 和 " + right + " 项。",
                                   name + " needs two lists of the same length, not empty; they have " + left +
                                       " and " + right + " entries."});
}

struct Counts {
    double positive = 0.0, negative = 0.0;
};

Counts count_classes(std::span<const std::uint8_t> positive) {
    Counts counts;
    for (const std::uint8_t is : positive) ++(is != 0 ? counts.positive : counts.negative);
    if (counts.positive == 0.0 || counts.negative == 0.0) {
        throw Error(ErrorKind::constraint,
                    {"ROC 需要正负两类样本都有。", "A ROC curve needs examples of both classes."});
    }
    return counts;
}

}  // namespace

IntTensor confusion_matrix(const IntTensor& predicted, const IntTensor& labels, int classes) {
    require_equal("confusion_matrix", predicted.elements().size(), labels.elements().size());
    IntTensor counts({classes, classes});
    for (std::int64_t i = 0; i < labels.size(); ++i) {
        require_within("label", labels[i], 0, classes - 1);
        require_within("prediction", predicted[i], 0, classes - 1);
        ++counts(labels[i], predicted[i]);
    }
    return counts;
}

ClassMetrics class_metrics(const IntTensor& confusion) {
    const std::int64_t classes = confusion.extent(0);
    ClassMetrics metrics;
    double right = 0.0, all = 0.0, present = 0.0;
    for (std::int64_t k = 0; k < classes; ++k) {
        double of_class = 0.0, called = 0.0;
        for (std::int64_t j = 0; j < classes; ++j) {
            of_class += confusion(k, j);
            called += confusion(j, k);
        }
        const double hits = confusion(k, k);
        right += hits;
        all += of_class;
        metrics.precision.push_back(called > 0.0 ? hits / called : 0.0);
        metrics.recall.push_back(of_class > 0.0 ? hits / of_class : std::numeric_limits<double>::quiet_NaN());
        if (of_class == 0.0) continue;
        ++present;
        metrics.balanced_accuracy += hits / of_class;
        metrics.macro_f1 += 2.0 * hits / (of_class + called);
    }
    if (all == 0.0) {
        throw Error(ErrorKind::constraint, {"混淆矩阵是空的。", "The confusion matrix is empty."});
    }
    metrics.accuracy = right / all;
    metrics.balanced_accuracy /= present;
    metrics.macro_f1 /= present;
    return metrics;
}

std::vector<ReliabilityBin> reliability_bins(std::span<const double> confidence, std::span<const std::uint8_t> right,
                                             int bins) {
    require_equal("reliability_bins", confidence.size(), right.size());
    require_within("bins", bins, 1, 10000);
    std::vector<ReliabilityBin> result(static_cast<std::size_t>(bins));
    for (int b = 0; b < bins; ++b) {
        result[static_cast<std::size_t>(b)].low = static_cast<double>(b) / bins;
        result[static_cast<std::size_t>(b)].high = static_cast<double>(b + 1) / bins;
    }
    for (std::size_t i = 0; i < confidence.size(); ++i) {
        require_within("confidence", confidence[i], 0, 1);
        const int b = std::min(bins - 1, static_cast<int>(confidence[i] * bins));
        ReliabilityBin& bin = result[static_cast<std::size_t>(b)];
        ++bin.count;
        bin.confidence += confidence[i];
        bin.accuracy += right[i] != 0 ? 1.0 : 0.0;
    }
    for (ReliabilityBin& bin : result) {
        if (bin.count == 0) continue;
        bin.confidence /= static_cast<double>(bin.count);
        bin.accuracy /= static_cast<double>(bin.count);
    }
    return result;
}

double expected_calibration_error(const std::vector<ReliabilityBin>& bins) {
    double error = 0.0, all = 0.0;
    for (const ReliabilityBin& bin : bins) {
        error += static_cast<double>(bin.count) * std::fabs(bin.accuracy - bin.confidence);
        all += static_cast<double>(bin.count);
    }
    return all > 0.0 ? error / all : 0.0;
}

std::vector<RocPoint> roc_curve(std::span<const double> scores, std::span<const std::uint8_t> positive) {
    require_equal("roc_curve", scores.size(), positive.size());
    const Counts counts = count_classes(positive);
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
    std::vector<RocPoint> curve{{-std::numeric_limits<double>::infinity(), 1.0, 1.0}};
    double below_positive = 0.0, below_negative = 0.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        ++(positive[order[i]] != 0 ? below_positive : below_negative);
        const bool last = i + 1 == order.size();
        if (!last && scores[order[i + 1]] == scores[order[i]]) continue;
        curve.push_back({last ? std::numeric_limits<double>::infinity() : scores[order[i + 1]],
                         1.0 - below_negative / counts.negative, 1.0 - below_positive / counts.positive});
    }
    return curve;
}

double roc_area(std::span<const double> scores, std::span<const std::uint8_t> positive) {
    require_equal("roc_area", scores.size(), positive.size());
    const Counts counts = count_classes(positive);
    const std::vector<double> rank = ranks(scores);
    double sum = 0.0;
    for (std::size_t i = 0; i < rank.size(); ++i) sum += positive[i] != 0 ? rank[i] : 0.0;
    return (sum - counts.positive * (counts.positive + 1.0) / 2.0) / (counts.positive * counts.negative);
}

Estimate mean_with_interval(std::span<const double> values) {
    require_equal("mean_with_interval", values.size(), values.size());
    const auto n = static_cast<double>(values.size());
    Estimate estimate{std::accumulate(values.begin(), values.end(), 0.0) / n, 0.0};
    if (values.size() < 2) return estimate;
    double square = 0.0;
    for (const double value : values) square += (value - estimate.mean) * (value - estimate.mean);
    estimate.half_width = 1.96 * std::sqrt(square / (n - 1.0) / n);
    return estimate;
}

std::vector<double> row_entropies(const DoubleTensor& probabilities) {
    std::vector<double> entropies;
    for (std::int64_t i = 0; i < probabilities.extent(0); ++i) entropies.push_back(entropy_of(probabilities.row(i)));
    return entropies;
}

double kl_divergence(std::span<const double> p, std::span<const double> q) {
    require_equal("kl_divergence", p.size(), q.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (p[i] <= 0.0) continue;
        if (q[i] <= 0.0) return std::numeric_limits<double>::infinity();
        sum += p[i] * (log(p[i]) - log(q[i]));
    }
    return sum;
}

double perplexity(double mean_loss) { return exp(mean_loss); }

std::int64_t edit_distance(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    std::vector<std::int64_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::int64_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::int64_t diagonal = row[0];
        row[0] = static_cast<std::int64_t>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::int64_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace glassformer
