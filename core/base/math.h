#pragma once

#include <span>

namespace glassformer {

/// Elementary functions whose result is the same bit pattern from g++, clang and in wasm, because the C library's
/// differ. Each is within 2 units in the last place of the exact value over its domain (float sigmoid 3, float softplus
/// 4); the float ones that kernels use have the bits of one lane of base/lane_math.h. Special values follow IEEE 754
/// (exp(-inf) = 0, log(0) = -inf, NaN in gives NaN out). Single precision; the double versions serve gradient checks.
float exp(float x);
float log(float x);
float tanh(float x);
float sin(float x);
float cos(float x);
double exp(double x);
double log(double x);
double tanh(double x);
double sin(double x);
double cos(double x);

/// The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x (Abramowitz & Stegun 1964, 7.1.1).
float erf(float x);
double erf(double x);
/// ln(1 + x) without losing the digits of a small x (Kahan's correction); -inf at -1, NaN below.
double log1p(double x);
/// exp(x) - 1 without losing the digits of a small x.
double expm1(double x);
/// 1 / (1 + exp(-x)); neither end overflows.
float sigmoid(float x);
double sigmoid(double x);
/// ln(1 + exp(x)), computed as max(x, 0) + ln(1 + exp(-|x|)): neither end overflows.
float softplus(float x);
double softplus(double x);

/// out[i] = exp(in[i] - shift), four at a time; each has the bits of exp(float). The spans have equal sizes.
void exp(std::span<const float> in, float shift, std::span<float> out);

/// The square root is IEEE-exact everywhere: use std::sqrt.

}  // namespace glassformer
