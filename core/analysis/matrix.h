#pragma once

#include "tensor/tensor.h"

/// What the measures share. Points are rows: X [points, features], in double, because differences of large sums are
/// taken. All but the decompositions (tensor/decompositions.h) have the same bits natively and in wasm.
namespace glassformer {

DoubleTensor as_double(const Tensor& tensor);
Tensor as_float(const DoubleTensor& tensor);

/// Mean of each column, [features]. Error(shape) unless a matrix with rows.
DoubleTensor column_means(const DoubleTensor& x);
/// Each column minus its mean.
DoubleTensor centred(const DoubleTensor& x);
/// Centred X^T X / rows: the population covariance [features, features].
DoubleTensor covariance(const DoubleTensor& x);
/// Each row divided by its length; a row of zeros stays.
DoubleTensor unit_rows(const DoubleTensor& x);
double frobenius_norm(const DoubleTensor& x);
/// Cosine of every row with every row, [n, n]; 0 with a row of zeros.
DoubleTensor cosine_map(const DoubleTensor& x);
/// Mean of the cosines of different rows: high where the space is anisotropic (Ethayarajh 2019, 1909.00512, section
/// 4.1). Needs at least two rows.
double mean_cosine(const DoubleTensor& x);

/// Error(shape) naming both unless X and Y are matrices with equally many rows, at least `rows`.
void require_paired(const char* measure, const DoubleTensor& x, const DoubleTensor& y, std::int64_t rows = 2);

}  // namespace glassformer
