#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"
#include "nn/compressed_embedding.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

void check_table(const Tensor& table) {
    if (table.shape().rank() == 2 && table.size() > 0) return;
    throw Error(ErrorKind::shape,
                {"要压缩的表须是矩阵，给的形状是 " + table.shape().to_string() + "。",
                 "The table to compress must be a matrix; its shape is " + table.shape().to_string() + "."});
}

std::int64_t packed_bytes(std::int64_t numbers, std::int64_t bits) { return (numbers * bits + 7) / 8; }

double squared_distance(std::span<const float> a, const float* b) {
    double sum = 0.0;
    for (std::size_t c = 0; c < a.size(); ++c) {
        const double difference = static_cast<double>(a[c]) - static_cast<double>(b[c]);
        sum += difference * difference;
    }
    return sum;
}

std::int64_t nearest(std::span<const float> row, const float* centroids, std::int64_t codes) {
    std::int64_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::int64_t k = 0; k < codes; ++k) {
        const double distance = squared_distance(row, centroids + k * static_cast<std::int64_t>(row.size()));
        if (distance < least) {
            least = distance;
            best = k;
        }
    }
    return best;
}

}  // namespace

QuantisedEmbedding::QuantisedEmbedding(const Tensor& table, int bits) : shape_(table.shape()), bits_(bits) {
    check_table(table);
    if (bits < 2 || bits > 8) {
        throw Error(ErrorKind::out_of_range,
                    {"bits 须在 2 ... 8 内，给了 " + std::to_string(bits) + "。",
                     "bits must be in 2 ... 8; it is " + std::to_string(bits) + "."},
                    "bits");
    }
    const auto largest = static_cast<float>((1 << (bits - 1)) - 1);
    for (std::int64_t r = 0; r < table.extent(0); ++r) {
        float peak = 0.0F;
        for (const float x : table.row(r)) peak = std::max(peak, std::fabs(x));
        const float scale = peak > 0.0F ? peak / largest : 1.0F;
        scales_.push_back(scale);
        for (const float x : table.row(r)) {
            const float rounded = std::floor(x / scale + 0.5F);
            values_.push_back(static_cast<std::int8_t>(std::clamp(rounded, -largest, largest)));
        }
    }
}

Tensor QuantisedEmbedding::table() const {
    Tensor restored(shape_);
    for (std::int64_t i = 0; i < restored.size(); ++i) {
        restored[i] =
            static_cast<float>(values_[static_cast<std::size_t>(i)]) * scales_[static_cast<std::size_t>(i / shape_[1])];
    }
    return restored;
}

Tensor QuantisedEmbedding::forward(const IntTensor& ids) const { return gather_rows(table(), ids); }

std::int64_t QuantisedEmbedding::bytes() const {
    return packed_bytes(shape_.size(), bits_) + shape_[0] * static_cast<std::int64_t>(sizeof(float));
}

ProductQuantisedEmbedding::ProductQuantisedEmbedding(const Tensor& table, std::int64_t groups, std::int64_t codes,
                                                     Rng rng, std::int64_t iterations)
    : shape_(table.shape()), groups_(groups), codes_(codes) {
    check_table(table);
    require_divides("groups", groups, "d", table.extent(1));
    if (codes < 1 || codes > 256) {
        throw Error(ErrorKind::out_of_range,
                    {"codes 须在 1 ... 256 内，给了 " + std::to_string(codes) + "。",
                     "codes must be in 1 ... 256; it is " + std::to_string(codes) + "."},
                    "codes");
    }
    const std::int64_t count = table.extent(0);
    const std::int64_t width = table.extent(1) / groups;
    assigned_.resize(static_cast<std::size_t>(count * groups));
    centroids_ = Tensor({groups, codes, width});
    for (std::int64_t g = 0; g < groups; ++g) {
        const auto part = [&](std::int64_t row) {
            return table.row(row).subspan(static_cast<std::size_t>(g * width), static_cast<std::size_t>(width));
        };
        float* own = centroids_.data() + g * codes * width;
        // Start from rows drawn without repetition, as long as there are enough.
        IntTensor order({count});
        for (std::int64_t i = 0; i < count; ++i) order[i] = static_cast<std::int32_t>(i);
        Rng start = rng.split(static_cast<std::uint64_t>(g));
        start.shuffle(order.elements());
        for (std::int64_t k = 0; k < codes; ++k) std::copy_n(part(order[k % count]).begin(), width, own + k * width);
        const auto assign = [&] {
            for (std::int64_t row = 0; row < count; ++row) {
                assigned_[static_cast<std::size_t>(row * groups + g)] =
                    static_cast<std::uint8_t>(nearest(part(row), own, codes));
            }
        };
        assign();
        for (std::int64_t iteration = 0; iteration < iterations; ++iteration) {
            std::vector<double> sums(static_cast<std::size_t>(codes * width));
            std::vector<std::int64_t> members(static_cast<std::size_t>(codes));
            for (std::int64_t row = 0; row < count; ++row) {
                const std::size_t code = assigned_[static_cast<std::size_t>(row * groups + g)];
                ++members[code];
                const auto values = part(row);
                for (std::size_t c = 0; c < values.size(); ++c) {
                    sums[code * values.size() + c] += static_cast<double>(values[c]);
                }
            }
            for (std::int64_t k = 0; k < codes; ++k) {
                const std::int64_t own_members = members[static_cast<std::size_t>(k)];
                if (own_members == 0) continue;  // an empty centroid stays where it is
                for (std::int64_t c = 0; c < width; ++c) {
                    own[k * width + c] = static_cast<float>(sums[static_cast<std::size_t>(k * width + c)] /
                                                            static_cast<double>(own_members));
                }
            }
            assign();
        }
    }
}

Tensor ProductQuantisedEmbedding::table() const {
    Tensor restored(shape_);
    const std::int64_t width = shape_[1] / groups_;
    for (std::int64_t row = 0; row < shape_[0]; ++row) {
        for (std::int64_t g = 0; g < groups_; ++g) {
            const std::int64_t code = assigned_[static_cast<std::size_t>(row * groups_ + g)];
            std::copy_n(centroids_.data() + (g * codes_ + code) * width, width,
                        restored.data() + row * shape_[1] + g * width);
        }
    }
    return restored;
}

Tensor ProductQuantisedEmbedding::forward(const IntTensor& ids) const { return gather_rows(table(), ids); }

std::int64_t ProductQuantisedEmbedding::bytes() const {
    std::int64_t bits = 0;
    while ((std::int64_t{1} << bits) < codes_) ++bits;
    return packed_bytes(shape_[0] * groups_, bits) + centroids_.size() * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace glassformer
