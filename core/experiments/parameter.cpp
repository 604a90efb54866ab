#include "experiments/parameter.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace glassformer {

Parameter integer_parameter(std::string name, Text label, Text doc, std::int64_t default_value, std::int64_t minimum,
                            std::int64_t maximum, Spacing spacing) {
    Parameter parameter{std::move(name), ParameterKind::integer, std::move(label), std::move(doc), default_value};
    parameter.minimum = static_cast<double>(minimum);
    parameter.maximum = static_cast<double>(maximum);
    parameter.spacing = spacing;
    return parameter;
}

Parameter number_parameter(std::string name, Text label, Text doc, double default_value, double minimum, double maximum,
                           Spacing spacing) {
    Parameter parameter{std::move(name), ParameterKind::number, std::move(label), std::move(doc), default_value};
    parameter.minimum = minimum;
    parameter.maximum = maximum;
    parameter.spacing = spacing;
    return parameter;
}

Parameter enum_parameter(std::string name, Text label, Text doc, std::string default_value,
                         std::vector<Option> options) {
    Parameter parameter{std::move(name), ParameterKind::enumeration, std::move(label), std::move(doc),
                        std::move(default_value)};
    parameter.options = std::move(options);
    return parameter;
}

Parameter set_parameter(std::string name, Text label, Text doc, std::vector<std::string> default_value,
                        std::vector<Option> options) {
    Parameter parameter{std::move(name), ParameterKind::set, std::move(label), std::move(doc),
                        std::move(default_value)};
    parameter.options = std::move(options);
    return parameter;
}

Parameter bool_parameter(std::string name, Text label, Text doc, bool default_value) {
    return {std::move(name), ParameterKind::boolean, std::move(label), std::move(doc), default_value};
}

Parameter text_parameter(std::string name, Text label, Text doc, std::string default_value,
                         std::int64_t maximum_characters) {
    Parameter parameter{std::move(name), ParameterKind::text, std::move(label), std::move(doc),
                        std::move(default_value)};
    parameter.maximum = static_cast<double>(maximum_characters);
    return parameter;
}

Parameter grid_parameter(std::string name, Text label, Text doc, Grid default_value, double minimum, double maximum) {
    Parameter parameter{std::move(name), ParameterKind::grid, std::move(label), std::move(doc),
                        std::move(default_value)};
    parameter.minimum = minimum;
    parameter.maximum = maximum;
    return parameter;
}

Parameter image_parameter(std::string name, Text label, Text doc, Grid default_value) {
    Parameter parameter =
        grid_parameter(std::move(name), std::move(label), std::move(doc), std::move(default_value), 0.0, 1.0);
    parameter.kind = ParameterKind::image;
    return parameter;
}

Parameter work(Parameter parameter) {
    parameter.work = true;
    return parameter;
}

const char* parameter_kind_name(ParameterKind kind) {
    switch (kind) {
        case ParameterKind::integer: return "integer";
        case ParameterKind::number: return "number";
        case ParameterKind::enumeration: return "enumeration";
        case ParameterKind::set: return "set";
        case ParameterKind::boolean: return "boolean";
        case ParameterKind::text: return "text";
        case ParameterKind::text_list: return "text_list";
        case ParameterKind::integer_list: return "integer_list";
        case ParameterKind::grid: return "grid";
        case ParameterKind::image: return "image";
        case ParameterKind::checkpoint: return "checkpoint";
    }
    return "text";
}

const char* spacing_name(Spacing spacing) {
    switch (spacing) {
        case Spacing::linear: return "linear";
        case Spacing::logarithmic: return "logarithmic";
        case Spacing::power_of_two: return "power_of_two";
    }
    return "linear";
}

namespace {

std::string number_text(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", number);
    return text;
}

template <typename Items, typename Function>
std::string joined(const Items& items, Function function) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + function(item);
    return text;
}

std::string option_names(const Parameter& parameter) {
    return joined(parameter.options, [](const Option& option) { return option.name; });
}

[[noreturn]] void out_of_range(const Parameter& parameter, const std::string& given, const Text& allowed) {
    throw Error(ErrorKind::out_of_range,
                {"参数 " + parameter.name + " 不能是 " + given + "：" + allowed.zh,
                 "The parameter " + parameter.name + " cannot be " + given + ": " + allowed.en},
                parameter.name);
}

