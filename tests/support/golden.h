#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "io/safetensors.h"
#include "nn/module.h"
#include "support/catch.h"
#include "support/source_dir.h"

/// Reference values from PyTorch, written by tests/golden/make_*.py (golden.py there says how tensors are named).
namespace glassformer::test {

/// max |a - b| as a share of max |b|, for tensors of one shape.
inline double relative_difference(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return max_abs_difference(a, b) / std::max(max_abs(b), 1e-6);
}

class GoldenCase {
  public:
    GoldenCase(const char* file, std::string name)
        : file_(Safetensors::from_file(source_dir() + "/tests/golden/" + file)), name_(std::move(name)) {}

    Tensor floats(const std::string& name) const { return file_.floats(name_ + "/" + name); }
    IntTensor integers(const std::string& name) const { return file_.integers(name_ + "/" + name); }
    BoolTensor bools(const std::string& name) const {
        const IntTensor values = integers(name);
        return BoolTensor(values.shape(), {values.elements().begin(), values.elements().end()});
    }
    /// An input that needs a gradient.
    Variable leaf(const std::string& name) const { return Variable(floats("input/" + name), true); }

    /// Gives a layer the case's parameters; every one of the layer's must be there.
    void load(const NamedParameters& parameters) const {
        for (const auto& [name, parameter] : parameters) set_parameter(parameters, name, floats("parameter/" + name));
    }

    /// The forward values to 1e-5 of their size; then the gradients that sum(output * weight) sends back, likewise.
    void check(const std::vector<std::pair<std::string, Variable>>& outputs, const NamedParameters& leaves,
               double tolerance = 1e-5) const {
        Variable loss(Tensor{});
        for (const auto& [name, value] : outputs) {
            INFO(name_ + ": " + name);
            CHECK(relative_difference(value.value(), floats("output/" + name)) < tolerance);
            if (!file_.contains(name_ + "/weight/" + name)) continue;
            loss = add(loss, sum(multiply(value, Variable(floats("weight/" + name)))));
        }
        loss.backward();
        // Some gradients are 0 but for PyTorch's own rounding (that of a key bias: its shift cancels in softmax). They
        // are compared by the size of the largest gradient of the case.
        double largest = 0.0;
        for (const auto& [name, leaf] : leaves) largest = std::max(largest, max_abs(floats("gradient/" + name)));
        for (const auto& [name, leaf] : leaves) {
            INFO(name_ + ": gradient of " + name);
            const Tensor expected = floats("gradient/" + name);
            REQUIRE(leaf.gradient().shape() == expected.shape());
            const double size = max_abs(expected) < 1e-10 * largest ? largest : max_abs(expected);
            CHECK(max_abs_difference(leaf.gradient(), expected) < tolerance * std::max(size, 1e-6));
        }
    }

  private:
    Safetensors file_;
    std::string name_;
};

/// Parameters of a layer followed by named inputs.
inline NamedParameters with(NamedParameters parameters, const NamedParameters& inputs) {
    parameters.insert(parameters.end(), inputs.begin(), inputs.end());
    return parameters;
}

}  // namespace glassformer::test
