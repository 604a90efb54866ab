#pragma once

#include <vector>

#include "tensor/tensor.h"

/// Simple readers of a representation: what a linear model finds in it, a linear model can use.
namespace glassformer {

/// y = x W + b.
struct LinearReader {
    DoubleTensor weights;  ///< [features, outputs]
    DoubleTensor bias;     ///< [outputs]
};
/// [points, outputs].
DoubleTensor read_out(const LinearReader& reader, const DoubleTensor& x);
/// The class of greatest output; the lower one when equal.
IntTensor predict_classes(const LinearReader& reader, const DoubleTensor& x);

/// Ridge regression in closed form: least |X W + b - Y|^2 + penalty |W|^2, the bias not penalised. penalty 0 gives the
/// least-norm least squares.
LinearReader ridge(const DoubleTensor& x, const DoubleTensor& y, double penalty);
/// Ridge on one-hot classes.
LinearReader ridge_classifier(const DoubleTensor& x, const IntTensor& labels, int classes, double penalty);

/// Two classes by logistic regression: least mean cross-entropy + penalty / 2 |w|^2, bias not penalised, by Newton's
/// method with step halving. penalty > 0, since separable data have no finite optimum without. One output: the logit of
/// class 1.
LinearReader logistic(const DoubleTensor& x, const IntTensor& labels, double penalty);
/// Class 1 where the logit is positive.
IntTensor predict_binary(const LinearReader& reader, const DoubleTensor& x);

/// Any number of classes by softmax regression with the same objective, by accelerated gradient descent (Nesterov 1983,
/// restarted when it overshoots: O'Donoghue & Candes 2015, 1204.3982) to a gradient below 1e-6 or `most_steps`. Same
/// bits everywhere.
LinearReader softmax_regression(const DoubleTensor& x, const IntTensor& labels, int classes, double penalty,
                                int most_steps = 2000);

/// Prototypes: the mean of each class (Snell et al. 2017, 1703.05175). A class without points has no mean:
/// Error(constraint).
DoubleTensor class_prototypes(const DoubleTensor& x, const IntTensor& labels, int classes);
/// The nearest prototype as a linear reader: w_k = 2 c_k, b_k = -|c_k|^2, the same argmax (Snell et al., section 2.4).
LinearReader prototype_reader(const DoubleTensor& prototypes);
/// Majority among the k nearest points by Euclidean distance; the class of the nearer ones when equal.
IntTensor nearest_neighbour_classes(const DoubleTensor& train, const IntTensor& labels, int classes,
                                    const DoubleTensor& x, int k);

/// Share of equal entries. Error(shape) unless equally many, at least one.
double accuracy(const IntTensor& predicted, const IntTensor& labels);

}  // namespace glassformer
