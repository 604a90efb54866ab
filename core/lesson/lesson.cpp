#include "lesson/lesson.h"

#include <functional>

namespace glassformer {
namespace {

std::string part_path(std::size_t part) { return "parts[" + std::to_string(part) + "]"; }

/// Turns what `action` throws into a problem at `path`.
void attempt(const std::string& path, std::vector<Problem>& problems, const std::function<void()>& action) {
    try {
        action();
    } catch (...) {
        const Error error = current_error();
        problems.push_back({path, error.message()});
    }
}

void read_part(const Json& json, const std::string& path, LessonPart& part, std::vector<Problem>& problems) {
    attempt(path + ".experiment", problems,
            [&] { part.setting.experiment = &find_experiment(json["experiment"].get<std::string>()); });
    if (part.setting.experiment == nullptr) return;
    const Experiment& experiment = *part.setting.experiment;
    attempt(path + ".parameters", problems, [&] {
        part.setting.parameters = parameters_from_json(experiment, json["parameters"]);
        complete_arguments(experiment, part.setting.parameters);
    });
    if (json.contains("seed")) part.setting.seed = seed_from_json(json["seed"]);
    const Json& controls = json["controls"];
    for (std::size_t i = 0; i < controls.size(); ++i) {
        attempt(path + ".controls[" + std::to_string(i) + "]", problems,
                [&] { find_parameter(experiment, controls[i].get<std::string>()); });
    }
    const Json& presets = json["try"];
    for (std::size_t i = 0; i < presets.size(); ++i) {
        attempt(path + ".try[" + std::to_string(i) + "].parameters", problems, [&] {
            ParameterMap parameters = part.setting.parameters;
            for (auto& [name, value] : parameters_from_json(experiment, presets[i]["parameters"]))
                parameters[name] = value;
            complete_arguments(experiment, std::move(parameters));
        });
    }
    const Json& checks = json["checks"];
    for (std::size_t i = 0; i < checks.size(); ++i) {
        attempt(path + ".checks[" + std::to_string(i) + "]", problems, [&] {
            part.checks.push_back(Check::from_json(checks[i], experiment));
            part.claims.push_back(prose_text(checks[i]["claim"]));
        });
    }
}

}  // namespace

Text prose_text(const Json& prose) {
    const auto lines = [](const Json& json) {
        if (json.is_string()) return json.get<std::string>();
        std::string text;
        for (const Json& line : json) text += (text.empty() ? "" : "\n") + line.get<std::string>();
        return text;
    };
    return {lines(prose["zh"]), lines(prose["en"])};
}

Error problems_error(const std::string& file, const std::vector<Problem>& problems) {
    Text text;
    for (const Problem& problem : problems) {
        const std::string where = file + (problem.path.empty() ? "" : ": " + problem.path) + ": ";
        text.zh += (text.zh.empty() ? "" : "\n") + where + problem.message.zh;
        text.en += (text.en.empty() ? "" : "\n") + where + problem.message.en;
    }
    return Error(ErrorKind::malformed, text, problems.empty() ? file : problems[0].path);
}

Lesson load_lesson(std::string_view text, const std::string& file, const Json& schema) {
    Lesson lesson;
    lesson.file = file;
    lesson.json = parse_json(text, file);
    std::vector<Problem> problems = schema_problems(schema, lesson.json);
    if (!problems.empty()) throw problems_error(file, problems);
    lesson.id = lesson.json["id"].get<std::string>();
    const Json& parts = lesson.json["parts"];
    for (std::size_t i = 0; i < parts.size(); ++i) {
        lesson.parts.emplace_back();
        read_part(parts[i], part_path(i), lesson.parts.back(), problems);
    }
    if (!problems.empty()) throw problems_error(file, problems);
    return lesson;
}

}  // namespace glassformer
