#include <algorithm>
#include <functional>

#include "lesson/lesson.h"

/// The second half of reading a lesson: everything it says about frames, tried on real ones.
namespace glassformer {
namespace {

std::string indexed(const std::string& path, std::size_t i) { return path + "[" + std::to_string(i) + "]"; }

/// Last frame of a run.
struct Still {
    Arguments arguments;
    Values values;
};

Still still(const Setting& setting, ParameterMap parameters, std::int64_t clamp, const Budget& budget) {
    if (clamp > 0) clamp_work(*setting.experiment, parameters, clamp);
    Still result;
    result.arguments = complete_arguments(*setting.experiment, std::move(parameters));
    Context context;
    context.seed = setting.seed;
    Run run = start(*setting.experiment, result.arguments, std::move(context), budget);
    while (run.advance()) {
        if (run.last()) break;
    }
    result.values = run.frame().values();
    return result;
}

/// What a view of a kind can draw.
const std::map<std::string, std::vector<std::string>>& drawable() {
    static const std::map<std::string, std::vector<std::string>> kinds = {
        {"heatmap", {"tensor"}}, {"matrix", {"tensor"}},   {"bar", {"tensor"}},    {"histogram", {"tensor"}},
        {"scatter", {"tensor"}}, {"arcs", {"tensor"}},     {"image", {"tensor"}},  {"line", {"tensor", "series"}},
        {"table", {"table"}},    {"training", {"series"}}, {"tokens", {"tokens"}}, {"diagram", {"graph"}}};
    return kinds;
}

class Resolver {
  public:
    Resolver(const Values& values, Scenes scenes, bool shortened, std::vector<Problem>& problems)
        : values_(values), scenes_(std::move(scenes)), shortened_(shortened), problems_(problems) {}

    void attempt(const std::string& path, const std::function<void()>& action) {
        try {
            action();
        } catch (...) {
            const Error error = current_error();
            // A shortened run may lack a late point of a curve; the full one is tried when nothing is shortened.
            if (shortened_ && error.kind() == ErrorKind::out_of_range) return;
            problems_.push_back({path, error.message()});
        }
    }

    void live_text(const std::string& line, const std::string& path) {
        attempt(path, [&] {
            for (const std::string& source : live_expressions(line)) LiveText::parse(source).fill(scenes_, false);
        });
    }

    /// Every text below `json`, prose or formula.
    void texts(const Json& json, const std::string& path) {
        if (json.is_string()) {
            live_text(json.get<std::string>(), path);
        } else if (json.is_array()) {
            for (std::size_t i = 0; i < json.size(); ++i) texts(json[i], indexed(path, i));
        } else if (json.is_object()) {
            for (const auto& [name, member] : json.items()) texts(member, path + "." + name);
        }
    }

    void expression(const Json& json, const char* name, const std::string& path) {
        if (!json.contains(name) || !json[name].is_string()) return;
        attempt(path + "." + name, [&] { LiveText::parse(json[name].get<std::string>()).fill(scenes_, false); });
    }

    void predicate(const Json& json, const std::string& path) {
        attempt(path, [&] { Predicate::from_json(json).evaluate(scenes_); });
    }

    void view(const Json& json, const std::string& path) {
        const std::string kind = json["kind"].get<std::string>();
        if (const auto found = drawable().find(kind); found != drawable().end() && json.contains("value")) {
            value(json, found->second, kind, path);
        }
        for (const char* axis : {"x", "y"}) {
            if (!json.contains(axis) || !json[axis].is_object()) continue;
            expression(json[axis], "min", path + "." + axis);
            expression(json[axis], "max", path + "." + axis);
        }
        expression(json, "min", path);
        expression(json, "max", path);
        each(json, "references", path, [&](const Json& item, const std::string& at) { expression(item, "at", at); });
        each(json, "items", path, [&](const Json& item, const std::string& at) { expression(item, "expression", at); });
        each(json, "curves", path,
             [&](const Json& item, const std::string& at) { value(item, drawable().at(kind), kind, at); });
        each(json, "views", path, [&](const Json& item, const std::string& at) { view(item, at); });
        if (kind == "formula") terms(json["latex"], path + ".latex");
    }

  private:
    template <typename Function>
    static void each(const Json& json, const char* name, const std::string& path, Function&& function) {
        if (!json.contains(name) || !json[name].is_array()) return;
        for (std::size_t i = 0; i < json[name].size(); ++i) function(json[name][i], indexed(path + "." + name, i));
    }

    const Value& output(const std::string& name) const {
        const Value* found = values_.find(name);
        if (found != nullptr) return *found;
        std::string names;
        for (const auto& entry : values_.entries()) names += (names.empty() ? "" : ", ") + entry.first;
        throw Error(ErrorKind::unknown_name,
                    {"没有输出“" + name + "”；有 " + names + "。",
                     "there is no output '" + name + "'; there are " + names + "."},
                    name);
    }

    static void allow(const std::string& what, const std::string& name, const std::vector<std::string>& names) {
        if (std::find(names.begin(), names.end(), name) != names.end()) return;
        std::string text;
        for (const std::string& known : names) text += (text.empty() ? "" : ", ") + known;
        throw Error(
            ErrorKind::unknown_name,
            {what + " 没有“" + name + "”；有 " + text + "。", what + " has no '" + name + "'; there are " + text + "."},
            name);
    }

