#include "analysis/probes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/matrix.h"
#include "base/error.h"
#include "base/math.h"
#include "data/batch.h"
#include "tensor/decompositions.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

void check_labels(const char* probe, const DoubleTensor& x, const IntTensor& labels, int classes) {
    if (x.shape().rank() != 2 || x.size() == 0 || labels.size() != x.extent(0)) {
        const std::string name = probe, count = std::to_string(labels.size());
        throw Error(ErrorKind::shape, {name + "：点的形状是 " + x.shape().to_string() + "，标签却有 " + count + " 个。",
                                       name + ": the points have the shape " + x.shape().to_string() +
                                           ", but there are " + count + " labels."});
    }
    for (const std::int32_t label : labels.elements()) require_within("label", label, 0, classes - 1);
}

DoubleTensor one_hot(const IntTensor& labels, int classes) {
    DoubleTensor targets({labels.size(), classes});
    for (std::int64_t i = 0; i < labels.size(); ++i) targets(i, labels[i]) = 1.0;
    return targets;
}

/// X with a last column of ones.
DoubleTensor with_ones(const DoubleTensor& x) {
    DoubleTensor extended({x.extent(0), x.extent(1) + 1}, 1.0);
    for (std::int64_t i = 0; i < x.extent(0); ++i) std::copy(x.row(i).begin(), x.row(i).end(), extended.row(i).begin());
    return extended;
}

LinearReader split(const DoubleTensor& weights) {
    const std::int64_t d = weights.extent(0) - 1, k = weights.extent(1);
    LinearReader reader{DoubleTensor({d, k}), DoubleTensor({k})};
    std::copy_n(weights.data(), d * k, reader.weights.data());
    std::copy_n(weights.data() + d * k, k, reader.bias.data());
    return reader;
}

double squared_weights(const DoubleTensor& weights) {
    double sum = 0.0;
    for (std::int64_t i = 0; i + 1 < weights.extent(0); ++i) {
        for (const double w : weights.row(i)) sum += w * w;
    }
    return sum;
}

double logistic_loss(const DoubleTensor& x, const IntTensor& labels, const DoubleTensor& weights, double penalty) {
    const DoubleTensor logits = matmul(x, weights);
    double loss = 0.0;
    for (std::int64_t i = 0; i < labels.size(); ++i) loss += softplus(labels[i] == 1 ? -logits[i] : logits[i]);
    return loss / static_cast<double>(labels.size()) + penalty / 2 * squared_weights(weights);
}

/// The largest eigenvalue of X^T X / n is at most this: 50 steps of power iteration and a tenth more.
double greatest_curvature(const DoubleTensor& x) {
    DoubleTensor v({x.extent(1), 1}, 1.0);
    double norm = 1.0;
    for (int i = 0; i < 50; ++i) {
        v = matmul(x, matmul(x, v), Transpose::yes, Transpose::no);
        norm = frobenius_norm(v);
        if (norm == 0.0) return 0.0;
        v = scale(v, 1.0 / norm);
    }
    return 1.1 * norm / static_cast<double>(x.extent(0));
}

}  // namespace

DoubleTensor read_out(const LinearReader& reader, const DoubleTensor& x) {
    return add(matmul(x, reader.weights), reader.bias);
}

IntTensor predict_classes(const LinearReader& reader, const DoubleTensor& x) {
    return argmax_rows(read_out(reader, x));
}

LinearReader ridge(const DoubleTensor& x, const DoubleTensor& y, double penalty) {
    require_paired("ridge", x, y, 1);
    require_within("penalty", penalty, 0, 1e30);
    const DoubleTensor mean_x = column_means(x), mean_y = column_means(y), cx = centred(x), cy = centred(y);
    LinearReader reader;
    if (penalty == 0.0) {
        reader.weights = least_squares(cx, cy);
    } else {
        DoubleTensor normal = matmul(cx, cx, Transpose::yes, Transpose::no);
        for (std::int64_t i = 0; i < normal.extent(0); ++i) normal(i, i) += penalty;
        reader.weights = solve_positive(normal, matmul(cx, cy, Transpose::yes, Transpose::no));
    }
    const DoubleTensor at_mean = matmul(mean_x.reshaped({1, mean_x.size()}), reader.weights);
    reader.bias = subtract(mean_y, at_mean.reshaped({mean_y.size()}));
    return reader;
}

