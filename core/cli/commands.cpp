#include "cli/commands.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/bench.h"
#include "cli/train.h"
#include "lesson/lesson.h"

namespace glassformer {
namespace {

namespace fs = std::filesystem;

const std::string& say(const Text& text, bool chinese) { return chinese ? text.zh : text.en; }

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        throw Error(ErrorKind::unknown_name, {"读不到文件 " + path + "。", "The file " + path + " cannot be read."},
                    path);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// "1-04" -> the file lessons/chapter-1/04-*.json; no name: all of them, sorted.
std::vector<std::string> lesson_files(const Options& options) {
    std::vector<std::string> all;
    std::error_code ignored;
    for (fs::recursive_directory_iterator at(options.lessons, ignored), end; at != end; at.increment(ignored)) {
        const std::string folder = at->path().parent_path().filename().string();
        if (at->path().extension() == ".json" && folder.rfind("chapter-", 0) == 0) all.push_back(at->path().string());
    }
    std::sort(all.begin(), all.end());
    if (options.names.empty()) {
        if (all.empty()) {
            throw Error(ErrorKind::unknown_name,
                        {options.lessons + " 里没有课；用 --lessons 指明目录。",
                         "There are no lessons in " + options.lessons + "; name the folder with --lessons."},
                        options.lessons);
        }
        return all;
    }
    std::vector<std::string> chosen;
    for (const std::string& name : options.names) {
        if (name.find(".json") != std::string::npos) {
            chosen.push_back(name);
            continue;
        }
        const std::size_t dash = name.find('-');
        const std::string folder = "chapter-" + name.substr(0, dash);
        const std::string prefix = dash == std::string::npos ? "" : name.substr(dash + 1) + "-";
        const auto found = std::find_if(all.begin(), all.end(), [&](const std::string& file) {
            const fs::path path(file);
            return path.parent_path().filename() == folder && path.filename().string().rfind(prefix, 0) == 0;
        });
        if (prefix.empty() || found == all.end()) {
            throw Error(ErrorKind::unknown_name,
                        {options.lessons + " 里没有课 " + name + "。",
                         "There is no lesson " + name + " in " + options.lessons + "."},
                        name);
        }
        chosen.push_back(*found);
    }
    return chosen;
}

/// The files an experiment declares, read from LESSONS/checkpoints: what the page fetches when it needs them.
std::map<std::string, std::vector<std::uint8_t>> assets_of(const Experiment& experiment, const Options& options) {
    std::map<std::string, std::vector<std::uint8_t>> assets;
    for (const std::string& name : experiment.assets) {
        const std::string bytes = read_file((fs::path(options.lessons) / "checkpoints" / name).string());
        assets[name].assign(bytes.begin(), bytes.end());
    }
    return assets;
}

Json schema_of(const Options& options) {
    const std::string path = (fs::path(options.lessons) / "lesson.schema.json").string();
    return parse_json(read_file(path), path);
}

/// A value as one types it: JSON for what is not text; a,b for lists; the text itself for text.
ParameterValue parameter_from_text(const Parameter& parameter, const std::string& text) {
    const bool list = parameter.kind == ParameterKind::set || parameter.kind == ParameterKind::text_list ||
                      parameter.kind == ParameterKind::integer_list;
    if (parameter.kind == ParameterKind::text || parameter.kind == ParameterKind::enumeration ||
        parameter.kind == ParameterKind::checkpoint) {
        return text;
    }
    if (list && (text.empty() || text[0] != '[')) {
        Json values = Json::array();
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t comma = std::min(text.find(',', begin), text.size());
            const std::string entry = text.substr(begin, comma - begin);
            if (parameter.kind == ParameterKind::integer_list)
                values.push_back(parse_json(entry, parameter.name));
            else
                values.push_back(entry);
            begin = comma + 1;
        }
        return parameter_from_json(parameter, values);
    }
    Json json;
    try {
        json = parse_json(text, parameter.name);
    } catch (const Error&) {
        json = text;  // parameter_from_json says which kind was wanted
    }
    return parameter_from_json(parameter, json);
}

int catalog(const Options& options) {
    if (options.json) {
        print(dump_json(catalog_json(), 2) + "\n");
        return 0;
    }
    for (const Experiment* experiment : experiments()) {
        print(experiment->id + "  " + say(experiment->summary, options.chinese) + "\n");
        for (const Parameter& parameter : experiment->parameters) {
            std::string line = "    " + parameter.name + " (" + parameter_kind_name(parameter.kind) + ", ";
            std::string standard = to_string(parameter.default_value);
            if (standard.size() > 60) standard = std::to_string(standard.size()) + " bytes";
            line += standard;
            if (parameter.kind == ParameterKind::integer || parameter.kind == ParameterKind::number) {
                line += "; " + format_number(parameter.minimum) + " … " + format_number(parameter.maximum);
            }
            for (const Option& option : parameter.options)
                line += (&option == &parameter.options[0] ? "; " : " | ") + option.name;
            print(line + ")  " + say(parameter.doc, options.chinese) + "\n");
        }
        for (const Output& output : experiment->outputs) {
            print("    -> " + output.name + " (" + output_kind_name(output.kind) + ")  " +
                  say(output.doc, options.chinese) + "\n");
        }
    }
    return 0;
}

std::string brief(const Value& value, bool chinese) {
    if (const auto* scalar = std::get_if<Scalar>(&value)) return format_number(scalar->value, ".6g");
    if (const auto* text = std::get_if<Text>(&value)) return say(*text, chinese);
    if (const auto* tensor = std::get_if<TensorValue>(&value)) {
        return std::visit([](const auto& data) { return "tensor " + data.shape().to_string(); }, tensor->data);
    }
    if (const auto* series = std::get_if<Series>(&value)) {
        const std::string count = std::to_string(series->points.size()) + " points";
        return series->points.empty() ? count : count + ", last " + format_number(series->points.back()[1], ".6g");
    }
    if (const auto* table = std::get_if<Table>(&value)) {
        return std::to_string(table->rows.size()) + " rows x " + std::to_string(table->columns.size()) + " columns";
    }
    if (const auto* tokens = std::get_if<Tokens>(&value)) {
        std::string text;
        for (const Strip& strip : tokens->strips) {
            text += text.empty() ? "" : " / ";
            for (const Piece& piece : strip.pieces) text += (&piece == &strip.pieces[0] ? "" : "|") + piece.text;
        }
        return text;
    }
    return "graph";
}

int run(const Options& options) {
    if (options.names.size() != 1) {
        throw Error(ErrorKind::malformed,
                    {"run 要一个实验名；catalog 列出所有实验。", "run takes one experiment; catalog lists them."},
                    "run");
    }
    const Experiment& experiment = find_experiment(options.names[0]);
    ParameterMap parameters;
    for (const auto& [name, text] : options.parameters)
        parameters[name] = parameter_from_text(find_parameter(experiment, name), text);
    if (options.clamp_work > 0) clamp_work(experiment, parameters, options.clamp_work);
    const Arguments arguments = complete_arguments(experiment, std::move(parameters));
    Context context;
    context.seed = options.seed;
    context.assets = assets_of(experiment, options);
    if (options.clock) {
        context.milliseconds = [] {
            const auto now = std::chrono::steady_clock::now().time_since_epoch();
            return std::chrono::duration<double, std::milli>(now).count();
        };
    }
    Run run = start(experiment, arguments, std::move(context));
    while (run.advance()) {
        if (run.last()) break;
    }
    const Values values = run.frame().values();
    if (options.json) {
        Json given = Json::object();
        for (const auto& [name, value] : arguments.values()) given[name] = parameter_json(value);
        const Json json{{"experiment", experiment.id},
                        {"parameters", given},
                        {"seed", options.seed},
                        {"frame", frame_json_with_data(run, values)}};
        print(dump_json(json) + "\n");
        return 0;
    }
    for (const auto& [name, value] : values.entries()) print(name + " = " + brief(value, options.chinese) + "\n");
    return 0;
}

const char* verdict(CheckOutcome::Status status, bool chinese) {
    switch (status) {
        case CheckOutcome::Status::pass: return chinese ? "成立  " : "pass  ";
        case CheckOutcome::Status::fail: return chinese ? "不成立" : "FAIL  ";
        case CheckOutcome::Status::not_claimed: return chinese ? "不判  " : "shown ";
        default: return chinese ? "出错  " : "ERROR ";
    }
}

int check(const Options& options) {
    const Json schema = schema_of(options);
    RunCache cache(64);
    std::size_t passed = 0;
    std::size_t failed = 0;
    Json report = Json::array();
    for (const std::string& file : lesson_files(options)) {
        const Lesson lesson = load_lesson(read_file(file), file, schema);
        if (!options.json) print(lesson.id + "  " + say(prose_text(lesson.json["question"]), options.chinese) + "\n");
        for (const LessonPart& part : lesson.parts) {
            for (std::size_t i = 0; i < part.checks.size(); ++i) {
                CheckOptions how;
                how.full = options.full;
                how.clamp_work = options.clamp_work;
                how.cache = &cache;
                how.assets = assets_of(*part.setting.experiment, options);
                CheckJob job(part.setting, part.checks[i], how);
                while (job.advance()) {
                }
                const CheckOutcome& outcome = job.outcome();
                const bool bad =
                    outcome.status == CheckOutcome::Status::fail || outcome.status == CheckOutcome::Status::error;
                ++(bad ? failed : passed);
                if (options.json) {
                    Json entry{{"lesson", lesson.id}, {"claim", text_json(part.claims[i])}};
                    entry.update(outcome_json(outcome));
                    report.push_back(std::move(entry));
                    continue;
                }
                print(std::string("  ") + verdict(outcome.status, options.chinese) + "  " +
                      say(part.claims[i], options.chinese) + "\n");
                std::string line = "          " + outcome.shown;
                if (!outcome.worst.empty()) line += "   (" + outcome.worst + ")";
                if (outcome.error) line += " " + say(outcome.error->message(), options.chinese);
                print(line + "\n");
                std::fflush(stdout);
            }
        }
    }
    const std::string counts = std::to_string(passed) + " passed, " + std::to_string(failed) + " failed";
    if (options.json) {
        print(dump_json(Json{{"checks", report}, {"passed", passed}, {"failed", failed}}, 2) + "\n");
    } else {
        print(options.chinese ? std::to_string(passed) + " 项成立，" + std::to_string(failed) + " 项不成立\n"
                              : counts + "\n");
    }
    return failed == 0 ? 0 : 1;
}

int validate_lessons(const Options& options) {
    const Json schema = schema_of(options);
    std::size_t bad = 0;
    const std::vector<std::string> files = lesson_files(options);
    for (const std::string& file : files) {
        try {
            const Lesson lesson = load_lesson(read_file(file), file, schema);
            const std::vector<Problem> problems = resolve_lesson(lesson, options.clamp_work);
            if (!problems.empty()) throw problems_error(file, problems);
        } catch (const Error& error) {
            ++bad;
            std::fprintf(stderr, "%s\n", say(error.message(), options.chinese).c_str());
        }
    }
    const std::string passed = std::to_string(files.size() - bad);
    print(passed + " passed, " + std::to_string(bad) + " failed\n");
    return bad == 0 ? 0 : 1;
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, bool chinese_locale) {
    bool chinese = chinese_locale;
    for (const std::string& argument : arguments) {
        if (argument == "--zh") chinese = true;
        if (argument == "--en") chinese = false;
    }
    try {
        const Options options = parse_options(arguments, chinese_locale);
        if (options.help || options.command.empty() || options.command == "help") {
            print(usage(options.chinese));
            return options.help || options.command == "help" ? 0 : 2;
        }
        if (options.command == "catalog") return catalog(options);
        if (options.command == "run") return run(options);
        if (options.command == "check") return check(options);
        if (options.command == "train") return train(options);
        if (options.command == "bench") return bench(options);
        return validate_lessons(options);
    } catch (...) {
        const Error error = current_error();
        std::fprintf(stderr, "glassformer: %s\n", say(error.message(), chinese).c_str());
        return 2;
    }
}

}  // namespace glassformer
