#include <algorithm>
#include <functional>

#include "lesson/lesson.h"
#include "lesson/view_values.h"

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
        check_view_values(json, values_, path,
                          [this](const std::string& at, const std::function<void()>& test) { attempt(at, test); });
        expressions(json, path);
    }

  private:
    template <typename Function>
    static void each(const Json& json, const char* name, const std::string& path, Function&& function) {
        if (!json.contains(name) || !json[name].is_array()) return;
        for (std::size_t i = 0; i < json[name].size(); ++i) function(json[name][i], indexed(path + "." + name, i));
    }

    /// The expressions a view has evaluated: ends of axes and scales, reference lines, cards.
    void expressions(const Json& json, const std::string& path) {
        for (const char* axis : {"x", "y"}) {
            if (!json.contains(axis) || !json[axis].is_object()) continue;
            expression(json[axis], "min", path + "." + axis);
            expression(json[axis], "max", path + "." + axis);
        }
        expression(json, "min", path);
        expression(json, "max", path);
        each(json, "references", path, [&](const Json& item, const std::string& at) { expression(item, "at", at); });
        each(json, "items", path, [&](const Json& item, const std::string& at) { expression(item, "expression", at); });
        each(json, "views", path, [&](const Json& item, const std::string& at) { expressions(item, at); });
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
