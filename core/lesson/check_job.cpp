#include <algorithm>
#include <utility>

#include "lesson/cases.h"
#include "lesson/check.h"

namespace glassformer {

std::shared_ptr<const RunCache::Entry> RunCache::find(const std::string& key) const {
    for (const auto& [name, entry] : entries_) {
        if (name == key) return entry;
    }
    return nullptr;
}

void RunCache::put(const std::string& key, std::shared_ptr<const Entry> entry) {
    if (capacity_ == 0) return;
    if (entries_.size() >= capacity_) entries_.erase(entries_.begin());
    entries_.emplace_back(key, std::move(entry));
}

void clamp_work(const Experiment& experiment, ParameterMap& parameters, std::int64_t limit) {
    const Arguments arguments = complete_arguments(experiment, parameters);
    for (const Parameter& parameter : experiment.parameters) {
        if (!parameter.work || parameter.kind != ParameterKind::integer) continue;
        const std::int64_t least = std::max(limit, static_cast<std::int64_t>(parameter.minimum));
        if (arguments.integer(parameter.name) > least) parameters[parameter.name] = least;
    }
}

/// One run of the present case: computing, or taken from the cache.
struct CaseRun {
    std::string name;
    std::string key;
    std::optional<Run> run;
    std::shared_ptr<RunCache::Entry> computed;
    std::shared_ptr<const RunCache::Entry> entry;
    bool last = false;
};

struct CheckJob::State {
    Setting setting;
    Check check;
    CheckOptions options;
    std::vector<CheckCase> cases = {};
    std::size_t at = 0;
    std::vector<CaseRun> running = {};
    std::vector<Sides> of_group = {};  ///< one per seed, for a median
    CheckOutcome result = {};
    bool evaluating = false;
    bool finished = false;

