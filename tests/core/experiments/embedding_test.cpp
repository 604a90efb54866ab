#include "nn/position.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

/// Lesson 1-08: the factor sqrt(d_model).
using namespace glassformer;

namespace {

Settings setting(std::int64_t d, const char* init, const char* multiplier, const char* position = "sinusoidal",
                 bool layer_norm = false) {
    return {{"d_model", d},
            {"init", std::string(init)},
            {"multiplier", std::string(multiplier)},
            {"position", std::string(position)},
            {"layer_norm", layer_norm}};
}

}  // namespace

TEST_CASE("embedding.scale: sinusoidal positions are those of section 3.5, of length sqrt(d/2)") {
    for (const std::int64_t d : {32, 64, 128, 256, 512}) {
        const Values values = run_to_end("embedding.scale", setting(d, "tied", "one"));
        CAPTURE(d);
        CHECK(scalar(values, "norm_position") == Approx(std::sqrt(double(d) / 2.0)).epsilon(1e-6));
        const Tensor& p = floats(values, "position");
        const Tensor layer = sinusoidal_positions<float>(counted_positions(p.extent(0)), d);
        for (std::int64_t t = 0; t < p.extent(0); ++t) {
            for (std::int64_t i = 0; i < p.extent(1); ++i) {
                const double angle = double(t) / std::pow(10000.0, double(i - i % 2) / double(d));
                CHECK(std::abs(p(t, i) - layer(t, i)) <= 1e-6F);
                CHECK(double(p(t, i)) == Approx(i % 2 == 0 ? std::sin(angle) : std::cos(angle)).margin(1e-6));
            }
        }
    }
}

TEST_CASE("embedding.scale: the theorems of lesson 1-08 over random settings") {
    Rng rng(30);
    const char* const inits[] = {"tied", "normal", "bert"};
    const char* const factors[] = {"one", "sqrt"};
    const char* const kinds[] = {"sinusoidal", "learned"};
    for (int trial = 0; trial < 12; ++trial) {
        const std::int64_t d = 32 << rng.integer(5);
        const Values values = run_to_end(
            "embedding.scale",
            setting(d, inits[rng.integer(3)], factors[rng.integer(2)], kinds[rng.integer(2)], rng.integer(2) == 1),
            rng.integer(1000));
        CAPTURE(d, trial);
        const DoubleTensor ratio = numbers(values, "ratio");  // [init, multiplier]
        for (std::int64_t i = 0; i < 3; ++i) CHECK(ratio(i, 1) == Approx(std::sqrt(double(d)) * ratio(i, 0)));
        CHECK(ratio(1, 0) == Approx(ratio(0, 1)));  // N(0,1) x 1 is 1/sqrt(d) x sqrt(d)
        CHECK(scalar(values, "word_share") + scalar(values, "position_share") == Approx(1.0).epsilon(1e-6));
        const DoubleTensor retrieval = numbers(values, "token_retrieval");
        for (const double found : retrieval.elements()) CHECK((found >= 0.0 && found <= 1.0));
    }
}

TEST_CASE("embedding.scale: the map keeps what varies: words when they are long, positions when they are short") {
    const auto spread = [](const Values& values, const char* label) {
        // Mean squared distance of points with the same label over that of all points.
        const DoubleTensor points = numbers(values, "map");
        const DoubleTensor of = numbers(values, label);
        double same = 0.0, all = 0.0;
        int same_count = 0, count = 0;
        for (std::int64_t a = 0; a < points.extent(0); ++a) {
            for (std::int64_t b = 0; b < a; ++b) {
                const double x = points(a, 0) - points(b, 0);
                const double y = points(a, 1) - points(b, 1);
                all += x * x + y * y;
                ++count;
                if (of[a] != of[b]) continue;
                same += x * x + y * y;
                ++same_count;
            }
        }
        return (same / same_count) / (all / count);
    };
    const Values drowned = run_to_end("embedding.scale", setting(128, "tied", "one"));
    CHECK(spread(drowned, "map_position") < 0.05);
    CHECK(spread(drowned, "map_word") > 0.5);
    const Values loud = run_to_end("embedding.scale", setting(128, "normal", "sqrt"));
    CHECK(spread(loud, "map_word") < 0.05);
    CHECK(scalar(loud, "word_share") > 0.9);
}

TEST_CASE("embedding.scale: LayerNorm changes lengths, not which part is the larger") {
    const Values plain = run_to_end("embedding.scale", setting(128, "tied", "one"));
    const Values normalised = run_to_end("embedding.scale", setting(128, "tied", "one", "sinusoidal", true));
    CHECK(numbers(plain, "ratio")(0, 0) == numbers(normalised, "ratio")(0, 0));
    CHECK(numbers(normalised, "cosine")(0, 0) == Approx(numbers(plain, "cosine")(0, 0)).margin(0.05));
    CHECK(numbers(normalised, "token_retrieval")(0, 0) < 0.2);
    CHECK(numbers(normalised, "token_retrieval")(0, 1) > 0.95);
}
