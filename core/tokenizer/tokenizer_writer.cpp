#include <optional>

#include "base/json.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/gpt2_pattern.h"
#include "tokenizer/json_text.h"
#include "tokenizer/tokenizer_json.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

// Small parts are made as documents; the vocabulary is written straight into the text, because a document would compare
// each name with all before it.

std::string utf8(char32_t character) { return encode_utf8(std::u32string(1, character)); }

const char* behavior_name(SplitBehavior behavior) {
    static const char* const names[] = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
    return names[static_cast<int>(behavior)];
}

Json byte_level_json(bool add_prefix_space, bool trim_offsets, bool use_regex) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", add_prefix_space},
            {"trim_offsets", trim_offsets},
            {"use_regex", use_regex}};
}

Json metaspace_json(const MetaspaceSplit& s) {
    static const char* const names[] = {"first", "never", "always"};
    return {{"type", "Metaspace"},
            {"replacement", utf8(s.replacement)},
            {"prepend_scheme", names[static_cast<int>(s.prepend)]},
            {"split", s.split}};
}

Json replace_json(const std::string& pattern, const std::string& content) {
    return {{"type", "Replace"}, {"pattern", {{"String", pattern}}}, {"content", content}};
}

struct ToJson {
    Json operator()(const UnicodeNormalizer& n) const {
        static const char* const names[] = {"NFC", "NFD", "NFKC", "NFKD"};
        return {{"type", names[static_cast<int>(n.form)]}};
    }
    Json operator()(const LowercaseNormalizer&) const { return {{"type", "Lowercase"}}; }
    Json operator()(const StripAccentsNormalizer&) const { return {{"type", "StripAccents"}}; }
    Json operator()(const BertNormalizer& n) const {
        return {{"type", "BertNormalizer"},
                {"clean_text", n.clean_text},
                {"handle_chinese_chars", n.handle_chinese_chars},
                {"strip_accents", n.strip_accents ? Json(*n.strip_accents) : Json(nullptr)},
                {"lowercase", n.lowercase}};
    }
    Json operator()(const StripNormalizer& n) const {
        return {{"type", "Strip"}, {"strip_left", n.left}, {"strip_right", n.right}};
    }
    Json operator()(const PrependNormalizer& n) const { return {{"type", "Prepend"}, {"prepend", n.text}}; }
    Json operator()(const ReplaceNormalizer& n) const { return replace_json(n.pattern, n.content); }
    Json operator()(const NmtNormalizer&) const { return {{"type", "Nmt"}}; }
    Json operator()(const ByteLevelNormalizer&) const { return {{"type", "ByteLevel"}}; }

    Json operator()(const ByteLevelSplit& s) const {
        return byte_level_json(s.add_prefix_space, s.trim_offsets, s.use_regex);
    }
    Json operator()(const BertSplit&) const { return {{"type", "BertPreTokenizer"}}; }
    Json operator()(const WhitespaceSplit&) const { return {{"type", "Whitespace"}}; }
    Json operator()(const WhitespaceOnlySplit&) const { return {{"type", "WhitespaceSplit"}}; }
    Json operator()(const MetaspaceSplit& s) const { return metaspace_json(s); }
    Json operator()(const PunctuationSplit& s) const {
        return {{"type", "Punctuation"}, {"behavior", behavior_name(s.behavior)}};
    }
    Json operator()(const DigitsSplit& s) const { return {{"type", "Digits"}, {"individual_digits", s.individual}}; }
    Json operator()(const DelimiterSplit& s) const {
        return {{"type", "CharDelimiterSplit"}, {"delimiter", utf8(s.delimiter)}};
    }
    Json operator()(const PatternSplit& s) const {
        const Json pattern = s.gpt2 ? Json{{"Regex", gpt2_pattern_text}} : Json{{"String", s.text}};
        return {{"type", "Split"}, {"pattern", pattern}, {"behavior", behavior_name(s.behavior)}, {"invert", s.invert}};
    }

    Json operator()(const ByteLevelDecoder& d) const { return (*this)(d.settings); }
    Json operator()(const WordPieceDecoder& d) const {
        return {{"type", "WordPiece"}, {"prefix", d.prefix}, {"cleanup", d.cleanup}};
    }
    Json operator()(const MetaspaceDecoder& d) const { return metaspace_json(d.settings); }
    Json operator()(const BpeDecoder& d) const { return {{"type", "BPEDecoder"}, {"suffix", d.suffix}}; }
    Json operator()(const ByteFallbackDecoder&) const { return {{"type", "ByteFallback"}}; }
    Json operator()(const FuseDecoder&) const { return {{"type", "Fuse"}}; }
    Json operator()(const StripDecoder& d) const {
        return {{"type", "Strip"}, {"content", utf8(d.content)}, {"start", d.start}, {"stop", d.stop}};
    }
    Json operator()(const ReplaceDecoder& d) const { return replace_json(d.pattern, d.content); }

