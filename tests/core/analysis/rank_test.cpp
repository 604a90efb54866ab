#include "analysis/rank.h"

#include "analysis/influence.h"
#include "analysis_support.h"
#include "base/error.h"
#include "support/catch.h"
#include "tensor/decompositions.h"

using namespace glassformer;

TEST_CASE("spectra equal the references") {
    const DoubleTensor x = golden("x");
    const std::vector<double> s = singular_values(x);
    const DoubleTensor expected = golden("singular_values");
    for (std::size_t i = 0; i < s.size(); ++i)
        CHECK(s[i] == Approx(expected[static_cast<std::int64_t>(i)]).epsilon(1e-10));
    CHECK(effective_rank(s) == Approx(golden("effective_rank")[0]).epsilon(1e-10));
    CHECK(best_rank_error(s, 2) == Approx(golden("best_rank_2_error")[0]).epsilon(1e-10));
    CHECK(token_residual(x) == Approx(golden("token_residual")[0]).epsilon(1e-10));
    CHECK(numerical_rank(singular_values(golden("deficient"))) == 3);
}

TEST_CASE("ranks of matrices whose rank is known") {
    const std::vector<double> flat(5, 2.0), one{3, 0, 0};
    CHECK(effective_rank(flat) == Approx(5.0).epsilon(1e-9));
    CHECK(participation_ratio(flat) == Approx(5.0).epsilon(1e-12));
    CHECK(stable_rank(flat) == Approx(5.0).epsilon(1e-12));
    CHECK(effective_rank(one) == Approx(1.0).epsilon(1e-12));
    CHECK(participation_ratio(one) == 1.0);
    CHECK(numerical_rank(one) == 1);
    CHECK(numerical_rank({1.0, 1e-4, 1e-12}) == 2);
    CHECK(numerical_rank({1.0, 1e-4, 1e-12}, 1e-3) == 1);
    const std::vector<double> none(3, 0.0);
    CHECK(numerical_rank(none) == 0);
    CHECK(effective_rank(none) == 0.0);
    CHECK(participation_ratio(none) == 0.0);
    CHECK(stable_rank(none) == 0.0);
    CHECK(best_rank_error(none, 1) == 0.0);
    CHECK(best_rank_error({3, 4}, 0) == 1.0);
    CHECK(best_rank_error({3, 4}, 2) == 0.0);
    CHECK_THROWS_AS(best_rank_error({3, 4}, 3), Error);
    for (std::int64_t k = 0; k <= 6; ++k) {  // the promised error is the error of the promised matrix
        const DoubleTensor x = normal_points(9, 6, 3);
        const double error = frobenius_norm(subtract(x, best_rank_approximation(x, k))) / frobenius_norm(x);
        CHECK(error == Approx(best_rank_error(singular_values(x), k)).margin(1e-10));
    }
}

TEST_CASE("token residual: 0 for equal tokens, 1 for centred ones, invariant to rotation and scale") {
    DoubleTensor same({5, 3});
    for (std::int64_t i = 0; i < 5; ++i) {
        for (std::int64_t j = 0; j < 3; ++j) same(i, j) = static_cast<double>(j) + 0.5;
    }
    CHECK(token_residual(same) == 0.0);
    CHECK(token_residual(DoubleTensor({4, 2})) == 0.0);
    const DoubleTensor x = normal_points(12, 4, 5);
    CHECK(token_residual(centred(x)) == Approx(1.0).epsilon(1e-12));
    CHECK(token_residual(scale(matmul(x, rotation_of(4, 6)), 7.0)) == Approx(token_residual(x)).epsilon(1e-6));
    // By hand: (1, 3) has the mean 2; sqrt(1 + 1) / sqrt(1 + 9).
    CHECK(token_residual(DoubleTensor({2, 1}, std::vector<double>{1, 3})) == Approx(std::sqrt(0.2)).epsilon(1e-12));
}

TEST_CASE("cosine maps and their mean") {
    const DoubleTensor x({3, 2}, std::vector<double>{2, 0, 0, 5, -1, 0});
    const DoubleTensor map = cosine_map(x);
    CHECK(map(0, 1) == 0.0);
    CHECK(map(0, 2) == -1.0);
    CHECK(map(1, 1) == 1.0);
    CHECK(mean_cosine(x) == Approx(-1.0 / 3).epsilon(1e-12));
    CHECK(max_abs(cosine_map(DoubleTensor({2, 3}))) == 0.0);
    CHECK_THROWS_AS(mean_cosine(DoubleTensor({1, 3}, 1.0)), Error);
}