    void value(const Json& json, const std::vector<std::string>& kinds, const std::string& view_kind,
               const std::string& path) {
        attempt(path + ".value", [&] {
            const std::string name = json["value"].get<std::string>();
            const Value& found = output(name);
            const std::string is = value_kind_name(found);
            if (std::find(kinds.begin(), kinds.end(), is) == kinds.end()) {
                std::string wanted;
                for (const std::string& kind : kinds) wanted += (wanted.empty() ? "" : ", ") + kind;
                throw Error(ErrorKind::wrong_type,
                            {"视图 " + view_kind + " 画 " + wanted + "，而“" + name + "”是 " + is + "。",
                             "the view " + view_kind + " draws " + wanted + ", and '" + name + "' is a " + is + "."},
                            name);
            }
            if (const auto* tensor = std::get_if<TensorValue>(&found)) tensor_members(json, name, *tensor);
            if (const auto* table = std::get_if<Table>(&found)) {
                std::vector<std::string> columns;
                for (const Column& column : table->columns) columns.push_back(column.name);
                if (json.contains("columns")) {
                    for (const Json& column : json["columns"]) allow(name, column.get<std::string>(), columns);
                }
            }
        });
    }

    static void tensor_members(const Json& json, const std::string& name, const TensorValue& tensor) {
        std::vector<std::string> axes;
        for (const Axis& axis : tensor.axes) axes.push_back(axis.name);
        for (const char* member : {"lines", "groups", "x"}) {
            if (json.contains(member) && json[member].is_string()) allow(name, json[member].get<std::string>(), axes);
        }
        if (!json.contains("select")) return;
        for (const auto& [axis, at] : json["select"].items()) {
            allow(name, axis, axes);
            const std::string label = at.is_string() ? at.get<std::string>() : at.dump();
            Expression::parse(name + "[" + axis + "=" + label + "]");
            const Axis& declared =
                tensor.axes[static_cast<std::size_t>(std::find(axes.begin(), axes.end(), axis) - axes.begin())];
            if (at.is_string() && !declared.ticks.empty()) allow(name + "." + axis, label, declared.ticks);
        }
    }

    /// \term{name}{...} links a piece of a formula to an output.
    void terms(const Json& lines, const std::string& path) {
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string line = lines[i].get<std::string>();
            const std::string mark = "\\term{";
            for (std::size_t at = line.find(mark); at != std::string::npos; at = line.find(mark, at + 1)) {
                const std::size_t begin = at + mark.size();
                const std::size_t end = line.find('}', begin);
                attempt(indexed(path, i), [&] { output(line.substr(begin, end - begin)); });
            }
        }
    }

    const Values& values_;
    Scenes scenes_;
    bool shortened_;
    std::vector<Problem>& problems_;
};

void resolve_checks(const LessonPart& part, const std::string& path, const Still& page, std::int64_t clamp,
                    const Budget& budget, std::vector<Problem>& problems) {
    for (std::size_t i = 0; i < part.checks.size(); ++i) {
        const Check& check = part.checks[i];
        const std::string at = indexed(path + ".checks", i);
        try {
            std::map<std::string, Still> stills;
            for (const auto& [name, preset] : check.runs) {
                ParameterMap parameters = part.setting.parameters;
                for (const auto& [parameter, value] : preset) parameters[parameter] = value;
                // Work is shortened in any case: here only the names must resolve, the check itself runs them in full.
                stills[name] = still(part.setting, std::move(parameters), clamp > 0 ? clamp : 20, budget);
            }
            Scenes scenes;
            for (const auto& [name, run] : stills) scenes[name] = {&run.values, &run.arguments};
            if (stills.empty()) scenes[""] = {&page.values, &page.arguments};
            if (stills.size() == 1) scenes[""] = scenes.begin()->second;
            check.predicate.evaluate(scenes);
        } catch (...) {
            const Error error = current_error();
            const bool shortened = (clamp > 0 || !check.runs.empty()) && error.kind() == ErrorKind::out_of_range;
            if (!shortened) problems.push_back({at, error.message()});
        }
    }
}

}  // namespace

std::vector<Problem> resolve_lesson(const Lesson& lesson, std::int64_t clamp, const Budget& budget) {
    std::vector<Problem> problems;
    for (std::size_t i = 0; i < lesson.parts.size(); ++i) {
        const LessonPart& part = lesson.parts[i];
        const Json& json = lesson.json["parts"][i];
        const std::string path = indexed("parts", i);
        try {
            const Still page = still(part.setting, part.setting.parameters, clamp, budget);
            Resolver resolver(page.values, {{"", {&page.values, &page.arguments}}}, clamp > 0, problems);
            for (const char* member : {"title", "text", "notice", "views", "predict", "try"}) {
                resolver.texts(json[member], path + "." + member);
            }
            if (i == 0) {  // what stands outside the parts is filled from the first one
                for (const char* member : {"question", "answer", "wrong", "followups", "rubric"})
                    resolver.texts(lesson.json[member], member);
            }
            for (std::size_t v = 0; v < json["views"].size(); ++v)
                resolver.view(json["views"][v], indexed(path + ".views", v));
            const Json& options = json["predict"]["options"];
            for (std::size_t o = 0; o < options.size(); ++o) {
                resolver.predicate(options[o]["predicate"], indexed(path + ".predict.options", o) + ".predicate");
            }
            resolve_checks(part, path, page, clamp, budget, problems);
        } catch (...) {
            problems.push_back({path, current_error().message()});
        }
    }
    return problems;
}

}  // namespace glassformer
