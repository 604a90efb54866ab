#include "experiments/recall_answer.h"

#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/math.h"

namespace glassformer {
namespace {

struct Problem {
    Text text;
};

[[noreturn]] void fail(std::string zh, std::string en) { throw Problem{{std::move(zh), std::move(en)}}; }

/// expression = term { + - term };  term = factor { * / factor };  factor = [-] primary [^ factor]
class Reader {
  public:
    explicit Reader(const std::string& text) : text_(text) {}

    double number() {
        const double value = expression(0);
        skip();
        if (at_ < text_.size()) {
            fail("“" + rest() + "”读不懂。", "'" + rest() + "' cannot be read.");
        }
        if (!std::isfinite(value)) fail("算出来不是有限的数。", "That is not a finite number.");
        return value;
    }

  private:
    static constexpr int deepest = 40;

    double expression(int depth) {
        if (depth > deepest) fail("括号嵌套太深。", "Too many nested parentheses.");
        double value = term(depth);
        while (true) {
            if (take('+'))
                value += term(depth);
            else if (take('-'))
                value -= term(depth);
            else
                return value;
        }
    }
    double term(int depth) {
        double value = factor(depth);
        while (true) {
            if (take('*'))
                value *= factor(depth);
            else if (take('/'))
                value /= factor(depth);
            else
                return value;
        }
    }
    double factor(int depth) {
        if (depth > deepest) fail("式子嵌套太深。", "The expression is nested too deeply.");
        if (take('-')) return -factor(depth + 1);
        if (take('+')) return factor(depth + 1);
        const double base = primary(depth);
        return take('^') ? power(base, factor(depth + 1)) : base;
    }
    /// Whole and half powers, by products and square roots, which have the same bits everywhere; others by exp and log.
    static double power(double base, double exponent) {
        const double twice = 2.0 * exponent;
        if (twice == std::floor(twice) && std::abs(exponent) <= 64.0) {
            double value = 1.0;
            for (int i = 0; i < static_cast<int>(std::floor(std::abs(exponent))); ++i) value *= base;
            if (exponent != std::floor(exponent)) value *= std::sqrt(base);
            return exponent < 0.0 ? 1.0 / value : value;
        }
        return glassformer::exp(exponent * glassformer::log(base));
    }
    double primary(int depth) {
        skip();
        if (take('(')) {
            const double value = expression(depth + 1);
            if (!take(')')) fail("少了右括号。", "A closing parenthesis is missing.");
            return scaled(value);
        }
        if (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_])) != 0) return named(depth);
        return scaled(literal());
    }
    double named(int depth) {
        std::string name;
        while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_])) != 0) name += text_[at_++];
        if (name == "e") return glassformer::exp(1.0);
        if (name == "pi") return 3.14159265358979323846;
        if (!take('(')) fail("不认识“" + name + "”。", "'" + name + "' is unknown.");
        const double x = expression(depth + 1);
        if (!take(')')) fail("少了右括号。", "A closing parenthesis is missing.");
        if (name == "sqrt") return std::sqrt(x);
        if (name == "exp") return glassformer::exp(x);
        if (name == "ln" || name == "log") return glassformer::log(x);
        if (name == "sin") return glassformer::sin(x);
        if (name == "cos") return glassformer::cos(x);
        fail("不认识函数“" + name + "”，可以用 sqrt、exp、ln、sin、cos。",
             "There is no function '" + name + "'; there are sqrt, exp, ln, sin, cos.");
    }
    double literal() {
        // Only digits, a point and an exponent reach strtod: no "inf", no hexadecimal.
        const std::size_t start = at_;
        std::string digits;
        while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) digits += text_[at_++];
        if (digits.empty() || digits == ".") {
            at_ = start;
            fail(rest().empty() ? "式子没有写完。" : "“" + rest() + "”不是数。",
                 rest().empty() ? "The expression ends too early." : "'" + rest() + "' is not a number.");
        }
        if (at_ + 1 < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            std::size_t after = at_ + 1;
            std::string exponent = "e";
            if (text_[after] == '+' || text_[after] == '-') exponent += text_[after++];
            if (after < text_.size() && is_digit(text_[after])) {
                while (after < text_.size() && is_digit(text_[after])) exponent += text_[after++];
                digits += exponent;
                at_ = after;
            }
        }
        char* end = nullptr;
        const double value = std::strtod(digits.c_str(), &end);
        if (end == nullptr || *end != '\0') fail("“" + digits + "”不是数。", "'" + digits + "' is not a number.");
        return value;
    }
    /// 7.09M, 512Ki, 25%
    double scaled(double value) {
        static const std::pair<const char*, double> suffixes[] = {
            {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"k", 1e3},  {"K", 1e3},
            {"M", 1e6},     {"G", 1e9},        {"B", 1e9},           {"T", 1e12}, {"%", 0.01}};
        for (const auto& [suffix, factor] : suffixes) {
            const std::string word = suffix;
            if (text_.compare(at_, word.size(), word) != 0) continue;
            const std::size_t after = at_ + word.size();
            if (after < text_.size() && std::isalpha(static_cast<unsigned char>(text_[after])) != 0) continue;
            at_ = after;
            return value * factor;
        }
        return value;
    }

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    void skip() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '_')) ++at_;
    }
    bool take(char wanted) {
        skip();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    /// What is left, cut between characters for a message.
    std::string rest() const {
        std::string left = text_.substr(at_, 24);
        while (!left.empty() && (static_cast<unsigned char>(left.back()) & 0xC0U) == 0x80U) left.pop_back();
        if (!left.empty() && static_cast<unsigned char>(left.back()) >= 0xC0U) left.pop_back();
        return left;
    }

    const std::string& text_;
    std::size_t at_ = 0;
};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// Signs of a Chinese keyboard and of textbooks as the plain ones.
std::string plain_signs(std::string text) {
    static const std::pair<const char*, const char*> signs[] = {
        {"，", ","}, {"、", ","}, {"；", ";"}, {"（", "("}, {"）", ")"}, {"×", "*"},    {"·", "*"},  {"÷", "/"},
        {"−", "-"},  {"－", "-"}, {"＋", "+"}, {"％", "%"}, {"。", "."}, {"√", "sqrt"}, {"　", " "}, {"\n", " "},
        {"\t", " "}, {"\r", " "}, {"**", "^"}, {"²", "^2"}, {"³", "^3"}, {"π", "pi"}};
    for (const auto& [from, to] : signs) replace_all(text, from, to);
    return text;
}

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" []");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" []") - first + 1);
}

