#pragma once

#include <vector>

#include "nn/feed_forward.h"

namespace glassformer {

struct MixtureConfig {
    FeedForwardConfig expert = {};
    std::int64_t n_experts = 4;
    std::int64_t top_k = 2;
};

/// A feed-forward network for each kind of token: a router picks top_k of n_experts for every token, and their outputs
/// are added with the softmax of the router's scores of those k as weights (Shazeer et al. 2017, equations 3 to 5;
/// without noise). Only the chosen experts are computed. Observed: router_logits, gates [tokens, n_experts] (0 for
/// experts not chosen), balance, output.
template <typename T>
class BasicMixtureOfExperts {
  public:
    /// Error(constraint) unless 1 <= top_k <= n_experts.
    BasicMixtureOfExperts(const MixtureConfig& config, Rng rng);

    struct Result {
        BasicVariable<T> output;  ///< x's shape
        /// n_experts sum_e f_e P_e: f_e the share of choices that fell on e, P_e the mean probability of e (Fedus et
        /// al. 2021, Switch, equation 4); 1 when balanced. Added to the loss, times about 0.01, it keeps all experts in
        /// use.
        BasicVariable<T> balance;
        IntTensor chosen;  ///< [tokens, top_k], the best first
    };
    /// x [..., d_model].
    Result route(const BasicVariable<T>& x, const BasicPass<T>& pass = {}) const;
    BasicVariable<T> forward(const BasicVariable<T>& x, const BasicPass<T>& pass = {}) const {
        return route(x, pass).output;
    }

    const MixtureConfig& config() const { return config_; }
    /// router.weight [d_model, n_experts], experts.0.*, ...
    BasicNamedParameters<T> parameters() const;
    /// Parameters that one token uses: router and top_k experts.
    std::int64_t active_parameters() const;

  private:
    MixtureConfig config_;
    BasicLinear<T> router_;
    std::vector<BasicFeedForward<T>> experts_;
};
using MixtureOfExperts = BasicMixtureOfExperts<float>;

}  // namespace glassformer
