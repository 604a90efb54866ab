#pragma once

#include <vector>

#include "tensor/tensor.h"
#include "training/recipe.h"

namespace glassformer {

Recipe date_translation_recipe();
Recipe bert_mini_recipe(bool next_sentence);
Recipe gpt_mini_recipe();
Recipe gpt_dialogue_recipe();
Recipe vit_mini_recipe();
Recipe running_sum_recipe(bool causal);

/// What several recipes need.
constexpr std::int32_t not_predicted = -1;  ///< a target that does not count

using Rows = std::vector<std::vector<std::int32_t>>;
/// Rows of unequal length as [rows, longest], filled up on the right, or on the left for generation.
IntTensor padded(const Rows& rows, std::int32_t fill, bool left = false);
std::vector<std::int64_t> lengths_of(const Rows& rows);
/// 1 where ids are not `padding`.
BoolTensor real_of(const IntTensor& ids, std::int32_t padding);
std::int64_t count_of(const BoolTensor& marks);
/// The likeliest class of row `row` of [..., classes].
std::int32_t likeliest(const Tensor& logits, std::int64_t row);

}  // namespace glassformer
