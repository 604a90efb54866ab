#include <cmath>
#include <functional>
#include <limits>

#include "base/error.h"
#include "support/catch.h"
#include "tensor/broadcast.h"
#include "tensor/kernels.h"

using namespace glassformer;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
const float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// 0, 1, 2, ... in a shape.
Tensor counting(const Shape& shape) {
    Tensor tensor(shape);
    for (std::int64_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<float>(i);
    return tensor;
}

Tensor of(const Shape& shape, const std::vector<float>& elements) { return Tensor(shape, elements); }

bool equal(const Tensor& a, const Tensor& b) { return a.shape() == b.shape() && max_abs_difference(a, b) == 0.0; }

ErrorKind kind_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(!error.message().zh.empty());
        CHECK(!error.message().en.empty());
        return error.kind();
    }
    FAIL("no error");
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("reductions over an axis, kept or not") {
    const Tensor a = counting({2, 3, 2});
    CHECK(equal(sum(a, 0), of({3, 2}, {6, 8, 10, 12, 14, 16})));
    CHECK(equal(sum(a, 1, KeepAxis::yes), of({2, 1, 2}, {6, 9, 24, 27})));
    CHECK(equal(mean(a, -1), of({2, 3}, {0.5, 2.5, 4.5, 6.5, 8.5, 10.5})));
    CHECK(equal(maximum(a, 1), of({2, 2}, {4, 5, 10, 11})));
    CHECK(equal(variance(a, 0), Tensor({3, 2}, 9.0F)));
    CHECK(equal(variance(a, 0, KeepAxis::no, 1), Tensor({3, 2}, 18.0F)));
    CHECK(equal(cumulative_sum(counting({2, 3}), 1), of({2, 3}, {0, 1, 3, 3, 7, 12})));
    CHECK(equal(cumulative_sum(counting({2, 3}), 0), of({2, 3}, {0, 1, 2, 3, 5, 7})));
    const IntTensor best = argmax(of({2, 3}, {1, 7, 7, not_a_number, 0, 9}), 1);
    CHECK(best[0] == 1);
    CHECK(best[1] == 0);
    CHECK(sum(Tensor({0, 3}), 0)[1] == 0.0F);
}

TEST_CASE("logsumexp does not overflow, and keeps infinities and NaN") {
    const Tensor a = of({5, 2}, {1000, 1000, -infinity, -infinity, infinity, 0, not_a_number, 0, 0, -infinity});
    const Tensor l = logsumexp(a, 1);
    CHECK(l[0] == Approx(1000.6931));
    CHECK(l[1] == -infinity);
    CHECK(l[2] == infinity);
    CHECK(std::isnan(l[3]));
    CHECK(l[4] == 0.0F);
}

TEST_CASE("lookups and scatters") {
    const Tensor a = counting({2, 3});
    CHECK(
        equal(index_select(a, 1, IntTensor({3}, std::vector<std::int32_t>{2, 0, 2})), of({2, 3}, {2, 0, 2, 5, 3, 5})));
    const IntTensor at({2, 2}, std::vector<std::int32_t>{2, 0, 1, 1});
    CHECK(equal(take_along_axis(a, 1, at), of({2, 2}, {2, 0, 4, 4})));
    CHECK(equal(scatter_add(a, 1, at, Tensor({2, 2}, 10.0F)), of({2, 3}, {10, 1, 12, 3, 24, 5})));
    BoolTensor condition({2, 1});
    condition[0] = 1;
    CHECK(equal(where(condition, a, Tensor({3}, -1.0F)), of({2, 3}, {0, 1, 2, -1, -1, -1})));
}

TEST_CASE("slices, joints, padding and rolling") {
    const Tensor a = counting({2, 4});
    CHECK(equal(slice(a, 1, 1, 3), of({2, 2}, {1, 2, 5, 6})));
    CHECK(equal(slice(a, 1, 0, 4, 3), of({2, 2}, {0, 3, 4, 7})));
    CHECK(equal(slice(a, 0, -1, 2), of({1, 4}, {4, 5, 6, 7})));
    CHECK(slice(a, 1, 2, 2).shape() == Shape({2, 0}));
    const Tensor b({2, 1}, 9.0F);
    CHECK(equal(concat<float>(std::vector<Tensor>{slice(a, 1, 0, 2), b}, -1), of({2, 3}, {0, 1, 9, 4, 5, 9})));
    CHECK(equal(stack<float>(std::vector<Tensor>{counting({2}), Tensor({2}, 5.0F)}, 1), of({2, 2}, {0, 5, 1, 5})));
    CHECK(stack<float>(std::vector<Tensor>{counting({2}), counting({2})}, -2).shape() == Shape({2, 2}));
    CHECK(equal(pad(counting({1, 2}), 1, 1, 2, 7.0F), of({1, 5}, {7, 0, 1, 7, 7})));
    CHECK(equal(roll(counting({1, 4}), 1, 1), of({1, 4}, {3, 0, 1, 2})));
    CHECK(equal(roll(counting({1, 4}), 1, -5), of({1, 4}, {1, 2, 3, 0})));
    CHECK(equal(broadcast_to(of({2, 1}, {1, 2}), {2, 2}), of({2, 2}, {1, 1, 2, 2})));
    CHECK(equal(sum_to(counting({2, 3}), {2, 1}), of({2, 1}, {3, 12})));
    CHECK(equal(sum_to(counting({2, 3}), {3}), of({3}, {3, 5, 7})));
}

