#include "data/images.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

struct Point {
    float x, y;  ///< 0 ... 1, y downwards
};
using Stroke = std::vector<Point>;

constexpr float degree = 0.0174532925F;

/// Part of an ellipse from one angle to another, in degrees, 0 to the right, growing clockwise on the screen.
Stroke arc(Point centre, float rx, float ry, float from, float to) {
    Stroke points;
    constexpr int pieces = 16;
    for (int i = 0; i <= pieces; ++i) {
        const float angle = (from + (to - from) * static_cast<float>(i) / pieces) * degree;
        points.push_back({centre.x + rx * cos(angle), centre.y + ry * sin(angle)});
    }
    return points;
}

Stroke joined(Stroke first, const Stroke& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

std::vector<Stroke> strokes_of(int digit) {
    switch (digit) {
        case 0: return {arc({0.5F, 0.5F}, 0.26F, 0.38F, 0, 360)};
        case 1: return {{{0.36F, 0.28F}, {0.54F, 0.12F}, {0.54F, 0.88F}}};
        case 2: return {joined(arc({0.5F, 0.33F}, 0.24F, 0.21F, 180, 385), {{0.26F, 0.88F}, {0.77F, 0.88F}})};
        case 3:
            return {joined(arc({0.46F, 0.31F}, 0.23F, 0.19F, 200, 450), arc({0.46F, 0.69F}, 0.27F, 0.19F, 270, 520))};
        case 4: return {{{0.62F, 0.88F}, {0.62F, 0.12F}, {0.22F, 0.64F}, {0.82F, 0.64F}}};
        case 5:
            return {
                joined({{0.73F, 0.12F}, {0.34F, 0.12F}, {0.31F, 0.46F}}, arc({0.48F, 0.64F}, 0.26F, 0.24F, 230, 510))};
        case 6: return {{{0.64F, 0.12F}, {0.4F, 0.34F}, {0.28F, 0.62F}}, arc({0.5F, 0.66F}, 0.22F, 0.22F, 0, 360)};
        case 7: return {{{0.24F, 0.12F}, {0.77F, 0.12F}, {0.42F, 0.88F}}};
        case 8: return {arc({0.5F, 0.31F}, 0.2F, 0.19F, 0, 360), arc({0.5F, 0.69F}, 0.24F, 0.19F, 0, 360)};
        default: return {arc({0.49F, 0.34F}, 0.23F, 0.22F, 0, 360), {{0.72F, 0.36F}, {0.62F, 0.88F}}};
    }
}

float distance_to(const Stroke& stroke, Point p) {
    float least = 1e9F;
    for (std::size_t i = 1; i < stroke.size(); ++i) {
        const Point a = stroke[i - 1], b = stroke[i];
        const float dx = b.x - a.x, dy = b.y - a.y;
        const float square = dx * dx + dy * dy;
        const float along = square > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / square : 0.0F;
        const float t = std::clamp(along, 0.0F, 1.0F);
        const float ex = p.x - a.x - t * dx, ey = p.y - a.y - t * dy;
        least = std::min(least, ex * ex + ey * ey);
    }
    return std::sqrt(least);
}

/// How much of a pixel lies inside, from the distance of its centre to the edge (negative inside): an edge one pixel
/// wide.
float coverage(float distance, int size) { return std::clamp(0.5F - distance * static_cast<float>(size), 0.0F, 1.0F); }

float noisy(float value, float noise, Rng& rng) { return std::clamp(value + noise * rng.normal(), 0.0F, 1.0F); }

void check_picture(int size, float jitter, float noise) {
    require_within("size", size, 8, 64);
    require_within("jitter", jitter, 0, 1);
    require_within("noise", noise, 0, 1);
}

/// Signed distance from the edge (negative inside) of a shape of radius r at the origin.
float edge_distance(ShapeKind shape, float x, float y, float r) {
    const float ax = std::fabs(x), ay = std::fabs(y);
    switch (shape) {
        case ShapeKind::circle: return std::sqrt(x * x + y * y) - r;
        case ShapeKind::ring: return std::fabs(std::sqrt(x * x + y * y) - 0.75F * r) - 0.25F * r;
        case ShapeKind::square: return std::max(ax, ay) - 0.85F * r;
        case ShapeKind::diamond: return (ax + ay - r) * 0.70710678F;
        case ShapeKind::cross: return std::min(std::max(ax - 0.3F * r, ay - r), std::max(ax - r, ay - 0.3F * r));
        case ShapeKind::triangle: return std::max(y - 0.5F * r, 0.8660254F * ax - 0.5F * y - 0.5F * r);
    }
    return 1.0F;
}

constexpr std::array<std::array<float, 3>, colour_kinds> colour_values{{{0.95F, 0.15F, 0.15F},
                                                                        {0.15F, 0.85F, 0.2F},
                                                                        {0.2F, 0.3F, 1.0F},
                                                                        {1.0F, 0.9F, 0.1F},
                                                                        {0.7F, 0.2F, 0.9F},
                                                                        {1.0F, 1.0F, 1.0F}}};

struct Name {
    const char *zh, *en;
};
constexpr std::array<Name, shape_kinds> shape_names{{{"圆形", "circle"},
                                                     {"方形", "square"},
                                                     {"三角形", "triangle"},
                                                     {"十字形", "cross"},
                                                     {"圆环", "ring"},
                                                     {"菱形", "diamond"}}};
constexpr std::array<Name, colour_kinds> colour_names{
    {{"红色", "red"}, {"绿色", "green"}, {"蓝色", "blue"}, {"黄色", "yellow"}, {"紫色", "purple"}, {"白色", "white"}}};

}  // namespace