LinearReader ridge_classifier(const DoubleTensor& x, const IntTensor& labels, int classes, double penalty) {
    check_labels("ridge_classifier", x, labels, classes);
    return ridge(x, one_hot(labels, classes), penalty);
}

LinearReader logistic(const DoubleTensor& points, const IntTensor& labels, double penalty) {
    check_labels("logistic", points, labels, 2);
    require_within("penalty", penalty, 1e-12, 1e12);
    const DoubleTensor x = with_ones(points);
    const std::int64_t n = x.extent(0), d = x.extent(1);
    DoubleTensor weights({d, 1});
    double loss = logistic_loss(x, labels, weights, penalty);
    for (int step = 0; step < 100; ++step) {
        const DoubleTensor logits = matmul(x, weights);
        DoubleTensor weighted = x, errors({n, 1});
        for (std::int64_t i = 0; i < n; ++i) {
            const double p = sigmoid(logits[i]);
            errors[i] = (p - labels[i]) / static_cast<double>(n);
            for (double& value : weighted.row(i)) value *= p * (1.0 - p) / static_cast<double>(n);
        }
        DoubleTensor gradient = matmul(x, errors, Transpose::yes, Transpose::no);
        DoubleTensor curvature = matmul(x, weighted, Transpose::yes, Transpose::no);
        for (std::int64_t i = 0; i < d; ++i) {
            if (i + 1 < d) gradient[i] += penalty * weights[i];
            // The bias' own curvature vanishes where all points are sure; a little keeps the system solvable.
            curvature(i, i) += i + 1 < d ? penalty : 1e-12;
        }
        if (max_abs(gradient) < 1e-12) break;
        const DoubleTensor direction = solve_positive(curvature, gradient);
        double length = 1.0;
        DoubleTensor next = subtract(weights, direction);
        double next_loss = logistic_loss(x, labels, next, penalty);
        while (next_loss > loss && length > 1e-6) {
            length /= 2;
            next = subtract(weights, scale(direction, length));
            next_loss = logistic_loss(x, labels, next, penalty);
        }
        if (next_loss >= loss) break;
        weights = next;
        loss = next_loss;
    }
    return split(weights);
}

IntTensor predict_binary(const LinearReader& reader, const DoubleTensor& x) {
    const DoubleTensor logits = read_out(reader, x);
    IntTensor classes({x.extent(0)});
    for (std::int64_t i = 0; i < x.extent(0); ++i) classes[i] = logits[i] > 0.0 ? 1 : 0;
    return classes;
}

LinearReader softmax_regression(const DoubleTensor& points, const IntTensor& labels, int classes, double penalty,
                                int most_steps) {
    check_labels("softmax_regression", points, labels, classes);
    require_within("penalty", penalty, 0, 1e12);
    const DoubleTensor x = with_ones(points), targets = one_hot(labels, classes);
    const auto n = static_cast<double>(x.extent(0));
    // The Hessian of softmax cross-entropy is at most half of X^T X / n (Boehning 1992).
    const double rate = 1.0 / (greatest_curvature(x) / 2 + penalty);
    DoubleTensor weights({x.extent(1), classes}), ahead = weights;
    double momentum = 1.0;
    for (int step = 0; step < most_steps; ++step) {
        DoubleTensor gradient =
            scale(matmul(x, subtract(softmax(matmul(x, ahead)), targets), Transpose::yes, Transpose::no), 1.0 / n);
        for (std::int64_t i = 0; i + 1 < gradient.extent(0); ++i) {
            for (std::int64_t k = 0; k < classes; ++k) gradient(i, k) += penalty * ahead(i, k);
        }
        if (max_abs(gradient) < 1e-6) break;
        const DoubleTensor next = subtract(ahead, scale(gradient, rate));
        const DoubleTensor moved = subtract(next, weights);
        const bool overshoots = sum(multiply(gradient, moved)) > 0.0;
        const double next_momentum = overshoots ? 1.0 : (1.0 + std::sqrt(1.0 + 4.0 * momentum * momentum)) / 2;
        ahead = overshoots ? next : add(next, scale(moved, (momentum - 1.0) / next_momentum));
        momentum = next_momentum;
        weights = next;
    }
    return split(weights);
}

