#include "lesson/path.h"

#include <algorithm>
#include <cstdint>

#include "experiments/experiment.h"

namespace glassformer::expression_detail {
namespace {

std::string bracketed(const Selector& selector) {
    return "[" + (selector.name.empty() ? "" : selector.name + "=") + selector.label + "]";
}

/// At most the first twelve, so that a message stays readable.
std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 12; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > 12) text += ", …";
    return text.empty() ? "-" : text;
}

[[noreturn]] void no_such(const std::string& what, const Selector& selector, const std::string& allowed) {
    throw Error(ErrorKind::out_of_range,
                {"“" + what + "”没有 " + bracketed(selector) + "；可以是 " + allowed + "。",
                 "'" + what + "' has no " + bracketed(selector) + "; allowed: " + allowed + "."},
                what);
}

/// An index that may count from the end, or no_such.
std::size_t index_in(const std::string& what, const Selector& selector, std::int64_t count) {
    std::int64_t index = *selector.index;
    if (index < 0) index += count;
    if (index < 0 || index >= count) {
        no_such(what, selector, count == 0 ? "(0)" : "0 … " + std::to_string(count - 1));
    }
    return static_cast<std::size_t>(index);
}

[[noreturn]] void no_selectors(const std::string& what, const char* kind, const Selector& selector) {
    throw Error(ErrorKind::wrong_type,
                {"“" + what + "”是 " + kind + "，不能再取 " + bracketed(selector) + "。",
                 "'" + what + "' is a " + std::string(kind) + " and cannot be indexed by " + bracketed(selector) + "."},
                what);
}

Evaluated one(double number) { return {{number}}; }

Evaluated of_tensor(const std::string& name, const TensorValue& tensor, const std::vector<Selector>& selectors) {
    const Shape& shape = std::visit([](const auto& data) -> const Shape& { return data.shape(); }, tensor.data);
    const std::size_t rank = shape.rank();
    std::vector<std::int64_t> fixed(rank, -1);
    for (const Selector& selector : selectors) {
        std::size_t axis = 0;
        while (axis < rank && fixed[axis] >= 0) ++axis;
        if (axis == rank) no_selectors(name, "scalar", selector);
        if (!selector.name.empty() && selector.name != "row") {
            const auto found = std::find_if(tensor.axes.begin(), tensor.axes.end(),
                                            [&](const Axis& a) { return a.name == selector.name; });
            if (found == tensor.axes.end()) {
                std::vector<std::string> names;
                for (const Axis& a : tensor.axes) names.push_back(a.name);
                no_such(name, selector, listed(names) + " (axes)");
            }
            axis = static_cast<std::size_t>(found - tensor.axes.begin());
            if (axis >= rank || fixed[axis] >= 0) no_selectors(name, "tensor", selector);
        }
        const std::int64_t extent = shape[static_cast<std::int64_t>(axis)];
        const bool plain_index = selector.index && selector.name.empty();
        if (plain_index) {
            fixed[axis] = static_cast<std::int64_t>(index_in(name, selector, extent));
            continue;
        }
        static const std::vector<std::string> none;
        const std::vector<std::string>& ticks = axis < tensor.axes.size() ? tensor.axes[axis].ticks : none;
        const auto tick = std::find(ticks.begin(), ticks.end(), selector.label);
        if (tick != ticks.end() && tick - ticks.begin() < extent) {
            fixed[axis] = tick - ticks.begin();
        } else if (ticks.empty() && !selector.label.empty() && selector.label.size() <= 9 &&
                   std::all_of(selector.label.begin(), selector.label.end(),
                               [](char c) { return c >= '0' && c <= '9'; })) {
            Selector indexed = selector;
            indexed.index = std::stoi(selector.label);
            fixed[axis] = static_cast<std::int64_t>(index_in(name, indexed, extent));
        } else {
            no_such(name, selector, ticks.empty() ? "0 … " + std::to_string(extent - 1) : listed(ticks));
        }
    }
    Evaluated result;
    result.many = std::find(fixed.begin(), fixed.end(), -1) != fixed.end();
    std::vector<std::int64_t> at(rank);
    for (std::size_t i = 0; i < rank; ++i) at[i] = std::max<std::int64_t>(fixed[i], 0);
    if (shape.size() == 0) return result;
    for (;;) {
        std::int64_t flat = 0;
        for (std::size_t i = 0; i < rank; ++i) flat = flat * shape[static_cast<std::int64_t>(i)] + at[i];
        result.numbers.push_back(
            std::visit([&](const auto& data) { return static_cast<double>(data.data()[flat]); }, tensor.data));
        bool advanced = false;
        for (std::size_t axis = rank; axis-- > 0 && !advanced;) {
            if (fixed[axis] >= 0) continue;
            advanced = ++at[axis] < shape[static_cast<std::int64_t>(axis)];
            if (!advanced) at[axis] = 0;
        }
        if (!advanced) return result;
    }
}

