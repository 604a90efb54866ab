#include "nn/attention.h"

#include <cmath>
#include <limits>

#include "autograd/operations.h"

namespace glassformer {

template <typename T>
BasicVariable<T> attention_scores(const BasicVariable<T>& query, const BasicVariable<T>& key) {
    const T d_k = static_cast<T>(query.value().extent(-1));
    return scale(matmul(query, key, Transpose::no, Transpose::yes), T{1} / std::sqrt(d_k));
}

template <typename T>
AttentionResult<T> scaled_dot_product_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                                const BasicVariable<T>& value, const std::optional<BoolTensor>& keep) {
    const BasicVariable<T> scores = attention_scores(query, key);
    const BasicVariable<T> visible = keep ? masked_fill(scores, *keep, -std::numeric_limits<T>::infinity()) : scores;
    const BasicVariable<T> attention = softmax(visible);
    return {scores, attention, matmul(attention, value)};
}

#define GLASSFORMER_INSTANTIATE(T)                                                                \
    template BasicVariable<T> attention_scores(const BasicVariable<T>&, const BasicVariable<T>&); \
    template AttentionResult<T> scaled_dot_product_attention(                                     \
        const BasicVariable<T>&, const BasicVariable<T>&, const BasicVariable<T>&, const std::optional<BoolTensor>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

BoolTensor causal_mask(std::int64_t n) {
    BoolTensor keep({n, n});
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j <= i; ++j) keep(i, j) = 1;
    }
    return keep;
}

BoolTensor no_diagonal_mask(std::int64_t n) {
    BoolTensor keep({n, n}, 1);
    for (std::int64_t i = 0; i < n; ++i) keep(i, i) = 0;
    return keep;
}

}  // namespace glassformer