Tensor draw_digit(int digit, const DigitTask& task, Rng& rng) {
    require_within("digit", digit, 0, 9);
    check_picture(task.size, task.jitter, task.noise);
    const auto vary = [&](float reach) { return task.jitter * rng.uniform(-reach, reach); };
    const float angle = vary(0.2F), slant = vary(0.25F), scale_x = 1.0F + vary(0.15F), scale_y = 1.0F + vary(0.12F);
    const float shift_x = vary(0.07F), shift_y = vary(0.06F), thickness = 0.11F + vary(0.03F);
    const float c = cos(angle), s = sin(angle);
    std::vector<Stroke> strokes = strokes_of(digit);
    for (Stroke& stroke : strokes) {
        for (Point& p : stroke) {
            const float y = (p.y - 0.5F) * scale_y;
            const float x = (p.x - 0.5F) * scale_x - slant * y;
            p = {0.5F + c * x - s * y + shift_x, 0.5F + s * x + c * y + shift_y};
        }
    }
    Tensor image({task.size, task.size});
    for (std::int64_t row = 0; row < task.size; ++row) {
        for (std::int64_t column = 0; column < task.size; ++column) {
            const auto side = static_cast<float>(task.size);
            const Point p{(static_cast<float>(column) + 0.5F) / side, (static_cast<float>(row) + 0.5F) / side};
            float distance = 1e9F;
            for (const Stroke& stroke : strokes) distance = std::min(distance, distance_to(stroke, p));
            image(row, column) = noisy(coverage(distance - thickness / 2, task.size), task.noise, rng);
        }
    }
    return image;
}

ImageBatch digit_images(const DigitTask& task, int batch, Rng& rng) {
    require_within("batch", batch, 1, 100000);
    check_picture(task.size, task.jitter, task.noise);
    ImageBatch result{Tensor({batch, task.size, task.size, 1}), IntTensor({batch}), 10};
    for (std::int64_t i = 0; i < batch; ++i) {
        result.labels[i] = static_cast<std::int32_t>(i % 10);
        const Tensor image = draw_digit(result.labels[i], task, rng);
        std::copy(image.data(), image.data() + image.size(), result.images.row(i).begin());
    }
    return result;
}

const char* shape_name(int shape, Language language) {
    require_within("shape", shape, 0, shape_kinds - 1);
    const Name& name = shape_names[static_cast<std::size_t>(shape)];
    return language == Language::zh ? name.zh : name.en;
}

const char* colour_name(int colour, Language language) {
    require_within("colour", colour, 0, colour_kinds - 1);
    const Name& name = colour_names[static_cast<std::size_t>(colour)];
    return language == Language::zh ? name.zh : name.en;
}

std::string shape_caption(int shape, int colour, Language language) {
    const std::string between = language == Language::zh ? "的" : " ";
    return colour_name(colour, language) + between + shape_name(shape, language);
}

