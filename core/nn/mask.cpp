#include "nn/mask.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "nn/module.h"

namespace glassformer {
namespace {

template <typename Relation>
Mask relation_mask(std::int64_t n_query, std::int64_t n_key, Relation may_look) {
    BoolTensor keep({n_query, n_key});
    for (std::int64_t i = 0; i < n_query; ++i) {
        for (std::int64_t j = 0; j < n_key; ++j) keep(i, j) = may_look(i, j) ? 1 : 0;
    }
    return Mask(std::move(keep));
}

void require_range(const char* name, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value >= low && value <= high) return;
    const std::string range = std::to_string(low) + " ... " + std::to_string(high);
    throw Error(ErrorKind::out_of_range,
                {std::string(name) + " 须在 " + range + " 内，给了 " + std::to_string(value) + "。",
                 std::string(name) + " must be in " + range + "; it is " + std::to_string(value) + "."},
                name);
}

[[noreturn]] void do_not_fit(const Shape& a, const Shape& b) {
    throw Error(ErrorKind::shape,
                {"掩码的形状 " + a.to_string() + " 与 " + b.to_string() + " 不匹配：每一轴须相等，或为 1。",
                 "Masks of shapes " + a.to_string() + " and " + b.to_string() +
                     " do not fit: each extent must be equal or 1."});
}

template <typename Combine>
Mask combined(const Mask& a, const Mask& b, Combine combine) {
    const Shape& left = a.keep().shape();
    const Shape& right = b.keep().shape();
    std::vector<std::int64_t> extents(3);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t x = left.extents()[axis];
        const std::int64_t y = right.extents()[axis];
        if (x != y && x != 1 && y != 1) do_not_fit(left, right);
        extents[axis] = x == 1 ? y : x;
    }
    const Mask whole_a = a.expanded(extents[0], extents[1], extents[2]);
    const Mask whole_b = b.expanded(extents[0], extents[1], extents[2]);
    BoolTensor keep(whole_a.keep().shape());
    for (std::int64_t i = 0; i < keep.size(); ++i) {
        keep[i] = combine(whole_a.keep()[i] != 0, whole_b.keep()[i] != 0) ? 1 : 0;
    }
    return Mask(std::move(keep));
}

}  // namespace

Mask::Mask(BoolTensor keep) : keep_(std::move(keep)) {
    const std::size_t rank = keep_.shape().rank();
    if (rank != 2 && rank != 3) {
        throw Error(
            ErrorKind::shape,
            {"掩码的形状应为 [n_query, n_key] 或 [batch, n_query, n_key]，给了 " + keep_.shape().to_string() + "。",
             "A mask must be [n_query, n_key] or [batch, n_query, n_key]; it is " + keep_.shape().to_string() + "."});
    }
    if (rank == 2) keep_ = std::move(keep_).reshaped({1, keep_.extent(0), keep_.extent(1)});
    for (std::uint8_t& each : keep_.elements()) each = each != 0 ? 1 : 0;
}

BoolTensor Mask::for_heads() const { return keep_.reshaped({batch(), 1, n_query(), n_key()}); }

BoolTensor Mask::matrix(std::int64_t sequence) const {
    const auto row = keep_.row(sequence);
    return BoolTensor({n_query(), n_key()}, {row.begin(), row.end()});
}

Mask Mask::expanded(std::int64_t batch, std::int64_t n_query, std::int64_t n_key) const {
    const Shape wanted({batch, n_query, n_key});
    if (keep_.shape() == wanted) return *this;
    for (std::int64_t axis = 0; axis < 3; ++axis) {
        if (keep_.extent(axis) != 1 && keep_.extent(axis) != wanted[axis]) do_not_fit(keep_.shape(), wanted);
    }
    BoolTensor keep(wanted);
    std::int64_t at = 0;
    for (std::int64_t b = 0; b < batch; ++b) {
        for (std::int64_t i = 0; i < n_query; ++i) {
            const std::int64_t row =
                ((this->batch() == 1 ? 0 : b) * this->n_query() + (this->n_query() == 1 ? 0 : i)) * this->n_key();
            for (std::int64_t j = 0; j < n_key; ++j) keep[at++] = keep_[row + (this->n_key() == 1 ? 0 : j)];
        }
    }
    return Mask(std::move(keep));
}

