#include "nn/linear.h"

#include <cmath>

#include "autograd/operations.h"

namespace glassformer {
namespace {

Variable normal_parameter(Shape shape, Rng rng, float standard_deviation) {
    return Variable(random_normal(std::move(shape), rng, 0.0F, standard_deviation), true);
}

}  // namespace

Linear::Linear(std::int64_t d_in, std::int64_t d_out, Rng rng, bool bias)
    : weight_(normal_parameter({d_in, d_out}, rng, 1.0F / std::sqrt(static_cast<float>(d_in)))) {
    if (bias) bias_ = Variable(Tensor({d_out}), true);
}

Variable Linear::forward(const Variable& x) const {
    const Variable product = matmul(x, weight_);
    return bias_ ? add(product, *bias_) : product;
}

NamedParameters Linear::parameters() const {
    NamedParameters all{{"weight", weight_}};
    if (bias_) all.emplace_back("bias", *bias_);
    return all;
}

Embedding::Embedding(std::int64_t count, std::int64_t d, Rng rng, float standard_deviation)
    : weight_(normal_parameter({count, d}, rng, standard_deviation)) {}

Variable Embedding::forward(const IntTensor& ids) const { return gather_rows(weight_, ids); }

}  // namespace glassformer
