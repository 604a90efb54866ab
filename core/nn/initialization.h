#pragma once

#include "autograd/variable.h"
#include "base/rng.h"

namespace glassformer {

/// How a weight [d_in, d_out] starts.
struct Initialization {
    enum class Kind {
        fan_in,          ///< normal, standard deviation gain / sqrt(d_in): unit variance in, unit variance out
        xavier_uniform,  ///< uniform in +-gain sqrt(6 / (d_in + d_out)) (Glorot & Bengio 2010, equation 16)
        xavier_normal,   ///< normal, standard deviation gain sqrt(2 / (d_in + d_out))
        he,              ///< normal, standard deviation gain sqrt(2 / d_in) (He et al. 2015, equation 10), for ReLU
        normal,          ///< normal, standard deviation gain * standard_deviation
        zeros,
    };
    Kind kind = Kind::fan_in;
    float gain = 1.0F;
    float standard_deviation = 0.02F;  ///< BERT's and GPT-2's
};

/// A parameter of any shape whose weights count `d_in` inputs and `d_out` outputs. The draws depend on `rng` only:
/// float and double get the same numbers.
template <typename T>
BasicVariable<T> initial_weight(Shape shape, std::int64_t d_in, std::int64_t d_out,
                                const Initialization& initialization, Rng rng);
/// The same for a matrix [d_in, d_out].
template <typename T>
BasicVariable<T> initial_weight(std::int64_t d_in, std::int64_t d_out, const Initialization& initialization, Rng rng);
/// A parameter of normal elements.
template <typename T>
BasicVariable<T> normal_parameter(Shape shape, Rng rng, float standard_deviation);
/// A parameter all of whose elements are `fill`.
template <typename T>
BasicVariable<T> constant_parameter(Shape shape, T fill);

}  // namespace glassformer
