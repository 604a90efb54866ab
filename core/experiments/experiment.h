#pragma once

#include <functional>
#include <string>
#include <vector>

#include "experiments/parameter.h"
#include "experiments/run.h"
#include "experiments/value.h"

namespace glassformer {

enum class OutputKind { scalar, text, tensor, series, table, tokens, graph };
const char* output_kind_name(OutputKind kind);

/// What a frame of this experiment holds under a name.
struct Output {
    std::string name;
    OutputKind kind = OutputKind::scalar;
    Text doc;
    std::vector<std::string> axes = {};  ///< tensor: the axes' names; table: the columns' names
    Role role = Role::none;
    bool soft = false;               ///< a timing: shown, never gated, and different in every run
    bool may_be_non_finite = false;  ///< NaN or infinity is part of the lesson (masked scores)
};

/// A relation between parameters, e.g. d_model % n_heads == 0.
struct Constraint {
    std::vector<std::string> parameters;
    Text message;  ///< what must hold, and what to change
    std::function<bool(const Arguments&)> holds;
};

/// How much a run will take, before it starts: an upper estimate.
struct CostEstimate {
    double flops = 0.0;
    double bytes = 0.0;  ///< peak memory
};

/// An experiment is data plus one function. Nothing about it is listed anywhere else but its line in registry.cpp.
struct Experiment {
    std::string id;  ///< "attention.scaling": file experiments/attention/scaling.cpp
    Text summary;
    std::vector<Parameter> parameters;
    std::vector<Constraint> constraints = {};
    std::vector<Output> outputs;
    std::vector<std::string> assets = {};
    std::function<CostEstimate(const Arguments&)> cost = {};
    Run (*run)(Arguments, Context) = nullptr;
};

/// All experiments, in the order of registry.cpp.
const std::vector<const Experiment*>& experiments();
/// Error(unknown_name) that names close matches.
const Experiment& find_experiment(const std::string& id);

/// Limits that keep a phone responsive: what goes beyond is refused before it starts.
struct Budget {
    double flops = 4e11;  ///< about 20 s at 20 GFLOP/s
    double bytes = 256e6;
};

/// Fills in defaults, validates every value and every constraint. Throws Error.
Arguments complete_arguments(const Experiment& experiment, std::map<std::string, ParameterValue> given);
/// complete_arguments, then the budget (Error(budget) names the nearest value that fits), then the coroutine.
Run start(const Experiment& experiment, const Arguments& arguments, Context context, const Budget& budget = {});

/// Checks a frame's values against the declaration and every derivation against the cells it claims to explain
/// (recomputed within 1e-5 of the larger of 1 and the cell, and 1e-7 of the sizes a product sums). Throws
/// Error(internal) naming the output. For tests.
void verify_frame(const Experiment& experiment, const Values& values);

}  // namespace glassformer
