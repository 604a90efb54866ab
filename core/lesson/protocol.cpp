#include "lesson/protocol.h"

#include <cmath>
#include <new>

namespace glassformer {
namespace {

constexpr std::size_t largest_request = 4u << 20;
constexpr int deepest_json = 64;

/// A short look at what was given, for messages.
std::string shown(const Json& json) {
    std::string text = dump_json(json);
    if (text.size() > 80) {
        std::size_t end = 77;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
        text = text.substr(0, end) + "…";
    }
    return text;
}

[[noreturn]] void wrong_type(const Parameter& parameter, const Json& given, const std::string& zh,
                             const std::string& en) {
    throw Error(ErrorKind::wrong_type,
                {"参数 " + parameter.name + " 应是" + zh + "，给的是 " + shown(given) + "。",
                 "The parameter " + parameter.name + " must be " + en + "; " + shown(given) + " was given."},
                parameter.name);
}

std::int64_t whole(const Parameter& parameter, const Json& json, const char* zh, const char* en) {
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > 9007199254740991ULL)
        wrong_type(parameter, json, zh, en);
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (json.is_number()) {
        const double value = json.get<double>();
        if (value == std::floor(value) && std::fabs(value) <= 9007199254740991.0)
            return static_cast<std::int64_t>(value);
    }
    wrong_type(parameter, json, zh, en);
}

std::vector<std::string> texts(const Parameter& parameter, const Json& json) {
    std::vector<std::string> result;
    bool fits = json.is_array();
    for (std::size_t i = 0; fits && i < json.size(); ++i) {
        fits = json[i].is_string();
        if (fits) result.push_back(json[i].get<std::string>());
    }
    if (!fits) wrong_type(parameter, json, "一列文本", "a list of texts");
    return result;
}

Grid grid(const Parameter& parameter, const Json& json) {
    const char* zh = "网格 {rows, columns, cells}，cells 恰有 rows × columns 个数";
    const char* en = "a grid {rows, columns, cells} with rows x columns numbers in cells";
    if (!json.is_object() || !json.contains("rows") || !json.contains("columns") || !json.contains("cells") ||
        !json["cells"].is_array()) {
        wrong_type(parameter, json, zh, en);
    }
    Grid result;
    result.rows = whole(parameter, json["rows"], zh, en);
    result.columns = whole(parameter, json["columns"], zh, en);
    for (const Json& cell : json["cells"]) {
        if (!cell.is_number()) wrong_type(parameter, json, zh, en);
        result.cells.push_back(static_cast<float>(cell.get<double>()));
    }
    const auto count = static_cast<std::int64_t>(result.cells.size());
    const bool fits = result.rows >= 0 && result.columns >= 0 && result.rows <= 4096 && result.columns <= 4096 &&
                      result.rows * result.columns == count;
    if (!fits) wrong_type(parameter, json, zh, en);
    return result;
}

bool has_range(ParameterKind kind) {
    return kind == ParameterKind::integer || kind == ParameterKind::number || kind == ParameterKind::integer_list ||
           kind == ParameterKind::text || kind == ParameterKind::text_list || kind == ParameterKind::grid ||
           kind == ParameterKind::image;
}

Json parameter_entry(const Parameter& parameter) {
    Json json{{"name", parameter.name},
              {"kind", parameter_kind_name(parameter.kind)},
              {"label", text_json(parameter.label)},
              {"doc", text_json(parameter.doc)},
              {"default", parameter_json(parameter.default_value)}};
    if (has_range(parameter.kind)) {
        json["minimum"] = parameter.minimum;
        json["maximum"] = parameter.maximum;
    }
    if (parameter.kind == ParameterKind::integer || parameter.kind == ParameterKind::number) {
        json["spacing"] = spacing_name(parameter.spacing);
    }
    if (!parameter.options.empty()) {
        json["options"] = Json::array();
        for (const Option& option : parameter.options) {
            json["options"].push_back({{"name", option.name}, {"label", text_json(option.label)}});
        }
    }
    if (!parameter.unit.empty()) json["unit"] = parameter.unit;
    if (parameter.work) json["work"] = true;
    return json;
}

}  // namespace

