#include <cstring>

#include "base/counters.h"
#include "base/error.h"
#include "support/catch.h"
#include "tensor/kernels.h"

using namespace glassformer;

namespace {

template <typename T>
bool same_bits(const BasicTensor<T>& a, const BasicTensor<T>& b) {
    return a.shape() == b.shape() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(T)) == 0;
}

Tensor normal(Shape shape, std::uint64_t seed) {
    Rng rng(seed);
    return random_normal(std::move(shape), rng);
}

}  // namespace

TEST_CASE("the fast product has the bits of the three loops, for every remainder and transpose") {
    for (const std::int64_t m : {1, 2, 4, 5, 6, 11, 17}) {
        for (const std::int64_t n : {1, 3, 7, 8, 9, 16, 19}) {
            for (const std::int64_t k : {1, 2, 13, 64}) {
                const Tensor a = normal({m, k}, 1);
                const Tensor b = normal({k, n}, 2);
                const Tensor expected = naive_matmul(a, b);
                const Tensor at = transpose(a);
                const Tensor bt = transpose(b);
                const bool all = same_bits(matmul(a, b), expected) &&
                                 same_bits(matmul(at, b, Transpose::yes), expected) &&
                                 same_bits(matmul(a, bt, Transpose::no, Transpose::yes), expected) &&
                                 same_bits(matmul(at, bt, Transpose::yes, Transpose::yes), expected);
                CHECK(all);
            }
        }
    }
}

TEST_CASE("every path of the fast product has those bits: thin, packed, turned, blocks of rows and of depth") {
    struct Case {
        std::int64_t m, n, k;
    };
    // Thin with and without a rest of eight rows; packed panels of all widths; a turned on the left; more than one
    // block.
    for (const Case& c : {Case{1, 40, 27}, Case{4, 70, 16}, Case{3, 18, 5}, Case{9, 131, 200}, Case{150, 45, 120},
                          Case{300, 17, 50}, Case{6, 33, 800}, Case{260, 22, 400}, Case{5, 2, 30}}) {
        const Tensor a = normal({c.m, c.k}, 1);
        const Tensor b = normal({c.k, c.n}, 2);
        const Tensor at = transpose(a);
        const Tensor bt = transpose(b);
        const Tensor expected = naive_matmul(a, b);
        CAPTURE(c.m, c.n, c.k);
        CHECK(same_bits(matmul(a, b), expected));
        CHECK(same_bits(matmul(at, b, Transpose::yes), expected));
        CHECK(same_bits(matmul(a, bt, Transpose::no, Transpose::yes), expected));
        CHECK(same_bits(matmul(at, bt, Transpose::yes, Transpose::yes), expected));
    }
}

TEST_CASE("products in double have the bits of the three loops as well") {
    Rng rng(3);
    DoubleTensor a({5, 7});
    DoubleTensor b({7, 6});
    for (double& x : a.elements()) x = static_cast<double>(rng.normal());
    for (double& x : b.elements()) x = static_cast<double>(rng.normal());
    CHECK(same_bits(matmul(a, b), naive_matmul(a, b)));
    CHECK(same_bits(matmul(transpose(a), b, Transpose::yes), naive_matmul(a, b)));
}

