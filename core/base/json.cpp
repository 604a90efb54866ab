#include "base/json.h"

#include <cmath>

namespace glassformer {

Json text_json(const Text& text) { return Json{{"zh", text.zh}, {"en", text.en}}; }

Json error_json(const Error& error) {
    Json json{{"kind", error_kind_name(error.kind())}, {"message", text_json(error.message())}};
    if (!error.parameter().empty()) json["parameter"] = error.parameter();
    return json;
}

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

const char* non_finite_name(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return "";
}

}  // namespace glassformer