TEST_CASE("principal components: orthonormal, descending, the variance of their coordinates, a fixed sign") {
    const DoubleTensor x = golden("x");
    const PrincipalComponents pca = principal_components(x, 6);
    CHECK(max_abs_difference(matmul(pca.axes, pca.axes, Transpose::no, Transpose::yes), identity(6)) < 1e-10);
    const DoubleTensor spread = covariance(project(pca, x));
    double total = 0.0;
    for (std::int64_t k = 0; k < 6; ++k) {
        const auto at = static_cast<std::size_t>(k);
        CHECK(spread(k, k) == Approx(pca.variances[at]).epsilon(1e-9));
        if (k > 0) CHECK(pca.variances[at] <= pca.variances[at - 1]);
        CHECK(std::fabs(spread(k, (k + 1) % 6)) < 1e-9 * pca.variances[0]);
        total += pca.variances[at];
        double largest = 0.0;
        for (const double value : pca.axes.row(k)) largest = std::fabs(value) > std::fabs(largest) ? value : largest;
        CHECK(largest > 0.0);
    }
    CHECK(total == Approx(pca.total_variance).epsilon(1e-10));
    CHECK_THROWS_AS(principal_components(x, 7), Error);
    CHECK_THROWS_AS(principal_components(x, 0), Error);
}

TEST_CASE("whitening: identity covariance on the fitting sample, and the trap of a sample as small as its dimension") {
    const DoubleTensor x = matmul(normal_points(400, 8, 1), normal_points(8, 8, 2));
    const DoubleTensor white = whiten(fit_whitening(x, 8), x);
    CHECK(max_abs_difference(covariance(white), identity(8)) < 1e-9);
    CHECK(max_abs(column_means(white)) < 1e-9);
    CHECK(whiten(fit_whitening(x, 3), x).extent(1) == 3);
    // d >= n - 1: all cosines become -1 / (n - 1) whatever the data (plan, 2-09).
    const DoubleTensor few = normal_points(12, 20, 3);
    const DoubleTensor map = cosine_map(whiten(fit_whitening(few, 12), few));
    for (std::int64_t i = 1; i < 12; ++i) CHECK(map(0, i) == Approx(-1.0 / 11).margin(1e-9));
    CHECK_THROWS_AS(fit_whitening(few, 13), Error);
}

