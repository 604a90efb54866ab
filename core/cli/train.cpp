#include "cli/train.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <numeric>

#include "base/json.h"
#include "training/checkpoint.h"
#include "training/trainer.h"

namespace glassformer {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int stopped = 3;

volatile std::sig_atomic_t interrupted = 0;
void note_interrupt(int) { interrupted = 1; }

/// SIGINT and SIGTERM only leave a note while this lives: the update in progress is finished first.
class InterruptNote {
  public:
    InterruptNote() : on_int_(std::signal(SIGINT, note_interrupt)), on_term_(std::signal(SIGTERM, note_interrupt)) {
        interrupted = 0;
    }
    ~InterruptNote() {
        std::signal(SIGINT, on_int_);
        std::signal(SIGTERM, on_term_);
    }
    InterruptNote(const InterruptNote&) = delete;
    InterruptNote& operator=(const InterruptNote&) = delete;

  private:
    void (*on_int_)(int);
    void (*on_term_)(int);
};

const std::string& say(const Text& text, bool chinese) { return chinese ? text.zh : text.en; }

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

std::string command_of(const Recipe& recipe, const TrainingSettings& settings) {
    std::string command = "glassformer train " + recipe.name + " --seed " + std::to_string(settings.seed);
    const TrainingSettings& usual = recipe.settings;
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.17g", settings.rate);
    if (settings.updates != usual.updates) command += " --updates " + std::to_string(settings.updates);
    if (settings.batch != usual.batch) command += " --batch " + std::to_string(settings.batch);
    if (settings.rate != usual.rate) command += std::string(" --rate ") + rate;
    return command;
}

int list(bool chinese) {
    for (const Recipe& recipe : recipes()) {
        const std::int64_t parameters = parameter_count(recipe.make(Rng(1))->parameters());
        std::printf("%-20s %7lld %s, %lld %s  %s\n", recipe.name.c_str(), static_cast<long long>(parameters),
                    chinese ? "个参数" : "parameters", static_cast<long long>(recipe.settings.updates),
                    chinese ? "次更新" : "updates", say(recipe.summary, chinese).c_str());
    }
    return 0;
}

/// One line that is written over: update, loss (mean of the last 20), tokens a second, time left.
class Progress {
  public:
    explicit Progress(bool chinese) : chinese_(chinese) {}
    void show(const Trainer& trainer, std::int64_t first, bool last) {
        const double passed = seconds_since(begin_);
        if (!last && passed < next_) return;
        next_ = passed + 1.0;
        const auto done = static_cast<double>(trainer.updates() - first);
        const double left = static_cast<double>(trainer.settings().updates - trainer.updates()) * passed / done;
        const std::vector<float>& curve = trainer.curve();
        const auto recent = static_cast<std::ptrdiff_t>(std::min<std::size_t>(20, curve.size()));
        const float loss = std::accumulate(curve.end() - recent, curve.end(), 0.0F) / static_cast<float>(recent);
        std::fprintf(stderr,
                     chinese_ ? "\r更新 %lld / %lld  损失 %.4f  每秒 %.0f 词元  还需 %d:%02d   %s"
                              : "\rupdate %lld / %lld  loss %.4f  %.0f tokens/s  %d:%02d left   %s",
                     static_cast<long long>(trainer.updates()), static_cast<long long>(trainer.settings().updates),
                     static_cast<double>(loss), static_cast<double>(trainer.tokens()) / passed,
                     static_cast<int>(left) / 60, static_cast<int>(left) % 60, last ? "\n" : "");
        std::fflush(stderr);
    }

