#pragma once

#include <cmath>

#include "analysis/matrix.h"
#include "data/points.h"
#include "io/safetensors.h"
#include "support/source_dir.h"
#include "tensor/kernels.h"

namespace glassformer {

/// Reference values by tests/golden/make_analysis.py.
inline const Safetensors& golden() {
    static const Safetensors file = Safetensors::from_file(source_dir() + "/tests/golden/analysis.safetensors");
    return file;
}
inline DoubleTensor golden(const char* name) { return golden().doubles(name); }
inline IntTensor golden_integers(const char* name) {
    const DoubleTensor values = golden(name);
    IntTensor integers(values.shape());
    for (std::int64_t i = 0; i < values.size(); ++i) integers[i] = static_cast<std::int32_t>(std::lround(values[i]));
    return integers;
}

inline DoubleTensor normal_points(std::int64_t n, std::int64_t d, std::uint64_t seed) {
    Rng rng(seed);
    return as_double(random_normal({n, d}, rng));
}
inline DoubleTensor rotation_of(int d, std::uint64_t seed) {
    Rng rng(seed);
    return as_double(random_orthogonal(d, rng));
}
inline DoubleTensor identity(std::int64_t n) {
    DoubleTensor matrix({n, n});
    for (std::int64_t i = 0; i < n; ++i) matrix(i, i) = 1.0;
    return matrix;
}

}  // namespace glassformer