const char* engine_version() { return "0.1.0"; }

std::string dump_json(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json parse_json(std::string_view text, const std::string& what) {
    if (text.size() > largest_request) {
        throw Error(ErrorKind::malformed,
                    {what + "：长 " + std::to_string(text.size()) + " 字节，最多 4194304。",
                     what + ": " + std::to_string(text.size()) + " bytes; at most 4194304 are allowed."},
                    what);
    }
    // Depth first: the library's own parser and destructor recurse per level.
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest_json) {
                throw Error(ErrorKind::malformed, {what + "：嵌套超过 64 层。", what + ": nested more than 64 deep."},
                            what);
            }
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        const std::string at = std::to_string(error.byte);
        // Line and column are what an editor shows.
        std::size_t line = 1;
        std::size_t column = 1;
        for (std::size_t i = 0; i + 1 < error.byte && i < text.size(); ++i) {
            if (text[i] == '\n')
                ++line, column = 1;
            else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
                ++column;
        }
        const std::string l = std::to_string(line);
        const std::string c = std::to_string(column);
        throw Error(ErrorKind::malformed,
                    {what + "：第 " + l + " 行第 " + c + " 列（第 " + at + " 字节）不是合法的 JSON。",
                     what + ": not valid JSON at line " + l + ", column " + c + " (byte " + at + ")."},
                    what);
    } catch (const Json::exception&) {
        throw Error(ErrorKind::malformed,
                    {what + "：JSON 里有超出范围的数。", what + ": a number in the JSON is out of range."}, what);
    }
}

ParameterValue parameter_from_json(const Parameter& parameter, const Json& json) {
    switch (parameter.kind) {
        case ParameterKind::integer: return whole(parameter, json, "整数", "a whole number");
        case ParameterKind::number:
            if (!json.is_number()) wrong_type(parameter, json, "数", "a number");
            return json.get<double>();
        case ParameterKind::boolean:
            if (!json.is_boolean()) wrong_type(parameter, json, " true 或 false", "true or false");
            return json.get<bool>();
        case ParameterKind::enumeration:
        case ParameterKind::text:
        case ParameterKind::checkpoint:
            if (!json.is_string()) wrong_type(parameter, json, "文本", "a text");
            return json.get<std::string>();
        case ParameterKind::set:
        case ParameterKind::text_list: return texts(parameter, json);
        case ParameterKind::integer_list: {
            if (!json.is_array()) wrong_type(parameter, json, "一列整数", "a list of whole numbers");
            std::vector<std::int64_t> result;
            for (const Json& entry : json)
                result.push_back(whole(parameter, entry, "一列整数", "a list of whole numbers"));
            return result;
        }
        case ParameterKind::grid:
        case ParameterKind::image: return grid(parameter, json);
    }
    throw Error(ErrorKind::internal, {"未知的参数种类。", "An unknown kind of parameter."}, parameter.name);
}

Json parameter_json(const ParameterValue& value) {
    if (const auto* g = std::get_if<Grid>(&value)) {
        Json cells = Json::array();
        for (const float cell : g->cells) cells.push_back(number_json(cell));
        return {{"rows", g->rows}, {"columns", g->columns}, {"cells", cells}};
    }
    return std::visit(
        [](const auto& v) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, Grid>)
                return nullptr;
            else
                return Json(v);
        },
        value);
}

const Parameter& find_parameter(const Experiment& experiment, const std::string& name) {
    std::string names;
    for (const Parameter& parameter : experiment.parameters) {
        if (parameter.name == name) return parameter;
        names += (names.empty() ? "" : ", ") + parameter.name;
    }
    throw Error(ErrorKind::unknown_name,
                {"实验 " + experiment.id + " 没有参数“" + name + "”；有 " + names + "（种子另设：seed）。",
                 "The experiment " + experiment.id + " has no parameter '" + name + "'; it has " + names +
                     " (the seed is set apart: seed)."},
                name);
}

