#pragma once

#include <vector>

#include "data/batch.h"

/// Classes of very different sizes, and classes with few examples.
namespace glassformer {

/// Normal classes: means normal with standard deviation `separation`, points around them with unit noise.
struct GaussianClasses {
    int classes = 10;         ///< 2 ... 1000
    int features = 16;        ///< 1 ... 4096
    float separation = 0.8F;  ///< 0 ... 100
};
Tensor class_means(const GaussianClasses& task, Rng& rng);
/// counts[k] points around means[k], class after class. Error(shape) when the numbers differ.
LabelledPoints draw_classes(const Tensor& means, const std::vector<int>& counts, Rng& rng);
/// From head_count down to head_count / ratio, evenly in the logarithm, at least 1 (the long tail of Cui et al. 2019,
/// 1901.05555, section 5). A majority classifier has accuracy counts[0] / sum and balanced accuracy 1 / classes.
std::vector<int> long_tail_counts(int classes, int head_count, float ratio);

/// Frequencies by Zipf's law: p_k proportional to k^-exponent, k = 1 ... vocabulary.
std::vector<double> zipf_probabilities(int vocabulary, double exponent);
/// Draws by inverse distribution function; probabilities as given (any that sum to 1).
class Categorical {
  public:
    /// Error(out_of_range) for a negative entry or a sum that is not 1 to 1e-6.
    explicit Categorical(const std::vector<double>& probabilities);
    std::int32_t draw(Rng& rng) const;

  private:
    std::vector<double> cumulative_;
};
/// Independent tokens with Zipf frequencies, predicted one ahead as in UniformTokens: floor = blind = the entropy.
TokenBatch zipf_tokens(int length, int vocabulary, double exponent, int batch, Rng& rng);

/// Episodes (Vinyals et al. 2016, 1606.04080; Snell et al. 2017, 1703.05175): new classes each time.
struct EpisodeTask {
    int ways = 10;            ///< classes in an episode, 2 ... 100
    int shots = 5;            ///< labelled examples a class, 1 ... 100
    int queries = 15;         ///< questions a class, 1 ... 100
    int features = 48;        ///< 1 ... 1024
    int signal = 48;          ///< dimensions in which classes differ; fewer than features: a subspace to be found
    float separation = 0.6F;  ///< standard deviation of a class mean in a signal dimension (noise has 1)
};
struct Episode {
    LabelledPoints support;  ///< [ways * shots, features]
    LabelledPoints query;    ///< [ways * queries, features]
};
class EpisodeSource {
  public:
    EpisodeSource(const EpisodeTask& task, Rng& rng);
    Episode draw(Rng& rng) const;
    /// Orthonormal rows [signal, features]: what pre-training on other classes would find.
    const Tensor& basis() const { return basis_; }

  private:
    EpisodeTask task_;
    Tensor basis_;
};

}  // namespace glassformer
