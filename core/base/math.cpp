#include "base/math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace glassformer {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// ln 2 and pi/2 in parts whose leading ones have trailing zero bits: n times them is exact for |n| < 2^20.
constexpr double ln2_high = 6.93147180369123816490e-01;
constexpr double ln2_low = 1.90821492927058770002e-10;
constexpr double half_pi_1 = 1.57079632673412561417e+00;
constexpr double half_pi_2 = 6.07710050630396597660e-11;
constexpr double half_pi_3 = 2.02226624879595063154e-21;

double power_of_two(int n) { return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52); }

// Taylor coefficients 1/n!, rounded once each: a table, because a division per term would cost more than the rest.
constexpr double inverse_factorial(int n) {
    double factorial = 1.0;  // exact up to 18!
    for (int k = 2; k <= n; ++k) factorial *= k;
    return 1.0 / factorial;
}
template <int n>
constexpr double coefficient = inverse_factorial(n);

// |r| <= ln2/2: the first term left out is below 5e-18. Even and odd terms apart: two short chains instead of a long
// one.
double exp_reduced(double r) {
    const double r2 = r * r;
    double even = coefficient<12>;
    even = even * r2 + coefficient<10>;
    even = even * r2 + coefficient<8>;
    even = even * r2 + coefficient<6>;
    even = even * r2 + coefficient<4>;
    even = even * r2 + coefficient<2>;
    double odd = coefficient<13>;
    odd = odd * r2 + coefficient<11>;
    odd = odd * r2 + coefficient<9>;
    odd = odd * r2 + coefficient<7>;
    odd = odd * r2 + coefficient<5>;
    odd = odd * r2 + coefficient<3>;
    return 1.0 + (r + (r2 * even + r2 * r * odd));
}

// |r| <= pi/4.
double sin_reduced(double r) {
    const double r2 = r * r;
    double sum = coefficient<17>;
    sum = sum * r2 - coefficient<15>;
    sum = sum * r2 + coefficient<13>;
    sum = sum * r2 - coefficient<11>;
    sum = sum * r2 + coefficient<9>;
    sum = sum * r2 - coefficient<7>;
    sum = sum * r2 + coefficient<5>;
    sum = sum * r2 - coefficient<3>;
    return r + r * (r2 * sum);
}
double cos_reduced(double r) {
    const double r2 = r * r;
    double sum = coefficient<18>;
    sum = sum * r2 - coefficient<16>;
    sum = sum * r2 + coefficient<14>;
    sum = sum * r2 - coefficient<12>;
    sum = sum * r2 + coefficient<10>;
    sum = sum * r2 - coefficient<8>;
    sum = sum * r2 + coefficient<6>;
    sum = sum * r2 - coefficient<4>;
    return 1.0 - (0.5 * r2 + r2 * r2 * sum);
}

// sin(x + quarter_turns * pi/2).
double sin_turned(double x, int quarter_turns) {
    if (!std::isfinite(x)) return nan;
    // Beyond 2^20 quarter turns the reduction is no longer exact; a whole number of turns is taken away first.
    if (std::fabs(x) > 1.6e6) x = std::fmod(x, 6.283185307179586476925);
    const double n = std::floor(x * 0.63661977236758134308 + 0.5);
    const double r = ((x - n * half_pi_1) - n * half_pi_2) - n * half_pi_3;
    const int quadrant = (static_cast<int>(n) + quarter_turns) & 3;
    const double value = (quadrant & 1) != 0 ? cos_reduced(r) : sin_reduced(r);
    return (quadrant & 2) != 0 ? -value : value;
}

}  // namespace

double exp(double x) {
    if (std::isnan(x)) return x;
    if (x > 709.782712893384) return infinity;
    if (x < -745.2) return 0.0;
    const double n = std::floor(x * 1.44269504088896340736 + 0.5);
    const double r = (x - n * ln2_high) - n * ln2_low;
    const int whole = static_cast<int>(n);
    const int half = whole / 2;  // in two factors, so that subnormal results and 2^1024 come out right
    return exp_reduced(r) * power_of_two(half) * power_of_two(whole - half);
}

double log(double x) {
    if (std::isnan(x)) return x;
    if (x < 0.0) return nan;
    if (x == 0.0) return -infinity;
    if (x == infinity) return x;
    int exponent = 0;
    if (x < 0x1p-1022) {  // subnormal
        x *= 0x1p54;
        exponent = -54;
    }
    std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
    exponent += static_cast<int>(bits >> 52) - 1023;
    bits = (bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL;
    double m = std::bit_cast<double>(bits);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        ++exponent;
    }
    // ln m = 2 artanh(s), s = (m-1)/(m+1), |s| < 0.172: eleven terms leave less than 1e-18.
    const double s = (m - 1.0) / (m + 1.0);
    const double s2 = s * s;
    double sum = 1.0 / 23;
    sum = sum * s2 + 1.0 / 21;
    sum = sum * s2 + 1.0 / 19;
    sum = sum * s2 + 1.0 / 17;
    sum = sum * s2 + 1.0 / 15;
    sum = sum * s2 + 1.0 / 13;
    sum = sum * s2 + 1.0 / 11;
    sum = sum * s2 + 1.0 / 9;
    sum = sum * s2 + 1.0 / 7;
    sum = sum * s2 + 1.0 / 5;
    sum = sum * s2 + 1.0 / 3;
    sum = sum * s2;
    return exponent * ln2_high + (2.0 * s + (2.0 * s * sum + exponent * ln2_low));
}

