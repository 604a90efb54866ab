#include "support/bits.h"

#include "autograd/jacobian.h"
#include "autograd/operations.h"
#include "support/catch.h"

using namespace glassformer;
using namespace glassformer::testing;

namespace {

BoolTensor striped(const Shape& shape, std::int64_t period) {
    BoolTensor mask(shape, 1);
    for (std::int64_t i = 0; i < mask.size(); i += period) mask[i] = 0;
    return mask;
}

IntTensor indices(const Shape& shape, std::int64_t count) {
    IntTensor result(shape);
    for (std::int64_t i = 0; i < result.size(); ++i) result[i] = static_cast<std::int32_t>((i * 7 + i / 5) % count);
    return result;
}

template <typename T>
using VariablesOf = std::vector<BasicVariable<T>>;

/// Value and gradients of one operation: the leaves come from the chain, the gradient of the result too.
template <typename T, typename Function>
void differentiated(Chain<T>& chain, const std::string& name, const std::vector<Shape>& shapes, Function function) {
    VariablesOf<T> leaves;
    for (const Shape& shape : shapes) leaves.emplace_back(chain.state(shape), true);
    const BasicVariable<T> result = function(leaves);
    chain.link(name, result.value());
    result.backward(chain.state(result.shape()));
    for (const BasicVariable<T>& leaf : leaves) chain.link(name, leaf.gradient());
}

template <typename T>
void arithmetic(Chain<T>& chain) {
    using V = const VariablesOf<T>&;
    const Shape a{6, 11};
    const auto positive = [](const BasicVariable<T>& x) { return add_scalar(square(x), T(0.125)); };
    differentiated(chain, "add", {a, {11}}, [](V v) { return add(v[0], v[1]); });
    differentiated(chain, "subtract", {a, {6, 1}}, [](V v) { return subtract(v[0], v[1]); });
    differentiated(chain, "multiply", {{11}, a}, [](V v) { return multiply(v[0], v[1]); });
    differentiated(chain, "divide", {a, {11}}, [&](V v) { return divide(v[0], positive(v[1])); });
    differentiated(chain, "scale", {a}, [](V v) { return scale(v[0], T(1.3)); });
    differentiated(chain, "add_scalar", {a}, [](V v) { return add_scalar(v[0], T(1.3)); });
    differentiated(chain, "square", {a}, [](V v) { return square(v[0]); });
    differentiated(chain, "sqrt", {a}, [&](V v) { return sqrt(positive(v[0])); });
    differentiated(chain, "abs", {a}, [](V v) { return abs(v[0]); });
    differentiated(chain, "clip", {a}, [](V v) { return clip(v[0], T(-0.5), T(0.5)); });
    differentiated(chain, "exp", {a}, [](V v) { return exp(v[0]); });
    differentiated(chain, "log", {a}, [&](V v) { return log(positive(v[0])); });
    differentiated(chain, "sin", {a}, [](V v) { return sin(v[0]); });
    differentiated(chain, "cos", {a}, [](V v) { return cos(v[0]); });
    differentiated(chain, "where", {a, {11}}, [](V v) { return where(striped({6, 11}, 3), v[0], v[1]); });
}

template <typename T>
void activations(Chain<T>& chain) {
    using V = const VariablesOf<T>&;
    const Shape a{6, 11};
    differentiated(chain, "tanh", {a}, [](V v) { return tanh(v[0]); });
    differentiated(chain, "relu", {a}, [](V v) { return relu(v[0]); });
    differentiated(chain, "leaky_relu", {a}, [](V v) { return leaky_relu(v[0], T(0.2)); });
    differentiated(chain, "elu", {a}, [](V v) { return elu(v[0]); });
    differentiated(chain, "sigmoid", {a}, [](V v) { return sigmoid(v[0]); });
    differentiated(chain, "silu", {a}, [](V v) { return silu(v[0]); });
    differentiated(chain, "gelu", {a}, [](V v) { return gelu(v[0]); });
    differentiated(chain, "gelu_tanh", {a}, [](V v) { return gelu_tanh(v[0]); });
    differentiated(chain, "softplus", {a}, [](V v) { return softplus(v[0]); });
    differentiated(chain, "softmax", {a}, [](V v) { return softmax(v[0]); });
    differentiated(chain, "log_softmax", {a}, [](V v) { return log_softmax(v[0]); });
    differentiated(chain, "masked_softmax", {{2, 6, 11}},
                   [](V v) { return masked_softmax(v[0], striped({6, 11}, 4)); });
    differentiated(chain, "masked_fill", {a}, [](V v) { return masked_fill(v[0], striped({11}, 4), T(-2)); });
    differentiated(chain, "dropout", {a}, [](V v) { return dropout(v[0], 0.3, Rng(5)); });
    differentiated(chain, "layer_norm", {{7, 37}, {37}, {37}}, [](V v) { return layer_norm(v[0], v[1], v[2]); });
    differentiated(chain, "rms_norm", {{7, 37}, {37}}, [](V v) { return rms_norm(v[0], v[1]); });
    differentiated(chain, "batch_norm", {{2, 7, 5}, {5}, {5}},
                   [](V v) { return batch_norm(v[0], v[1], v[2], 1e-5, striped({2, 7}, 6)).output; });
    differentiated(chain, "batch_norm_with", {{7, 5}, {5}, {5}}, [](V v) {
        return batch_norm_with(v[0], BasicTensor<T>({5}, T(0.1)), BasicTensor<T>({5}, T(1.7)), v[1], v[2]);
    });
}

template <typename T>
void products_and_reductions(Chain<T>& chain) {
    using V = const VariablesOf<T>&;
    for (const auto& [ta, tb] : {std::pair{Transpose::no, Transpose::no},
                                 {Transpose::yes, Transpose::no},
                                 {Transpose::no, Transpose::yes},
                                 {Transpose::yes, Transpose::yes}}) {
        const Shape a = ta == Transpose::no ? Shape{70, 45} : Shape{45, 70};
        const Shape b = tb == Transpose::no ? Shape{45, 33} : Shape{33, 45};
        differentiated(chain, "matmul", {a, b}, [ta, tb](V v) { return matmul(v[0], v[1], ta, tb); });
    }
    differentiated(chain, "batched_matmul", {{3, 5, 6}, {3, 7, 6}},
                   [](V v) { return batched_matmul(v[0], v[1], Transpose::no, Transpose::yes); });
    differentiated(chain, "batched_matmul", {{2, 3, 5, 6}, {6, 9}}, [](V v) { return batched_matmul(v[0], v[1]); });
    const Shape a{4, 5, 6};
    for (const std::int64_t axis : {0, 1, 2}) {
        differentiated(chain, "sum", {a}, [axis](V v) { return sum(v[0], axis); });
        differentiated(chain, "mean", {a}, [axis](V v) { return mean(v[0], axis, KeepAxis::yes); });
        differentiated(chain, "variance", {a}, [axis](V v) { return variance(v[0], axis); });
        differentiated(chain, "maximum", {a}, [axis](V v) { return maximum(v[0], axis); });
        differentiated(chain, "logsumexp", {a}, [axis](V v) { return logsumexp(v[0], axis); });
        differentiated(chain, "cumulative_sum", {a}, [axis](V v) { return cumulative_sum(v[0], axis); });
    }
    differentiated(chain, "sum", {a}, [](V v) { return sum(v[0]); });
    differentiated(chain, "mean", {a}, [](V v) { return mean(v[0]); });
}

template <typename T>
void layout(Chain<T>& chain) {
    using V = const VariablesOf<T>&;
    const Shape a{4, 5, 6};
    differentiated(chain, "reshape", {a}, [](V v) { return reshape(v[0], {8, 15}); });
    differentiated(chain, "permute", {a}, [](V v) { return permute(v[0], {2, 0, 1}); });
    differentiated(chain, "transpose", {{5, 7}}, [](V v) { return transpose(v[0]); });
    differentiated(chain, "broadcast_to", {{5, 1}}, [](V v) { return broadcast_to(v[0], {3, 5, 4}); });
    differentiated(chain, "pick", {{6, 5}}, [](V v) { return pick(v[0], indices({6}, 5)); });
    differentiated(chain, "gather_rows", {{6, 5}}, [](V v) { return gather_rows(v[0], indices({3, 4}, 6)); });
    differentiated(chain, "index_select", {a}, [](V v) { return index_select(v[0], 1, indices({8}, 5)); });
    differentiated(chain, "take_along_axis", {a}, [](V v) { return take_along_axis(v[0], 1, indices({4, 9, 6}, 5)); });
    differentiated(chain, "scatter_add", {a, {4, 9, 6}},
                   [](V v) { return scatter_add(v[0], 1, indices({4, 9, 6}, 5), v[1]); });
    differentiated(chain, "slice", {a}, [](V v) { return slice(v[0], 2, 1, 6, 2); });
    differentiated(chain, "concat", {a, a}, [](V v) { return concat<T>({v[0], v[1], v[0]}, 1); });
    differentiated(chain, "stack", {a, a}, [](V v) { return stack<T>({v[0], v[1]}, -1); });
    differentiated(chain, "pad", {a}, [](V v) { return pad(v[0], 1, 2, 1); });
    differentiated(chain, "roll", {a}, [](V v) { return roll(v[0], 2, 4); });
    const BasicVariable<T> x(chain.state({3, 4}), true);
    chain.link("jacobian", jacobian(softmax(x), x));
    chain.link("block_jacobian_norms", block_jacobian_norms(softmax(x), x));
}

template <typename T>
Chain<T> every_operation() {
    Rng rng(20240602);
    BasicTensor<T> start({7, 9});
    for (T& x : start.elements()) x = static_cast<T>(rng.normal());
    Chain<T> chain(start);
    for (int round = 0; round < 3; ++round) {
        arithmetic(chain);
        activations(chain);
        products_and_reductions(chain);
        layout(chain);
    }
    return chain;
}

}  // namespace

