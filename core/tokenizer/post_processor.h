#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "tokenizer/encoding.h"

namespace glassformer {

/// A piece of a template: one of the texts, or a special token.
struct TemplatePiece {
    std::int32_t sequence = -1;  ///< 0: the first text, 1: the second, -1: a special token
    std::string token;           ///< which special token
    std::int32_t type = 0;
};
/// "[CLS] $A [SEP]" and "[CLS] $A [SEP] $B:1 [SEP]:1".
struct TemplateProcessing {
    struct Special {
        std::vector<std::int32_t> ids;
        std::vector<std::string> pieces;
    };
    std::vector<TemplatePiece> single;
    std::vector<TemplatePiece> pair;
    std::map<std::string, Special> special_tokens;
};
/// A piece and its id.
struct NamedToken {
    std::string piece;
    std::int32_t id;
};
/// [CLS] text [SEP], second text [SEP] with type 1 (Devlin et al. 2019).
struct BertProcessing {
    NamedToken sep{"[SEP]", 102};
    NamedToken cls{"[CLS]", 101};
};
/// <s> text </s>, </s> second text </s>, all of type 0; trims offsets as ByteLevelProcessing does.
struct RobertaProcessing {
    NamedToken sep{"</s>", 2};
    NamedToken cls{"<s>", 0};
    bool trim_offsets = true;
    bool add_prefix_space = true;
};
/// Takes white space at either end of a byte-level token out of its span.
struct ByteLevelProcessing {
    bool add_prefix_space = true;
    bool trim_offsets = true;
    bool use_regex = true;  ///< kept for the file
};

using PostProcessor = std::variant<TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevelProcessing>;

/// One or two encoded texts to one encoding. Without `add_special_tokens` nothing is added. Error(constraint) when a
/// template gets more parts than two, as after another template.
Encoding post_process(const std::vector<PostProcessor>& processors, std::vector<Encoding> texts,
                      bool add_special_tokens);

/// How many tokens the processors add.
std::size_t added_count(const std::vector<PostProcessor>& processors, bool pair);

/// Error(malformed) when a template names a special token that is not declared, uses the second text where there is
/// one text only, or declares a token with different numbers of ids and pieces.
void validate(const TemplateProcessing& processing);

}  // namespace glassformer
