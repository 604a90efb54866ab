#pragma once

#include <cstdint>

namespace glassformer {

/// Learning rate of update 1, 2, ... as a multiple of the peak, in [0, 1]: a linear rise through the warmup, then
struct Schedule {
    enum class Kind {
        constant,            ///< the peak
        linear,              ///< a straight line down to `last` at `total` (BERT)
        cosine,              ///< half a cosine down to `last` at `total` (Loshchilov & Hutter 2017, equation 5)
        inverse_sqrt,        ///< sqrt(warmup / update): Noam (Vaswani et al. 2017, section 5.3); its peak is noam_peak
        warmup_stable_decay  ///< the peak, and in the last `decay` of all updates a line to `last` (Hu et al. 2024)
    };
    Kind kind = Kind::constant;
    std::int64_t warmup = 0;  ///< updates that rise linearly from 1/warmup to 1 first
    std::int64_t total = 1;   ///< afterwards the rate stays as it is
    double last = 0.0;        ///< share of the peak at the end, 0 ... 1
    double decay = 0.1;       ///< warmup_stable_decay: share of the updates that fall, 0 ... 1

    /// Error(out_of_range) for an update below 1, a negative warmup, or shares outside 0 ... 1.
    float factor(std::int64_t update) const;
};

/// factor * (d_model * warmup)^(-1/2): where the rate of Vaswani et al. 2017, section 5.3, has its peak.
double noam_peak(std::int64_t d_model, std::int64_t warmup, double factor = 1.0);

}  // namespace glassformer
