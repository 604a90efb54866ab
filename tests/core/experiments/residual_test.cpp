#include <cmath>

#include "experiments/experiment.h"
#include "nn/transformer_stack.h"
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
const DoubleTensor& doubles(const Values& values, const std::string& name) {
    return std::get<DoubleTensor>(std::get<TensorValue>(*values.find(name)).data);
}

}  // namespace

TEST_CASE("residual.rank_collapse: cosines are cosines and the plane holds the largest part of the difference") {
    const Values values = last_values("residual.rank_collapse", {{"layers", std::int64_t{3}}, {"residual", true}});
    const DoubleTensor& cosine = doubles(values, "cosine");
    const DoubleTensor& plane = doubles(values, "plane");
    const DoubleTensor& residual = doubles(values, "token_residual");
    for (std::int64_t layer = 0; layer <= 3; ++layer) {
        double squares = 0.0;
        for (std::int64_t i = 0; i < 16; ++i) {
            CHECK(std::abs(cosine.at({layer, i, i}) - 1.0) < 1e-12);
            for (std::int64_t j = 0; j < 16; ++j) CHECK(std::abs(cosine.at({layer, i, j})) < 1.0 + 1e-12);
            squares +=
                plane.at({layer, i, 0}) * plane.at({layer, i, 0}) + plane.at({layer, i, 1}) * plane.at({layer, i, 1});
        }
        // ||X - mean||^2 = residual^2 ||X||^2, and ||X|| = rms sqrt(n d): two directions cannot hold more than all.
        const double all = residual[layer] * residual[layer] * 16.0 * 64.0;
        CHECK(squares <= all * (1.0 + 1e-9));
        CHECK(squares >= all * 2.0 / 15.0 * (1.0 - 1e-9));
    }
}

TEST_CASE("residual.gradient_flow starts every layout from the same gradient and from the same tokens") {
    const Values values = last_values("residual.gradient_flow", {{"layers", std::int64_t{4}}});
    const DoubleTensor& hidden = doubles(values, "grad_hidden");
    const DoubleTensor& rms = doubles(values, "stream_rms");
    for (std::int64_t row = 1; row < 4; ++row) {
        CHECK(hidden(row, 4) == hidden(0, 4));
        CHECK(rms(row, 0) == rms(0, 0));
    }
}
