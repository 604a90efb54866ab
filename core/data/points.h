#pragma once

#include <vector>

#include "data/batch.h"

/// Points with classes or values: the data of layers and losses without sequences.
namespace glassformer {

/// Boolean functions of a few attributes, one point for each combination, attributes as -1 and +1.
enum class BooleanFunction { logical_xor, logical_and, logical_or, parity3 };
/// [4, 2] (parity3: [8, 3]). A linear model's logit is the same at both diagonals of XOR taken together, so its
/// cross-entropy stays at or above ln 2 and at most 3 of 4 points are right.
LabelledPoints boolean_points(BooleanFunction function);

/// Class 0 uniform in the disc of radius 1, class 1 uniform in the ring between 1.5 and 2.5; the first half of the rows
/// is the disc (shuffle if order matters). No line separates them; a circle does. `samples` even, 2 ... 1e6.
LabelledPoints disc_in_ring(int samples, Rng& rng);

/// y = x w + noise: inputs and the true weights normal, |w|^2 about 1 whatever the number of features.
struct NoisyLinear {
    int samples = 40;    ///< 1 ... 1e6
    int features = 40;   ///< 1 ... 4096
    float noise = 0.5F;  ///< standard deviation, 0 ... 100
};
struct Regression {
    Tensor inputs;       ///< [samples, features]
    Tensor targets;      ///< [samples]
    Tensor weights;      ///< [features], the truth
    double floor = 0.0;  ///< least expected squared error of a prediction: noise^2
};
Regression noisy_linear(const NoisyLinear& task, Rng& rng);
/// More samples of the same truth, for a test set.
Regression noisy_linear_again(const NoisyLinear& task, const Tensor& weights, Rng& rng);

/// Random keys with random values: all that can be learned is by heart. Training loss 0 is possible; on fresh keys the
/// floor is ln(values), accuracy 1 / values.
LabelledPoints random_facts(int facts, int features, int values, Rng& rng);

/// Classes by a fixed random network: argmax of B tanh(A x), inputs normal. Noise-free (floor 0), so that loss differs
/// by model and compute alone (plan, 2-14).
class TanhTeacher {
  public:
    TanhTeacher(int features, int hidden, int classes, Rng& rng);
    LabelledPoints draw(int samples, Rng& rng) const;

  private:
    Tensor first_;   ///< [hidden, features]
    Tensor second_;  ///< [classes, hidden]
};

/// Two clouds of words that hold one latent space each in its own way: noisy and, if asked, rotated (plan, 2-13).
struct LatentViews {
    Tensor latent;    ///< [points, d]
    Tensor a;         ///< [points, d]
    Tensor b;         ///< [points, d]
    Tensor rotation;  ///< [d, d], from a's axes to b's
};
/// latent_rank: the latent points fill that many of the d dimensions.
LatentViews latent_views(int points, int d, int latent_rank, float noise, bool rotated, Rng& rng);

/// Orthogonal [d, d], uniform among all (QR of a normal matrix with positive diagonal, by Gram-Schmidt; Stewart 1980).
Tensor random_orthogonal(int d, Rng& rng);
/// Q1 diag(s) Q2 with singular values from 1 down to 1 / condition, evenly in their logarithm.
Tensor random_with_condition(int d, float condition, Rng& rng);
/// Normal points whose k-th axis has standard deviation k^-decay, k = 1 ... d, turned at random.
Tensor decaying_points(int points, int d, float decay, Rng& rng);

}  // namespace glassformer
