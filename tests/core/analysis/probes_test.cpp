#include "analysis/probes.h"

#include <algorithm>

#include "analysis/clusters.h"
#include "analysis/metrics.h"
#include "analysis_support.h"
#include "base/error.h"
#include "data/classes.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

/// 0, 1, ... n - 1: each prototype its own class.
IntTensor own_labels(int n) {
    IntTensor labels({n});
    for (std::int32_t i = 0; i < n; ++i) labels[i] = i;
    return labels;
}

}  // namespace

TEST_CASE("ridge and logistic regression equal the references") {
    const DoubleTensor x = golden("x"), y = golden("y");
    const LinearReader linear = ridge(x, y, 3.0);
    CHECK(max_abs_difference(linear.weights, golden("ridge_weights")) < 1e-10);
    CHECK(max_abs_difference(linear.bias, golden("ridge_bias")) < 1e-10);
    const LinearReader binary = logistic(x, golden_integers("labels"), 0.05);
    CHECK(max_abs_difference(binary.weights, golden("logistic_weights")) < 1e-7);
    CHECK(max_abs_difference(binary.bias, golden("logistic_bias")) < 1e-7);
    const LinearReader many = softmax_regression(x, golden_integers("classes"), 3, 0.1, 20000);
    CHECK(max_abs_difference(softmax(read_out(many, x)), golden("softmax_probabilities")) < 1e-4);
    const IntTensor predicted = predict_classes(many, x), expected = golden_integers("predicted");
    CHECK(std::equal(predicted.elements().begin(), predicted.elements().end(), expected.elements().begin()));
}

TEST_CASE("ridge without penalty reproduces an exact relation, with a huge one the mean") {
    const DoubleTensor x = normal_points(30, 4, 1), w = normal_points(4, 2, 2);
    DoubleTensor y = matmul(x, w);
    for (double& value : y.elements()) value += 3.0;
    const LinearReader exact = ridge(x, y, 0.0);
    CHECK(max_abs_difference(exact.weights, w) < 1e-10);
    CHECK(exact.bias[0] == Approx(3.0).epsilon(1e-10));
    const LinearReader flat = ridge(x, y, 1e12);
    CHECK(max_abs(flat.weights) < 1e-9);
    CHECK(flat.bias[1] == Approx(column_means(y)[1]).epsilon(1e-9));
    CHECK_THROWS_AS(ridge(x, y, -1.0), Error);
    CHECK_THROWS_AS(ridge(x, normal_points(29, 1, 1), 1.0), Error);
}

TEST_CASE("probes tell separable classes apart and find nothing in noise") {
    Rng rng(3);
    const Tensor means = class_means({.classes = 4, .features = 8, .separation = 3.0F}, rng);
    const LabelledPoints train = draw_classes(means, {50, 50, 50, 50}, rng),
                         test = draw_classes(means, {50, 50, 50, 50}, rng);
    const DoubleTensor x = as_double(train.inputs), t = as_double(test.inputs);
    CHECK(accuracy(predict_classes(ridge_classifier(x, train.labels, 4, 1.0), t), test.labels) > 0.95);
    CHECK(accuracy(predict_classes(softmax_regression(x, train.labels, 4, 0.01), t), test.labels) > 0.95);
    CHECK(accuracy(nearest_neighbour_classes(x, train.labels, 4, t, 5), test.labels) > 0.95);
    const DoubleTensor noise = normal_points(200, 8, 4);
    CHECK(accuracy(predict_classes(ridge_classifier(noise, train.labels, 4, 1.0), t), test.labels) < 0.5);
    // Perfectly separable and hardly any penalty: large weights, no overflow.
    IntTensor binary(train.labels.shape());
    for (std::int64_t i = 0; i < 200; ++i) binary[i] = x(i, 0) > 0 ? 1 : 0;
    const LinearReader sure = logistic(x, binary, 1e-9);
    CHECK(accuracy(predict_binary(sure, x), binary) == 1.0);
    CHECK(std::isfinite(max_abs(sure.weights)));
    CHECK_THROWS_AS(logistic(x, train.labels, 1.0), Error);  // four classes
    CHECK_THROWS_AS(logistic(x, binary, 0.0), Error);
    CHECK_THROWS_AS(ridge_classifier(x, IntTensor({3}), 4, 1.0), Error);
}

TEST_CASE("a prototype classifier is a linear one: the same class for every query") {
    Rng rng(5);
    const Episode episode = EpisodeSource({.ways = 10, .shots = 5, .queries = 20}, rng).draw(rng);
    const DoubleTensor prototypes = class_prototypes(as_double(episode.support.inputs), episode.support.labels, 10);
    const DoubleTensor queries = as_double(episode.query.inputs);
    const IntTensor linear = predict_classes(prototype_reader(prototypes), queries);
    IntTensor nearest({queries.extent(0)});
    for (std::int64_t i = 0; i < queries.extent(0); ++i) {
        double least = 1e300;
        for (std::int32_t k = 0; k < 10; ++k) {
            double square = 0.0;
            for (std::int64_t j = 0; j < queries.extent(1); ++j)
                square += std::pow(queries(i, j) - prototypes(k, j), 2.0);
            if (square < least) {
                least = square;
                nearest[i] = k;
            }
        }
    }
    CHECK(accuracy(linear, nearest) == 1.0);
    CHECK(accuracy(linear, episode.query.labels) > 0.5);
    CHECK_THROWS_AS(class_prototypes(queries, episode.query.labels, 11), Error);
    const IntTensor by_one = nearest_neighbour_classes(prototypes, own_labels(10), 10, queries, 1);
    CHECK(accuracy(by_one, linear) == 1.0);
}

