#include "lesson/session.h"

#include <cmath>

namespace glassformer {

/// A run or a check job behind a handle.
struct Session::Item {
    RunRequest request;
    Run run;
    bool started = false;
    std::map<std::string, std::size_t> series_read = {};
    std::unique_ptr<CheckJob> job = {};
};

namespace {

template <typename Function>
std::string guarded(Function&& function) {
    try {
        return dump_json(function());
    } catch (...) {
        return dump_json(current_error_json());
    }
}

const Json& list_member(const Json& json, const char* name) {
    static const Json none = Json::array();
    if (!json.contains(name)) return none;
    if (!json[name].is_array()) {
        throw Error(ErrorKind::malformed, {std::string(name) + " 应是列表。", std::string(name) + " must be a list."},
                    name);
    }
    return json[name];
}

Json object_from(std::string_view text) {
    Json json = parse_json(text, "request");
    if (!json.is_object()) {
        throw Error(ErrorKind::malformed, {"请求应是 JSON 对象。", "A request must be a JSON object."}, "request");
    }
    return json;
}

}  // namespace

Session::Session(SessionOptions options) : options_(std::move(options)) {
    if (!options_.milliseconds) options_.milliseconds = [] { return 0.0; };
}
Session::~Session() = default;

Session::Item& Session::item(std::int32_t handle) {
    const auto found = items_.find(handle);
    if (found == items_.end()) {
        throw Error(ErrorKind::unknown_name,
                    {"没有编号 " + std::to_string(handle) + " 的运行；它也许已被丢弃。",
                     "There is no run with the handle " + std::to_string(handle) + "; it may have been dropped."},
                    "handle");
    }
    return *found->second;
}

Session::Item& Session::running(std::int32_t handle) {
    Item& found = item(handle);
    if (found.job) {
        throw Error(ErrorKind::wrong_type,
                    {"编号 " + std::to_string(handle) + " 是核对，不是运行。",
                     "The handle " + std::to_string(handle) + " is a check, not a run."},
                    "handle");
    }
    if (!found.started) {
        throw Error(ErrorKind::malformed,
                    {"这个运行还没有帧：先推进它。", "This run has no frame yet: advance it first."}, "handle");
    }
    return found;
}

std::int32_t Session::add(std::unique_ptr<Item> added) {
    if (items_.size() >= options_.most_handles) {
        throw Error(ErrorKind::budget,
                    {"同时最多 " + std::to_string(options_.most_handles) + " 个运行；先丢弃一些。",
                     "At most " + std::to_string(options_.most_handles) + " runs at a time; drop some first."},
                    "handle");
    }
    const std::int32_t handle = next_;
    next_ = next_ == 0x7FFFFFFF ? 1 : next_ + 1;
    items_[handle] = std::move(added);
    return handle;
}

std::string Session::version() {
    return guarded([] { return Json{{"version", engine_version()}}; });
}

std::string Session::catalog() {
    return guarded([] { return catalog_json(); });
}

std::string Session::start(std::string_view request) {
    return guarded([&] {
        auto added = std::make_unique<Item>();
        added->request = run_request_from_json(object_from(request));
        const Experiment& experiment = *added->request.experiment;
        if (options_.clamp_work > 0) {
            ParameterMap parameters = added->request.arguments.values();
            clamp_work(experiment, parameters, options_.clamp_work);
            added->request.arguments = complete_arguments(experiment, std::move(parameters));
        }
        Context context;
        context.seed = added->request.seed;
        context.milliseconds = options_.milliseconds;
        context.assets = assets_;
        added->run = glassformer::start(experiment, added->request.arguments, std::move(context), options_.budget);
        return Json{{"handle", add(std::move(added))}};
    });
}

Json Session::advance_run(Item& found, double budget_ms) {
    const double until = options_.milliseconds() + budget_ms;
    while (!found.started || !found.run.last()) {
        if (!found.run.advance()) {
            throw Error(ErrorKind::internal, {"实验没有给出最后一帧。", "The experiment ended without a last frame."});
        }
        found.started = true;
        if (!(options_.milliseconds() < until)) break;
    }
    return position_json(found.run);
}

Json Session::advance_check(Item& found, double budget_ms) {
    const double until = options_.milliseconds() + budget_ms;
    while (found.job->advance() && options_.milliseconds() < until) {
    }
    Json json{{"progress", {{"done", found.job->done()}, {"total", found.job->total()}}},
              {"last", found.job->finished()}};
    if (found.job->finished()) json["outcome"] = outcome_json(found.job->outcome());
    return json;
}

std::string Session::advance(std::int32_t handle, double budget_ms) {
    return guarded([&] {
        Item& found = item(handle);
        try {
            return found.job ? advance_check(found, budget_ms) : advance_run(found, budget_ms);
        } catch (...) {
            const Json error = current_error_json();
            items_.erase(handle);  // a run that threw has no frame to go on from
            return error;
        }
    });
}

std::string Session::frame(std::int32_t handle) {
    buffer_.clear();
    return guarded([&] {
        Item& found = running(handle);
        return frame_json(found.run, found.run.frame().values(), found.series_read, buffer_);
    });
}

std::string Session::drop(std::int32_t handle) {
    return guarded([&] {
        item(handle);
        items_.erase(handle);
        return Json::object();
    });
}

std::string Session::asset(std::string_view name, const std::uint8_t* bytes, std::size_t size) {
    return guarded([&] {
        if (size > (16u << 20) || (bytes == nullptr && size > 0)) {
            throw Error(ErrorKind::budget, {"附带文件最多 16 MB。", "An asset may have at most 16 MB."},
                        std::string(name));
        }
        assets_[std::string(name)].assign(bytes, bytes + size);
        return Json::object();
    });
}

Json Session::evaluate_item(Item& found, const Json& request) {
    const Values values = found.run.frame().values();
    const Experiment& experiment = *found.request.experiment;
    const Scenes scenes{{"", {&values, &found.request.arguments, &experiment}}};
    const bool chinese = request.contains("language") && request["language"] == "zh";
    Setting preset{&experiment, {}, 1};
    const bool has_preset = request.contains("preset") && request["preset"].is_object();
    if (has_preset) {
        const Json& json = request["preset"];
        if (json.contains("parameters")) preset.parameters = parameters_from_json(experiment, json["parameters"]);
        if (json.contains("seed")) preset.seed = seed_from_json(json["seed"]);
    }
    Json texts = Json::array();
    for (const Json& source : list_member(request, "expressions")) {
        try {
            if (!source.is_string())
                throw Error(ErrorKind::malformed, {"表达式应是文本。", "An expression must be a text."}, "expressions");
            const LiveText live = LiveText::parse(source.get<std::string>());
            const Evaluated result = live.expression.evaluate(scenes);
            const bool single = !result.is_text && !result.many && result.numbers.size() == 1;
            Json entry{{"text", live.fill(scenes, chinese)}};
            entry["value"] = single ? number_json(result.numbers[0]) : Json(nullptr);
            texts.push_back(std::move(entry));
        } catch (...) {
            texts.push_back(current_error_json());
        }
    }
    Json checks = Json::array();
    for (const Json& source : list_member(request, "checks")) {
        CheckOutcome outcome;
        try {
            outcome = check_on_run(Check::from_json(source, experiment), experiment, found.request.arguments,
                                   found.request.seed, values, found.run.last(), has_preset ? &preset : nullptr);
        } catch (...) {
            outcome.status = CheckOutcome::Status::error;
            outcome.error = current_error();
        }
        checks.push_back(outcome_json(outcome));
    }
    Json predicates = Json::array();
    for (const Json& source : list_member(request, "predicates")) {
        try {
            predicates.push_back(Predicate::from_json(source).evaluate(scenes).holds);
        } catch (...) {
            predicates.push_back(current_error_json());
        }
    }
    return {{"texts", std::move(texts)}, {"checks", std::move(checks)}, {"predicates", std::move(predicates)}};
}

std::string Session::evaluate(std::int32_t handle, std::string_view request) {
    return guarded([&] { return evaluate_item(running(handle), object_from(request)); });
}

std::string Session::check_start(std::string_view request) {
    return guarded([&] {
        const Json json = object_from(request);
        if (!json.contains("check") || !json["check"].is_object()) {
            throw Error(ErrorKind::malformed, {"缺少 check。", "check is missing."}, "check");
        }
        auto added = std::make_unique<Item>();
        added->request = run_request_from_json(json);
        const Experiment& experiment = *added->request.experiment;
        Setting setting{&experiment, added->request.arguments.values(), added->request.seed};
        CheckOptions options;
        options.full = json.contains("full") && json["full"].is_boolean() && json["full"].get<bool>();
        options.clamp_work = options_.clamp_work;
        options.budget = options_.budget;
        options.cache = &cache_;
        options.assets = assets_;
        added->job = std::make_unique<CheckJob>(std::move(setting), Check::from_json(json["check"], experiment),
                                                std::move(options));
        return Json{{"handle", add(std::move(added))}};
    });
}

}  // namespace glassformer