DoubleTensor class_prototypes(const DoubleTensor& x, const IntTensor& labels, int classes) {
    check_labels("class_prototypes", x, labels, classes);
    DoubleTensor prototypes({classes, x.extent(1)});
    std::vector<double> counts(static_cast<std::size_t>(classes));
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        ++counts[static_cast<std::size_t>(labels[i])];
        for (std::int64_t j = 0; j < x.extent(1); ++j) prototypes(labels[i], j) += x(i, j);
    }
    for (std::int64_t k = 0; k < classes; ++k) {
        if (counts[static_cast<std::size_t>(k)] == 0.0) {
            const std::string label = std::to_string(k);
            throw Error(ErrorKind::constraint, {"第 " + label + " 类没有样本，没有原型。",
                                                "Class " + label + " has no examples and so no prototype."});
        }
        for (double& value : prototypes.row(k)) value /= counts[static_cast<std::size_t>(k)];
    }
    return prototypes;
}

LinearReader prototype_reader(const DoubleTensor& prototypes) {
    LinearReader reader{scale(transpose(prototypes), 2.0), DoubleTensor({prototypes.extent(0)})};
    for (std::int64_t k = 0; k < prototypes.extent(0); ++k) {
        for (const double value : prototypes.row(k)) reader.bias[k] -= value * value;
    }
    return reader;
}

IntTensor nearest_neighbour_classes(const DoubleTensor& train, const IntTensor& labels, int classes,
                                    const DoubleTensor& x, int k) {
    check_labels("nearest_neighbour_classes", train, labels, classes);
    require_within("k", k, 1, static_cast<double>(train.extent(0)));
    IntTensor predicted({x.extent(0)});
    std::vector<double> distances(static_cast<std::size_t>(train.extent(0)));
    std::vector<std::size_t> order(distances.size());
    for (std::int64_t i = 0; i < x.extent(0); ++i) {
        for (std::int64_t t = 0; t < train.extent(0); ++t) {
            double square = 0.0;
            for (std::int64_t j = 0; j < x.extent(1); ++j) square += (x(i, j) - train(t, j)) * (x(i, j) - train(t, j));
            distances[static_cast<std::size_t>(t)] = square;
        }
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::size_t a, std::size_t b) {
            return distances[a] != distances[b] ? distances[a] < distances[b] : a < b;
        });
        std::vector<int> votes(static_cast<std::size_t>(classes));
        for (int rank = 0; rank < k; ++rank) {
            ++votes[static_cast<std::size_t>(labels[static_cast<std::int64_t>(order[static_cast<std::size_t>(rank)])])];
        }
        const int most = *std::max_element(votes.begin(), votes.end());
        for (int rank = 0; rank < k; ++rank) {
            predicted[i] = labels[static_cast<std::int64_t>(order[static_cast<std::size_t>(rank)])];
            if (votes[static_cast<std::size_t>(predicted[i])] == most) break;
        }
    }
    return predicted;
}

double accuracy(const IntTensor& predicted, const IntTensor& labels) {
    if (predicted.size() != labels.size() || labels.size() == 0) {
        const std::string a = std::to_string(predicted.size()), b = std::to_string(labels.size());
        throw Error(ErrorKind::shape, {"预测 " + a + " 个，标签 " + b + " 个，应当一样多且不为零。",
                                       a + " predictions and " + b + " labels: there must be as many, and some."});
    }
    std::int64_t right = 0;
    for (std::int64_t i = 0; i < labels.size(); ++i) right += predicted[i] == labels[i] ? 1 : 0;
    return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace glassformer
