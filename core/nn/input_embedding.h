#pragma once

#include <optional>

#include "nn/linear.h"
#include "nn/normalization.h"
#include "nn/pass.h"
#include "nn/position.h"

namespace glassformer {

/// What a model adds up before its first layer.
struct InputEmbeddingConfig {
    std::int64_t vocabulary = 0;
    std::int64_t d_model = 0;
    /// The token's vector is multiplied by sqrt(d_model) (Vaswani et al. 2017, section 3.4).
    bool scaled = true;
    float token_deviation = 0.0F;                      ///< of the initial table: 0 for 1 / sqrt(d_model)
    PositionKind position = PositionKind::sinusoidal;  ///< absolute kinds; the others act inside attention
    std::int64_t max_length = 0;                       ///< needed by learned positions only
    float position_deviation = 0.02F;
    std::int64_t segments = 0;            ///< BERT's sentence A or B: a table of so many more vectors, 0 for none
    std::optional<NormConfig> norm = {};  ///< BERT normalises the sum; its width is filled in
    double dropout = 0.0;                 ///< on the sum, site "embedding"
};

/// Token + position (+ segment), normalised and dropped out if asked.
/// Observed: token (scaled), position, segment, sum, output.
template <typename T>
class BasicInputEmbedding {
  public:
    BasicInputEmbedding(const InputEmbeddingConfig& config, Rng rng);

    /// ids [n] or [batch, n] -> [..., d_model]. Positions count from `first` unless given, [n] or ids' shape; segments
    /// have ids' shape. Error(shape) for no ids, an id outside the vocabulary or shapes that do not fit;
    /// Error(out_of_range) for a position beyond max_length; Error(constraint) for segments where there is no table.
    BasicVariable<T> forward(const IntTensor& ids, const BasicPass<T>& pass = {},
                             const std::optional<IntTensor>& positions = {},
                             const std::optional<IntTensor>& segments = {}, std::int64_t first = 0) const;

    const BasicEmbedding<T>& token() const { return token_; }
    const InputEmbeddingConfig& config() const { return config_; }
    BasicNamedParameters<T> parameters() const;  ///< token.weight, position.weight, segment.weight, norm.*

  private:
    InputEmbeddingConfig config_;
    BasicEmbedding<T> token_;
    BasicAbsolutePosition<T> position_;
    std::optional<BasicEmbedding<T>> segment_;
    std::optional<BasicNorm<T>> norm_;
};
using InputEmbedding = BasicInputEmbedding<float>;

}  // namespace glassformer