void validate_number(const Parameter& parameter, double number) {
    const std::string given = number_text(number);
    const std::string low = number_text(parameter.minimum);
    const std::string high = number_text(parameter.maximum);
    // The comparison is written so that NaN fails it.
    if (!(number >= parameter.minimum && number <= parameter.maximum)) {
        out_of_range(parameter, given,
                     {"允许的范围是 " + low + " 到 " + high + "。", "allowed are " + low + " to " + high + "."});
    }
    if (parameter.spacing == Spacing::power_of_two) {
        const double exponent = std::log2(number);
        if (exponent != std::floor(exponent)) {
            out_of_range(parameter, given,
                         {"只能是 " + low + " 到 " + high + " 之间 2 的幂。",
                          "allowed are the powers of two from " + low + " to " + high + "."});
        }
    }
}

void validate_option(const Parameter& parameter, const std::string& name) {
    const bool known = std::any_of(parameter.options.begin(), parameter.options.end(),
                                   [&](const Option& option) { return option.name == name; });
    if (!known) {
        const std::string names = option_names(parameter);
        out_of_range(parameter, "“" + name.substr(0, 80) + "”",
                     {"可以是 " + names + "。", "allowed are " + names + "."});
    }
}

std::int64_t character_count(const std::string& text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

void validate_length(const Parameter& parameter, const std::string& text) {
    const std::int64_t count = character_count(text);
    const auto low = static_cast<std::int64_t>(parameter.minimum);
    const auto high = static_cast<std::int64_t>(parameter.maximum);
    if (count < low || count > high) {
        const std::string range = std::to_string(low) + " – " + std::to_string(high);
        throw Error(ErrorKind::out_of_range,
                    {"参数 " + parameter.name + " 有 " + std::to_string(count) + " 个字符，允许 " + range + " 个。",
                     "The parameter " + parameter.name + " has " + std::to_string(count) + " characters; allowed are " +
                         range + "."},
                    parameter.name);
    }
}

void validate_count(const Parameter& parameter, std::size_t count) {
    const auto n = static_cast<double>(count);
    if (n < parameter.minimum || n > parameter.maximum) {
        const std::string range = number_text(parameter.minimum) + " – " + number_text(parameter.maximum);
        throw Error(ErrorKind::out_of_range,
                    {"参数 " + parameter.name + " 有 " + std::to_string(count) + " 项，允许 " + range + " 项。",
                     "The parameter " + parameter.name + " has " + std::to_string(count) + " entries; allowed are " +
                         range + "."},
                    parameter.name);
    }
}

template <typename T>
const T& expect(const Parameter& parameter, const ParameterValue& value) {
    if (const T* given = std::get_if<T>(&value)) return *given;
    const std::string kind = parameter_kind_name(parameter.kind);
    throw Error(ErrorKind::wrong_type,
                {"参数 " + parameter.name + " 的类型应是 " + kind + "，给的是 " + to_string(value) + "。",
                 "The parameter " + parameter.name + " must be of kind " + kind + "; given: " + to_string(value) + "."},
                parameter.name);
}

void validate_grid(const Parameter& parameter, const Grid& grid) {
    const bool sized = grid.rows >= 1 && grid.columns >= 1 && grid.rows <= 4096 && grid.columns <= 4096 &&
                       static_cast<std::int64_t>(grid.cells.size()) == grid.rows * grid.columns;
    if (!sized) {
        out_of_range(parameter, to_string(grid),
                     {"格子数必须等于行数乘列数，每边 1 – 4096。",
                      "the number of cells must be rows times columns, each 1 – 4096."});
    }
    if (const auto* own = std::get_if<Grid>(&parameter.default_value);
        parameter.kind == ParameterKind::image && own != nullptr &&
        (grid.rows != own->rows || grid.columns != own->columns)) {
        const std::string size = to_string(parameter.default_value);
        out_of_range(parameter, to_string(grid), {"图像应是 " + size + "。", "the image must be " + size + "."});
    }
    for (const float cell : grid.cells) {
        if (!(cell >= static_cast<float>(parameter.minimum) && cell <= static_cast<float>(parameter.maximum))) {
            validate_number(parameter, static_cast<double>(cell));
        }
    }
}

}  // namespace

