#pragma once

#include <vector>

#include "tensor/tensor.h"

/// Word vectors from counts, their biases, and ways to take a direction out.
namespace glassformer {

/// How often two words stand in the same sentence [sentences, n], [vocabulary, vocabulary], symmetric; every pair of
/// different places counts once each way.
DoubleTensor cooccurrence(const IntTensor& sentences, int vocabulary);
/// Positive pointwise mutual information max(0, ln(p_ij / (p_i p_j))); 0 where a pair never occurs.
DoubleTensor positive_pmi(const DoubleTensor& counts);
/// U sqrt(S) of the leading d singular directions: rows are word vectors (Levy et al. 2015, TACL 3, section 2.4 with
/// p = 1/2).
DoubleTensor svd_vectors(const DoubleTensor& matrix, std::int64_t d);

using WordIds = std::vector<std::int32_t>;

/// s(w) = mean cos(w, A) - mean cos(w, B) (Caliskan et al. 2017, 1608.07187). Error(constraint) for an empty set.
double association(const DoubleTensor& vectors, std::int32_t word, const WordIds& a, const WordIds& b);
/// Word Embedding Association Test between target sets X, Y and attribute sets A, B.
struct Weat {
    double statistic = 0.0;    ///< mean s over X minus mean s over Y
    double effect_size = 0.0;  ///< the same over the population standard deviation of s over both: in -2 ... 2 for sets
                               ///< of equal size; NaN where s spreads by less than 1e-9
};
Weat weat(const DoubleTensor& vectors, const WordIds& x, const WordIds& y, const WordIds& a, const WordIds& b);

/// Directions of a concept, orthonormal rows [components, d]: the leading ones of the differences within pairs, each
/// pair centred (Bolukbasi et al. 2016, 1607.06520, section 4).
DoubleTensor bias_subspace(const DoubleTensor& vectors, const WordIds& first, const WordIds& second,
                           std::int64_t components);
/// Rows `words` without their part in the subspace [components, d]; the others stay.
DoubleTensor neutralise(const DoubleTensor& vectors, const DoubleTensor& subspace, const WordIds& words);
/// Each pair made equal outside the subspace and opposite within it, of length 1 (Bolukbasi et al., step 2b): any
/// neutralised word is then equally near to both. Vectors are first scaled to length 1.
DoubleTensor equalise(const DoubleTensor& vectors, const DoubleTensor& subspace, const WordIds& first,
                      const WordIds& second);
/// Mean and leading k principal directions taken out (Mu & Viswanath 2017, 1702.01417, algorithm 1).
DoubleTensor all_but_the_top(const DoubleTensor& vectors, std::int64_t k);

}  // namespace glassformer
