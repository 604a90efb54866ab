#pragma once

#include <cstdint>

#include "autograd/variable.h"
#include "base/rng.h"

/// Attention in time linear in n: softmax's exponential of a product is replaced by, or approximated with, a product of
/// features, so that phi(K)^T V can be summed up before any query comes. Queries and keys [..., n, d], values [..., n,
/// d_v].
namespace glassformer {

/// elu(x) + 1, above 0 everywhere (Katharopoulos et al. 2020, equation 7).
template <typename T>
BasicVariable<T> elu_features(const BasicVariable<T>& x);

/// Positive random features of the softmax kernel (Choromanski et al. 2021, FAVOR+, lemma 1): phi(x) = exp(w x - |x|^2
/// / 2) / sqrt(m), so that E[phi(q) phi(k)] = exp(q k). `projection` [m, d] holds the w. Queries and keys are divided
/// by d^(1/4) first, which gives exp(q k / sqrt(d)). The largest exponent is taken out (`per_row`: of each row, for
/// queries; else of the whole tensor, for keys): a factor that cancels in normalised attention.
template <typename T>
BasicVariable<T> softmax_features(const BasicVariable<T>& x, const BasicTensor<T>& projection, bool per_row);
/// m normal vectors of d numbers; `orthogonal`: within each block of d made orthogonal (Gram-Schmidt) with the lengths
/// that normal vectors have, which lowers the variance (theorem 2). Error(out_of_range) for sizes below 1.
template <typename T>
BasicTensor<T> random_projection(std::int64_t m, std::int64_t d, Rng rng, bool orthogonal = true);

/// sum_j (phi(q_i) . phi(k_j)) v_j / sum_j (phi(q_i) . phi(k_j)), over all j or, causal, over j <= i. Given features
/// [..., n, m], in O(n m d_v): phi(K)^T V is made once, or carried along from token to token.
template <typename T>
BasicVariable<T> linear_attention(const BasicVariable<T>& query_features, const BasicVariable<T>& key_features,
                                  const BasicVariable<T>& value, bool causal = false);
/// The same by way of the n x n matrix, the reference; it also shows the attention weights.
template <typename T>
struct QuadraticAttention {
    BasicVariable<T> attention;  ///< [..., n_query, n_key], rows sum to 1
    BasicVariable<T> output;
};
template <typename T>
QuadraticAttention<T> quadratic_linear_attention(const BasicVariable<T>& query_features,
                                                 const BasicVariable<T>& key_features, const BasicVariable<T>& value,
                                                 bool causal = false);

/// out_i = sum_{j <= i} (q_i . k_j) v_j with a running state [m, d_v] (equation 9): a Transformer as a recurrent
/// network.
template <typename T>
BasicVariable<T> causal_product(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                const BasicVariable<T>& value);

/// Linformer (Wang et al. 2020, section 4): keys and values are mixed down from n to `rank` rows by E, F [rank, n]
/// before ordinary attention: softmax(Q (E K)^T / sqrt(d)) F V. Not causal. Error(shape) unless E and F have n columns.
template <typename T>
BasicVariable<T> linformer_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                     const BasicVariable<T>& value, const BasicVariable<T>& key_projection,
                                     const BasicVariable<T>& value_projection);

}  // namespace glassformer