void validate(const Parameter& parameter, const ParameterValue& value) {
    switch (parameter.kind) {
        case ParameterKind::integer:
            validate_number(parameter, static_cast<double>(expect<std::int64_t>(parameter, value)));
            break;
        case ParameterKind::number: validate_number(parameter, expect<double>(parameter, value)); break;
        case ParameterKind::enumeration: validate_option(parameter, expect<std::string>(parameter, value)); break;
        case ParameterKind::set: {
            const auto& chosen = expect<std::vector<std::string>>(parameter, value);
            for (const std::string& name : chosen) validate_option(parameter, name);
            for (const std::string& name : chosen) {
                if (std::count(chosen.begin(), chosen.end(), name) > 1) {
                    out_of_range(parameter, to_string(value),
                                 {"“" + name + "”出现了两次。", "'" + name + "' is there twice."});
                }
            }
            break;
        }
        case ParameterKind::boolean: expect<bool>(parameter, value); break;
        case ParameterKind::text: validate_length(parameter, expect<std::string>(parameter, value)); break;
        case ParameterKind::text_list:
            validate_count(parameter, expect<std::vector<std::string>>(parameter, value).size());
            break;
        case ParameterKind::integer_list:
            for (const std::int64_t number : expect<std::vector<std::int64_t>>(parameter, value)) {
                validate_number(parameter, static_cast<double>(number));
            }
            break;
        case ParameterKind::grid:
        case ParameterKind::image: validate_grid(parameter, expect<Grid>(parameter, value)); break;
        case ParameterKind::checkpoint: expect<std::string>(parameter, value); break;
    }
}

namespace {

template <typename T>
const T& lookup(const std::map<std::string, ParameterValue>& values, const std::string& name) {
    const auto found = values.find(name);
    const T* value = found == values.end() ? nullptr : std::get_if<T>(&found->second);
    if (value == nullptr) {
        throw Error(ErrorKind::internal,
                    {"实验读取了它没有这样声明的参数“" + name + "”。",
                     "The experiment read the parameter '" + name + "', which it did not declare so."},
                    name);
    }
    return *value;
}

}  // namespace

std::int64_t Arguments::integer(const std::string& name) const { return lookup<std::int64_t>(values_, name); }
double Arguments::number(const std::string& name) const { return lookup<double>(values_, name); }
bool Arguments::boolean(const std::string& name) const { return lookup<bool>(values_, name); }
const std::string& Arguments::text(const std::string& name) const { return lookup<std::string>(values_, name); }
const std::vector<std::string>& Arguments::set(const std::string& name) const {
    return lookup<std::vector<std::string>>(values_, name);
}
bool Arguments::contains(const std::string& set_name, const std::string& option) const {
    const std::vector<std::string>& chosen = set(set_name);
    return std::find(chosen.begin(), chosen.end(), option) != chosen.end();
}
const std::vector<std::int64_t>& Arguments::integers(const std::string& name) const {
    return lookup<std::vector<std::int64_t>>(values_, name);
}
const Grid& Arguments::grid(const std::string& name) const { return lookup<Grid>(values_, name); }

std::string to_string(const ParameterValue& value) {
    struct Writer {
        std::string operator()(bool b) const { return b ? "true" : "false"; }
        std::string operator()(std::int64_t i) const { return std::to_string(i); }
        std::string operator()(double d) const { return number_text(d); }
        std::string operator()(const std::string& s) const {
            if (s.size() <= 40) return "\"" + s + "\"";
            // A long text is quoted by its beginning, cut between characters.
            std::size_t cut = 40;
            while (cut > 0 && (static_cast<unsigned char>(s[cut]) & 0xC0U) == 0x80U) --cut;
            return "\"" + s.substr(0, cut) + "…\" (" + std::to_string(character_count(s)) + ")";
        }
        std::string operator()(const std::vector<std::string>& list) const {
            return "{" + joined(list, [](const std::string& item) { return item; }) + "}";
        }
        std::string operator()(const std::vector<std::int64_t>& list) const {
            return "{" + joined(list, [](std::int64_t item) { return std::to_string(item); }) + "}";
        }
        std::string operator()(const Grid& grid) const {
            return std::to_string(grid.rows) + " × " + std::to_string(grid.columns);
        }
    };
    return std::visit(Writer{}, value);
}

}  // namespace glassformer
