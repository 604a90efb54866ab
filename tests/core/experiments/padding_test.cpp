#include "nn/attention.h"
#include "support/catch.h"
#include "support/runs.h"
#include "tensor/kernels.h"

/// Lesson 1-05: padding must not reach the outputs of real tokens.
using namespace glassformer;

namespace {

const char* const texts[] = {"a", "the cat sat on the mat", "狗狗 狗, 小狗!", "one two three four five six"};

Settings masked(const char* method, Rng& rng) {
    return {{"method", std::string(method)},
            {"text", std::string(texts[rng.integer(4)])},
            {"pads", static_cast<std::int64_t>(rng.integer(17))},
            {"pad_content", std::string(rng.integer(2) == 0 ? "zero" : "random")},
            {"side", std::string(rng.integer(2) == 0 ? "left" : "right")},
            {"layers", static_cast<std::int64_t>(1 + rng.integer(4))},
            {"dtype", std::string(rng.integer(2) == 0 ? "fp16" : "fp32")}};
}

}  // namespace

TEST_CASE("mask.padding: with -inf no bit of a real output depends on the padding") {
    Rng rng(40);
    for (int trial = 0; trial < 30; ++trial) {
        const Values values = run_to_end("mask.padding", masked("minus_infinity", rng), rng.integer(1000));
        CAPTURE(trial);
        CHECK(scalar(values, "real_output_diff") == 0.0);
        CHECK(scalar(values, "pad_mass") == 0.0);
        CHECK(scalar(values, "nan_count") == 0.0);
        const DoubleTensor sums = numbers(values, "row_sums");
        for (const double sum : sums.elements()) CHECK(sum == Approx(1.0).margin(0.01));
    }
}

TEST_CASE("mask.padding: the two wrong ways fail as their formulas say") {
    Rng rng(41);
    for (int trial = 0; trial < 20; ++trial) {
        Settings settings = masked("multiply_scores", rng);
        settings["dtype"] = std::string("fp32");
        settings["pads"] = static_cast<std::int64_t>(1 + rng.integer(16));
        const std::uint64_t seed = rng.integer(1000);
        const Values multiplied = run_to_end("mask.padding", settings, seed);
        CHECK(scalar(multiplied, "pad_mass") > 0.0);
        CHECK(max_abs_difference(numbers(multiplied, "pad_mass_by_row"), numbers(multiplied, "predicted_pad_mass")) <
              1e-5);
        settings["layers"] = std::int64_t{1};  // the same scores under both methods
        settings["method"] = std::string("zero_after");
        const Values zeroed = run_to_end("mask.padding", settings, seed);
        settings["method"] = std::string("none");
        const Values unmasked = run_to_end("mask.padding", settings, seed);
        const DoubleTensor sums = numbers(zeroed, "row_sums");
        const DoubleTensor lost = numbers(unmasked, "pad_mass_by_row");
        for (std::int64_t i = 0; i < sums.size(); ++i) {
            CHECK(sums[i] < 1.0);
            CHECK(sums[i] + lost[i] == Approx(1.0).margin(1e-5));
        }
    }
}

TEST_CASE("mask.padding: the attention layer's mask is the same mechanism") {
    const Values values = run_to_end("mask.padding", {{"causal", true}, {"pads", std::int64_t{3}}}, 5);
    const auto& keep = std::get<BoolTensor>(std::get<TensorValue>(*values.find("keep")).data);
    const Variable v(floats(values, "value"));
    const auto layer =
        scaled_dot_product_attention(Variable(floats(values, "query")), Variable(floats(values, "key")), v, Mask(keep));
    CHECK(max_abs_difference(layer.attention.value(), floats(values, "attention")) < 1e-6);
    CHECK(max_abs_difference(layer.output.value(), floats(values, "attention_output")) < 1e-6);
}

TEST_CASE("mask.padding: a row that sees nothing is NaN with -inf, uniform with -1e9, and NaN spreads") {
    const Settings hidden{{"fully_masked_row", true}};
    const auto with = [](Settings settings, const char* name, ParameterValue value) {
        settings[name] = std::move(value);
        return settings;
    };
    CHECK(scalar(run_to_end("mask.padding", hidden), "nan_count") == 12.0);
    const Values uniform = run_to_end("mask.padding", with(hidden, "method", std::string("large_negative")));
    for (std::int64_t j = 0; j < 12; ++j) CHECK(floats(uniform, "attention")(0, j) == 1.0F / 12.0F);
    // In fp16 -1e9 is -inf: the safe-looking constant is none.
    const Settings half = with(with(hidden, "method", std::string("large_negative")), "dtype", std::string("fp16"));
    CHECK(scalar(run_to_end("mask.padding", half), "mask_value") < -1e30);
    CHECK(scalar(run_to_end("mask.padding", half), "nan_count") == 12.0);
    // Pads on the left under a causal mask see nothing; in the next layer every real token reads their NaN.
    const Settings left{{"side", std::string("left")}, {"causal", true}, {"layers", std::int64_t{1}}};
    CHECK(scalar(run_to_end("mask.padding", left), "nan_real_rows") == 0.0);
    CHECK(scalar(run_to_end("mask.padding", with(left, "layers", std::int64_t{2})), "nan_real_rows") == 6.0);
    const Settings safe = with(with(left, "layers", std::int64_t{2}), "method", std::string("large_negative"));
    CHECK(scalar(run_to_end("mask.padding", safe), "nan_real_rows") == 0.0);
    CHECK(scalar(run_to_end("mask.padding", safe), "real_output_diff") == 0.0);
}

TEST_CASE("mask.padding: texts without a word or with too many are refused by name") {
    const auto refused = [](const std::string& text) {
        try {
            run_to_end("mask.padding", {{"text", text}});
        } catch (const Error& error) {
            return error.parameter() + " " + error.message().en;
        }
        return std::string("accepted");
    };
    CHECK(refused("  \n").find("text The text must have 1 to 12 words") == 0);
    CHECK(refused("一二三四五六七八九十百千万").find("it has 13") != std::string::npos);
}
