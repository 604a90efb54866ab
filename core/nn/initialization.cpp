#include "nn/initialization.h"

#include <cmath>
#include <utility>

namespace glassformer {
namespace {

template <typename T>
BasicVariable<T> parameter_from(const Tensor& drawn) {
    return BasicVariable<T>(BasicTensor<T>(drawn.shape(), {drawn.elements().begin(), drawn.elements().end()}), true);
}

}  // namespace

template <typename T>
BasicVariable<T> initial_weight(Shape shape, std::int64_t d_in, std::int64_t d_out,
                                const Initialization& initialization, Rng rng) {
    using Kind = Initialization::Kind;
    const auto in = static_cast<float>(d_in);
    const auto both = static_cast<float>(d_in + d_out);
    const float gain = initialization.gain;
    switch (initialization.kind) {
        case Kind::zeros: return constant_parameter<T>(std::move(shape), T{0});
        case Kind::xavier_uniform: {
            const float bound = gain * std::sqrt(6.0F / both);
            return parameter_from<T>(random_uniform(std::move(shape), rng, -bound, bound));
        }
        case Kind::xavier_normal: return normal_parameter<T>(std::move(shape), rng, gain * std::sqrt(2.0F / both));
        case Kind::he: return normal_parameter<T>(std::move(shape), rng, gain * std::sqrt(2.0F / in));
        case Kind::normal: return normal_parameter<T>(std::move(shape), rng, gain * initialization.standard_deviation);
        case Kind::fan_in: break;
    }
    return normal_parameter<T>(std::move(shape), rng, gain / std::sqrt(in));
}

template <typename T>
BasicVariable<T> initial_weight(std::int64_t d_in, std::int64_t d_out, const Initialization& initialization, Rng rng) {
    return initial_weight<T>({d_in, d_out}, d_in, d_out, initialization, rng);
}

template <typename T>
BasicVariable<T> normal_parameter(Shape shape, Rng rng, float standard_deviation) {
    return parameter_from<T>(random_normal(std::move(shape), rng, 0.0F, standard_deviation));
}

template <typename T>
BasicVariable<T> constant_parameter(Shape shape, T fill) {
    return BasicVariable<T>(BasicTensor<T>(std::move(shape), fill), true);
}

#define GLASSFORMER_INSTANTIATE(T)                                                                           \
    template BasicVariable<T> initial_weight(Shape, std::int64_t, std::int64_t, const Initialization&, Rng); \
    template BasicVariable<T> initial_weight(std::int64_t, std::int64_t, const Initialization&, Rng);        \
    template BasicVariable<T> normal_parameter(Shape, Rng, float);                                           \
    template BasicVariable<T> constant_parameter(Shape, T);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
