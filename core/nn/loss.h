#pragma once

#include "autograd/variable.h"

namespace glassformer {

/// Mean over the rows of -ln softmax(logits)[row, target], in nats; logits [rows, classes], one target per row.
/// Error(shape) for a target outside 0 ... classes - 1.
template <typename T>
BasicVariable<T> cross_entropy(const BasicVariable<T>& logits, const IntTensor& targets);

}  // namespace glassformer