std::vector<std::string> split(const std::string& text, const std::string& separators) {
    std::vector<std::string> parts;
    std::string part;
    int open = 0;
    for (const char c : text) {
        if (c == '(') ++open;
        if (c == ')') --open;
        if (open <= 0 && separators.find(c) != std::string::npos) {
            if (!trimmed(part).empty()) parts.push_back(trimmed(part));
            part.clear();
        } else {
            part += c;
        }
    }
    if (!trimmed(part).empty()) parts.push_back(trimmed(part));
    return parts;
}

/// 7,087,872 -> 7087872: commas with three digits behind each.
std::string without_grouping(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
        const bool groups =
            text[i] == ',' && i > 0 && digit(i - 1) && digit(i + 1) && digit(i + 2) && digit(i + 3) && !digit(i + 4);
        if (!groups) plain += text[i];
    }
    return plain;
}

}  // namespace

RecallNumbers read_recall_numbers(const std::string& given, std::size_t wanted, const std::string& unit) {
    std::string text = trimmed(plain_signs(given));
    if (!unit.empty() && text.size() > unit.size() && text.compare(text.size() - unit.size(), unit.size(), unit) == 0) {
        text = trimmed(text.substr(0, text.size() - unit.size()));
    }
    std::vector<std::string> parts;
    if (wanted == 1) {
        parts = {without_grouping(text)};
    } else {
        parts = split(text, text.find_first_of(",;") != std::string::npos ? ",;" : " ");
    }
    RecallNumbers result;
    try {
        if (parts.size() != wanted) {
            const std::string want = std::to_string(wanted);
            const std::string have = std::to_string(parts.size());
            fail("要 " + want + " 个数，读到 " + have + " 个。用逗号隔开。",
                 want + " numbers are wanted, " + have + " were read. Put commas between them.");
        }
        for (const std::string& part : parts) result.numbers.push_back(Reader(part).number());
    } catch (const Problem& problem) {
        result.numbers.clear();
        result.problem = problem.text;
    }
    return result;
}

std::vector<std::string> read_recall_pieces(const std::string& given) {
    std::string text = given;
    for (const char* separator : {"，", "、", "　", "｜"}) replace_all(text, separator, " ");
    std::vector<std::string> pieces;
    std::string piece;
    for (const char c : text + " ") {
        if (std::string(" ,|\n\t\r").find(c) == std::string::npos) {
            piece += c;
        } else if (!piece.empty()) {
            pieces.push_back(piece);
            piece.clear();
        }
    }
    return pieces;
}

std::string recall_number(double number) {
    char text[64];
    const bool whole = number == std::floor(number) && std::abs(number) < 1e15;
    std::snprintf(text, sizeof text, whole ? "%.0f" : "%.6g", number);
    return text;
}

}  // namespace glassformer
