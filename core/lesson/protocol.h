#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "experiments/experiment.h"

/// The JSON that crosses the wall between the engine and whoever asks (web/src/engine/protocol.ts is its other side).
namespace glassformer {

/// Of the catalog and of the binding.
const char* engine_version();

/// {"version": ..., "experiments": [...]}
Json catalog_json();
Json experiment_json(const Experiment& experiment);

/// What stands in a request or a lesson for a parameter. Integers may come as 3 or 3.0, numbers as either.
/// Error(wrong_type) naming the parameter, its kind and what was given. Ranges are checked by complete_arguments.
ParameterValue parameter_from_json(const Parameter& parameter, const Json& json);
Json parameter_json(const ParameterValue& value);
/// The parameter of that name; Error(unknown_name) names those there are.
const Parameter& find_parameter(const Experiment& experiment, const std::string& name);
/// {name: value} -> checked kinds; defaults are not filled in. Error(unknown_name | wrong_type).
std::map<std::string, ParameterValue> parameters_from_json(const Experiment& experiment, const Json& json);

/// Text to JSON. Error(malformed) with the byte position; at most 4 MB, nested at most 64 deep.
Json parse_json(std::string_view text, const std::string& what);
/// Never throws: what is not UTF-8 (a message quoting a broken request) is replaced.
std::string dump_json(const Json& json, int indent = -1);

struct RunRequest {
    const Experiment* experiment = nullptr;
    Arguments arguments;
    std::uint64_t seed = 1;
};
/// {"experiment": id, "parameters": {...}, "seed": n}, completed and validated. Error says which member is wrong.
RunRequest run_request_from_json(const Json& json);
/// A whole number 0 ... 2^53 - 1 (what JSON carries exactly everywhere).
std::uint64_t seed_from_json(const Json& json);

/// The header of a frame; `buffer` gets the tensors' elements, each at an offset aligned to 8 bytes. `series_read`
/// holds how many points of each series were sent before and is brought up to date.
Json frame_json(const Run& run, const Values& values, std::map<std::string, std::size_t>& series_read,
                std::vector<std::uint8_t>& buffer);
/// The same with every tensor's elements written out (`data`), for the command line.
Json frame_json_with_data(const Run& run, const Values& values);

Json position_json(const Run& run);
/// {"error": {...}} of whatever was thrown: bad_alloc is a budget error, anything unforeseen is internal.
/// Call inside a catch block.
Json current_error_json();
/// The same as an Error.
Error current_error();

}  // namespace glassformer
