#include "nn/attention.h"

#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "nn/initialization.h"

namespace glassformer {
namespace {

/// The shape with an axis of extent 1 put before one of the last two axes: [..., n, d] -> [..., n, 1, d] or [..., 1, n,
/// d].
template <typename T>
BasicVariable<T> with_axis_before(const BasicVariable<T>& x, int axes_from_end) {
    Extents extents = x.shape().extents();
    extents.insert(extents.size() - static_cast<std::size_t>(axes_from_end), 1);
    return reshape(x, Shape(extents));
}

/// Each row of the last axis to length 1.
template <typename T>
BasicVariable<T> unit_rows(const BasicVariable<T>& x) {
    return divide(x, sqrt(sum(square(x), -1, KeepAxis::yes)));
}

}  // namespace

template <typename T>
BasicAttentionScore<T>::BasicAttentionScore(const ScoreConfig& config, Rng rng) : config_(config) {
    require_positive("d_k", config.d_k);
    require_positive("n_heads", config.n_heads);
    if (config_.d_hidden == 0) config_.d_hidden = config.d_k;
    require_positive("d_hidden", config_.d_hidden);
    const std::int64_t heads = config.n_heads;
    const std::int64_t d_k = config.d_k;
    const std::int64_t hidden = config_.d_hidden;
    const auto weight = [&](const char* name, std::int64_t d_in, std::int64_t d_out) {
        return initial_weight<T>(Shape{heads, d_in, d_out}, d_in, d_out, Initialization{}, rng.split(name));
    };
    if (config.kind == ScoreKind::general) weight_ = weight("weight", d_k, d_k);
    if (config.kind == ScoreKind::additive || config.kind == ScoreKind::additive_linear) {
        query_ = weight("query", d_k, hidden);
        key_ = weight("key", d_k, hidden);
        value_ = weight("value", hidden, 1);
    }
}

template <typename T>
T BasicAttentionScore<T>::scale() const {
    return config_.kind == ScoreKind::scaled_dot ? T{1} / std::sqrt(static_cast<T>(config_.d_k)) : T{1};
}

template <typename T>
BasicVariable<T> BasicAttentionScore<T>::forward(const BasicVariable<T>& query, const BasicVariable<T>& key) const {
    for (const BasicVariable<T>* each : {&query, &key}) {
        if (each->shape().rank() >= 2 && each->shape()[-1] == config_.d_k) continue;
        throw Error(ErrorKind::shape, {"query 和 key 的形状 " + each->shape().to_string() +
                                           " 最后一轴应为 d_k = " + std::to_string(config_.d_k) + "。",
                                       "Query and key must end in d_k = " + std::to_string(config_.d_k) +
                                           "; one has the shape " + each->shape().to_string() + "."});
    }
    // One head's weights are used whatever the leading axes.
    const auto weight = [&](const BasicVariable<T>& w) {
        return config_.n_heads == 1 ? reshape(w, Shape{w.shape()[1], w.shape()[2]}) : w;
    };
    const auto dot = [](const BasicVariable<T>& q, const BasicVariable<T>& k) {
        return batched_matmul(q, k, Transpose::no, Transpose::yes);
    };
    switch (config_.kind) {
        case ScoreKind::dot: return dot(query, key);
        case ScoreKind::scaled_dot: return glassformer::scale(dot(query, key), scale());
        case ScoreKind::general: return dot(batched_matmul(query, weight(weight_)), key);
        case ScoreKind::cosine:
            return glassformer::scale(dot(unit_rows(query), unit_rows(key)), static_cast<T>(config_.cosine_scale));
        case ScoreKind::additive:
        case ScoreKind::additive_linear: break;
    }
    const BasicVariable<T> asked = with_axis_before(batched_matmul(query, weight(query_)), 1);  // [..., n_query, 1, h]
    const BasicVariable<T> found = with_axis_before(batched_matmul(key, weight(key_)), 2);      // [..., 1, n_key, h]
    BasicVariable<T> hidden = add(asked, found);
    if (config_.kind == ScoreKind::additive) hidden = tanh(hidden);
    // v [h] broadcasts; with heads [heads, 1, 1, h].
    const BasicVariable<T> v = config_.n_heads == 1 ? reshape(value_, Shape{config_.d_hidden})
                                                    : reshape(value_, Shape{config_.n_heads, 1, 1, config_.d_hidden});
    return sum(multiply(hidden, v), -1);
}

template <typename T>
BasicNamedParameters<T> BasicAttentionScore<T>::parameters() const {
    if (config_.kind == ScoreKind::general) return {{"weight", weight_}};
    if (config_.kind == ScoreKind::additive || config_.kind == ScoreKind::additive_linear) {
        return {{"query", query_}, {"key", key_}, {"value", value_}};
    }
    return {};
}

template <typename T>
BasicVariable<T> attention_scores(const BasicVariable<T>& query, const BasicVariable<T>& key) {
    const T d_k = static_cast<T>(query.value().extent(-1));
    return scale(batched_matmul(query, key, Transpose::no, Transpose::yes), T{1} / std::sqrt(d_k));
}

template <typename T>
BasicVariable<T> attention_weights(const BasicVariable<T>& scores, const std::optional<Mask>& mask) {
    if (!mask) return softmax(scores);
    const Shape& shape = scores.shape();
    const bool batched = shape.rank() >= 3;
    if (shape.rank() < 2 || shape.rank() > 4) {
        throw Error(ErrorKind::shape, {"分数的形状 " + shape.to_string() + " 应有 2 到 4 个轴。",
                                       "Scores must have 2 to 4 axes; they have the shape " + shape.to_string() + "."});
    }
    const auto fits = [](std::int64_t mask_extent, std::int64_t extent) {
        return mask_extent == 1 || mask_extent == extent;
    };
    if (!fits(mask->batch(), batched ? shape[0] : 1) || !fits(mask->n_query(), shape[-2]) ||
        !fits(mask->n_key(), shape[-1])) {
        throw Error(ErrorKind::shape, {"掩码的形状 " + mask->keep().shape().to_string() + " 与分数的形状 " +
                                           shape.to_string() + " 不匹配。",
                                       "A mask of shape " + mask->keep().shape().to_string() +
                                           " does not fit scores of shape " + shape.to_string() + "."});
    }
    if (shape.rank() == 4) return masked_softmax(scores, mask->for_heads());
    if (shape.rank() == 3) return masked_softmax(scores, mask->keep());
    return masked_softmax(scores, mask->matrix());
}

template <typename T>
AttentionResult<T> scaled_dot_product_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                                const BasicVariable<T>& value, const std::optional<Mask>& mask) {
    const BasicVariable<T> scores = attention_scores(query, key);
    const BasicVariable<T> attention = attention_weights(scores, mask);
    return {scores, attention, batched_matmul(attention, value)};
}

#define GLASSFORMER_INSTANTIATE(T)                                                                             \
    template class BasicAttentionScore<T>;                                                                     \
    template BasicVariable<T> attention_scores(const BasicVariable<T>&, const BasicVariable<T>&);              \
    template BasicVariable<T> attention_weights(const BasicVariable<T>&, const std::optional<Mask>&);          \
    template AttentionResult<T> scaled_dot_product_attention(const BasicVariable<T>&, const BasicVariable<T>&, \
                                                             const BasicVariable<T>&, const std::optional<Mask>&);
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
