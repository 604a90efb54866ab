#pragma once

#include <string>
#include <utility>
#include <vector>

#include "autograd/variable.h"

namespace glassformer {

/// Parameters by name ("query.weight"), in the order of construction. The variables are handles: an optimizer that
/// changes one changes the layer's.
using NamedParameters = std::vector<std::pair<std::string, Variable>>;

/// Appends `of` under a prefix: "weight" becomes "prefix.weight".
void append_parameters(NamedParameters& all, const std::string& prefix, const NamedParameters& of);

}  // namespace glassformer