std::string cell_text(const Table::Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
    if (const auto* boolean = std::get_if<bool>(&cell)) return *boolean ? "true" : "false";
    return format_number(std::get<double>(cell));
}

Evaluated of_cell(const Table::Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
        Evaluated result;
        result.is_text = true;
        result.text = {*text, *text};
        return result;
    }
    if (const auto* number = std::get_if<std::int64_t>(&cell)) return one(static_cast<double>(*number));
    if (const auto* boolean = std::get_if<bool>(&cell)) return one(*boolean ? 1.0 : 0.0);
    return one(std::get<double>(cell));
}

Evaluated of_table(const std::string& name, const Table& table, const std::vector<Selector>& selectors) {
    std::vector<std::string> columns;
    for (const Column& column : table.columns) columns.push_back(column.name);
    const auto column_index = [&](const Selector& selector, const std::string& column) {
        const auto found = std::find(columns.begin(), columns.end(), column);
        if (found == columns.end()) no_such(name, selector, listed(columns) + " (columns)");
        return static_cast<std::size_t>(found - columns.begin());
    };
    std::optional<std::size_t> row;
    std::optional<std::size_t> column;
    for (const Selector& selector : selectors) {
        if (row && column) no_selectors(name, "cell", selector);
        if (!selector.name.empty()) {
            const std::size_t key = column_index(selector, selector.name);
            std::vector<std::string> texts;
            for (const auto& cells : table.rows) texts.push_back(cell_text(cells[key]));
            const auto found = std::find(texts.begin(), texts.end(), selector.label);
            if (found == texts.end()) no_such(name, selector, listed(texts));
            row = static_cast<std::size_t>(found - texts.begin());
        } else if (selector.index && !row) {
            row = index_in(name, selector, static_cast<std::int64_t>(table.rows.size()));
        } else {
            column = column_index(selector, selector.label);
        }
    }
    if (row && column) return of_cell(table.rows[*row][*column]);
    if (row) {
        throw Error(ErrorKind::wrong_type,
                    {"“" + name + "”的一行还要取一列：" + listed(columns) + "。",
                     "A row of '" + name + "' needs a column as well: " + listed(columns) + "."},
                    name);
    }
    Evaluated result;
    result.many = true;
    if (!column) {  // the table as a whole: one number per row, so that count() counts rows
        for (std::size_t i = 0; i < table.rows.size(); ++i) result.numbers.push_back(static_cast<double>(i));
        return result;
    }
    for (const auto& cells : table.rows) {
        const Evaluated cell = of_cell(cells[*column]);
        // A column of texts has nothing to compute with but its length.
        result.numbers.push_back(cell.is_text ? static_cast<double>(result.numbers.size()) : cell.numbers[0]);
    }
    return result;
}

Evaluated of_series(const std::string& name, const Series& series, const std::vector<Selector>& selectors) {
    Evaluated result;
    if (selectors.empty()) {
        result.many = true;
        for (const auto& point : series.points) result.numbers.push_back(point[1]);
        return result;
    }
    if (selectors.size() > 1) no_selectors(name, "scalar", selectors[1]);
    if (!selectors[0].index || !selectors[0].name.empty()) no_selectors(name, "series", selectors[0]);
    return one(series.points[index_in(name, selectors[0], static_cast<std::int64_t>(series.points.size()))][1]);
}

Evaluated of_tokens(const std::string& name, const Tokens& tokens, const std::vector<Selector>& selectors) {
    Evaluated result;
    result.many = true;
    std::optional<std::size_t> only;
    if (selectors.size() > 1) no_selectors(name, "strip", selectors[1]);
    if (!selectors.empty()) {
        std::vector<std::string> labels;
        for (const Strip& strip : tokens.strips) labels.push_back(strip.label);
        const auto found = std::find(labels.begin(), labels.end(), selectors[0].label);
        if (found != labels.end()) {
            only = static_cast<std::size_t>(found - labels.begin());
        } else if (selectors[0].index) {
            only = index_in(name, selectors[0], static_cast<std::int64_t>(tokens.strips.size()));
        } else {
            no_such(name, selectors[0], listed(labels));
        }
    }
    for (std::size_t i = 0; i < tokens.strips.size(); ++i) {
        if (only && *only != i) continue;
        for (const Piece& piece : tokens.strips[i].pieces) result.numbers.push_back(piece.id);
    }
    return result;
}

