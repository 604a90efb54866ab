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
    auto extents = shape.extents();
    extents.back() = weight.value().extent(transposed == Transpose::no ? 1 : 0);
    const BasicVariable<T> rows = reshape(x, {shape.size() / d_in, d_in});
    return reshape(matmul(rows, weight, Transpose::no, transposed), Shape(extents));
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
    BasicVariable<T> product = product_of_rows(x, weight_, Transpose::no);
    if (adapter_.rank > 0) {
        const BasicVariable<T> narrow = product_of_rows(x, adapter_a_, Transpose::no);
        const T share = static_cast<T>(adapter_.alpha / static_cast<double>(adapter_.rank));
        product = add(product, scale(product_of_rows(narrow, adapter_b_, Transpose::no), share));
    }
    return bias_ ? add(product, *bias_) : product;
}

template <typename T>
void BasicLinear<T>::adapt(const AdapterConfig& adapter, Rng rng) {
    require_positive("rank", adapter.rank);
    adapter_ = adapter;
    adapter_a_ = initial_weight<T>(weight_.shape()[0], adapter.rank, {}, rng);
    adapter_b_ = constant_parameter<T>({adapter.rank, weight_.shape()[1]}, T{0});
}

template <typename T>
BasicNamedParameters<T> BasicLinear<T>::parameters() const {
    BasicNamedParameters<T> all{{"weight", weight_}};
    if (bias_) all.emplace_back("bias", *bias_);
    if (adapter_.rank > 0) {
        all.emplace_back("adapter.a", adapter_a_);
        all.emplace_back("adapter.b", adapter_b_);
    }
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
