#include "nn/linear.h"

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

/// x W (or x W^T) over the last axis, whatever the leading ones.
template <typename T>
BasicVariable<T> product_of_rows(const BasicVariable<T>& x, const BasicVariable<T>& weight, Transpose transposed) {
    const Shape& shape = x.shape();
    const std::int64_t d_in = weight.value().extent(transposed == Transpose::no ? 0 : 1);
    if (shape.rank() == 0 || shape[-1] != d_in) {
        throw Error(
            ErrorKind::shape,
            {"输入的形状 " + shape.to_string() + " 最后一轴应为 " + std::to_string(d_in) + "。",
             "The input has the shape " + shape.to_string() + "; its last axis must be " + std::to_string(d_in) + "."});
    }
    if (shape.rank() == 2) return matmul(x, weight, Transpose::no, transposed);
    std::vector<std::int64_t> extents = shape.extents();
    extents.back() = weight.value().extent(transposed == Transpose::no ? 1 : 0);
    const BasicVariable<T> rows = reshape(x, {shape.size() / d_in, d_in});
    return reshape(matmul(rows, weight, Transpose::no, transposed), Shape(std::move(extents)));
}

}  // namespace

template <typename T>
BasicLinear<T>::BasicLinear(std::int64_t d_in, std::int64_t d_out, Rng rng, bool bias, const Initialization& init) {
    require_positive("d_in", d_in);
    require_positive("d_out", d_out);
    weight_ = initial_weight<T>(d_in, d_out, init, rng);
    if (bias) bias_ = constant_parameter<T>({d_out}, T{0});
}

template <typename T>
BasicVariable<T> BasicLinear<T>::forward(const BasicVariable<T>& x) const {
    const BasicVariable<T> product = product_of_rows(x, weight_, Transpose::no);
    return bias_ ? add(product, *bias_) : product;
}

template <typename T>
BasicNamedParameters<T> BasicLinear<T>::parameters() const {
    BasicNamedParameters<T> all{{"weight", weight_}};
    if (bias_) all.emplace_back("bias", *bias_);
    return all;
}

template <typename T>
BasicEmbedding<T>::BasicEmbedding(std::int64_t count, std::int64_t d, Rng rng, float standard_deviation) {
    require_positive("count", count);
    require_positive("d", d);
    weight_ = normal_parameter<T>({count, d}, rng, standard_deviation);
}

template <typename T>
BasicVariable<T> BasicEmbedding<T>::forward(const IntTensor& ids) const {
    return gather_rows(weight_, ids);
}

template <typename T>
BasicVariable<T> BasicEmbedding<T>::logits(const BasicVariable<T>& x) const {
    return product_of_rows(x, weight_, Transpose::yes);
}

template class BasicLinear<float>;
template class BasicLinear<double>;
template class BasicEmbedding<float>;
template class BasicEmbedding<double>;

}  // namespace glassformer
