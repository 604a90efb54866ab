#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "lesson/expression.h"

namespace glassformer {

enum class Comparison { less, less_equal, greater, greater_equal, equal, in };

/// What came of a comparison. Of many numbers the worst pair counts.
struct Sides {
    double left = 0.0;
    double right = 0.0;  ///< for `in`: the nearer of the two bounds
    double low = 0.0;    ///< for `in`: both bounds
    double high = 0.0;
    bool holds = false;
    double margin = 0.0;  ///< how far from failing, negative when it fails; -inf when a side is not finite
};

/// `left op right` within a tolerance: a side may miss by `abs + rel * |right|`. A side that is NaN or infinite fails,
/// whatever the comparison says.
struct Predicate {
    Expression left;
    Comparison comparison = Comparison::less;
    std::vector<Expression> right;  ///< two for `in`, else one
    double absolute = 0.0;
    double relative = 0.0;
    bool over_frames = false;

    /// From {"left", "op", "right", "tolerance", "over"}. Error(malformed | wrong_type) names the member.
    static Predicate from_json(const Json& json);
    Sides evaluate(const Scenes& scenes) const;
    /// Compares two numbers that were computed elsewhere (medians).
    Sides compare(double left_number, double low, double high) const;
    /// "0.9934 ≤ 1.15", "0.2 ≤ 0.31 ≤ 0.4", "1.0002 ≈ 1 (±0.01)".
    std::string shown(const Sides& sides) const;
};

}  // namespace glassformer
