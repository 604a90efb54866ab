#pragma once

#include "cli/options.h"

namespace glassformer {

/// `glassformer bench [NAME...] [--json]`: how fast this machine runs the kernels that carry the lessons, on one
/// thread. Every case is warmed up, then timed a dozen times; the best is reported, in GFLOP/s for products and in
/// millions of elements a second for the rest. Names choose cases by their beginning. Error(unknown_name) when none
/// begins so.
int bench(const Options& options);

}  // namespace glassformer