  private:
    bool chinese_;
    Clock::time_point begin_ = Clock::now();
    double next_ = 0.0;
};

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

/// What a checkpoint's record says: how it was made and how good it is, as trained and as shipped.
Json record(const Recipe& recipe, const Trainer& trainer, const std::vector<std::byte>& file) {
    const Rng examples = Rng(trainer.settings().seed).split("measure");
    const std::vector<Measure> trained = trainer.task().measure(recipe.examples, examples);
    const auto again = recipe.make(Rng(0));
    load_checkpoint(Safetensors::from_memory(file), recipe.name, again->parameters());
    const std::vector<Measure> shipped = again->measure(recipe.examples, examples);
    Json measures = Json::array();
    for (std::size_t m = 0; m < trained.size(); ++m) {
        measures.push_back({{"name", trained[m].name},
                            {"doc", text_json(trained[m].doc)},
                            {"float32", trained[m].value},
                            {"shipped", shipped[m].value}});
    }
    const std::vector<float>& curve = trainer.curve();
    const auto recent = static_cast<std::ptrdiff_t>(std::min<std::size_t>(50, curve.size()));
    const float loss = std::accumulate(curve.end() - recent, curve.end(), 0.0F) / static_cast<float>(recent);
    const TrainingSettings& settings = trainer.settings();
    return {{"name", recipe.name},
            {"summary", text_json(recipe.summary)},
            {"command", command_of(recipe, settings)},
            {"seed", settings.seed},
            {"updates", settings.updates},
            {"batch", settings.batch},
            {"rate", settings.rate},
            {"final_loss", loss},
            {"parameters", parameter_count(trainer.task().parameters())},
            {"stored", "F16"},
            {"bytes", file.size()},
            {"examples", recipe.examples},
            {"measures", measures}};
}

void save(const Trainer& trainer, const std::string& path, bool chinese) {
    write_file(path, trainer.resume_bytes());
    std::fprintf(stderr,
                 chinese ? "停在第 %lld 次更新之后；权重和损失曲线在 %s，续训：glassformer train %s --resume %s\n"
                         : "Stopped after update %lld; weights and curve are in %s. To go on: glassformer train %s "
                           "--resume %s\n",
                 static_cast<long long>(trainer.updates()), path.c_str(), trainer.name().c_str(), path.c_str());
}

}  // namespace

int train(const Options& options) {
    if (options.list) return list(options.chinese);
    if (options.names.size() != 1) {
        throw Error(
            ErrorKind::malformed,
            {"train 要一个模型名；train --list 列出所有模型。", "train takes one model; train --list shows them all."},
            "train");
    }
    const Recipe& recipe = find_recipe(options.names[0]);
    TrainingSettings settings = recipe.settings;
    std::optional<Safetensors> resumed;
    if (!options.resume.empty()) {
        resumed = Safetensors::from_file(options.resume);
        settings = resume_settings(*resumed, recipe.name);
    }
    if (options.seed_given) settings.seed = options.seed;
    if (options.updates) settings.updates = *options.updates;
    if (options.batch) settings.batch = *options.batch;
    if (options.rate) settings.rate = *options.rate;
    Trainer trainer(recipe, settings);
    if (resumed) trainer.resume(*resumed);
    const std::string resume_path = options.resume.empty() ? recipe.name + ".resume.safetensors" : options.resume;
    const std::int64_t first = trainer.updates();
    std::error_code ignored;
    fs::create_directories(options.output, ignored);

    const InterruptNote note;
    Progress progress(options.chinese);
    while (!trainer.finished()) {
        try {
            trainer.advance();
        } catch (const Error& error) {
            std::fprintf(stderr, "\nglassformer: %s\n", say(error.message(), options.chinese).c_str());
            save(trainer, resume_path, options.chinese);
            return stopped;
        }
        progress.show(trainer, first, trainer.finished() || interrupted != 0);
        if (interrupted != 0 && !trainer.finished()) {
            save(trainer, resume_path, options.chinese);
            return stopped;
        }
    }
    const std::vector<std::byte> file = checkpoint_bytes(recipe.name, trainer.task().parameters());
    const Json json = record(recipe, trainer, file);
    const std::string path = (fs::path(options.output) / recipe.name).string();
    write_file(path + ".safetensors", file);
    write_file(path + ".json", bytes_of(json.dump(2) + "\n"));
    std::printf("%s.safetensors  %zu bytes", path.c_str(), file.size());
    for (const Json& measure : json["measures"]) {
        std::printf("  %s %.4f (float32 %.4f)", measure["name"].get<std::string>().c_str(),
                    measure["shipped"].get<double>(), measure["float32"].get<double>());
    }
    std::printf("\n");
    return 0;
}

}  // namespace glassformer
