#include "nn/projection.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "autograd/operations.h"
#include "base/error.h"
#include "tensor/decompositions.h"

namespace glassformer {

using Kind = ProjectionConfig::Kind;

template <typename T>
BasicProjection<T>::BasicProjection(std::int64_t d_in, std::int64_t d_out, const ProjectionConfig& config, Rng rng,
                                    bool bias, const Initialization& init)
    : config_(config), d_in_(d_in), d_out_(d_out) {
    switch (config.kind) {
        case Kind::dense: out_.emplace(d_in, d_out, rng, bias, init); break;
        case Kind::low_rank:
            require_positive("rank", config.rank);
            in_.emplace(d_in, config.rank, rng.split("in"), false, init);
            out_.emplace(config.rank, d_out, rng.split("out"), bias, init);
            break;
        case Kind::block_diagonal:
            require_positive("d_in", d_in);
            require_positive("d_out", d_out);
            require_divides("groups", config.groups, "d_in", d_in);
            require_divides("groups", config.groups, "d_out", d_out);
            blocks_ = initial_weight<T>(Shape{config.groups, d_in / config.groups, d_out / config.groups},
                                        d_in / config.groups, d_out / config.groups, init, rng);
            if (bias) bias_ = constant_parameter<T>({d_out}, T{0});
            break;
    }
}

template <typename T>
BasicVariable<T> BasicProjection<T>::forward(const BasicVariable<T>& x) const {
    if (config_.kind != Kind::block_diagonal) return out_->forward(in_ ? in_->forward(x) : x);
    const Shape& shape = x.shape();
    if (shape.rank() == 0 || shape[-1] != d_in_) {
        throw Error(ErrorKind::shape,
                    {"输入的形状 " + shape.to_string() + " 最后一轴应为 " + std::to_string(d_in_) + "。",
                     "The input has the shape " + shape.to_string() + "; its last axis must be " +
                         std::to_string(d_in_) + "."});
    }
    // [rows, groups, d_in / groups] -> groups first, one product each -> back.
    const std::int64_t rows = shape.size() / d_in_;
    const BasicVariable<T> parts = permute(reshape(x, {rows, config_.groups, d_in_ / config_.groups}), {1, 0, 2});
    Extents extents = shape.extents();
    extents.back() = d_out_;
    const BasicVariable<T> y = reshape(permute(batched_matmul(parts, blocks_), {1, 0, 2}), Shape(extents));
    return bias_ ? add(y, *bias_) : y;
}

template <typename T>
BasicTensor<T> BasicProjection<T>::as_matrix() const {
    if (config_.kind == Kind::dense) return out_->weight().value();
    if (config_.kind == Kind::low_rank) return matmul(in_->weight().value(), out_->weight().value());
    BasicTensor<T> matrix({d_in_, d_out_});
    const std::int64_t rows = d_in_ / config_.groups;
    const std::int64_t columns = d_out_ / config_.groups;
    for (std::int64_t i = 0; i < d_in_; ++i) {
        const std::int64_t group = i / rows;
        for (std::int64_t j = 0; j < columns; ++j) {
            matrix(i, group * columns + j) = blocks_.value()[i * columns + j];
        }
    }
    return matrix;
}

template <typename T>
BasicNamedParameters<T> BasicProjection<T>::parameters() const {
    if (config_.kind == Kind::dense) return out_->parameters();
    BasicNamedParameters<T> all;
    if (config_.kind == Kind::low_rank) {
        append_parameters(all, "in", in_->parameters());
        append_parameters(all, "out", out_->parameters());
        return all;
    }
    all.emplace_back("weight", blocks_);
    if (bias_) all.emplace_back("bias", *bias_);
    return all;
}

LowRankFactors low_rank_factors(const Tensor& matrix, std::int64_t rank) {
    const std::int64_t largest = matrix.shape().rank() == 2 ? std::min(matrix.extent(0), matrix.extent(1)) : 0;
    if (rank < 1 || rank > largest) {
        throw Error(ErrorKind::out_of_range,
                    {"秩须在 1 ... " + std::to_string(largest) + " 内，给了 " + std::to_string(rank) + "。",
                     "The rank must be in 1 ... " + std::to_string(largest) + "; it is " + std::to_string(rank) + "."},
                    "rank");
    }
    const DoubleTensor precise(matrix.shape(), {matrix.elements().begin(), matrix.elements().end()});
    const SingularValues svd = singular_value_decomposition(precise);
    LowRankFactors factors{Tensor({matrix.extent(0), rank}), Tensor({rank, matrix.extent(1)})};
    for (std::int64_t r = 0; r < rank; ++r) {
        const double root = std::sqrt(svd.s[static_cast<std::size_t>(r)]);
        for (std::int64_t i = 0; i < matrix.extent(0); ++i) factors.a(i, r) = static_cast<float>(svd.u(i, r) * root);
        for (std::int64_t j = 0; j < matrix.extent(1); ++j) factors.b(r, j) = static_cast<float>(svd.v(j, r) * root);
    }
    return factors;
}

template class BasicProjection<float>;
template class BasicProjection<double>;

}  // namespace glassformer
