#pragma once

#include <bit>
#include <cmath>
#include <type_traits>

#include "base/lanes.h"
#include "base/math.h"

/// The functions of base/math.h on four floats at a time, and on one double: a kernel is written once, as a generic
/// function of `Number`, and runs over lanes for float. glassformer::exp(float) and the others have the bits of one
/// lane. Coefficients were fitted to 40 digits at Chebyshev points; errors are given as what the polynomial leaves.
namespace glassformer {

/// A constant of either kind.
template <typename Number>
Number constant(double value) {
    if constexpr (std::is_same_v<Number, Floats>) {
        return all_lanes(static_cast<float>(value));
    } else {
        return static_cast<Number>(value);
    }
}

inline Floats abs(Floats x) { return std::bit_cast<Floats>(std::bit_cast<Integers>(x) & 0x7FFFFFFF); }
inline double abs(double x) { return std::fabs(x); }

namespace lane_detail {

template <std::size_t count>
Floats polynomial(const float (&c)[count], Floats x) {
    Floats sum = all_lanes(c[count - 1]);
    for (std::size_t i = count - 1; i-- > 0;) sum = sum * x + c[i];
    return sum;
}

template <typename Function>
Floats one_by_one(Floats x, Function function) {
    Floats result = {};
    for (int i = 0; i < lanes; ++i) result[i] = function(x[i]);
    return result;
}

inline Floats power_of_two(Integers n) { return std::bit_cast<Floats>((n + 127) << 23); }

}  // namespace lane_detail

/// Within 2 units in the last place.
inline Floats exp(Floats given) {
    const Floats lowest = all_lanes(-104.0F);  // below it exp is 0 in float, above the other infinite
    const Floats highest = all_lanes(89.0F);
    Floats x = given < lowest ? lowest : given;
    x = x > highest ? highest : x;
    // Adding 1.5 * 2^23 leaves no room for a fraction: rounded to the nearest integer.
    const Floats n = (x * 1.44269504F + 12582912.0F) - 12582912.0F;
    // ln 2 in two parts, the first with trailing zero bits: n times it is exact.
    const Floats r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
    constexpr float c[] = {0.5F, 1.0F / 6, 1.0F / 24, 1.0F / 120, 1.0F / 720, 1.0F / 5040};
    const Floats value = 1.0F + (r + r * r * lane_detail::polynomial(c, r));
    const Integers whole = __builtin_convertvector(n, Integers);
    const Integers half = whole >> 1;  // in two factors, so that subnormal results and infinity come out right
    const Floats result = value * lane_detail::power_of_two(half) * lane_detail::power_of_two(whole - half);
    return given != given ? given : result;
}

/// 1 - 2 / (exp(2|x|) + 1), and near 0, where that cancels, x + x^3 P(x^2) (1e-9).
inline Floats tanh(Floats x) {
    const Floats magnitude = abs(x);
    const Floats x2 = x * x;
    constexpr float c[] = {-0.333333332312F, 0.133333128669F,    -0.0539615517813F,
                           0.0217883219971F, -0.00841007080153F, 0.0023707656405F};
    const Floats near = x + x * x2 * lane_detail::polynomial(c, x2);
    const Floats far = 1.0F - 2.0F / (exp(2.0F * magnitude) + 1.0F);
    return magnitude < 0.6F ? near : x < 0.0F ? -far : far;
}

inline Floats sigmoid(Floats x) {
    const Floats e = exp(-abs(x));
    return (x < 0.0F ? e : all_lanes(1.0F)) / (1.0F + e);
}

/// max(x, 0) + ln(1 + e), e = exp(-|x|); the logarithm as 2 artanh(e / (2 + e)) (1e-10).
inline Floats softplus(Floats x) {
    const Floats e = exp(-abs(x));
    const Floats s = e / (2.0F + e);
    constexpr float c[] = {0.999999999905F, 0.333333395132F, 0.199993556234F,
                           0.143101037042F, 0.106992802533F, 0.12196954042F};
    const Floats logarithm = 2.0F * s * lane_detail::polynomial(c, s * s);
    return (x > 0.0F ? x : x != x ? x : Floats{}) + logarithm;
}

/// The normal distribution's Phi(x) and its density phi(x) = exp(-x^2 / 2) / sqrt(2 pi), with one exponential for both.
template <typename Number>
struct NormalDistribution {
    Number below;
    Number density;
};
/// Phi(-|x|) = exp(-x^2/2) t G(t), t = 1 / (1 + |x|/4), G a polynomial (6e-9 of the value): the tail keeps its digits,
/// where (1 + erf) / 2 would cancel.
inline NormalDistribution<Floats> normal_distribution(Floats x) {
    const Floats magnitude = abs(x);
    const Floats t = 1.0F / (1.0F + 0.25F * magnitude);
    constexpr float c[] = {0.0997517921878F,   0.0994166231254F, 0.0961508646744F, 0.0690116360914F,  0.0953755682802F,
                           -0.00367795935984F, 0.0483180833782F, 0.036615254974F,  -0.0563454642963F, 0.015383603341F};
    const Floats e = exp(-0.5F * x * x);
    const Floats tail = e * t * lane_detail::polynomial(c, t);
    return {x < 0.0F ? tail : 1.0F - tail, 0.398942280F * e};
}
inline NormalDistribution<double> normal_distribution(double x) {
    return {0.5 * (1.0 + erf(x * 0.70710678118654752440)), 0.39894228040143267794 * exp(-0.5 * x * x)};
}

/// 2 sqrt(2/pi) (x + 0.044715 x^3): twice what the approximate GELU takes the hyperbolic tangent of; and its
/// derivative.
template <typename Number>
Number gelu_tanh_argument(Number x) {
    return constant<Number>(1.59576912160573071176) * (x + constant<Number>(0.044715) * x * x * x);
}
template <typename Number>
Number gelu_tanh_argument_derivative(Number x) {
    return constant<Number>(1.59576912160573071176) *
           (constant<Number>(1.0) + constant<Number>(3.0 * 0.044715) * x * x);
}

/// These are exact to half a unit by way of double, one lane after another: none of them is where time goes.
inline Floats log(Floats x) {
    return lane_detail::one_by_one(x, [](float one) { return glassformer::log(one); });
}
inline Floats sin(Floats x) {
    return lane_detail::one_by_one(x, [](float one) { return glassformer::sin(one); });
}
inline Floats cos(Floats x) {
    return lane_detail::one_by_one(x, [](float one) { return glassformer::cos(one); });
}
inline Floats expm1(Floats x) {
    return lane_detail::one_by_one(
        x, [](float one) { return static_cast<float>(glassformer::expm1(static_cast<double>(one))); });
}
inline Floats sqrt(Floats x) {
    return lane_detail::one_by_one(x, [](float one) { return std::sqrt(one); });
}
inline double sqrt(double x) { return std::sqrt(x); }

/// to[i] = function(from[i]); function takes Floats or double.
template <typename Function>
void map_lanes(const float* from, float* to, std::int64_t count, Function function) {
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) store_lanes(to + i, function(load_lanes(from + i)));
    if (i < count) store_some(to + i, function(load_some(from + i, count - i)), count - i);
}
template <typename Function>
void map_lanes(const double* from, double* to, std::int64_t count, Function function) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = function(from[i]);
}
/// to[i] = function(a[i], b[i], c[i]).
template <typename Function>
void map_lanes(const float* a, const float* b, const float* c, float* to, std::int64_t count, Function function) {
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        store_lanes(to + i, function(load_lanes(a + i), load_lanes(b + i), load_lanes(c + i)));
    }
    if (i == count) return;
    const std::int64_t left = count - i;
    store_some(to + i, function(load_some(a + i, left), load_some(b + i, left), load_some(c + i, left)), left);
}
template <typename Function>
void map_lanes(const double* a, const double* b, const double* c, double* to, std::int64_t count, Function function) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = function(a[i], b[i], c[i]);
}