/// An option as on the control, in both languages; its name where the declaration is not at hand.
Text option_label(const Experiment* experiment, const std::string& parameter, const std::string& name) {
    if (experiment == nullptr) return {name, name};
    for (const Parameter& declared : experiment->parameters) {
        if (declared.name != parameter || declared.kind != ParameterKind::enumeration) continue;
        for (const Option& option : declared.options) {
            if (option.name == name) return option.label;
        }
    }
    return {name, name};
}

Evaluated of_parameter(const std::string& name, const Arguments& arguments, const Experiment* experiment) {
    const auto found = arguments.values().find(name);
    if (found == arguments.values().end()) {
        std::vector<std::string> names;
        for (const auto& entry : arguments.values()) names.push_back(entry.first);
        throw Error(ErrorKind::unknown_name,
                    {"没有参数“" + name + "”；有 " + listed(names) + "。",
                     "There is no parameter '" + name + "'; there are " + listed(names) + "."},
                    name);
    }
    const ParameterValue& value = found->second;
    if (const auto* boolean = std::get_if<bool>(&value)) return one(*boolean ? 1.0 : 0.0);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return one(static_cast<double>(*integer));
    if (const auto* number = std::get_if<double>(&value)) return one(*number);
    Evaluated result;
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
        result.many = true;
        for (const std::int64_t x : *integers) result.numbers.push_back(static_cast<double>(x));
    } else if (const auto* grid = std::get_if<Grid>(&value)) {
        result.many = true;
        result.numbers.assign(grid->cells.begin(), grid->cells.end());
    } else {
        const auto* text = std::get_if<std::string>(&value);
        result.is_text = true;
        result.text = option_label(experiment, name, text != nullptr ? *text : to_string(value));
    }
    return result;
}

}  // namespace

Evaluated resolve(const Path& path, const Scenes& scenes) {
    std::vector<std::string> names = path.names;
    auto scene = scenes.find("");
    if (names.size() > 1) {
        if (const auto named = scenes.find(names[0]); named != scenes.end()) {
            scene = named;
            names.erase(names.begin());
        }
    }
    const bool parameter = names.size() == 2 && names[0] == "parameter";
    if (scene == scenes.end() || (names.size() > 1 && !parameter)) {
        std::vector<std::string> runs;
        for (const auto& entry : scenes) {
            if (!entry.first.empty()) runs.push_back(entry.first);
        }
        throw Error(ErrorKind::unknown_name,
                    {"“" + path.names[0] + "”不是运行名；这里的运行有 " + listed(runs) + "。",
                     "'" + path.names[0] + "' does not name a run; the runs here are " + listed(runs) + "."},
                    path.names[0]);
    }
    if (parameter) {
        static const Arguments none;
        const Arguments& arguments = scene->second.arguments != nullptr ? *scene->second.arguments : none;
        if (!path.selectors.empty()) no_selectors(names[1], "parameter", path.selectors[0]);
        return of_parameter(names[1], arguments, scene->second.experiment);
    }
    const Value* value = scene->second.values != nullptr ? scene->second.values->find(names[0]) : nullptr;
    if (value == nullptr) {
        std::vector<std::string> outputs;
        if (scene->second.values != nullptr) {
            for (const auto& entry : scene->second.values->entries()) outputs.push_back(entry.first);
        }
        throw Error(ErrorKind::unknown_name,
                    {"没有输出“" + names[0] + "”；有 " + listed(outputs) + "。",
                     "There is no output '" + names[0] + "'; there are " + listed(outputs) + "."},
                    names[0]);
    }
    const auto& selectors = path.selectors;
    if (const auto* scalar = std::get_if<Scalar>(value)) {
        if (!selectors.empty()) no_selectors(names[0], "scalar", selectors[0]);
        return one(scalar->value);
    }
    if (const auto* text = std::get_if<Text>(value)) {
        if (!selectors.empty()) no_selectors(names[0], "text", selectors[0]);
        Evaluated result;
        result.is_text = true;
        result.text = *text;
        return result;
    }
    if (const auto* tensor = std::get_if<TensorValue>(value)) return of_tensor(names[0], *tensor, selectors);
    if (const auto* series = std::get_if<Series>(value)) return of_series(names[0], *series, selectors);
    if (const auto* table = std::get_if<Table>(value)) return of_table(names[0], *table, selectors);
    if (const auto* tokens = std::get_if<Tokens>(value)) return of_tokens(names[0], *tokens, selectors);
    throw Error(ErrorKind::wrong_type,
                {"“" + names[0] + "”是图，没有数。", "'" + names[0] + "' is a graph and has no numbers."}, names[0]);
}

}  // namespace glassformer::expression_detail