Tensor draw_shape(ShapeKind shape, Colour colour, const ShapeTask& task, Rng& rng) {
    check_picture(task.size, task.jitter, task.noise);
    const auto vary = [&](float reach) { return task.jitter * rng.uniform(-reach, reach); };
    const float angle = vary(0.25F), r = 0.34F * (1.0F + vary(0.2F)), cx = 0.5F + vary(0.125F),
                cy = 0.5F + vary(0.125F);
    const float c = cos(angle), s = sin(angle);
    Tensor image({task.size, task.size, 3});
    std::int64_t at = 0;
    for (int row = 0; row < task.size; ++row) {
        for (int column = 0; column < task.size; ++column) {
            const auto side = static_cast<float>(task.size);
            const float dx = (static_cast<float>(column) + 0.5F) / side - cx;
            const float dy = (static_cast<float>(row) + 0.5F) / side - cy;
            const float inside = coverage(edge_distance(shape, c * dx + s * dy, c * dy - s * dx, r), task.size);
            for (const float value : colour_values[static_cast<std::size_t>(colour)]) {
                image[at++] = noisy(inside * value, task.noise, rng);
            }
        }
    }
    return image;
}

ImageBatch shape_images(const ShapeTask& task, const std::vector<int>& classes, Rng& rng) {
    require_within("batch", static_cast<double>(classes.size()), 1, 100000);
    check_picture(task.size, task.jitter, task.noise);
    const auto batch = static_cast<std::int64_t>(classes.size());
    ImageBatch result{Tensor({batch, task.size, task.size, 3}), IntTensor({batch}), shape_kinds * colour_kinds};
    for (std::int64_t i = 0; i < batch; ++i) {
        const int label = classes[static_cast<std::size_t>(i)];
        require_within("class", label, 0, shape_kinds * colour_kinds - 1);
        result.labels[i] = label;
        const Tensor image = draw_shape(static_cast<ShapeKind>(label / colour_kinds),
                                        static_cast<Colour>(label % colour_kinds), task, rng);
        std::copy(image.data(), image.data() + image.size(), result.images.row(i).begin());
    }
    return result;
}

ShapeSplit shape_split(int shapes, int colours, int held_out, Rng& rng) {
    require_within("shapes", shapes, 2, shape_kinds);
    require_within("colours", colours, 2, colour_kinds);
    require_within("held_out", held_out, 1, colours - 1);
    std::vector<std::int32_t> order(static_cast<std::size_t>(colours));
    std::iota(order.begin(), order.end(), 0);
    rng.shuffle(order);
    ShapeSplit split;
    for (int shape = 0; shape < shapes; ++shape) {
        for (int i = 0; i < colours; ++i) {
            // Bands that follow one another round a shuffled table: no colour is missed more often than it must be.
            const bool missing = (i + shape * (colours - held_out)) % colours < held_out;
            (missing ? split.unseen : split.seen).push_back(shape * colour_kinds + order[static_cast<std::size_t>(i)]);
        }
    }
    return split;
}

AttributeMixer::AttributeMixer(int shapes, int colours, int features, Rng& rng) : shapes_(shapes), colours_(colours) {
    require_within("shapes", shapes, 2, shape_kinds);
    require_within("colours", colours, 2, colour_kinds);
    require_within("features", features, 1, 4096);
    mixing_ = random_normal({shapes + colours, features}, rng);
}

Tensor AttributeMixer::draw(const std::vector<int>& classes, float noise, Rng& rng) const {
    require_within("noise", noise, 0, 100);
    Tensor inputs = random_normal({static_cast<std::int64_t>(classes.size()), mixing_.extent(1)}, rng, 0.0F, noise);
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const int kind = classes[i] / colour_kinds;
        require_within("shape", kind, 0, shapes_ - 1);
        require_within("colour", classes[i] % colour_kinds, 0, colours_ - 1);
        const std::span<float> row = inputs.row(static_cast<std::int64_t>(i));
        const std::span<const float> shape = mixing_.row(kind);
        const std::span<const float> colour = mixing_.row(shapes_ + classes[i] % colour_kinds);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] += shape[j] + colour[j];
    }
    return inputs;
}

}  // namespace glassformer
