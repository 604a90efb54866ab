#include "analysis/similarity.h"

#include <algorithm>
#include <numeric>

#include "analysis/rank.h"
#include "analysis_support.h"
#include "base/error.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

DoubleTensor shuffled_rows(const DoubleTensor& x, std::uint64_t seed) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(x.extent(0)));
    std::iota(order.begin(), order.end(), 0);
    Rng rng(seed);
    rng.shuffle(order);
    DoubleTensor result(x.shape());
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        const auto from = x.row(order[static_cast<std::size_t>(i)]);
        std::copy(from.begin(), from.end(), result.row(i).begin());
    }
    return result;
}

DoubleTensor shifted(DoubleTensor x, double by) {
    for (double& value : x.elements()) value += by;
    return x;
}

}  // namespace

TEST_CASE("similarity measures equal the references") {
    const DoubleTensor x = golden("x"), y = golden("y");
    CHECK(linear_cka(x, y) == Approx(golden("linear_cka")[0]).epsilon(1e-10));
    CHECK(unbiased_hsic(golden("k9"), golden("l9")) == Approx(golden("unbiased_hsic")[0]).epsilon(1e-10));
    const std::vector<double> correlations = canonical_correlations(x, y);
    const DoubleTensor expected = golden("canonical_correlations");
    REQUIRE(correlations.size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(correlations[i] == Approx(expected[static_cast<std::int64_t>(i)]).epsilon(1e-9));
    CHECK(mean_cca(x, y) == Approx(mean(expected)).epsilon(1e-9));
    CHECK(procrustes_distance(x, y) == Approx(golden("procrustes_distance")[0]).epsilon(1e-10));
    CHECK(rsa(x, y) == Approx(golden("rsa")[0]).epsilon(1e-10));
    const DoubleTensor tied = golden("tied");
    CHECK(spearman(tied.row(0), tied.row(1)) == Approx(golden("tied_spearman")[0]).epsilon(1e-10));
    const std::vector<double> order = ranks(tied.row(0));
    CHECK(std::equal(order.begin(), order.end(), golden("tied_ranks").elements().begin()));
    DoubleTensor padded({40, 6});
    for (std::int64_t i = 0; i < 40; ++i) std::copy(y.row(i).begin(), y.row(i).end(), padded.row(i).begin());
    // The padded columns leave two columns of the rotation open; what they do not touch must agree.
    const DoubleTensor mapped = matmul(x, procrustes_rotation(x, padded));
    const DoubleTensor reference = matmul(x, golden("procrustes_rotation_padded"));
    CHECK(frobenius_norm(subtract(mapped, padded)) ==
          Approx(frobenius_norm(subtract(reference, padded))).epsilon(1e-9));
}

TEST_CASE("each measure ignores what it says it ignores, and sees the rest") {
    const DoubleTensor x = normal_points(200, 16, 1);
    const DoubleTensor turned = shifted(scale(matmul(x, rotation_of(16, 2)), 3.0), 5.0);
    for (const auto measure : {linear_cka, unbiased_cka, mean_cca, pwcca, rsa})
        CHECK(measure(x, turned) == Approx(1.0).margin(1e-6));
    CHECK(svcca(x, turned) == Approx(1.0).margin(1e-6));
    CHECK(procrustes_distance(x, turned) < 1e-6);
    CHECK(std::fabs(paired_cosine(x, turned)) < 0.6);
    // An ill-conditioned linear map: CCA does not see it, CKA does.
    Rng rng(3);
    const DoubleTensor bent = matmul(x, as_double(random_with_condition(16, 100.0F, rng)));
    CHECK(mean_cca(x, bent) == Approx(1.0).margin(1e-5));
    CHECK(linear_cka(x, bent) < 0.97);
    CHECK(procrustes_distance(x, bent) > 0.1);
    // SVCCA drops faint directions first, and the map makes others faint: seen too.
    const DoubleTensor decaying = as_double(decaying_points(200, 16, 1.0F, rng));
    const DoubleTensor decaying_bent = matmul(decaying, as_double(random_with_condition(16, 100.0F, rng)));
    CHECK(mean_cca(decaying, decaying_bent) == Approx(1.0).margin(1e-4));
    CHECK(svcca(decaying, decaying_bent) < 1.0 - 1e-3);
    // Rows shuffled: nothing left to see but the level of chance.
    const DoubleTensor mixed = shuffled_rows(turned, 4);
    CHECK(linear_cka(x, mixed) < 0.15);
    CHECK(std::fabs(unbiased_cka(x, mixed)) < 0.08);
    CHECK(std::fabs(rsa(x, mixed)) < 0.1);
    CHECK(mean_cca(x, mixed) < 0.4);
    CHECK(neighbour_overlap(x, mixed, 10) < 0.12);
    CHECK(neighbour_overlap(x, scale(matmul(x, rotation_of(16, 5)), 0.1), 10) == Approx(1.0).margin(0.005));
}

TEST_CASE("with as many features as inputs CCA is 1 for anything, CKA is biased, and its unbiased form is not") {
    double biased = 0.0, unbiased = 0.0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const DoubleTensor x = normal_points(16, 16, 2 * seed), y = normal_points(16, 16, 2 * seed + 1);
        const std::vector<double> correlations = canonical_correlations(x, y);
        CHECK(correlations.size() == 15);  // n - 1
        CHECK(mean_cca(x, y) >= 0.999);
        CHECK(linear_cka(x, y) <= 1.0);
        biased += linear_cka(x, y) / 20;
        unbiased += unbiased_cka(x, y) / 20;
    }
    CHECK(biased > 0.3);
    CHECK(std::fabs(unbiased) < 0.1);
}

