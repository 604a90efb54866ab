#pragma once

#include <cstdint>

#include "decoding/stepper.h"

/// What a decoder reads while it learns: the right tokens (teacher forcing; Williams & Zipser 1989), its own (free
/// running), or a mixture (scheduled sampling; Bengio et al. 2015). The loss is the same: the right next token, at
/// every place, in one parallel pass over the inputs made here. No gradient flows through the choice of inputs.
namespace glassformer {

/// [rows, n] -> [rows, n]: the start token, then all targets but the last: teacher forcing. Error(shape) for no
/// targets.
IntTensor shifted_right(const IntTensor& targets, std::int32_t start);

/// Token by token, as in generation: at each place the model's own likeliest token after what it has read so far, with
/// probability `own_share`, else the right one. 0 is teacher forcing, 1 free running. n - 1 decoder passes. `stepper`
/// is fresh. Error(out_of_range) for a share outside 0 ... 1.
IntTensor scheduled_inputs(Stepper& stepper, const IntTensor& targets, std::int32_t start, double own_share,
                           const Rng& rng);
/// The same in two parallel passes (Mihaylova & Martins 2019, section 3): the model's choices are those it makes after
/// the right tokens. `logits` [rows, n, vocabulary] are of a teacher-forced pass.
IntTensor two_pass_inputs(const Tensor& logits, const IntTensor& targets, std::int32_t start, double own_share,
                          const Rng& rng);

/// Share of own tokens at an update, rising in a line from 0 at the first to `most` at the last (section 2.4, linear
/// decay).
double scheduled_share(std::int64_t update, std::int64_t updates, double most);

}  // namespace glassformer
