#pragma once

#include <vector>

#include "tensor/tensor.h"

/// Decompositions by Eigen, in double. They agree between builds to a tolerance, not bit for bit.
namespace glassformer {

/// Eigenvalues of a symmetric matrix [n, n], ascending; only the lower triangle is read. Error(shape) if not square,
/// Error(non_finite) for NaN or infinity.
std::vector<double> symmetric_eigenvalues(const DoubleTensor& matrix);

/// A = V diag(values) V^T for a symmetric A: values ascending, vectors in the columns of V [n, n], orthonormal. Errors
/// as above.
struct SymmetricEigen {
    std::vector<double> values;
    DoubleTensor vectors;
};
SymmetricEigen symmetric_eigen(const DoubleTensor& matrix);

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

/// Lower triangular L with A = L L^T, of a symmetric positive definite A [n, n]; only its lower triangle is read.
/// Error(constraint) when A is not positive definite.
DoubleTensor cholesky(const DoubleTensor& matrix);
/// X with A X = B for a symmetric positive definite A [n, n] and B [n, k]. Errors as cholesky.
DoubleTensor solve_positive(const DoubleTensor& matrix, const DoubleTensor& right);
/// The X of least |A X - B|_F, and among these of least |X|_F: A [m, n] of any rank, B [m, k], X [n, k]. By a complete
/// orthogonal decomposition (Golub & Van Loan, Matrix Computations, section 5.5).
DoubleTensor least_squares(const DoubleTensor& matrix, const DoubleTensor& right);
/// The inverse of a square matrix; Error(constraint) when it is singular to double precision.
DoubleTensor inverse(const DoubleTensor& matrix);

}  // namespace glassformer
