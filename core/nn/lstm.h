#pragma once

#include <optional>
#include <vector>

#include "nn/linear.h"
#include "nn/pass.h"

namespace glassformer {

struct LstmConfig {
    std::int64_t d_input = 0;
    std::int64_t d_hidden = 0;
    std::int64_t n_layers = 1;
    double dropout = 0.0;  ///< between layers, sites "layers.*.output"
};

/// h and c of every layer, [n_layers, batch, d_hidden].
template <typename T>
struct BasicLstmState {
    BasicVariable<T> hidden;
    BasicVariable<T> cell;
};
using LstmState = BasicLstmState<float>;

/// Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000): gates i, f, g, o =
/// x W_x + h W_h + b; c = sigmoid(f) c + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c). One bias where PyTorch has two.
/// Observed: layers.*.output.
template <typename T>
class BasicLstm {
  public:
    /// Uniform weights in +-1/sqrt(d_hidden), as PyTorch's. Error(out_of_range) for widths or layers below 1.
    BasicLstm(const LstmConfig& config, Rng rng);

    struct Result {
        BasicVariable<T> output;  ///< h of the last layer at every position, x's leading axes and d_hidden
        BasicLstmState<T> state;  ///< after the last token: goes on from here
    };
    /// x [n, d_input] or [batch, n, d_input]; the state starts at zero unless given. Error(shape) for other shapes.
    Result forward(const BasicVariable<T>& x, const BasicPass<T>& pass = {},
                   const std::optional<BasicLstmState<T>>& state = {}) const;

    const LstmConfig& config() const { return config_; }
    /// layers.0.input.weight [d_input, 4 d_hidden], layers.0.input.bias, layers.0.hidden.weight [d_hidden, 4 d_hidden];
    /// the gates side by side in the order i, f, g, o.
    BasicNamedParameters<T> parameters() const;

  private:
    struct Layer {
        BasicLinear<T> input;
        BasicLinear<T> hidden;
    };
    LstmConfig config_;
    std::vector<Layer> layers_;
};
using Lstm = BasicLstm<float>;

}  // namespace glassformer
