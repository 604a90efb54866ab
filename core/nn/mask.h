#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace glassformer {

/// Which query may look at which key: a relation, 1 where query i of sequence b may look at key j. (PyTorch's
/// MultiheadAttention has it the other way round: there True hides. Its scaled_dot_product_attention and the
/// attention_mask of Hugging Face agree with this one: True, or 1, takes part.)
///
/// Masks combine: `causal_mask(n) & lengths_mask({8, 5}, n)` may look where both allow it. Extents of 1 stand for
/// "any": a lengths mask is [batch, 1, n_key], a causal one [1, n_query, n_key].
class Mask {
  public:
    /// [n_query, n_key] or [batch, n_query, n_key]; whatever is not 0 counts as 1. Error(shape) for another rank.
    explicit Mask(BoolTensor keep);

    std::int64_t batch() const { return keep_.extent(0); }
    std::int64_t n_query() const { return keep_.extent(1); }
    std::int64_t n_key() const { return keep_.extent(2); }
    /// [batch, n_query, n_key].
    const BoolTensor& keep() const { return keep_; }
    /// [batch, 1, n_query, n_key]: broadcasts over heads.
    BoolTensor for_heads() const;
    /// [n_query, n_key] of one sequence; Error(shape) if there is no such sequence.
    BoolTensor matrix(std::int64_t sequence = 0) const;
    /// All extents written out. Error(shape) unless this mask's are these or 1.
    Mask expanded(std::int64_t batch, std::int64_t n_query, std::int64_t n_key) const;
    bool operator==(const Mask& other) const;

  private:
    BoolTensor keep_;
};

/// Both allow; either allows; not allowed. Extents of 1 are repeated; Error(shape) when others differ.
Mask operator&(const Mask& a, const Mask& b);
Mask operator|(const Mask& a, const Mask& b);
Mask operator~(const Mask& a);

/// Every query sees every key.
Mask full_mask(std::int64_t n_query, std::int64_t n_key);
/// No token looks ahead: j <= i.
Mask causal_mask(std::int64_t n);
/// The same for the last n_query of n_key tokens, whose keys are cached: query i stands at position n_key - n_query +
/// i. Error(out_of_range) when n_query > n_key.
Mask causal_mask(std::int64_t n_query, std::int64_t n_key);
/// Query i sees the keys i - before ... i + after. (i, 0) of all sizes: causal; a model with a sliding window of w
/// tokens, itself included, has (w - 1, 0).
Mask window_mask(std::int64_t n, std::int64_t before, std::int64_t after);
/// The first `globals` tokens see all and are seen by all (Beltagy et al. 2020, Longformer, section 3.1): `|` a window.
Mask global_mask(std::int64_t n, std::int64_t globals);
/// A prefix language model: all see the first `prefix` tokens, the rest is causal (Raffel et al. 2020, section 3.2.1).
Mask prefix_mask(std::int64_t n, std::int64_t prefix);
/// Tokens see their own segment only: packed sequences, or sentences of a pair. One segment number per token.
Mask segment_mask(const std::vector<std::int32_t>& segments);
/// The same from the lengths of sequences packed one after another.
Mask packed_mask(const std::vector<std::int64_t>& lengths);
/// XLNet's (Yang et al. 2019, section 2.3): order[k] is the token predicted k-th. A token sees those before it in that
/// order and, in the content stream (`itself`), itself. Error(out_of_range) unless order is a permutation of 0 ... n
/// - 1.
Mask permutation_mask(const std::vector<std::int32_t>& order, bool itself);
/// No token looks at itself: i != j.
Mask no_diagonal_mask(std::int64_t n);

/// Which side of a sequence is padded. Generation pads left, so that the last position is real.
enum class PaddingSide { right, left };
/// The keys of each sequence that are no padding: [batch, 1, n_key], whoever asks. Error(out_of_range) unless
/// 0 <= length <= n_key; a sequence of length 0 has no key at all (its attention rows are 0).
Mask lengths_mask(const std::vector<std::int64_t>& lengths, std::int64_t n_key, PaddingSide side = PaddingSide::right);
/// The real tokens themselves, [batch, n]: for losses, pooling and the statistics of batch normalisation.
BoolTensor real_tokens(const std::vector<std::int64_t>& lengths, std::int64_t n, PaddingSide side = PaddingSide::right);

/// The number of pairs that may look, over the whole batch.
std::int64_t allowed_pairs(const Mask& mask);
/// Queries that may look nowhere, over the whole batch: softmax of their scores would be NaN; the layers give 0.
std::int64_t empty_rows(const Mask& mask);
/// What can reach what through `layers` layers of attention under this mask, and a residual stream if there is one: the
/// boolean power. Error(shape) unless n_query = n_key, Error(out_of_range) for negative layers.
Mask reach(const Mask& mask, std::int64_t layers, bool residual);

/// Of each block x block tile of a mask (one sequence): may all pairs look, some, or none. Kernels skip empty tiles.
enum class Tile : std::uint8_t { empty = 0, partial = 1, full = 2 };
/// [ceil(n_query / block), ceil(n_key / block)]; tiles at the edge count the pairs that exist. Error(out_of_range) for
/// a block below 1.
BasicTensor<std::uint8_t> tile_occupancy(const Mask& mask, std::int64_t block, std::int64_t sequence = 0);

}  // namespace glassformer