/// Sum of function(a[i]): in four lanes, lane l adding elements l, l + 4, ... in order, then (0 + 1) + (2 + 3), then
/// what is left over in order. Four times shorter chains than index order, and the same on every machine.
template <typename Function>
float sum_lanes(const float* a, std::int64_t count, Function function) {
    Floats sums = {};
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) sums += function(load_lanes(a + i));
    float total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    if (i < count) {
        const Floats rest = function(load_some(a + i, count - i));
        for (std::int64_t l = 0; l < count - i; ++l) total += rest[l];
    }
    return total;
}
template <typename Function>
double sum_lanes(const double* a, std::int64_t count, Function function) {
    double total = 0.0;
    for (std::int64_t i = 0; i < count; ++i) total += function(a[i]);
    return total;
}
inline float sum_lanes(const float* a, std::int64_t count) {
    return sum_lanes(a, count, [](Floats x) { return x; });
}
inline double sum_lanes(const double* a, std::int64_t count) {
    return sum_lanes(a, count, [](double x) { return x; });
}
/// Sum of a[i] * b[i] in the order of sum_lanes.
inline float dot_lanes(const float* a, const float* b, std::int64_t count) {
    Floats sums = {};
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes) sums += load_lanes(a + i) * load_lanes(b + i);
    float total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (; i < count; ++i) total += a[i] * b[i];
    return total;
}
inline double dot_lanes(const double* a, const double* b, std::int64_t count) {
    double total = 0.0;
    for (std::int64_t i = 0; i < count; ++i) total += a[i] * b[i];
    return total;
}

/// out[r] = the sum of row r in index order: zeros anywhere among the elements (a masked position's probability) change
/// no bit of it, as they would if lanes were added apart. Four rows go side by side, so that no chain is waited for.
template <typename T>
void sum_rows_in_order(const T* rows, std::int64_t count, std::int64_t width, T* out) {
    std::int64_t r = 0;
    for (; r + 4 <= count; r += 4, rows += 4 * width) {
        T total[4] = {};
        for (std::int64_t i = 0; i < width; ++i) {
            for (int k = 0; k < 4; ++k) total[k] += rows[k * width + i];
        }
        for (int k = 0; k < 4; ++k) out[r + k] = total[k];
    }
    for (; r < count; ++r, rows += width) {
        T total = 0;
        for (std::int64_t i = 0; i < width; ++i) total += rows[i];
        out[r] = total;
    }
}

/// The largest of a[0 ... count - 1], count >= 1; NaN if there is one: it must not vanish in a maximum.
template <typename T>
T maximum_of(const T* a, std::int64_t count) {
    const auto larger = [](auto x, auto best) { return ((x > best) | (x != x)) ? x : best; };
    T best = a[0];
    std::int64_t i = 1;
    if constexpr (std::is_same_v<T, float>) {
        if (count >= lanes) {
            Floats bests = load_lanes(a);
            for (i = lanes; i + lanes <= count; i += lanes) bests = larger(load_lanes(a + i), bests);
            best = bests[0];
            for (int l = 1; l < lanes; ++l) best = larger(bests[l], best);
        }
    }
    for (; i < count; ++i) best = larger(a[i], best);
    return best;
}

}  // namespace glassformer
