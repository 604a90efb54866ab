#include <cmath>

#include "nn/mask.h"
#include "support/catch.h"
#include "support/runs.h"

using namespace glassformer;

TEST_CASE("mask.causal spells out the masks of the layer") {
    const auto shown = [](const char* kind) {
        const Values values = run_to_end(
            "mask.causal", {{"kind", std::string(kind)}, {"n", std::int64_t{9}}, {"prefix_length", std::int64_t{3}}});
        return std::get<BoolTensor>(std::get<TensorValue>(*values.find("mask")).data);
    };
    CHECK(Mask(shown("causal")) == causal_mask(9));
    CHECK(Mask(shown("none")) == full_mask(9, 9));
    CHECK(Mask(shown("prefix")) == prefix_mask(9, 3));
}

TEST_CASE("mask.causal: influence has the shape of the mask, for every kind and depth") {
    for (std::int64_t layers = 1; layers <= 3; ++layers) {
        const Values values = run_to_end("mask.causal", {{"kind", std::string("causal")}, {"layers", layers}});
        const Tensor& influence = floats(values, "influence");
        for (std::int64_t i = 0; i < 10; ++i)
            for (std::int64_t j = 0; j < 10; ++j) CHECK((influence(i, j) > 0.0F) == (j <= i));
    }
    // One ahead in one layer is two ahead in two.
    const Tensor two = floats(run_to_end("mask.causal", {{"kind", std::string("shifted_ahead")}}), "influence");
    CHECK(two(3, 5) > 0.0F);
    CHECK(two(3, 6) == 0.0F);
}

TEST_CASE("bert.mask_leak: what leaks and what does not, over seeds and sentences") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        for (const char* text : {"猫坐在垫子上", "the cat sat on the mat"}) {
            CAPTURE(seed, text);
            const auto leak = [&](const char* method, std::int64_t layers, const char* which) {
                return scalar(
                    run_to_end("bert.mask_leak",
                               {{"method", std::string(method)}, {"layers", layers}, {"text", std::string(text)}},
                               seed),
                    which);
            };
            CHECK(leak("mask_token", 4, "last_leak") == 0.0);
            CHECK(leak("diagonal", 1, "last_leak") == 0.0);
            CHECK(leak("diagonal", 2, "last_leak") > 1e-3);
            CHECK(leak("column_mask", 1, "last_leak") > 1e-2);
        }
    }
}

TEST_CASE(
    "bert.mask_leak refuses a sentence that is too short or too long, and takes the last place for a place beyond it") {
    CHECK_THROWS_AS(run_to_end("bert.mask_leak", {{"text", std::string("a b")}}), Error);
    CHECK_THROWS_AS(run_to_end("bert.mask_leak", {{"text", std::string("一二三四五六七八九十一二三")}}), Error);
    const Values values =
        run_to_end("bert.mask_leak", {{"text", std::string("甲乙丙")}, {"position", std::int64_t{9}}});
    CHECK(std::get<Text>(*values.find("asked")).zh == "丙");
}

TEST_CASE("mask.leak_training: two hundred updates are enough to tell an open model from an honest one") {
    CHECK(scalar(
              run_to_end("mask.leak_training", {{"variant", std::string("causal_lm")}, {"updates", std::int64_t{200}}}),
              "final_loss") > std::log(16.0) - 0.05);
    CHECK(scalar(run_to_end("mask.leak_training",
                            {{"variant", std::string("unmasked_lm")}, {"updates", std::int64_t{200}}}),
                 "final_loss") < 1.0);
}
