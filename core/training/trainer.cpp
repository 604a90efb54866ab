#include "training/trainer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "io/config.h"
#include "training/schedule.h"

namespace glassformer {
namespace {

constexpr std::size_t watched = 10;  ///< updates whose mean loss is compared with the start's
constexpr float too_high = 3.0F;

TrainingSettings checked(TrainingSettings settings) {
    const auto refuse = [](const char* name, const std::string& given, const std::string& allowed) {
        throw Error(ErrorKind::out_of_range,
                    {std::string(name) + " 须在 " + allowed + " 内，给的是 " + given + "。",
                     std::string(name) + " must be within " + allowed + "; given: " + given + "."},
                    name);
    };
    if (settings.updates < 1 || settings.updates > 10'000'000)
        refuse("updates", std::to_string(settings.updates), "1 … 10000000");
    if (settings.batch < 1 || settings.batch > 4096) refuse("batch", std::to_string(settings.batch), "1 … 4096");
    if (!(settings.rate > 0.0) || std::isinf(settings.rate)) refuse("rate", std::to_string(settings.rate), "(0, ∞)");
    if (settings.warmup < 0) refuse("warmup", std::to_string(settings.warmup), "0 … ∞");
    return settings;
}

Rng stream(const TrainingSettings& settings, const char* purpose) { return Rng(settings.seed).split(purpose); }

float mean_of(std::span<const float> losses) {
    return std::accumulate(losses.begin(), losses.end(), 0.0F) / static_cast<float>(losses.size());
}

std::string shown(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", number);
    return text;
}

}  // namespace

Trainer::Trainer(const Recipe& recipe, const TrainingSettings& settings)
    : Trainer(recipe.name, recipe.make(stream(checked(settings), "weights")), settings) {}

Trainer::Trainer(std::string name, std::unique_ptr<TrainingTask> task, const TrainingSettings& settings)
    : name_(std::move(name)),
      settings_(checked(settings)),
      task_(std::move(task)),
      optimizer_(task_->parameters(), {.beta2 = 0.98F, .epsilon = 1e-9F}) {
    curve_.reserve(static_cast<std::size_t>(settings.updates));
}

void Trainer::refuse_loss(float loss) const {
    const std::string update = std::to_string(updates() + 1);
    const std::string value = std::isnan(loss) ? "NaN" : "∞";
    bool finite = true;
    for (const auto& [name, variable] : optimizer_.parameters()) {
        finite = finite && std::ranges::all_of(variable.value().elements(), [](float w) { return std::isfinite(w); });
    }
    if (finite) {
        throw Error(
            ErrorKind::non_finite,
            {"第 " + update + " 次更新的损失是 " + value + "，而权重都是有限数：看看这一批数据，或者学习率太高。",
             "The loss of update " + update + " is " + value +
                 " while all weights are finite: look at that batch's data, or the rate is too high."},
            "loss");
    }
    throw Error(ErrorKind::non_finite,
                {"第 " + update + " 次更新前权重已出现 NaN 或无穷：学习率太高。",
                 "Before update " + update + " the weights hold NaN or infinity: the rate is too high."},
                "rate");
}

void Trainer::refuse_divergence() const {
    if (curve_.size() < 2 * watched) return;
    const std::span<const float> losses(curve_);
    const float now = mean_of(losses.last(watched));
    // The first losses come before the rate has done anything: that is what knowing nothing costs.
    const float first = mean_of(losses.first(3));
    if (now <= too_high * first) return;
    throw Error(ErrorKind::out_of_range,
                {"训练发散：最近 " + std::to_string(watched) + " 次更新的平均损失是 " +
                     shown(static_cast<double>(now)) + "，开始时是 " + shown(static_cast<double>(first)) +
                     "。把学习率调低（现在是 " + shown(settings_.rate) + "）。",
                 "The training diverges: the mean loss of the last " + std::to_string(watched) + " updates is " +
                     shown(static_cast<double>(now)) + "; it began at " + shown(static_cast<double>(first)) +
                     ". Lower the rate (it is " + shown(settings_.rate) + ")."},
                "rate");
}

void Trainer::advance() {
    if (finished()) return;
    refuse_divergence();
    const std::int64_t update = updates() + 1;
    const TrainingTask::Loss loss =
        task_->loss(settings_.batch, stream(settings_, "data").split(static_cast<std::uint64_t>(update)));
    const float value = loss.mean.value()[0];
    if (!std::isfinite(value)) refuse_loss(value);
    loss.mean.backward();
    try {
        clip_gradient_norm(optimizer_.parameters(), 1.0);
    } catch (...) {
        optimizer_.clear_gradients();
        throw;
    }
    const Schedule schedule{Schedule::Kind::cosine, settings_.warmup, settings_.updates};
    optimizer_.update(static_cast<float>(settings_.rate) * schedule.factor(update));
    curve_.push_back(value);
    tokens_ += loss.tokens;
}

std::vector<std::byte> Trainer::resume_bytes() const {
    SafetensorsWriter writer;
    for (const auto& [name, variable] : optimizer_.parameters()) writer.add("weight." + name, variable.value());
    for (const auto& [name, tensor] : optimizer_.state()) writer.add("state." + name, tensor);
    writer.add("curve", Tensor({static_cast<std::int64_t>(curve_.size())}, curve_));
    writer.set_metadata("resume", name_);
    Config config;
    config.set("done", updates());
    config.set("seed", static_cast<std::int64_t>(settings_.seed));
    config.set("updates", settings_.updates);
    config.set("batch", settings_.batch);
    config.set("rate", settings_.rate);
    config.set("warmup", settings_.warmup);
    writer.set_metadata("settings", config.dump());
    return writer.bytes();
}

namespace {

constexpr std::int64_t any = std::int64_t{1} << 53;

Config config_of(const Safetensors& file, const std::string& model) {
    const auto named = file.metadata().find("resume");
    const auto config = file.metadata().find("settings");
    if (named == file.metadata().end() || config == file.metadata().end()) {
        throw Error(ErrorKind::constraint, {"这不是续训文件。", "This is no resume file."}, "resume");
    }
    if (named->second != model) {
        const std::string other = shown_name(named->second);
        throw Error(ErrorKind::constraint,
                    {"这个续训文件是模型 " + other + " 的，不是 " + model + " 的。",
                     "This resume file is of the model " + other + ", not of " + model + "."},
                    "resume");
    }
    return Config::parse(config->second);
}

}  // namespace

TrainingSettings resume_settings(const Safetensors& file, const std::string& model) {
    const Config config = config_of(file, model);
    return checked({.seed = static_cast<std::uint64_t>(config.integer("seed", 0, any)),
                    .updates = config.integer("updates", 1, any),
                    .batch = config.integer("batch", 1, any),
                    .rate = config.number("rate", 0.0, 1e300),
                    .warmup = config.integer("warmup", 0, any)});
}

void Trainer::resume(const Safetensors& file) {
    const TrainingSettings other = resume_settings(file, name_);
    const bool same = other.seed == settings_.seed && other.updates == settings_.updates &&
                      other.batch == settings_.batch && other.rate == settings_.rate &&
                      other.warmup == settings_.warmup;
    if (!same) {
        throw Error(ErrorKind::constraint,
                    {"续训文件的种子、更新数、批大小或学习率与这次的不同。",
                     "The resume file has another seed, number of updates, batch or rate than this run."},
                    "resume");
    }
    const std::int64_t done = config_of(file, name_).integer("done", 0, settings_.updates);
    const NamedParameters& parameters = optimizer_.parameters();
    std::vector<Tensor> weights;
    for (const auto& [name, variable] : parameters) weights.push_back(file.floats("weight." + name, variable.shape()));
    auto state = optimizer_.state();
    for (auto& [name, tensor] : state) tensor = file.floats("state." + name);
    const Tensor curve = file.floats("curve");
    if (curve.shape() != Shape({done})) {
        throw Error(ErrorKind::malformed,
                    {"续训文件的更新数与损失曲线不符。", "The resume file's updates do not agree with its curve."},
                    "done");
    }
    optimizer_.restore(state, done);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        Variable variable = parameters[p].second;
        variable.mutable_value() = std::move(weights[p]);
    }
    curve_.assign(curve.elements().begin(), curve.elements().end());
    tokens_ = 0;
}

}  // namespace glassformer
