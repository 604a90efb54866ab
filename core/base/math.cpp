#include "base/math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/lane_math.h"

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

/// c[0] + c[1] x + ...
template <std::size_t count>
double polynomial(const double (&c)[count], double x) {
    double sum = c[count - 1];
    for (std::size_t i = count - 1; i-- > 0;) sum = sum * x + c[i];
    return sum;
}

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

// Below 1 an odd polynomial; above it 1 - exp(-x^2) R(x), with R(x) = exp(x^2) erfc(x) a polynomial in 1/(x + 2). Both
// fitted to 60 digits at Chebyshev points; what they leave is below 3e-18.
double erf(double x) {
    if (std::isnan(x)) return x;
    const double magnitude = std::fabs(x);
    if (magnitude < 1.0) {
        constexpr double p[] = {1.1283791670955125738,     -0.37612638903183748056,     0.11283791670954878666,
                                -0.026866170645076793248,  0.0052239776248180144673,    -0.00085483269808337899052,
                                0.00012055331111642710923, -0.000014925595266831181565, 1.6461000484121368033e-6,
                                -1.6350312701054695011e-7, 1.4659775274047435814e-8,    -1.137284885679167367e-9,
                                5.9571761477489114044e-11};
        return x * polynomial(p, x * x);
    }
    if (magnitude >= 6.0) return x < 0.0 ? -1.0 : 1.0;
    constexpr double r[] = {0.22142954022993180632,     0.16189356804102494456,     0.038560570425182425134,
                            0.005588816281841402708,    0.00019713917772795884384,  -0.000080792204287966299551,
                            -7.3405179382879983112e-6,  1.9795619759276001968e-6,   1.6349937383405803503e-7,
                            -7.0053717937367913037e-8,  -5.8860532992216014759e-10, 2.625007492297142979e-9,
                            -2.6869851834855797842e-10, -7.4687118180506848203e-11, 2.2135736614933751877e-11,
                            4.7757761107821878542e-13,  -9.3694560328695936795e-13};
    const double s = (2.0 / (magnitude + 2.0) - 11.0 / 24.0) / (5.0 / 24.0);  // 1/(x+2) in [1/8, 1/3] onto [-1, 1]
    const double value = 1.0 - exp(-magnitude * magnitude) * polynomial(r, s);
    return x < 0.0 ? -value : value;
}

// w = 1 + x is rounded; ln(w) * x / (w - 1) takes the error out again, because both factors depend on w alike.
double log1p(double x) {
    const double w = 1.0 + x;
    if (w == 1.0 || w == infinity) return x;
    return log(w) * (x / (w - 1.0));
}

double expm1(double x) {
    const double w = exp(x);
    if (w == 1.0 || w == infinity) return w == 1.0 ? x : w;
    const double less = w - 1.0;
    return less == -1.0 ? less : less * (x / log(w));
}

double sigmoid(double x) {
    const double e = exp(-std::fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

double softplus(double x) { return (x > 0.0 ? x : 0.0) + log1p(exp(-std::fabs(x))); }

double sin(double x) { return sin_turned(x, 0); }
double cos(double x) { return sin_turned(x, 1); }

float exp(float x) { return exp(all_lanes(x))[0]; }
float tanh(float x) { return tanh(all_lanes(x))[0]; }
float sigmoid(float x) { return sigmoid(all_lanes(x))[0]; }
float softplus(float x) { return softplus(all_lanes(x))[0]; }

void exp(std::span<const float> in, float shift, std::span<float> out) {
    map_lanes(in.data(), out.data(), static_cast<std::int64_t>(in.size()),
              [shift](Floats x) { return exp(x - shift); });
}

// In double and rounded once: within half a unit and a hair of the exact value.
float log(float x) { return static_cast<float>(log(static_cast<double>(x))); }
float sin(float x) { return static_cast<float>(sin(static_cast<double>(x))); }
float cos(float x) { return static_cast<float>(cos(static_cast<double>(x))); }
float erf(float x) { return static_cast<float>(erf(static_cast<double>(x))); }

}  // namespace glassformer
