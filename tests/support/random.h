#pragma once

#include "autograd/variable.h"
#include "base/rng.h"

/// Random inputs of tests: the same numbers in float and double.
namespace glassformer::test {

template <typename T>
BasicTensor<T> normal(Shape shape, std::uint64_t seed) {
    Rng rng(seed);
    BasicTensor<T> tensor(std::move(shape));
    for (T& x : tensor.elements()) x = static_cast<T>(rng.normal());
    return tensor;
}

inline IntTensor ids(Shape shape, std::vector<std::int32_t> values) {
    return IntTensor(std::move(shape), std::move(values));
}

/// Ids in 0 ... count - 1.
inline IntTensor random_ids(Shape shape, std::uint32_t count, std::uint64_t seed) {
    Rng rng(seed);
    IntTensor tensor(std::move(shape));
    for (std::int32_t& x : tensor.elements()) x = static_cast<std::int32_t>(rng.integer(count));
    return tensor;
}

}  // namespace glassformer::test
