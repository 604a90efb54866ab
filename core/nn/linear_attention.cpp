#include "nn/linear_attention.h"

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "nn/attention.h"
#include "nn/mask.h"
#include "nn/module.h"

namespace glassformer {
namespace {

template <typename T>
void check_same_leading(const BasicVariable<T>& a, const BasicVariable<T>& b, const BasicVariable<T>& c) {
    const Shape& q = a.shape();
    const Shape& k = b.shape();
    const Shape& v = c.shape();
    bool fits = q.rank() >= 2 && k.rank() == q.rank() && v.rank() == q.rank() && q[-1] == k[-1] && k[-2] == v[-2] &&
                q.size() > 0 && k.size() > 0 && v.size() > 0;
    for (std::size_t axis = 0; fits && axis + 2 < q.rank(); ++axis) {
        const auto at = static_cast<std::int64_t>(axis);
        fits = q[at] == k[at] && q[at] == v[at];
    }
    if (fits) return;
    const std::string shapes = q.to_string() + ", " + k.to_string() + ", " + v.to_string();
    throw Error(ErrorKind::shape, {"query、key、value 的形状 " + shapes + " 不匹配。",
                                   "Query, key and value of shapes " + shapes + " do not fit one another."});
}

void check_causal(const Shape& query, const Shape& key) {
    if (query[-2] == key[-2]) return;
    throw Error(ErrorKind::shape,
                {"因果注意力要求 query 与 key 一样多，给的是 " + query.to_string() + " 和 " + key.to_string() + "。",
                 "Causal attention needs as many queries as keys; the shapes are " + query.to_string() + " and " +
                     key.to_string() + "."});
}

/// v with a column of ones: what multiplies it sums up the normaliser beside the output.
template <typename T>
BasicVariable<T> with_ones(const BasicVariable<T>& value) {
    return pad(value, -1, 0, 1, T{1});
}

template <typename T>
BasicVariable<T> normalised(const BasicVariable<T>& output_and_total) {
    const std::int64_t d_v = output_and_total.shape()[-1] - 1;
    return divide(slice(output_and_total, -1, 0, d_v), slice(output_and_total, -1, d_v, d_v + 1));
}

}  // namespace

template <typename T>
BasicVariable<T> elu_features(const BasicVariable<T>& x) {
    return add_scalar(elu(x), T{1});
}

template <typename T>
BasicTensor<T> random_projection(std::int64_t m, std::int64_t d, Rng rng, bool orthogonal) {
    require_positive("m", m);
    require_positive("d", d);
    DoubleTensor rows({m, d});
    for (double& each : rows.elements()) each = static_cast<double>(rng.normal());
    if (orthogonal) {
        Rng lengths = rng.split("lengths");
        for (std::int64_t r = 0; r < m; ++r) {
            const auto row = rows.row(r);
            // Twice: one pass leaves rounding errors behind.
            for (int pass = 0; pass < 2; ++pass) {
                for (std::int64_t other = r - r % d; other < r; ++other) {
                    const auto before = rows.row(other);
                    double dot = 0.0;
                    double squared = 0.0;
                    for (std::size_t c = 0; c < row.size(); ++c) {
                        dot += row[c] * before[c];
                        squared += before[c] * before[c];
                    }
                    for (std::size_t c = 0; c < row.size(); ++c) row[c] -= dot / squared * before[c];
                }
            }
            double squared = 0.0;
            double wanted = 0.0;
            for (const double each : row) squared += each * each;
            for (std::int64_t c = 0; c < d; ++c) {
                const auto normal = static_cast<double>(lengths.normal());
                wanted += normal * normal;
            }
            for (double& each : row) each *= std::sqrt(wanted / squared);
        }
    }
    return BasicTensor<T>(rows.shape(), {rows.elements().begin(), rows.elements().end()});
}

template <typename T>
BasicVariable<T> softmax_features(const BasicVariable<T>& x, const BasicTensor<T>& projection, bool per_row) {
    const std::int64_t d = x.shape().rank() >= 2 ? x.shape()[-1] : 0;
    if (projection.shape().rank() != 2 || projection.extent(1) != d || x.shape().size() == 0) {
        throw Error(ErrorKind::shape, {"特征映射需要 [..., n, d] 和 [m, d]，给的是 " + x.shape().to_string() + " 和 " +
                                           projection.shape().to_string() + "。",
                                       "Random features need [..., n, d] and [m, d]; given are " +
                                           x.shape().to_string() + " and " + projection.shape().to_string() + "."});
    }
    const BasicVariable<T> smaller = scale(x, T{1} / std::sqrt(std::sqrt(static_cast<T>(d))));
    const BasicVariable<T> products =
        batched_matmul(smaller, BasicVariable<T>(projection), Transpose::no, Transpose::yes);
    const BasicVariable<T> half = scale(sum(square(smaller), -1, KeepAxis::yes), T(0.5));
    const BasicVariable<T> exponent = subtract(products, half);
    // A constant: it cancels, so no gradient need flow through it.
    BasicTensor<T> largest = maximum(exponent.value(), -1, KeepAxis::yes);
    if (!per_row) {
        const T whole = *std::max_element(largest.elements().begin(), largest.elements().end());
        largest = BasicTensor<T>(largest.shape(), whole);
    }
    const T share = T{1} / std::sqrt(static_cast<T>(projection.extent(0)));
    return scale(exp(subtract(exponent, BasicVariable<T>(std::move(largest)))), share);
}

template <typename T>
BasicVariable<T> causal_product(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                const BasicVariable<T>& value) {
    using Node = typename BasicVariable<T>::Node;
    check_same_leading(query, key, value);
    check_causal(query.shape(), key.shape());
    const std::int64_t n = query.shape()[-2];
    const std::int64_t m = query.shape()[-1];
    const std::int64_t d_v = value.shape()[-1];
    const std::int64_t groups = query.shape().size() / (n * m);
    BasicTensor<T> output(value.shape());
    for (std::int64_t g = 0; g < groups; ++g) {
        std::vector<T> state(static_cast<std::size_t>(m * d_v));
        for (std::int64_t t = g * n; t < (g + 1) * n; ++t) {
            for (std::int64_t a = 0; a < m; ++a) {
                const T k = key.value()[t * m + a];
                const T q = query.value()[t * m + a];
                for (std::int64_t c = 0; c < d_v; ++c) {
                    T& each = state[static_cast<std::size_t>(a * d_v + c)];
                    each += k * value.value()[t * d_v + c];
                    output[t * d_v + c] += q * each;
                }
            }
        }
    }
    // The queries read the same state again; keys and values are read by all later queries: a state from the end
    // (equations 13 to 15).
    return BasicVariable<T>(std::move(output), {query, key, value}, [n, m, d_v, groups](Node& node) {
        const BasicTensor<T>& q = node.parents[0]->value;
        const BasicTensor<T>& k = node.parents[1]->value;
        const BasicTensor<T>& v = node.parents[2]->value;
        const BasicTensor<T>& gradient = node.gradient;
        BasicTensor<T> of_query(q.shape());
        BasicTensor<T> of_key(k.shape());
        BasicTensor<T> of_value(v.shape());
        for (std::int64_t g = 0; g < groups; ++g) {
            std::vector<T> state(static_cast<std::size_t>(m * d_v));
            for (std::int64_t t = g * n; t < (g + 1) * n; ++t) {
                for (std::int64_t a = 0; a < m; ++a) {
                    for (std::int64_t c = 0; c < d_v; ++c) {
                        T& each = state[static_cast<std::size_t>(a * d_v + c)];
                        each += k[t * m + a] * v[t * d_v + c];
                        of_query[t * m + a] += each * gradient[t * d_v + c];
                    }
                }
            }
            std::fill(state.begin(), state.end(), T{0});
            for (std::int64_t t = (g + 1) * n - 1; t >= g * n; --t) {
                for (std::int64_t a = 0; a < m; ++a) {
                    for (std::int64_t c = 0; c < d_v; ++c) {
                        T& each = state[static_cast<std::size_t>(a * d_v + c)];
                        each += q[t * m + a] * gradient[t * d_v + c];
                        of_key[t * m + a] += each * v[t * d_v + c];
                        of_value[t * d_v + c] += each * k[t * m + a];
                    }
                }
            }
        }
        if (node.parents[0]->requires_gradient) node.parents[0]->accumulate(of_query);
        if (node.parents[1]->requires_gradient) node.parents[1]->accumulate(of_key);
        if (node.parents[2]->requires_gradient) node.parents[2]->accumulate(of_value);
    });
}

template <typename T>
BasicVariable<T> linear_attention(const BasicVariable<T>& query_features, const BasicVariable<T>& key_features,
                                  const BasicVariable<T>& value, bool causal) {
    check_same_leading(query_features, key_features, value);
    const BasicVariable<T> values = with_ones(value);
    if (causal) return normalised(causal_product(query_features, key_features, values));
    const BasicVariable<T> summary = batched_matmul(key_features, values, Transpose::yes);  // [..., m, d_v + 1]
    return normalised(batched_matmul(query_features, summary));
}

template <typename T>
QuadraticAttention<T> quadratic_linear_attention(const BasicVariable<T>& query_features,
                                                 const BasicVariable<T>& key_features, const BasicVariable<T>& value,
                                                 bool causal) {
    check_same_leading(query_features, key_features, value);
    BasicVariable<T> weights = batched_matmul(query_features, key_features, Transpose::no, Transpose::yes);
    if (causal) {
        check_causal(query_features.shape(), key_features.shape());
        weights = masked_fill(weights, causal_mask(query_features.shape()[-2]).matrix(), T{0});
    }
    const BasicVariable<T> attention = divide(weights, sum(weights, -1, KeepAxis::yes));
    return {attention, batched_matmul(attention, value)};
}

template <typename T>
BasicVariable<T> linformer_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                     const BasicVariable<T>& value, const BasicVariable<T>& key_projection,
                                     const BasicVariable<T>& value_projection) {
    check_same_leading(query, key, value);
    for (const BasicVariable<T>* each : {&key_projection, &value_projection}) {
        if (each->shape().rank() == 2 && each->shape()[1] == key.shape()[-2] && each->shape()[0] >= 1) continue;
        throw Error(ErrorKind::shape, {"Linformer 的投影应为 [rank, " + std::to_string(key.shape()[-2]) + "]，给的是 " +
                                           each->shape().to_string() + "。",
                                       "A Linformer projection must be [rank, " + std::to_string(key.shape()[-2]) +
                                           "]; it is " + each->shape().to_string() + "."});
    }
    const BasicVariable<T> fewer_keys = batched_matmul(key_projection, key);        // [..., rank, d]
    const BasicVariable<T> fewer_values = batched_matmul(value_projection, value);  // [..., rank, d_v]
    return scaled_dot_product_attention(query, fewer_keys, fewer_values).output;
}

#define GLASSFORMER_INSTANTIATE(T)                                                                              \
    template BasicVariable<T> elu_features(const BasicVariable<T>&);                                            \
    template BasicVariable<T> softmax_features(const BasicVariable<T>&, const BasicTensor<T>&, bool);           \
    template BasicTensor<T> random_projection(std::int64_t, std::int64_t, Rng, bool);                           \
    template BasicVariable<T> causal_product(const BasicVariable<T>&, const BasicVariable<T>&,                  \
                                             const BasicVariable<T>&);                                          \
    template BasicVariable<T> linear_attention(const BasicVariable<T>&, const BasicVariable<T>&,                \
                                               const BasicVariable<T>&, bool);                                  \
    template QuadraticAttention<T> quadratic_linear_attention(const BasicVariable<T>&, const BasicVariable<T>&, \
                                                              const BasicVariable<T>&, bool);                   \
    template BasicVariable<T> linformer_attention(const BasicVariable<T>&, const BasicVariable<T>&,             \
                                                  const BasicVariable<T>&, const BasicVariable<T>&,             \
                                                  const BasicVariable<T>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
