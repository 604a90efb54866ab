#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace glassformer {

/// What stands on the command line, read once.
struct Options {
    std::string command;
    std::vector<std::string> names;                               ///< experiment, lessons or model
    std::vector<std::pair<std::string, std::string>> parameters;  ///< --param k=v
    std::string lessons = "lessons";                              ///< --lessons DIR
    std::uint64_t seed = 1;
    bool seed_given = false;
    bool json = false;
    bool full = false;
    bool clock = false;  ///< --clock: timings are measured; without it they are NaN and a run repeats byte for byte
    bool chinese = false;
    bool help = false;
    std::int64_t clamp_work = 0;
    bool list = false;                           ///< train --list
    std::string output = "lessons/checkpoints";  ///< train --output DIR
    std::string resume;                          ///< train --resume FILE
    std::optional<std::int64_t> updates, batch;
    std::optional<double> rate;
};

/// Error(unknown_name | malformed) for an option there is not, one that lacks its value, or one the command does not
/// take.
Options parse_options(const std::vector<std::string>& arguments, bool chinese_locale);

std::string usage(bool chinese);

}  // namespace glassformer
