#pragma once

#include <string>
#include <vector>

#include "experiments/experiment.h"

/// Recall cards: small exercises with fresh numbers from the seed, graded here and worked out line by line. One file of
/// experiments/recall makes the numbers and the solution of one kind; what every kind has in common is here.
namespace glassformer {

struct RecallGiven {
    std::string symbol;  ///< "d_model", as it stands in the question
    std::string value;
};
struct RecallStep {
    std::string formula;  ///< "4 · d_model² = 4 · 768²": in signs, so that it needs no translation
    std::string value;
};

struct RecallCard {
    Text question;  ///< what to work out, numbers included, and in which unit
    std::vector<RecallGiven> given;
    /// The answer: numbers, or pieces of text in order. Exactly one of the two is filled.
    std::vector<double> numbers = {};
    std::vector<std::string> pieces = {};
    std::string unit = {};
    /// A number counts as right within relative * |expected| or within absolute, whichever is more. Both 0: exact.
    double relative = 0.0;
    double absolute = 0.0;
    std::vector<RecallStep> solution;
    Text lesson;  ///< what to remember
};

/// Grades `answer` (an argument of every recall experiment) and yields the one frame of the declaration below.
Run grade_recall(RecallCard card, Arguments arguments);

/// The declaration that all kinds share: the parameter `answer`, and the outputs question, given, marks, correct,
/// graded, message, tolerance, solution, lesson.
Experiment recall_experiment(std::string id, Text summary, Run (*run)(Arguments, Context));

/// One of the values, all equally likely.
template <typename T>
const T& pick(Rng& rng, const std::vector<T>& values) {
    return values[rng.integer(static_cast<std::uint32_t>(values.size()))];
}
/// low ... high, all equally likely.
inline std::int64_t between(Rng& rng, std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(rng.integer(static_cast<std::uint32_t>(high - low + 1)));
}

}  // namespace glassformer
