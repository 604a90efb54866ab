#include "tokenizer/post_processor.h"

#include <algorithm>

#include "base/error.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

using Encodings = std::vector<Encoding>;

void trim_offsets(Encoding& encoding, bool add_prefix_space) {
    const char32_t visible_space = visible_byte(' ');
    const auto blank = [&](char32_t c) { return c == visible_space || unicode::is_whitespace(c); };
    for (std::size_t i = 0; i < encoding.size(); ++i) {
        const std::u32string piece = decode_utf8(encoding.pieces[i]);
        SourceSpan& span = encoding.spans[i];
        const auto first = std::find_if_not(piece.begin(), piece.end(), blank);
        const auto last = std::find_if_not(piece.rbegin(), piece.rend(), blank);
        auto leading = static_cast<std::int32_t>(first - piece.begin());
        const auto trailing = static_cast<std::int32_t>(last - piece.rbegin());
        if (leading > 0) {
            // One space at the very start is the prefix space, which stands for nothing of the text.
            const bool prefix = (i == 0 || span.begin == 0) && add_prefix_space && leading == 1;
            if (!prefix) span.begin = std::min(span.begin + leading, span.end);
        }
        if (trailing > 0 && span.end >= trailing) span.end = std::max(span.end - trailing, span.begin);
    }
}

/// Puts a special token before (or, at = size, behind) an encoding.
Encoding with_token(const Encoding& encoding, const NamedToken& token, bool before, std::int32_t type) {
    Encoding added = Encoding::special_token(token.id, token.piece, type);
    Encoding out = before ? added : encoding;
    out.append(before ? encoding : added);
    return out;
}

struct Process {
    Encodings texts;
    bool add_special_tokens;

    Encodings operator()(const TemplateProcessing& p) {
        if (texts.size() > 2) {
            throw Error(ErrorKind::constraint, {"模板后处理一次只能处理一段或两段文本。",
                                                "Template processing takes one text or two at a time."});
        }
        Encodings out;
        for (const TemplatePiece& piece : texts.size() == 2 ? p.pair : p.single) {
            if (piece.sequence >= 0) {
                Encoding& text = texts[static_cast<std::size_t>(piece.sequence)];
                text.types.assign(text.size(), piece.type);
                out.push_back(text);
            } else if (add_special_tokens) {
                const TemplateProcessing::Special& special = p.special_tokens.at(piece.token);
                Encoding added;
                for (std::size_t i = 0; i < special.ids.size(); ++i) {
                    added.append(Encoding::special_token(special.ids[i], special.pieces[i], piece.type));
                }
                out.push_back(std::move(added));
            }
        }
        return out;
    }
    Encodings operator()(const BertProcessing& p) {
        for (std::size_t i = 0; add_special_tokens && i < texts.size(); ++i) {
            if (i == 0) texts[i] = with_token(texts[i], p.cls, true, 0);
            texts[i] = with_token(texts[i], p.sep, false, i == 0 ? 0 : 1);
        }
        return std::move(texts);
    }
    Encodings operator()(const RobertaProcessing& p) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (p.trim_offsets) trim_offsets(texts[i], p.add_prefix_space);
            texts[i].types.assign(texts[i].size(), 0);
            if (!add_special_tokens) continue;
            texts[i] = with_token(texts[i], i == 0 ? p.cls : p.sep, true, 0);
            texts[i] = with_token(texts[i], p.sep, false, 0);
        }
        return std::move(texts);
    }
    Encodings operator()(const ByteLevelProcessing& p) {
        for (Encoding& text : texts) {
            if (p.trim_offsets) trim_offsets(text, p.add_prefix_space);
        }
        return std::move(texts);
    }
};

struct Added {
    bool pair;
    std::size_t operator()(const TemplateProcessing& p) const {
        std::size_t count = 0;
        for (const TemplatePiece& piece : pair ? p.pair : p.single) {
            if (piece.sequence < 0) count += p.special_tokens.at(piece.token).ids.size();
        }
        return count;
    }
    std::size_t operator()(const BertProcessing&) const { return pair ? 3 : 2; }
    std::size_t operator()(const RobertaProcessing&) const { return pair ? 4 : 2; }
    std::size_t operator()(const ByteLevelProcessing&) const { return 0; }
};

}  // namespace

Encoding post_process(const std::vector<PostProcessor>& processors, std::vector<Encoding> texts,
                      bool add_special_tokens) {
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i].types.assign(texts[i].size(), static_cast<std::int32_t>(i));
    for (const PostProcessor& processor : processors) {
        Process process{std::move(texts), add_special_tokens};
        texts = std::visit(process, processor);
    }
    Encoding whole;
    for (const Encoding& text : texts) whole.append(text);
    return whole;
}

std::size_t added_count(const std::vector<PostProcessor>& processors, bool pair) {
    std::size_t count = 0;
    for (const PostProcessor& processor : processors) count += std::visit(Added{pair}, processor);
    return count;
}

void validate(const TemplateProcessing& processing) {
    for (const auto& [name, special] : processing.special_tokens) {
        if (special.ids.size() == special.pieces.size()) continue;
        throw Error(ErrorKind::malformed,
                    {"特殊词元“" + name + "”的 ids 和 tokens 个数不同。",
                     "The special token \"" + name + "\" has different numbers of ids and tokens."},
                    "special_tokens");
    }
    const auto check = [&](const std::vector<TemplatePiece>& pieces, std::int32_t texts) {
        for (const TemplatePiece& piece : pieces) {
            if (piece.sequence >= texts) {
                throw Error(ErrorKind::malformed,
                            {"单句模板里用了第二段文本（B）。", "The template for one text uses the second one (B)."},
                            "single");
            }
            if (piece.sequence < 0 && processing.special_tokens.count(piece.token) == 0) {
                throw Error(ErrorKind::malformed,
                            {"模板用到的特殊词元“" + piece.token + "”没有声明。",
                             "The template uses the special token \"" + piece.token + "\", which is not declared."},
                            "special_tokens");
            }
        }
    };
    check(processing.single, 1);
    check(processing.pair, 2);
}

}  // namespace glassformer
