#include "autograd/normalizations.h"

#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "tensor/loops.h"

namespace glassformer {
namespace {

struct Rows {
    std::int64_t count;
    std::int64_t width;
};

Rows rows_of(const char* operation, const Shape& shape, double epsilon) {
    if (shape.rank() == 0 || shape[-1] == 0) {
        throw Error(ErrorKind::shape,
                    {std::string(operation) + " 需要非空的最后一个轴，给了 " + shape.to_string() + "。",
                     std::string(operation) + " needs a last axis with elements; it got " + shape.to_string() + "."});
    }
    if (!(epsilon >= 0.0)) {
        throw Error(ErrorKind::out_of_range,
                    {std::string(operation) + " 的 epsilon 不能为负，给了 " + std::to_string(epsilon) + "。",
                     std::string(operation) + " needs epsilon >= 0; it got " + std::to_string(epsilon) + "."},
                    "epsilon");
    }
    return {shape.size() / shape[-1], shape[-1]};
}

void check_features(const char* operation, const char* name, const Shape& given, std::int64_t d) {
    if (given == Shape{d}) return;
    const std::string wanted = "[" + std::to_string(d) + "]";
    throw Error(
        ErrorKind::shape,
        {std::string(operation) + " 的 " + name + " 形状是 " + given.to_string() + "，应为 " + wanted + "。",
         std::string(operation) + " got " + name + " of shape " + given.to_string() + "; it must be " + wanted + "."});
}

/// What a row is divided by, after its mean is taken away or not.
enum class Centering { mean, none };

template <typename T>
struct Normalized {
    BasicTensor<T> x_hat;    ///< x's shape
    BasicTensor<T> inverse;  ///< [rows], 1 / sqrt(variance + epsilon)
};

template <typename T>
Normalized<T> normalize_rows(const BasicTensor<T>& x, const Rows& rows, Centering centering, T epsilon) {
    Normalized<T> result{BasicTensor<T>::uninitialized(x.shape()), BasicTensor<T>::uninitialized({rows.count})};
    const auto d = static_cast<T>(rows.width);
    for (std::int64_t r = 0; r < rows.count; ++r) {
        const T* in = x.data() + r * rows.width;
        const T mean = centering == Centering::mean ? sum_lanes(in, rows.width) / d : T{0};
        const T squares = sum_lanes(in, rows.width, [mean](auto value) { return (value - mean) * (value - mean); });
        const T inverse = T{1} / std::sqrt(squares / d + epsilon);
        map_lanes(in, result.x_hat.data() + r * rows.width, rows.width,
                  [mean, inverse](auto value) { return (value - mean) * inverse; });
        result.inverse[r] = inverse;
    }
    count_elements<T>(x.size(), 8, 2);
    return result;
}

/// dx = (g - mean(g) - x_hat mean(g x_hat)) / sqrt(variance + epsilon) for the gradient g of x_hat; without centering
/// mean(g) is not there.
template <typename T>
BasicTensor<T> normalize_rows_backward(const BasicTensor<T>& all_x_hat, const BasicTensor<T>& all_inverse,
                                       const BasicTensor<T>& g, const Rows& rows, Centering centering) {
    auto delta = BasicTensor<T>::uninitialized(g.shape());
    const auto d = static_cast<T>(rows.width);
    for (std::int64_t r = 0; r < rows.count; ++r) {
        const T* x_hat = all_x_hat.data() + r * rows.width;
        const T* in = g.data() + r * rows.width;
        const T mean = centering == Centering::mean ? sum_lanes(in, rows.width) / d : T{0};
        const T projection = dot_lanes(in, x_hat, rows.width) / d;
        const T inverse = all_inverse[r];
        T* out = delta.data() + r * rows.width;
        for (std::int64_t j = 0; j < rows.width; ++j) out[j] = (in[j] - mean - x_hat[j] * projection) * inverse;
    }
    count_elements<T>(g.size(), 9, 3);
    return delta;
}

/// Without parameters; gamma and beta come on top as a broadcast product and sum.
template <typename T>
BasicVariable<T> normalized(const char* operation, const BasicVariable<T>& x, Centering centering, double epsilon) {
    using Node = typename BasicVariable<T>::Node;
    const Rows rows = rows_of(operation, x.shape(), epsilon);
    Normalized<T> forward = normalize_rows(x.value(), rows, centering, static_cast<T>(epsilon));
    const auto backward = [inverse = std::move(forward.inverse), rows, centering](Node& node) {
        node.parents[0]->accumulate(normalize_rows_backward(node.value, inverse, node.gradient, rows, centering));
    };
    return BasicVariable<T>(std::move(forward.x_hat), {x}, backward);
}

}  // namespace

template <typename T>
BasicVariable<T> layer_norm(const BasicVariable<T>& x, double epsilon) {
    return normalized("layer_norm", x, Centering::mean, epsilon);
}

template <typename T>
BasicVariable<T> layer_norm(const BasicVariable<T>& x, const BasicVariable<T>& gamma, const BasicVariable<T>& beta,
                            double epsilon) {
    const BasicVariable<T> x_hat = layer_norm(x, epsilon);
    check_features("layer_norm", "gamma", gamma.shape(), x.value().extent(-1));
    check_features("layer_norm", "beta", beta.shape(), x.value().extent(-1));
    return add(multiply(x_hat, gamma), beta);
}

template <typename T>
BasicVariable<T> rms_norm(const BasicVariable<T>& x, double epsilon) {
    return normalized("rms_norm", x, Centering::none, epsilon);
}

template <typename T>
BasicVariable<T> rms_norm(const BasicVariable<T>& x, const BasicVariable<T>& gamma, double epsilon) {
    const BasicVariable<T> x_hat = rms_norm(x, epsilon);
    check_features("rms_norm", "gamma", gamma.shape(), x.value().extent(-1));
    return multiply(x_hat, gamma);
}

template <typename T>
BatchNormResult<T> batch_norm(const BasicVariable<T>& x, const BasicVariable<T>& gamma, const BasicVariable<T>& beta,
                              double epsilon, const std::optional<BoolTensor>& counted) {
    using Node = typename BasicVariable<T>::Node;
    const Rows rows = rows_of("batch_norm", x.shape(), epsilon);
    check_features("batch_norm", "gamma", gamma.shape(), rows.width);
    check_features("batch_norm", "beta", beta.shape(), rows.width);
    if (counted && (counted->size() != rows.count || counted->shape().rank() + 1 != x.shape().rank())) {
        throw Error(ErrorKind::shape, {"batch_norm 的行掩码形状 " + counted->shape().to_string() + " 应为 " +
                                           x.shape().to_string() + " 去掉最后一个轴。",
                                       "batch_norm got a row mask of shape " + counted->shape().to_string() +
                                           "; it must be " + x.shape().to_string() + " without the last axis."});
    }
    const BoolTensor counts = counted ? *counted : BoolTensor({rows.count}, 1);
    BatchStatistics<T> statistics{BasicTensor<T>({rows.width}), BasicTensor<T>({rows.width}), {}, 0};
    for (const std::uint8_t one : counts.elements()) statistics.rows += one != 0 ? 1 : 0;
    if (statistics.rows < 2) {
        const std::string n = std::to_string(statistics.rows);
        throw Error(ErrorKind::shape,
                    {"batch_norm 训练时至少要有 2 行参与统计，这里有 " + n + " 行。",
                     "batch_norm in training needs at least 2 rows that count; here there are " + n + "."});
    }
    const T n = static_cast<T>(statistics.rows);
    const BasicTensor<T>& in = x.value();
    const auto for_counted = [&](auto visit) {
        for (std::int64_t r = 0; r < rows.count; ++r) {
            if (counts[r] == 0) continue;
            for (std::int64_t j = 0; j < rows.width; ++j) visit(r * rows.width + j, j);
        }
    };
    for_counted([&](std::int64_t at, std::int64_t j) { statistics.mean[j] += in[at]; });
    for (T& m : statistics.mean.elements()) m /= n;
    for_counted([&](std::int64_t at, std::int64_t j) {
        const T difference = in[at] - statistics.mean[j];
        statistics.variance[j] += difference * difference;
    });
    statistics.unbiased_variance = scale(statistics.variance, T{1} / (n - T{1}));
    for (T& v : statistics.variance.elements()) v /= n;
    BasicTensor<T> inverse({rows.width});
    for (std::int64_t j = 0; j < rows.width; ++j) {
        inverse[j] = T{1} / std::sqrt(statistics.variance[j] + static_cast<T>(epsilon));
    }
    count_elements<T>(in.size(), 8, 2);
    // Rows that do not count pass their gradient to the mean and the variance as well: they were normalised with them.
    BasicTensor<T> x_hat = multiply(subtract(in, statistics.mean), inverse);
    BasicVariable<T> normalized(x_hat, {x}, [counts, inverse, n, rows](Node& node) {
        const BasicTensor<T>& g = node.gradient;
        BasicTensor<T> mean({rows.width});
        BasicTensor<T> projection({rows.width});
        for (std::int64_t r = 0; r < rows.count; ++r) {
            for (std::int64_t j = 0; j < rows.width; ++j) {
                mean[j] += g[r * rows.width + j];
                projection[j] += g[r * rows.width + j] * node.value[r * rows.width + j];
            }
        }
        BasicTensor<T> delta(g.shape());
        for (std::int64_t r = 0; r < rows.count; ++r) {
            for (std::int64_t j = 0; j < rows.width; ++j) {
                const std::int64_t at = r * rows.width + j;
                const T through = counts[r] != 0 ? (mean[j] + node.value[at] * projection[j]) / n : T{0};
                delta[at] = (g[at] - through) * inverse[j];
            }
        }
        count_elements<T>(g.size(), 9, 3);
        node.parents[0]->accumulate(std::move(delta));
    });
    return {add(multiply(normalized, gamma), beta), std::move(statistics)};
}

template <typename T>
BasicVariable<T> batch_norm_with(const BasicVariable<T>& x, const BasicTensor<T>& mean, const BasicTensor<T>& variance,
                                 const BasicVariable<T>& gamma, const BasicVariable<T>& beta, double epsilon) {
    const Rows rows = rows_of("batch_norm_with", x.shape(), epsilon);
    check_features("batch_norm_with", "mean", mean.shape(), rows.width);
    check_features("batch_norm_with", "variance", variance.shape(), rows.width);
    check_features("batch_norm_with", "gamma", gamma.shape(), rows.width);
    check_features("batch_norm_with", "beta", beta.shape(), rows.width);
    BasicTensor<T> inverse({rows.width});
    for (std::int64_t j = 0; j < rows.width; ++j) {
        inverse[j] = T{1} / std::sqrt(variance[j] + static_cast<T>(epsilon));
    }
    const BasicVariable<T> x_hat = multiply(subtract(x, BasicVariable<T>(mean)), BasicVariable<T>(std::move(inverse)));
    return add(multiply(x_hat, gamma), beta);
}

#define GLASSFORMER_INSTANTIATE(T)                                                                                    \
    template BasicVariable<T> layer_norm(const BasicVariable<T>&, double);                                            \
    template BasicVariable<T> layer_norm(const BasicVariable<T>&, const BasicVariable<T>&, const BasicVariable<T>&,   \
                                         double);                                                                     \
    template BasicVariable<T> rms_norm(const BasicVariable<T>&, double);                                              \
    template BasicVariable<T> rms_norm(const BasicVariable<T>&, const BasicVariable<T>&, double);                     \
    template BatchNormResult<T> batch_norm(const BasicVariable<T>&, const BasicVariable<T>&, const BasicVariable<T>&, \
                                           double, const std::optional<BoolTensor>&);                                 \
    template BasicVariable<T> batch_norm_with(const BasicVariable<T>&, const BasicTensor<T>&, const BasicTensor<T>&,  \
                                              const BasicVariable<T>&, const BasicVariable<T>&, double);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
