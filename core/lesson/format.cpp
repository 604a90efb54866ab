#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "lesson/expression.h"

namespace glassformer {
namespace {

[[noreturn]] void bad_format(std::string_view format) {
    throw Error(ErrorKind::malformed,
                {"没有数字格式“" + std::string(format) + "”；有 .2f、.3g、.2e、%、.1%、d、s。",
                 "There is no number format '" + std::string(format) + "'; there are .2f, .3g, .2e, %, .1%, d, s."},
                std::string(format));
}

/// `digits` after the point, as 'f' or 'e' writes them. glibc and musl both round the exact value, halves to even, so
/// that every build prints the same digits; std::to_chars does too, but libc++'s brings 100 KB of tables that every
/// reader would wait for.
std::string chars(double value, char conversion, int digits) {
    char buffer[400];
    const int length = std::snprintf(buffer, sizeof buffer, conversion == 'e' ? "%.*e" : "%.*f", digits, value);
    return {buffer, static_cast<std::size_t>(length)};
}

/// "1.500e+06" -> "1.5e6": no padding, no plus sign, no leading zeros in the exponent.
std::string tidy_exponent(const std::string& text, bool trim) {
    const std::size_t e = text.find('e');
    if (e == std::string::npos) return text;
    std::string mantissa = text.substr(0, e);
    if (trim && mantissa.find('.') != std::string::npos) {
        mantissa.erase(mantissa.find_last_not_of('0') + 1);
        if (mantissa.back() == '.') mantissa.pop_back();
    }
    std::size_t digit = e + 2;
    while (digit + 1 < text.size() && text[digit] == '0') ++digit;
    return mantissa + "e" + (text[e + 1] == '-' ? "-" : "") + text.substr(digit);
}

/// `digits` significant digits: plain between 1e-4 and 1e6, with an exponent outside.
std::string significant(double value, int digits) {
    if (value == 0.0) return "0";
    const std::string scientific = chars(value, 'e', digits - 1);
    const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
    if (exponent < -4 || exponent >= 6) return tidy_exponent(scientific, true);
    if (digits - 1 - exponent <= 0) {
        // More whole digits than significant ones: the rest are zeros, as rounding left them.
        std::string whole = scientific.substr(0, scientific.find('e'));
        std::erase(whole, '.');
        const std::size_t sign = whole[0] == '-' ? 1 : 0;
        whole.resize(static_cast<std::size_t>(exponent) + 1 + sign, '0');
        return whole;
    }
    std::string text = chars(value, 'f', digits - 1 - exponent);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
    }
    return text;
}

}  // namespace

std::string format_number(double value, std::string_view format) {
    int digits = -1;
    std::string_view rest = format;
    if (!rest.empty() && rest[0] == '.') {
        rest.remove_prefix(1);
        digits = 0;
        std::size_t count = 0;
        while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9' && count < 2) {
            digits = digits * 10 + (rest[0] - '0');
            rest.remove_prefix(1);
            ++count;
        }
        if (count == 0 || digits > 17 || rest.empty()) bad_format(format);
    }
    const bool known = rest == "f" || rest == "g" || rest == "e" || rest == "%" ||
                       (digits < 0 && (rest.empty() || rest == "d" || rest == "s"));
    if (!known) bad_format(format);

    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
    if (value == 0.0) value = 0.0;  // no "-0"
    if (rest == "f") return chars(value, 'f', digits < 0 ? 2 : digits);
    if (rest == "e") return tidy_exponent(chars(value, 'e', digits < 0 ? 2 : digits), false);
    if (rest == "%") return chars(value * 100.0, 'f', digits < 0 ? 0 : digits) + "%";
    if (rest == "d") return chars(std::round(value), 'f', 0);
    if (rest == "g") return significant(value, digits < 1 ? 4 : digits);
    if (value == std::floor(value) && std::fabs(value) < 1e15) return chars(value, 'f', 0);
    return significant(value, 4);
}

LiveText LiveText::parse(std::string_view source) {
    const std::size_t bar = source.rfind('|');
    const auto trimmed = [](std::string_view text) {
        while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
        while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
        return std::string(text);
    };
    LiveText live;
    live.expression = Expression::parse(trimmed(source.substr(0, bar)));
    if (bar != std::string_view::npos) live.format = trimmed(source.substr(bar + 1));
    format_number(0.0, live.format);  // an unknown format is an error now, not when the text is filled
    return live;
}

std::string LiveText::fill(const Scenes& scenes, bool chinese) const {
    const Evaluated result = expression.evaluate(scenes);
    if (result.is_text) return chinese ? result.text.zh : result.text.en;
    std::string text;
    for (std::size_t i = 0; i < result.numbers.size() && i < 16; ++i) {
        text += (i == 0 ? "" : ", ") + format_number(result.numbers[i], format);
    }
    if (result.numbers.size() > 16) text += ", …";
    return text;
}

std::vector<std::string> live_expressions(std::string_view line) {
    std::vector<std::string> found;
    for (std::size_t at = line.find("{{"); at != std::string_view::npos; at = line.find("{{", at)) {
        const std::size_t end = line.find("}}", at);
        if (end == std::string_view::npos) {
            throw Error(ErrorKind::malformed, {"“{{”没有对应的“}}”：" + std::string(line),
                                               "A '{{' is not closed by '}}': " + std::string(line)});
        }
        found.emplace_back(line.substr(at + 2, end - at - 2));
        at = end + 2;
    }
    return found;
}

}  // namespace glassformer
