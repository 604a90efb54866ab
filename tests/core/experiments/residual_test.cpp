#include <cmath>

#include "nn/transformer_stack.h"
#include "support/catch.h"
#include "support/runs.h"

using namespace glassformer;

TEST_CASE("residual.rank_collapse: cosines are cosines and the plane holds the largest part of the difference") {
    const Values values = run_to_end("residual.rank_collapse", {{"layers", std::int64_t{3}}, {"residual", true}});
    const DoubleTensor& cosine = numbers(values, "cosine");
    const DoubleTensor& plane = numbers(values, "plane");
    const DoubleTensor& residual = numbers(values, "token_residual");
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
    const Values values = run_to_end("residual.gradient_flow", {{"layers", std::int64_t{4}}});
    const DoubleTensor& hidden = numbers(values, "grad_hidden");
    const DoubleTensor& rms = numbers(values, "stream_rms");
    for (std::int64_t row = 1; row < 4; ++row) {
        CHECK(hidden(row, 4) == hidden(0, 4));
        CHECK(rms(row, 0) == rms(0, 0));
    }
}
