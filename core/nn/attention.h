#pragma once

#include <optional>

#include "autograd/variable.h"

namespace glassformer {

/// What scaled dot-product attention computes on the way, for those who look inside.
template <typename T>
struct AttentionResult {
    BasicVariable<T> scores;     ///< [n_query, n_key], before the mask
    BasicVariable<T> attention;  ///< [n_query, n_key], each row sums to 1
    BasicVariable<T> output;     ///< [n_query, d_v]
};

/// scores = Q K^T / sqrt(d_k), [n_query, n_key] for query [n_query, d_k] and key [n_key, d_k].
template <typename T>
BasicVariable<T> attention_scores(const BasicVariable<T>& query, const BasicVariable<T>& key);

/// softmax(Q K^T / sqrt(d_k)) V  (Vaswani et al. 2017, equation 1). `keep` [n_query, n_key] or [n_key] is 1 where a
/// query may look; elsewhere the score is -inf before softmax. A row that may look nowhere is NaN, as IEEE arithmetic
/// says.
template <typename T>
AttentionResult<T> scaled_dot_product_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                                const BasicVariable<T>& value,
                                                const std::optional<BoolTensor>& keep = {});

/// keep[i, j] = 1 for j <= i: no token looks ahead.
BoolTensor causal_mask(std::int64_t n);
/// keep[i, j] = 1 for i != j: no token looks at itself.
BoolTensor no_diagonal_mask(std::int64_t n);

}  // namespace glassformer
