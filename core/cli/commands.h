#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace glassformer {

/// Runs one command line (without the program's name). Prints to the standard output, errors to the standard error.
/// 0: done, every claim held; 1: a claim failed or a lesson is wrong; 2: the command line or its input is wrong.
int run_command_line(const std::vector<std::string>& arguments, bool chinese_locale);

}  // namespace glassformer
