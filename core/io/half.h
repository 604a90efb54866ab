#pragma once

#include <cstdint>

namespace glassformer {

/// Conversions between float and the two 16-bit formats, in integer arithmetic, so exact and the same everywhere.
/// To 16 bits: round to nearest, ties to even (IEEE 754 roundTiesToEven); too large becomes infinity; a NaN stays a NaN
/// (made quiet, its payload cut). From 16 bits: exact.
///
/// binary16 ("F16"): 1 sign, 5 exponent, 10 fraction bits; an 11-bit significand; largest 65504, smallest normal 2^-14,
/// smallest subnormal 2^-24.
std::uint16_t float_to_half(float value);
float half_to_float(std::uint16_t half);
/// bfloat16 ("BF16"): the upper 16 bits of a float; an 8-bit significand and float's range.
std::uint16_t float_to_bfloat(float value);
float bfloat_to_float(std::uint16_t bfloat);

/// The float nearest to `value` that the format can hold: mixed precision simulated.
inline float round_to_half(float value) { return half_to_float(float_to_half(value)); }
inline float round_to_bfloat(float value) { return bfloat_to_float(float_to_bfloat(value)); }

constexpr float largest_half = 65504.0F;
constexpr float smallest_normal_half = 0x1p-14F;
constexpr float smallest_half = 0x1p-24F;

}  // namespace glassformer
