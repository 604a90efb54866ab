#include <cmath>

#include "experiments/experiment.h"
#include "nn/mask.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

Values last_values(const std::string& id, std::map<std::string, ParameterValue> parameters, std::uint64_t seed = 1) {
    const Experiment& experiment = find_experiment(id);
    Context context;
    context.seed = seed;
    Run run = start(experiment, complete_arguments(experiment, std::move(parameters)), context);
    while (run.advance() && !run.last()) {
    }
    return run.frame().values();
}
const Tensor& tensor(const Values& values, const std::string& name) {
    return std::get<Tensor>(std::get<TensorValue>(*values.find(name)).data);
}
double scalar(const Values& values, const std::string& name) { return std::get<Scalar>(*values.find(name)).value; }

}  // namespace

TEST_CASE("mask.causal spells out the masks of the layer") {
    const auto shown = [](const char* kind) {
        const Values values = last_values(
            "mask.causal", {{"kind", std::string(kind)}, {"n", std::int64_t{9}}, {"prefix_length", std::int64_t{3}}});
        return std::get<BoolTensor>(std::get<TensorValue>(*values.find("mask")).data);
    };
    CHECK(Mask(shown("causal")) == causal_mask(9));
    CHECK(Mask(shown("none")) == full_mask(9, 9));
    CHECK(Mask(shown("prefix")) == prefix_mask(9, 3));
}

TEST_CASE("mask.causal: influence has the shape of the mask, for every kind and depth") {
    for (std::int64_t layers = 1; layers <= 3; ++layers) {
        const Values values = last_values("mask.causal", {{"kind", std::string("causal")}, {"layers", layers}});
        const Tensor& influence = tensor(values, "influence");
        for (std::int64_t i = 0; i < 10; ++i)
            for (std::int64_t j = 0; j < 10; ++j) CHECK((influence(i, j) > 0.0F) == (j <= i));
    }
    // One ahead in one layer is two ahead in two.
    const Tensor two = tensor(last_values("mask.causal", {{"kind", std::string("shifted_ahead")}}), "influence");
    CHECK(two(3, 5) > 0.0F);
    CHECK(two(3, 6) == 0.0F);
}

TEST_CASE("bert.mask_leak: what leaks and what does not, over seeds and sentences") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        for (const char* text : {"猫坐在垫子上", "the cat sat on the mat"}) {
            CAPTURE(seed, text);
            const auto leak = [&](const char* method, std::int64_t layers, const char* which) {
                return scalar(
                    last_values("bert.mask_leak",
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
    CHECK_THROWS_AS(last_values("bert.mask_leak", {{"text", std::string("a b")}}), Error);
    CHECK_THROWS_AS(last_values("bert.mask_leak", {{"text", std::string("一二三四五六七八九十一二三")}}), Error);
    const Values values =
        last_values("bert.mask_leak", {{"text", std::string("甲乙丙")}, {"position", std::int64_t{9}}});
    CHECK(std::get<Text>(*values.find("asked")).zh == "丙");
}

TEST_CASE("mask.leak_training: two hundred updates are enough to tell an open model from an honest one") {
    CHECK(scalar(last_values("mask.leak_training",
                             {{"variant", std::string("causal_lm")}, {"updates", std::int64_t{200}}}),
                 "final_loss") > std::log(16.0) - 0.05);
    CHECK(scalar(last_values("mask.leak_training",
                             {{"variant", std::string("unmasked_lm")}, {"updates", std::int64_t{200}}}),
                 "final_loss") < 1.0);
}
