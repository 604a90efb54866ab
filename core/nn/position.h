#pragma once

#include <cstdint>
#include <optional>

#include "nn/linear.h"

/// Absolute positions, added to the embeddings. Those that act inside attention are in nn/relative_position.h.
namespace glassformer {

enum class PositionKind {
    none,
    sinusoidal,  ///< Vaswani et al. 2017, section 3.5: added to the embedding, no parameters, any length
    learned,     ///< BERT, GPT-2: a table, added to the embedding, ends at max_length
    rope,        ///< Su et al. 2021: queries and keys are rotated
    alibi,       ///< Press et al. 2022: a penalty on the scores that grows with the distance
    t5,          ///< Raffel et al. 2020, section 2.1: a learned scalar per head and bucket of distances
    shaw,        ///< Shaw et al. 2018: learned vectors per distance, on keys and values
};
/// Whether it is added to the embedding (sinusoidal, learned) rather than acting inside attention.
bool is_absolute(PositionKind kind);

/// 0 ... n - 1 counted from `first`, shape [n].
IntTensor counted_positions(std::int64_t n, std::int64_t first = 0);
/// Positions of padded sequences [batch, n]: the real tokens count from 0, padding is 0. For left-padded batches, where
/// a token's place in the row is not its position.
IntTensor positions_of(const BoolTensor& real);

/// PE[p, 2i] = sin(p / base^(2i/d)), PE[p, 2i+1] = cos(the same); positions of any shape -> [positions..., d]. Computed
/// in double. An odd d ends with a sine.
template <typename T>
BasicTensor<T> sinusoidal_positions(const IntTensor& positions, std::int64_t d, double base = 10000.0);
/// For the patches of a rows x columns grid, in reading order: the first half of the features encodes the row, the
/// second the column, each as above -> [rows * columns, d]. Error(constraint) for an odd d. (He et al. 2022 use such a
/// table.)
template <typename T>
BasicTensor<T> sinusoidal_positions_2d(std::int64_t rows, std::int64_t columns, std::int64_t d, double base = 10000.0);

/// The vector that is added to the embedding at each position.
template <typename T>
class BasicAbsolutePosition {
  public:
    /// `learned` has a table [max_length, d], normal with the given standard deviation; kinds that act inside attention
    /// give nothing here.
    BasicAbsolutePosition(PositionKind kind, std::int64_t d, std::int64_t max_length, Rng rng,
                          float standard_deviation = 0.02F);
    /// positions [n] or [batch, n] -> [..., d]; nothing when the kind is not absolute. Error(out_of_range) for a
    /// position below 0 or, learned, not below max_length.
    std::optional<BasicVariable<T>> forward(const IntTensor& positions) const;
    BasicNamedParameters<T> parameters() const;

  private:
    PositionKind kind_;
    std::int64_t d_;
    std::int64_t max_length_;
    std::optional<BasicEmbedding<T>> table_;
};
using AbsolutePosition = BasicAbsolutePosition<float>;

}  // namespace glassformer
