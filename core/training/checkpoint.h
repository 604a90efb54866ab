#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "io/safetensors.h"
#include "models/bert.h"
#include "models/gpt.h"
#include "models/transformer.h"
#include "models/vit.h"

/// The models that are trained once and shipped with the lessons (lessons/checkpoints/NAME.safetensors): how each is
/// built, and how its weights get in and out of a file. `glassformer train NAME` makes them (training/recipe.h).
namespace glassformer {

/// Characters of any written date -> those of its ISO form (data/dates.h). 2 + 2 layers.
TransformerConfig date_translation_config();
/// Words of the bilingual grammar (data/grammar.h), one sentence or two. Three layers.
BertConfig bert_mini_config(bool next_sentence);
/// The same grammar, [START] sentence ([SEP] its translation) [END]. Four layers.
GptConfig gpt_mini_config();
/// Dialogues by template (data/dialogue.h). Three layers.
GptConfig gpt_dialogue_config();
/// 16 x 16 coloured pictures of six shapes (data/images.h), patches of 4. Two layers.
VitConfig vit_mini_config();
/// y_t = (y_{t-1} + x_t) mod 6, eight symbols. One layer each. Without its causal mask the decoder reads its answer.
TransformerConfig running_sum_config(bool causal);
constexpr int running_sum_symbols = 6;
constexpr int running_sum_length = 8;
constexpr std::int32_t running_sum_start = running_sum_symbols;

/// A checkpoint as a file: every parameter, in half precision unless another type is asked for, and the model's name.
std::vector<std::byte> checkpoint_bytes(const std::string& model, const NamedParameters& parameters,
                                        DType dtype = DType::f16);
/// Gives the parameters the weights of a file. Error(constraint) when the file is of another model or its tensors are
/// not exactly these; Error(non_finite) for NaN or infinity among the weights. Nothing is changed then.
void load_checkpoint(const Safetensors& file, const std::string& model, const NamedParameters& parameters);
/// The same from the bytes an experiment was handed (Context::assets).
void load_checkpoint(const std::vector<std::uint8_t>& bytes, const std::string& model,
                     const NamedParameters& parameters);

}  // namespace glassformer
