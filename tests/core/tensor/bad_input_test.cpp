#include <cmath>
#include <limits>

#include "support/bits.h"
#include "support/errors.h"
#include "tensor/broadcast.h"
#include "tensor/decompositions.h"

using namespace glassformer;
using namespace glassformer::testing;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t huge = std::int64_t{1} << 40;
constexpr double infinity = std::numeric_limits<double>::infinity();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("extents whose product leaves 64 bits are refused, also beside an extent of 0") {
    for (const Shape& fine : {Shape{0, huge}, Shape{huge, 0}, Shape{most}, Shape{0, most}}) CHECK(fine.size() >= 0);
    CHECK(kind_of([] { Shape({huge, huge}); }) == ErrorKind::shape);
    CHECK(kind_of([] { Shape({huge, huge, 0}); }) == ErrorKind::shape);
    // The rows of such a tensor would lie 2^80 elements apart.
    CHECK(kind_of([] { Shape({0, huge, huge}); }) == ErrorKind::shape);
    CHECK(kind_of([] { Shape({huge, 0, huge}); }) == ErrorKind::shape);
    CHECK(kind_of([] { Shape({2, -1}); }) == ErrorKind::shape);
    CHECK(kind_of([] { broadcast_shape("test", {huge, 1}, {1, huge}); }) == ErrorKind::shape);
}

TEST_CASE("a tensor that no memory holds is refused, and the next one is made") {
    CHECK_THROWS_AS(Tensor({most / 2}), std::bad_alloc);
    CHECK_THROWS_AS(Tensor({std::int64_t{1} << 60}), std::bad_alloc);
    CHECK(max_abs(Tensor({4}, 2.0F)) == 2.0);
}

