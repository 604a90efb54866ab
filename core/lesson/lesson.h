#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lesson/check.h"
#include "lesson/schema.h"

namespace glassformer {

struct LessonPart {
    Setting setting;
    std::vector<Check> checks;
    std::vector<Text> claims;  ///< one per check: what it says in words
};

struct Lesson {
    std::string file;
    std::string id;  ///< "1-04"
    Json json;
    std::vector<LessonPart> parts;
};

/// Lines of prose as one text.
Text prose_text(const Json& prose);

/// Reads a lesson: its JSON, its shape against the schema, the names of experiments and parameters, its checks. Throws
/// Error(malformed) whose message lists every problem with the file, where it is, what was found and what is allowed.
/// Costs no run.
Lesson load_lesson(std::string_view text, const std::string& file, const Json& schema);

/// Runs every part once and resolves all that a lesson says about its frames: views and the kind of value they draw,
/// live text in prose, predicates, checks, presets worth trying. Empty when nothing is wrong. `clamp` > 0 shortens
/// work.
std::vector<Problem> resolve_lesson(const Lesson& lesson, std::int64_t clamp = 0, const Budget& budget = {});

/// "file: path: message" a line, as an Error(malformed).
Error problems_error(const std::string& file, const std::vector<Problem>& problems);

}  // namespace glassformer
