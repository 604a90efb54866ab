#include "nn/loss.h"

#include "autograd/operations.h"

namespace glassformer {

template <typename T>
BasicVariable<T> cross_entropy(const BasicVariable<T>& logits, const IntTensor& targets) {
    return scale(mean(pick(log_softmax(logits), targets)), T{-1});
}

template BasicVariable<float> cross_entropy(const BasicVariable<float>&, const IntTensor&);
template BasicVariable<double> cross_entropy(const BasicVariable<double>&, const IntTensor&);

}  // namespace glassformer