bool Mask::operator==(const Mask& other) const {
    return keep_.shape() == other.keep_.shape() &&
           std::equal(keep_.elements().begin(), keep_.elements().end(), other.keep_.elements().begin());
}

Mask operator&(const Mask& a, const Mask& b) {
    return combined(a, b, [](bool x, bool y) { return x && y; });
}
Mask operator|(const Mask& a, const Mask& b) {
    return combined(a, b, [](bool x, bool y) { return x || y; });
}
Mask operator~(const Mask& a) {
    BoolTensor keep = a.keep();
    for (std::uint8_t& each : keep.elements()) each = each == 0 ? 1 : 0;
    return Mask(std::move(keep));
}

Mask full_mask(std::int64_t n_query, std::int64_t n_key) { return Mask(BoolTensor({n_query, n_key}, 1)); }

Mask causal_mask(std::int64_t n) { return causal_mask(n, n); }

Mask causal_mask(std::int64_t n_query, std::int64_t n_key) {
    require_range("n_query", n_query, 0, n_key);
    const std::int64_t first = n_key - n_query;
    return relation_mask(n_query, n_key, [=](std::int64_t i, std::int64_t j) { return j <= first + i; });
}

Mask window_mask(std::int64_t n, std::int64_t before, std::int64_t after) {
    return relation_mask(n, n, [=](std::int64_t i, std::int64_t j) { return j >= i - before && j <= i + after; });
}

Mask global_mask(std::int64_t n, std::int64_t globals) {
    return relation_mask(n, n, [=](std::int64_t i, std::int64_t j) { return i < globals || j < globals; });
}

Mask prefix_mask(std::int64_t n, std::int64_t prefix) {
    return relation_mask(n, n, [=](std::int64_t i, std::int64_t j) { return j <= i || j < prefix; });
}

Mask segment_mask(const std::vector<std::int32_t>& segments) {
    const auto n = static_cast<std::int64_t>(segments.size());
    return relation_mask(n, n, [&](std::int64_t i, std::int64_t j) {
        return segments[static_cast<std::size_t>(i)] == segments[static_cast<std::size_t>(j)];
    });
}

Mask packed_mask(const std::vector<std::int64_t>& lengths) {
    std::vector<std::int32_t> segments;
    for (std::size_t s = 0; s < lengths.size(); ++s) {
        require_range("length", lengths[s], 0, std::int64_t{1} << 31);
        segments.insert(segments.end(), static_cast<std::size_t>(lengths[s]), static_cast<std::int32_t>(s));
    }
    return segment_mask(segments);
}

Mask permutation_mask(const std::vector<std::int32_t>& order, bool itself) {
    const auto n = static_cast<std::int64_t>(order.size());
    std::vector<std::int64_t> rank(order.size(), -1);
    for (std::int64_t k = 0; k < n; ++k) {
        const std::int32_t token = order[static_cast<std::size_t>(k)];
        require_range("order", token, 0, n - 1);
        if (rank[static_cast<std::size_t>(token)] >= 0) {
            throw Error(ErrorKind::out_of_range,
                        {"order 里 " + std::to_string(token) + " 出现了两次，不是一个排列。",
                         "order holds " + std::to_string(token) + " twice; it is no permutation."},
                        "order");
        }
        rank[static_cast<std::size_t>(token)] = k;
    }
    return relation_mask(n, n, [&](std::int64_t i, std::int64_t j) {
        return rank[static_cast<std::size_t>(j)] < rank[static_cast<std::size_t>(i)] || (itself && i == j);
    });
}