// The numbers below were the same from g++ 12, clang 19 and in wasm; a change of them is a change of every lesson.
TEST_CASE("every operation and its gradient, one after another, in float: the bits recorded for every compiler") {
    const Chain<float> chain = every_operation<float>();
    INFO(chain.log());
    CHECK(max_abs(chain.state()) < 3.0);
    CHECK(chain.hash() == 0x9D7A15581C4748CDULL);
}

TEST_CASE("every operation and its gradient, one after another, in double: the bits recorded for every compiler") {
    const Chain<double> chain = every_operation<double>();
    INFO(chain.log());
    CHECK(max_abs(chain.state()) < 3.0);
    CHECK(chain.hash() == 0x54B1A3A7B861F3E8ULL);
}

TEST_CASE("the chain leaves out no differentiable operation that a header declares") {
    const std::set<std::string> names = every_operation<float>().names();
    for (const char* header :
         {"activations", "arithmetic", "indexing", "layout", "normalizations", "products", "reductions"}) {
        CHECK(missing(std::string("autograd/") + header + ".h", "BasicVariable<T>|BatchNormResult<T>", names) ==
              std::vector<std::string>{});
    }
    CHECK(missing("autograd/jacobian.h", "BasicTensor<T>", names) == std::vector<std::string>{});
}
