#include "data/points.h"

#include <cmath>
#include <set>

#include "base/error.h"
#include "data/classes.h"
#include "data_support.h"
#include "support/catch.h"
#include "tensor/kernels.h"

using namespace glassformer;

TEST_CASE("points and classes have the bits recorded for every compiler") {
    Rng rng(7);
    Fingerprint print;
    print << disc_in_ring(10, rng) << random_facts(5, 4, 3, rng) << random_orthogonal(5, rng)
          << random_with_condition(4, 50.0F, rng) << decaying_points(5, 4, 0.75F, rng);
    const Regression regression = noisy_linear({.samples = 5, .features = 3}, rng);
    print << regression.inputs << regression.targets << regression.weights;
    print << TanhTeacher(4, 6, 3, rng).draw(20, rng);
    const LatentViews views = latent_views(6, 4, 2, 0.5F, true, rng);
    print << views.latent << views.a << views.b << views.rotation;
    print << draw_classes(class_means({.classes = 3, .features = 4}, rng), {2, 1, 3}, rng);
    print << zipf_tokens(6, 50, 1.0, 4, rng);
    const Episode episode = EpisodeSource({.ways = 3, .features = 8, .signal = 2}, rng).draw(rng);
    print << episode.support << episode.query;
    CHECK(print.value() == 0xDB0A7FCED2556B6ULL);
}

TEST_CASE("boolean functions by their tables") {
    const auto labels = [](BooleanFunction function) {
        const LabelledPoints points = boolean_points(function);
        return std::vector<std::int32_t>(points.labels.elements().begin(), points.labels.elements().end());
    };
    CHECK(labels(BooleanFunction::logical_xor) == std::vector<std::int32_t>{0, 1, 1, 0});
    CHECK(labels(BooleanFunction::logical_and) == std::vector<std::int32_t>{0, 0, 0, 1});
    CHECK(labels(BooleanFunction::logical_or) == std::vector<std::int32_t>{0, 1, 1, 1});
    CHECK(labels(BooleanFunction::parity3) == std::vector<std::int32_t>{0, 1, 1, 0, 1, 0, 0, 1});
    const LabelledPoints points = boolean_points(BooleanFunction::logical_xor);
    CHECK(points.inputs(1, 0) == -1.0F);
    CHECK(points.inputs(1, 1) == 1.0F);
}

TEST_CASE("the disc lies inside the ring, both evenly filled") {
    Rng rng(1);
    const LabelledPoints points = disc_in_ring(20000, rng);
    bool right = true;
    int within_half = 0, upper = 0;
    for (std::int64_t i = 0; i < 20000; ++i) {
        const float r = std::hypot(points.inputs(i, 0), points.inputs(i, 1));
        const bool ring = points.labels[i] == 1;
        right &= ring == (i >= 10000) && (ring ? r > 1.4999F && r < 2.5001F : r < 1.0001F);
        within_half += !ring && r * r < 0.5F;
        upper += points.inputs(i, 1) > 0;
    }
    CHECK(right);
    CHECK(std::abs(within_half - 5000) < 200);  // half of the area
    CHECK(std::abs(upper - 10000) < 300);
    CHECK_THROWS_AS(disc_in_ring(3, rng), Error);
}

TEST_CASE("regression: the truth leaves noise of the stated size, and nobody gets below it") {
    Rng rng(2);
    const Regression data = noisy_linear({.samples = 20000, .features = 8, .noise = 0.5F}, rng);
    double square = 0;
    for (std::int64_t i = 0; i < 20000; ++i) {
        double prediction = 0;
        for (std::int64_t j = 0; j < 8; ++j) prediction += data.inputs(i, j) * data.weights[j];
        square += (data.targets[i] - prediction) * (data.targets[i] - prediction) / 20000;
    }
    CHECK(data.floor == 0.25);
    CHECK(square == Approx(data.floor).epsilon(0.04));
    const Regression again = noisy_linear_again({.samples = 10, .noise = 0.0F}, data.weights, rng);
    CHECK(again.floor == 0.0);
    CHECK(max_abs_difference(again.weights, data.weights) == 0.0);
    CHECK(max_abs_difference(again.targets.reshaped({10, 1}), matmul(again.inputs, data.weights.reshaped({8, 1}))) <
          1e-6);
}

TEST_CASE("facts are even over values; the teacher's classes follow from the point alone") {
    Rng rng(3);
    const LabelledPoints facts = random_facts(8000, 4, 8, rng);
    std::vector<int> counts(8);
    for (const std::int32_t label : facts.labels.elements()) ++counts[static_cast<std::size_t>(label)];
    for (const int count : counts) CHECK(std::abs(count - 1000) < 130);
    const TanhTeacher teacher(16, 32, 10, rng);
    Rng a(9), b(9);
    const LabelledPoints first = teacher.draw(500, a), second = teacher.draw(500, b);
    CHECK((Fingerprint() << first).value() == (Fingerprint() << second).value());
    CHECK(std::set<std::int32_t>(first.labels.elements().begin(), first.labels.elements().end()).size() >= 8);
}

TEST_CASE("orthogonal, conditioned and decaying matrices are what they say") {
    Rng rng(4);
    const Tensor q = random_orthogonal(16, rng);
    const Tensor product = matmul(q, q, Transpose::no, Transpose::yes);
    double worst = 0;
    for (std::int64_t i = 0; i < 16; ++i) {
        for (std::int64_t j = 0; j < 16; ++j) worst = std::max(worst, std::fabs(product(i, j) - (i == j ? 1.0 : 0.0)));
    }
    CHECK(worst < 1e-6);
    // |A|_F^2 is the sum of squared singular values, |A^-1| would be the condition: both follow from A^T A's trace and
    // the largest and least stretch over many directions.
    const Tensor m = random_with_condition(4, 100.0F, rng);
    double squares = 0;
    for (const float x : m.elements()) squares += double(x) * x;
    double expected = 0;
    for (int k = 0; k < 4; ++k) expected += std::pow(100.0, -2.0 * k / 3);
    CHECK(squares == Approx(expected).epsilon(1e-4));
    const Tensor x = decaying_points(20000, 3, 1.0F, rng);
    double variance_sum = 0;
    for (const float value : x.elements()) variance_sum += double(value) * value / 20000;
    CHECK(variance_sum == Approx(1.0 + 1.0 / 4 + 1.0 / 9).epsilon(0.03));
}

