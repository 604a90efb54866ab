#include "analysis/matrix.h"

#include <cmath>

#include "base/error.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

void require_rows(const DoubleTensor& x, std::int64_t rows) {
    if (x.shape().rank() == 2 && x.extent(0) >= rows && x.extent(1) >= 1) return;
    const std::string least = std::to_string(rows), given = x.shape().to_string();
    throw Error(ErrorKind::shape, {"需要至少 " + least + " 行的矩阵，给的是 " + given + "。",
                                   "A matrix of at least " + least + " rows is needed; the shape is " + given + "."});
}

}  // namespace

DoubleTensor as_double(const Tensor& tensor) {
    return DoubleTensor(tensor.shape(), std::vector<double>(tensor.elements().begin(), tensor.elements().end()));
}

Tensor as_float(const DoubleTensor& tensor) {
    Tensor result(tensor.shape());
    for (std::int64_t i = 0; i < tensor.size(); ++i) result[i] = static_cast<float>(tensor[i]);
    return result;
}

DoubleTensor column_means(const DoubleTensor& x) {
    require_rows(x, 1);
    DoubleTensor means({x.extent(1)});
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        for (std::int64_t j = 0; j < x.extent(1); ++j) means[j] += x(i, j);
    }
    return scale(means, 1.0 / static_cast<double>(x.extent(0)));
}

DoubleTensor centred(const DoubleTensor& x) { return subtract(x, column_means(x)); }

DoubleTensor covariance(const DoubleTensor& x) {
    const DoubleTensor c = centred(x);
    return scale(matmul(c, c, Transpose::yes, Transpose::no), 1.0 / static_cast<double>(x.extent(0)));
}

DoubleTensor unit_rows(const DoubleTensor& x) {
    require_rows(x, 0);
    DoubleTensor result = x;
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        double square = 0.0;
        for (const double value : x.row(i)) square += value * value;
        if (square == 0.0) continue;
        for (double& value : result.row(i)) value /= std::sqrt(square);
    }
    return result;
}

double frobenius_norm(const DoubleTensor& x) {
    double square = 0.0;
    for (const double value : x.elements()) square += value * value;
    return std::sqrt(square);
}

DoubleTensor cosine_map(const DoubleTensor& x) {
    const DoubleTensor unit = unit_rows(x);
    return matmul(unit, unit, Transpose::no, Transpose::yes);
}

double mean_cosine(const DoubleTensor& x) {
    require_rows(x, 2);
    const DoubleTensor map = cosine_map(x);
    const auto n = static_cast<double>(x.extent(0));
    double off_diagonal = 0.0;
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        for (std::int64_t j = 0; j < x.extent(0); ++j) off_diagonal += i == j ? 0.0 : map(i, j);
    }
    return off_diagonal / (n * (n - 1));
}

void require_paired(const char* measure, const DoubleTensor& x, const DoubleTensor& y, std::int64_t rows) {
    const bool matrices = x.shape().rank() == 2 && y.shape().rank() == 2;
    if (matrices && x.extent(0) == y.extent(0) && x.extent(0) >= rows && x.extent(1) > 0 && y.extent(1) > 0) return;
    const std::string name = measure, least = std::to_string(rows);
    throw Error(ErrorKind::shape, {name + " 需要行数相同、至少 " + least + " 行的两个矩阵，给的是 " +
                                       x.shape().to_string() + " 和 " + y.shape().to_string() + "。",
                                   name + " needs two matrices of as many rows, at least " + least + "; they are " +
                                       x.shape().to_string() + " and " + y.shape().to_string() + "."});
}

}  // namespace glassformer
