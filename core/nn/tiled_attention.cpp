#include "nn/tiled_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"
#include "nn/module.h"

namespace glassformer {
namespace {

struct Sizes {
    std::int64_t groups;        ///< batch x heads
    std::int64_t per_sequence;  ///< heads
    std::int64_t n_query;
    std::int64_t n_key;
    std::int64_t d_k;
    std::int64_t d_v;
};

std::vector<std::int64_t> leading(const Shape& shape) { return {shape.extents().begin(), shape.extents().end() - 2}; }

Sizes checked(const Shape& q, const Shape& k, const Shape& v, const std::optional<Mask>& mask) {
    const bool ranks = q.rank() >= 2 && q.rank() <= 4 && k.rank() == q.rank() && v.rank() == q.rank();
    if (!ranks || q[-1] != k[-1] || k[-2] != v[-2] || leading(q) != leading(k) || leading(q) != leading(v) ||
        q.size() == 0 || k.size() == 0 || v.size() == 0) {
        const std::string shapes = q.to_string() + ", " + k.to_string() + ", " + v.to_string();
        throw Error(ErrorKind::shape,
                    {"query、key、value 的形状 " + shapes + " 不匹配：应为 [..., n_query, d_k]、[..., n_key, d_k]、" +
                         "[..., n_key, d_v]，前几轴相同。",
                     "Query, key and value of shapes " + shapes + " do not fit: they must be [..., n_query, d_k], " +
                         "[..., n_key, d_k], [..., n_key, d_v] with equal leading axes."});
    }
    std::int64_t groups = 1;
    for (const std::int64_t extent : leading(q)) groups *= extent;
    const std::int64_t batch = q.rank() == 2 ? 1 : q[0];
    const auto fits = [](std::int64_t of_mask, std::int64_t extent) { return of_mask == 1 || of_mask == extent; };
    if (mask && !(fits(mask->batch(), batch) && fits(mask->n_query(), q[-2]) && fits(mask->n_key(), k[-2]))) {
        throw Error(ErrorKind::shape,
                    {"掩码的形状 " + mask->keep().shape().to_string() + " 与注意力的形状不匹配。",
                     "A mask of shape " + mask->keep().shape().to_string() + " does not fit this attention."});
    }
    return {groups, groups / batch, q[-2], k[-2], q[-1], v[-1]};
}

/// The mask of each sequence and its tiles.
class Tiles {
  public:
    Tiles(const Sizes& sizes, const std::optional<Mask>& mask, const TileConfig& config)
        : sizes_(sizes), config_(config) {
        require_positive("query_block", config.query_block);
        require_positive("key_block", config.key_block);
        if (mask) keep_ = mask->expanded(mask->batch(), sizes.n_query, sizes.n_key).keep();
    }

    /// visit(first query, queries, first key, keys, kept pairs) for every tile that is run, row of tiles by row.
    template <typename Visit>
    void for_each(std::int64_t group, Visit visit) const {
        for (std::int64_t i = 0; i < sizes_.n_query; i += config_.query_block) {
            const std::int64_t rows = std::min(config_.query_block, sizes_.n_query - i);
            for (std::int64_t j = 0; j < sizes_.n_key; j += config_.key_block) {
                const std::int64_t columns = std::min(config_.key_block, sizes_.n_key - j);
                const std::int64_t kept = kept_pairs(group, i, rows, j, columns);
                if (kept > 0 || !config_.skip_empty) visit(i, rows, j, columns, kept);
            }
        }
    }
    std::int64_t per_group() const {
        const auto blocks = [](std::int64_t n, std::int64_t block) { return (n + block - 1) / block; };
        return blocks(sizes_.n_query, config_.query_block) * blocks(sizes_.n_key, config_.key_block);
    }
    bool keeps(std::int64_t group, std::int64_t i, std::int64_t j) const {
        if (!keep_) return true;
        const std::int64_t sequence = keep_->extent(0) == 1 ? 0 : group / sizes_.per_sequence;
        return (*keep_)[(sequence * sizes_.n_query + i) * sizes_.n_key + j] != 0;
    }

  private:
    std::int64_t kept_pairs(std::int64_t group, std::int64_t i, std::int64_t rows, std::int64_t j,
                            std::int64_t columns) const {
        if (!keep_) return rows * columns;
        std::int64_t kept = 0;
        for (std::int64_t r = i; r < i + rows; ++r) {
            for (std::int64_t c = j; c < j + columns; ++c) kept += keeps(group, r, c) ? 1 : 0;
        }
        return kept;
    }

