#pragma once

#include "base/rng.h"
#include "tensor/tensor.h"

namespace glassformer {

struct Clusters {
    DoubleTensor centres;     ///< [k, features]
    IntTensor assignments;    ///< [points]: the nearest centre, the lower index when equal
    double distortion = 0.0;  ///< mean squared distance to it
    int rounds = 0;
};
/// k-means by Lloyd's algorithm (1982) from k-means++ starts (Arthur & Vassilvitskii 2007), until nothing changes or
/// most_rounds. A centre that loses all its points moves to the point farthest from its own. 1 <= k <= points.
Clusters k_means(const DoubleTensor& x, int k, Rng& rng, int most_rounds = 100);

/// Alignment of positive pairs (rows of X and Y), mean |x - y|^2, and uniformity, ln of the mean exp(-2 |x - x'|^2)
/// over different rows, both after scaling rows to length 1 (Wang & Isola 2020, 2005.10242, section 4.1). Lower is
/// better.
double alignment_loss(const DoubleTensor& x, const DoubleTensor& y);
double uniformity_loss(const DoubleTensor& x);

}  // namespace glassformer
