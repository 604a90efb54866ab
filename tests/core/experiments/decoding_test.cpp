#include <algorithm>
#include <cmath>

#include "data/dates.h"
#include "decoding/generate.h"
#include "support/catch.h"
#include "support/runs.h"
#include "training/checkpoint.h"

using namespace glassformer;

namespace {

const char* const id = "decoding.incremental";

std::string text(const Values& values, const std::string& name) { return std::get<Text>(*values.find(name)).en; }

ErrorKind kind_with(Context context, Settings settings = {}) {
    const Experiment& experiment = find_experiment(id);
    try {
        Run run = start(experiment, complete_arguments(experiment, std::move(settings)), std::move(context));
        run.advance();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("decoding.incremental: every way of writing a date is translated, as the decoding layer does it") {
    const Transformer model(date_translation_config(), Rng(0));
    load_checkpoint(context_for(find_experiment(id)).assets.at("date-translation.safetensors"), "date-translation",
                    model.parameters());
    for (const Language language : {Language::zh, Language::en}) {
        for (const DateForm form : date_forms(language)) {
            const std::string source = write_date({1987, 9, 28}, form);
            INFO(source);
            const Values values = run_to_end(id, {{"source", source}, {"beams", std::int64_t{1}}});
            CHECK(text(values, "text") == "1987-09-28");
            CHECK(text(values, "beam_text") == text(values, "text"));
            CHECK(text(values, "expected") == "1987-09-28");
            CHECK(scalar(values, "correct") == 1.0);
            const std::vector<std::int32_t> ids = encode_date(source);
            TransformerStepper stepper(model, {.ids = IntTensor({1, static_cast<std::int64_t>(ids.size())}, ids)});
            const IntTensor own =
                generate(stepper, IntTensor({1, 1}, start_id), {.max_new_tokens = 14, .end = end_id}).ids;
            std::string said;
            for (std::int64_t i = 0; i + 1 < own.size(); ++i) said += date_characters().piece(own[i]);
            CHECK(said == "1987-09-28");
        }
    }
    CHECK(text(run_to_end(id, {{"source", std::string("2024")}}), "expected") == "not a date");
}

TEST_CASE("decoding.incremental: a cache saves look-ups and changes no logit") {
    for (const bool cache : {true, false}) {
        const Values values = run_to_end(id, {{"cache", cache}});
        const double T = scalar(values, "generated");
        CHECK(T == 11.0);
        CHECK(scalar(values, "lookups") == (cache ? T : T * (T + 1) / 2));
        CHECK(scalar(values, "difference") < 1e-4);
        const Tensor& attention = floats(values, "attention");
        REQUIRE(attention.shape() == Shape({11, 12}));
        for (std::int64_t i = 0; i < 11; ++i) {
            double sum = 0.0;
            for (const float a : attention.row(i)) sum += static_cast<double>(a);
            CHECK(std::abs(sum - 1.0) < 1e-5);
        }
        for (const char* wrong : {"always_zero", "off_by_one"}) {
            const Values mistaken = run_to_end(id, {{"cache", cache}, {"position_index", std::string(wrong)}});
            INFO(wrong);
            CHECK(scalar(mistaken, "difference") > 1e-2);
            CHECK(scalar(mistaken, "correct") == 0.0);
        }
    }
}

TEST_CASE("decoding.incremental: one frame a step, each holding what was written so far") {
    const Experiment& experiment = find_experiment(id);
    Run run = start(experiment, complete_arguments(experiment, {}), context_for(experiment));
    std::int64_t steps = 0;
    while (run.advance()) {
        ++steps;
        const Values values = run.frame().values();
        verify_frame(experiment, values);
        CHECK(std::get<Tokens>(*values.find("output")).strips[0].pieces.size() == static_cast<std::size_t>(steps));
        CHECK(std::get<Tokens>(*values.find("fed")).strips[0].pieces.size() == 1);
        CHECK(std::get<Table>(*values.find("steps")).rows.size() == static_cast<std::size_t>(steps));
        double sum = 0.0;
        for (const float p : floats(values, "next").elements()) sum += static_cast<double>(p);
        CHECK(std::abs(sum - 1.0) < 1e-5);
        if (run.last()) break;
    }
    CHECK(steps == 11);
}

TEST_CASE("decoding.incremental: checkpoints and sources that it refuses") {
    const Context good = context_for(find_experiment(id));
    const auto with = [&](auto change) {
        Context context = good;
        change(context.assets["date-translation.safetensors"]);
        return kind_with(context);
    };
    CHECK(kind_with(Context{}) == ErrorKind::unknown_name);
    CHECK(with([](auto& bytes) { bytes.resize(bytes.size() / 2); }) == ErrorKind::malformed);
    CHECK(with([](auto& bytes) { bytes.clear(); }) == ErrorKind::malformed);
    const Transformer other(running_sum_config(true), Rng(1));
    const std::vector<std::byte> others = checkpoint_bytes("running-sum", other.parameters());
    CHECK(with([&](auto& bytes) {
              const auto* begin = reinterpret_cast<const std::uint8_t*>(others.data());
              bytes.assign(begin, begin + others.size());
          }) == ErrorKind::constraint);
    CHECK(kind_with(good, {{"source", std::string()}}) == ErrorKind::out_of_range);
    CHECK(kind_with(good, {{"source", std::string("猫")}}) == ErrorKind::unknown_name);
}
