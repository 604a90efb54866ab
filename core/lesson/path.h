#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lesson/expression.h"

namespace glassformer::expression_detail {

/// `[3]` (index and label "3"), `[name=label]`, or `[label]`.
struct Selector {
    std::optional<int> index;
    std::string name;
    std::string label;
};

/// a.scores[0][key=3]: names {"a", "scores"} and two selectors.
struct Path {
    std::vector<std::string> names;
    std::vector<Selector> selectors;
};

/// The numbers (or the text) a path leads to. Throws Error naming what there is instead.
Evaluated resolve(const Path& path, const Scenes& scenes);

}  // namespace glassformer::expression_detail
