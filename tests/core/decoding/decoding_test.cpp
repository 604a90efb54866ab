#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "decoding/beam.h"
#include "decoding/generate.h"
#include "nn/mask.h"
#include "support/catch.h"
#include "support/random.h"
#include "tensor/kernels.h"

using namespace glassformer;

namespace {

Gpt small_gpt(std::uint64_t seed = 3) {
    return Gpt(gpt_config({.vocabulary = 9, .max_length = 14, .n_layers = 2, .d_model = 16, .n_heads = 2}), Rng(seed));
}

Transformer small_transformer() {
    const ModelSize size{.vocabulary = 9, .max_length = 14, .n_layers = 2, .d_model = 16, .n_heads = 2};
    return Transformer(transformer_live_config(size, size), Rng(5));
}

using test::random_ids;

bool same(const IntTensor& a, const IntTensor& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.elements(), b.elements());
}

/// The largest difference between the logits of each step.
double largest_difference(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
    REQUIRE(a.size() == b.size());
    double largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, max_abs_difference(a[i], b[i]));
    return largest;
}

ErrorKind kind_of(const std::function<void()>& what) {
    try {
        what();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("with a cache a step looks up one embedding, without one all again; the logits are the same") {
    const Gpt gpt = small_gpt();
    const Transformer transformer = small_transformer();
    const SequenceInput source{.ids = random_ids({2, 6}, 9, 1), .mask = lengths_mask({6, 4}, 6)};
    const GenerationConfig config{.max_new_tokens = 7, .keep_logits = true};
    for (const bool decoder_only : {true, false}) {
        std::vector<Generation> made;
        std::vector<std::int64_t> lookups;
        for (const bool cache : {true, false}) {
            std::unique_ptr<Stepper> stepper;
            if (decoder_only) stepper = std::make_unique<GptStepper>(gpt, StepperOptions{.cache = cache});
            if (!decoder_only) {
                stepper = std::make_unique<TransformerStepper>(transformer, source, StepperOptions{.cache = cache});
            }
            made.push_back(generate(*stepper, IntTensor({2, 1}, 1), config));
            lookups.push_back(stepper->lookups());
            CHECK(stepper->length() == 7);
        }
        CHECK(same(made[0].ids, made[1].ids));
        CHECK(largest_difference(made[0].logits, made[1].logits) < 1e-5);
        CHECK(lookups[0] == 2 * 7);
        CHECK(lookups[1] == 2 * 7 * 8 / 2);
    }
}

TEST_CASE("a prompt may be read at once or token by token, and gives what training gives") {
    const Gpt gpt = small_gpt();
    const IntTensor ids = random_ids({3, 8}, 9, 2);
    const Tensor at_once = gpt.forward({.ids = ids}).value();
    GptStepper whole(gpt);
    CHECK(max_abs_difference(whole.advance(ids), at_once) < 1e-5);
    GptStepper pieces(gpt);
    for (const auto& [begin, end] : {std::pair{0, 1}, {1, 5}, {5, 8}}) {
        CHECK(max_abs_difference(pieces.advance(slice(ids, 1, begin, end)), slice(at_once, 1, begin, end)) < 1e-5);
    }
    CHECK(pieces.cache()->length == 8);
    CHECK(same(pieces.fed(), ids));
}

TEST_CASE("a wrong position with a cache changes the logits of all but the prompt") {
    using Index = StepperOptions::PositionIndex;
    const Gpt gpt = small_gpt();
    const IntTensor ids = random_ids({1, 6}, 9, 4);
    const Tensor right = gpt.forward({.ids = ids}).value();
    for (const Index index : {Index::always_zero, Index::off_by_one}) {
        for (const bool cache : {true, false}) {
            GptStepper stepper(gpt, {.cache = cache, .position_index = index});
            CHECK(max_abs_difference(stepper.advance(slice(ids, 1, 0, 2)), slice(right, 1, 0, 2)) < 1e-5);
            CHECK(max_abs_difference(stepper.advance(slice(ids, 1, 2, 3)), slice(right, 1, 2, 3)) > 1e-2);
        }
    }
}

TEST_CASE("rows that split and die: a reordered stepper goes on as the rows it took over") {
    const Transformer transformer = small_transformer();
    const SequenceInput source{.ids = random_ids({3, 6}, 9, 1), .mask = lengths_mask({6, 4, 2}, 6)};
    const IntTensor target = random_ids({3, 5}, 9, 6);
    const Tensor right = transformer.forward(source, {.ids = target}).value();
    for (const bool cache : {true, false}) {
        TransformerStepper stepper(transformer, source, {.cache = cache});
        stepper.advance(slice(target, 1, 0, 3));
        stepper.reorder({2, 0, 0, 2});
        const IntTensor rows({4}, {2, 0, 0, 2});
        const Tensor logits = stepper.advance(index_select(slice(target, 1, 3, 5), 0, rows));
        CHECK(max_abs_difference(logits, index_select(slice(right, 1, 3, 5), 0, rows)) < 1e-5);
        CHECK(kind_of([&] { stepper.reorder({4}); }) == ErrorKind::out_of_range);
        CHECK(kind_of([&] { stepper.reorder({}); }) == ErrorKind::out_of_range);
    }
}

TEST_CASE("a script is followed, the model's own choice told, and what comes before a forced token stays") {
    const Gpt gpt = small_gpt();
    const IntTensor prompt = random_ids({2, 2}, 9, 7);
    GenerationConfig config{.max_new_tokens = 6};
    GptStepper free(gpt);
    const Generation own = generate(free, prompt, config);
    CHECK(same(own.ids, own.own));
    config.script = [&](std::int64_t row, std::int64_t step, std::int32_t choice) -> std::optional<std::int32_t> {
        if (row == 0 && step == 3) return (choice + 1) % 9;
        return std::nullopt;
    };
    GptStepper forced(gpt);
    const Generation changed = generate(forced, prompt, config);
    for (std::int64_t i = 0; i < 6; ++i) {
        CHECK(changed.ids(1, i) == own.ids(1, i));
        if (i < 3) CHECK(changed.ids(0, i) == own.ids(0, i));
        if (i <= 3) CHECK(changed.own(0, i) == own.own(0, i));
    }
    CHECK(changed.ids(0, 3) == (own.ids(0, 3) + 1) % 9);
    CHECK(changed.log_probability[0] < own.log_probability[0] + 1e-9);
    config.script = [](std::int64_t, std::int64_t, std::int32_t) { return std::optional<std::int32_t>(9); };
    GptStepper outside(gpt);
    CHECK(kind_of([&] { generate(outside, prompt, config); }) == ErrorKind::out_of_range);
}

TEST_CASE("the log-probability of a text is the sum of its steps', read at once or generated") {
    const Gpt gpt = small_gpt();
    const IntTensor prompt = random_ids({2, 3}, 9, 8);
    GptStepper stepper(gpt);
    const Generation made = generate(stepper, prompt, {.max_new_tokens = 5, .sampling = {.temperature = 1.0}}, Rng(4));
    GptStepper again(gpt);
    const Tensor each = continuation_log_probability(again, prompt, made.ids);
    for (std::int64_t r = 0; r < 2; ++r) {
        double total = 0.0;
        for (std::int64_t i = 0; i < 5; ++i) total += static_cast<double>(each(r, i));
        CHECK(std::abs(total - made.log_probability[static_cast<std::size_t>(r)]) < 1e-4);
    }
}

TEST_CASE("sampling: seeded, a row's text its own, as frequent as the distribution says") {
    const Gpt gpt = small_gpt();
    const IntTensor prompts = random_ids({3, 2}, 9, 9);
    const GenerationConfig config{.max_new_tokens = 8, .sampling = {.temperature = 1.5}};
    const auto made = [&](const IntTensor& of, std::uint64_t seed) {
        GptStepper stepper(gpt);
        return generate(stepper, of, config, Rng(seed)).ids;
    };
    const IntTensor ids = made(prompts, 1);
    CHECK(same(ids, made(prompts, 1)));
    CHECK_FALSE(same(ids, made(prompts, 2)));
    CHECK(same(slice(ids, 0, 0, 1), made(slice(prompts, 0, 0, 1), 1)));

    const std::vector<float> logits{1.0F, 0.0F, -1.0F, 2.0F, -INFINITY};
    const std::vector<double> p = next_distribution(logits, {.top_k = 3});
    CHECK(p[2] == 0.0);
    CHECK(p[4] == 0.0);
    CHECK(std::abs(std::accumulate(p.begin(), p.end(), 0.0) - 1.0) < 1e-12);
    std::vector<int> seen(5, 0);
    Rng rng(1);
    for (int i = 0; i < 20000; ++i) ++seen[static_cast<std::size_t>(draw_from(p, rng))];
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(std::abs(seen[i] / 20000.0 - p[i]) <= 4.0 * std::sqrt(p[i] * (1.0 - p[i]) / 20000.0));
    }
    CHECK(next_distribution(logits, {.temperature = 0.0})[3] == 1.0);
    CHECK(next_distribution(logits, {.top_p = 1e-9})[3] == 1.0);
    CHECK(next_distribution(std::vector<float>{2.0F, 2.0F, 2.0F}, {.top_k = 1})[0] == 1.0);
}

TEST_CASE("a beam as wide as needed finds the best sentence of all") {
    // Three new tokens of nine words: 729 sentences, each looked at.
    const Gpt gpt = small_gpt(11);
    const IntTensor prompt({2}, {1, 4});
    IntTensor prompts({729, 2});
    IntTensor sentences({729, 3});
    for (std::int32_t s = 0; s < 729; ++s) {
        prompts(s, 0) = 1;
        prompts(s, 1) = 4;
        sentences(s, 0) = s / 81;
        sentences(s, 1) = s / 9 % 9;
        sentences(s, 2) = s % 9;
    }
    GptStepper all(gpt);
    const Tensor each = continuation_log_probability(all, prompts, sentences);
    std::vector<std::pair<double, std::int32_t>> ranked;
    for (std::int32_t s = 0; s < 729; ++s) {
        ranked.emplace_back(
            -(static_cast<double>(each(s, 0)) + static_cast<double>(each(s, 1)) + static_cast<double>(each(s, 2))), s);
    }
    std::sort(ranked.begin(), ranked.end());
    GptStepper stepper(gpt);
    // Eight of nine: all first words but one, which the best three sentences do not begin with.
    const BeamResult found = beam_search(stepper, prompt, {.beams = 8, .max_new_tokens = 3, .keep_steps = true});
    for (std::size_t i = 0; i < 3; ++i) {
        const std::int32_t s = ranked[i].second;
        CHECK(found.hypotheses[i].ids == std::vector<std::int32_t>{s / 81, s / 9 % 9, s % 9});
        CHECK(std::abs(found.hypotheses[i].log_probability + ranked[i].first) < 1e-5);
        CHECK(std::abs(found.hypotheses[i].score + ranked[i].first / 3.0) < 1e-5);
    }
    REQUIRE(found.steps.size() == 3);
    CHECK(found.steps[0].open.size() == 8);
    CHECK(found.steps[1].parents.size() == 8);
    GptStepper narrow(gpt);
    const BeamResult one = beam_search(narrow, prompt, {.beams = 1, .max_new_tokens = 3});
    GptStepper again(gpt);
    const IntTensor greedy = generate(again, prompt.reshaped({1, 2}), {.max_new_tokens = 3}).ids;
    CHECK(one.hypotheses[0].ids == std::vector<std::int32_t>(greedy.elements().begin(), greedy.elements().end()));
}

TEST_CASE("length penalties are their formulas") {
    CHECK(length_penalty(7, LengthPenalty::power, 0.0) == 1.0);
    CHECK(length_penalty(7, LengthPenalty::power, 1.0) == 7.0);
    CHECK(std::abs(length_penalty(4, LengthPenalty::power, 0.5) - 2.0) < 1e-12);
    CHECK(length_penalty(7, LengthPenalty::gnmt, 1.0) == 2.0);
    CHECK(length_penalty(1, LengthPenalty::gnmt, 0.6) == 1.0);
}

TEST_CASE("decoding refuses what it cannot do, by name") {
    const Gpt gpt = small_gpt();
    GptStepper stepper(gpt);
    CHECK(kind_of([&] { stepper.advance(IntTensor({3})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { stepper.advance(IntTensor({0, 2})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { stepper.advance(IntTensor({1, 15})); }) == ErrorKind::out_of_range);
    stepper.advance(IntTensor({2, 13}));
    CHECK(kind_of([&] { stepper.advance(IntTensor({1, 1})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { generate(stepper, IntTensor({2, 1}), {.max_new_tokens = 3}); }) == ErrorKind::out_of_range);
    GptStepper fresh(gpt);
    CHECK(kind_of([&] { generate(fresh, IntTensor({2, 1}), {.max_new_tokens = 0}); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { beam_search(fresh, IntTensor({2}), {.beams = 0}); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { beam_search(fresh, IntTensor({2}), {.beams = 9}); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { beam_search(fresh, IntTensor({1, 2}), {}); }) == ErrorKind::shape);
    CHECK(kind_of([&] { beam_search(stepper, IntTensor({2}), {}); }) == ErrorKind::shape);
    CHECK(kind_of([&] { continuation_log_probability(fresh, IntTensor({2, 1}), IntTensor({1, 1})); }) ==
          ErrorKind::shape);
    const std::vector<float> nan{0.0F, NAN};
    const std::vector<float> nothing{-INFINITY, -INFINITY};
    const std::vector<float> fine{0.0F, 1.0F};
    CHECK(kind_of([&] { next_distribution(nan, {}); }) == ErrorKind::non_finite);
    CHECK(kind_of([&] { next_distribution(nothing, {}); }) == ErrorKind::non_finite);
    CHECK(kind_of([&] { next_distribution(fine, {.temperature = -1.0}); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { next_distribution(fine, {.top_k = -1}); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { next_distribution(fine, {.top_p = 0.0}); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { next_distribution(fine, {.top_p = NAN}); }) == ErrorKind::out_of_range);
}
