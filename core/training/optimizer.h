#pragma once

#include <vector>

#include "nn/module.h"

namespace glassformer {

/// Plain gradient descent, with momentum if asked: m <- momentum m + g; w <- w - rate m.
class Sgd {
  public:
    explicit Sgd(NamedParameters parameters, float momentum = 0.0F);
    /// One update from the parameters' gradients, which it then clears.
    void update(float learning_rate);

  private:
    NamedParameters parameters_;
    float momentum_;
    std::vector<Tensor> velocity_;
};

struct AdamOptions {
    float beta1 = 0.9F;
    float beta2 = 0.999F;
    float epsilon = 1e-8F;
    /// Decoupled (Loshchilov & Hutter 2019, AdamW): w <- w - rate * weight_decay * w, apart from the gradient's
    /// moments.
    float weight_decay = 0.0F;
};

/// Kingma & Ba 2015, algorithm 1: moments with bias correction, epsilon added after the square root.
class Adam {
  public:
    explicit Adam(NamedParameters parameters, AdamOptions options = {});
    /// One update from the parameters' gradients, which it then clears.
    void update(float learning_rate);

  private:
    NamedParameters parameters_;
    AdamOptions options_;
    std::vector<Tensor> first_;
    std::vector<Tensor> second_;
    double beta1_power_ = 1.0;
    double beta2_power_ = 1.0;
};

/// Scales all gradients so that their joint Euclidean norm is at most `maximum` (Pascanu et al. 2013); returns the norm
/// before. Error(non_finite) naming the parameter when a gradient is NaN or infinite.
double clip_gradient_norm(const NamedParameters& parameters, double maximum);

}  // namespace glassformer
