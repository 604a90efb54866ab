#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"

namespace glassformer {

/// A piece at a place of a word, with its log-probability.
struct LatticeEdge {
    std::int32_t begin;  ///< bytes of the word
    std::int32_t end;
    std::int32_t id;
    double score;
    bool unknown = false;  ///< a character that is no piece, at the penalty of unknown ones
};

/// One way to cut a word: edges from its begin to its end, and the sum of their scores.
struct Segmentation {
    std::vector<std::int32_t> edges;
    double score = 0.0;
    bool operator==(const Segmentation&) const = default;
};

/// All the ways to cut a word into pieces (Kudo 2018, section 3). Edges are sorted by begin, then by end.
class Lattice {
  public:
    /// A word of `length` bytes. Every edge has begin < end <= length.
    Lattice(std::int32_t length, std::vector<LatticeEdge> edges);

    std::int32_t length() const { return length_; }
    const std::vector<LatticeEdge>& edges() const { return edges_; }

    /// How many segmentations there are (exact up to 2^53).
    double segmentations() const;
    /// The one with the highest score; among equals the one whose last pieces are longer. Empty when there is none or
    /// the word is empty.
    Segmentation best() const;
    /// The n best, best first (A* from the right, Viterbi scores as its heuristic). After 100000 open ones it keeps the
    /// most promising, as the reference does.
    std::vector<Segmentation> n_best(std::size_t n) const;
    /// ln of the sum over segmentations of exp(theta * score): the word's log-probability at theta = 1. -inf when there
    /// is none.
    double log_total(double theta = 1.0) const;
    /// For every edge the probability that a segmentation drawn in proportion to exp(theta * score) uses it.
    std::vector<double> marginals(double theta = 1.0) const;
    /// Draws a segmentation in that proportion: forward filtering, backward sampling.
    Segmentation sample(Rng& rng, double theta = 1.0) const;

  private:
    std::vector<double> forward(double theta) const;   // by place: ln of the sum over ways from the begin to it
    std::vector<double> backward(double theta) const;  // the same from it to the end
    std::vector<double> viterbi(std::vector<std::int32_t>* last_edge) const;

    std::int32_t length_;
    std::vector<LatticeEdge> edges_;
    std::vector<std::vector<std::int32_t>> ending_;  // edges by end, in order
};

/// ln(exp(x) + exp(y)) without overflow, in the core's own exp and log.
double log_add(double x, double y);

}  // namespace glassformer
