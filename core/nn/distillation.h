#pragma once

#include "autograd/variable.h"

/// Losses between two models, and between two views of the same things. Means over rows, in nats.
namespace glassformer {

/// KL(p || q) = sum p (ln p - ln q), p = softmax(teacher / temperature), q = softmax(student / temperature), mean over
/// the rows of logits [..., classes]. Gradients flow into both; detach the teacher's. Error(shape) for unequal shapes,
/// Error(out_of_range) unless temperature > 0; likewise below.
template <typename T>
BasicVariable<T> kl_divergence(const BasicVariable<T>& teacher, const BasicVariable<T>& student,
                               double temperature = 1.0);

/// Soft targets (Hinton et al. 2015, section 2): temperature^2 KL at that temperature. The square keeps the size of the
/// gradient when the temperature changes; `scaled` false leaves it out. The teacher gets no gradient.
template <typename T>
BasicVariable<T> distillation_loss(const BasicVariable<T>& teacher, const BasicVariable<T>& student, double temperature,
                                   bool scaled = true);

/// Mean squared difference of the logits (Ba & Caruana 2014): the limit of the above for high temperatures, on logits
/// of mean zero and up to the factor classes / 2. The teacher gets no gradient.
template <typename T>
BasicVariable<T> logit_mse(const BasicVariable<T>& teacher, const BasicVariable<T>& student);

/// Contrastive loss (InfoNCE; van den Oord et al. 2018, equation 4): row i of a [n, d] belongs to row i of b [n, d],
/// all other rows of b are negatives. Cross-entropy of cos(a_i, b_j) / temperature; symmetric averages with the same
/// from b to a (Radford et al. 2021, CLIP). Error(shape) for fewer than one row.
template <typename T>
BasicVariable<T> contrastive_loss(const BasicVariable<T>& a, const BasicVariable<T>& b, double temperature,
                                  bool symmetric = true);

}  // namespace glassformer
