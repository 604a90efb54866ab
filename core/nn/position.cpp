#include "nn/position.h"

#include <string>

#include "autograd/operations.h"
#include "base/error.h"
#include "base/math.h"

namespace glassformer {

bool is_absolute(PositionKind kind) { return kind == PositionKind::sinusoidal || kind == PositionKind::learned; }

IntTensor counted_positions(std::int64_t n, std::int64_t first) {
    IntTensor positions({n});
    for (std::int64_t i = 0; i < n; ++i) positions[i] = static_cast<std::int32_t>(first + i);
    return positions;
}

IntTensor positions_of(const BoolTensor& real) {
    IntTensor positions(real.shape());
    const std::int64_t n = real.extent(-1);
    for (std::int64_t i = 0; i < real.size(); ++i) {
        if (i % n != 0 && real[i] != 0) positions[i] = positions[i - 1] + (real[i - 1] != 0 ? 1 : 0);
    }
    return positions;
}

template <typename T>
BasicTensor<T> sinusoidal_positions(const IntTensor& positions, std::int64_t d, double base) {
    require_positive("d", d);
    Extents extents = positions.shape().extents();
    extents.push_back(d);
    BasicTensor<T> table{Shape(extents)};
    for (std::int64_t c = 0; c < d; ++c) {
        const double exponent = static_cast<double>(c - c % 2) / static_cast<double>(d);
        const double frequency = glassformer::exp(-exponent * glassformer::log(base));
        for (std::int64_t p = 0; p < positions.size(); ++p) {
            const double angle = static_cast<double>(positions[p]) * frequency;
            table[p * d + c] = static_cast<T>(c % 2 == 0 ? glassformer::sin(angle) : glassformer::cos(angle));
        }
    }
    return table;
}

template <typename T>
BasicTensor<T> sinusoidal_positions_2d(std::int64_t rows, std::int64_t columns, std::int64_t d, double base) {
    require_divides("2", 2, "d", d);
    const std::int64_t half = d / 2;
    const BasicTensor<T> of_row = sinusoidal_positions<T>(counted_positions(rows), half, base);
    const BasicTensor<T> of_column = sinusoidal_positions<T>(counted_positions(columns), half, base);
    BasicTensor<T> table({rows * columns, d});
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
            for (std::int64_t f = 0; f < half; ++f) {
                table(r * columns + c, f) = of_row(r, f);
                table(r * columns + c, half + f) = of_column(c, f);
            }
        }
    }
    return table;
}

template <typename T>
BasicAbsolutePosition<T>::BasicAbsolutePosition(PositionKind kind, std::int64_t d, std::int64_t max_length, Rng rng,
                                                float standard_deviation)
    : kind_(kind), d_(d), max_length_(max_length) {
    if (kind == PositionKind::learned) {
        require_positive("max_length", max_length);
        table_.emplace(max_length, d, rng, standard_deviation);
    }
}

template <typename T>
std::optional<BasicVariable<T>> BasicAbsolutePosition<T>::forward(const IntTensor& positions) const {
    if (!is_absolute(kind_)) return {};
    for (const std::int32_t p : positions.elements()) {
        if (p >= 0 && (kind_ != PositionKind::learned || p < max_length_)) continue;
        const std::string limit = kind_ == PositionKind::learned ? std::to_string(max_length_ - 1) : "∞";
        throw Error(
            ErrorKind::out_of_range,
            {"位置 " + std::to_string(p) + " 不在位置编码的范围 0 ... " + limit + " 内。",
             "Position " + std::to_string(p) + " is outside what the position encoding covers, 0 ... " + limit + "."},
            "position");
    }
    if (kind_ == PositionKind::learned) return table_->forward(positions);
    return BasicVariable<T>(sinusoidal_positions<T>(positions, d_));
}

template <typename T>
BasicNamedParameters<T> BasicAbsolutePosition<T>::parameters() const {
    return table_ ? table_->parameters() : BasicNamedParameters<T>{};
}

#define GLASSFORMER_INSTANTIATE(T)                                                                     \
    template BasicTensor<T> sinusoidal_positions(const IntTensor&, std::int64_t, double);              \
    template BasicTensor<T> sinusoidal_positions_2d(std::int64_t, std::int64_t, std::int64_t, double); \
    template class BasicAbsolutePosition<T>;
GLASSFORMER_INSTANTIATE(float)
GLASSFORMER_INSTANTIATE(double)
#undef GLASSFORMER_INSTANTIATE

}  // namespace glassformer
