#pragma once

#include <string>
#include <vector>

#include "experiments/experiment.h"

/// What model.encoder_trace computes and how it is laid out for pictures; the computation itself is in
/// model/encoder_trace.cpp.
namespace glassformer {

/// What of the encoder is switched on; `pre`: Pre-LN instead of Post-LN.
struct EncoderSwitches {
    bool position, residual, norm, pre, attention, ffn;
};

/// Of one layer; d_k = d / h.
struct EncoderWeights {
    Tensor Q, K, V, O;  ///< [d, d]
    Tensor in, out;     ///< W_1 [d, d_ff], W_2 [d_ff, d]
};

/// One of the two sublayers of a layer, F being attention or the feed-forward network.
struct EncoderSublayer {
    Tensor input;   ///< what F gets: X, or LN(X) in Pre-LN
    Tensor output;  ///< F(input)
    Tensor sum;     ///< X + F(input), or F(input) without residual
    Tensor result;  ///< the stream afterwards: LN(sum) in Post-LN
};

/// All that one layer computes; every tensor is [n, d] unless it says otherwise.
struct EncoderLayer {
    Tensor Q, K, V;            ///< [h, n, d_k]
    Tensor scores, attention;  ///< [h, n, n]
    Tensor heads;              ///< [h, n, d_k]: attention times V
    Tensor before, hidden;     ///< [n, d_ff]: before and after the ReLU
    EncoderSublayer self_attention, feed_forward;
};

/// A run, to be shown.
struct EncoderPicture {
    const std::vector<std::string>& words;
    std::int64_t h;
    EncoderSwitches on;
    const Tensor &rows, &tokens, &positions, &X;  ///< rows of E, sqrt(d) times them, PE, what enters layer 1
    const std::vector<EncoderWeights>& weights;
    const std::vector<EncoderLayer>& layers;
    const Tensor& output;
    double epsilon;  ///< of the norm
};

/// Everything on the way, stacked over the layers, each tensor with its derivation.
void set_encoder_values(Values& values, const EncoderPicture& picture);
/// Their declarations.
std::vector<Output> encoder_outputs();

/// The picture of one layer of `layers`, with what is switched off left out.
Graph encoder_diagram(std::int64_t n, std::int64_t d, std::int64_t d_ff, std::int64_t h, std::int64_t layers,
                      const EncoderSwitches& on);
/// The parameters of this encoder beside those of the paper's base model, counted from the two configurations.
Table encoder_parameters(std::int64_t layers, std::int64_t d, std::int64_t d_ff, std::int64_t h,
                         const EncoderSwitches& on);

}  // namespace glassformer
