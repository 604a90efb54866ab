#pragma once

#include <functional>
#include <string>

#include "experiments/run.h"
#include "lesson/schema.h"

namespace glassformer {

/// Runs one test of something a lesson says; what it throws becomes a problem at `path`.
using Attempt = std::function<void(const std::string& path, const std::function<void()>& test)>;

/// Tries all that a view says about the values it draws on the values of a real frame: that each output is there and of
/// a kind this view can draw, that every axis, tick, column, strip and box it names exists, that the axes left after
/// selecting and choosing are as many as it draws, and that outputs drawn together have the sizes that go together.
/// Views inside a stepper too.
void check_view_values(const Json& view, const Values& values, const std::string& path, const Attempt& attempt);

}  // namespace glassformer
