#pragma once

#include <cstdint>
#include <optional>

#include "autograd/variable.h"
#include "nn/mask.h"

namespace glassformer {

struct TileConfig {
    std::int64_t query_block = 32;
    std::int64_t key_block = 32;
    bool skip_empty = true;  ///< false: compute tiles in which nobody may look, as a kernel without a tile list does
};

/// What the tiles cost, counted over all leading axes.
struct TileCounts {
    std::int64_t tiles = 0;            ///< there are
    std::int64_t tiles_run = 0;        ///< computed
    std::int64_t scores_computed = 0;  ///< in them
    std::int64_t scores_useful = 0;    ///< that a query may look at
    std::int64_t peak_bytes = 0;       ///< of scores held at a time: one tile, where the plain way holds n_query n_key
};

template <typename T>
struct TiledAttention {
    BasicVariable<T> output;        ///< [..., n_query, d_v]
    BasicTensor<T> log_normaliser;  ///< [..., n_query]: ln of the sum of exponentials; all the backward pass keeps
    TileCounts counts;
};

/// softmax(Q K^T / sqrt(d_k)) V tile by tile, never holding all scores (Dao et al. 2022, FlashAttention, algorithm 1):
/// each query carries its running maximum, sum and output, rescaled when a larger score comes (online softmax, Milakov
/// & Gimelshein 2018). Tiles that the mask leaves empty are skipped. The backward pass makes each tile again (algorithm
/// 4). query [..., n_query, d_k], key [..., n_key, d_k], value [..., n_key, d_v] with equal leading axes, at most batch
/// and heads; the mask repeats over heads. A query that may look nowhere gets 0. Error(shape) when shapes or mask do
/// not fit, Error(out_of_range) for blocks below 1.
template <typename T>
TiledAttention<T> tiled_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                  const BasicVariable<T>& value, const std::optional<Mask>& mask = {},
                                  const TileConfig& config = {});

}  // namespace glassformer
