#pragma once

#include <cstdint>
#include <vector>

#include "nn/module.h"

/// Optimizers change parameters in place from the gradients that backward passes have added up, and clear them: several
/// backward passes and one update are one larger batch (gradient accumulation). A parameter that no gradient has
/// reached since its last update is left alone, moments and decay included, as in PyTorch after zero_grad().
namespace glassformer {

class Optimizer {
  public:
    virtual ~Optimizer() = default;
    /// One update with this learning rate. Error(out_of_range) unless the rate is finite and not negative.
    void update(float learning_rate);
    /// Clears the gradients without an update (zero_grad).
    void clear_gradients();

    std::int64_t updates() const { return updates_; }
    const NamedParameters& parameters() const { return parameters_; }

    /// What an optimizer remembers from update to update, by name ("first.layers.0.weight"): together with the number
    /// of updates and the parameters themselves all that is needed to go on.
    std::vector<std::pair<std::string, Tensor>> state() const;
    /// Goes on from a state. Error(constraint) naming what is missing or has another shape; nothing is changed then.
    void restore(const std::vector<std::pair<std::string, Tensor>>& state, std::int64_t updates);

  protected:
    /// `moments`: one tensor of each for every parameter, starting at zero.
    Optimizer(NamedParameters parameters, std::vector<std::string> moments);

    std::vector<Tensor>& moment(std::size_t which) { return moments_[which]; }
    /// Of one parameter, the update that is being made included.
    std::int64_t own_updates(std::size_t index) const { return own_updates_[index]; }

  private:
    virtual void update_parameter(std::size_t index, Tensor& value, const Tensor& gradient, float learning_rate) = 0;

    NamedParameters parameters_;
    std::vector<std::string> moment_names_;
    std::vector<std::vector<Tensor>> moments_;  // [moment][parameter]
    /// Updates of each parameter: one that was left alone is behind the others.
    std::vector<std::int64_t> own_updates_;
    std::int64_t updates_ = 0;
};

/// Plain gradient descent, with momentum if asked: m <- momentum m + g; w <- w - rate m.
class Sgd : public Optimizer {
  public:
    explicit Sgd(NamedParameters parameters, float momentum = 0.0F);

  private:
    void update_parameter(std::size_t index, Tensor& value, const Tensor& gradient, float learning_rate) override;
    float momentum_;
};

struct AdamOptions {
    float beta1 = 0.9F;
    float beta2 = 0.999F;
    float epsilon = 1e-8F;
    /// Decoupled (Loshchilov & Hutter 2019, AdamW): w <- w - rate * weight_decay * w, apart from the gradient's
    /// moments.
    float weight_decay = 0.0F;
};

/// Kingma & Ba 2015, algorithm 1: moments with bias correction, epsilon added after the square root. With weight_decay
/// it is AdamW.
class Adam : public Optimizer {
  public:
    explicit Adam(NamedParameters parameters, AdamOptions options = {});

  private:
    void update_parameter(std::size_t index, Tensor& value, const Tensor& gradient, float learning_rate) override;
    /// A power of beta, carried along.
    class Power {
      public:
        double at(std::int64_t exponent, float base);

      private:
        std::int64_t exponent_ = 0;
        double value_ = 1.0;
    };
    AdamOptions options_;
    Power power1_;
    Power power2_;
};

/// Scales all gradients so that their joint Euclidean norm is at most `maximum` (Pascanu et al. 2013); returns the norm
/// before. Error(non_finite) naming the parameter when a gradient is NaN or infinite; Error(out_of_range) unless
/// maximum > 0.
double clip_gradient_norm(const NamedParameters& parameters, double maximum);

}  // namespace glassformer
