#include "tokenizer/normalizer.h"

#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

void clean_text(NormalizedText& text) {
    text.keep_if([](char32_t c) { return (unicode::flags(c) & unicode::bert_control) == 0; });
    text.map([](char32_t c) { return unicode::is_whitespace(c) ? U' ' : c; });
}

void space_chinese(NormalizedText& text) {
    std::vector<unicode::Change> changes;
    changes.reserve(text.size());
    for (const char32_t c : text.text()) {
        if (unicode::is_cjk(c)) {
            changes.insert(changes.end(), {{U' ', 0}, {c, 1}, {U' ', 1}});
        } else {
            changes.push_back({c, 0});
        }
    }
    text.apply(changes);
}

void strip_accents(NormalizedText& text) {
    text.normalize(unicode::Form::nfd);
    text.keep_if([](char32_t c) { return (unicode::flags(c) & unicode::bert_nonspacing_mark) == 0; });
}

void nmt(NormalizedText& text) {
    text.keep_if([](char32_t c) {
        return !((c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F ||
                 c == 0x9F);
    });
    text.map([](char32_t c) {
        const bool separator = c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
                               (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                               c == 0xFEFF || c == 0xFFFD;
        return separator ? U' ' : c;
    });
}

using Step = std::pair<const char*, void (*)(NormalizedText&)>;

/// BERT's normalizer as the steps that its switches leave.
std::vector<Step> bert_steps(const BertNormalizer& bert) {
    std::vector<Step> steps;
    if (bert.clean_text) steps.emplace_back("clean_text", clean_text);
    if (bert.handle_chinese_chars) steps.emplace_back("chinese_chars", space_chinese);
    if (bert.strip_accents.value_or(bert.lowercase)) steps.emplace_back("strip_accents", strip_accents);
    if (bert.lowercase) steps.emplace_back("lowercase", [](NormalizedText& text) { text.lowercase(); });
    return steps;
}

const char* form_name(unicode::Form form) {
    static const char* const names[] = {"NFC", "NFD", "NFKC", "NFKD"};
    return names[static_cast<int>(form)];
}

struct Apply {
    NormalizedText& text;
    void operator()(const UnicodeNormalizer& n) const { text.normalize(n.form); }
    void operator()(const LowercaseNormalizer&) const { text.lowercase(); }
    void operator()(const StripAccentsNormalizer&) const {
        text.keep_if([](char32_t c) { return !unicode::is_mark(c); });
    }
    void operator()(const BertNormalizer& n) const {
        for (const auto& [name, step] : bert_steps(n)) step(text);
    }
    void operator()(const StripNormalizer& n) const { text.strip(n.left, n.right); }
    void operator()(const PrependNormalizer& n) const { text.prepend(decode_utf8(n.text)); }
    void operator()(const ReplaceNormalizer& n) const { text.replace(decode_utf8(n.pattern), decode_utf8(n.content)); }
    void operator()(const NmtNormalizer&) const { nmt(text); }
    void operator()(const ByteLevelNormalizer&) const { text.to_visible_bytes(); }
};

struct Name {
    std::string operator()(const UnicodeNormalizer& n) const { return form_name(n.form); }
    std::string operator()(const LowercaseNormalizer&) const { return "Lowercase"; }
    std::string operator()(const StripAccentsNormalizer&) const { return "StripAccents"; }
    std::string operator()(const BertNormalizer&) const { return "BertNormalizer"; }
    std::string operator()(const StripNormalizer&) const { return "Strip"; }
    std::string operator()(const PrependNormalizer&) const { return "Prepend"; }
    std::string operator()(const ReplaceNormalizer&) const { return "Replace"; }
    std::string operator()(const NmtNormalizer&) const { return "Nmt"; }
    std::string operator()(const ByteLevelNormalizer&) const { return "ByteLevel"; }
};

}  // namespace

void normalize(const Normalizer& normalizer, NormalizedText& text) { std::visit(Apply{text}, normalizer); }

void normalize(const std::vector<Normalizer>& normalizers, NormalizedText& text) {
    for (const Normalizer& normalizer : normalizers) normalize(normalizer, text);
}

std::vector<NormalizerStage> normalizer_stages(const std::vector<Normalizer>& normalizers, NormalizedText text) {
    std::vector<NormalizerStage> stages;
    for (const Normalizer& normalizer : normalizers) {
        if (const auto* bert = std::get_if<BertNormalizer>(&normalizer)) {
            for (const auto& [name, step] : bert_steps(*bert)) {
                step(text);
                stages.push_back({name, text});
            }
        } else {
            normalize(normalizer, text);
            stages.push_back({std::visit(Name{}, normalizer), text});
        }
    }
    return stages;
}

}  // namespace glassformer
