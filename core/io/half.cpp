#include "io/half.h"

#include <bit>

namespace glassformer {
namespace {

/// value / 2^shift, to nearest, ties to even.
std::uint32_t shift_rounded(std::uint32_t value, unsigned shift) {
    const std::uint32_t kept = value >> shift;
    const std::uint32_t rest = value & ((1U << shift) - 1);
    const std::uint32_t half = 1U << (shift - 1);
    return kept + ((rest > half || (rest == half && (kept & 1U) != 0)) ? 1 : 0);
}

}  // namespace

std::uint16_t float_to_half(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000U;
    const std::uint32_t size = bits & 0x7FFFFFFFU;
    if (size > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U | ((size >> 13) & 0x1FFU));  // NaN
    if (size >= 0x47800000U) return static_cast<std::uint16_t>(sign | 0x7C00U);  // 65536 and more, infinity
    // Rounding may carry into the exponent: the encoding makes that the next larger number, up to infinity.
    if (size >= 0x38800000U) {  // 2^-14 and more: a normal half
        return static_cast<std::uint16_t>(sign | (shift_rounded(size, 13) - ((127U - 15U) << 10)));
    }
    if (size < 0x33000000U) return static_cast<std::uint16_t>(sign);  // below 2^-25: zero
    const std::uint32_t significand = (size & 0x7FFFFFU) | 0x800000U;
    return static_cast<std::uint16_t>(sign | shift_rounded(significand, 126U - (size >> 23)));
}

float half_to_float(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000U) << 16;
    const std::uint32_t exponent = (half >> 10) & 0x1FU;
    const std::uint32_t fraction = half & 0x3FFU;
    if (exponent == 0x1FU) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13));
    if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 127U - 15U) << 23) | (fraction << 13));
    const float subnormal = static_cast<float>(fraction) * 0x1p-24F;  // exact
    return sign != 0 ? -subnormal : subnormal;
}

std::uint16_t float_to_bfloat(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000U;
    const std::uint32_t size = bits & 0x7FFFFFFFU;
    if (size > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7FC0U | ((size >> 16) & 0x3FU));
    return static_cast<std::uint16_t>(sign | shift_rounded(size, 16));
}

float bfloat_to_float(std::uint16_t bfloat) { return std::bit_cast<float>(static_cast<std::uint32_t>(bfloat) << 16); }

}  // namespace glassformer