TEST_CASE("numbers at the ends of 64 bits are refused or counted right") {
    const Tensor a({2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(slice(a, 1, 0, 3, most)(1, 0) == 3.0F);
    CHECK(slice(a, 1, 1, 3, most).shape() == Shape({2, 1}));
    CHECK(slice(a, 1, 3, 3, most).shape() == Shape({2, 0}));
    CHECK(kind_of([&] { slice(a, 1, least, 3); }) == ErrorKind::shape);
    CHECK(kind_of([&] { slice(a, 1, 0, most); }) == ErrorKind::shape);
    CHECK(kind_of([&] { slice(a, 1, 0, 3, least); }) == ErrorKind::out_of_range);
    CHECK(roll(a, 1, most)(0, most % 3) == 0.0F);
    CHECK(roll(a, 1, least).shape() == a.shape());
    CHECK(kind_of([&] { pad(a, 1, most, 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { pad(a, 1, most - 3, 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { pad(a, 1, 1, most - 3); }) == ErrorKind::shape);
    const std::vector<Tensor> wide = {Tensor({0, most / 2 + 1}), Tensor({0, most / 2 + 1})};
    CHECK(kind_of([&] { concat<float>(wide, 1); }) == ErrorKind::shape);
    for (const std::int64_t axis : {most, least, std::int64_t{2}, std::int64_t{-3}}) {
        CHECK(kind_of([&] { sum(a, axis); }) == ErrorKind::shape);
        CHECK(kind_of([&] { roll(a, axis, 1); }) == ErrorKind::shape);
        CHECK(kind_of([&] { a.shape()[axis]; }) == ErrorKind::shape);
    }
}

TEST_CASE("there is no mean, variance, maximum or softmax of nothing") {
    for (const Shape& empty : {Shape{0}, Shape{0, 3}, Shape{3, 0}}) {
        const Tensor nothing(empty);
        CHECK(kind_of([&] { mean(nothing); }) == ErrorKind::shape);
        CHECK(kind_of([&] { variance(nothing); }) == ErrorKind::shape);
        CHECK(sum(nothing) == 0.0);
        CHECK(max_abs(nothing) == 0.0);
    }
    const Tensor nothing({2, 0});
    CHECK(kind_of([&] { mean(nothing, 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { softmax(nothing); }) == ErrorKind::shape);
    CHECK(kind_of([&] { log_softmax(nothing); }) == ErrorKind::shape);
    CHECK(kind_of([&] { masked_softmax(nothing, BoolTensor({2, 0})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { max_rows(nothing); }) == ErrorKind::shape);
    CHECK(kind_of([&] { argmax_rows(nothing); }) == ErrorKind::shape);
    CHECK(kind_of([&] { mean_rows(nothing); }) == ErrorKind::shape);
    CHECK(kind_of([&] { softmax(Tensor(Shape{})); }) == ErrorKind::shape);
    CHECK(masked_softmax(Tensor({0, 2}), BoolTensor({2}, 1)).shape() == Shape({0, 2}));
}

TEST_CASE("products of every empty size") {
    for (const std::int64_t m : {0, 1, 3, 20}) {
        for (const std::int64_t n : {0, 1, 5, 40}) {
            for (const std::int64_t depth : {0, 2}) {
                const Tensor c = matmul(Tensor({m, depth}, 1.0F), Tensor({depth, n}, 1.0F));
                CHECK(c.shape() == Shape({m, n}));
                CHECK(max_abs(c) == (m * n > 0 ? static_cast<double>(depth) : 0.0));
                const Tensor batch = batched_matmul(Tensor({2, m, depth}, 1.0F), Tensor({2, n, depth}, 1.0F),
                                                    Transpose::no, Transpose::yes);
                CHECK(batch.shape() == Shape({2, m, n}));
                CHECK(max_abs(batch) == (m * n > 0 ? static_cast<double>(depth) : 0.0));
            }
        }
    }
}

TEST_CASE("decompositions refuse NaN, infinity, nothing and what is not a matrix") {
    const DoubleTensor right({3, 1}, 1.0);
    const std::vector<std::pair<const char*, std::function<void(const DoubleTensor&)>>> all = {
        {"symmetric_eigenvalues", [](const DoubleTensor& a) { symmetric_eigenvalues(a); }},
        {"symmetric_eigen", [](const DoubleTensor& a) { symmetric_eigen(a); }},
        {"singular_value_decomposition", [](const DoubleTensor& a) { singular_value_decomposition(a); }},
        {"qr_decomposition", [](const DoubleTensor& a) { qr_decomposition(a); }},
        {"cholesky", [](const DoubleTensor& a) { cholesky(a); }},
        {"inverse", [](const DoubleTensor& a) { inverse(a); }},
        {"solve_positive", [&](const DoubleTensor& a) { solve_positive(a, right); }},
        {"least_squares", [&](const DoubleTensor& a) { least_squares(a, right); }}};
    for (const auto& [name, decompose] : all) {
        CAPTURE(name);
        for (const double bad : {not_a_number, infinity, -infinity}) {
            DoubleTensor a({3, 3}, 0.0);
            for (std::int64_t i = 0; i < 3; ++i) a(i, i) = 2.0;
            CHECK_NOTHROW(decompose(a));
            a(2, 1) = bad;
            CHECK(kind_of([&] { decompose(a); }) == ErrorKind::non_finite);
        }
        CHECK(kind_of([&] { decompose(DoubleTensor({0, 0})); }) == ErrorKind::shape);
        CHECK(kind_of([&] { decompose(DoubleTensor({3})); }) == ErrorKind::shape);
    }
    const DoubleTensor identity({1, 1}, 1.0);
    CHECK(kind_of([&] { least_squares(identity, DoubleTensor({1, 1}, not_a_number)); }) == ErrorKind::non_finite);
    CHECK(kind_of([&] { solve_positive(identity, DoubleTensor({2, 1})); }) == ErrorKind::shape);
}

TEST_CASE(
    "NaN, infinities, subnormals and the largest numbers go through every kernel, with the same bits everywhere") {
    const auto through = []<typename T>(T) {
        using Limits = std::numeric_limits<T>;
        const std::vector<T> special = {T(1),
                                        Limits::infinity(),
                                        -Limits::infinity(),
                                        Limits::quiet_NaN(),
                                        Limits::max(),
                                        -Limits::max(),
                                        Limits::denorm_min(),
                                        -Limits::denorm_min(),
                                        Limits::min(),
                                        T(0),
                                        -T(0),
                                        T(-1)};
        BasicTensor<T> a({12, 12});
        for (std::int64_t i = 0; i < a.size(); ++i) {
            a[i] = special[static_cast<std::size_t>((i % 12 + (i / 12) * (i % 12 + 1)) % 12)];
        }
        const BasicTensor<T> b = transpose(a);
        // Each kernel gets the same tensor again: NaN, once met, would go on for ever in a chain.
        Chain<T> chain(BasicTensor<T>({1}));
        const auto link = [&](const char* name, const auto& result) { chain.link(name, result); };
        link("matmul", matmul(a, b));
        link("add", add(a, b));
        link("subtract", subtract(a, b));
        link("multiply", multiply(a, b));
        link("divide", divide(a, b));
        link("exp", exp(a));
        link("log", log(a));
        link("tanh", tanh(a));
        link("sin", sin(a));
        link("cos", cos(a));
        link("sqrt", sqrt(a));
        link("clip", clip(a, T(-1), T(1)));
        link("relu", relu(a));
        link("leaky_relu", leaky_relu(a, T(0.1)));
        link("elu", elu(a));
        link("sigmoid", sigmoid(a));
        link("silu", silu(a));
        link("gelu", gelu(a));
        link("gelu_tanh", gelu_tanh(a));
        link("softplus", softplus(a));
        link("softmax", softmax(a));
        link("log_softmax", log_softmax(a));
        link("masked_softmax", masked_softmax(a, BoolTensor({12}, 1)));
        link("sum_rows", sum_rows(a));
        link("mean_rows", mean_rows(a));
        link("max_rows", max_rows(a));
        link("argmax_rows", argmax_rows(a));
        for (const std::int64_t axis : {0, 1}) {
            link("variance", variance(a, axis));
            link("maximum", maximum(a, axis));
            link("argmax", argmax(a, axis));
            link("logsumexp", logsumexp(a, axis));
            link("cumulative_sum", cumulative_sum(a, axis));
        }
        link("max_abs", max_abs(a));
        INFO(chain.log());
        // A row without NaN, and one with: nothing finite is made of a NaN.
        const BasicTensor<T> p =
            softmax(BasicTensor<T>({2, 2}, std::vector<T>{T(1), -Limits::infinity(), T(1), Limits::quiet_NaN()}));
        CHECK(p[0] == T(1));
        CHECK(p[1] == T(0));
        CHECK(std::isnan(p[2]));
        CHECK(std::isnan(p[3]));
        return chain.hash();
    };
    CHECK(through(0.0F) == 0xA56B8CB02E0EC148ULL);
    CHECK(through(0.0) == 0x2DDDB33ACDBC5648ULL);
}
