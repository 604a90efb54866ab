#pragma once

#include <cstdint>
#include <optional>

#include "autograd/variable.h"

namespace glassformer {

struct ChunkedLossConfig {
    std::int64_t rows = 0;        ///< rows of hidden states at a time: 0 for all
    std::int64_t vocabulary = 0;  ///< words of the vocabulary at a time: 0 for all
    std::optional<std::int32_t> ignore_index = {};
    double label_smoothing = 0.0;  ///< spread over all classes, PyTorch's convention
};

template <typename T>
struct ChunkedLoss {
    BasicVariable<T> loss;
    std::int64_t peak_bytes = 0;  ///< the largest block of logits that existed at a time
};

/// cross_entropy(hidden weight^T, targets) without ever holding all logits. hidden [rows, d], weight [vocabulary, d]
/// (an embedding's layout), targets [rows]. Blocks of `rows` x `vocabulary` logits are made one at a time; over the
/// vocabulary the maximum and the sum of exponentials are carried on (Milakov & Gimelshein 2018, algorithm 3). The
/// backward pass makes each block again and turns it into gradients: more work, less memory. 0 when no row counts.
/// Error(shape) when the shapes do not fit or a target is outside the vocabulary; Error(out_of_range) for negative
/// sizes.
template <typename T>
ChunkedLoss<T> chunked_cross_entropy(const BasicVariable<T>& hidden, const BasicVariable<T>& weight,
                                     const IntTensor& targets, const ChunkedLossConfig& config = {});

}  // namespace glassformer
