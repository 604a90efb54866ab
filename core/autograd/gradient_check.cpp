#include "autograd/gradient_check.h"

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "base/rng.h"

namespace glassformer {

double gradient_check(const std::function<DoubleVariable(const std::vector<DoubleVariable>&)>& function,
                      const std::vector<DoubleTensor>& inputs, double step) {
    const auto variables = [](const std::vector<DoubleTensor>& tensors) {
        std::vector<DoubleVariable> result;
        for (const DoubleTensor& tensor : tensors) result.emplace_back(tensor, true);
        return result;
    };
    const std::vector<DoubleVariable> leaves = variables(inputs);
    const DoubleVariable result = function(leaves);
    Rng rng(20240601);
    DoubleTensor weights(result.shape());
    for (double& weight : weights.elements()) weight = static_cast<double>(rng.normal());
    result.backward(weights);

    const auto weighted_result = [&](const std::vector<DoubleTensor>& at) {
        return sum(multiply(function(variables(at)).value(), weights));
    };
    double worst = 0.0;
    std::vector<DoubleTensor> moved = inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const DoubleTensor analytic = leaves[i].gradient();
        for (std::int64_t e = 0; e < inputs[i].size(); ++e) {
            const double x = inputs[i][e];
            moved[i][e] = x + step;
            const double above = weighted_result(moved);
            moved[i][e] = x - step;
            const double below = weighted_result(moved);
            moved[i][e] = x;
            const double numeric = (above - below) / (2.0 * step);
            const double size = std::max({1.0, std::abs(numeric), std::abs(analytic[e])});
            const double error = std::abs(numeric - analytic[e]) / size;
            if (error > worst || error != error) worst = error;
        }
    }
    return worst;
}

}  // namespace glassformer
