#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace glassformer {

/// What a reader typed as the answer of a recall card, as numbers. One may write them as one thinks of them: 7087872,
/// 7,087,872, 7.09M, 12*768^2, 3/8, 25%, sqrt(2), exp(-1). `problem` says where it could not be read.
struct RecallNumbers {
    std::vector<double> numbers;
    std::optional<Text> problem = {};
};

/// Reads `wanted` numbers. One: commas group digits. Several: they stand apart by commas, semicolons, or spaces. A
/// trailing `unit` is allowed. Never throws; input of any kind ends in a number or a problem.
RecallNumbers read_recall_numbers(const std::string& text, std::size_t wanted, const std::string& unit = {});

/// The pieces of a tokenized word as one writes them: "un ##aff ##able", apart by spaces, commas, bars or line ends.
std::vector<std::string> read_recall_pieces(const std::string& text);

/// 1234567 -> "1234567", 0.000349386 -> "0.000349386": six significant digits, whole numbers in full.
std::string recall_number(double number);

}  // namespace glassformer
