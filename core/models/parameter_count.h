#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/bert.h"
#include "models/gpt.h"
#include "models/transformer.h"

/// Parameters counted from a config alone, without making them: for models too large to make here. Each count is that
/// of the parameters whose names begin with the group's, in the model's order; a tied matrix counts once.
namespace glassformer {

struct ParameterGroup {
    std::string name;  ///< "embedding.token", "layers.self_attention", "decoder.layers.cross_attention", ...
    std::int64_t count = 0;
};
using ParameterGroups = std::vector<ParameterGroup>;

std::int64_t total(const ParameterGroups& groups);
/// One layer: self_attention, cross_attention, feed_forward, norms, as far as it has them.
ParameterGroups parameter_groups(const TransformerLayerConfig& config);
/// All layers together, "layers.*", and the final norm. Shared ones count once.
ParameterGroups parameter_groups(const TransformerStackConfig& config);
ParameterGroups parameter_groups(const InputEmbeddingConfig& config);
ParameterGroups parameter_groups(const GptConfig& config);
ParameterGroups parameter_groups(const BertConfig& config);
ParameterGroups parameter_groups(const TransformerConfig& config);

}  // namespace glassformer