TEST_CASE("elementwise functions at their special values") {
    CHECK(std::isnan(sqrt(Tensor({1}, -1.0F))[0]));
    CHECK(std::isnan(relu(Tensor({1}, not_a_number))[0]));
    CHECK(std::isnan(clip(Tensor({1}, not_a_number), 0.0F, 1.0F)[0]));
    CHECK(std::isnan(gelu(Tensor({1}, not_a_number))[0]));
    CHECK(equal(clip(counting({4}), 1.0F, 2.0F), of({4}, {1, 1, 2, 2})));
    CHECK(equal(leaky_relu(of({2}, {-2, 3}), 0.5F), of({2}, {-1, 3})));
    CHECK(equal(abs(of({2}, {-2, 3})), of({2}, {2, 3})));
    CHECK(gelu(Tensor({1}, 1.0F))[0] == Approx(0.8413447));
    CHECK(gelu(Tensor({1}, -5.0F))[0] == Approx(-1.4332558e-6).epsilon(1e-5));
    CHECK(gelu_tanh(Tensor({1}, 1.0F))[0] == Approx(0.8411920));
    CHECK(silu(Tensor({1}, 1.0F))[0] == Approx(0.7310586));
    CHECK(elu(Tensor({1}, -1.0F))[0] == Approx(-0.6321206));
    CHECK(softplus(Tensor({1}, 0.0F))[0] == Approx(0.6931472));
    // Far below zero nothing is left, not a rounding error times x.
    CHECK(gelu(Tensor({1}, -20.0F))[0] == 0.0F);
    CHECK(std::abs(gelu_tanh(Tensor({1}, -20.0F))[0]) < 1e-30F);
}

TEST_CASE("what does not fit is a typed error in both languages") {
    const Tensor a({2, 3});
    const IntTensor one({1});
    const IntTensor far({1}, 5);
    CHECK(kind_of([&] { sum(a, 2); }) == ErrorKind::shape);
    CHECK(kind_of([&] { mean(Tensor({2, 0}), 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { maximum(Tensor({0, 2}), 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { logsumexp(Tensor({2, 0}), 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { argmax(Tensor({2, 0}), 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { variance(Tensor({1, 2}), 0, KeepAxis::no, 1); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { index_select(a, 1, far); }) == ErrorKind::shape);
    CHECK(kind_of([&] { index_select(a, 1, IntTensor({1, 1})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { take_along_axis(a, 1, one); }) == ErrorKind::shape);
    CHECK(kind_of([&] { take_along_axis(a, 1, IntTensor({2, 1}, -1)); }) == ErrorKind::shape);
    CHECK(kind_of([&] { scatter_add(a, 1, IntTensor({2, 1}), Tensor({2, 2})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { scatter_add(a, 1, IntTensor({2, 1}, 3), Tensor({2, 1})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { slice(a, 1, 0, 4); }) == ErrorKind::shape);
    CHECK(kind_of([&] { slice(a, 1, 2, 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { slice(a, 1, -4, 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { slice(a, 1, 0, 2, 0); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { concat<float>(std::vector<Tensor>{}, 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { concat<float>(std::vector<Tensor>{a, Tensor({3, 2})}, 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { concat<float>(std::vector<Tensor>{a, Tensor({2})}, 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { stack<float>(std::vector<Tensor>{a, Tensor({3, 2})}, 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { stack<float>(std::vector<Tensor>{a}, 4); }) == ErrorKind::shape);
    CHECK(kind_of([&] { stack<float>(std::vector<Tensor>{}, 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { pad(a, 0, -1, 0); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { roll(a, 3, 1); }) == ErrorKind::shape);
    CHECK(kind_of([&] { clip(a, 1.0F, 0.0F); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { clip(a, not_a_number, 0.0F); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { broadcast_to(a, {3, 3}); }) == ErrorKind::shape);
    CHECK(kind_of([&] { broadcast_to(a, {3}); }) == ErrorKind::shape);
    CHECK(kind_of([&] { sum_to(a, {2, 2}); }) == ErrorKind::shape);
    CHECK(kind_of([&] { where(BoolTensor({4}), a, a); }) == ErrorKind::shape);
    CHECK(kind_of([&] { Shape(std::vector<std::int64_t>(9, 1)); }) == ErrorKind::shape);
    CHECK(kind_of([&] { a.reshaped({4}); }) == ErrorKind::shape);
}

TEST_CASE("zero-size tensors pass through everything that has a meaning for them") {
    const Tensor none({0, 3});
    CHECK(add(none, Tensor({3})).shape() == Shape({0, 3}));
    CHECK(exp(none).shape() == Shape({0, 3}));
    CHECK(softmax(none).shape() == Shape({0, 3}));
    CHECK(permute(none, {1, 0}).shape() == Shape({3, 0}));
    CHECK(concat<float>(std::vector<Tensor>{none, Tensor({2, 3})}, 0).shape() == Shape({2, 3}));
    CHECK(roll(none, 0, 1).shape() == Shape({0, 3}));
    CHECK(pad(none, 0, 1, 1).shape() == Shape({2, 3}));
    CHECK(sum_to(none, {1, 3})[0] == 0.0F);
    CHECK(batched_matmul(Tensor({0, 2, 3}), Tensor({3, 4})).shape() == Shape({0, 2, 4}));
    CHECK(index_select(none, 1, IntTensor({2})).shape() == Shape({0, 2}));
}
