#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace glassformer {

/// Something wrong with a file: where (a path like parts[0].views[1].value) and what, with what is allowed.
struct Problem {
    std::string path;
    Text message;
};

/// Checks a document against a JSON Schema (2020-12), so that the native build and the page read the same rules from
/// the same file. Understands the keywords lessons/lesson.schema.json uses: $ref into $defs, type, const, enum, oneOf,
/// properties, required, additionalProperties, minProperties, items, minItems, maxItems, minLength, pattern, minimum,
/// maximum; a keyword it does not know is Error(internal), never skipped. Of a oneOf whose branches fix a `kind`, the
/// branch of that kind is reported.
std::vector<Problem> schema_problems(const Json& schema, const Json& document);

}  // namespace glassformer
