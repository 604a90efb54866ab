#include "lesson/expression.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/rng.h"
#include "lesson/predicate.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

/// A frame with one value of each kind.
const Values& frame() {
    static const Values values = [] {
        Values v;
        v.set("loss", 0.25);
        v.set("weird", std::numeric_limits<double>::quiet_NaN());
        v.set("grid", tensor_value(Tensor({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}),
                                   {{"d_k", {"64", "128"}}, {"mode", {"none", "sqrt", "linear"}}}));
        v.set("curve", Series{"update", {{{0.0, 3.0}}, {{1.0, 2.0}}, {{2.0, 1.5}}}});
        v.set("merges", Table{{{"left", Column::Kind::text}, {"count", Column::Kind::integer}},
                              {{std::string("e"), std::int64_t{9}}, {std::string("l"), std::int64_t{7}}}});
        v.set("decoded", Text{"文本", "text"});
        return v;
    }();
    return values;
}

double number(const std::string& source) {
    static const Arguments arguments({{"n", std::int64_t{64}}, {"rate", 0.5}});
    return Expression::parse(source).evaluate_number({{"", {&frame(), &arguments}}});
}

ErrorKind kind_of(const std::string& source) {
    try {
        number(source);
    } catch (const Error& error) {
        CHECK(!error.message().zh.empty());
        return error.kind();
    }
    FAIL("no error for " + source);
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("paths reach every kind of value") {
    CHECK(number("loss") == 0.25);
    CHECK(number("grid[1][2]") == 6.0);
    CHECK(number("grid[d_k=128][mode=sqrt]") == 5.0);
    CHECK(number("grid[mode=sqrt][d_k=64]") == 2.0);
    CHECK(number("grid[-1][0]") == 4.0);
    CHECK(number("curve[1]") == 2.0);
    CHECK(number("merges[0][count]") == 9.0);
    CHECK(number("merges[left=l][count]") == 7.0);
    CHECK(number("parameter.n") == 64.0);
}

TEST_CASE("arithmetic and functions") {
    CHECK(number("1 + 2 * 3 - 4 / 2") == 5.0);
    CHECK(number("-(1 - 3) * 2") == 4.0);
    CHECK(std::abs(number("ln(exp(2)) + sqrt(16)") - 6.0) < 1e-12);
    CHECK(number("max(grid)") == 6.0);
    CHECK(number("min(3, loss, 7)") == 0.25);
    CHECK(number("mean(curve)") == 6.5 / 3.0);
    CHECK(number("last(curve)") == 1.5);
    CHECK(number("argmax(grid[d_k=128])") == 2.0);
    CHECK(number("count(merges[count])") == 2.0);
    CHECK(number("max(abs(grid[mode=none] - 4))") == 3.0);
}

TEST_CASE("what an expression cannot be is a typed error with its place") {
    for (const char* source : {"", "1 +", "(1", "grid[", "grid[1", "sqrt()", "1 2", "$"})
        CHECK(kind_of(source) == ErrorKind::malformed);
    CHECK(kind_of("nothing") == ErrorKind::unknown_name);
    CHECK(kind_of("parameter.none") == ErrorKind::unknown_name);
    CHECK(kind_of("grid[5][0]") == ErrorKind::out_of_range);
    CHECK(kind_of("grid[mode=cube][0]") == ErrorKind::out_of_range);
    CHECK(kind_of("grid") == ErrorKind::wrong_type);
    CHECK(kind_of("decoded") == ErrorKind::wrong_type);
    CHECK(kind_of(std::string(2000, '1')) == ErrorKind::malformed);
    CHECK(kind_of(std::string(100, '(') + "1" + std::string(100, ')')) == ErrorKind::malformed);
}

TEST_CASE("numbers are formatted as a reader sees them") {
    CHECK(format_number(0.123456, ".3g") == "0.123");
    CHECK(format_number(1234567.0, ".3g") == "1.23e6");
    CHECK(format_number(0.999, ".0%") == "100%");
    CHECK(format_number(2.5, ".2f") == "2.50");
    CHECK(format_number(7.0) == "7");
    CHECK(format_number(std::nan("")) == "NaN");
    CHECK_THROWS_AS(format_number(1.0, "%d"), Error);
}

TEST_CASE("a number is written as std::to_chars writes it, to the last digit, halves to even") {
    CHECK(format_number(0.125, ".2f") == "0.12");
    CHECK(format_number(0.375, ".2f") == "0.38");
    CHECK(format_number(2.5, ".0f") == "2");
    CHECK(format_number(-1e300, ".1f").size() == 304);
    Rng rng(3);
    for (int i = 0; i < 2000; ++i) {
        const double value = rng.normal() * std::pow(10.0, static_cast<double>(rng.integer(40)) - 20.0);
        const int digits = static_cast<int>(rng.integer(18));
        char buffer[400];
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, digits);
        CHECK(format_number(value, "." + std::to_string(digits) + "f") == std::string(buffer, end.ptr));
    }
}

TEST_CASE("predicates: every comparison, tolerance, many numbers, nothing true of NaN") {
    const auto holds = [](const std::string& left, const std::string& op, const Json& right,
                          Json tolerance = Json::object()) {
        const Predicate p =
            Predicate::from_json({{"left", left}, {"op", op}, {"right", right}, {"tolerance", tolerance}});
        return p.evaluate({{"", {&frame(), nullptr}}}).holds;
    };
    CHECK(holds("loss", "<", 0.3));
    CHECK(!holds("loss", "<", 0.25));
    CHECK(holds("loss", "<=", 0.25));
    CHECK(holds("loss", ">", "0.2"));
    CHECK(holds("loss", ">=", 0.25));
    CHECK(holds("loss", "==", 0.25));
    CHECK(!holds("loss", "==", 0.26));
    CHECK(holds("loss", "==", 0.26, {{"abs", 0.02}}));
    CHECK(holds("loss", "==", 0.26, {{"rel", 0.1}}));
    CHECK(holds("loss", "in", Json::array({0.2, 0.3})));
    CHECK(!holds("loss", "in", Json::array({0.3, 0.4})));
    CHECK(holds("grid", "<=", 6));
    CHECK(!holds("grid", "<=", 5));
    CHECK(!holds("weird", "<", 1e9));
    CHECK(!holds("weird", ">=", -1e9));
    CHECK(!holds("loss", "==", "weird"));
    CHECK_THROWS_AS(Predicate::from_json({{"left", "loss"}, {"op", "~"}, {"right", 1}}), Error);
    CHECK_THROWS_AS(Predicate::from_json({{"left", "loss"}, {"op", "in"}, {"right", 1}}), Error);
}
