#pragma once

#include <map>
#include <string>
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
/// Selectors. Tensor: `[3]` an index of the first axis left (negative counts from the end), `[d_k=1024]` the index whose
/// tick is 1024 on axis d_k (or the index itself when the axis has no ticks); `[row=name]` the first axis left. Table:
/// `[2]` a row, `[pair=e s]` the first row whose column `pair` reads so, then `[count]` a column; `[count]` alone is the
/// whole column. Series: `[k]` the y of point k. Parameters of the run are paths too: `parameter.d_k`.
/// A path may stand for many numbers: min, max, mean, last, argmax and count make one of them; abs, sqrt, ln, exp and
/// arithmetic work elementwise (with one number against many, or equal counts).
namespace glassformer {

/// A run's frame and its arguments, by the name checks use ("a", "b"; the run on the page is "").
struct Scene {
    const Values* values = nullptr;
    const Arguments* arguments = nullptr;
};

}  // namespace glassformer
