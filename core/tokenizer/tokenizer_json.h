#pragma once

#include <string>
#include <string_view>

#include "tokenizer/tokenizer.h"

namespace glassformer {

/// Reads Hugging Face's tokenizer.json: models BPE, WordPiece and Unigram, and the normalizers, pre-tokenizers,
/// post-processors and decoders declared in this folder; sequences of them are flattened. What it cannot do exactly it
/// refuses: Error(unknown_name) for a type it does not know, naming those it does; Error(constraint) for regular
/// expressions other than GPT-2's, and for truncation and padding; Error(malformed), Error(wrong_type) and
/// Error(out_of_range) for missing parts, wrong kinds and ids that cannot be.
Tokenizer read_tokenizer_json(std::string_view json);

/// The same format, to be read here and by the reference. A BPE of raw bytes is written in visible characters.
std::string write_tokenizer_json(const Tokenizer& tokenizer);

}  // namespace glassformer
