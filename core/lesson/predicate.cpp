#include "lesson/predicate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace glassformer {
namespace {

const std::pair<const char*, Comparison> comparisons[] = {{"<", Comparison::less},    {"<=", Comparison::less_equal},
                                                          {">", Comparison::greater}, {">=", Comparison::greater_equal},
                                                          {"==", Comparison::equal},  {"in", Comparison::in}};

[[noreturn]] void malformed(const std::string& member, const std::string& zh, const std::string& en) {
    throw Error(ErrorKind::malformed, {member + "：" + zh, member + ": " + en}, member);
}

const Json& member(const Json& json, const char* name) {
    if (!json.is_object() || !json.contains(name)) malformed(name, "缺少这一项。", "is missing.");
    return json[name];
}

Expression side(const Json& json, const char* name) {
    if (json.is_number()) {
        const std::string number = json.dump();  // shortest digits that read back as the same number
        return Expression::parse(number);
    }
    if (json.is_string()) return Expression::parse(json.get<std::string>());
    malformed(name, "应是表达式或数。", "must be an expression or a number.");
}

double tolerance(const Json& json, const char* name) {
    if (!json.contains(name)) return 0.0;
    if (!json[name].is_number() || !(json[name].get<double>() >= 0.0)) {
        malformed(std::string("tolerance.") + name, "应是不小于 0 的数。", "must be a number of at least 0.");
    }
    return json[name].get<double>();
}

}  // namespace

Predicate Predicate::from_json(const Json& json) {
    Predicate predicate;
    predicate.left = side(member(json, "left"), "left");
    const Json& op = member(json, "op");
    const auto found = std::find_if(std::begin(comparisons), std::end(comparisons), [&](const auto& entry) {
        return op.is_string() && op.get<std::string>() == entry.first;
    });
    if (found == std::end(comparisons)) {
        malformed("op", "应是 <、<=、>、>=、==、in 之一。", "must be one of <, <=, >, >=, ==, in.");
    }
    predicate.comparison = found->second;
    const Json& right = member(json, "right");
    if (predicate.comparison == Comparison::in) {
        if (!right.is_array() || right.size() != 2) {
            malformed("right", "op 为 in 时应是 [下界, 上界]。", "must be [low, high] when op is in.");
        }
        predicate.right = {side(right[0], "right"), side(right[1], "right")};
    } else {
        predicate.right = {side(right, "right")};
    }
    if (json.contains("tolerance")) {
        if (!json["tolerance"].is_object()) malformed("tolerance", "应是 {abs, rel}。", "must be {abs, rel}.");
        predicate.absolute = tolerance(json["tolerance"], "abs");
        predicate.relative = tolerance(json["tolerance"], "rel");
    }
    if (json.contains("over")) {
        const Json& over = json["over"];
        if (over != "last" && over != "frames") malformed("over", "应是 last 或 frames。", "must be last or frames.");
        predicate.over_frames = over == "frames";
    }
    return predicate;
}

Sides Predicate::compare(double left_number, double low, double high) const {
    Sides sides{left_number, low, low, high, false, 0.0};
    const auto slack = [this](double bound) { return absolute + relative * std::fabs(bound); };
    if (!std::isfinite(left_number) || !std::isfinite(low) || !std::isfinite(high)) {
        sides.margin = -std::numeric_limits<double>::infinity();
        return sides;
    }
    switch (comparison) {
        case Comparison::less:
        case Comparison::less_equal: sides.margin = low - left_number + slack(low); break;
        case Comparison::greater:
        case Comparison::greater_equal: sides.margin = left_number - low + slack(low); break;
        case Comparison::equal: sides.margin = slack(low) - std::fabs(left_number - low); break;
        case Comparison::in: {
            const double below = left_number - low + slack(low);
            const double above = high - left_number + slack(high);
            sides.margin = std::min(below, above);
            sides.right = below <= above ? low : high;
            break;
        }
    }
    const bool strict = comparison == Comparison::less || comparison == Comparison::greater;
    sides.holds = strict ? sides.margin > 0.0 : sides.margin >= 0.0;
    return sides;
}

Sides Predicate::evaluate(const Scenes& scenes) const {
    const Evaluated a = left.evaluate(scenes);
    const Evaluated low = right[0].evaluate(scenes);
    const Evaluated high = right.size() > 1 ? right[1].evaluate(scenes) : low;
    std::size_t count = 0;
    for (const Evaluated* side : {&a, &low, &high}) {
        if (side->is_text) {
            throw Error(ErrorKind::wrong_type,
                        {"比较的两边应是数，不是文本。", "Both sides of a comparison must be numbers, not texts."},
                        left.source());
        }
        if (!side->many) continue;
        if (side->numbers.empty()) {
            // Nothing to compare proves nothing.
            throw Error(ErrorKind::out_of_range,
                        {"比较的一边是空的一列数。", "One side of the comparison is an empty list."}, left.source());
        }
        if (count != 0 && side->numbers.size() != count) {
            throw Error(ErrorKind::shape,
                        {"比较的两边数不一样多。", "The two sides of the comparison have different counts of numbers."},
                        left.source());
        }
        count = side->numbers.size();
    }
    const auto at = [](const Evaluated& side, std::size_t i) { return side.numbers[side.many ? i : 0]; };
    Sides worst;
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
        const Sides sides = compare(at(a, i), at(low, i), at(high, i));
        if (i == 0 || sides.margin < worst.margin) worst = sides;
    }
    return worst;
}

std::string Predicate::shown(const Sides& sides) const {
    std::string l = format_number(sides.left);
    std::string r = format_number(sides.right);
    std::string low = format_number(sides.low);
    std::string high = format_number(sides.high);
    if (sides.left != sides.right && l == r) {  // four digits hide what decides
        l = format_number(sides.left, ".9g");
        r = format_number(sides.right, ".9g");
    }
    const double slack = absolute + relative * std::fabs(sides.right);
    const std::string within = slack > 0.0 ? " (±" + format_number(slack, ".2g") + ")" : "";
    switch (comparison) {
        case Comparison::less: return l + " < " + r + within;
        case Comparison::less_equal: return l + " ≤ " + r + within;
        case Comparison::greater: return l + " > " + r + within;
        case Comparison::greater_equal: return l + " ≥ " + r + within;
        case Comparison::equal: return l + (slack > 0.0 ? " ≈ " : " = ") + r + within;
        case Comparison::in: return low + " ≤ " + l + " ≤ " + high + within;
    }
    return l;
}

}  // namespace glassformer
