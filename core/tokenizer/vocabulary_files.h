#pragma once

#include <string>
#include <string_view>

#include "tokenizer/json_tree.h"
#include "tokenizer/tokenizer.h"

namespace glassformer {

/// BERT's vocab.txt: a piece per line, its id the number of the line; white space at the end of a line is not part of
/// it. Error(malformed) when it is not UTF-8 or a piece comes twice.
Vocabulary read_vocab_txt(std::string_view text);
std::string write_vocab_txt(const Vocabulary& vocabulary);

/// GPT-2's vocab.json: {"piece": id, ...}. Error(malformed), Error(wrong_type) or Error(out_of_range) naming the piece.
Vocabulary read_vocab_json(std::string_view json);
Vocabulary read_vocabulary(const JsonTree::Value& object, const std::string& where);
std::string write_vocab_json(const Vocabulary& vocabulary);

/// GPT-2's merges.txt, added to a model over its vocabulary: "left right" per line, lines that begin with "#version"
/// passed over. Error(malformed) naming the line when it has not two parts, Error(unknown_name) when a part or what
/// they make is not in the vocabulary.
void read_merges_txt(std::string_view text, Bpe& bpe);
std::string write_merges_txt(const Bpe& bpe);
/// One merge by its pieces; `number` counts from 1 and is for the error.
void add_named_merge(Bpe& bpe, std::string_view left, std::string_view right, std::size_t number);

/// The BPE of vocab.json and merges.txt, its units as the file spells them.
Bpe read_bpe(std::string_view vocab_json, std::string_view merges_txt, BpeOptions options = {});
/// GPT-2's tokenizer (Radford et al. 2019) from its two files: byte-level, nothing added, <|endoftext|> special.
Tokenizer gpt2_tokenizer(std::string_view vocab_json, std::string_view merges_txt);
/// BERT's tokenizer (Devlin et al. 2019) from its vocab.txt, which must hold [UNK], [CLS] and [SEP].
Tokenizer bert_tokenizer(std::string_view vocab_txt, bool lowercase);

}  // namespace glassformer
