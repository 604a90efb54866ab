#include <limits>

#include "base/error.h"
#include "tokenizer/gpt2_pattern.h"
#include "tokenizer/json_tree.h"
#include "tokenizer/tokenizer_json.h"
#include "tokenizer/utf8.h"
#include "tokenizer/vocabulary_files.h"

namespace glassformer {
namespace {

using Value = JsonTree::Value;

[[noreturn]] void refuse_type(const std::string& where, std::string_view given, const std::string& known) {
    const std::string name(given);
    throw Error(ErrorKind::unknown_name,
                {where + " 的类型 “" + name + "” 不认识；支持的有：" + known + "。",
                 where + " has the unknown type \"" + name + "\"; known are: " + known + "."},
                where + ".type");
}

[[noreturn]] void refuse_feature(const std::string& where, const Text& what) {
    throw Error(ErrorKind::constraint,
                {where + "：不支持" + what.zh + "。", where + ": " + what.en + " is not supported."}, where);
}

std::string text_of(const Value& value, const char* name, const std::string& where) {
    return std::string(value.need(name, where).text(where + "." + name));
}
bool flag_of(const Value& value, const char* name, const std::string& where) {
    return value.need(name, where).boolean(where + "." + name);
}
bool flag_or(const Value& value, const char* name, const std::string& where, bool otherwise) {
    const auto given = value.given(name);
    return given ? given->boolean(where + "." + name) : otherwise;
}
char32_t character_of(const Value& value, const char* name, const std::string& where) {
    const std::u32string characters = decode_utf8(text_of(value, name, where));
    if (characters.size() != 1) {
        throw Error(
            ErrorKind::malformed,
            {where + "." + name + " 应恰好是一个字符。", where + "." + name + " must be exactly one character."},
            where + "." + name);
    }
    return characters[0];
}
std::int32_t id_of(const Value& value, const std::string& where) {
    return static_cast<std::int32_t>(value.integer(where, 0, Vocabulary::most_ids - 1));
}

SplitBehavior behavior_of(const Value& value, const std::string& where) {
    const std::string name = text_of(value, "behavior", where);
    if (name == "Removed") return SplitBehavior::removed;
    if (name == "Isolated") return SplitBehavior::isolated;
    if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
    if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
    if (name == "Contiguous") return SplitBehavior::contiguous;
    refuse_type(where + ".behavior", name, "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
}

/// {"String": text} or {"Regex": text}; a regular expression only where it is GPT-2's and `gpt2` is asked for.
std::string pattern_of(const Value& value, const std::string& where, bool* gpt2) {
    const Value pattern = value.need("pattern", where);
    pattern.expect(JsonTree::Kind::object, where + ".pattern");
    if (const auto regex = pattern.find("Regex")) {
        if (gpt2 == nullptr || regex->text(where + ".pattern.Regex") != gpt2_pattern_text) {
            refuse_feature(where + ".pattern",
                           {"正则表达式（GPT-2 的除外）", "a regular expression (other than GPT-2's)"});
        }
        *gpt2 = true;
        return "";
    }
    const std::string text = text_of(pattern, "String", where + ".pattern");
    if (text.empty()) {
        throw Error(ErrorKind::malformed, {where + ".pattern 是空的。", where + ".pattern is empty."},
                    where + ".pattern");
    }
    return text;
}

MetaspaceSplit metaspace_of(const Value& value, const std::string& where) {
    MetaspaceSplit split;
    split.replacement = character_of(value, "replacement", where);
    if (const auto scheme = value.given("prepend_scheme")) {
        const std::string_view name = scheme->text(where + ".prepend_scheme");
        if (name == "first")
            split.prepend = MetaspaceSplit::Prepend::first;
        else if (name == "never")
            split.prepend = MetaspaceSplit::Prepend::never;
        else if (name != "always")
            refuse_type(where + ".prepend_scheme", name, "first, never, always");
    }
    if (!flag_or(value, "add_prefix_space", where, true)) {
        if (value.given("prepend_scheme") && split.prepend != MetaspaceSplit::Prepend::never) {
            throw Error(ErrorKind::malformed,
                        {where + "：add_prefix_space 与 prepend_scheme 矛盾。",
                         where + ": add_prefix_space contradicts prepend_scheme."},
                        where + ".add_prefix_space");
        }
        split.prepend = MetaspaceSplit::Prepend::never;
    }
    split.split = flag_or(value, "split", where, true);
    return split;
}

ByteLevelSplit byte_level_of(const Value& value, const std::string& where) {
    return {flag_of(value, "add_prefix_space", where), flag_of(value, "trim_offsets", where),
            flag_or(value, "use_regex", where, true)};
}

/// Calls add(part, type, where) for a part or, one after the other, for all parts of a sequence.
template <typename Add>
void for_each_part(const Value& value, const char* list, const std::string& where, Add add) {
    value.expect(JsonTree::Kind::object, where);
    const std::string type = text_of(value, "type", where);
    if (type != "Sequence") return add(value, type, where);
    const Value parts = value.need(list, where);
    parts.expect(JsonTree::Kind::array, where + "." + list);
    std::size_t i = 0;
    for (const Value part : parts) {
        for_each_part(part, list, where + "." + list + "[" + std::to_string(i++) + "]", add);
    }
}

Normalizer normalizer_of(const Value& value, const std::string& type, const std::string& where) {
    if (type == "NFC") return UnicodeNormalizer{unicode::Form::nfc};
    if (type == "NFD") return UnicodeNormalizer{unicode::Form::nfd};
    if (type == "NFKC") return UnicodeNormalizer{unicode::Form::nfkc};
    if (type == "NFKD") return UnicodeNormalizer{unicode::Form::nfkd};
    if (type == "Lowercase") return LowercaseNormalizer{};
    if (type == "StripAccents") return StripAccentsNormalizer{};
    if (type == "Nmt") return NmtNormalizer{};
    if (type == "ByteLevel") return ByteLevelNormalizer{};
    if (type == "Strip") {
        return StripNormalizer{flag_of(value, "strip_left", where), flag_of(value, "strip_right", where)};
    }
    if (type == "Prepend") return PrependNormalizer{text_of(value, "prepend", where)};
    if (type == "Replace")
        return ReplaceNormalizer{pattern_of(value, where, nullptr), text_of(value, "content", where)};
    if (type == "BertNormalizer") {
        BertNormalizer bert;
        bert.clean_text = flag_of(value, "clean_text", where);
        bert.handle_chinese_chars = flag_of(value, "handle_chinese_chars", where);
        if (const auto strip = value.given("strip_accents"))
            bert.strip_accents = strip->boolean(where + ".strip_accents");
        bert.lowercase = flag_of(value, "lowercase", where);
        return bert;
    }
    refuse_type(where, type,
                "BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Prepend, Replace, Sequence, Strip, "
                "StripAccents");
}

Splitter splitter_of(const Value& value, const std::string& type, const std::string& where) {
    if (type == "ByteLevel") return byte_level_of(value, where);
    if (type == "BertPreTokenizer") return BertSplit{};
    if (type == "Whitespace") return WhitespaceSplit{};
    if (type == "WhitespaceSplit") return WhitespaceOnlySplit{};
    if (type == "Metaspace") return metaspace_of(value, where);
    if (type == "Punctuation") {
        return PunctuationSplit{value.given("behavior") ? behavior_of(value, where) : SplitBehavior::isolated};
    }
    if (type == "Digits") return DigitsSplit{flag_of(value, "individual_digits", where)};
    if (type == "CharDelimiterSplit") return DelimiterSplit{character_of(value, "delimiter", where)};
    if (type == "Split") {
        PatternSplit split;
        split.text = pattern_of(value, where, &split.gpt2);
        split.behavior = behavior_of(value, where);
        split.invert = flag_of(value, "invert", where);
        return split;
    }
    refuse_type(where, type,
                "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, Metaspace, Punctuation, Sequence, Split, "
                "Whitespace, WhitespaceSplit");
}

Decoder decoder_of(const Value& value, const std::string& type, const std::string& where) {
    if (type == "ByteLevel") return ByteLevelDecoder{byte_level_of(value, where)};
    if (type == "WordPiece") return WordPieceDecoder{text_of(value, "prefix", where), flag_of(value, "cleanup", where)};
    if (type == "Metaspace") return MetaspaceDecoder{metaspace_of(value, where)};
    if (type == "BPEDecoder") return BpeDecoder{text_of(value, "suffix", where)};
    if (type == "ByteFallback") return ByteFallbackDecoder{};
    if (type == "Fuse") return FuseDecoder{};
    if (type == "Strip") {
        const auto count = [&](const char* name) {
            return static_cast<std::size_t>(value.need(name, where).integer(where + "." + name, 0, 1 << 30));
        };
        return StripDecoder{character_of(value, "content", where), count("start"), count("stop")};
    }
    if (type == "Replace") return ReplaceDecoder{pattern_of(value, where, nullptr), text_of(value, "content", where)};
    refuse_type(where, type,
                "BPEDecoder, ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece");
}

NamedToken named_token_of(const Value& value, const char* name, const std::string& where) {
    const std::string path = where + "." + name;
    const Value pair = value.need(name, where);
    pair.expect(JsonTree::Kind::array, path);
    if (pair.size() != 2) {
        throw Error(ErrorKind::malformed, {path + " 应是 [片段, id]。", path + " must be [piece, id]."}, path);
    }
    auto part = pair.begin();
    NamedToken token{std::string((*part).text(path)), 0};
    ++part;
    token.id = id_of(*part, path);
    return token;
}

std::vector<TemplatePiece> template_of(const Value& value, const char* name, const std::string& where) {
    const std::string path = where + "." + name;
    const Value list = value.need(name, where);
    list.expect(JsonTree::Kind::array, path);
    std::vector<TemplatePiece> pieces;
    for (const Value item : list) {
        const auto sequence = item.find("Sequence");
        const Value body = sequence ? *sequence : item.need("SpecialToken", path);
        TemplatePiece piece;
        const std::string id = text_of(body, "id", path);
        if (!sequence)
            piece.token = id;
        else if (id == "A" || id == "B")
            piece.sequence = id == "B" ? 1 : 0;
        else
            refuse_type(path + ".Sequence.id", id, "A, B");
        piece.type = id_of(body.need("type_id", path), path + ".type_id");
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

TemplateProcessing template_processing_of(const Value& value, const std::string& where) {
    TemplateProcessing processing;
    processing.single = template_of(value, "single", where);
    processing.pair = template_of(value, "pair", where);
    const std::string path = where + ".special_tokens";
    const Value specials = value.need("special_tokens", where);
    specials.expect(JsonTree::Kind::object, path);
    for (const Value special : specials) {
        TemplateProcessing::Special& entry = processing.special_tokens[std::string(special.key())];
        entry = {};
        const Value ids = special.need("ids", path);
        const Value tokens = special.need("tokens", path);
        ids.expect(JsonTree::Kind::array, path + ".ids");
        tokens.expect(JsonTree::Kind::array, path + ".tokens");
        for (const Value id : ids) entry.ids.push_back(id_of(id, path + ".ids"));
        for (const Value token : tokens) entry.pieces.emplace_back(token.text(path + ".tokens"));
    }
    validate(processing);
    return processing;
}

PostProcessor post_processor_of(const Value& value, const std::string& type, const std::string& where) {
    if (type == "TemplateProcessing") return template_processing_of(value, where);
    if (type == "BertProcessing") {
        return BertProcessing{named_token_of(value, "sep", where), named_token_of(value, "cls", where)};
    }
    if (type == "RobertaProcessing") {
        return RobertaProcessing{named_token_of(value, "sep", where), named_token_of(value, "cls", where),
                                 flag_of(value, "trim_offsets", where), flag_of(value, "add_prefix_space", where)};
    }
    if (type == "ByteLevel") {
        const ByteLevelSplit settings = byte_level_of(value, where);
        return ByteLevelProcessing{settings.add_prefix_space, settings.trim_offsets, settings.use_regex};
    }
    refuse_type(where, type, "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing");
}

Bpe bpe_of(const Value& value) {
    BpeOptions options;
    const auto text_or_empty = [&](const char* name) {
        const auto given = value.given(name);
        return given ? std::string(given->text(std::string("model.") + name)) : std::string();
    };
    options.unknown_piece = text_or_empty("unk_token");
    options.continuing_prefix = text_or_empty("continuing_subword_prefix");
    options.end_suffix = text_or_empty("end_of_word_suffix");
    options.fuse_unknown = flag_or(value, "fuse_unk", "model", false);
    options.byte_fallback = flag_or(value, "byte_fallback", "model", false);
    options.ignore_merges = flag_or(value, "ignore_merges", "model", false);
    if (const auto dropout = value.given("dropout")) {
        const double rate = dropout->number("model.dropout");
        if (!(rate >= 0.0 && rate <= 1.0)) {
            throw Error(ErrorKind::out_of_range,
                        {"model.dropout 是 " + std::to_string(rate) + "，应在 0 到 1 之间。",
                         "model.dropout is " + std::to_string(rate) + "; it must be between 0 and 1."},
                        "model.dropout");
        }
        options.dropout = static_cast<float>(rate);
    }
    Bpe bpe(read_vocabulary(value.need("vocab", "model"), "model.vocab"), std::move(options));
    const Value merges = value.need("merges", "model");
    merges.expect(JsonTree::Kind::array, "model.merges");
    bpe.reserve_merges(merges.size());
    // Pairs, or lines as in merges.txt, but not both.
    const bool lines = merges.size() > 0 && (*merges.begin()).kind() == JsonTree::Kind::text;
    std::string text;
    std::size_t number = 0;
    for (const Value merge : merges) {
        const bool line = merge.kind() == JsonTree::Kind::text;
        if (line != lines || (!line && (merge.kind() != JsonTree::Kind::array || merge.size() != 2))) {
            throw Error(ErrorKind::malformed,
                        {"model.merges 的每一项应都是 [左, 右]，或都是“左 右”。",
                         "Every entry of model.merges must be [left, right], or every one \"left right\"."},
                        "model.merges");
        }
        if (line) {
            text += merge.text("model.merges");
            text += '\n';
            continue;
        }
        auto part = merge.begin();
        const std::string_view left = (*part).text("model.merges");
        ++part;
        add_named_merge(bpe, left, (*part).text("model.merges"), ++number);
    }
    read_merges_txt(text, bpe);
    return bpe;
}

WordPiece wordpiece_of(const Value& value) {
    WordPieceOptions options;
    options.unknown_piece = text_of(value, "unk_token", "model");
    options.continuing_prefix = text_of(value, "continuing_subword_prefix", "model");
    options.longest_word = static_cast<std::size_t>(
        value.need("max_input_chars_per_word", "model")
            .integer("model.max_input_chars_per_word", 0, std::numeric_limits<std::int32_t>::max()));
    return {read_vocabulary(value.need("vocab", "model"), "model.vocab"), std::move(options)};
}

Unigram unigram_of(const Value& value) {
    const Value vocab = value.need("vocab", "model");
    vocab.expect(JsonTree::Kind::array, "model.vocab");
    std::vector<std::pair<std::string, double>> pieces;
    pieces.reserve(vocab.size());
    for (const Value entry : vocab) {
        entry.expect(JsonTree::Kind::array, "model.vocab");
        if (entry.size() != 2) {
            throw Error(ErrorKind::malformed,
                        {"model.vocab 的每一项应是 [片段, 对数概率]。",
                         "Every entry of model.vocab must be [piece, log-probability]."},
                        "model.vocab");
        }
        auto part = entry.begin();
        const std::string_view piece = (*part).text("model.vocab");
        ++part;
        pieces.emplace_back(piece, (*part).number("model.vocab"));
    }
    std::optional<std::int32_t> unknown;
    if (const auto given = value.given("unk_id")) unknown = id_of(*given, "model.unk_id");
    return {pieces, unknown, flag_or(value, "byte_fallback", "model", false)};
}

TokenizerModel model_of(const Value& value) {
    value.expect(JsonTree::Kind::object, "model");
    std::string type;
    if (const auto given = value.given("type")) {
        type = given->text("model.type");
    } else if (value.find("merges")) {  // files from before the type was written
        type = "BPE";
    } else if (value.find("max_input_chars_per_word")) {
        type = "WordPiece";
    } else if (value.find("unk_id")) {
        type = "Unigram";
    }
    if (type == "BPE") return bpe_of(value);
    if (type == "WordPiece") return wordpiece_of(value);
    if (type == "Unigram") return unigram_of(value);
    refuse_type("model", type, "BPE, Unigram, WordPiece");
}

void add_tokens(const Value& list, Tokenizer& tokenizer) {
    list.expect(JsonTree::Kind::array, "added_tokens");
    for (const Value item : list) {
        const std::string where = "added_tokens";
        AddedToken token{text_of(item, "content", where),    flag_of(item, "single_word", where),
                         flag_of(item, "lstrip", where),     flag_of(item, "rstrip", where),
                         flag_of(item, "normalized", where), flag_of(item, "special", where)};
        const std::int32_t wanted = id_of(item.need("id", where), where + ".id");
        if (token.content.empty()) continue;
        tokenizer.add_tokens({token});
        const std::int32_t got = *tokenizer.parts().added_tokens.find(token.content);
        if (got == wanted) continue;
        const std::string a = std::to_string(wanted);
        const std::string b = std::to_string(got);
        throw Error(ErrorKind::constraint,
                    {"附加词元“" + token.content + "”写的 id 是 " + a + "，按参考实现应是 " + b + "。",
                     "The added token \"" + token.content + "\" says its id is " + a +
                         "; the reference would give it " + b + "."},
                    "added_tokens.id");
    }
}

}  // namespace

Tokenizer read_tokenizer_json(std::string_view json) {
    const JsonTree tree(json);
    const Value root = tree.root();
    root.expect(JsonTree::Kind::object, "tokenizer.json");
    if (const auto version = root.find("version"); version && version->text("version") != "1.0") {
        refuse_type("version", version->text("version"), "1.0");
    }
    if (root.given("truncation")) refuse_feature("truncation", {"截断", "truncation"});
    if (root.given("padding")) refuse_feature("padding", {"填充", "padding"});
    TokenizerParts parts{.normalizers = {},
                         .splitters = {},
                         .model = model_of(root.need("model", "tokenizer.json")),
                         .post_processors = {},
                         .decoders = {},
                         .added_tokens = {}};
    if (const auto given = root.given("normalizer")) {
        for_each_part(*given, "normalizers", "normalizer",
                      [&](const Value& v, const std::string& type, const auto& at) {
                          parts.normalizers.push_back(normalizer_of(v, type, at));
                      });
    }
    if (const auto given = root.given("pre_tokenizer")) {
        for_each_part(*given, "pretokenizers", "pre_tokenizer",
                      [&](const Value& v, const std::string& type, const auto& at) {
                          parts.splitters.push_back(splitter_of(v, type, at));
                      });
    }
    if (const auto given = root.given("post_processor")) {
        for_each_part(*given, "processors", "post_processor",
                      [&](const Value& v, const std::string& type, const auto& at) {
                          parts.post_processors.push_back(post_processor_of(v, type, at));
                      });
    }
    if (const auto given = root.given("decoder")) {
        parts.decoders.emplace();
        for_each_part(*given, "decoders", "decoder", [&](const Value& v, const std::string& type, const auto& at) {
            parts.decoders->push_back(decoder_of(v, type, at));
        });
    }
    Tokenizer tokenizer(std::move(parts));
    if (const auto given = root.given("added_tokens")) add_tokens(*given, tokenizer);
    return tokenizer;
}

}  // namespace glassformer
