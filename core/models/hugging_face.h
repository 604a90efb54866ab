#pragma once

#include "io/safetensors.h"
#include "models/bert.h"
#include "models/gpt.h"

/// Weights that Hugging Face `transformers` saved. Sizes are read off the tensors; only the number of heads cannot be.
/// A linear layer of theirs is [out, in] and transposed here, but GPT-2's are [in, out] already. Error(malformed)
/// naming the tensor that is missing or has another shape than the rest demands.
namespace glassformer {

/// BertModel, BertForMaskedLM or BertForPreTraining; the heads that the file has. Error(constraint) unless n_heads
/// divides the width.
Bert bert_from_hugging_face(const Safetensors& file, std::int64_t n_heads);
/// GPT2Model or GPT2LMHeadModel.
Gpt gpt2_from_hugging_face(const Safetensors& file, std::int64_t n_heads);

}  // namespace glassformer
