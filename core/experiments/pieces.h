#pragma once

#include <string>
#include <vector>

#include "experiments/value.h"
#include "tokenizer/utf8.h"
#include "tokenizer/vocabulary.h"

namespace glassformer {

/// Tokens of a text as pieces to draw. A token that holds only some bytes of a character is shown as part of that
/// character (which of how many), never as a replacement sign. `tokens` are in order and cover each place at most once.
std::vector<Piece> pieces_of(const TextIndex& source, const std::vector<Token>& tokens, const Vocabulary& vocabulary);

/// A piece of the vocabulary for a table: UTF-8 as it is, with spaces made visible; bytes that are no whole character
/// as ⟨E7 8B⟩.
std::string readable_piece(std::string_view piece);

/// "E7 8B"
std::string hexadecimal(std::string_view bytes);

}  // namespace glassformer
