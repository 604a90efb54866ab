#include "autograd/jacobian.h"

#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "support/catch.h"
#include "support/gradient.h"

using namespace glassformer;
using namespace glassformer::testing;

TEST_CASE("the Jacobian of a linear map is its matrix, of softmax diag(p) - p p^T") {
    const DoubleTensor w = normal({3, 4}, 1);
    const DoubleVariable x(normal({1, 3}, 2), true);
    CHECK(max_abs_difference(jacobian(matmul(x, DoubleVariable(w)), x), transpose(w)) == 0.0);
    const DoubleVariable p = softmax(x);
    const DoubleTensor j = jacobian(p, x);
    for (std::int64_t a = 0; a < 3; ++a) {
        for (std::int64_t b = 0; b < 3; ++b) {
            const double expected = (a == b ? p.value()[a] : 0.0) - p.value()[a] * p.value()[b];
            CHECK(std::abs(j(a, b) - expected) < 1e-15);
        }
    }
}

TEST_CASE("block norms: zero exactly where no path leads, the block's Frobenius norm elsewhere") {
    // Position i reads positions i and i - 1: y_i = x_i W + x_(i-1) V.
    const DoubleTensor w = normal({2, 3}, 3);
    const DoubleTensor v = normal({2, 3}, 4);
    const DoubleVariable x(normal({4, 2}, 5), true);
    const DoubleVariable before = pad(slice(x, 0, 0, 3), 0, 1, 0);
    const DoubleVariable y = add(matmul(x, DoubleVariable(w)), matmul(before, DoubleVariable(v)));
    const DoubleTensor norms = block_jacobian_norms(y, x);
    CHECK(norms.shape() == Shape({4, 4}));
    for (std::int64_t i = 0; i < 4; ++i) {
        for (std::int64_t j = 0; j < 4; ++j) {
            const double expected = i == j ? std::sqrt(sum(square(w))) : i == j + 1 ? std::sqrt(sum(square(v))) : 0.0;
            if (expected == 0.0) CHECK(norms(i, j) == 0.0);
            CHECK(std::abs(norms(i, j) - expected) < 1e-14);
        }
    }
    CHECK_THROWS_AS(block_jacobian_norms(sum(y), x), Error);
}

TEST_CASE("a vector-Jacobian product leaves stored gradients alone, also of what it passes through") {
    const Variable x(Tensor({1, 2}, 2.0F), true);
    const Variable w(Tensor({2, 2}, 3.0F), true);
    const Variable h = matmul(x, w);
    const Variable y = sum(square(h));
    y.backward();
    const Tensor x_before = x.gradient();
    const Tensor w_before = w.gradient();
    const Tensor h_before = h.gradient();
    const std::vector<Tensor> g = vector_jacobian_product(y, Tensor(Shape{}, 2.0F), {h, x});
    CHECK(max_abs_difference(g[0], scale(h_before, 2.0F)) == 0.0);
    CHECK(max_abs_difference(g[1], scale(x_before, 2.0F)) == 0.0);
    CHECK(max_abs_difference(x.gradient(), x_before) == 0.0);
    CHECK(max_abs_difference(w.gradient(), w_before) == 0.0);
    CHECK(max_abs_difference(h.gradient(), h_before) == 0.0);
    CHECK(w.requires_gradient());
    // Nothing leads from a constant.
    CHECK(max_abs(vector_jacobian_product(y, Tensor(Shape{}, 1.0F), {Variable(Tensor({3}))})[0]) == 0.0);
    CHECK_THROWS_AS(vector_jacobian_product(y, Tensor({2}), {x}), Error);
}

TEST_CASE("a frozen leaf gets no gradient, the others theirs; gradients of leaves add up over passes") {
    Variable w(Tensor({2, 2}, 1.0F), true);
    Variable b(Tensor({2}, 1.0F), true);
    const Variable x(Tensor({1, 2}, 3.0F));
    w.set_requires_gradient(false);
    sum(add(matmul(x, w), b)).backward();
    CHECK(!w.has_gradient());
    CHECK(max_abs(w.gradient()) == 0.0);
    CHECK(b.gradient()[0] == 1.0F);
    w.set_requires_gradient(true);
    sum(add(matmul(x, w), b)).backward();
    CHECK(w.gradient()[0] == 3.0F);
    CHECK(b.gradient()[0] == 2.0F);
    // Frozen after it was used: the old tape passes it by.
    const Variable y = square(w);
    w.set_requires_gradient(false);
    w.clear_gradient();
    y.backward(Tensor({2, 2}, 1.0F));
    CHECK(!w.has_gradient());
    Variable computed = square(b);
    CHECK_THROWS_AS(computed.set_requires_gradient(false), Error);
}
