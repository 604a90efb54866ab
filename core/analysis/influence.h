#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/error.h"
#include "tensor/tensor.h"

/// Which input position changes which output position of any callable model. By replacing and running again, not by
/// gradients: it sees every path, and "no influence" is an exact statement about bits.
namespace glassformer {

namespace detail {

/// |a - b|; 0 only for the same bits (NaN that stays the same NaN included), infinity where a finite number was met by
/// none.
template <typename T>
double change_of(T a, T b) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    if (std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b)) return 0.0;
    const double difference = std::fabs(static_cast<double>(a) - static_cast<double>(b));
    if (!std::isfinite(difference)) return std::numeric_limits<double>::infinity();
    // 0 and -0 are different bits and the same number: the smallest change there is.
    return difference > 0.0 ? difference : std::numeric_limits<double>::denorm_min();
}

template <typename T>
void require_same_outputs(const BasicTensor<T>& a, const BasicTensor<T>& b) {
    if (a.shape() == b.shape() && a.shape().rank() >= 1) return;
    throw Error(ErrorKind::shape, {"模型前后给出的形状是 " + a.shape().to_string() + " 和 " + b.shape().to_string() +
                                       "，应当相同且至少一个轴。",
                                   "The model gave the shapes " + a.shape().to_string() + " and " +
                                       b.shape().to_string() + "; they must be the same, with at least one axis."});
}

}  // namespace detail

/// influence(i, j): the greatest change of any element of output row i when input position j is replaced, over the
/// given replacements; [output rows, positions]. Exactly 0 where not a bit moved: then no path leads from j to i (for
/// these replacements; try several, since one may coincide by chance).
///   model(inputs) -> BasicTensor<T> [rows, ...]
///   replace(inputs, j, r) -> inputs with position j replaced in the r-th way, r = 0 ... replacements - 1
template <typename Model, typename Inputs, typename Replace>
DoubleTensor influence_map(Model&& model, const Inputs& inputs, std::int64_t positions, Replace&& replace,
                           int replacements = 1) {
    const auto before = model(inputs);
    detail::require_same_outputs(before, before);
    DoubleTensor influence({before.extent(0), positions});
    for (std::int64_t j = 0; j < positions; ++j) {
        for (int r = 0; r < replacements; ++r) {
            const auto after = model(replace(inputs, j, r));
            detail::require_same_outputs(before, after);
            for (std::int64_t i = 0; i < before.extent(0); ++i) {
                const auto a = before.row(i), b = after.row(i);
                for (std::size_t k = 0; k < a.size(); ++k) {
                    influence(i, j) = std::max(influence(i, j), detail::change_of(a[k], b[k]));
                }
            }
        }
    }
    return influence;
}

/// The same for token ids [n]: position j becomes each of the `others` that is not already there.
template <typename Model>
DoubleTensor token_influence(Model&& model, const IntTensor& ids, const std::vector<std::int32_t>& others) {
    const auto replace = [&](const IntTensor& from, std::int64_t j, int r) {
        IntTensor changed = from;
        changed[j] = others[static_cast<std::size_t>(r)];
        return changed;
    };
    return influence_map(model, ids, ids.size(), replace, static_cast<int>(others.size()));
}

/// The same for vectors [n, d]: row j is moved by `by` in every coordinate.
template <typename Model, typename T>
DoubleTensor row_influence(Model&& model, const BasicTensor<T>& rows, std::type_identity_t<T> by) {
    const auto replace = [&](const BasicTensor<T>& from, std::int64_t j, int) {
        BasicTensor<T> changed = from;
        for (T& x : changed.row(j)) x += by;
        return changed;
    };
    return influence_map(model, rows, rows.extent(0), replace);
}

/// Element (i, j): Frobenius norm of d output[i, ...] / d input[j, ...], by central differences in double: for models
/// without a tape, and to check autograd/jacobian.h. Costs 2 runs for each element of the input.
template <typename Model>
DoubleTensor jacobian_map(Model&& model, const DoubleTensor& input, double step = 1e-5) {
    const DoubleTensor at = model(input);
    detail::require_same_outputs(at, at);
    DoubleTensor squares({at.extent(0), input.extent(0)});
    DoubleTensor moved = input;
    for (std::int64_t j = 0; j < input.extent(0); ++j) {
        const std::span<double> row = moved.row(j);
        for (double& x : row) {
            const double original = x;
            x = original + step;
            const DoubleTensor above = model(static_cast<const DoubleTensor&>(moved));
            x = original - step;
            const DoubleTensor below = model(static_cast<const DoubleTensor&>(moved));
            x = original;
            for (std::int64_t i = 0; i < at.extent(0); ++i) {
                const std::span<const double> a = above.row(i), b = below.row(i);
                for (std::size_t k = 0; k < a.size(); ++k) {
                    const double slope = (a[k] - b[k]) / (2 * step);
                    squares(i, j) += slope * slope;
                }
            }
        }
    }
    for (double& x : squares.elements()) x = std::sqrt(x);
    return squares;
}

/// Positions reachable through `layers` layers, each with the boolean relation [n, n] (1: row reads column), residual
/// connections added when asked: the boolean power (R or I)^layers. Error(shape) unless square.
BoolTensor reachable(const BoolTensor& relation, int layers, bool residual);

}  // namespace glassformer
