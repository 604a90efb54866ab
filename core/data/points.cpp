#include "data/points.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

/// x^-power for x > 0, with the core's own functions.
float inverse_power(float x, float power) { return exp(-power * log(x)); }

/// A point uniform on the ring between two radii: the area up to r grows as r^2.
void draw_on_ring(float inner, float outer, std::span<float> point, Rng& rng) {
    const float radius = std::sqrt(rng.uniform(inner * inner, outer * outer));
    const float angle = rng.uniform(0.0F, 6.28318531F);
    point[0] = radius * cos(angle);
    point[1] = radius * sin(angle);
}

}  // namespace

LabelledPoints boolean_points(BooleanFunction function) {
    const int attributes = function == BooleanFunction::parity3 ? 3 : 2;
    const std::int64_t rows = std::int64_t{1} << attributes;
    LabelledPoints points{Tensor({rows, attributes}), IntTensor({rows}), 2};
    for (std::int64_t row = 0; row < rows; ++row) {
        int set = 0;
        for (std::int64_t i = 0; i < attributes; ++i) {
            const auto bit = static_cast<int>(row >> (attributes - 1 - i) & 1);
            points.inputs(row, i) = bit == 1 ? 1.0F : -1.0F;
            set += bit;
        }
        switch (function) {
            case BooleanFunction::logical_xor:
            case BooleanFunction::parity3: points.labels[row] = set % 2; break;
            case BooleanFunction::logical_and: points.labels[row] = set == 2 ? 1 : 0; break;
            case BooleanFunction::logical_or: points.labels[row] = set > 0 ? 1 : 0; break;
        }
    }
    return points;
}

LabelledPoints disc_in_ring(int samples, Rng& rng) {
    require_within("samples", samples, 2, 1e6);
    require_within("samples % 2", samples % 2, 0, 0);
    LabelledPoints points{Tensor({samples, 2}), IntTensor({samples}), 2};
    for (std::int64_t i = 0; i < samples; ++i) {
        const bool ring = i >= samples / 2;
        draw_on_ring(ring ? 1.5F : 0.0F, ring ? 2.5F : 1.0F, points.inputs.row(i), rng);
        points.labels[i] = ring ? 1 : 0;
    }
    return points;
}

Regression noisy_linear_again(const NoisyLinear& task, const Tensor& weights, Rng& rng) {
    require_within("samples", task.samples, 1, 1e6);
    require_within("noise", task.noise, 0, 100);
    Regression data{random_normal({task.samples, weights.extent(0)}, rng), Tensor({task.samples}), weights,
                    static_cast<double>(task.noise) * task.noise};
    const Tensor clean = matmul(data.inputs, weights.reshaped({weights.extent(0), 1}));
    for (std::int64_t i = 0; i < task.samples; ++i) data.targets[i] = clean[i] + task.noise * rng.normal();
    return data;
}

Regression noisy_linear(const NoisyLinear& task, Rng& rng) {
    require_within("features", task.features, 1, 4096);
    const float size = 1.0F / std::sqrt(static_cast<float>(task.features));
    return noisy_linear_again(task, random_normal({task.features}, rng, 0.0F, size), rng);
}

LabelledPoints random_facts(int facts, int features, int values, Rng& rng) {
    require_within("facts", facts, 1, 1e6);
    require_within("features", features, 1, 4096);
    require_within("values", values, 2, 65536);
    LabelledPoints points{random_normal({facts, features}, rng), IntTensor({facts}), values};
    for (std::int32_t& label : points.labels.elements()) {
        label = static_cast<std::int32_t>(rng.integer(static_cast<std::uint32_t>(values)));
    }
    return points;
}

TanhTeacher::TanhTeacher(int features, int hidden, int classes, Rng& rng) {
    require_within("features", features, 1, 4096);
    require_within("hidden", hidden, 1, 4096);
    require_within("classes", classes, 2, 4096);
    first_ = random_normal({hidden, features}, rng, 0.0F, 2.0F / std::sqrt(static_cast<float>(features)));
    second_ = random_normal({classes, hidden}, rng, 0.0F, 1.0F / std::sqrt(static_cast<float>(hidden)));
}

