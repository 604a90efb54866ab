#include "support/bits.h"

#include "base/math.h"
#include "support/catch.h"
#include "tensor/broadcast.h"

using namespace glassformer;
using namespace glassformer::testing;

namespace {

constexpr Transpose no = Transpose::no;
constexpr Transpose yes = Transpose::yes;

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
BasicTensor<T> random_start() {
    Rng rng(20240601);
    BasicTensor<T> start({6, 11});
    for (std::int64_t i = 0; i < start.size(); ++i)
        start[i] = static_cast<T>(i % 2 == 0 ? rng.normal() : rng.uniform());
    return start;
}

template <typename T>
void products(Chain<T>& chain) {
    struct Size {
        std::int64_t m, n, depth;
    };
    // Every path of the product: small, thin, packed, several blocks of rows and of depth, all widths of panels.
    for (const Size& s : {Size{5, 7, 9}, Size{1, 40, 27}, Size{9, 131, 200}, Size{260, 22, 400}}) {
        for (const auto& [ta, tb] : {std::pair{no, no}, {yes, no}, {no, yes}, {yes, yes}}) {
            const auto a = chain.state(ta == no ? Shape{s.m, s.depth} : Shape{s.depth, s.m});
            const auto b = chain.state(tb == no ? Shape{s.depth, s.n} : Shape{s.n, s.depth});
            chain.link("matmul", matmul(a, b, ta, tb));
        }
    }
    chain.link("naive_matmul", naive_matmul(chain.state({3, 4}), chain.state({4, 5})));
    chain.link("batched_matmul", batched_matmul(chain.state({3, 5, 6}), chain.state({3, 7, 6}), no, yes));
    chain.link("batched_matmul", batched_matmul(chain.state({2, 3, 5, 6}), chain.state({3, 6, 4})));
    chain.link("batched_matmul", batched_matmul(chain.state({4, 5, 6}), chain.state({6, 19})));
}

template <typename T>
void elementwise(Chain<T>& chain) {
    const auto positive = [&] { return add_scalar(abs(chain.state()), T(0.125)); };
    const auto row = [&] { return chain.state({11}); };
    chain.link("add", add(chain.state(), row()));
    chain.link("subtract", subtract(chain.state({6, 1}), row()));
    chain.link("multiply", multiply(row(), chain.state()));
    chain.link("divide", divide(chain.state(), positive()));
    chain.link("scale", scale(chain.state(), T(-1.7)));
    chain.link("add_scalar", add_scalar(chain.state(), T(0.3)));
    chain.link("exp", exp(scale(chain.state(), T(20))));
    chain.link("log", log(positive()));
    chain.link("tanh", tanh(chain.state()));
    chain.link("sin", sin(scale(chain.state(), T(30))));
    chain.link("cos", cos(scale(chain.state(), T(30))));
    chain.link("square", square(chain.state()));
    chain.link("sqrt", sqrt(positive()));
    chain.link("abs", abs(chain.state()));
    chain.link("clip", clip(chain.state(), T(-0.5), T(0.75)));
    chain.link("where", where(striped({6, 11}, 3), chain.state(), row()));
    chain.link("relu", relu(chain.state()));
    chain.link("leaky_relu", leaky_relu(chain.state(), T(0.1)));
    chain.link("elu", elu(chain.state()));
    chain.link("sigmoid", sigmoid(scale(chain.state(), T(5))));
    chain.link("silu", silu(chain.state()));
    chain.link("gelu", gelu(scale(chain.state(), T(2))));
    chain.link("gelu_tanh", gelu_tanh(chain.state()));
    chain.link("softplus", softplus(scale(chain.state(), T(5))));
    BasicTensor<T> errors = chain.state();
    for (T& x : errors.elements()) {
        const auto d = static_cast<double>(x);
        x = glassformer::erf(x) +
            static_cast<T>(glassformer::log1p(d * d) + glassformer::expm1(d) + glassformer::erf(d));
    }
    chain.link("erf, log1p, expm1", errors);
}

template <typename T>
void reductions(Chain<T>& chain) {
    chain.link("softmax", softmax(chain.state()));
    chain.link("softmax", softmax(scale(chain.state({3, 2, 37}), T(4))));
    chain.link("log_softmax", log_softmax(chain.state()));
    chain.link("masked_softmax", masked_softmax(chain.state({2, 6, 11}), striped({6, 11}, 4)));
    chain.link("sum_rows", sum_rows(chain.state({5, 37})));
    chain.link("mean_rows", mean_rows(chain.state({5, 37})));
    chain.link("max_rows", max_rows(chain.state()));
    chain.link("argmax_rows", argmax_rows(chain.state()));
    for (const std::int64_t axis : {0, 1, 2}) {
        const auto a = [&] { return chain.state({4, 5, 6}); };
        chain.link("sum", sum(a(), axis));
        chain.link("mean", mean(a(), axis, KeepAxis::yes));
        chain.link("variance", variance(a(), axis));
        chain.link("maximum", maximum(a(), axis));
        chain.link("argmax", argmax(a(), axis));
        chain.link("logsumexp", logsumexp(a(), axis));
        chain.link("cumulative_sum", cumulative_sum(a(), axis));
    }
    chain.link("sum", sum(chain.state()));
    chain.link("mean", mean(chain.state()));
    chain.link("variance", variance(chain.state()));
    chain.link("max_abs", max_abs(chain.state()));
    chain.link("max_abs_difference", max_abs_difference(chain.state(), scale(chain.state(), T(0.9))));
    chain.link("broadcast_to", broadcast_to(chain.state({6, 1}), {2, 6, 3}));
    chain.link("sum_to", sum_to(chain.state({2, 6, 5}), {6, 1}));
}

template <typename T>
void layout(Chain<T>& chain) {
    const auto a = [&] { return chain.state({4, 5, 6}); };
    chain.link("transpose", transpose(chain.state()));
    chain.link("permute", permute(a(), {2, 0, 1}));
    chain.link("gather_rows", gather_rows(chain.state(), indices({2, 3}, 6)));
    chain.link("index_select", index_select(a(), 1, indices({7}, 5)));
    chain.link("take_along_axis", take_along_axis(a(), 1, indices({4, 3, 6}, 5)));
    chain.link("scatter_add", scatter_add(a(), 1, indices({4, 9, 6}, 5), chain.state({4, 9, 6})));
    chain.link("slice", slice(a(), -1, 1, 6, 2));
    const std::vector<BasicTensor<T>> parts = {a(), scale(a(), T(3))};
    chain.link("concat", concat<T>(parts, 1));
    chain.link("stack", stack<T>(parts, 2));
    chain.link("pad", pad(chain.state(), 1, 2, 1, T(0.5)));
    chain.link("roll", roll(a(), 1, -3));
}

template <typename T>
Chain<T> every_kernel() {
    Chain<T> chain(random_start<T>());
    for (int round = 0; round < 3; ++round) {
        products(chain);
        elementwise(chain);
        reductions(chain);
        layout(chain);
    }
    return chain;
}

}  // namespace

