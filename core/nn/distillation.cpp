#include "nn/distillation.h"

#include <string>

#include "autograd/operations.h"
#include "base/error.h"
#include "nn/attention.h"
#include "nn/loss.h"
#include "nn/position.h"

namespace glassformer {
namespace {

template <typename T>
void check(const BasicVariable<T>& a, const BasicVariable<T>& b, double temperature) {
    if (a.shape() != b.shape() || a.shape().rank() == 0 || a.shape().size() == 0) {
        throw Error(ErrorKind::shape, {"两边的形状须相同且不为空，给的是 " + a.shape().to_string() + " 和 " +
                                           b.shape().to_string() + "。",
                                       "Both sides must have one shape, not empty; they are " + a.shape().to_string() +
                                           " and " + b.shape().to_string() + "."});
    }
    if (!(temperature > 0.0)) {
        throw Error(ErrorKind::out_of_range,
                    {"温度须大于 0，给了 " + std::to_string(temperature) + "。",
                     "The temperature must be above 0; it is " + std::to_string(temperature) + "."},
                    "temperature");
    }
}

}  // namespace

template <typename T>
BasicVariable<T> kl_divergence(const BasicVariable<T>& teacher, const BasicVariable<T>& student, double temperature) {
    check(teacher, student, temperature);
    const T cooler = static_cast<T>(1.0 / temperature);
    const BasicVariable<T> log_p = log_softmax(scale(teacher, cooler));
    const BasicVariable<T> log_q = log_softmax(scale(student, cooler));
    return mean(sum(multiply(exp(log_p), subtract(log_p, log_q)), -1));
}

template <typename T>
BasicVariable<T> distillation_loss(const BasicVariable<T>& teacher, const BasicVariable<T>& student, double temperature,
                                   bool scaled) {
    const BasicVariable<T> kl = kl_divergence(teacher.detach(), student, temperature);
    return scaled ? scale(kl, static_cast<T>(temperature * temperature)) : kl;
}

template <typename T>
BasicVariable<T> logit_mse(const BasicVariable<T>& teacher, const BasicVariable<T>& student) {
    check(teacher, student, 1.0);
    return mean(square(subtract(student, teacher.detach())));
}

template <typename T>
BasicVariable<T> contrastive_loss(const BasicVariable<T>& a, const BasicVariable<T>& b, double temperature,
                                  bool symmetric) {
    check(a, b, temperature);
    if (a.shape().rank() != 2) {
        throw Error(ErrorKind::shape, {"对比损失需要 [n, d]，给的是 " + a.shape().to_string() + "。",
                                       "A contrastive loss takes [n, d]; it got " + a.shape().to_string() + "."});
    }
    const BasicAttentionScore<T> cosine({.kind = ScoreKind::cosine, .d_k = a.shape()[1]}, Rng(0));
    const BasicVariable<T> logits = scale(cosine.forward(a, b), static_cast<T>(1.0 / temperature));
    const IntTensor own = counted_positions(a.shape()[0]);
    BasicVariable<T> forth = cross_entropy(logits, own);
    if (!symmetric) return forth;
    return scale(add(forth, cross_entropy(transpose(logits), own)), T(0.5));
}

#define GLASSFORMER_INSTANTIATE(T)                                                                               \
    template BasicVariable<T> kl_divergence(const BasicVariable<T>&, const BasicVariable<T>&, double);           \
    template BasicVariable<T> distillation_loss(const BasicVariable<T>&, const BasicVariable<T>&, double, bool); \
    template BasicVariable<T> logit_mse(const BasicVariable<T>&, const BasicVariable<T>&);                       \
    template BasicVariable<T> contrastive_loss(const BasicVariable<T>&, const BasicVariable<T>&, double, bool);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
