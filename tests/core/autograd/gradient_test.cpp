#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "autograd/operations.h"
#include "base/error.h"
#include "support/bits.h"
#include "support/catch.h"
#include "support/gradient.h"
#include "support/source_dir.h"

using namespace glassformer;
using namespace glassformer::testing;

TEST_CASE("gradients of products agree with central differences, for every transpose") {
    for (const Transpose ta : {Transpose::no, Transpose::yes}) {
        for (const Transpose tb : {Transpose::no, Transpose::yes}) {
            const DoubleTensor a = normal(ta == Transpose::no ? Shape{3, 4} : Shape{4, 3}, 1);
            const DoubleTensor b = normal(tb == Transpose::no ? Shape{4, 5} : Shape{5, 4}, 2);
            CHECK(worst([&](const Variables& v) { return matmul(v[0], v[1], ta, tb); }, {a, b}) < 1e-8);
            const DoubleTensor a3 = normal(ta == Transpose::no ? Shape{2, 3, 4} : Shape{2, 4, 3}, 3);
            const DoubleTensor b3 = normal(tb == Transpose::no ? Shape{2, 4, 5} : Shape{2, 5, 4}, 4);
            CHECK(worst([&](const Variables& v) { return batched_matmul(v[0], v[1], ta, tb); }, {a3, b3}) < 1e-8);
        }
    }
}

TEST_CASE("gradients of arithmetic, broadcast or not") {
    const DoubleTensor a = normal({3, 4}, 1);
    for (const DoubleTensor& b : {normal({3, 4}, 2), normal({4}, 3), normal({}, 4)}) {
        CHECK(worst([](const Variables& v) { return add(v[0], v[1]); }, {a, b}) < 1e-8);
        CHECK(worst([](const Variables& v) { return subtract(v[0], v[1]); }, {a, b}) < 1e-8);
        CHECK(worst([](const Variables& v) { return multiply(v[0], v[1]); }, {a, b}) < 1e-8);
    }
    CHECK(worst([](const Variables& v) { return scale(v[0], -2.5); }, {a}) < 1e-8);
}

TEST_CASE("gradients of elementwise functions and softmax") {
    const DoubleTensor a = normal({3, 5}, 5);
    CHECK(worst([](const Variables& v) { return exp(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return tanh(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return relu(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return softmax(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return log_softmax(v[0]); }, {a}) < 1e-8);
    BoolTensor keep({3, 5}, 1);
    keep(1, 2) = 0;
    CHECK(worst([&](const Variables& v) { return masked_fill(v[0], keep, -3.0); }, {a}) < 1e-8);
}

TEST_CASE("gradients of reductions, layout and lookup") {
    const DoubleTensor a = normal({4, 3}, 6);
    const IntTensor columns({4}, std::vector<std::int32_t>{0, 2, 1, 2});
    CHECK(worst([](const Variables& v) { return sum(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return mean(v[0]); }, {a}) < 1e-8);
    CHECK(worst([&](const Variables& v) { return pick(v[0], columns); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return reshape(v[0], {2, 6}); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return transpose(v[0]); }, {a}) < 1e-8);
    CHECK(worst([](const Variables& v) { return permute(reshape(v[0], {2, 2, 3}), {2, 0, 1}); }, {a}) < 1e-8);
    // Row 1 is looked up twice: both gradients must arrive.
    const IntTensor ids({3}, std::vector<std::int32_t>{1, 3, 1});
    CHECK(worst([&](const Variables& v) { return gather_rows(v[0], ids); }, {a}) < 1e-8);
}

TEST_CASE("the check itself finds a wrong gradient") {
    const auto wrong = [](const Variables& v) {
        return DoubleVariable(scale(v[0].value(), 2.0), {v[0]},
                              [](DoubleVariable::Node& node) { node.parents[0]->accumulate(node.gradient); });
    };
    CHECK(gradient_check(wrong, {normal({2, 2}, 1)}) > 0.1);
}

TEST_CASE("a variable used twice gets both gradients, and they add up until cleared") {
    Variable x(Tensor({1}, 3.0F), true);
    const Variable y = multiply(x, x);
    y.backward();
    CHECK(x.gradient()[0] == 6.0F);
    y.backward();
    CHECK(x.gradient()[0] == 12.0F);
    x.clear_gradient();
    CHECK(x.gradient()[0] == 0.0F);
}

TEST_CASE("detach stops the gradient, constants remember nothing") {
    const Variable x(Tensor({1}, 3.0F), true);
    multiply(x, x.detach()).backward();
    CHECK(x.gradient()[0] == 3.0F);
    const Variable c(Tensor({1}, 2.0F));
    CHECK(!multiply(c, c).requires_gradient());
}

TEST_CASE("misuse is named") {
    const Variable x(Tensor({2}), true);
    CHECK_THROWS_AS(x.backward(), Error);
    Variable y = scale(x, 2.0F);
    CHECK_THROWS_AS(y.mutable_value(), Error);
    CHECK_THROWS_AS(pick(Variable(Tensor({2, 2})), IntTensor({2}, 2)), Error);
    CHECK_THROWS_AS(masked_fill(x, BoolTensor({3}), 0.0F), Error);
}

TEST_CASE("every differentiable operation that a header declares has its gradient checked") {
    std::set<std::string> called;
    for (const char* file : {"gradient_test.cpp", "operations_test.cpp"}) {
        std::ifstream source(source_dir() + "/tests/core/autograd/" + file);
        const std::string text((std::istreambuf_iterator<char>(source)), std::istreambuf_iterator<char>());
        const std::regex call("(\\w+)(?:<double>)?\\(");
        for (auto at = std::sregex_iterator(text.begin(), text.end(), call); at != std::sregex_iterator(); ++at) {
            called.insert((*at)[1]);
        }
    }
    for (const char* header :
         {"activations", "arithmetic", "indexing", "layout", "normalizations", "products", "reductions"}) {
        CHECK(testing::missing(std::string("autograd/") + header + ".h", "BasicVariable<T>|BatchNormResult<T>",
                               called) == std::vector<std::string>{});
    }
}
