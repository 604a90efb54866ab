#include "data/images.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "data_support.h"
#include "io/json_text.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

/// Share of fresh pictures that are nearest to the mean picture of their own class.
double nearest_mean_accuracy(const ImageBatch& train, const ImageBatch& test, int classes) {
    const auto pixels = static_cast<std::size_t>(train.images.size() / train.images.extent(0));
    std::vector<std::vector<double>> means(static_cast<std::size_t>(classes), std::vector<double>(pixels));
    std::vector<double> counts(means.size());
    for (std::int64_t i = 0; i < train.labels.size(); ++i) {
        const auto k = static_cast<std::size_t>(train.labels[i]);
        ++counts[k];
        for (std::size_t p = 0; p < pixels; ++p) means[k][p] += train.images.row(i)[p];
    }
    double right = 0;
    for (std::int64_t i = 0; i < test.labels.size(); ++i) {
        double least = 1e18;
        std::size_t nearest = 0;
        for (std::size_t k = 0; k < means.size(); ++k) {
            double distance = 0;
            for (std::size_t p = 0; p < pixels; ++p)
                distance += std::pow(test.images.row(i)[p] - means[k][p] / counts[k], 2.0);
            if (distance < least) {
                least = distance;
                nearest = k;
            }
        }
        right += static_cast<std::int32_t>(nearest) == test.labels[i];
    }
    return right / static_cast<double>(test.labels.size());
}

double ink(const Tensor& image) {
    double sum = 0;
    for (const float x : image.elements()) sum += x;
    return sum / static_cast<double>(image.size());
}

}  // namespace

TEST_CASE("pictures have the bits recorded for every compiler and stay within 0 ... 1") {
    Rng rng(7);
    Fingerprint print;
    const ImageBatch numbers = digit_images({}, 20, rng), small = digit_images({.size = 8}, 10, rng);
    std::vector<int> classes(36);
    for (int i = 0; i < 36; ++i) classes[static_cast<std::size_t>(i)] = i;
    const ImageBatch coloured = shape_images({}, classes, rng);
    print << numbers.images << numbers.labels << small.images << coloured.images << coloured.labels;
    print << AttributeMixer(6, 6, 24, rng).draw(classes, 0.5F, rng);
    CHECK(print.value() == 0x51ED5D677421721ULL);
    for (const ImageBatch* batch : {&numbers, &small, &coloured}) {
        const auto elements = batch->images.elements();
        CHECK(std::all_of(elements.begin(), elements.end(), [](float x) { return x >= 0.0F && x <= 1.0F; }));
    }
    CHECK(coloured.images.shape() == Shape({36, 16, 16, 3}));
}

TEST_CASE("a digit without jitter and noise is drawn where its strokes are") {
    Rng rng(1);
    const Tensor one = draw_digit(1, {.size = 16, .jitter = 0, .noise = 0}, rng);
    for (std::int64_t row = 3; row < 13; ++row) {
        CHECK(one(row, 8) > 0.9F);    // the stem
        CHECK(one(row, 12) == 0.0F);  // nothing to its right
    }
    const Tensor zero = draw_digit(0, {.size = 16, .jitter = 0, .noise = 0}, rng);
    CHECK(zero(8, 8) == 0.0F);  // hollow
    CHECK(zero(2, 8) > 0.5F);
    CHECK(zero(13, 8) > 0.5F);
    Rng other(2);
    CHECK((Fingerprint() << zero).value() ==
          (Fingerprint() << draw_digit(0, {.size = 16, .jitter = 0, .noise = 0}, other)).value());
    CHECK_THROWS_AS(draw_digit(10, {}, rng), Error);
    CHECK_THROWS_AS(draw_digit(1, {.size = 7}, rng), Error);
}

TEST_CASE("digits can be told apart, at every size") {
    Rng rng(3);
    for (const int size : {8, 12, 16}) {
        const ImageBatch train = digit_images({.size = size}, 400, rng), test = digit_images({.size = size}, 300, rng);
        CHECK(nearest_mean_accuracy(train, test, 10) > 0.85);  // without learning anything; measured 0.92 ... 0.95
        CHECK(std::count(test.labels.elements().begin(), test.labels.elements().end(), 7) == 30);
    }
    // No two digits are the same picture, jitter aside.
    std::set<std::uint64_t> seen;
    for (int digit = 0; digit < 10; ++digit) {
        seen.insert((Fingerprint() << draw_digit(digit, {.jitter = 0, .noise = 0}, rng)).value());
    }
    CHECK(seen.size() == 10);
}

