#pragma once

#include <vector>

#include "tensor/tensor.h"

/// How alike two representations of the same inputs are: X [n, p] and Y [n, q], row i of both for input i. Each measure
/// says what it does not see (its invariances): choose by them. All centre the columns first.
/// Error(shape) unless both have as many rows; Error(constraint) where a representation does not vary at all.
namespace glassformer {

/// Mean cosine of paired rows, no centring: only for spaces that share their axes (q = p).
double paired_cosine(const DoubleTensor& x, const DoubleTensor& y);

/// Linear CKA, |Y^T X|_F^2 / (|X^T X|_F |Y^T Y|_F), in 0 ... 1 (Kornblith et al. 2019, 1905.00414, equation 5).
/// Invariant to rotation and one common scale, not to other linear maps. Biased upward for small n.
double linear_cka(const DoubleTensor& x, const DoubleTensor& y);
/// The same from the unbiased estimator of HSIC (Song et al. 2012, JMLR 13, equation 5; used so by Nguyen et al. 2021,
/// 2010.15327, section 2.1): about 0 for independent X and Y at any n >= 4, and so at times below 0.
double unbiased_cka(const DoubleTensor& x, const DoubleTensor& y);
/// The unbiased estimate of HSIC between two kernel matrices [n, n]; their diagonals are not used.
double unbiased_hsic(const DoubleTensor& k, const DoubleTensor& l);

/// Canonical correlations, descending, as many as the smaller rank of the centred matrices (so min(p, q, n - 1) in
/// general). Invariant to every invertible linear map; with n <= p + 1 all are 1 and mean nothing.
std::vector<double> canonical_correlations(const DoubleTensor& x, const DoubleTensor& y);
double mean_cca(const DoubleTensor& x, const DoubleTensor& y);
/// Mean canonical correlation of the leading directions that hold `share` of each one's variance (Raghu et al. 2017,
/// 1706.05806, section 2.1).
double svcca(const DoubleTensor& x, const DoubleTensor& y, double share = 0.99);
/// Mean weighted by how much of X each canonical direction accounts for (Morcos et al. 2018, 1806.05759, section 2.2).
/// Not symmetric: the weights are X's.
double pwcca(const DoubleTensor& x, const DoubleTensor& y);

/// The orthogonal R [p, q] with the least |X R - Y|_F (Schoenemann 1966, Psychometrika 31).
DoubleTensor procrustes_rotation(const DoubleTensor& x, const DoubleTensor& y);
/// 2 - 2 |X^T Y|_* of the centred matrices scaled to length 1: the least |X R - Y|_F^2, in 0 ... 2. Invariant to
/// rotation, shift and scale (Ding et al. 2021, 2108.01661, section 2.2).
double procrustes_distance(const DoubleTensor& x, const DoubleTensor& y);

/// Representational similarity analysis: Spearman correlation of the two lists of cosines between different inputs
/// (Kriegeskorte et al. 2008, Frontiers in Systems Neuroscience 2:4). Needs n >= 3.
double rsa(const DoubleTensor& x, const DoubleTensor& y);

/// Mean share of the k nearest neighbours by cosine that both have in common (0 ... 1), no centring: local structure.
/// With Y the truth, the neighbour recall of X. 1 <= k < n.
double neighbour_overlap(const DoubleTensor& x, const DoubleTensor& y, int k);
/// Mean of |common| / |either|.
double neighbour_jaccard(const DoubleTensor& x, const DoubleTensor& y, int k);
/// Indices of the k rows nearest by cosine, without the row itself, nearest first, the lower index first when equal:
/// [n, k].
IntTensor nearest_rows(const DoubleTensor& x, int k);

/// Pearson's and Spearman's correlation of two lists (ranks of equal values averaged). Error(shape) unless equally
/// long, at least two; 0 when one does not vary.
double pearson(std::span<const double> a, std::span<const double> b);
double spearman(std::span<const double> a, std::span<const double> b);
/// Ranks 1 ... n, equal values sharing the mean of theirs.
std::vector<double> ranks(std::span<const double> values);

}  // namespace glassformer
