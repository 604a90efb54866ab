#include "base/math.h"

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "base/rng.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

// Error in units in the last place of the float nearest to the exact value.
double float_ulps(float got, long double exact) {
    const float nearest = static_cast<float>(exact);
    if (got == nearest) return 0.0;
    const float next = std::nextafter(std::fabs(nearest), std::numeric_limits<float>::infinity());
    return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / (next - std::fabs(nearest)));
}

double relative_error(double got, long double exact) {
    return static_cast<double>(std::fabs(got - exact) / std::fmax(std::fabs(exact), 1e-300L));
}

constexpr float infinity = std::numeric_limits<float>::infinity();
const float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("float functions are within two units in the last place") {
    Rng rng(7);
    double worst = 0.0;
    for (int i = 0; i < 200000; ++i) {
        const float x = rng.uniform(-80.0F, 80.0F);
        const float small = rng.uniform(-1.0F, 1.0F);
        const float positive = glassformer::exp(x);
        worst = std::max({worst, float_ulps(glassformer::exp(x), std::exp(static_cast<long double>(x))),
                          float_ulps(glassformer::log(positive), std::log(static_cast<long double>(positive))),
                          float_ulps(glassformer::tanh(small), std::tanh(static_cast<long double>(small))),
                          float_ulps(glassformer::sin(x), std::sin(static_cast<long double>(x))),
                          float_ulps(glassformer::cos(x), std::cos(static_cast<long double>(x)))});
    }
    CHECK(worst <= 2.0);
}

TEST_CASE("double functions are accurate to a few units of 1e-16") {
    Rng rng(8);
    double worst = 0.0;
    for (int i = 0; i < 100000; ++i) {
        const double x = rng.uniform(-30.0F, 30.0F);
        worst = std::max({worst, relative_error(glassformer::exp(x), std::exp(static_cast<long double>(x))),
                          relative_error(glassformer::tanh(x), std::tanh(static_cast<long double>(x))),
                          std::fabs(glassformer::sin(x) - static_cast<double>(std::sin(static_cast<long double>(x)))),
                          std::fabs(glassformer::cos(x) - static_cast<double>(std::cos(static_cast<long double>(x)))),
                          relative_error(glassformer::log(std::fabs(x) + 1.5), std::log(std::fabs(x) + 1.5L))});
    }
    CHECK(worst <= 6e-16);
}

TEST_CASE("special values follow IEEE 754") {
    CHECK(glassformer::exp(-infinity) == 0.0F);
    CHECK(glassformer::exp(infinity) == infinity);
    CHECK(glassformer::exp(0.0F) == 1.0F);
    CHECK(glassformer::exp(100.0F) == infinity);
    CHECK(glassformer::log(0.0F) == -infinity);
    CHECK(glassformer::log(1.0F) == 0.0F);
    CHECK(glassformer::log(infinity) == infinity);
    CHECK(std::isnan(glassformer::log(-1.0F)));
    CHECK(std::isnan(glassformer::exp(not_a_number)));
    CHECK(std::isnan(glassformer::sin(infinity)));
    CHECK(glassformer::tanh(infinity) == 1.0F);
    CHECK(glassformer::tanh(-infinity) == -1.0F);
    CHECK(glassformer::log(std::numeric_limits<double>::denorm_min()) == Approx(-744.4400719213812));
    CHECK(glassformer::exp(-745.0) > 0.0);
}

TEST_CASE("exp of many has the bits of exp of one, whatever their number") {
    Rng rng(9);
    for (std::size_t n = 0; n < 11; ++n) {
        std::vector<float> in(n);
        rng.fill_uniform(in, -120.0F, 100.0F);
        std::vector<float> out(n);
        glassformer::exp(std::span<const float>(in), 0.5F, out);
        bool same = true;
        for (std::size_t i = 0; i < n; ++i) same = same && out[i] == glassformer::exp(in[i] - 0.5F);
        CHECK(same);
    }
}