    void start_case();
    void step_case();
    Scenes scenes() const;
    void evaluate_case();
    void record(const Sides& sides, const std::string& where);
    std::string where(bool with_seed) const;
    void next_case();
    void finish();
    void fail_with(const Error& error);
};

void CheckJob::State::start_case() {
    const CheckCase& current = cases[at];
    std::map<std::string, ParameterMap> presets = check.runs;
    if (presets.empty()) presets[""] = {};
    for (const auto& [name, preset] : presets) {
        ParameterMap parameters = setting.parameters;
        for (const ParameterMap* layer : {&current.sample, &preset, &current.sweep}) {
            for (const auto& [parameter, value] : *layer) parameters[parameter] = value;
        }
        if (current.sampled) clamp_work(*setting.experiment, parameters, 20);
        if (options.clamp_work > 0) clamp_work(*setting.experiment, parameters, options.clamp_work);
        CaseRun run;
        run.name = name;
        run.computed = std::make_shared<RunCache::Entry>();
        run.computed->arguments = complete_arguments(*setting.experiment, std::move(parameters));
        run.entry = run.computed;
        run.key = setting.experiment->id + " " + std::to_string(current.seed);
        for (const auto& [parameter, value] : run.computed->arguments.values()) {
            run.key += " " + parameter + "=" + dump_json(parameter_json(value));
        }
        auto known = options.cache != nullptr && !check.predicate.over_frames ? options.cache->find(run.key) : nullptr;
        if (known) {
            run.entry = known;
            run.last = true;
        } else {
            Context context;
            context.seed = current.seed;
            context.assets = options.assets;
            run.run = start(*setting.experiment, run.computed->arguments, std::move(context), options.budget);
        }
        running.push_back(std::move(run));
    }
}

Scenes CheckJob::State::scenes() const {
    Scenes result;
    for (const CaseRun& run : running) result[run.name] = {&run.entry->values, &run.entry->arguments};
    // A check with one run may leave its name away.
    if (running.size() == 1) result[""] = {&running[0].entry->values, &running[0].entry->arguments};
    return result;
}

std::string CheckJob::State::where(bool with_seed) const {
    const CheckCase& current = cases[at];
    std::string text;
    ParameterMap shown = current.sample;
    for (const auto& [name, value] : current.sweep) shown[name] = value;
    for (const auto& [name, value] : shown) {
        std::string written = to_string(value);
        if (written.size() > 60) written = "(" + std::to_string(written.size()) + " bytes)";
        text += (text.empty() ? "" : ", ") + name + " = " + written;
    }
    if (with_seed) text += (text.empty() ? "" : ", ") + std::string("seed = ") + std::to_string(current.seed);
    return text;
}

void CheckJob::State::record(const Sides& sides, const std::string& place) {
    const bool worse = !result.sides || (result.sides->holds && !sides.holds) ||
                       (result.sides->holds == sides.holds && sides.margin < result.sides->margin);
    if (!worse) return;
    result.sides = sides;
    result.worst = place;
}

void CheckJob::State::evaluate_case() {
    evaluating = true;
    const Sides sides = check.predicate.evaluate(scenes());
    evaluating = false;
    if (check.median)
        of_group.push_back(sides);
    else
        record(sides, where(true));
}

void CheckJob::State::next_case() {
    const std::size_t group = cases[at].group;
    running.clear();
    if (check.median && !of_group.empty() && (at + 1 == cases.size() || cases[at + 1].group != group)) {
        const auto median = [this](double Sides::* member) {
            std::vector<double> numbers;
            for (const Sides& sides : of_group) numbers.push_back(sides.*member);
            for (const double x : numbers) {
                if (x != x) return x;  // a NaN must not sort itself out of sight
            }
            std::sort(numbers.begin(), numbers.end());
            const std::size_t half = numbers.size() / 2;
            return numbers.size() % 2 == 1 ? numbers[half] : 0.5 * (numbers[half - 1] + numbers[half]);
        };
        record(check.predicate.compare(median(&Sides::left), median(&Sides::low), median(&Sides::high)), where(false));
        of_group.clear();
    }
    if (++at == cases.size()) finish();
}

void CheckJob::State::finish() {
    finished = true;
    running.clear();
    // A shortened run says nothing about an empirical finding.
    const bool unjudged = options.clamp_work > 0 && check.kind != ClaimKind::theorem;
    if (!result.sides || unjudged || (check.kind == ClaimKind::soft && !result.sides->holds)) {
        result.status = CheckOutcome::Status::not_claimed;
    } else {
        result.status = result.sides->holds ? CheckOutcome::Status::pass : CheckOutcome::Status::fail;
    }
    if (result.sides) result.shown = check.predicate.shown(*result.sides);
}

void CheckJob::State::fail_with(const Error& error) {
    const bool refused = error.kind() == ErrorKind::constraint || error.kind() == ErrorKind::budget ||
                         error.kind() == ErrorKind::out_of_range;
    // Clamped, a curve may be too short for the point a claim names.
    const bool too_short = options.clamp_work > 0 && error.kind() == ErrorKind::out_of_range;
    // What the experiment refuses is no counterexample; an expression that finds nothing there is a fault of the check.
    const bool by_experiment = !std::exchange(evaluating, false);
    if ((cases[at].sampled && refused && by_experiment) || too_short) {
        next_case();
        return;
    }
    finished = true;
    result.status = CheckOutcome::Status::error;
    result.error = error;
    result.worst = where(true);
    running.clear();
}

void CheckJob::State::step_case() {
    const bool over_frames = check.predicate.over_frames;
    bool all_last = true;
    for (CaseRun& run : running) {
        if (!run.last) {
            if (!run.run->advance()) {
                throw Error(ErrorKind::internal,
                            {"实验没有给出最后一帧。", "The experiment ended without a last frame."});
            }
            if (run.run->sequence() == 0) ++result.runs;
            run.last = run.run->last();
            if (over_frames || run.last) run.computed->values = run.run->frame().values();
            if (run.last) {
                run.run.reset();
                if (options.cache != nullptr && !over_frames) options.cache->put(run.key, run.entry);
            }
        }
        all_last = all_last && run.last;
    }
    if (over_frames || all_last) evaluate_case();
    if (all_last) next_case();
}

CheckJob::CheckJob(Setting setting, Check check, CheckOptions options)
    : state_(new State{std::move(setting), std::move(check), std::move(options)}) {
    state_->cases = check_cases(state_->setting, state_->check, state_->options);
}
CheckJob::CheckJob(CheckJob&&) noexcept = default;
CheckJob& CheckJob::operator=(CheckJob&&) noexcept = default;
CheckJob::~CheckJob() = default;

bool CheckJob::advance() {
    State& state = *state_;
    if (state.finished) return false;
    try {
        if (state.running.empty()) state.start_case();
        state.step_case();
    } catch (...) {
        state.running.clear();
        state.fail_with(current_error());
    }
    return !state.finished;
}

std::int64_t CheckJob::done() const { return static_cast<std::int64_t>(state_->at); }
std::int64_t CheckJob::total() const { return static_cast<std::int64_t>(state_->cases.size()); }
bool CheckJob::finished() const { return state_->finished; }
const CheckOutcome& CheckJob::outcome() const { return state_->result; }

}  // namespace glassformer