TEST_CASE("PWCCA weighs by X; SVCCA leaves faint directions out") {
    // X: one strong direction shared with Y, one faint direction that is X's own.
    const DoubleTensor base = normal_points(300, 3, 9);
    DoubleTensor x({300, 2}), y({300, 2});
    for (std::int64_t i = 0; i < 300; ++i) {
        x(i, 0) = 10 * base(i, 0);
        x(i, 1) = 0.01 * base(i, 1);
        y(i, 0) = base(i, 0);
        y(i, 1) = base(i, 2);
    }
    CHECK(mean_cca(x, y) < 0.6);
    CHECK(pwcca(x, y) > 0.99);
    CHECK(canonical_correlations(x, y).size() == 2);
    CHECK(svcca(x, y) > 0.7);  // X keeps one direction: one correlation is left
    CHECK(svcca(x, y, 1.0) == Approx(mean_cca(x, y)).epsilon(1e-6));
}

TEST_CASE("Procrustes finds the rotation there is") {
    const DoubleTensor x = normal_points(50, 8, 6), r = rotation_of(8, 7);
    const DoubleTensor found = procrustes_rotation(x, matmul(x, r));
    CHECK(max_abs_difference(found, r) < 1e-6);
    const DoubleTensor other = procrustes_rotation(x, normal_points(50, 8, 8));
    CHECK(max_abs_difference(matmul(other, other, Transpose::yes, Transpose::no), identity(8)) < 1e-9);
}

TEST_CASE("neighbours by hand") {
    const DoubleTensor x({4, 2}, std::vector<double>{1, 0, 1, 0.1, 0, 1, -1, 0.2});
    const IntTensor nearest = nearest_rows(x, 2);
    CHECK(nearest(0, 0) == 1);
    CHECK(nearest(0, 1) == 2);
    CHECK(nearest(3, 0) == 2);
    const DoubleTensor y({4, 2}, std::vector<double>{1, 0, -1, 0.1, 0, 1, 1, 0.2});  // rows 1 and 3 exchanged, roughly
    CHECK(neighbour_overlap(x, x, 2) == 1.0);
    CHECK(neighbour_overlap(x, y, 1) < 1.0);
    CHECK(neighbour_jaccard(x, x, 3) == 1.0);
    // 0: {1,2} and {3,2}; 1: {0,2} and {2,3}; 2: {1,3} and {3,1} or so; common / 2 and common / (4 - common)
    CHECK(neighbour_jaccard(x, y, 2) < neighbour_overlap(x, y, 2));
    const DoubleTensor same({3, 1}, std::vector<double>{1, 1, 1});
    CHECK(nearest_rows(same, 2)(2, 0) == 0);  // equal: the lower index first
    CHECK_THROWS_AS(nearest_rows(x, 4), Error);
    CHECK_THROWS_AS(nearest_rows(x, 0), Error);
}

TEST_CASE("correlations by hand, and their ends") {
    const double up[] = {1, 2, 3, 4}, down[] = {8, 6, 4, 2}, curved[] = {1, 4, 9, 100}, flat[] = {5, 5, 5, 5};
    CHECK(pearson(up, down) == Approx(-1.0));
    CHECK(spearman(up, curved) == Approx(1.0));
    CHECK(pearson(up, curved) < 0.9);
    CHECK(pearson(up, flat) == 0.0);
    CHECK_THROWS_AS(pearson(up, std::span(down).first(3)), Error);
}

TEST_CASE("what cannot be compared is refused by name") {
    const DoubleTensor x = normal_points(10, 3, 1);
    const auto kind = [](auto call) {
        try {
            call();
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    };
    CHECK(kind([&] { linear_cka(x, normal_points(9, 3, 1)); }) == ErrorKind::shape);
    CHECK(kind([&] { linear_cka(x, DoubleTensor({10, 2}, 4.2)); }) == ErrorKind::constraint);
    CHECK(kind([&] { mean_cca(x, DoubleTensor({10, 2}, 1.0)); }) == ErrorKind::constraint);
    CHECK(kind([&] { unbiased_cka(normal_points(3, 2, 1), normal_points(3, 2, 2)); }) == ErrorKind::shape);
    CHECK(kind([&] { paired_cosine(x, normal_points(10, 2, 1)); }) == ErrorKind::shape);
    CHECK(kind([&] { unbiased_hsic(x, x); }) == ErrorKind::shape);
    CHECK(kind([&] { mean_cca(x, DoubleTensor({10, 1}, std::nan(""))); }) == ErrorKind::non_finite);
}