    Sizes sizes_;
    TileConfig config_;
    std::optional<BoolTensor> keep_;
};

/// Rows first ... first + rows of group g of a [..., n, d] tensor.
template <typename T>
BasicTensor<T> band(const BasicTensor<T>& of, std::int64_t group, std::int64_t first, std::int64_t rows) {
    const std::int64_t d = of.extent(-1);
    const T* start = of.data() + (group * of.extent(-2) + first) * d;
    return BasicTensor<T>({rows, d}, {start, start + rows * d});
}

template <typename T>
void add_band(BasicTensor<T>& to, std::int64_t group, std::int64_t first, const BasicTensor<T>& from) {
    T* start = to.data() + (group * to.extent(-2) + first) * to.extent(-1);
    for (std::int64_t i = 0; i < from.size(); ++i) start[i] += from[i];
}

}  // namespace

template <typename T>
TiledAttention<T> tiled_attention(const BasicVariable<T>& query, const BasicVariable<T>& key,
                                  const BasicVariable<T>& value, const std::optional<Mask>& mask,
                                  const TileConfig& config) {
    using Node = typename BasicVariable<T>::Node;
    const Sizes sizes = checked(query.shape(), key.shape(), value.shape(), mask);
    const Tiles tiles(sizes, mask, config);
    const T factor = T{1} / std::sqrt(static_cast<T>(sizes.d_k));
    constexpr T nothing = -std::numeric_limits<T>::infinity();

    std::vector<std::int64_t> extents = leading(query.shape());
    extents.push_back(sizes.n_query);
    BasicTensor<T> maximum(Shape(extents), nothing);
    BasicTensor<T> total{Shape(extents)};
    extents.push_back(sizes.d_v);
    BasicTensor<T> output{Shape(extents)};
    TileCounts counts;
    for (std::int64_t g = 0; g < sizes.groups; ++g) {
        counts.tiles += tiles.per_group();
        tiles.for_each(
            g, [&](std::int64_t i, std::int64_t rows, std::int64_t j, std::int64_t columns, std::int64_t kept) {
                ++counts.tiles_run;
                counts.scores_computed += rows * columns;
                counts.scores_useful += kept;
                counts.peak_bytes = std::max(counts.peak_bytes, rows * columns * static_cast<std::int64_t>(sizeof(T)));
                BasicTensor<T> weights = matmul(band(query.value(), g, i, rows), band(key.value(), g, j, columns),
                                                Transpose::no, Transpose::yes);
                for (std::int64_t r = 0; r < rows; ++r) {
                    const std::int64_t at = g * sizes.n_query + i + r;
                    T larger = maximum[at];
                    for (std::int64_t c = 0; c < columns; ++c) {
                        T& score = weights(r, c);
                        score = tiles.keeps(g, i + r, j + c) ? score * factor : nothing;
                        larger = std::max(larger, score);
                    }
                    if (larger == nothing) {  // nobody to look at yet
                        for (std::int64_t c = 0; c < columns; ++c) weights(r, c) = T{0};
                        continue;
                    }
                    const T shrink = maximum[at] == nothing ? T{0} : glassformer::exp(maximum[at] - larger);
                    T sum = total[at] * shrink;
                    for (std::int64_t c = 0; c < columns; ++c)
                        sum += weights(r, c) = glassformer::exp(weights(r, c) - larger);
                    for (std::int64_t c = 0; c < sizes.d_v; ++c) output[at * sizes.d_v + c] *= shrink;
                    maximum[at] = larger;
                    total[at] = sum;
                }
                add_band(output, g, i, matmul(weights, band(value.value(), g, j, columns)));
            });
    }
    BasicTensor<T> log_normaliser(total.shape(), nothing);
    for (std::int64_t at = 0; at < total.size(); ++at) {
        if (total[at] == T{0}) continue;
        log_normaliser[at] = maximum[at] + glassformer::log(total[at]);
        for (std::int64_t c = 0; c < sizes.d_v; ++c) output[at * sizes.d_v + c] /= total[at];
    }

    // dS = P (dO V^T - rowsum(dO O)): the row's inner product of p and dp is that of output and its gradient.
    const auto backward = [sizes, tiles, factor, log_normaliser](Node& node) {
        Node& q = *node.parents[0];
        Node& k = *node.parents[1];
        Node& v = *node.parents[2];
        BasicTensor<T> of_query(q.value.shape());
        BasicTensor<T> of_key(k.value.shape());
        BasicTensor<T> of_value(v.value.shape());
        const BasicTensor<T> inner = sum_rows(multiply(node.gradient, node.value));
        for (std::int64_t g = 0; g < sizes.groups; ++g) {
            tiles.for_each(g, [&](std::int64_t i, std::int64_t rows, std::int64_t j, std::int64_t columns,
                                  std::int64_t) {
                const BasicTensor<T> queries = band(q.value, g, i, rows);
                const BasicTensor<T> keys = band(k.value, g, j, columns);
                const BasicTensor<T> upstream = band(node.gradient, g, i, rows);
                BasicTensor<T> p = matmul(queries, keys, Transpose::no, Transpose::yes);
                for (std::int64_t r = 0; r < rows; ++r) {
                    const T normaliser = log_normaliser[g * sizes.n_query + i + r];
                    for (std::int64_t c = 0; c < columns; ++c) {
                        p(r, c) = tiles.keeps(g, i + r, j + c) ? glassformer::exp(p(r, c) * factor - normaliser) : T{0};
                    }
                }
                add_band(of_value, g, j, matmul(p, upstream, Transpose::yes));
                BasicTensor<T> ds = matmul(upstream, band(v.value, g, j, columns), Transpose::no, Transpose::yes);
                for (std::int64_t r = 0; r < rows; ++r) {
                    const T mean = inner[g * sizes.n_query + i + r];
                    for (std::int64_t c = 0; c < columns; ++c) ds(r, c) = factor * p(r, c) * (ds(r, c) - mean);
                }
                add_band(of_query, g, i, matmul(ds, keys));
                add_band(of_key, g, j, matmul(ds, queries, Transpose::yes));
            });
        }
        if (q.requires_gradient) q.accumulate(of_query);
        if (k.requires_gradient) k.accumulate(of_key);
        if (v.requires_gradient) v.accumulate(of_value);
    };
    return {BasicVariable<T>(std::move(output), {query, key, value}, backward), log_normaliser, counts};
}

template TiledAttention<float> tiled_attention(const BasicVariable<float>&, const BasicVariable<float>&,
                                               const BasicVariable<float>&, const std::optional<Mask>&,
                                               const TileConfig&);
template TiledAttention<double> tiled_attention(const BasicVariable<double>&, const BasicVariable<double>&,
                                                const BasicVariable<double>&, const std::optional<Mask>&,
                                                const TileConfig&);

}  // namespace glassformer
