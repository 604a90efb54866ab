#include "tensor/kernels.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/math.h"
#include "support/catch.h"
#include "tensor/decompositions.h"

using namespace glassformer;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

Tensor normal(Shape shape, std::uint64_t seed) {
    Rng rng(seed);
    return random_normal(std::move(shape), rng);
}

}  // namespace

TEST_CASE("a shape counts, indexes from the end, and refuses what it cannot hold") {
    const Shape shape({2, 3, 4});
    CHECK(shape.size() == 24);
    CHECK(shape[-1] == 4);
    CHECK(shape.to_string() == "[2, 3, 4]");
    CHECK(Shape{}.size() == 1);
    CHECK_THROWS_AS(shape[3], Error);
    CHECK_THROWS_AS(Shape({2, -1}), Error);
    CHECK_THROWS_AS(Shape({std::int64_t{1} << 40, std::int64_t{1} << 40}), Error);
    CHECK_THROWS_AS(Tensor({2, 2}, std::vector<float>(3)), Error);
    CHECK_THROWS_AS(Tensor({2, 2}).at({0, 2}), Error);
    CHECK_THROWS_AS(Tensor({2, 2}).at({0}), Error);
    CHECK_THROWS_AS(Tensor({2, 2}).row(2), Error);
}

TEST_CASE("elementwise operations broadcast both ways") {
    const Tensor a({2, 2}, std::vector<float>{1, 2, 3, 4});
    const Tensor row({2}, std::vector<float>{10, 20});
    const Tensor sum = add(a, row);
    CHECK(sum[0] == 11.0F);
    CHECK(sum[3] == 24.0F);
    CHECK(subtract(a, row)[2] == -7.0F);
    CHECK(multiply(a, row)[1] == 40.0F);
    CHECK(divide(a, row)[3] == 0.2F);
    CHECK(subtract(row, a)[3] == 16.0F);
    const Tensor table = add(Tensor({2, 1}, std::vector<float>{100, 200}), row);
    CHECK(table.shape() == Shape({2, 2}));
    CHECK(table(1, 0) == 210.0F);
    CHECK(add(Tensor({2, 0}), Tensor({2, 1})).shape() == Shape({2, 0}));
    CHECK_THROWS_AS(add(Tensor({2, 0}), Tensor({2, 3})), Error);
    CHECK_THROWS_AS(add(a, Tensor({3})), Error);
}

TEST_CASE("softmax: rows sum to one, a shift changes nothing, large scores do not overflow") {
    const Tensor a = normal({5, 33}, 1);
    const Tensor p = softmax(a);
    for (std::int64_t r = 0; r < 5; ++r) {
        double total = 0.0;
        for (const float x : p.row(r)) total += static_cast<double>(x);
        CHECK(std::abs(total - 1.0) < 1e-6);
    }
    CHECK(max_abs_difference(p, softmax(add(a, Tensor({33}, 8.0F)))) < 1e-6);
    const Tensor big = softmax(Tensor({1, 2}, std::vector<float>{1e30F, 0.0F}));
    CHECK(big[0] == 1.0F);
    CHECK(big[1] == 0.0F);
}

TEST_CASE("softmax runs over the last axis and not another") {
    const Tensor p = softmax(Tensor({2, 2}, std::vector<float>{0.0F, 1.0F, 5.0F, 6.0F}));
    CHECK(p(0, 0) == p(1, 0));
    CHECK(p(0, 0) < p(0, 1));
}

TEST_CASE("a fully masked row is NaN, a masked element is exactly zero") {
    CHECK(std::isnan(softmax(Tensor({1, 2}, -infinity))[0]));
    const Tensor p = softmax(Tensor({1, 3}, std::vector<float>{0.0F, -infinity, 0.0F}));
    CHECK(p[1] == 0.0F);
    CHECK(p[0] == 0.5F);
}

TEST_CASE("masked positions change no bit of a softmax, wherever they stand") {
    const Tensor a = normal({6, 13}, 3);
    const Tensor plain = softmax(a);
    for (const std::int64_t before : {1, 2, 3, 5}) {
        const Tensor padded = pad(pad(a, 1, before, 0, -infinity), 1, 0, 2, -infinity);
        CHECK(max_abs_difference(slice(softmax(padded), 1, before, before + 13), plain) == 0.0);
        CHECK(max_abs_difference(slice(log_softmax(padded), 1, before, before + 13), log_softmax(a)) == 0.0);
        CHECK(max_abs_difference(sum(pad(a, 1, before, 1), 1), sum(a, 1)) == 0.0);
    }
}

