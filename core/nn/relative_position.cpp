#include "nn/relative_position.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"
#include "nn/initialization.h"

namespace glassformer {
namespace {

/// [n] -> [1, n].
IntTensor with_batch(const IntTensor& positions) {
    return positions.shape().rank() == 1 ? positions.reshaped({1, positions.size()}) : positions;
}

/// visit(offset of the pair in [batch, n_query, n_key], distance key - query) for every pair.
template <typename Visit>
Shape for_each_distance(const IntTensor& query_positions, const IntTensor& key_positions, Visit visit) {
    const IntTensor query = with_batch(query_positions);
    const IntTensor key = with_batch(key_positions);
    const std::int64_t batch = std::max(query.extent(0), key.extent(0));
    const std::int64_t n_query = query.extent(1);
    const std::int64_t n_key = key.extent(1);
    std::int64_t at = 0;
    for (std::int64_t b = 0; b < batch; ++b) {
        for (std::int64_t i = 0; i < n_query; ++i) {
            for (std::int64_t j = 0; j < n_key; ++j) {
                const std::int64_t of_query = query(query.extent(0) == 1 ? 0 : b, i);
                visit(at++, key(key.extent(0) == 1 ? 0 : b, j) - of_query);
            }
        }
    }
    return {batch, n_query, n_key};
}

std::int64_t pair_count(const IntTensor& query_positions, const IntTensor& key_positions) {
    const IntTensor query = with_batch(query_positions);
    const IntTensor key = with_batch(key_positions);
    return std::max(query.extent(0), key.extent(0)) * query.extent(1) * key.extent(1);
}

/// Indices [batch, n_query, n_key] of the clipped distances into Shaw's tables.
IntTensor clipped(const IntTensor& query_positions, const IntTensor& key_positions, std::int64_t limit) {
    std::vector<std::int32_t> indices(static_cast<std::size_t>(pair_count(query_positions, key_positions)));
    const Shape shape = for_each_distance(query_positions, key_positions, [&](std::int64_t at, std::int64_t distance) {
        indices[static_cast<std::size_t>(at)] = static_cast<std::int32_t>(std::clamp(distance, -limit, limit) + limit);
    });
    return IntTensor(shape, indices);
}

/// [batch or 1, n_query, n_key] -> [batch, heads, n_query, n_key].
IntTensor for_all_heads(const IntTensor& indices, std::int64_t batch, std::int64_t heads) {
    const std::int64_t pairs = indices.extent(1) * indices.extent(2);
    IntTensor all({batch, heads, indices.extent(1), indices.extent(2)});
    for (std::int64_t b = 0; b < batch; ++b) {
        for (std::int64_t h = 0; h < heads; ++h) {
            const std::int32_t* from = indices.data() + (indices.extent(0) == 1 ? 0 : b) * pairs;
            std::copy_n(from, pairs, all.data() + (b * heads + h) * pairs);
        }
    }
    return all;
}

double power(double base, double exponent) { return glassformer::exp(exponent * glassformer::log(base)); }

}  // namespace

DoubleTensor rope_angles(const IntTensor& positions, std::int64_t d, const RopeConfig& config) {
    require_divides("2", 2, "d_head", d);
    using Extension = RopeConfig::Extension;
    const std::int64_t pairs = d / 2;
    double base = config.base;
    // With two features there is one pair, of frequency 1 whatever the base.
    if (config.extension == Extension::ntk && d > 2) {
        base *= power(config.factor, static_cast<double>(d) / static_cast<double>(d - 2));
    }
    const double step = config.extension == Extension::interpolation ? 1.0 / config.factor : 1.0;
    Extents extents = positions.shape().extents();
    extents.push_back(pairs);
    DoubleTensor angles{Shape(extents)};
    for (std::int64_t i = 0; i < pairs; ++i) {
        const double frequency = power(base, -2.0 * static_cast<double>(i) / static_cast<double>(d));
        for (std::int64_t p = 0; p < positions.size(); ++p) {
            angles[p * pairs + i] = static_cast<double>(positions[p]) * step * frequency;
        }
    }
    return angles;
}

std::vector<double> alibi_slopes(std::int64_t n_heads) {
    require_positive("n_heads", n_heads);
    std::int64_t lower = 1;
    while (lower * 2 <= n_heads) lower *= 2;
    // 2^(-8/lower) by exact halving or square roots: the same bits everywhere.
    double ratio = 1.0 / 256.0;
    for (std::int64_t h = 1; h < lower; h *= 2) ratio = std::sqrt(ratio);
    std::vector<double> slopes;
    double slope = 1.0;
    for (std::int64_t h = 0; h < lower; ++h) slopes.push_back(slope *= ratio);
    const double finer = std::sqrt(ratio);
    slope = finer;
    while (static_cast<std::int64_t>(slopes.size()) < n_heads) {
        slopes.push_back(slope);
        slope *= ratio;
    }
    return slopes;
}

std::int64_t t5_bucket(std::int64_t distance, const RelativePositionConfig& config) {
    std::int64_t buckets = config.buckets;
    std::int64_t first = 0;
    if (config.bidirectional) {
        buckets /= 2;
        if (distance > 0) first = buckets;
        distance = std::abs(distance);
    } else {
        distance = std::max<std::int64_t>(-distance, 0);
    }
    const std::int64_t exact = buckets / 2;
    if (distance < exact) return first + distance;
    const double share = glassformer::log(static_cast<double>(distance) / static_cast<double>(exact)) /
                         glassformer::log(static_cast<double>(config.max_distance) / static_cast<double>(exact));
    // The hair on top: at whole powers the quotient of two rounded logarithms may end just below the whole number.
    const auto beyond = static_cast<std::int64_t>(share * static_cast<double>(buckets - exact) + 1e-9);
    return first + std::min(exact + beyond, buckets - 1);
}

template <typename T>
BasicRelativePosition<T>::BasicRelativePosition(const RelativePositionConfig& config, Rng rng) : config_(config) {
    require_positive("n_heads", config.n_heads);
    require_positive("d_head", config.d_head);
    if (config.kind == PositionKind::rope) {
        require_divides("2", 2, "d_head", config.d_head);
        if (!(config.rope.base > 1.0) || !(config.rope.factor >= 1.0)) {
            throw Error(ErrorKind::out_of_range,
                        {"rope 的 base 须大于 1，factor 至少为 1。", "rope needs base > 1 and factor >= 1."}, "rope");
        }
    }
    if (config.kind == PositionKind::t5) {
        // Each direction needs an exact and a logarithmic part, and the logarithm a range.
        const std::int64_t exact = (config.bidirectional ? config.buckets / 2 : config.buckets) / 2;
        require_positive("buckets / 2", exact);
        if (config.max_distance <= exact) {
            throw Error(
                ErrorKind::constraint,
                {"t5 的 max_distance (" + std::to_string(config.max_distance) + ") 须大于逐一编号的距离数 " +
                     std::to_string(exact) + "。",
                 "t5 needs max_distance (" + std::to_string(config.max_distance) +
                     ") above the number of distances with a bucket of their own, " + std::to_string(exact) + "."},
                "max_distance");
        }
        bias_ = constant_parameter<T>({config.buckets, config.n_heads}, T{0});
    }
    if (config.kind == PositionKind::shaw) {
        require_positive("max_distance", config.max_distance);
        const std::int64_t rows = 2 * config.max_distance + 1;
        const float spread = 1.0F / std::sqrt(static_cast<float>(config.d_head));
        key_ = normal_parameter<T>({rows, config.d_head}, rng.split("key"), spread);
        value_ = normal_parameter<T>({rows, config.d_head}, rng.split("value"), spread);
    }
}

/// (a, b) of each pair becomes (a cos - b sin, b cos + a sin).
template <typename T>
BasicVariable<T> BasicRelativePosition<T>::rotate(const BasicVariable<T>& x, const IntTensor& positions) const {
    if (config_.kind != PositionKind::rope) return x;
    const std::int64_t d = config_.d_head;
    const std::int64_t half = d / 2;
    const DoubleTensor angles = rope_angles(positions, d, config_.rope);
    const bool adjacent = config_.rope.pairs == RopeConfig::Pairs::adjacent;
    const std::int64_t batch = positions.shape().rank() == 1 ? 1 : positions.extent(0);
    const std::int64_t n = positions.extent(-1);
    BasicTensor<T> cosine({batch, 1, n, d});
    BasicTensor<T> sine({batch, 1, n, d});
    IntTensor partner({d});
    for (std::int64_t i = 0; i < half; ++i) {
        const std::int64_t a = adjacent ? 2 * i : i;
        const std::int64_t b = adjacent ? 2 * i + 1 : half + i;
        partner[a] = static_cast<std::int32_t>(b);
        partner[b] = static_cast<std::int32_t>(a);
        for (std::int64_t p = 0; p < batch * n; ++p) {
            const double angle = angles[p * half + i];
            cosine[p * d + a] = cosine[p * d + b] = static_cast<T>(glassformer::cos(angle));
            sine[p * d + b] = static_cast<T>(glassformer::sin(angle));
            sine[p * d + a] = -sine[p * d + b];
        }
    }
    return add(multiply(x, BasicVariable<T>(std::move(cosine))),
               multiply(index_select(x, -1, partner), BasicVariable<T>(std::move(sine))));
}

template <typename T>
std::optional<BasicVariable<T>> BasicRelativePosition<T>::score_term(const BasicVariable<T>& query,
                                                                     const IntTensor& query_positions,
                                                                     const IntTensor& key_positions, T scale) const {
    if (config_.kind == PositionKind::alibi) {
        const std::vector<double> slopes = alibi_slopes(config_.n_heads);
        const std::int64_t batch = with_batch(query_positions).extent(0);
        const std::int64_t n_query = query_positions.extent(-1);
        const std::int64_t n_key = key_positions.extent(-1);
        BasicTensor<T> penalty({std::max(batch, with_batch(key_positions).extent(0)), config_.n_heads, n_query, n_key});
        const std::int64_t pairs = n_query * n_key;
        for_each_distance(query_positions, key_positions, [&](std::int64_t at, std::int64_t distance) {
            for (std::int64_t h = 0; h < config_.n_heads; ++h) {
                penalty[(at / pairs * config_.n_heads + h) * pairs + at % pairs] =
                    static_cast<T>(-slopes[static_cast<std::size_t>(h)] * static_cast<double>(std::abs(distance)));
            }
        });
        return BasicVariable<T>(std::move(penalty));
    }
    if (config_.kind == PositionKind::t5) {
        std::vector<std::int32_t> buckets(static_cast<std::size_t>(pair_count(query_positions, key_positions)));
        const Shape shape =
            for_each_distance(query_positions, key_positions, [&](std::int64_t at, std::int64_t distance) {
                buckets[static_cast<std::size_t>(at)] = static_cast<std::int32_t>(t5_bucket(distance, config_));
            });
        return permute(gather_rows(bias_, IntTensor(shape, buckets)), {0, 3, 1, 2});
    }
    if (config_.kind == PositionKind::shaw) {
        // q a^K for every possible distance once, then each pair takes its own (section 3.3's aim, another way).
        const BasicVariable<T> by_distance = batched_matmul(query, key_, Transpose::no, Transpose::yes);
        const IntTensor indices = clipped(query_positions, key_positions, config_.max_distance);
        const IntTensor each = for_all_heads(indices, query.value().extent(0), query.value().extent(1));
        return glassformer::scale(take_along_axis(by_distance, -1, each), scale);
    }
    return {};
}

template <typename T>
std::optional<BasicVariable<T>> BasicRelativePosition<T>::output_term(const BasicVariable<T>& attention,
                                                                      const IntTensor& query_positions,
                                                                      const IntTensor& key_positions) const {
    if (config_.kind != PositionKind::shaw) return {};
    const std::int64_t batch = attention.value().extent(0);
    const std::int64_t heads = attention.value().extent(1);
    const IntTensor indices = clipped(query_positions, key_positions, config_.max_distance);
    const std::int64_t rows = 2 * config_.max_distance + 1;
    const BasicVariable<T> zero(BasicTensor<T>({batch, heads, attention.value().extent(2), rows}));
    // How much weight each distance receives, times the vector of that distance.
    return batched_matmul(scatter_add(zero, -1, for_all_heads(indices, batch, heads), attention), value_);
}

template <typename T>
BasicNamedParameters<T> BasicRelativePosition<T>::parameters() const {
    if (config_.kind == PositionKind::t5) return {{"bias", bias_}};
    if (config_.kind == PositionKind::shaw) return {{"key", key_}, {"value", value_}};
    return {};
}

template class BasicRelativePosition<float>;
template class BasicRelativePosition<double>;

}  // namespace glassformer