TEST_CASE("latent views: noise of its size, b turned by the rotation it reports") {
    Rng rng(5);
    const LatentViews views = latent_views(4000, 16, 6, 0.5F, true, rng);
    double latent = 0, noise = 0, noise_b = 0;
    const Tensor back = matmul(views.b, views.rotation, Transpose::no, Transpose::yes);
    for (std::int64_t i = 0; i < views.latent.size(); ++i) {
        latent += double(views.latent[i]) * views.latent[i];
        noise += std::pow(views.a[i] - views.latent[i], 2.0);
        noise_b += std::pow(back[i] - views.latent[i], 2.0);
    }
    CHECK(latent / 4000 == Approx(6.0).epsilon(0.05));
    CHECK(noise / latent == Approx(0.25).epsilon(0.05));
    CHECK(noise_b / latent == Approx(0.25).epsilon(0.05));
}

TEST_CASE("long tail: from head to head / ratio, evenly in the logarithm") {
    CHECK(long_tail_counts(3, 500, 100.0F) == std::vector<int>{500, 50, 5});
    CHECK(long_tail_counts(10, 500, 1.0F) == std::vector<int>(10, 500));
    CHECK(long_tail_counts(2, 10, 1000.0F).back() == 1);
    Rng rng(6);
    const GaussianClasses task{.classes = 3, .features = 200, .separation = 2.0F};
    const Tensor means = class_means(task, rng);
    const LabelledPoints points = draw_classes(means, {400, 0, 40}, rng);
    CHECK(points.inputs.shape() == Shape({440, 200}));
    CHECK(points.labels[399] == 0);
    CHECK(points.labels[400] == 2);
    double mean_error = 0, spread = 0;
    for (std::int64_t j = 0; j < 200; ++j) {
        double mean = 0;
        for (std::int64_t i = 0; i < 400; ++i) mean += points.inputs(i, j) / 400;
        mean_error += std::pow(mean - means(0, j), 2.0) / 200;
        spread += double(means(0, j)) * means(0, j) / 200;
    }
    CHECK(mean_error == Approx(1.0 / 400).epsilon(0.5));
    CHECK(spread == Approx(4.0).epsilon(0.4));
    CHECK_THROWS_AS(draw_classes(means, {1, 2}, rng), Error);
}

TEST_CASE("Zipf: the ratio of ranks, the entropy as floor, frequencies as drawn") {
    const std::vector<double> p = zipf_probabilities(100, 1.0);
    CHECK(p[0] / p[9] == Approx(10.0).epsilon(1e-9));
    double sum = 0, entropy = 0;
    for (const double x : p) {
        sum += x;
        entropy -= x * std::log(x);
    }
    CHECK(sum == Approx(1.0).epsilon(1e-12));
    Rng rng(7);
    const TokenBatch batch = zipf_tokens(100, 100, 1.0, 1000, rng);
    CHECK(batch.floor == Approx(entropy).epsilon(1e-9));
    std::vector<int> counts(100);
    for (const std::int32_t token : batch.inputs.elements()) ++counts.at(static_cast<std::size_t>(token));
    for (std::size_t k = 0; k < 100; ++k) {
        const double expected = 1e5 * p[k];
        CHECK(std::fabs(counts[k] - expected) < 5 * std::sqrt(expected));
    }
    CHECK(zipf_probabilities(4, 0.0) == std::vector<double>(4, 0.25));
    CHECK_THROWS_AS(Categorical({0.5, 0.4}), Error);
    CHECK_THROWS_AS(Categorical({1.5, -0.5}), Error);
}

TEST_CASE("episodes: new classes each time, apart only within the signal's subspace") {
    Rng rng(8);
    const EpisodeTask task{.ways = 5, .shots = 3, .queries = 100, .features = 48, .signal = 6, .separation = 3.0F};
    const EpisodeSource source(task, rng);
    const Episode one = source.draw(rng), two = source.draw(rng);
    CHECK(one.support.inputs.shape() == Shape({15, 48}));
    CHECK(one.query.inputs.shape() == Shape({500, 48}));
    CHECK(one.query.labels[499] == 4);
    CHECK((Fingerprint() << one.support).value() != (Fingerprint() << two.support).value());
    // Class means of the queries: far apart inside the basis, at rest outside.
    const Tensor inside = matmul(one.query.inputs, source.basis(), Transpose::no, Transpose::yes);
    double within = 0, all = 0;
    for (std::int64_t k = 0; k < 5; ++k) {
        for (std::int64_t j = 0; j < 48; ++j) {
            double mean = 0, mean_inside = 0;
            for (std::int64_t i = 100 * k; i < 100 * (k + 1); ++i) {
                mean += one.query.inputs(i, j) / 100;
                if (j < 6) mean_inside += inside(i, j) / 100;
            }
            all += mean * mean / 5;
            within += mean_inside * mean_inside / 5;
        }
    }
    CHECK(within > 20);                                // 6 dimensions of 9 each: about 54
    CHECK(all - within == Approx(0.42).margin(0.25));  // the other 42: the means' sampling error, 42 / 100
}
