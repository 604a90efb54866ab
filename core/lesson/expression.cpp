#include "lesson/expression.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/math.h"
#include "lesson/path.h"

namespace glassformer {
namespace expression_detail {

enum class Kind { number, path, negate, add, subtract, multiply, divide, call };

struct Node {
    Kind kind = Kind::number;
    double number = 0.0;
    std::string function;
    Path path;
    std::vector<std::shared_ptr<const Node>> children;
};

namespace {

constexpr std::size_t longest_source = 1000;
constexpr int deepest = 32;
const char* const functions = "abs, sqrt, ln, exp, min, max, mean, last, argmax, count";

bool is_function(const std::string& name) {
    static const std::vector<std::string> names = {"abs", "sqrt", "ln",   "exp",    "min",
                                                   "max", "mean", "last", "argmax", "count"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_elementwise(const std::string& name) {
    return name == "abs" || name == "sqrt" || name == "ln" || name == "exp";
}

using NodePointer = std::shared_ptr<const Node>;

class Parser {
  public:
    explicit Parser(std::string_view source) : source_(source) {}

    NodePointer parse() {
        if (source_.size() > longest_source) {
            fail("表达式长 " + std::to_string(source_.size()) + " 字节，最多 1000。",
                 "The expression has " + std::to_string(source_.size()) + " bytes; at most 1000 are allowed.");
        }
        NodePointer node = sum(0);
        skip_space();
        if (at_ < source_.size()) {
            expected("运算符 + - * / 或结尾", "an operator + - * / or the end");
        }
        return node;
    }

  private:
    [[noreturn]] void fail(const std::string& zh, const std::string& en) const {
        throw Error(ErrorKind::malformed, {zh, en}, std::string(source_.substr(0, 200)));
    }

    [[noreturn]] void expected(const std::string& zh, const std::string& en) const {
        const std::string source(source_.substr(0, 200));
        std::string found_zh = "表达式就结束了";
        std::string found_en = "the expression ends";
        if (at_ < source_.size()) {
            // A whole character, not one byte of it.
            std::size_t end = at_ + 1;
            while (end < source_.size() && (static_cast<unsigned char>(source_[end]) & 0xC0) == 0x80) ++end;
            const std::string found(source_.substr(at_, end - at_));
            found_zh = "是“" + found + "”";
            found_en = "there is '" + found + "'";
        }
        const std::string position = std::to_string(at_ + 1);
        fail("表达式“" + source + "”第 " + position + " 个字节处" + found_zh + "，这里应是" + zh + "。",
             "In the expression '" + source + "' at byte " + position + " " + found_en + "; expected " + en + ".");
    }

    void skip_space() {
        while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\t')) ++at_;
    }
    char peek() {
        skip_space();
        return at_ < source_.size() ? source_[at_] : '\0';
    }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    static bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
    static bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    NodePointer sum(int depth) {
        NodePointer left = product(depth);
        for (;;) {
            const char c = peek();
            if (c != '+' && c != '-') return left;
            ++at_;
            left = binary(c == '+' ? Kind::add : Kind::subtract, left, product(depth));
        }
    }
    NodePointer product(int depth) {
        NodePointer left = factor(depth);
        for (;;) {
            const char c = peek();
            if (c != '*' && c != '/') return left;
            ++at_;
            left = binary(c == '*' ? Kind::multiply : Kind::divide, left, factor(depth));
        }
    }
    static NodePointer binary(Kind kind, NodePointer left, NodePointer right) {
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->children = {std::move(left), std::move(right)};
        return node;
    }

    NodePointer factor(int depth) {
        if (depth >= deepest) {
            fail("表达式嵌套超过 32 层。", "The expression is nested more than 32 deep.");
        }
        const char c = peek();
        if (c == '(') {
            ++at_;
            NodePointer node = sum(depth + 1);
            if (!take(')')) expected("右括号 )", "a closing )");
            return node;
        }
        if (c == '-') {
            ++at_;
            auto node = std::make_shared<Node>();
            node->kind = Kind::negate;
            node->children = {factor(depth + 1)};
            return node;
        }
        if (is_digit(c) || c == '.') return number();
        if (starts_name(c)) return name(depth);
        expected("数、路径、函数、( 或 -", "a number, a path, a function, ( or -");
    }

    NodePointer number() {
        const std::size_t begin = at_;
        std::size_t digits = 0;
        const auto run = [&] {
            while (at_ < source_.size() && is_digit(source_[at_])) ++at_, ++digits;
        };
        run();
        if (at_ < source_.size() && source_[at_] == '.') {
            ++at_;
            run();
        }
        if (digits == 0) expected("数字", "a digit");
        if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
            ++at_;
            if (at_ < source_.size() && (source_[at_] == '+' || source_[at_] == '-')) ++at_;
            const std::size_t before = digits;
            run();
            if (digits == before) expected("指数的数字", "the digits of the exponent");
        }
        auto node = std::make_shared<Node>();
        // The token is digits, a point and an exponent only; the process never leaves the "C" locale.
        node->number = std::strtod(std::string(source_.substr(begin, at_ - begin)).c_str(), nullptr);
        if (!std::isfinite(node->number)) {
            fail("数 " + std::string(source_.substr(begin, at_ - begin)) + " 太大。",
                 "The number " + std::string(source_.substr(begin, at_ - begin)) + " is too large.");
        }
        return node;
    }

    std::string identifier() {
        const std::size_t begin = at_;
        while (at_ < source_.size() && in_name(source_[at_])) ++at_;
        return std::string(source_.substr(begin, at_ - begin));
    }

    NodePointer name(int depth) {
        auto node = std::make_shared<Node>();
        std::string first = identifier();
        if (peek() == '(') {
            if (!is_function(first)) {
                fail("没有函数“" + first + "”；有 " + functions + "。",
                     "There is no function '" + first + "'; there are " + functions + ".");
            }
            ++at_;
            node->kind = Kind::call;
            node->function = std::move(first);
            do node->children.push_back(sum(depth + 1));
            while (take(','));
            if (!take(')')) expected(", 或右括号 )", ", or a closing )");
            const bool several = node->function == "min" || node->function == "max" || node->function == "mean";
            if (!several && node->children.size() != 1) {
                fail(
                    "函数 " + node->function + " 只取一个参数，给了 " + std::to_string(node->children.size()) + " 个。",
                    "The function " + node->function + " takes one argument; " + std::to_string(node->children.size()) +
                        " were given.");
            }
            return node;
        }
        node->kind = Kind::path;
        node->path.names.push_back(std::move(first));
        while (at_ < source_.size() && source_[at_] == '.') {
            ++at_;
            if (at_ >= source_.size() || !starts_name(source_[at_])) expected("名字", "a name");
            node->path.names.push_back(identifier());
            if (node->path.names.size() > 3) expected("至多两个点的路径", "a path with at most two dots");
        }
        while (take('[')) node->path.selectors.push_back(selector());
        return node;
    }

    Selector selector() {
        const std::size_t close = source_.find(']', at_);
        if (close == std::string_view::npos) {
            at_ = source_.size();
            expected("右方括号 ]", "a closing ]");
        }
        const std::string inside(source_.substr(at_, close - at_));
        Selector result;
        std::size_t digits = 0;
        for (const char c : inside) digits += is_digit(c) ? 1 : 0;
        const bool negative = !inside.empty() && inside[0] == '-';
        if (digits > 0 && digits + (negative ? 1 : 0) == inside.size() && digits <= 9) {
            result.index = std::atoi(inside.c_str());
            result.label = inside;
        } else if (const std::size_t equals = inside.find('='); equals != std::string::npos && equals > 0) {
            result.name = inside.substr(0, equals);
            result.label = inside.substr(equals + 1);
        } else {
            if (inside.empty()) expected("下标、名字或 名字=标签", "an index, a name or name=label");
            result.label = inside;
        }
        at_ = close + 1;
        return result;
    }

    std::string_view source_;
    std::size_t at_ = 0;
};

[[noreturn]] void text_in_arithmetic() {
    throw Error(ErrorKind::wrong_type, {"文本不能参与计算。", "A text cannot take part in arithmetic."});
}

double elementwise(const std::string& function, double x) {
    if (function == "abs") return std::fabs(x);
    if (function == "sqrt") return std::sqrt(x);       // correctly rounded by IEEE 754, the same everywhere
    if (function == "ln") return glassformer::log(x);  // the core's own: the same bits natively and in wasm
    return glassformer::exp(x);
}

double aggregate(const std::string& function, const std::vector<double>& numbers) {
    if (function == "count") return static_cast<double>(numbers.size());
    if (numbers.empty()) {
        throw Error(ErrorKind::out_of_range, {"对空的一列数求 " + function + " 没有意义。",
                                              "There is no " + function + " of an empty list of numbers."});
    }
    if (function == "last") return numbers.back();
    double best = numbers[0];
    double total = 0.0;
    std::size_t where = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        // A NaN must not hide: it makes the result NaN.
        if (std::isnan(numbers[i])) return std::numeric_limits<double>::quiet_NaN();
        total += numbers[i];
        const bool better = function == "min" ? numbers[i] < best : numbers[i] > best;
        if (better) best = numbers[i], where = i;
    }
    if (function == "mean") return total / static_cast<double>(numbers.size());
    return function == "argmax" ? static_cast<double>(where) : best;
}

Evaluated evaluate_node(const Node& node, const Scenes& scenes);

Evaluated evaluate_call(const Node& node, const Scenes& scenes) {
    Evaluated result = evaluate_node(*node.children[0], scenes);
    if (result.is_text && node.function != "count") text_in_arithmetic();
    if (is_elementwise(node.function)) {
        for (double& x : result.numbers) x = elementwise(node.function, x);
        return result;
    }
    for (std::size_t i = 1; i < node.children.size(); ++i) {
        const Evaluated next = evaluate_node(*node.children[i], scenes);
        if (next.is_text) text_in_arithmetic();
        result.numbers.insert(result.numbers.end(), next.numbers.begin(), next.numbers.end());
    }
    return {{aggregate(node.function, result.numbers)}};
}

Evaluated evaluate_binary(const Node& node, const Scenes& scenes) {
    const Evaluated left = evaluate_node(*node.children[0], scenes);
    const Evaluated right = evaluate_node(*node.children[1], scenes);
    if (left.is_text || right.is_text) text_in_arithmetic();
    if (left.many && right.many && left.numbers.size() != right.numbers.size()) {
        throw Error(ErrorKind::shape,
                    {"两边的数不一样多：" + std::to_string(left.numbers.size()) + " 与 " +
                         std::to_string(right.numbers.size()) + "。",
                     "The two sides have different counts of numbers: " + std::to_string(left.numbers.size()) +
                         " and " + std::to_string(right.numbers.size()) + "."});
    }
    Evaluated result;
    result.many = left.many || right.many;
    const std::size_t count = left.many ? left.numbers.size() : right.numbers.size();
    for (std::size_t i = 0; i < count; ++i) {
        const double a = left.numbers[left.many ? i : 0];
        const double b = right.numbers[right.many ? i : 0];
        switch (node.kind) {
            case Kind::add: result.numbers.push_back(a + b); break;
            case Kind::subtract: result.numbers.push_back(a - b); break;
            case Kind::multiply: result.numbers.push_back(a * b); break;
            default: result.numbers.push_back(a / b); break;
        }
    }
    return result;
}

Evaluated evaluate_node(const Node& node, const Scenes& scenes) {
    switch (node.kind) {
        case Kind::number: return {{node.number}};
        case Kind::path: return resolve(node.path, scenes);
        case Kind::call: return evaluate_call(node, scenes);
        case Kind::negate: {
            Evaluated result = evaluate_node(*node.children[0], scenes);
            if (result.is_text) text_in_arithmetic();
            for (double& x : result.numbers) x = -x;
            return result;
        }
        default: return evaluate_binary(node, scenes);
    }
}

}  // namespace
}  // namespace expression_detail

Expression Expression::parse(std::string_view source) {
    Expression expression;
    expression.source_ = std::string(source);
    expression.root_ = expression_detail::Parser(source).parse();
    return expression;
}

Evaluated Expression::evaluate(const Scenes& scenes) const {
    if (!root_) throw Error(ErrorKind::internal, {"空表达式。", "An empty expression."});
    try {
        return expression_detail::evaluate_node(*root_, scenes);
    } catch (const Error& error) {
        throw Error(error.kind(),
                    {"表达式“" + source_ + "”：" + error.message().zh,
                     "In the expression '" + source_ + "': " + error.message().en},
                    error.parameter().empty() ? source_ : error.parameter());
    }
}

double Expression::evaluate_number(const Scenes& scenes) const {
    const Evaluated result = evaluate(scenes);
    if (result.is_text || result.numbers.size() != 1) {
        throw Error(
            ErrorKind::wrong_type,
            {"表达式“" + source_ + "”应是一个数，得到" +
                 (result.is_text ? std::string("文本") : " " + std::to_string(result.numbers.size()) + " 个数") +
                 "；可用 min、max、mean、last、argmax、count 化成一个。",
             "The expression '" + source_ + "' must be one number and is " +
                 (result.is_text ? std::string("a text") : std::to_string(result.numbers.size()) + " numbers") +
                 "; min, max, mean, last, argmax or count make one of many."},
            source_);
    }
    return result.numbers[0];
}

}  // namespace glassformer
