#include "tokenizer/lattice.h"

#include <algorithm>
#include <limits>
#include <queue>

#include "base/math.h"

namespace glassformer {
namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();

/// A way from some place to the end, while the n best are searched.
struct Open {
    double estimate;                           // score so far plus the best that can come before it
    double score;                              // of the edges from here to the end
    std::int32_t place;                        // where it begins
    std::int32_t edge;                         // its first edge; -1 at the end
    std::int32_t parent;                       // the rest of it
    std::int64_t sequence;                     // older first among equals
    bool operator<(const Open& other) const {  // the queue gives the greatest first
        return estimate != other.estimate ? estimate < other.estimate : sequence > other.sequence;
    }
};

}  // namespace

double log_add(double x, double y) {
    if (x == nothing) return y;
    if (y == nothing) return x;
    const double high = std::max(x, y);
    return high + glassformer::log(glassformer::exp(std::min(x, y) - high) + 1.0);
}

Lattice::Lattice(std::int32_t length, std::vector<LatticeEdge> edges)
    : length_(length), edges_(std::move(edges)), ending_(static_cast<std::size_t>(length) + 1) {
    std::stable_sort(edges_.begin(), edges_.end(), [](const LatticeEdge& a, const LatticeEdge& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    for (std::size_t e = 0; e < edges_.size(); ++e) {
        ending_[static_cast<std::size_t>(edges_[e].end)].push_back(static_cast<std::int32_t>(e));
    }
}

double Lattice::segmentations() const {
    std::vector<double> ways(ending_.size(), 0.0);
    ways[0] = 1.0;
    for (const LatticeEdge& e : edges_)
        ways[static_cast<std::size_t>(e.end)] += ways[static_cast<std::size_t>(e.begin)];
    return ways.back();
}

std::vector<double> Lattice::viterbi(std::vector<std::int32_t>* last_edge) const {
    // Edges in order of their begin: everything that ends at a place comes before what begins there.
    std::vector<double> best(ending_.size(), nothing);
    best[0] = 0.0;
    if (last_edge != nullptr) last_edge->assign(ending_.size(), -1);
    std::vector<bool> reached(ending_.size(), false);
    reached[0] = true;
    for (std::size_t e = 0; e < edges_.size(); ++e) {
        const LatticeEdge& edge = edges_[e];
        const auto end = static_cast<std::size_t>(edge.end);
        if (!reached[static_cast<std::size_t>(edge.begin)]) continue;
        const double score = edge.score + best[static_cast<std::size_t>(edge.begin)];
        if (reached[end] && !(score > best[end])) continue;
        reached[end] = true;
        best[end] = score;
        if (last_edge != nullptr) (*last_edge)[end] = static_cast<std::int32_t>(e);
    }
    return best;
}

Segmentation Lattice::best() const {
    std::vector<std::int32_t> last;
    const std::vector<double> scores = viterbi(&last);
    Segmentation found;
    for (auto place = static_cast<std::size_t>(length_); place > 0;) {
        if (last[place] < 0) return {};
        found.edges.push_back(last[place]);
        place = static_cast<std::size_t>(edges_[static_cast<std::size_t>(last[place])].begin);
    }
    std::reverse(found.edges.begin(), found.edges.end());
    if (length_ > 0) found.score = scores.back();
    return found;
}

std::vector<Segmentation> Lattice::n_best(std::size_t n) const {
    constexpr std::size_t most_open = 100000, fewest_open = 512;
    std::vector<Segmentation> found;
    if (n == 0 || length_ == 0) return found;
    const std::vector<double> heuristic = viterbi(nullptr);
    std::vector<Open> made{{heuristic.back(), 0.0, length_, -1, -1, 0}};
    std::priority_queue<std::pair<Open, std::int32_t>> open;
    open.push({made[0], 0});
    std::int64_t sequence = 0;
    while (!open.empty() && found.size() < n) {
        const std::int32_t index = open.top().second;
        const Open top = open.top().first;
        open.pop();
        if (top.place == 0) {
            Segmentation way{{}, top.score};
            for (std::int32_t at = index; made[static_cast<std::size_t>(at)].edge >= 0;) {
                way.edges.push_back(made[static_cast<std::size_t>(at)].edge);
                at = made[static_cast<std::size_t>(at)].parent;
            }
            found.push_back(std::move(way));
            continue;
        }
        for (const std::int32_t e : ending_[static_cast<std::size_t>(top.place)]) {
            const LatticeEdge& edge = edges_[static_cast<std::size_t>(e)];
            const double before = heuristic[static_cast<std::size_t>(edge.begin)];
            if (edge.begin > 0 && before == nothing) continue;
            const double score = top.score + edge.score;
            made.push_back({before + score, score, edge.begin, e, index, ++sequence});
            open.push({made.back(), static_cast<std::int32_t>(made.size()) - 1});
        }
        if (open.size() <= most_open) continue;
        decltype(open) kept;
        for (std::size_t i = std::min(fewest_open, n * 10); i > 0; --i) {
            kept.push(open.top());
            open.pop();
        }
        open = std::move(kept);
    }
    return found;
}

std::vector<double> Lattice::forward(double theta) const {
    std::vector<double> sums(ending_.size(), nothing);
    sums[0] = 0.0;
    for (const LatticeEdge& e : edges_) {
        double& sum = sums[static_cast<std::size_t>(e.end)];
        sum = log_add(sum, theta * e.score + sums[static_cast<std::size_t>(e.begin)]);
    }
    return sums;
}

std::vector<double> Lattice::backward(double theta) const {
    std::vector<double> sums(ending_.size(), nothing);
    sums.back() = 0.0;
    for (std::size_t e = edges_.size(); e-- > 0;) {
        double& sum = sums[static_cast<std::size_t>(edges_[e].begin)];
        sum = log_add(sum, theta * edges_[e].score + sums[static_cast<std::size_t>(edges_[e].end)]);
    }
    return sums;
}

double Lattice::log_total(double theta) const { return forward(theta).back(); }

std::vector<double> Lattice::marginals(double theta) const {
    const std::vector<double> before = forward(theta);
    const std::vector<double> after = backward(theta);
    std::vector<double> probabilities(edges_.size(), 0.0);
    if (before.back() == nothing) return probabilities;
    for (std::size_t e = 0; e < edges_.size(); ++e) {
        const LatticeEdge& edge = edges_[e];
        probabilities[e] = glassformer::exp(before[static_cast<std::size_t>(edge.begin)] + theta * edge.score +
                                            after[static_cast<std::size_t>(edge.end)] - before.back());
    }
    return probabilities;
}

Segmentation Lattice::sample(Rng& rng, double theta) const {
    const std::vector<double> sums = forward(theta);
    Segmentation drawn;
    if (length_ == 0 || sums.back() == nothing) return drawn;
    for (auto place = static_cast<std::size_t>(length_); place > 0;) {
        double left = static_cast<double>(rng.uniform());
        std::int32_t chosen = -1;
        for (const std::int32_t e : ending_[place]) {
            const LatticeEdge& edge = edges_[static_cast<std::size_t>(e)];
            const double before = sums[static_cast<std::size_t>(edge.begin)];
            if (before == nothing) continue;
            chosen = e;  // rounding may leave a little over after the last one
            left -= glassformer::exp(before + theta * edge.score - sums[place]);
            if (left < 0.0) break;
        }
        drawn.edges.push_back(chosen);
        drawn.score += edges_[static_cast<std::size_t>(chosen)].score;
        place = static_cast<std::size_t>(edges_[static_cast<std::size_t>(chosen)].begin);
    }
    std::reverse(drawn.edges.begin(), drawn.edges.end());
    return drawn;
}

}  // namespace glassformer