Mask no_diagonal_mask(std::int64_t n) {
    return relation_mask(n, n, [](std::int64_t i, std::int64_t j) { return i != j; });
}

Mask lengths_mask(const std::vector<std::int64_t>& lengths, std::int64_t n_key, PaddingSide side) {
    const auto batch = static_cast<std::int64_t>(lengths.size());
    return Mask(real_tokens(lengths, n_key, side).reshaped({batch, 1, n_key}));
}

BoolTensor real_tokens(const std::vector<std::int64_t>& lengths, std::int64_t n, PaddingSide side) {
    BoolTensor real({static_cast<std::int64_t>(lengths.size()), n});
    for (std::size_t b = 0; b < lengths.size(); ++b) {
        require_range("length", lengths[b], 0, n);
        const std::int64_t first = side == PaddingSide::right ? 0 : n - lengths[b];
        for (std::int64_t j = first; j < first + lengths[b]; ++j) real(static_cast<std::int64_t>(b), j) = 1;
    }
    return real;
}

std::int64_t allowed_pairs(const Mask& mask) {
    return std::count(mask.keep().elements().begin(), mask.keep().elements().end(), std::uint8_t{1});
}

std::int64_t empty_rows(const Mask& mask) {
    const std::int64_t rows = mask.batch() * mask.n_query();
    std::int64_t empty = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
        const auto* row = mask.keep().data() + r * mask.n_key();
        empty += std::find(row, row + mask.n_key(), std::uint8_t{1}) == row + mask.n_key() ? 1 : 0;
    }
    return empty;
}

Mask reach(const Mask& mask, std::int64_t layers, bool residual) {
    const std::int64_t n = mask.n_key();
    if (mask.n_query() != n) {
        throw Error(ErrorKind::shape, {"reach 需要 n_query = n_key，给了 " + mask.keep().shape().to_string() + "。",
                                       "reach needs n_query = n_key; it got " + mask.keep().shape().to_string() + "."});
    }
    require_range("layers", layers, 0, std::int64_t{1} << 20);
    const Mask itself = ~no_diagonal_mask(n);
    const Mask step = residual ? mask | itself : mask;
    Mask reached = itself.expanded(mask.batch(), n, n);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        BoolTensor next({mask.batch(), n, n});
        for (std::int64_t b = 0; b < mask.batch(); ++b) {
            for (std::int64_t i = 0; i < n; ++i) {
                auto* row = next.data() + (b * n + i) * n;
                for (std::int64_t k = 0; k < n; ++k) {
                    if (step.keep()[(b * n + i) * n + k] == 0) continue;
                    const auto* through = reached.keep().data() + (b * n + k) * n;
                    for (std::int64_t j = 0; j < n; ++j) row[j] |= through[j];
                }
            }
        }
        reached = Mask(std::move(next));
    }
    return reached;
}

BasicTensor<std::uint8_t> tile_occupancy(const Mask& mask, std::int64_t block, std::int64_t sequence) {
    require_positive("block", block);
    const BoolTensor keep = mask.matrix(sequence);
    const std::int64_t rows = (mask.n_query() + block - 1) / block;
    const std::int64_t columns = (mask.n_key() + block - 1) / block;
    BasicTensor<std::uint8_t> tiles({rows, columns});
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
            std::int64_t kept = 0;
            std::int64_t pairs = 0;
            for (std::int64_t i = r * block; i < std::min((r + 1) * block, mask.n_query()); ++i) {
                for (std::int64_t j = c * block; j < std::min((c + 1) * block, mask.n_key()); ++j) {
                    kept += keep(i, j);
                    ++pairs;
                }
            }
            const Tile tile = kept == 0 ? Tile::empty : kept == pairs ? Tile::full : Tile::partial;
            tiles(r, c) = static_cast<std::uint8_t>(tile);
        }
    }
    return tiles;
}

}  // namespace glassformer