LabelledPoints TanhTeacher::draw(int samples, Rng& rng) const {
    require_within("samples", samples, 1, 1e6);
    Tensor inputs = random_normal({samples, first_.extent(1)}, rng);
    const Tensor hidden = tanh(matmul(inputs, first_, Transpose::no, Transpose::yes));
    IntTensor labels = argmax_rows(matmul(hidden, second_, Transpose::no, Transpose::yes));
    return {std::move(inputs), std::move(labels), static_cast<int>(second_.extent(0))};
}

Tensor random_orthogonal(int d, Rng& rng) {
    require_within("d", d, 1, 1024);
    DoubleTensor q({d, d});
    for (double& x : q.elements()) x = rng.normal();
    for (std::int64_t i = 0; i < d; ++i) {
        const std::span<double> row = q.row(i);
        // Twice is enough (Giraud, Langou & Rozloznik 2005): the second pass takes out what rounding left.
        for (int pass = 0; pass < 2; ++pass) {
            for (std::int64_t j = 0; j < i; ++j) {
                double product = 0.0;
                for (std::int64_t k = 0; k < d; ++k) product += row[static_cast<std::size_t>(k)] * q(j, k);
                for (std::int64_t k = 0; k < d; ++k) row[static_cast<std::size_t>(k)] -= product * q(j, k);
            }
        }
        double square = 0.0;
        for (const double x : row) square += x * x;
        for (double& x : row) x /= std::sqrt(square);
    }
    Tensor result({d, d});
    std::transform(q.elements().begin(), q.elements().end(), result.data(),
                   [](double x) { return static_cast<float>(x); });
    return result;
}

Tensor random_with_condition(int d, float condition, Rng& rng) {
    require_within("condition", condition, 1, 1e6);
    Tensor left = random_orthogonal(d, rng);
    const Tensor right = random_orthogonal(d, rng);
    const float step = d > 1 ? log(condition) / static_cast<float>(d - 1) : 0.0F;
    for (std::int64_t i = 0; i < d; ++i) {
        for (std::int64_t j = 0; j < d; ++j) left(i, j) *= exp(-step * static_cast<float>(j));
    }
    return matmul(left, right);
}

Tensor decaying_points(int points, int d, float decay, Rng& rng) {
    require_within("points", points, 1, 1e6);
    require_within("decay", decay, 0, 8);
    const Tensor rotation = random_orthogonal(d, rng);
    Tensor x = random_normal({points, d}, rng);
    for (std::int64_t k = 0; k < d; ++k) {
        const float size = inverse_power(static_cast<float>(k + 1), decay);
        for (std::int64_t i = 0; i < points; ++i) x(i, k) *= size;
    }
    return matmul(x, rotation);
}

LatentViews latent_views(int points, int d, int latent_rank, float noise, bool rotated, Rng& rng) {
    require_within("points", points, 1, 1e5);
    require_within("latent_rank", latent_rank, 1, d);
    require_within("noise", noise, 0, 100);
    const Tensor inner = random_normal({points, latent_rank}, rng);
    const Tensor axes = random_orthogonal(d, rng);
    Tensor embed({latent_rank, d}, std::vector<float>(axes.data(), axes.data() + std::int64_t{latent_rank} * d));
    LatentViews views{matmul(inner, embed), {}, {}, Tensor({d, d})};
    for (std::int64_t i = 0; i < d; ++i) views.rotation(i, i) = 1.0F;
    if (rotated) views.rotation = random_orthogonal(d, rng);
    // Noise as large as `noise` beside a latent coordinate, spread over all d.
    const float each = noise * std::sqrt(static_cast<float>(latent_rank) / static_cast<float>(d));
    views.a = add(views.latent, random_normal({points, d}, rng, 0.0F, each));
    views.b = matmul(add(views.latent, random_normal({points, d}, rng, 0.0F, each)), views.rotation);
    return views;
}

}  // namespace glassformer