// The numbers below were the same from g++ 12, clang 19 and in wasm; a change of them is a change of every lesson.
TEST_CASE("every kernel, one after another, in float: the bits recorded for every compiler") {
    const Chain<float> chain = every_kernel<float>();
    INFO(chain.log());
    CHECK(max_abs(chain.state()) < 3.0);
    CHECK(chain.hash() == 0x24F99267F54B59E3ULL);
}

TEST_CASE("every kernel, one after another, in double: the bits recorded for every compiler") {
    const Chain<double> chain = every_kernel<double>();
    INFO(chain.log());
    CHECK(max_abs(chain.state()) < 3.0);
    CHECK(chain.hash() == 0xE4986B054A7FA125ULL);
}

TEST_CASE("the chains leave out no kernel that a header declares") {
    const std::set<std::string> names = every_kernel<float>().names();
    CHECK(missing("tensor/kernels.h", "BasicTensor<T>|IntTensor|double", names) == std::vector<std::string>{});
    CHECK(missing("tensor/broadcast.h", "BasicTensor<T>", names) == std::vector<std::string>{});
    CHECK(missing("tensor/broadcast.h", "BasicTensor<T>", {"sum_to"}) == std::vector<std::string>{"broadcast_to"});
}

TEST_CASE("a chain tells apart what differs in one bit of one link") {
    const auto hash_of = [](float x) {
        Chain<float> chain(Tensor({2, 2}, 0.5F));
        chain.link("first", Tensor({3}, x));
        chain.link("second", exp(chain.state()));
        return chain.hash();
    };
    CHECK(hash_of(1.0F) == hash_of(1.0F));
    CHECK(hash_of(1.0F) != hash_of(std::nextafter(1.0F, 2.0F)));
}
