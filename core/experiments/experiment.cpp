#include "experiments/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace glassformer {

const char* output_kind_name(OutputKind kind) {
    static const char* const names[] = {"scalar", "text", "tensor", "series", "table", "tokens", "graph"};
    return names[static_cast<int>(kind)];
}

Arguments complete_arguments(const Experiment& experiment, std::map<std::string, ParameterValue> given) {
    std::string known;
    for (const Parameter& parameter : experiment.parameters) known += (known.empty() ? "" : ", ") + parameter.name;
    for (const auto& [name, value] : given) {
        const bool declared =
            std::any_of(experiment.parameters.begin(), experiment.parameters.end(),
                        [&name = name](const Parameter& parameter) { return parameter.name == name; });
        if (!declared) {
            throw Error(ErrorKind::unknown_name,
                        {"实验 " + experiment.id + " 没有参数“" + name + "”；它的参数是 " + known + "。",
                         "The experiment " + experiment.id + " has no parameter '" + name + "'; it has " + known + "."},
                        name);
        }
    }
    for (const Parameter& parameter : experiment.parameters) {
        const auto [entry, added] = given.try_emplace(parameter.name, parameter.default_value);
        if (!added) validate(parameter, entry->second);
    }
    Arguments arguments(std::move(given));
    for (const Constraint& constraint : experiment.constraints) {
        if (constraint.holds(arguments)) continue;
        std::string values;
        for (const std::string& name : constraint.parameters) {
            values += (values.empty() ? "" : ", ") + name + " = " + to_string(arguments.values().at(name));
        }
        throw Error(ErrorKind::constraint,
                    {constraint.message.zh + "（" + values + "）", constraint.message.en + " (" + values + ")"},
                    constraint.parameters.empty() ? "" : constraint.parameters.front());
    }
    return arguments;
}

namespace {

bool fits(const CostEstimate& cost, const Budget& budget) {
    return cost.flops <= budget.flops && cost.bytes <= budget.bytes;
}

struct Suggestion {
    std::string name;
    ParameterValue value;
};

bool fits_with(const Experiment& experiment, const Arguments& arguments, const Budget& budget,
               const Suggestion& suggestion) {
    Arguments changed = arguments;
    changed.replace(suggestion.name, suggestion.value);
    const bool allowed = std::all_of(experiment.constraints.begin(), experiment.constraints.end(),
                                     [&](const Constraint& constraint) { return constraint.holds(changed); });
    return allowed && fits(experiment.cost(changed), budget);
}

/// The largest smaller value of one integer parameter that fits, the others unchanged. Costs grow with their
/// parameters, so the search halves the range.
bool nearest_fitting(const Experiment& experiment, const Arguments& arguments, const Budget& budget,
                     const Parameter& parameter, Suggestion& suggestion) {
    auto low = static_cast<std::int64_t>(parameter.minimum);
    std::int64_t high = arguments.integer(parameter.name);
    suggestion = {parameter.name, low};
    if (low >= high || !fits_with(experiment, arguments, budget, suggestion)) return false;
    if (parameter.spacing == Spacing::power_of_two) {
        for (std::int64_t power = high / 2; power > low; power /= 2) {
            if (fits_with(experiment, arguments, budget, {parameter.name, power})) {
                suggestion.value = power;
                break;
            }
        }
        return true;
    }
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (fits_with(experiment, arguments, budget, {parameter.name, middle}) ? low : high) = middle;
    }
    suggestion.value = low;
    return true;
}

std::string rounded(double number, const char* unit) {
    char text[48];
    std::snprintf(text, sizeof text, "%.3g %s", number, unit);
    return text;
}

[[noreturn]] void refuse(const Experiment& experiment, const Arguments& arguments, const Budget& budget,
                         const CostEstimate& cost) {
    const bool memory = cost.bytes > budget.bytes;
    const std::string needs = memory ? rounded(cost.bytes / 1e6, "MB") : rounded(cost.flops / 1e9, "GFLOP");
    const std::string limit = memory ? rounded(budget.bytes / 1e6, "MB") : rounded(budget.flops / 1e9, "GFLOP");
    Text message{"这组参数要用 " + needs + "，上限是 " + limit + "。",
                 "These settings need " + needs + "; the limit is " + limit + "."};
    std::string name;
    std::vector<const Parameter*> candidates;
    for (const Parameter& parameter : experiment.parameters) {
        if (parameter.kind == ParameterKind::integer) candidates.push_back(&parameter);
    }
    // Less work (updates, trials) leaves what is computed as it is: offered first.
    std::stable_partition(candidates.begin(), candidates.end(),
                          [](const Parameter* parameter) { return parameter->work; });
    for (const Parameter* parameter : candidates) {
        Suggestion suggestion;
        if (!nearest_fitting(experiment, arguments, budget, *parameter, suggestion)) continue;
        name = suggestion.name;
        message.zh += "把 " + name + " 减到 " + to_string(suggestion.value) + " 就可以。";
        message.en += " It fits with " + name + " = " + to_string(suggestion.value) + ".";
        break;
    }
    throw Error(ErrorKind::budget, std::move(message), name);
}

}  // namespace

Run start(const Experiment& experiment, const Arguments& arguments, Context context, const Budget& budget) {
    Arguments complete = complete_arguments(experiment, arguments.values());
    if (experiment.cost) {
        const CostEstimate cost = experiment.cost(complete);
        if (!fits(cost, budget)) refuse(experiment, complete, budget, cost);
    }
    for (const std::string& asset : experiment.assets) {
        if (!context.assets.contains(asset)) {
            throw Error(ErrorKind::unknown_name,
                        {"还没有加载文件 " + asset + "。", "The file " + asset + " has not been loaded."}, asset);
        }
    }
    return experiment.run(std::move(complete), std::move(context));
}

}  // namespace glassformer