TEST_CASE("decompositions equal the references and undo themselves") {
    const DoubleTensor a = golden("symmetric");
    const SymmetricEigen eigen = symmetric_eigen(a);
    const DoubleTensor expected = golden("symmetric_eigenvalues");
    DoubleTensor scaled = eigen.vectors;
    for (std::int64_t j = 0; j < 6; ++j) {
        CHECK(eigen.values[static_cast<std::size_t>(j)] == Approx(expected[j]).epsilon(1e-9));
        for (std::int64_t i = 0; i < 6; ++i) scaled(i, j) *= eigen.values[static_cast<std::size_t>(j)];
    }
    CHECK(max_abs_difference(matmul(scaled, eigen.vectors, Transpose::no, Transpose::yes), a) < 1e-9 * max_abs(a));
    CHECK(max_abs_difference(cholesky(a), golden("cholesky")) < 1e-9);
    CHECK(max_abs_difference(inverse(a), golden("inverse")) < 1e-10);
    const DoubleTensor b = normal_points(6, 2, 1);
    CHECK(max_abs_difference(matmul(a, solve_positive(a, b)), b) < 1e-10);
    CHECK(max_abs_difference(least_squares(golden("deficient"), golden("y")), golden("deficient_least_squares")) <
          1e-9);
    const auto kind = [](auto call) {
        try {
            call();
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    };
    const DoubleTensor negative({2, 2}, std::vector<double>{1, 2, 2, 1}), singular({2, 2}, 1.0);
    CHECK(kind([&] { cholesky(negative); }) == ErrorKind::constraint);
    CHECK(kind([&] { solve_positive(negative, DoubleTensor({2, 1}, 1.0)); }) == ErrorKind::constraint);
    CHECK(kind([&] { inverse(singular); }) == ErrorKind::constraint);
    CHECK(kind([&] { inverse(DoubleTensor({2, 3}, 1.0)); }) == ErrorKind::shape);
    CHECK(kind([&] { solve_positive(a, DoubleTensor({5, 1}, 1.0)); }) == ErrorKind::shape);
    CHECK(kind([&] { least_squares(a, DoubleTensor({6, 1}, INFINITY)); }) == ErrorKind::non_finite);
}

TEST_CASE("influence: exact zeros where no path leads, the size of the change elsewhere") {
    // Output i is the sum of inputs up to i: causal.
    const auto causal = [](const Tensor& x) {
        Tensor y(x.shape());
        float sum = 0;
        for (std::int64_t i = 0; i < x.extent(0); ++i) y(i, 0) = sum += x(i, 0);
        return y;
    };
    const DoubleTensor map = row_influence(causal, Tensor({4, 1}, std::vector<float>{1, 2, 3, 4}), 0.5F);
    for (std::int64_t i = 0; i < 4; ++i) {
        for (std::int64_t j = 0; j < 4; ++j) CHECK(map(i, j) == (j <= i ? 0.5 : 0.0));
    }
    // Token 3 alone matters to output 0, and only when it is 7.
    const auto tokens = [](const IntTensor& ids) {
        return Tensor({2}, std::vector<float>{ids[3] == 7 ? 1.0F : 0.0F, 5.0F});
    };
    const IntTensor ids({5}, 2);
    CHECK(max_abs(token_influence(tokens, ids, {3})) == 0.0);  // one replacement may miss it
    const DoubleTensor found = token_influence(tokens, ids, {3, 7});
    CHECK(found(0, 3) == 1.0);
    CHECK(sum(found) == 1.0);
}

TEST_CASE("influence of numbers that are none: appearing NaN counts, the same NaN does not") {
    const auto model = [](const Tensor& x) {
        return Tensor({3}, std::vector<float>{x[0] > 1.5F ? NAN : 0.0F, NAN, x[1] > 1.5F ? -0.0F : 0.0F});
    };
    const DoubleTensor map = row_influence(model, Tensor({2, 1}, 1.0F), 1.0F);
    CHECK(std::isinf(map(0, 0)));
    CHECK(map(1, 0) == 0.0);
    CHECK(map(1, 1) == 0.0);
    CHECK(map(2, 1) > 0.0);  // 0 and -0 are not the same bits
    const auto growing = [](const Tensor& x) { return Tensor({x[0] > 1.5F ? 3 : 2}); };
    CHECK_THROWS_AS(row_influence(growing, Tensor({1, 1}, 1.0F), 1.0F), Error);
}

TEST_CASE("Jacobian map: norms of the blocks of a known function") {
    // y_0 = W x_0, y_1 = x_0 * x_1 (elementwise).
    const DoubleTensor w({2, 2}, std::vector<double>{1, 2, 3, 4});
    const auto model = [&](const DoubleTensor& x) {
        DoubleTensor y({2, 2});
        for (std::int64_t i = 0; i < 2; ++i) {
            y(0, i) = w(i, 0) * x(0, 0) + w(i, 1) * x(0, 1);
            y(1, i) = x(0, i) * x(1, i);
        }
        return y;
    };
    const DoubleTensor map = jacobian_map(model, DoubleTensor({2, 2}, std::vector<double>{1, 2, 3, 4}));
    CHECK(map(0, 0) == Approx(std::sqrt(30.0)).epsilon(1e-8));
    CHECK(map(0, 1) == 0.0);
    CHECK(map(1, 0) == Approx(5.0).epsilon(1e-8));  // diag(3, 4)
    CHECK(map(1, 1) == Approx(std::sqrt(5.0)).epsilon(1e-8));
}

TEST_CASE("reach: a window of w sees L (w - 1) + 1 tokens through L layers; causal stays causal") {
    const std::int64_t n = 12, w = 3;
    BoolTensor window({n, n}), shift({n, n});
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = std::max<std::int64_t>(0, i - w + 1); j <= i; ++j) window(i, j) = 1;
        if (i > 0) shift(i, i - 1) = 1;
    }
    for (int layers = 0; layers <= 6; ++layers) {
        const BoolTensor reach = reachable(window, layers, true);
        std::int64_t seen = 0;
        for (std::int64_t j = 0; j < n; ++j) seen += reach(n - 1, j);
        CHECK(seen == std::min<std::int64_t>(n, layers * (w - 1) + 1));
        bool ahead = false;
        for (std::int64_t i = 0; i < n; ++i) {
            for (std::int64_t j = i + 1; j < n; ++j) ahead |= reach(i, j) != 0;
        }
        CHECK_FALSE(ahead);
    }
    const BoolTensor strict = reachable(shift, 3, false), with_residual = reachable(shift, 3, true);
    CHECK(strict(5, 2) == 1);
    CHECK(strict(5, 3) == 0);
    CHECK(with_residual(5, 3) == 1);
    CHECK(with_residual(5, 5) == 1);
    CHECK_THROWS_AS(reachable(BoolTensor({2, 3}), 1, true), Error);
}