TEST_CASE("a product worked out by hand") {
    const Tensor a({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
    const Tensor b({3, 2}, std::vector<float>{7, 8, 9, 10, 11, 12});
    CHECK(same_bits(matmul(a, b), Tensor({2, 2}, std::vector<float>{58, 64, 139, 154})));
    const DoubleTensor x({1, 2}, std::vector<double>{3, 4});
    CHECK(matmul(x, x, Transpose::no, Transpose::yes)[0] == 25.0);
}

TEST_CASE("empty extents give empty or zero products") {
    CHECK(matmul(Tensor({0, 3}), Tensor({3, 2})).shape() == Shape({0, 2}));
    CHECK(max_abs(matmul(Tensor({2, 0}), Tensor({0, 3}))) == 0.0);
}

TEST_CASE("a batched product is the products one by one") {
    const Tensor a = normal({3, 4, 5}, 3);
    const Tensor b = normal({3, 6, 5}, 4);
    const Tensor all = batched_matmul(a, b, Transpose::no, Transpose::yes);
    REQUIRE(all.shape() == Shape({3, 4, 6}));
    for (std::int64_t i = 0; i < 3; ++i) {
        const Tensor ai({4, 5}, std::vector<float>(a.row(i).begin(), a.row(i).end()));
        const Tensor bi({6, 5}, std::vector<float>(b.row(i).begin(), b.row(i).end()));
        const Tensor expected = matmul(ai, bi, Transpose::no, Transpose::yes);
        CHECK(std::equal(expected.elements().begin(), expected.elements().end(), all.row(i).begin()));
    }
}

TEST_CASE("the batch axes of a product broadcast: one factor for all, one key head for several query heads") {
    const Tensor a = normal({2, 3, 4, 5}, 3);
    const Tensor shared = normal({5, 6}, 4);
    const Tensor by_head = normal({2, 1, 5, 6}, 5);
    const Tensor with_shared = batched_matmul(a, shared);
    const Tensor with_heads = batched_matmul(a, by_head);
    REQUIRE(with_heads.shape() == Shape({2, 3, 4, 6}));
    for (std::int64_t i = 0; i < 6; ++i) {
        const Tensor ai({4, 5}, std::vector<float>(a.data() + i * 20, a.data() + (i + 1) * 20));
        const Tensor bi({5, 6}, std::vector<float>(by_head.row(i / 3).begin(), by_head.row(i / 3).end()));
        const Tensor one = matmul(ai, shared);
        const Tensor other = matmul(ai, bi);
        CHECK(std::equal(one.data(), one.data() + 24, with_shared.data() + i * 24));
        CHECK(std::equal(other.data(), other.data() + 24, with_heads.data() + i * 24));
    }
    CHECK_THROWS_AS(batched_matmul(a, normal({2, 5, 6}, 6)), Error);
    CHECK_THROWS_AS(batched_matmul(a, Tensor({5})), Error);
    CHECK_THROWS_AS(matmul(a, shared), Error);
}

TEST_CASE("shapes that do not fit are named, with a likely cause") {
    try {
        matmul(Tensor({2, 3}), Tensor({2, 3}));
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::shape);
        CHECK(error.message().en.find("[2, 3] × [2, 3]") != std::string::npos);
        CHECK(error.message().en.find("transpose") != std::string::npos);
        CHECK(error.message().zh.find("转置") != std::string::npos);
    }
    CHECK_THROWS_AS(matmul(Tensor({3}), Tensor({3, 2})), Error);
    CHECK_THROWS_AS(batched_matmul(Tensor({2, 3, 4}), Tensor({3, 4, 5})), Error);
}

TEST_CASE("a product costs 2 m n k operations") {
    const CostScope scope;
    matmul(Tensor({3, 5}), Tensor({5, 7}));
    CHECK(scope.cost().flops == 2 * 3 * 5 * 7);
    CHECK(scope.cost().matmuls == 1);
    CHECK(scope.cost().bytes == 4 * (15 + 35 + 21));
}

TEST_CASE("NaN and infinity come through a product") {
    Tensor a({1, 2}, std::vector<float>{1.0F, 0.0F});
    Tensor b({2, 1}, std::vector<float>{2.0F, std::numeric_limits<float>::infinity()});
    CHECK(std::isnan(matmul(a, b)[0]));  // 0 * inf
}

TEST_CASE("twenty chained rounds of product and exp have the bits recorded for every compiler") {
    // The same number comes out of g++, clang and wasm: this is what ties the lesson in CI to the lesson in the
    // browser.
    Tensor x = normal({64, 64}, 11);
    const Tensor w = normal({64, 64}, 12);
    for (int round = 0; round < 20; ++round) x = softmax(scale(matmul(x, w), 0.25F));
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const float value : x.elements()) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0x100000001B3ULL;
    }
    CHECK(hash == 0x6A1BBC13FC3B6D43ULL);
}
