#pragma once

#include "cli/options.h"

namespace glassformer {

/// `glassformer train NAME`: trains one of the shipped models and writes NAME.safetensors and its record NAME.json.
/// 0: done; 3: interrupted or stopped by an error, with everything up to there in the resume file.
int train(const Options& options);

}  // namespace glassformer
