#include "experiments/registry.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

double scalar(std::map<std::string, ParameterValue> given, const std::string& name, std::uint64_t seed = 1) {
    const Experiment& experiment = find_experiment("vision.patch_embedding");
    Context context;
    context.seed = seed;
    Run run = start(experiment, complete_arguments(experiment, std::move(given)), std::move(context));
    run.advance();
    const Values values = run.frame().values();
    return std::get<Scalar>(*values.find(name)).value;
}

}  // namespace

TEST_CASE("a patch projection is a convolution, cutting loses nothing, and without positions order is not seen") {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        for (const std::int64_t patch : {2, 4, 8}) {
            CAPTURE(seed, patch);
            std::map<std::string, ParameterValue> given{{"patch", patch}, {"shuffle", std::string("patches")}};
            CHECK(scalar(given, "convolution_gap", seed) < 1e-5);
            CHECK(scalar(given, "round_trip_gap", seed) == 0.0);
            CHECK(scalar(given, "patch_count", seed) == static_cast<double>((16 / patch) * (16 / patch)));
            CHECK(scalar(given, "pooled_change", seed) > 1e-3);
            given["positions"] = false;
            CHECK(scalar(given, "pooled_change", seed) < 1e-5);
            given = {{"patch", patch}, {"shuffle", std::string("both")}};
            CHECK(scalar(given, "pooled_change", seed) < 1e-5);
        }
    }
}
