#include "io/half.h"

#include <bit>
#include <cmath>
#include <limits>

#include "support/catch.h"

using namespace glassformer;

namespace {

/// Every boundary of the rounding lies halfway between two neighbours: there, just below and just above it.
template <typename To, typename Back>
int wrong_roundings(To to, Back back, std::uint16_t largest) {
    int wrong = 0;
    for (std::uint32_t low = 0; low < largest; ++low) {
        const auto a = static_cast<std::uint16_t>(low), b = static_cast<std::uint16_t>(low + 1);
        const double middle = (static_cast<double>(back(a)) + static_cast<double>(back(b))) / 2;
        const auto m = static_cast<float>(middle);
        if (static_cast<double>(m) != middle) continue;  // subnormal floats have no float between them
        const std::uint16_t even = (low & 1U) == 0 ? a : b;
        wrong += to(m) != even;
        wrong += to(std::nextafterf(m, 0.0F)) != a;
        wrong += to(std::nextafterf(m, INFINITY)) != b;
        wrong += to(-m) != (even | 0x8000U);
        wrong += to(back(a)) != a;
    }
    return wrong;
}

}  // namespace

TEST_CASE("every half is rounded to at its boundaries, ties to even") {
    CHECK(wrong_roundings(float_to_half, half_to_float, 0x7BFF) == 0);
    CHECK(wrong_roundings(float_to_bfloat, bfloat_to_float, 0x7F7F) == 0);
}

TEST_CASE("halves have the values of IEEE 754") {
    CHECK(half_to_float(0x3C00) == 1.0F);
    CHECK(half_to_float(0xC000) == -2.0F);
    CHECK(half_to_float(0x7BFF) == largest_half);
    CHECK(half_to_float(0x0400) == smallest_normal_half);
    CHECK(half_to_float(0x0001) == smallest_half);
    CHECK(half_to_float(0x3555) == 0.333251953125F);
    CHECK(std::signbit(half_to_float(0x8000)));
    CHECK(bfloat_to_float(0x3F80) == 1.0F);
    CHECK(round_to_bfloat(3.14159F) == 3.140625F);
}

TEST_CASE("what is too large becomes infinity, what is too small zero") {
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(round_to_half(65519.99F) == largest_half);
    CHECK(round_to_half(65520.0F) == infinity);  // halfway to 65536, which would be the even neighbour
    CHECK(round_to_half(-1e30F) == -infinity);
    CHECK(round_to_half(0x1p-25F) == 0.0F);
    CHECK(round_to_half(std::nextafterf(0x1p-25F, 1.0F)) == smallest_half);
    CHECK(round_to_bfloat(std::numeric_limits<float>::max()) == infinity);
}

TEST_CASE("NaN stays NaN in both formats, infinity infinity") {
    for (const std::uint32_t bits : {0x7FC00000U, 0x7F800001U, 0xFFFFFFFFU}) {  // quiet, smallest signalling, all ones
        CHECK(std::isnan(round_to_half(std::bit_cast<float>(bits))));
        CHECK(std::isnan(round_to_bfloat(std::bit_cast<float>(bits))));
    }
    CHECK(half_to_float(0x7C00) == std::numeric_limits<float>::infinity());
    CHECK(std::isnan(half_to_float(0x7C01)));
    CHECK(round_to_half(-std::numeric_limits<float>::infinity()) == -std::numeric_limits<float>::infinity());
}
