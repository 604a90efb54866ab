#pragma once

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace glassformer {

using Json = nlohmann::ordered_json;

/// {"zh": ..., "en": ...}
Json text_json(const Text& text);
/// {"kind": ..., "message": {zh, en}, "parameter": ...} as the page's protocol has it.
Json error_json(const Error& error);
/// A number, or null where it is not finite (JSON has no NaN); the caller says which beside it.
Json number_json(double value);
/// "nan", "inf", "-inf"; empty for a finite number.
const char* non_finite_name(double value);

}  // namespace glassformer
