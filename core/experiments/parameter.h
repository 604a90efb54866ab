#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"

namespace glassformer {

/// The closed list of what a reader (or a lesson) can set. `seed` is reserved: never declared, always there.
enum class ParameterKind {
    integer,
    number,
    enumeration,
    set,
    boolean,
    text,
    text_list,
    integer_list,
    grid,
    image,
    checkpoint
};
/// How a slider over the range moves. power_of_two allows only 2^k.
enum class Spacing { linear, logarithmic, power_of_two };

/// A grid is rows x columns of numbers (a mask, drawn cells); an image is one of grey values in [0, 1].
struct Grid {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<float> cells;
    bool operator==(const Grid&) const = default;
};

/// integer: int64; number: double; enumeration, text, checkpoint: string; set, text_list: strings; grid, image: Grid.
using ParameterValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, std::vector<std::int64_t>, Grid>;

struct Option {
    std::string name;  ///< as in JSON and in the code: "sqrt"
    Text label;        ///< as on the control
};

struct Parameter {
    std::string name;
    ParameterKind kind = ParameterKind::integer;
    Text label;
    Text doc;
    ParameterValue default_value = std::int64_t{0};
    double minimum = 0.0;  ///< integer, number, integer_list, grid: of each value; text: characters; lists: entries
    double maximum = 0.0;
    Spacing spacing = Spacing::linear;
    std::vector<Option> options = {};  ///< enumeration, set
    std::string unit = {};
    bool work = false;  ///< updates, trials: what a quick test may clamp to 20
};

/// Declarations that read like a sentence: integer_parameter("n", {"词元数","Tokens"}, {...}, 16, 4, 64).
Parameter integer_parameter(std::string name, Text label, Text doc, std::int64_t default_value, std::int64_t minimum,
                            std::int64_t maximum, Spacing spacing = Spacing::linear);
Parameter number_parameter(std::string name, Text label, Text doc, double default_value, double minimum, double maximum,
                           Spacing spacing = Spacing::linear);
Parameter enum_parameter(std::string name, Text label, Text doc, std::string default_value,
                         std::vector<Option> options);
Parameter set_parameter(std::string name, Text label, Text doc, std::vector<std::string> default_value,
                        std::vector<Option> options);
Parameter bool_parameter(std::string name, Text label, Text doc, bool default_value);
Parameter text_parameter(std::string name, Text label, Text doc, std::string default_value,
                         std::int64_t maximum_characters);
/// Cells that the reader sets one by one (a mask); its size may differ from the default's.
Parameter grid_parameter(std::string name, Text label, Text doc, Grid default_value, double minimum, double maximum);
/// Grey values in [0, 1] that the reader draws; always as large as the default.
Parameter image_parameter(std::string name, Text label, Text doc, Grid default_value);
/// Marks how much is computed (updates, trials) rather than what.
Parameter work(Parameter parameter);

const char* parameter_kind_name(ParameterKind kind);
const char* spacing_name(Spacing spacing);

/// Throws Error (wrong_type, out_of_range, unknown_name) naming the parameter, what was given and what is allowed.
void validate(const Parameter& parameter, const ParameterValue& value);

/// The parameter values of one run: complete (defaults filled in) and valid.
class Arguments {
  public:
    Arguments() = default;
    explicit Arguments(std::map<std::string, ParameterValue> values) : values_(std::move(values)) {}

    /// Each throws Error(internal) if the experiment asks for what it did not declare, or under another kind.
    std::int64_t integer(const std::string& name) const;
    double number(const std::string& name) const;
    bool boolean(const std::string& name) const;
    const std::string& text(const std::string& name) const;  ///< text, enumeration, checkpoint
    const std::vector<std::string>& set(const std::string& name) const;
    bool contains(const std::string& set_name, const std::string& option) const;
    const std::vector<std::int64_t>& integers(const std::string& name) const;
    const Grid& grid(const std::string& name) const;

    const std::map<std::string, ParameterValue>& values() const { return values_; }
    void replace(const std::string& name, ParameterValue value) { values_[name] = std::move(value); }

  private:
    std::map<std::string, ParameterValue> values_;
};

/// What an argument looks like in a message: 3, 0.5, "none", {a, b}.
std::string to_string(const ParameterValue& value);

}  // namespace glassformer
