#include "support/golden.h"
#include "base/error.h"
#include "decoding/beam.h"
#include "decoding/generate.h"
#include "models/hugging_face.h"
#include "support/source_dir.h"

using namespace glassformer;
using test::GoldenCase;

namespace {

constexpr std::int32_t end = 24;
constexpr std::int32_t padding = 2;

Safetensors reference() { return Safetensors::from_file(source_dir() + "/tests/golden/decoding.safetensors"); }

const Gpt& lively() {
    static const Gpt gpt =
        gpt2_from_hugging_face(Safetensors::from_file(source_dir() + "/tests/golden/gpt2_lively.safetensors"), 3);
    return gpt;
}

/// Generated ids and expected ones, which may have more padding columns.
void check_same(const IntTensor& ids, const IntTensor& expected) {
    REQUIRE(ids.extent(0) == expected.extent(0));
    for (std::int64_t r = 0; r < expected.extent(0); ++r) {
        for (std::int64_t i = 0; i < expected.extent(1); ++i) {
            INFO("row " << r << ", step " << i);
            CHECK((i < ids.extent(1) ? ids(r, i) : padding) == expected(r, i));
        }
    }
}

}  // namespace

TEST_CASE("transformers: greedy generation, cached or not, prompts padded left too") {
    const Safetensors file = reference();
    const GenerationConfig config{.max_new_tokens = 9, .end = end, .padding = padding};
    for (const bool cache : {true, false}) {
        GptStepper stepper(lively(), {.cache = cache});
        check_same(generate(stepper, file.integers("prompts"), config).ids, file.integers("greedy"));
        const IntTensor keep = file.integers("left_keep");
        GptStepper padded(lively(), {.cache = cache},
                          BoolTensor(keep.shape(), {keep.elements().begin(), keep.elements().end()}));
        check_same(generate(padded, file.integers("left"), config).ids, file.integers("left_greedy"));
    }
}

TEST_CASE("transformers: beam search, its sentences and scores, for every penalty and stop") {
    const Safetensors file = reference();
    const IntTensor prompts = file.integers("prompts");
    using Stop = BeamConfig::Stop;
    struct Setting {
        const char* name;
        std::int64_t beams;
        double alpha;
        Stop stop;
    };
    std::int64_t ended = 0;
    std::int64_t cut = 0;
    for (const Setting& setting :
         {Setting{"beam_2_0.0_False", 2, 0.0, Stop::heuristic}, Setting{"beam_3_1.0_False", 3, 1.0, Stop::heuristic},
          Setting{"beam_4_0.6_False", 4, 0.6, Stop::heuristic}, Setting{"beam_3_1.0_True", 3, 1.0, Stop::early},
          Setting{"beam_3_1.0_never", 3, 1.0, Stop::never}, Setting{"beam_5_2.0_never", 5, 2.0, Stop::never},
          Setting{"beam_4_-0.5_False", 4, -0.5, Stop::heuristic}}) {
        const IntTensor ids = file.integers(std::string(setting.name) + "/ids");  // [prompts, beams, 9]
        const Tensor scores = file.floats(std::string(setting.name) + "/scores");
        for (const bool cache : {true, false}) {
            for (std::int64_t p = 0; p < prompts.extent(0); ++p) {
                GptStepper stepper(lively(), {.cache = cache});
                const BeamResult found = beam_search(stepper, slice(prompts, 0, p, p + 1).reshaped({3}),
                                                     {.beams = setting.beams,
                                                      .max_new_tokens = 9,
                                                      .end = end,
                                                      .alpha = setting.alpha,
                                                      .stop = setting.stop});
                REQUIRE(static_cast<std::int64_t>(found.hypotheses.size()) == setting.beams);
                for (std::int64_t b = 0; b < setting.beams; ++b) {
                    const Hypothesis& one = found.hypotheses[static_cast<std::size_t>(b)];
                    INFO(setting.name << ", prompt " << p << ", hypothesis " << b);
                    CHECK(std::abs(one.score - static_cast<double>(scores(p, b))) < 1e-4);
                    for (std::int64_t i = 0; i < 9; ++i) {
                        const auto at = static_cast<std::size_t>(i);
                        CHECK((at < one.ids.size() ? one.ids[at] : padding) == ids.at({p, b, i}));
                    }
                    ++(one.ended ? ended : cut);
                }
            }
        }
    }
    CHECK(ended > 100);
    CHECK(cut > 100);
}

TEST_CASE("transformers: temperature, top-k, top-p, and all of them") {
    const Safetensors file = reference();
    const Tensor logits = file.floats("logits");
    for (const auto& [name, config] : {std::pair{"temperature", SamplingConfig{.temperature = 0.7}},
                                       {"top_k", SamplingConfig{.top_k = 5}},
                                       {"top_p", SamplingConfig{.top_p = 0.8}},
                                       {"all", SamplingConfig{.temperature = 1.4, .top_k = 12, .top_p = 0.9}}}) {
        const Tensor expected = file.floats(std::string("distribution/") + name);
        for (std::int64_t r = 0; r < logits.extent(0); ++r) {
            const std::vector<double> p = next_distribution(logits.row(r), config);
            for (std::int64_t i = 0; i < logits.extent(1); ++i) {
                INFO(name << ", row " << r << ", token " << i);
                CHECK(std::abs(p[static_cast<std::size_t>(i)] - static_cast<double>(expected(r, i))) < 1e-6);
            }
        }
    }
}
