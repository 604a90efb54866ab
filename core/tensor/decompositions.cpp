#include "tensor/decompositions.h"

#include <Eigen/Dense>
#include <cmath>

#include "base/error.h"

namespace glassformer {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix checked(const char* operation, const DoubleTensor& tensor) {
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

DoubleTensor from_eigen(const Matrix& matrix) {
    return DoubleTensor({matrix.rows(), matrix.cols()},
                        std::vector<double>(matrix.data(), matrix.data() + matrix.size()));
}

}  // namespace

std::vector<double> symmetric_eigenvalues(const DoubleTensor& tensor) {
    const Matrix matrix = checked("symmetric_eigenvalues", tensor);
    if (matrix.rows() != matrix.cols()) {
        throw Error(ErrorKind::shape,
                    {"symmetric_eigenvalues 需要方阵，给了 " + tensor.shape().to_string() + "。",
                     "symmetric_eigenvalues needs a square matrix; it got " + tensor.shape().to_string() + "."});
    }
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

}  // namespace glassformer
