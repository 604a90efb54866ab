#include "base/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "support/catch.h"

using namespace glassformer;

TEST_CASE("Philox4x32-10 gives the published known answers") {
    // Random123, kat_vectors: philox4x32 10.
    struct Known {
        std::array<std::uint32_t, 4> counter;
        std::array<std::uint32_t, 2> key;
        std::array<std::uint32_t, 4> expected;
    };
    const Known known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (const Known& k : known) {
        std::array<std::uint32_t, 4> out{};
        philox4x32(k.counter.data(), k.key.data(), out.data());
        CHECK(out == k.expected);
    }
}

TEST_CASE("a normal sample has the moments of a normal") {
    Rng rng(1);
    std::vector<float> x(200000);
    rng.fill_normal(x);
    double mean = 0.0, square = 0.0, fourth = 0.0;
    for (const float v : x) {
        mean += v;
        square += double(v) * v;
        fourth += double(v) * v * v * v;
    }
    const double n = static_cast<double>(x.size());
    CHECK(std::fabs(mean / n) < 0.01);
    CHECK(std::fabs(square / n - 1.0) < 0.015);
    CHECK(std::fabs(fourth / n - 3.0) < 0.1);
}

TEST_CASE("a normal sample has the distribution function of a normal") {
    Rng rng(2);
    std::vector<float> x(200000);
    rng.fill_normal(x);
    std::sort(x.begin(), x.end());
    double distance = 0.0;  // Kolmogorov-Smirnov: at 200000 it passes 0.0036 once in a hundred seeds
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = 0.5 * std::erfc(-static_cast<double>(x[i]) / std::sqrt(2.0));
        distance = std::max(distance, std::fabs(expected - static_cast<double>(i) / static_cast<double>(x.size())));
    }
    CHECK(distance < 0.0036);
    double products = 0.0;  // both halves of a pair are independent
    Rng pairs(4);
    for (int i = 0; i < 100000; ++i) {
        const float first = pairs.normal();
        products += static_cast<double>(first * pairs.normal());
    }
    CHECK(std::fabs(products / 100000) < 0.012);
}

TEST_CASE("streams are independent of how much was drawn and of each other") {
    Rng a(5);
    const Rng before = a.split("weights");
    for (int i = 0; i < 10; ++i) a.bits();
    Rng x = before;
    Rng y = a.split("weights");
    Rng z = a.split("data");
    std::vector<std::uint32_t> first, second, third;
    for (int i = 0; i < 8; ++i) {
        first.push_back(x.bits());
        second.push_back(y.bits());
        third.push_back(z.bits());
    }
    CHECK(first == second);
    CHECK(first != third);
    CHECK(Rng(5).bits() != Rng(6).bits());
}

TEST_CASE("integers are in range and even") {
    Rng rng(3);
    std::vector<int> seen(7);
    for (int i = 0; i < 70000; ++i) ++seen[rng.integer(7)];
    for (const int count : seen) CHECK(std::abs(count - 10000) < 500);
    CHECK_THROWS_AS(rng.integer(0), Error);
}
