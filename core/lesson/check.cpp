#include "lesson/check.h"

#include <algorithm>

namespace glassformer {
namespace {

[[noreturn]] void malformed(const std::string& member, const std::string& zh, const std::string& en) {
    throw Error(ErrorKind::malformed, {member + "：" + zh, member + ": " + en}, member);
}

double as_number(const ParameterValue& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
    return std::get<double>(value);
}

bool is_numeric(const Parameter& parameter) {
    return parameter.kind == ParameterKind::integer || parameter.kind == ParameterKind::number;
}

std::map<std::string, std::vector<ParameterValue>> lists(const Json& json, const char* member,
                                                         const Experiment& experiment) {
    std::map<std::string, std::vector<ParameterValue>> result;
    if (!json.contains(member)) return result;
    if (!json[member].is_object()) malformed(member, "应是 {参数: [值, …]}。", "must be {parameter: [value, ...]}.");
    for (const auto& [name, values] : json[member].items()) {
        const Parameter& parameter = find_parameter(experiment, name);
        if (!values.is_array() || values.empty())
            malformed(member, name + " 应是非空的一列值。", name + " must be a list of values.");
        for (const Json& value : values) {
            result[name].push_back(parameter_from_json(parameter, value));
            validate(parameter, result[name].back());
        }
    }
    return result;
}

}  // namespace

Check Check::from_json(const Json& json, const Experiment& experiment) {
    Check check;
    check.predicate = Predicate::from_json(json);
    const std::string kind = json.contains("kind") && json["kind"].is_string() ? json["kind"].get<std::string>() : "";
    if (kind == "theorem")
        check.kind = ClaimKind::theorem;
    else if (kind == "empirical")
        check.kind = ClaimKind::empirical;
    else if (kind == "soft")
        check.kind = ClaimKind::soft;
    else
        malformed("kind", "应是 theorem、empirical 或 soft。", "must be theorem, empirical or soft.");
    check.domain = lists(json, "domain", experiment);
    for (const auto& [name, values] : check.domain) {
        if (is_numeric(find_parameter(experiment, name)) &&
            (values.size() != 2 || as_number(values[0]) > as_number(values[1]))) {
            malformed("domain", name + " 应是 [下界, 上界]。", name + " must be [low, high].");
        }
    }
    check.sweep = lists(json, "sweep", experiment);
    std::size_t combinations = 1;
    for (const auto& entry : check.sweep) combinations *= std::min<std::size_t>(entry.second.size(), 1000);
    if (combinations > 1000) malformed("sweep", "组合超过 1000 个。", "has more than 1000 combinations.");
    if (json.contains("runs")) {
        if (!json["runs"].is_object() || json["runs"].empty())
            malformed("runs", "应是 {名字: 预设}。", "must be {name: preset}.");
        for (const auto& [name, preset] : json["runs"].items()) {
            check.runs[name] = parameters_from_json(experiment, preset);
            for (const auto& [parameter, value] : check.runs[name])
                validate(find_parameter(experiment, parameter), value);
        }
        if (check.runs.size() > 8) malformed("runs", "最多 8 个运行。", "at most 8 runs are allowed.");
    }
    if (json.contains("seeds")) {
        const Json& seeds = json["seeds"];
        if (!seeds.is_array() || seeds.empty() || seeds.size() > 1000) {
            malformed("seeds", "应是一列种子（1 到 1000 个）。", "must be a list of 1 to 1000 seeds.");
        }
        for (const Json& seed : seeds) check.seeds.push_back(seed_from_json(seed));
    }
    if (json.contains("require")) {
        const Json& require = json["require"];
        if (require != "all" && require != "median")
            malformed("require", "应是 all 或 median。", "must be all or median.");
        check.median = require == "median";
    }
    return check;
}

bool Check::in_domain(const Experiment& experiment, const ParameterMap& arguments) const {
    for (const auto& [name, allowed] : domain) {
        const auto found = arguments.find(name);
        if (found == arguments.end()) continue;
        if (is_numeric(find_parameter(experiment, name))) {
            const double value = as_number(found->second);
            if (value < as_number(allowed[0]) || value > as_number(allowed[1])) return false;
        } else if (std::find(allowed.begin(), allowed.end(), found->second) == allowed.end()) {
            return false;
        }
    }
    return true;
}

const char* status_name(CheckOutcome::Status status) {
    switch (status) {
        case CheckOutcome::Status::pass: return "pass";
        case CheckOutcome::Status::fail: return "fail";
        case CheckOutcome::Status::not_claimed: return "not_claimed";
        case CheckOutcome::Status::needs_runs: return "needs_runs";
        case CheckOutcome::Status::waiting: return "waiting";
        case CheckOutcome::Status::error: return "error";
    }
    return "error";
}

Json outcome_json(const CheckOutcome& outcome) {
    Json json{{"status", status_name(outcome.status)}};
    if (outcome.sides) {
        json["left"] = number_json(outcome.sides->left);
        json["right"] = number_json(outcome.sides->right);
        json["shown"] = outcome.shown;
    }
    if (outcome.runs > 0) json["runs"] = outcome.runs;
    if (!outcome.worst.empty()) json["worst"] = outcome.worst;
    if (outcome.error) json["error"] = error_json(*outcome.error);
    return json;
}

CheckOutcome check_on_run(const Check& check, const Experiment& experiment, const Arguments& arguments,
                          std::uint64_t seed, const Values& values, bool last, const Setting* preset) {
    CheckOutcome outcome;
    if (check.needs_runs()) {
        outcome.status = CheckOutcome::Status::needs_runs;
        return outcome;
    }
    bool claimed = check.in_domain(experiment, arguments.values());
    if (check.kind != ClaimKind::theorem && preset != nullptr) {
        const Arguments own = complete_arguments(experiment, preset->parameters);
        for (const auto& [name, value] : arguments.values()) {
            const bool free = check.domain.count(name) > 0;
            claimed = claimed && (free || own.values().at(name) == value);
        }
        const auto& seeds = check.seeds;
        claimed = claimed &&
                  (seeds.empty() ? seed == preset->seed : std::find(seeds.begin(), seeds.end(), seed) != seeds.end());
    }
    if (!claimed) {
        outcome.status = CheckOutcome::Status::not_claimed;
        return outcome;
    }
    if (!check.predicate.over_frames && !last) return outcome;  // waiting
    try {
        outcome.sides = check.predicate.evaluate({{"", {&values, &arguments}}});
        outcome.shown = check.predicate.shown(*outcome.sides);
        const bool soft = check.kind == ClaimKind::soft;
        outcome.status = outcome.sides->holds ? CheckOutcome::Status::pass
                         : soft               ? CheckOutcome::Status::not_claimed
                                              : CheckOutcome::Status::fail;
    } catch (const Error& error) {
        outcome.status = CheckOutcome::Status::error;
        outcome.error = error;
    }
    return outcome;
}

}  // namespace glassformer