std::map<std::string, ParameterValue> parameters_from_json(const Experiment& experiment, const Json& json) {
    if (!json.is_object()) {
        throw Error(ErrorKind::wrong_type,
                    {"parameters 应是对象 {名字: 值}，给的是 " + shown(json) + "。",
                     "parameters must be an object {name: value}; " + shown(json) + " was given."},
                    "parameters");
    }
    std::map<std::string, ParameterValue> result;
    for (const auto& [name, value] : json.items()) {
        const Parameter& parameter = find_parameter(experiment, name);
        result[name] = parameter_from_json(parameter, value);
    }
    return result;
}

std::uint64_t seed_from_json(const Json& json) {
    const bool integer = json.is_number_integer() && (json.is_number_unsigned() || json.get<std::int64_t>() >= 0);
    double value = -1.0;
    if (json.is_number()) value = json.get<double>();
    if (!(integer || (value == std::floor(value) && value >= 0.0)) || !(value <= 9007199254740991.0)) {
        throw Error(ErrorKind::wrong_type,
                    {"seed 应是 0 到 9007199254740991 的整数，给的是 " + shown(json) + "。",
                     "seed must be a whole number from 0 to 9007199254740991; " + shown(json) + " was given."},
                    "seed");
    }
    return static_cast<std::uint64_t>(value);
}

RunRequest run_request_from_json(const Json& json) {
    if (!json.is_object() || !json.contains("experiment") || !json["experiment"].is_string()) {
        throw Error(
            ErrorKind::malformed,
            {"请求应是 {\"experiment\": 名字, \"parameters\": {…}, \"seed\": 数}，给的是 " + shown(json) + "。",
             "A request is {\"experiment\": id, \"parameters\": {...}, \"seed\": n}; " + shown(json) + " was given."},
            "experiment");
    }
    RunRequest request;
    request.experiment = &find_experiment(json["experiment"].get<std::string>());
    std::map<std::string, ParameterValue> given;
    if (json.contains("parameters")) given = parameters_from_json(*request.experiment, json["parameters"]);
    request.arguments = complete_arguments(*request.experiment, std::move(given));
    if (json.contains("seed")) request.seed = seed_from_json(json["seed"]);
    return request;
}

Json experiment_json(const Experiment& experiment) {
    Json json{{"id", experiment.id},         {"summary", text_json(experiment.summary)},
              {"parameters", Json::array()}, {"constraints", Json::array()},
              {"outputs", Json::array()},    {"assets", experiment.assets}};
    for (const Parameter& parameter : experiment.parameters) json["parameters"].push_back(parameter_entry(parameter));
    for (const Constraint& constraint : experiment.constraints) {
        json["constraints"].push_back(
            {{"parameters", constraint.parameters}, {"message", text_json(constraint.message)}});
    }
    for (const Output& output : experiment.outputs) {
        Json entry{{"name", output.name}, {"kind", output_kind_name(output.kind)}, {"doc", text_json(output.doc)}};
        if (!output.axes.empty()) entry["axes"] = output.axes;
        if (output.role != Role::none) entry["role"] = role_name(output.role);
        if (output.soft) entry["soft"] = true;
        if (output.may_be_non_finite) entry["may_be_non_finite"] = true;
        json["outputs"].push_back(std::move(entry));
    }
    return json;
}

Json catalog_json() {
    Json json{{"version", engine_version()}, {"experiments", Json::array()}};
    for (const Experiment* experiment : experiments()) json["experiments"].push_back(experiment_json(*experiment));
    return json;
}

Error current_error() {
    try {
        throw;
    } catch (const Error& error) {
        return error;
    } catch (const std::bad_alloc&) {
        return Error(ErrorKind::budget, {"内存不够：把规模调小一些。", "Out of memory: choose a smaller size."});
    } catch (const std::length_error&) {
        return Error(ErrorKind::budget, {"内存不够：把规模调小一些。", "Out of memory: choose a smaller size."});
    } catch (const std::exception& error) {
        return Error(ErrorKind::internal,
                     {std::string("内部错误：") + error.what(), std::string("Internal error: ") + error.what()});
    } catch (...) {
        return Error(ErrorKind::internal, {"内部错误。", "Internal error."});
    }
}

Json current_error_json() { return Json{{"error", error_json(current_error())}}; }

}  // namespace glassformer
