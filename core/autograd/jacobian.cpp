#include "autograd/jacobian.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace glassformer {
namespace {

/// visit(element of the output, the gradient of that element with respect to the input).
template <typename T, typename Visit>
void for_each_output(const BasicVariable<T>& output, const BasicVariable<T>& input, Visit visit) {
    BasicTensor<T> weights(output.shape());
    for (std::int64_t i = 0; i < weights.size(); ++i) {
        weights[i] = T{1};
        visit(i, vector_jacobian_product(output, weights, {input})[0]);
        weights[i] = T{0};
    }
}

}  // namespace

template <typename T>
BasicTensor<T> jacobian(const BasicVariable<T>& output, const BasicVariable<T>& input) {
    const std::int64_t width = input.value().size();
    BasicTensor<T> result({output.value().size(), width});
    for_each_output(output, input, [&](std::int64_t i, const BasicTensor<T>& gradient) {
        std::copy_n(gradient.data(), width, result.data() + i * width);
    });
    return result;
}

template <typename T>
BasicTensor<T> block_jacobian_norms(const BasicVariable<T>& output, const BasicVariable<T>& input) {
    if (output.shape().rank() == 0 || input.shape().rank() == 0) {
        throw Error(ErrorKind::shape, {"block_jacobian_norms 按第一个轴分块，标量没有轴。",
                                       "block_jacobian_norms takes blocks along the first axis; a scalar has none."});
    }
    const std::int64_t rows = output.value().extent(0);
    const std::int64_t columns = input.value().extent(0);
    BasicTensor<double> squares({rows, columns});
    if (squares.size() > 0) {
        const std::int64_t out_width = output.value().size() / rows;
        const std::int64_t in_width = input.value().size() / columns;
        for_each_output(output, input, [&](std::int64_t i, const BasicTensor<T>& gradient) {
            for (std::int64_t e = 0; e < gradient.size(); ++e) {
                const auto g = static_cast<double>(gradient[e]);
                squares(i / out_width, e / in_width) += g * g;
            }
        });
    }
    BasicTensor<T> result({rows, columns});
    for (std::int64_t i = 0; i < result.size(); ++i) result[i] = static_cast<T>(std::sqrt(squares[i]));
    return result;
}

#define GLASSFORMER_INSTANTIATE(T)                                                      \
    template BasicTensor<T> jacobian(const BasicVariable<T>&, const BasicVariable<T>&); \
    template BasicTensor<T> block_jacobian_norms(const BasicVariable<T>&, const BasicVariable<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
