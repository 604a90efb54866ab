#pragma once

#include <cstdint>

namespace glassformer {

/// Learning rate of update 1, 2, ... as a multiple of the peak, in [0, 1].
struct Schedule {
    enum class Kind {
        constant,
        linear,       ///< down to 0 at `total`
        cosine,       ///< half a cosine down to 0 at `total` (Loshchilov & Hutter 2017)
        inverse_sqrt  ///< sqrt(warmup / update) after the warmup (Vaswani et al. 2017, section 5.3)
    };
    Kind kind = Kind::constant;
    std::int64_t warmup = 0;  ///< updates that rise linearly from 1/warmup to 1 first
    std::int64_t total = 1;

    /// Error(out_of_range) for an update below 1.
    float factor(std::int64_t update) const;
};

}  // namespace glassformer
