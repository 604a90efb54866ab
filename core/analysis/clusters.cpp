#include "analysis/clusters.h"

#include <algorithm>
#include <limits>

#include "analysis/matrix.h"
#include "base/math.h"
#include "data/batch.h"

namespace glassformer {
namespace {

double squared_distance(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

DoubleTensor first_centres(const DoubleTensor& x, int k, Rng& rng) {
    const std::int64_t n = x.extent(0);
    DoubleTensor centres({k, x.extent(1)});
    std::vector<double> nearest(static_cast<std::size_t>(n), std::numeric_limits<double>::infinity());
    std::int64_t chosen = rng.integer(static_cast<std::uint32_t>(n));
    for (std::int64_t c = 0; c < k; ++c) {
        std::copy(x.row(chosen).begin(), x.row(chosen).end(), centres.row(c).begin());
        double total = 0.0;
        for (std::int64_t i = 0; i < n; ++i) {
            double& distance = nearest[static_cast<std::size_t>(i)];
            distance = std::min(distance, squared_distance(x.row(i), centres.row(c)));
            total += distance;
        }
        // The next one with a chance proportional to its squared distance from those there are.
        double left = total * rng.uniform();
        chosen = 0;
        while (chosen + 1 < n && left >= nearest[static_cast<std::size_t>(chosen)]) {
            left -= nearest[static_cast<std::size_t>(chosen)];
            ++chosen;
        }
    }
    return centres;
}

/// Moves every point to its nearest centre; returns whether any moved.
bool assign(const DoubleTensor& x, Clusters& clusters) {
    bool moved = false;
    clusters.distortion = 0.0;
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        double least = std::numeric_limits<double>::infinity();
        std::int32_t nearest = 0;
        for (std::int32_t c = 0; c < clusters.centres.extent(0); ++c) {
            const double distance = squared_distance(x.row(i), clusters.centres.row(c));
            if (distance < least) {
                least = distance;
                nearest = c;
            }
        }
        moved |= clusters.assignments[i] != nearest;
        clusters.assignments[i] = nearest;
        clusters.distortion += least / static_cast<double>(x.extent(0));
    }
    return moved;
}

void move_centres(const DoubleTensor& x, Clusters& clusters) {
    const std::int64_t k = clusters.centres.extent(0);
    const DoubleTensor before = clusters.centres;
    std::vector<double> counts(static_cast<std::size_t>(k));
    clusters.centres = DoubleTensor(before.shape());
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        ++counts[static_cast<std::size_t>(clusters.assignments[i])];
        const std::span<double> centre = clusters.centres.row(clusters.assignments[i]);
        for (std::size_t j = 0; j < centre.size(); ++j) centre[j] += x.row(i)[j];
    }
    std::vector<std::uint8_t> taken(static_cast<std::size_t>(x.extent(0)));
    for (std::int64_t c = 0; c < k; ++c) {
        const std::span<double> centre = clusters.centres.row(c);
        if (counts[static_cast<std::size_t>(c)] > 0.0) {
            for (double& value : centre) value /= counts[static_cast<std::size_t>(c)];
            continue;
        }
        std::int64_t farthest = 0;
        double most = -1.0;
        for (std::int64_t i = 0; i < x.extent(0); ++i) {
            const double distance = squared_distance(x.row(i), before.row(clusters.assignments[i]));
            if (taken[static_cast<std::size_t>(i)] == 0 && distance > most) {
                most = distance;
                farthest = i;
            }
        }
        taken[static_cast<std::size_t>(farthest)] = 1;
        std::copy(x.row(farthest).begin(), x.row(farthest).end(), centre.begin());
    }
}

}  // namespace

Clusters k_means(const DoubleTensor& x, int k, Rng& rng, int most_rounds) {
    require_within("points", static_cast<double>(x.shape().rank() == 2 ? x.extent(0) : 0), 1, 1e7);
    require_within("k", k, 1, static_cast<double>(x.extent(0)));
    Clusters clusters{first_centres(x, k, rng), IntTensor({x.extent(0)}, -1), 0.0, 0};
    while (assign(x, clusters) && clusters.rounds < most_rounds) {
        move_centres(x, clusters);
        ++clusters.rounds;
    }
    return clusters;
}

double alignment_loss(const DoubleTensor& x, const DoubleTensor& y) {
    require_paired("alignment_loss", x, y, 1);
    const DoubleTensor a = unit_rows(x), b = unit_rows(y);
    double sum = 0.0;
    for (std::int64_t i = 0; i < x.extent(0); ++i) sum += squared_distance(a.row(i), b.row(i));
    return sum / static_cast<double>(x.extent(0));
}

double uniformity_loss(const DoubleTensor& x) {
    require_paired("uniformity_loss", x, x, 2);
    const DoubleTensor a = unit_rows(x);
    double sum = 0.0, pairs = 0.0;
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        for (std::int64_t j = i + 1; j < x.extent(0); ++j) {
            sum += exp(-2.0 * squared_distance(a.row(i), a.row(j)));
            ++pairs;
        }
    }
    return log(sum / pairs);
}

}  // namespace glassformer
