#pragma once

#include <cstdint>
#include <vector>

#include "lesson/check.h"

namespace glassformer {

/// One setting at which a claim is tested.
struct CheckCase {
    ParameterMap sample;  ///< laid over the part's parameters, under a preset
    ParameterMap sweep;   ///< laid over a preset
    std::uint64_t seed = 1;
    std::size_t group = 0;  ///< cases that differ in the seed only share it
    bool sampled = false;   ///< from the domain: a typed refusal is no counterexample
};

/// The settings at which a check is tested, in a fixed order that depends on nothing but the arguments.
std::vector<CheckCase> check_cases(const Setting& setting, const Check& check, const CheckOptions& options);

}  // namespace glassformer