TEST_CASE("neighbours vote, and the nearer class wins a draw") {
    const DoubleTensor train({4, 1}, std::vector<double>{0, 1, 2, 10});
    const IntTensor labels({4}, std::vector<std::int32_t>{2, 0, 0, 1});
    const DoubleTensor x({2, 1}, std::vector<double>{0.4, 9});
    CHECK(nearest_neighbour_classes(train, labels, 3, x, 1)[0] == 2);
    CHECK(nearest_neighbour_classes(train, labels, 3, x, 2)[0] == 2);
    CHECK(nearest_neighbour_classes(train, labels, 3, x, 3)[0] == 0);
    CHECK(nearest_neighbour_classes(train, labels, 3, x, 2)[1] == 1);
    CHECK_THROWS_AS(nearest_neighbour_classes(train, labels, 3, x, 5), Error);
}

TEST_CASE("class metrics, ROC and entropies equal the references") {
    const IntTensor confusion = confusion_matrix(golden_integers("predicted"), golden_integers("classes"), 3);
    const IntTensor expected = golden_integers("confusion");
    CHECK(std::equal(confusion.elements().begin(), confusion.elements().end(), expected.elements().begin()));
    const ClassMetrics metrics = class_metrics(confusion);
    CHECK(metrics.macro_f1 == Approx(golden("macro_f1")[0]).epsilon(1e-12));
    CHECK(metrics.balanced_accuracy == Approx(golden("balanced_accuracy")[0]).epsilon(1e-12));
    const DoubleTensor scores = golden("scores"), p = golden("p5"), q = golden("q5");
    const IntTensor labels = golden_integers("labels");
    const std::vector<std::uint8_t> positive(labels.elements().begin(), labels.elements().end());
    CHECK(roc_area(scores.elements(), positive) == Approx(golden("roc_area")[0]).epsilon(1e-12));
    CHECK(kl_divergence(p.elements(), q.elements()) == Approx(golden("kl")[0]).epsilon(1e-10));
    CHECK(row_entropies(p.reshaped({1, 5}))[0] == Approx(golden("entropy")[0]).epsilon(1e-10));
}

TEST_CASE("the majority classifier: accuracy of the largest class, balanced accuracy 1 / K") {
    const IntTensor labels({10}, std::vector<std::int32_t>{0, 0, 0, 0, 0, 0, 0, 1, 1, 2});
    const ClassMetrics metrics = class_metrics(confusion_matrix(IntTensor({10}, 0), labels, 4));
    CHECK(metrics.accuracy == Approx(0.7));
    CHECK(metrics.balanced_accuracy == Approx(1.0 / 3));
    CHECK(std::isnan(metrics.recall[3]));
    CHECK(metrics.precision[1] == 0.0);
    CHECK_THROWS_AS(class_metrics(IntTensor({2, 2})), Error);
    CHECK_THROWS_AS(confusion_matrix(IntTensor({10}, 4), labels, 4), Error);
}

