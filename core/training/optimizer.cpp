#include "training/optimizer.h"

#include <cmath>
#include <utility>

#include "base/error.h"

namespace glassformer {
namespace {

std::vector<Tensor> zeros_like(const NamedParameters& parameters) {
    std::vector<Tensor> zeros;
    for (const auto& [name, variable] : parameters) zeros.emplace_back(variable.shape());
    return zeros;
}

}  // namespace

Sgd::Sgd(NamedParameters parameters, float momentum)
    : parameters_(std::move(parameters)), momentum_(momentum), velocity_(zeros_like(parameters_)) {}

void Sgd::update(float learning_rate) {
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
        Variable& variable = parameters_[p].second;
        const Tensor gradient = variable.gradient();
        Tensor& value = variable.mutable_value();
        Tensor& velocity = velocity_[p];
        for (std::int64_t i = 0; i < value.size(); ++i) {
            velocity[i] = momentum_ * velocity[i] + gradient[i];
            value[i] -= learning_rate * velocity[i];
        }
        variable.clear_gradient();
    }
}

Adam::Adam(NamedParameters parameters, AdamOptions options)
    : parameters_(std::move(parameters)),
      options_(options),
      first_(zeros_like(parameters_)),
      second_(zeros_like(parameters_)) {}

void Adam::update(float learning_rate) {
    const auto [beta1, beta2, epsilon, weight_decay] = options_;
    // Powers by multiplication: std::pow differs between C libraries.
    beta1_power_ *= static_cast<double>(beta1);
    beta2_power_ *= static_cast<double>(beta2);
    const auto correct1 = static_cast<float>(1.0 / (1.0 - beta1_power_));
    const auto correct2 = static_cast<float>(1.0 / (1.0 - beta2_power_));
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
        Variable& variable = parameters_[p].second;
        const Tensor gradient = variable.gradient();
        Tensor& value = variable.mutable_value();
        for (std::int64_t i = 0; i < value.size(); ++i) {
            float& m = first_[p][i];
            float& v = second_[p][i];
            m = beta1 * m + (1.0F - beta1) * gradient[i];
            v = beta2 * v + (1.0F - beta2) * gradient[i] * gradient[i];
            value[i] -= learning_rate * weight_decay * value[i];
            value[i] -= learning_rate * (m * correct1) / (std::sqrt(v * correct2) + epsilon);
        }
        variable.clear_gradient();
    }
}

double clip_gradient_norm(const NamedParameters& parameters, double maximum) {
    double squares = 0.0;
    for (const auto& [name, variable] : parameters) {
        double own = 0.0;
        const Tensor gradient = variable.gradient();
        for (const float g : gradient.elements()) own += static_cast<double>(g) * static_cast<double>(g);
        if (!std::isfinite(own)) {
            throw Error(
                ErrorKind::non_finite,
                {"参数 " + name + " 的梯度里有 NaN 或无穷。", "The gradient of " + name + " holds NaN or infinity."},
                name);
        }
        squares += own;
    }
    const double norm = std::sqrt(squares);
    if (norm > maximum) {
        const auto factor = static_cast<float>(maximum / norm);
        for (const auto& [name, variable] : parameters) {
            if (!variable.node()->has_gradient) continue;
            for (float& g : variable.node()->gradient.elements()) g *= factor;
        }
    }
    return norm;
}

}  // namespace glassformer
