#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/parameter.h"
#include "experiments/run.h"

/// The little language of checks, predictions and live text. No code: a path into a frame, arithmetic, ten functions.
///
///   expression = term (("+" | "-") term)*          term = factor (("*" | "/") factor)*
///   factor     = number | "-" factor | "(" expression ")" | function "(" expression ("," expression)* ")" | path
///   path       = [run "."] output selector*         selector = "[" integer "]" | "[" name "=" label "]" | "[" name "]"
///   function   = abs | sqrt | ln | exp | min | max | mean | last | argmax | count
///
/// Selectors. Tensor: `[3]` an index of the first axis left (negative counts from the end), `[d_k=1024]` the index
/// whose tick is 1024 on axis d_k (or the index itself when the axis has no ticks); `[row=name]` the first axis left.
/// Table:
/// `[2]` a row, `[pair=e s]` the first row whose column `pair` reads so, then `[count]` a column; `[count]` alone is
/// the whole column. Series: `[k]` the y of point k. Tokens: `[0]` or `[label]` a strip; its numbers are the ids of its
/// pieces. Parameters of the run are paths too: `parameter.d_k`.
/// A path may stand for many numbers: min, max, mean, last, argmax and count make one of them; abs, sqrt, ln, exp and
/// arithmetic work elementwise (with one number against many, or equal counts).
namespace glassformer {

struct Experiment;

/// A run's frame and its arguments, by the name checks use ("a", "b"; the run on the page is "").
struct Scene {
    const Values* values = nullptr;
    const Arguments* arguments = nullptr;
    const Experiment* experiment = nullptr;  ///< of the options' labels; without it an option is called by its name
};
using Scenes = std::map<std::string, Scene>;

/// What an expression stands for: numbers (one, unless `many`), or a text where a path leads to one.
struct Evaluated {
    std::vector<double> numbers;
    bool many = false;
    bool is_text = false;
    Text text = {};
};

namespace expression_detail {
struct Node;
}

/// A parsed expression. Cheap to copy; safe to evaluate again and again.
class Expression {
  public:
    /// Error(malformed) naming the position and what is allowed there; at most 1000 bytes, nested at most 32 deep.
    static Expression parse(std::string_view source);

    /// Error(unknown_name | out_of_range | wrong_type | shape) naming what the frame has instead.
    Evaluated evaluate(const Scenes& scenes) const;
    /// The same where only one number makes sense. Error(wrong_type) for a text or for many numbers.
    double evaluate_number(const Scenes& scenes) const;

    const std::string& source() const { return source_; }

  private:
    std::string source_;
    std::shared_ptr<const expression_detail::Node> root_;
};

/// Formats a number for readers, the same on every machine. Formats: "" (at most 4 significant digits, whole numbers in
/// full), ".2f" (digits after the point), ".3g" (significant digits), ".2e", "%" or ".1%", "d" (rounded to a whole
/// number), "s". NaN and infinity by name. Error(malformed) names the formats there are.
std::string format_number(double value, std::string_view format = {});

/// `expr` or `expr | format`, as between {{ and }}.
struct LiveText {
    Expression expression;
    std::string format;

    static LiveText parse(std::string_view source);
    /// The filled-in text: many numbers joined by ", " (the first 16). `chinese` picks the language of a text.
    std::string fill(const Scenes& scenes, bool chinese) const;
};

/// Every {{...}} of a line, without the braces. Error(malformed) when one is not closed.
std::vector<std::string> live_expressions(std::string_view line);

}  // namespace glassformer
