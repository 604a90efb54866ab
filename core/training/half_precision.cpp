#include "training/half_precision.h"

#include <cmath>
#include <utility>

#include "base/error.h"
#include "io/half.h"

namespace glassformer {
namespace {

float rounded_to(float value, HalfFormat format) {
    return format == HalfFormat::binary16 ? round_to_half(value) : round_to_bfloat(value);
}

Tensor rounded_to(Tensor tensor, HalfFormat format) {
    for (float& each : tensor.elements()) each = rounded_to(each, format);
    return tensor;
}

}  // namespace

HalfPrecision::HalfPrecision(NamedParameters parameters, const HalfPrecisionConfig& config)
    : parameters_(std::move(parameters)), config_(config), scale_(config.loss_scale) {
    if (!(config.loss_scale > 0.0) || !std::isfinite(config.loss_scale) || config.patience < 1) {
        throw Error(ErrorKind::out_of_range,
                    {"loss_scale 须大于 0 且有限，patience 至少为 1。",
                     "loss_scale must be above 0 and finite, patience at least 1."},
                    config.patience < 1 ? "patience" : "loss_scale");
    }
    if (!config_.master_weights) end();
}

float HalfPrecision::rounded(float value) const { return rounded_to(value, config_.format); }

void HalfPrecision::begin() {
    if (!config_.master_weights) return;
    masters_.clear();
    for (auto& [name, variable] : parameters_) {
        masters_.push_back(variable.value());
        for (float& each : variable.mutable_value().elements()) each = rounded(each);
    }
}

bool HalfPrecision::finish() {
    for (std::size_t p = 0; p < masters_.size(); ++p) parameters_[p].second.mutable_value() = masters_[p];
    masters_.clear();
    std::int64_t lost = 0;
    std::int64_t elements = 0;
    bool finite = true;
    const auto back = static_cast<float>(1.0 / scale_);
    for (auto& [name, variable] : parameters_) {
        if (!variable.has_gradient()) continue;
        for (float& g : variable.node()->gradient.elements()) {
            const float half = rounded(g);
            lost += g != 0.0F && half == 0.0F ? 1 : 0;
            finite = finite && std::isfinite(half);
            g = half * back;
            ++elements;
        }
    }
    vanished_ = elements == 0 ? 0.0 : static_cast<double>(lost) / static_cast<double>(elements);
    if (finite) {
        if (config_.dynamic && ++good_ % config_.patience == 0) scale_ *= 2.0;
        return true;
    }
    for (auto& [name, variable] : parameters_) variable.clear_gradient();
    ++skipped_;
    good_ = 0;
    if (config_.dynamic) scale_ *= 0.5;
    return false;
}

void HalfPrecision::end() {
    if (config_.master_weights) return;
    for (auto& [name, variable] : parameters_) {
        for (float& each : variable.mutable_value().elements()) each = rounded(each);
    }
}

Variable half_activation(const Variable& x, HalfFormat format) {
    return Variable(rounded_to(x.value(), format), {x},
                    [format](Variable::Node& node) { node.parents[0]->accumulate(rounded_to(node.gradient, format)); });
}

}  // namespace glassformer