TEST_CASE("shapes have the areas of their formulas and nothing but their colour") {
    Rng rng(4);
    const double r = 0.34;
    const std::pair<ShapeKind, double> areas[] = {
        {ShapeKind::circle, M_PI * r * r},
        {ShapeKind::square, 4 * 0.85 * 0.85 * r * r},
        {ShapeKind::triangle, 3 * std::sqrt(3.0) / 4 * r * r},
        {ShapeKind::cross, (2 * 4 * 0.3 - 4 * 0.09) * r * r},
        {ShapeKind::ring, M_PI * (1 - 0.25) * r * r},
        {ShapeKind::diamond, 2 * r * r},
    };
    for (const auto& [shape, area] : areas) {
        const Tensor image = draw_shape(shape, Colour::white, {.size = 64, .jitter = 0, .noise = 0}, rng);
        CHECK(ink(image) == Approx(area).epsilon(0.03));
    }
    const Tensor blue = draw_shape(ShapeKind::circle, Colour::blue, {.jitter = 0, .noise = 0}, rng);
    CHECK(blue.at({8, 8, 2}) == 1.0F);
    CHECK(blue.at({8, 8, 0}) == 0.2F);
    CHECK(blue.at({0, 0, 2}) == 0.0F);
    for (std::int64_t pixel = 0; pixel < 256; ++pixel) CHECK(blue[3 * pixel] <= blue[3 * pixel + 2]);
}

TEST_CASE("shapes of one colour can be told apart, and colours of one shape") {
    Rng rng(5);
    const auto batch = [&](int count, bool same_colour) {
        std::vector<int> classes;
        for (int i = 0; i < count; ++i) classes.push_back(same_colour ? i % 6 * colour_kinds : i % 6);
        ImageBatch result = shape_images({}, classes, rng);
        for (std::int32_t& label : result.labels.elements()) label = same_colour ? label / colour_kinds : label;
        return result;
    };
    CHECK(nearest_mean_accuracy(batch(300, false), batch(120, false), 6) > 0.95);  // measured 1
    CHECK(nearest_mean_accuracy(batch(300, true), batch(120, true), 6) >
          0.5);  // measured 0.64, chance 0.17: shapes move about
}

TEST_CASE("zero-shot split: combinations unseen, every shape and colour seen") {
    Rng rng(6);
    for (int shapes_used = 2; shapes_used <= 6; ++shapes_used) {
        for (int colours_used = 2; colours_used <= 6; ++colours_used) {
            for (int held_out = 1; held_out < colours_used; ++held_out) {
                const ShapeSplit split = shape_split(shapes_used, colours_used, held_out, rng);
                std::set<int> all(split.seen.begin(), split.seen.end()), shapes_seen, colours_seen;
                all.insert(split.unseen.begin(), split.unseen.end());
                CHECK(all.size() == static_cast<std::size_t>(shapes_used * colours_used));
                CHECK(split.unseen.size() == static_cast<std::size_t>(shapes_used * held_out));
                for (const int label : split.seen) {
                    shapes_seen.insert(label / colour_kinds);
                    colours_seen.insert(label % colour_kinds);
                }
                CHECK(shapes_seen.size() == static_cast<std::size_t>(shapes_used));
                if (shapes_used * (colours_used - held_out) >= colours_used)
                    CHECK(colours_seen.size() == static_cast<std::size_t>(colours_used));
            }
        }
    }
    CHECK_THROWS_AS(shape_split(3, 3, 3, rng), Error);
}

TEST_CASE("mixed attributes add up: shape and colour parts are shared between classes") {
    Rng rng(8);
    const AttributeMixer mixer(3, 3, 10, rng);
    const Tensor x = mixer.draw({0, 1, colour_kinds, colour_kinds + 1}, 0.0F, rng);
    for (std::int64_t j = 0; j < 10; ++j) CHECK(x(0, j) - x(1, j) == Approx(x(2, j) - x(3, j)).margin(1e-5));
    CHECK_THROWS_AS(mixer.draw({3 * colour_kinds}, 0.0F, rng), Error);
    CHECK_THROWS_AS(mixer.draw({3}, 0.0F, rng), Error);
}

TEST_CASE("names and captions in both languages") {
    CHECK(shape_caption(2, 0, Language::zh) == "红色的三角形");
    CHECK(shape_caption(2, 0, Language::en) == "red triangle");
    for (int i = 0; i < 6; ++i) CHECK(first_invalid_utf8(shape_caption(i, i, Language::zh)) == std::string::npos);
    CHECK_THROWS_AS(shape_name(6, Language::en), Error);
}