TEST_CASE("ROC: from (1, 1) to (0, 0), never rising, its area by trapezoids the area by ranks") {
    Rng rng(6);
    std::vector<double> scores;
    std::vector<std::uint8_t> positive;
    for (int i = 0; i < 300; ++i) {
        positive.push_back(i % 3 == 0);
        scores.push_back(std::round(4 * (rng.normal() + (i % 3 == 0 ? 1.0 : 0.0))) / 4);  // with ties
    }
    const std::vector<RocPoint> curve = roc_curve(scores, positive);
    CHECK(curve.front().true_positive_rate == 1.0);
    CHECK(curve.back().false_positive_rate == 0.0);
    CHECK(curve.back().true_positive_rate == 0.0);
    double area = 0.0;
    for (std::size_t i = 1; i < curve.size(); ++i) {
        CHECK(curve[i].threshold > curve[i - 1].threshold);
        CHECK(curve[i].true_positive_rate <= curve[i - 1].true_positive_rate);
        CHECK(curve[i].false_positive_rate <= curve[i - 1].false_positive_rate);
        area += (curve[i - 1].false_positive_rate - curve[i].false_positive_rate) *
                (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
        // What the point says is what the threshold does.
        double called = 0.0, right = 0.0;
        for (std::size_t s = 0; s < scores.size(); ++s) {
            if (scores[s] < curve[i].threshold) continue;
            ++(positive[s] != 0 ? right : called);
        }
        CHECK(right / 100 == Approx(curve[i].true_positive_rate).margin(1e-12));
        CHECK(called / 200 == Approx(curve[i].false_positive_rate).margin(1e-12));
    }
    CHECK(area == Approx(roc_area(scores, positive)).epsilon(1e-10));
    CHECK_THROWS_AS(roc_area(scores, std::vector<std::uint8_t>(300, 1)), Error);
}

TEST_CASE("calibration by hand") {
    const double confidence[] = {0.95, 0.95, 0.55, 0.55, 1.0};
    const std::uint8_t right[] = {1, 1, 0, 1, 0};
    const std::vector<ReliabilityBin> bins = reliability_bins(confidence, right, 10);
    CHECK(bins[9].count == 3);
    CHECK(bins[9].accuracy == Approx(2.0 / 3));
    CHECK(bins[9].confidence == Approx(2.9 / 3));
    CHECK(bins[5].accuracy == 0.5);
    CHECK(bins[0].count == 0);
    CHECK(expected_calibration_error(bins) == Approx((3 * 0.3 + 2 * 0.05) / 5));
    CHECK(expected_calibration_error(reliability_bins(std::vector<double>{1, 1}, std::vector<std::uint8_t>{1, 1})) ==
          0.0);
    CHECK_THROWS_AS(reliability_bins(std::vector<double>{1.1}, std::vector<std::uint8_t>{1}), Error);
    CHECK_THROWS_AS(reliability_bins(std::vector<double>{NAN}, std::vector<std::uint8_t>{1}), Error);
}

TEST_CASE("intervals shrink as 1 / sqrt(n); perplexity, divergence and edit distance at their ends") {
    const double two[] = {1, 3};
    CHECK(mean_with_interval(two).mean == 2.0);
    CHECK(mean_with_interval(two).half_width == Approx(1.96));  // s = sqrt 2, over sqrt 2
    CHECK(mean_with_interval(std::span(two).first(1)).half_width == 0.0);
    CHECK(perplexity(std::log(50.0)) == Approx(50.0));
    const double p[] = {0.5, 0.5, 0}, q[] = {1, 0, 0};
    CHECK(std::isinf(kl_divergence(p, q)));
    CHECK(kl_divergence(q, p) == Approx(std::log(2.0)));
    CHECK(kl_divergence(p, p) == 0.0);
    const std::int32_t kitten[] = {1, 2, 3, 3, 4, 5}, sitting[] = {6, 2, 3, 3, 2, 5, 7};
    CHECK(edit_distance(kitten, sitting) == 3);
    CHECK(edit_distance(kitten, {}) == 6);
    CHECK(edit_distance(kitten, kitten) == 0);
}

TEST_CASE("k-means finds clusters that are there; every point with its nearest centre; no centre without points") {
    Rng rng(7);
    const Tensor means = class_means({.classes = 5, .features = 6, .separation = 8.0F}, rng);
    const LabelledPoints points = draw_classes(means, std::vector<int>(5, 40), rng);
    const DoubleTensor x = as_double(points.inputs);
    double best = 1e300;
    IntTensor assignments;
    for (std::uint64_t start = 0; start < 5; ++start) {
        Rng draw(start);
        const Clusters clusters = k_means(x, 5, draw);
        if (clusters.distortion >= best) continue;
        best = clusters.distortion;
        assignments = clusters.assignments;
    }
    CHECK(best == Approx(6.0).epsilon(0.15));  // the unit noise in six dimensions
    for (std::int64_t i = 0; i < 200; ++i) CHECK(assignments[i] == assignments[i / 40 * 40]);
    // The same centre drawn twice cannot be helped; it must still end with as many clusters as there are points.
    Rng draw(9);
    const DoubleTensor three({6, 1}, std::vector<double>{0, 0, 0, 0, 5, 9});
    const Clusters exact = k_means(three, 3, draw);
    CHECK(exact.distortion == 0.0);
    CHECK(k_means(x, 200, draw).distortion < 1e-12);
    CHECK(k_means(DoubleTensor({4, 2}, 1.0), 3, draw).distortion == 0.0);
    CHECK_THROWS_AS(k_means(x, 201, draw), Error);
    Rng a(1), b(1);
    CHECK(max_abs_difference(k_means(x, 7, a).centres, k_means(x, 7, b).centres) == 0.0);
}

TEST_CASE("alignment is 0 for the same rows; uniformity is lowest when spread out") {
    const DoubleTensor x = normal_points(40, 3, 8);
    CHECK(alignment_loss(x, scale(x, 2.0)) < 1e-12);
    CHECK(alignment_loss(x, scale(x, -1.0)) == Approx(4.0));
    CHECK(uniformity_loss(DoubleTensor({5, 2}, 1.0)) == Approx(0.0).margin(1e-12));
    CHECK(uniformity_loss(x) < -1.0);
    const DoubleTensor opposite({2, 1}, std::vector<double>{1, -1});
    CHECK(uniformity_loss(opposite) == Approx(-8.0));  // distance 2 squared, times 2
}