double tanh(double x) {
    if (std::isnan(x)) return x;
    const double magnitude = std::fabs(x);
    if (magnitude > 20.0) return x < 0.0 ? -1.0 : 1.0;
    if (magnitude > 0.25) {
        const double e = exp(2.0 * magnitude);
        const double value = 1.0 - 2.0 / (e + 1.0);
        return x < 0.0 ? -value : value;
    }
    // sinh and cosh by their series: e^x - e^-x would cancel.
    const double x2 = x * x;
    double sinh = coefficient<13>;
    sinh = sinh * x2 + coefficient<11>;
    sinh = sinh * x2 + coefficient<9>;
    sinh = sinh * x2 + coefficient<7>;
    sinh = sinh * x2 + coefficient<5>;
    sinh = sinh * x2 + coefficient<3>;
    sinh = sinh * x2 + 1.0;
    double cosh = coefficient<14>;
    cosh = cosh * x2 + coefficient<12>;
    cosh = cosh * x2 + coefficient<10>;
    cosh = cosh * x2 + coefficient<8>;
    cosh = cosh * x2 + coefficient<6>;
    cosh = cosh * x2 + coefficient<4>;
    cosh = cosh * x2 + coefficient<2>;
    cosh = cosh * x2 + 1.0;
    return x * sinh / cosh;
}

double sin(double x) { return sin_turned(x, 0); }
double cos(double x) { return sin_turned(x, 1); }

namespace {

/// The compilers' portable vectors: SSE natively, SIMD128 in wasm, lane by lane the same IEEE operations.
using Floats = float __attribute__((vector_size(16)));
using Integers = std::int32_t __attribute__((vector_size(16)));

Floats power_of_two(Integers n) { return std::bit_cast<Floats>((n + 127) << 23); }

/// Softmax spends its time here, so that it is in single precision and four at a time.
Floats exp_lanes(Floats given) {
    const Floats lowest = {-104.0F, -104.0F, -104.0F, -104.0F};
    const Floats highest = {89.0F, 89.0F, 89.0F, 89.0F};
    Floats x = given < lowest ? lowest : given;  // below it exp is 0 in float, above the other infinite
    x = x > highest ? highest : x;
    // Adding 1.5 * 2^23 leaves no room for a fraction: rounded to the nearest integer.
    const Floats n = (x * 1.44269504F + 12582912.0F) - 12582912.0F;
    // ln 2 in two parts, the first with trailing zero bits: n times it is exact.
    const Floats r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
    Floats sum = Floats{} + static_cast<float>(coefficient<7>);
    sum = sum * r + static_cast<float>(coefficient<6>);
    sum = sum * r + static_cast<float>(coefficient<5>);
    sum = sum * r + static_cast<float>(coefficient<4>);
    sum = sum * r + static_cast<float>(coefficient<3>);
    sum = sum * r + 0.5F;
    const Floats value = 1.0F + (r + r * r * sum);
    const Integers whole = __builtin_convertvector(n, Integers);
    const Integers half = whole >> 1;  // in two factors, so that subnormal results and infinity come out right
    const Floats result = value * power_of_two(half) * power_of_two(whole - half);
    return given != given ? given : result;
}

}  // namespace

float exp(float x) { return exp_lanes(Floats{} + x)[0]; }

void exp(std::span<const float> in, float shift, std::span<float> out) {
    std::size_t i = 0;
    Floats lanes;
    for (; i + 4 <= in.size(); i += 4) {
        std::memcpy(&lanes, in.data() + i, sizeof lanes);
        lanes = exp_lanes(lanes - shift);
        std::memcpy(out.data() + i, &lanes, sizeof lanes);
    }
    for (; i < in.size(); ++i) out[i] = exp(in[i] - shift);
}

// In double and rounded once: within half a unit and a hair of the exact value.
float log(float x) { return static_cast<float>(log(static_cast<double>(x))); }
float tanh(float x) { return static_cast<float>(tanh(static_cast<double>(x))); }
float sin(float x) { return static_cast<float>(sin(static_cast<double>(x))); }
float cos(float x) { return static_cast<float>(cos(static_cast<double>(x))); }

}  // namespace glassformer
