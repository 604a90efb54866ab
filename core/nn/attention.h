#pragma once

#include <optional>

#include "autograd/variable.h"
#include "nn/mask.h"
#include "nn/module.h"

/// Attention as a function, for one head or many: queries [..., n_query, d_k], keys [..., n_key, d_k], values
/// [..., n_key, d_v], any leading axes (none, batch, batch and heads). The layer with its projections is
/// nn/multi_head_attention.h.
namespace glassformer {

/// How a query is compared with a key.
enum class ScoreKind {
    dot,              ///< q . k (Luong et al. 2015, section 3.1)
    scaled_dot,       ///< q . k / sqrt(d_k) (Vaswani et al. 2017, equation 1)
    general,          ///< q^T W k, also called multiplicative (Luong et al. 2015)
    additive,         ///< v . tanh(W_q q + W_k k) (Bahdanau et al. 2015, appendix A.1.2)
    additive_linear,  ///< the same without tanh: a wrong turn worth seeing, every query then attends alike
    cosine,           ///< cosine_scale q . k / (|q| |k|), within +-cosine_scale (Henry et al. 2020, QK-norm)
};

struct ScoreConfig {
    ScoreKind kind = ScoreKind::scaled_dot;
    std::int64_t d_k = 1;
    std::int64_t n_heads = 1;   ///< general and additive have their own weights for each head
    std::int64_t d_hidden = 0;  ///< additive: width of the hidden layer, 0 for d_k
    double cosine_scale = 1.0;  ///< cosine: with 1 the attention is nearly even, whatever the vectors
};

/// The comparison with its weights, if it has any.
template <typename T>
class BasicAttentionScore {
  public:
    /// Weights are normal, 1 / sqrt(inputs). Error(out_of_range) for widths below 1.
    BasicAttentionScore(const ScoreConfig& config, Rng rng);

    /// [..., n_query, n_key]. With several heads query and key are [batch, heads, n, d_k]. The additive kinds form
    /// [..., n_query, n_key, d_hidden] on the way. Error(shape) unless both end in d_k.
    BasicVariable<T> forward(const BasicVariable<T>& query, const BasicVariable<T>& key) const;
    /// What a dot product is multiplied by: 1 / sqrt(d_k) for scaled_dot, else 1.
    T scale() const;
    const ScoreConfig& config() const { return config_; }
    /// general: "weight" [heads, d_k, d_k]; additive: "query", "key" [heads, d_k, d_hidden], "value" [heads, d_hidden,
    /// 1].
    BasicNamedParameters<T> parameters() const;

  private:
    ScoreConfig config_;
    BasicVariable<T> weight_;
    BasicVariable<T> query_;
    BasicVariable<T> key_;
    BasicVariable<T> value_;
};
using AttentionScore = BasicAttentionScore<float>;

/// What scaled dot-product attention computes on the way, for those who look inside.
template <typename T>
struct AttentionResult {
    BasicVariable<T> scores;     ///< [..., n_query, n_key], before the mask
    BasicVariable<T> attention;  ///< [..., n_query, n_key], each row sums to 1
    BasicVariable<T> output;     ///< [..., n_query, d_v]
};

/// scores = Q K^T / sqrt(d_k).
template <typename T>
BasicVariable<T> attention_scores(const BasicVariable<T>& query, const BasicVariable<T>& key);

/// Softmax of the scores [..., n_query, n_key] over the keys that each query may look at; the others get exactly 0. A
/// query that may look nowhere gets all zeros (plain softmax of -inf would be NaN). Scores have no batch (rank 2), a
/// batch (rank 3), or batch and heads (rank 4); the mask repeats over what it lacks. Error(shape) when it does not fit.
template <typename T>
BasicVariable<T> attention_weights(const BasicVariable<T>& scores, const std::optional<Mask>& mask);

/// softmax(Q K^T / sqrt(d_k)) V  (Vaswani et al. 2017, equation 1), masked as above.
template <typename T>
AttentionResult<T> scaled_dot_product_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                                const BasicVariable<T>& value, const std::optional<Mask>& mask = {});

}  // namespace glassformer
