#include "base/lane_math.h"

#include <cmath>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
const float not_a_number = std::numeric_limits<float>::quiet_NaN();

double float_ulps(float got, long double exact) {
    const float nearest = static_cast<float>(exact);
    if (got == nearest) return 0.0;
    const float next = std::nextafter(std::fabs(nearest), infinity);
    return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / (next - std::fabs(nearest)));
}

long double exact_sigmoid(long double x) { return 1.0L / (1.0L + std::exp(-x)); }
long double exact_softplus(long double x) { return std::fmax(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); }
long double exact_below(long double x) { return 0.5L * std::erfc(-x / std::sqrt(2.0L)); }

}  // namespace

TEST_CASE("sigmoid, tanh, softplus and erf in float are within a few units in the last place, everywhere") {
    Rng rng(21);
    double worst_tanh = 0.0;
    double worst_sigmoid = 0.0;
    double worst_softplus = 0.0;
    double worst_erf = 0.0;
    for (int i = 0; i < 100000; ++i) {
        for (const float range : {1.0F, 8.0F, 80.0F}) {
            const float x = rng.uniform(-range, range);
            const auto exact = static_cast<long double>(x);
            worst_tanh = std::max(worst_tanh, float_ulps(glassformer::tanh(x), std::tanh(exact)));
            worst_sigmoid = std::max(worst_sigmoid, float_ulps(glassformer::sigmoid(x), exact_sigmoid(exact)));
            worst_softplus = std::max(worst_softplus, float_ulps(glassformer::softplus(x), exact_softplus(exact)));
            worst_erf = std::max(worst_erf, float_ulps(glassformer::erf(x), std::erf(exact)));
        }
    }
    CHECK(worst_tanh <= 2.0);
    CHECK(worst_sigmoid <= 3.0);
    CHECK(worst_softplus <= 4.0);
    CHECK(worst_erf <= 1.0);
}

TEST_CASE("double erf, log1p, expm1, sigmoid and softplus") {
    Rng rng(22);
    double worst = 0.0;
    const auto compare = [&worst](double got, long double exact) {
        const long double size = std::fmax(std::fabs(exact), 1e-300L);
        worst = std::max(worst, static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / size));
    };
    for (int i = 0; i < 50000; ++i) {
        const double x = static_cast<double>(rng.uniform(-7.0F, 7.0F));
        const double tiny = x * 1e-9;
        compare(glassformer::erf(x), std::erf(static_cast<long double>(x)));
        compare(glassformer::erf(tiny), std::erf(static_cast<long double>(tiny)));
        compare(glassformer::log1p(std::fabs(x)), std::log1p(static_cast<long double>(std::fabs(x))));
        compare(glassformer::log1p(tiny), std::log1p(static_cast<long double>(tiny)));
        compare(glassformer::expm1(x), std::expm1(static_cast<long double>(x)));
        compare(glassformer::expm1(tiny), std::expm1(static_cast<long double>(tiny)));
        compare(glassformer::sigmoid(x), exact_sigmoid(static_cast<long double>(x)));
        compare(glassformer::softplus(5.0 * x), exact_softplus(5.0L * static_cast<long double>(x)));
    }
    CHECK(worst <= 8e-16);
    CHECK(glassformer::erf(std::numeric_limits<double>::infinity()) == 1.0);
    CHECK(glassformer::erf(-7.0) == -1.0);
    CHECK(std::isnan(glassformer::erf(std::nan(""))));
    CHECK(glassformer::log1p(-1.0) == -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(glassformer::log1p(-1.5)));
    CHECK(glassformer::expm1(-800.0) == -1.0);
    CHECK(glassformer::expm1(1000.0) == std::numeric_limits<double>::infinity());
}

