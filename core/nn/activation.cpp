#include "nn/activation.h"

#include <string>
#include <utility>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

constexpr std::pair<std::string_view, Activation> named[] = {
    {"none", Activation::none},           {"relu", Activation::relu}, {"gelu", Activation::gelu},
    {"gelu_tanh", Activation::gelu_tanh}, {"silu", Activation::silu}, {"tanh", Activation::tanh},
    {"sigmoid", Activation::sigmoid},     {"elu", Activation::elu},
};

}  // namespace

template <typename T>
BasicVariable<T> activate(Activation activation, const BasicVariable<T>& x) {
    switch (activation) {
        case Activation::none: return x;
        case Activation::relu: return relu(x);
        case Activation::gelu: return gelu(x);
        case Activation::gelu_tanh: return gelu_tanh(x);
        case Activation::silu: return silu(x);
        case Activation::tanh: return tanh(x);
        case Activation::sigmoid: return sigmoid(x);
        case Activation::elu: return elu(x);
    }
    return x;
}

Activation activation_of(std::string_view name) {
    std::string known;
    for (const auto& [each, activation] : named) {
        if (each == name) return activation;
        known += known.empty() ? "" : ", ";
        known += each;
    }
    throw Error(ErrorKind::unknown_name,
                {"没有名为 " + std::string(name) + " 的激活函数；有的是 " + known + "。",
                 "There is no activation called " + std::string(name) + "; there are " + known + "."},
                std::string(name));
}

template BasicVariable<float> activate(Activation, const BasicVariable<float>&);
template BasicVariable<double> activate(Activation, const BasicVariable<double>&);

}  // namespace glassformer