    Json operator()(const TemplateProcessing& p) const {
        const auto pieces = [](const std::vector<TemplatePiece>& list) {
            Json json = Json::array();
            for (const TemplatePiece& piece : list) {
                const char* kind = piece.sequence >= 0 ? "Sequence" : "SpecialToken";
                const std::string id = piece.sequence < 0 ? piece.token : piece.sequence == 0 ? "A" : "B";
                json.push_back(Json{{kind, {{"id", id}, {"type_id", piece.type}}}});
            }
            return json;
        };
        Json specials = Json::object();
        for (const auto& [name, special] : p.special_tokens) {
            specials[name] = Json{{"id", name}, {"ids", special.ids}, {"tokens", special.pieces}};
        }
        return {{"type", "TemplateProcessing"},
                {"single", pieces(p.single)},
                {"pair", pieces(p.pair)},
                {"special_tokens", specials}};
    }
    Json operator()(const BertProcessing& p) const {
        return {{"type", "BertProcessing"}, {"sep", named(p.sep)}, {"cls", named(p.cls)}};
    }
    Json operator()(const RobertaProcessing& p) const {
        return {{"type", "RobertaProcessing"},
                {"sep", named(p.sep)},
                {"cls", named(p.cls)},
                {"trim_offsets", p.trim_offsets},
                {"add_prefix_space", p.add_prefix_space}};
    }
    Json operator()(const ByteLevelProcessing& p) const {
        return byte_level_json(p.add_prefix_space, p.trim_offsets, p.use_regex);
    }
    static Json named(const NamedToken& token) { return Json::array({token.piece, token.id}); }
};

/// null, the one part, or a sequence of them.
template <typename Part>
std::string parts_json(const std::vector<Part>& parts, const char* list) {
    if (parts.empty()) return "null";
    if (parts.size() == 1) return std::visit(ToJson{}, parts[0]).dump();
    Json all = Json::array();
    for (const Part& part : parts) all.push_back(std::visit(ToJson{}, part));
    return Json{{"type", "Sequence"}, {list, all}}.dump();
}

std::string decoders_json(const std::optional<std::vector<Decoder>>& decoders) {
    if (!decoders) return "null";
    if (decoders->empty()) return Json{{"type", "Sequence"}, {"decoders", Json::array()}}.dump();
    return parts_json(*decoders, "decoders");
}

std::string added_json(const AddedTokens& added) {
    Json list = Json::array();
    for (const auto& [id, token] : added.tokens()) {
        list.push_back(Json{{"id", id},
                            {"content", token.content},
                            {"single_word", token.single_word},
                            {"lstrip", token.lstrip},
                            {"rstrip", token.rstrip},
                            {"normalized", token.normalized},
                            {"special", token.special}});
    }
    return list.dump();
}

std::string vocabulary_json(const Vocabulary& vocabulary, bool visible) {
    std::string json = "{";
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
        if (!vocabulary.has(id)) continue;
        if (json.size() > 1) json += ',';
        append_json_text(json, visible ? to_visible(vocabulary.piece(id)) : vocabulary.piece(id));
        json += ':' + std::to_string(id);
    }
    return json + '}';
}

std::string text_or_null(const std::string& text) { return text.empty() ? "null" : json_text(text); }
const char* flag(bool value) { return value ? "true" : "false"; }

struct ModelJson {
    std::string operator()(const Bpe& bpe) const {
        const bool visible = bpe.units() == Bpe::Units::bytes;
        const BpeOptions& o = bpe.options();
        const auto piece = [&](std::int32_t id) {
            const std::string& raw = bpe.vocabulary().piece(id);
            return json_text(visible ? to_visible(raw) : raw);
        };
        std::string json = R"({"type":"BPE","dropout":)";
        json += o.dropout > 0.0F ? Json(o.dropout).dump() : "null";
        json += ",\"unk_token\":" + text_or_null(visible ? "" : o.unknown_piece);
        json += ",\"continuing_subword_prefix\":" + text_or_null(o.continuing_prefix);
        json += ",\"end_of_word_suffix\":" + text_or_null(o.end_suffix);
        json += std::string(",\"fuse_unk\":") + flag(o.fuse_unknown);
        json += std::string(",\"byte_fallback\":") + flag(o.byte_fallback);
        json += std::string(",\"ignore_merges\":") + flag(o.ignore_merges);
        json += ",\"vocab\":" + vocabulary_json(bpe.vocabulary(), visible) + ",\"merges\":[";
        bool first = true;
        for (const MergeRule& rule : bpe.rules()) {
            if (!first) json += ',';
            first = false;
            json += '[' + piece(rule.left) + ',' + piece(rule.right) + ']';
        }
        return json + "]}";
    }
    std::string operator()(const WordPiece& model) const {
        std::string json = "{\"type\":\"WordPiece\",\"unk_token\":" + json_text(model.options().unknown_piece);
        json += ",\"continuing_subword_prefix\":" + json_text(model.options().continuing_prefix);
        json += ",\"max_input_chars_per_word\":" + std::to_string(model.options().longest_word);
        return json + ",\"vocab\":" + vocabulary_json(model.vocabulary(), false) + "}";
    }
    std::string operator()(const Unigram& model) const {
        std::string json = "{\"type\":\"Unigram\",\"unk_id\":";
        json += model.unknown() ? std::to_string(*model.unknown()) : "null";
        json += ",\"vocab\":[";
        for (std::int32_t id = 0; id < model.vocabulary().size(); ++id) {
            if (id > 0) json += ',';
            json += '[' + json_text(model.vocabulary().piece(id)) + ',' + Json(model.score(id)).dump() + ']';
        }
        return json + "],\"byte_fallback\":" + flag(model.byte_fallback()) + "}";
    }
};

}  // namespace

std::string write_tokenizer_json(const Tokenizer& tokenizer) {
    const TokenizerParts& parts = tokenizer.parts();
    std::string json = R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":)";
    json += added_json(parts.added_tokens);
    json += ",\n\"normalizer\":" + parts_json(parts.normalizers, "normalizers");
    json += ",\n\"pre_tokenizer\":" + parts_json(parts.splitters, "pretokenizers");
    json += ",\n\"post_processor\":" + parts_json(parts.post_processors, "processors");
    json += ",\n\"decoder\":" + decoders_json(parts.decoders);
    json += ",\n\"model\":" + std::visit(ModelJson{}, parts.model);
    return json + "}\n";
}

}  // namespace glassformer
