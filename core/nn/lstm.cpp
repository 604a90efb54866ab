#include "nn/lstm.h"

#include <cmath>
#include <string>
#include <utility>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

template <typename T>
void fill_uniform(const BasicLinear<T>& layer, float bound, Rng rng) {
    for (auto [name, parameter] : layer.parameters()) {
        const Tensor drawn = random_uniform(parameter.shape(), rng, -bound, bound);
        parameter.mutable_value() = BasicTensor<T>(drawn.shape(), {drawn.elements().begin(), drawn.elements().end()});
    }
}

}  // namespace

template <typename T>
BasicLstm<T>::BasicLstm(const LstmConfig& config, Rng rng) : config_(config) {
    require_positive("d_input", config.d_input);
    require_positive("d_hidden", config.d_hidden);
    require_positive("n_layers", config.n_layers);
    require_probability("dropout", config.dropout);
    const float bound = 1.0F / std::sqrt(static_cast<float>(config.d_hidden));
    for (std::int64_t i = 0; i < config.n_layers; ++i) {
        const Rng own = rng.split(static_cast<std::uint64_t>(i));
        const std::int64_t d_in = i == 0 ? config.d_input : config.d_hidden;
        layers_.push_back({BasicLinear<T>(d_in, 4 * config.d_hidden, own),
                           BasicLinear<T>(config.d_hidden, 4 * config.d_hidden, own, false)});
        fill_uniform(layers_.back().input, bound, own.split("input"));
        fill_uniform(layers_.back().hidden, bound, own.split("hidden"));
    }
}

template <typename T>
typename BasicLstm<T>::Result BasicLstm<T>::forward(const BasicVariable<T>& given, const BasicPass<T>& pass,
                                                    const std::optional<BasicLstmState<T>>& state) const {
    const std::int64_t d = config_.d_hidden;
    const std::size_t rank = given.shape().rank();
    if ((rank != 2 && rank != 3) || given.shape().size() == 0 || given.shape()[-1] != config_.d_input) {
        throw Error(ErrorKind::shape,
                    {"LSTM 的输入应为 [n, " + std::to_string(config_.d_input) + "] 或再加 batch 一轴，给的是 " +
                         given.shape().to_string() + "。",
                     "An LSTM takes [n, " + std::to_string(config_.d_input) + "], or that with a batch; it got " +
                         given.shape().to_string() + "."},
                    "x");
    }
    BasicVariable<T> x = rank == 2 ? reshape(given, {1, given.shape()[0], given.shape()[1]}) : given;
    const std::int64_t batch = x.shape()[0];
    const std::int64_t n = x.shape()[1];
    const Shape wanted{config_.n_layers, batch, d};
    if (state && (state->hidden.shape() != wanted || state->cell.shape() != wanted)) {
        throw Error(ErrorKind::shape,
                    {"LSTM 的状态形状应为 " + wanted.to_string() + "。",
                     "An LSTM's state must have the shape " + wanted.to_string() + "."},
                    "state");
    }
    std::vector<BasicVariable<T>> last_hidden;
    std::vector<BasicVariable<T>> last_cell;
    for (std::int64_t layer = 0; layer < config_.n_layers; ++layer) {
        const Layer& own = layers_[static_cast<std::size_t>(layer)];
        const auto start = [&](const BasicVariable<T>& of) {
            return reshape(slice(of, 0, layer, layer + 1), {batch, d});
        };
        BasicVariable<T> h = state ? start(state->hidden) : BasicVariable<T>(BasicTensor<T>({batch, d}));
        BasicVariable<T> c = state ? start(state->cell) : BasicVariable<T>(BasicTensor<T>({batch, d}));
        const BasicVariable<T> from_input = own.input.forward(x);  // all positions at once: the part that is parallel
        std::vector<BasicVariable<T>> outputs;
        for (std::int64_t t = 0; t < n; ++t) {
            const BasicVariable<T> gates =
                add(reshape(slice(from_input, 1, t, t + 1), {batch, 4 * d}), own.hidden.forward(h));
            const auto gate = [&](std::int64_t k) { return slice(gates, 1, k * d, (k + 1) * d); };
            c = add(multiply(sigmoid(gate(1)), c), multiply(sigmoid(gate(0)), tanh(gate(2))));
            h = multiply(sigmoid(gate(3)), tanh(c));
            outputs.push_back(h);
        }
        last_hidden.push_back(h);
        last_cell.push_back(c);
        const BasicPass<T> inner = pass.at("layers", layer);
        x = inner.observe("output", stack(outputs, 1));
        if (layer + 1 < config_.n_layers) x = inner.dropout("output", x, config_.dropout);
    }
    if (rank == 2) x = reshape(x, {n, d});
    return {x, {stack(last_hidden, 0), stack(last_cell, 0)}};
}

template <typename T>
BasicNamedParameters<T> BasicLstm<T>::parameters() const {
    BasicNamedParameters<T> all;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        append_parameters(all, "layers." + std::to_string(i) + ".input", layers_[i].input.parameters());
        append_parameters(all, "layers." + std::to_string(i) + ".hidden", layers_[i].hidden.parameters());
    }
    return all;
}

template class BasicLstm<float>;
template class BasicLstm<double>;

}  // namespace glassformer
