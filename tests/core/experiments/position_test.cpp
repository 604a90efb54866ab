#include <algorithm>
#include <cmath>
#include <vector>

#include "support/catch.h"
#include "support/runs.h"

using namespace glassformer;

TEST_CASE("position.sinusoidal is the formula of the paper, entry by entry") {
    const Values values = run_to_end(
        "position.sinusoidal",
        {{"d_model", std::int64_t{32}}, {"length", std::int64_t{64}}, {"base", 500.0}, {"anchor", std::int64_t{9}}});
    const DoubleTensor& pe = numbers(values, "pe");
    for (std::int64_t p = 0; p < 64; ++p) {
        for (std::int64_t c = 0; c < 32; ++c) {
            const double angle = static_cast<double>(p) * std::pow(500.0, -2.0 * static_cast<double>(c / 2) / 32.0);
            CHECK(std::abs(pe(p, c) - (c % 2 == 0 ? std::sin(angle) : std::cos(angle))) < 1e-12);
        }
    }
    CHECK(std::abs(numbers(values, "wavelengths")[0] - 2.0 * 3.14159265358979) < 1e-9);
}

TEST_CASE("position.sinusoidal refuses a position that is not in the table") {
    const Experiment& experiment = find_experiment("position.sinusoidal");
    CHECK_THROWS_AS(complete_arguments(experiment, {{"anchor", std::int64_t{128}}}), Error);
    CHECK_THROWS_AS(
        complete_arguments(experiment,
                           {{"length", std::int64_t{32}}, {"anchor", std::int64_t{3}}, {"offset", std::int64_t{40}}}),
        Error);
}

TEST_CASE("position.order_test: the sentences of a pair are the same words with opposite answers") {
    for (const char* task : {"toy_roles", "first_symbol"}) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const Values values =
                run_to_end("position.order_test", {{"task", std::string(task)}, {"updates", std::int64_t{10}}}, seed);
            const Tokens& tokens = std::get<Tokens>(*values.find("sentences"));
            REQUIRE(tokens.strips.size() == 6);
            for (std::size_t i = 0; i < 6; i += 2) {
                std::vector<std::int32_t> a, b;
                for (const Piece& piece : tokens.strips[i].pieces) a.push_back(piece.id);
                for (const Piece& piece : tokens.strips[i + 1].pieces) b.push_back(piece.id);
                CHECK(a != b);
                std::sort(a.begin(), a.end());
                std::sort(b.begin(), b.end());
                CHECK(a == b);
                CHECK(tokens.strips[i].label != tokens.strips[i + 1].label);
            }
        }
    }
}

TEST_CASE("position.order_test: every kind of position learns what no position cannot") {
    for (const char* position : {"sinusoidal", "learned", "rope", "causal_mask"}) {
        CAPTURE(position);
        CHECK(scalar(run_to_end("position.order_test",
                                {{"position", std::string(position)}, {"updates", std::int64_t{200}}}),
                     "accuracy") > 0.9);
    }
    CHECK(scalar(run_to_end("position.order_test", {{"updates", std::int64_t{200}}}), "accuracy") == 0.5);
}
