#pragma once

#include <memory>
#include <vector>

#include "io/safetensors.h"
#include "training/optimizer.h"
#include "training/recipe.h"

namespace glassformer {

/// A training run that is stepped through, update by update: Adam (0.9, 0.98), gradients clipped to norm 1, a warmup,
/// then half a cosine to 0. It may stop anywhere and go on from a resume file to the same bits.
class Trainer {
  public:
    /// Error(out_of_range) naming what is not above 0: updates, batch, rate; a batch above 4096; a negative warmup.
    Trainer(const Recipe& recipe, const TrainingSettings& settings);
    /// Any task, for tests.
    Trainer(std::string name, std::unique_ptr<TrainingTask> task, const TrainingSettings& settings);

    /// One update. Error(non_finite) when the loss or a gradient is NaN or infinite, saying where to look; the weights,
    /// the optimizer and the curve are then as they were before. Error(out_of_range) naming the rate when the loss has
    /// climbed to several times what it was at the start: the training diverges.
    void advance();
    bool finished() const { return updates() >= settings_.updates; }
    std::int64_t updates() const { return optimizer_.updates(); }
    std::int64_t tokens() const { return tokens_; }             ///< read since the start, or since it was resumed
    const std::vector<float>& curve() const { return curve_; }  ///< the loss before each update

    const std::string& name() const { return name_; }
    const TrainingSettings& settings() const { return settings_; }
    const TrainingTask& task() const { return *task_; }

    /// Everything to go on from: weights, moments, curve, settings.
    std::vector<std::byte> resume_bytes() const;
    /// Error(constraint) for a file of another model or of other settings; an Error naming the tensor that is missing,
    /// of another shape or not finite. Nothing is changed then.
    void resume(const Safetensors& file);

  private:
    [[noreturn]] void refuse_loss(float loss) const;
    void refuse_divergence() const;

    std::string name_;
    TrainingSettings settings_;
    std::unique_ptr<TrainingTask> task_;
    Adam optimizer_;
    std::vector<float> curve_;
    std::int64_t tokens_ = 0;
};

/// The settings that a resume file was written with. Error(constraint) unless it is a resume file of that model.
TrainingSettings resume_settings(const Safetensors& file, const std::string& model);

}  // namespace glassformer
