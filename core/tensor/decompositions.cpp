#include "tensor/decompositions.h"

#include <Eigen/Dense>
#include <cmath>

#include "base/error.h"

namespace glassformer {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix checked(const char* operation, const DoubleTensor& tensor) {
    // Eigen cuts large products into blocks by the caches that it finds, which are others in WebAssembly; sums then
    // come in another order. With sizes given every machine takes the same steps.
    Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20);
    if (tensor.shape().rank() != 2 || tensor.size() == 0) {
        throw Error(ErrorKind::shape,
                    {std::string(operation) + " 需要非空矩阵，给了形状 " + tensor.shape().to_string() + "。",
                     std::string(operation) + " needs a matrix with elements; it got the shape " +
                         tensor.shape().to_string() + "."});
    }
    // Eigen's iterations need not end on NaN.
    for (const double x : tensor.elements()) {
        if (!std::isfinite(x)) {
            throw Error(ErrorKind::non_finite, {std::string(operation) + " 的输入里有 NaN 或无穷。",
                                                std::string(operation) + " got NaN or infinity."});
        }
    }
    return Eigen::Map<const Matrix>(tensor.data(), tensor.extent(0), tensor.extent(1));
}

Matrix checked_square(const char* operation, const DoubleTensor& tensor) {
    Matrix matrix = checked(operation, tensor);
    if (matrix.rows() != matrix.cols()) {
        throw Error(ErrorKind::shape,
                    {std::string(operation) + " 需要方阵，给了 " + tensor.shape().to_string() + "。",
                     std::string(operation) + " needs a square matrix; it got " + tensor.shape().to_string() + "."});
    }
    return matrix;
}

Matrix checked_right(const char* operation, const Matrix& left, const DoubleTensor& right) {
    Matrix matrix = checked(operation, right);
    if (matrix.rows() != left.rows()) {
        const std::string rows = std::to_string(left.rows());
        throw Error(ErrorKind::shape, {std::string(operation) + "：右边应有 " + rows + " 行，形状却是 " +
                                           right.shape().to_string() + "。",
                                       std::string(operation) + ": the right side should have " + rows +
                                           " rows; its shape is " + right.shape().to_string() + "."});
    }
    return matrix;
}

[[noreturn]] void refuse(const char* operation, const char* zh, const char* en) {
    throw Error(ErrorKind::constraint, {std::string(operation) + "：" + zh, std::string(operation) + ": " + en});
}

Eigen::LLT<Matrix> positive_factor(const char* operation, const Matrix& matrix) {
    Eigen::LLT<Matrix> factor(matrix);
    if (factor.info() != Eigen::Success) refuse(operation, "矩阵不是正定的。", "the matrix is not positive definite.");
    return factor;
}

DoubleTensor from_eigen(const Matrix& matrix) {
    return DoubleTensor({matrix.rows(), matrix.cols()},
                        std::vector<double>(matrix.data(), matrix.data() + matrix.size()));
}

}  // namespace

std::vector<double> symmetric_eigenvalues(const DoubleTensor& tensor) {
    const Matrix matrix = checked_square("symmetric_eigenvalues", tensor);
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(matrix, Eigen::EigenvaluesOnly);
    const auto& values = solver.eigenvalues();
    return {values.data(), values.data() + values.size()};
}

SingularValues singular_value_decomposition(const DoubleTensor& tensor) {
    const Eigen::JacobiSVD<Matrix> svd(checked("singular_value_decomposition", tensor),
                                       Eigen::ComputeThinU | Eigen::ComputeThinV);
    const auto& s = svd.singularValues();
    return {from_eigen(svd.matrixU()), {s.data(), s.data() + s.size()}, from_eigen(svd.matrixV())};
}

QrFactors qr_decomposition(const DoubleTensor& tensor) {
    const Matrix matrix = checked("qr_decomposition", tensor);
    const Eigen::HouseholderQR<Matrix> qr(matrix);
    const Eigen::Index k = std::min(matrix.rows(), matrix.cols());
    const Matrix q = qr.householderQ() * Matrix::Identity(matrix.rows(), k);
    const Matrix r = qr.matrixQR().topRows(k).triangularView<Eigen::Upper>();
    return {from_eigen(q), from_eigen(r)};
}

SymmetricEigen symmetric_eigen(const DoubleTensor& tensor) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(checked_square("symmetric_eigen", tensor));
    const auto& values = solver.eigenvalues();
    return {{values.data(), values.data() + values.size()}, from_eigen(solver.eigenvectors())};
}

DoubleTensor cholesky(const DoubleTensor& tensor) {
    const Matrix lower = positive_factor("cholesky", checked_square("cholesky", tensor)).matrixL();
    return from_eigen(lower);
}

DoubleTensor solve_positive(const DoubleTensor& tensor, const DoubleTensor& right) {
    const Matrix matrix = checked_square("solve_positive", tensor);
    const Matrix b = checked_right("solve_positive", matrix, right);
    return from_eigen(positive_factor("solve_positive", matrix).solve(b));
}

DoubleTensor least_squares(const DoubleTensor& tensor, const DoubleTensor& right) {
    const Matrix matrix = checked("least_squares", tensor);
    const Matrix b = checked_right("least_squares", matrix, right);
    return from_eigen(matrix.completeOrthogonalDecomposition().solve(b));
}

DoubleTensor inverse(const DoubleTensor& tensor) {
    const Eigen::FullPivLU<Matrix> factor(checked_square("inverse", tensor));
    if (!factor.isInvertible()) refuse("inverse", "矩阵不可逆。", "the matrix is singular.");
    return from_eigen(factor.inverse());
}

}  // namespace glassformer
