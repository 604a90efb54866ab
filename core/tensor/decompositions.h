#pragma once

#include <vector>

#include "tensor/tensor.h"

/// Decompositions by Eigen, in double. They agree between builds to a tolerance, not bit for bit.
namespace glassformer {

/// Eigenvalues of a symmetric matrix [n, n], ascending; only the lower triangle is read. Error(shape) if not square,
/// Error(non_finite) for NaN or infinity.
std::vector<double> symmetric_eigenvalues(const DoubleTensor& matrix);

/// A = U diag(s) V^T with U [m, k], s descending, V [n, k], k = min(m, n).
struct SingularValues {
    DoubleTensor u;
    std::vector<double> s;
    DoubleTensor v;
};
SingularValues singular_value_decomposition(const DoubleTensor& matrix);

/// A = Q R, thin: Q [m, k] with orthonormal columns, R [k, n] upper triangular, k = min(m, n).
struct QrFactors {
    DoubleTensor q;
    DoubleTensor r;
};
QrFactors qr_decomposition(const DoubleTensor& matrix);

}  // namespace glassformer
