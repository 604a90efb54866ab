#include "training/optimizer.h"

#include <cmath>
#include <utility>

#include "base/error.h"

namespace glassformer {

Optimizer::Optimizer(NamedParameters parameters, std::vector<std::string> moments)
    : parameters_(std::move(parameters)),
      moment_names_(std::move(moments)),
      moments_(moment_names_.size()),
      own_updates_(parameters_.size(), 0) {
    for (std::vector<Tensor>& moment : moments_) {
        for (const auto& [name, variable] : parameters_) moment.emplace_back(variable.shape());
    }
}

void Optimizer::update(float learning_rate) {
    if (!(learning_rate >= 0.0F) || std::isinf(learning_rate)) {
        const std::string given = std::to_string(learning_rate);
        throw Error(ErrorKind::out_of_range,
                    {"学习率须是不小于 0 的有限数，给的是 " + given + "。",
                     "A learning rate must be finite and at least 0; given: " + given + "."},
                    "learning_rate");
    }
    ++updates_;
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
        Variable& variable = parameters_[p].second;
        if (!variable.has_gradient()) continue;
        ++own_updates_[p];
        update_parameter(p, variable.mutable_value(), variable.node()->gradient, learning_rate);
        variable.clear_gradient();
    }
}

void Optimizer::clear_gradients() {
    for (auto& [name, variable] : parameters_) variable.clear_gradient();
}

std::vector<std::pair<std::string, Tensor>> Optimizer::state() const {
    std::vector<std::pair<std::string, Tensor>> all;
    Tensor own({static_cast<std::int64_t>(own_updates_.size())});
    for (std::size_t p = 0; p < own_updates_.size(); ++p) {
        own[static_cast<std::int64_t>(p)] = static_cast<float>(own_updates_[p]);
    }
    all.emplace_back("own_updates", std::move(own));
    for (std::size_t m = 0; m < moments_.size(); ++m) {
        for (std::size_t p = 0; p < parameters_.size(); ++p) {
            all.emplace_back(moment_names_[m] + "." + parameters_[p].first, moments_[m][p]);
        }
    }
    return all;
}

void Optimizer::restore(const std::vector<std::pair<std::string, Tensor>>& state, std::int64_t updates) {
    const std::vector<std::pair<std::string, Tensor>> mine = this->state();
    bool fits = state.size() == mine.size() && updates >= 0;
    for (std::size_t i = 0; fits && i < mine.size(); ++i) {
        fits = state[i].first == mine[i].first && state[i].second.shape() == mine[i].second.shape();
        if (fits) continue;
        const std::string given = state[i].first + " " + state[i].second.shape().to_string();
        const std::string wanted = mine[i].first + " " + mine[i].second.shape().to_string();
        throw Error(
            ErrorKind::constraint,
            {"优化器状态不属于这个模型：应是 " + wanted + "，却是 " + given + "。",
             "The optimizer's state is not of this model: " + wanted + " is needed and " + given + " is there."},
            mine[i].first);
    }
    for (std::int64_t p = 0; fits && p < state[0].second.size(); ++p) {
        const float own = state[0].second[p];
        fits = own >= 0.0F && own <= static_cast<float>(updates);
    }
    if (!fits) {
        throw Error(ErrorKind::constraint,
                    {"优化器状态不属于这个模型：有 " + std::to_string(state.size()) + " 项，应有 " +
                         std::to_string(mine.size()) + " 项，更新次数须相符。",
                     "The optimizer's state is not of this model: it has " + std::to_string(state.size()) +
                         " entries of " + std::to_string(mine.size()) + ", and its updates must agree."});
    }
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
        own_updates_[p] = static_cast<std::int64_t>(state[0].second[static_cast<std::int64_t>(p)]);
        for (std::size_t m = 0; m < moments_.size(); ++m) moments_[m][p] = state[1 + m * parameters_.size() + p].second;
    }
    updates_ = updates;
}

Sgd::Sgd(NamedParameters parameters, float momentum)
    : Optimizer(std::move(parameters), {"velocity"}), momentum_(momentum) {}

void Sgd::update_parameter(std::size_t index, Tensor& value, const Tensor& gradient, float learning_rate) {
    Tensor& velocity = moment(0)[index];
    for (std::int64_t i = 0; i < value.size(); ++i) {
        velocity[i] = momentum_ * velocity[i] + gradient[i];
        value[i] -= learning_rate * velocity[i];
    }
}

Adam::Adam(NamedParameters parameters, AdamOptions options)
    : Optimizer(std::move(parameters), {"first", "second"}), options_(options) {}

void Adam::update_parameter(std::size_t index, Tensor& value, const Tensor& gradient, float learning_rate) {
    const auto [beta1, beta2, epsilon, weight_decay] = options_;
    const auto correct1 = static_cast<float>(1.0 / (1.0 - power1_.at(own_updates(index), beta1)));
    const auto correct2 = static_cast<float>(1.0 / (1.0 - power2_.at(own_updates(index), beta2)));
    Tensor& first = moment(0)[index];
    Tensor& second = moment(1)[index];
    for (std::int64_t i = 0; i < value.size(); ++i) {
        float& m = first[i];
        float& v = second[i];
        m = beta1 * m + (1.0F - beta1) * gradient[i];
        v = beta2 * v + (1.0F - beta2) * gradient[i] * gradient[i];
        value[i] -= learning_rate * weight_decay * value[i];
        value[i] -= learning_rate * (m * correct1) / (std::sqrt(v * correct2) + epsilon);
    }
}

double Adam::Power::at(std::int64_t exponent, float base) {
    // By multiplication: std::pow differs between C libraries. Nearly always one step from the last, or the same.
    if (exponent < exponent_) *this = Power();
    for (; exponent_ < exponent; ++exponent_) value_ *= static_cast<double>(base);
    return value_;
}

double clip_gradient_norm(const NamedParameters& parameters, double maximum) {
    if (!(maximum > 0.0)) {
        throw Error(ErrorKind::out_of_range, {"梯度范数的上限须大于 0。", "The largest gradient norm must be above 0."},
                    "maximum");
    }
    double squares = 0.0;
    for (const auto& [name, variable] : parameters) {
        if (!variable.has_gradient()) continue;
        double own = 0.0;
        for (const float g : variable.node()->gradient.elements())
            own += static_cast<double>(g) * static_cast<double>(g);
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