TEST_CASE("log_softmax is the logarithm of softmax, also where softmax is zero") {
    const Tensor a = normal({4, 9}, 2);
    CHECK(max_abs_difference(log_softmax(a), log(softmax(a))) < 1e-5);
    CHECK(log_softmax(Tensor({1, 2}, std::vector<float>{0.0F, 500.0F}))[0] == -500.0F);
}

TEST_CASE("reductions") {
    const Tensor a({2, 3}, std::vector<float>{1, 5, 3, -1, -2, -9});
    CHECK(sum_rows(a)[0] == 9.0F);
    CHECK(mean_rows(a)[1] == -4.0F);
    CHECK(max_rows(a)[1] == -1.0F);
    CHECK(argmax_rows(a)[0] == 1);
    CHECK(sum(a) == -3.0);
    CHECK(mean(a) == -0.5);
    CHECK(variance(Tensor({4}, std::vector<float>{2, 4, 4, 6})) == 2.0);
    CHECK(max_abs(a) == 9.0);
    CHECK(std::isnan(max_rows(Tensor({1, 2}, std::vector<float>{std::nanf(""), 1.0F}))[0]));
    CHECK(std::isnan(max_abs(Tensor({2}, std::vector<float>{std::nanf(""), 1.0F}))));
    CHECK(max_abs_difference(Tensor({1}, infinity), Tensor({1}, infinity)) == 0.0);
    CHECK_THROWS_AS(sum_rows(Tensor(Shape{})), Error);
    CHECK_THROWS_AS(softmax(Tensor({2, 0})), Error);
    CHECK_THROWS_AS(max_abs_difference(Tensor({1}), Tensor({2})), Error);
}

TEST_CASE("permute and transpose move elements and nothing else") {
    Tensor a({2, 3, 4});
    for (std::int64_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i);
    const Tensor p = permute(a, {2, 0, 1});
    CHECK(p.shape() == Shape({4, 2, 3}));
    CHECK(p.at({3, 1, 2}) == a.at({1, 2, 3}));
    CHECK(max_abs_difference(permute(p, {1, 2, 0}), a) == 0.0);
    CHECK(transpose(Tensor({2, 3})).shape() == Shape({3, 2}));
    CHECK_THROWS_AS(transpose(a), Error);
    CHECK_THROWS_AS(permute(a, {0, 0, 1}), Error);
    CHECK_THROWS_AS(permute(a, {0, 1}), Error);
}

TEST_CASE("gather_rows reads rows by id and names an id that is not there") {
    const Tensor table({3, 2}, std::vector<float>{0, 1, 10, 11, 20, 21});
    const Tensor rows = gather_rows(table, IntTensor({2}, std::vector<std::int32_t>{2, 0}));
    CHECK(rows.shape() == Shape({2, 2}));
    CHECK(rows(0, 1) == 21.0F);
    CHECK_THROWS_AS(gather_rows(table, IntTensor({1}, 3)), Error);
    CHECK_THROWS_AS(gather_rows(table, IntTensor({1}, -1)), Error);
}

TEST_CASE("decompositions put the matrix together again") {
    Rng rng(5);
    DoubleTensor a({6, 4});
    for (double& x : a.elements()) x = static_cast<double>(rng.normal());
    const SingularValues svd = singular_value_decomposition(a);
    DoubleTensor us = svd.u;
    for (std::int64_t i = 0; i < 6; ++i) {
        for (std::int64_t j = 0; j < 4; ++j) us(i, j) *= svd.s[static_cast<std::size_t>(j)];
    }
    CHECK(max_abs_difference(matmul(us, svd.v, Transpose::no, Transpose::yes), a) < 1e-12);
    const QrFactors qr = qr_decomposition(a);
    CHECK(max_abs_difference(matmul(qr.q, qr.r), a) < 1e-12);
    const DoubleTensor gram = matmul(a, a, Transpose::yes);
    const std::vector<double> eigenvalues = symmetric_eigenvalues(gram);
    for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(eigenvalues[i] - svd.s[3 - i] * svd.s[3 - i]) < 1e-10);
    CHECK_THROWS_AS(symmetric_eigenvalues(a), Error);
    CHECK_THROWS_AS(symmetric_eigenvalues(DoubleTensor({1, 1}, std::nan(""))), Error);
}
