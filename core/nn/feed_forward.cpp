#include "nn/feed_forward.h"

#include "autograd/operations.h"

namespace glassformer {
namespace {

FeedForwardConfig completed(FeedForwardConfig config) {
    require_positive("d_model", config.d_model);
    if (config.d_ff == 0) config.d_ff = 4 * config.d_model;
    require_positive("d_ff", config.d_ff);
    require_probability("dropout", config.dropout);
    config.init.gain *= config.gain;
    config.gain = 1.0F;
    return config;
}

}  // namespace

template <typename T>
BasicFeedForward<T>::BasicFeedForward(const FeedForwardConfig& config, Rng rng)
    : config_(completed(config)),
      up_(config_.d_model, config_.d_ff, config_.projection, rng.split("up"), config_.bias, config_.init),
      down_(config_.d_ff, config_.d_model, config_.projection, rng.split("down"), config_.bias, config_.init) {
    if (config_.gated) {
        gate_.emplace(config_.d_model, config_.d_ff, config_.projection, rng.split("gate"), config_.bias, config_.init);
    }
}

template <typename T>
BasicVariable<T> BasicFeedForward<T>::forward(const BasicVariable<T>& x, const BasicPass<T>& pass) const {
    // Gated, the activation stands on the gate and `up` is what it lets through.
    BasicVariable<T> hidden = gate_ ? multiply(activate(config_.activation, gate_->forward(x)), up_.forward(x))
                                    : activate(config_.activation, up_.forward(x));
    hidden = pass.dropout("hidden", pass.observe("hidden", hidden), config_.dropout);
    return pass.observe("output", down_.forward(hidden));
}

template <typename T>
BasicNamedParameters<T> BasicFeedForward<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "up", up_.parameters());
    if (gate_) append_parameters(all, "gate", gate_->parameters());
    append_parameters(all, "down", down_.parameters());
    return all;
}

template class BasicFeedForward<float>;
template class BasicFeedForward<double>;

}  // namespace glassformer