TEST_CASE("the normal distribution keeps its digits in the tail") {
    Rng rng(23);
    double worst_middle = 0.0;
    double worst_tail = 0.0;
    double worst_density = 0.0;
    for (int i = 0; i < 100000; ++i) {
        const float x = rng.uniform(-9.0F, 9.0F);
        const auto exact = static_cast<long double>(x);
        const auto [below, density] = normal_distribution(all_lanes(x));
        const double error = float_ulps(below[0], exact_below(exact));
        (std::fabs(x) < 3.0F ? worst_middle : worst_tail) =
            std::max(std::fabs(x) < 3.0F ? worst_middle : worst_tail, error);
        const long double exact_density = std::exp(-0.5L * exact * exact) / std::sqrt(2.0L * 3.14159265358979323846L);
        worst_density = std::max(worst_density, float_ulps(density[0], exact_density));
    }
    CHECK(worst_middle <= 8.0);
    CHECK(worst_tail <= 40.0);  // x^2 / 2 is rounded before the exponential: 1e-6 of a number below 1e-3
    CHECK(worst_density <= 40.0);
}

TEST_CASE("special values in every lane function") {
    CHECK(glassformer::sigmoid(infinity) == 1.0F);
    CHECK(glassformer::sigmoid(-infinity) == 0.0F);
    CHECK(glassformer::sigmoid(0.0F) == 0.5F);
    CHECK(glassformer::softplus(infinity) == infinity);
    CHECK(glassformer::softplus(-infinity) == 0.0F);
    CHECK(glassformer::tanh(0.0F) == 0.0F);
    CHECK(normal_distribution(all_lanes(infinity)).below[0] == 1.0F);
    CHECK(normal_distribution(all_lanes(-infinity)).below[0] == 0.0F);
    CHECK(normal_distribution(all_lanes(0.0F)).below[0] == Approx(0.5F));
    for (const float bad :
         {glassformer::sigmoid(not_a_number), glassformer::softplus(not_a_number), glassformer::tanh(not_a_number),
          glassformer::erf(not_a_number), normal_distribution(all_lanes(not_a_number)).below[0]}) {
        CHECK(std::isnan(bad));
    }
}

TEST_CASE("a loop over lanes gives each element the bits of the function alone, whatever their number") {
    Rng rng(24);
    for (std::int64_t n = 0; n < 11; ++n) {
        std::vector<float> in(static_cast<std::size_t>(n));
        rng.fill_uniform(in, -5.0F, 5.0F);
        std::vector<float> out(in.size());
        map_lanes(in.data(), out.data(), n, [](Floats x) { return tanh(x); });
        bool same = true;
        for (std::size_t i = 0; i < in.size(); ++i) same = same && out[i] == glassformer::tanh(in[i]);
        CHECK(same);
    }
}

TEST_CASE("sums over lanes add every element once; a maximum keeps a NaN") {
    for (std::int64_t n = 1; n < 20; ++n) {
        std::vector<float> values(static_cast<std::size_t>(n));
        for (std::int64_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(1 << i);
        const auto all = static_cast<float>((1 << n) - 1);
        CHECK(sum_lanes(values.data(), n) == all);
        CHECK(dot_lanes(values.data(), std::vector<float>(values.size(), 2.0F).data(), n) == 2.0F * all);
        for (std::int64_t at = 0; at < n; ++at) {
            std::vector<float> one(values.size(), -1.0F);
            one[static_cast<std::size_t>(at)] = 3.0F;
            CHECK(maximum_of(one.data(), n) == 3.0F);
            one[static_cast<std::size_t>(at)] = not_a_number;
            CHECK(std::isnan(maximum_of(one.data(), n)));
        }
    }
}

TEST_CASE("rows summed side by side have the bits of one loop each") {
    Rng rng(25);
    for (std::int64_t rows = 1; rows < 10; ++rows) {
        std::vector<float> values(static_cast<std::size_t>(rows * 7));
        rng.fill_normal(values);
        std::vector<float> sums(static_cast<std::size_t>(rows));
        sum_rows_in_order(values.data(), rows, 7, sums.data());
        bool same = true;
        for (std::int64_t r = 0; r < rows; ++r) {
            float total = 0.0F;
            for (std::int64_t i = 0; i < 7; ++i) total += values[static_cast<std::size_t>(r * 7 + i)];
            same = same && total == sums[static_cast<std::size_t>(r)];
        }
        CHECK(same);
    }
}

TEST_CASE("four rows become four columns") {
    Floats rows[4];
    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) rows[i][j] = static_cast<float>(10 * i + j);
    }
    transpose_lanes(rows);
    bool turned = true;
    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) turned = turned && rows[i][j] == static_cast<float>(10 * j + i);
    }
    CHECK(turned);
}
