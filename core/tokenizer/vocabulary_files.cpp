#include "tokenizer/vocabulary_files.h"

#include <algorithm>

#include "base/error.h"
#include "tokenizer/json_text.h"
#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

/// Calls take(line, number) for every line without its end ("\n" or "\r\n"), numbers from 1.
template <typename Take>
void for_each_line(std::string_view text, Take take) {
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos) end = text.size();
        std::string_view line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        take(line, ++number);
        begin = end + 1;
    }
}

void check_utf8(std::string_view text) {
    if (!is_utf8(text)) decode_utf8(text);  // throws, naming the place
}

std::string_view trim_end(std::string_view line) {
    while (!line.empty()) {
        std::size_t at = line.size() - 1;
        while (at > 0 && (static_cast<std::uint8_t>(line[at]) & 0xC0) == 0x80) --at;
        std::size_t after = at;
        if (!unicode::is_whitespace(take_utf8(line, after))) break;
        line = line.substr(0, at);
    }
    return line;
}

std::string need_piece(const Vocabulary& vocabulary, const char* piece) {
    if (vocabulary.find(piece)) return piece;
    throw Error(ErrorKind::unknown_name,
                {std::string("词表里没有 ") + piece + "。", std::string("The vocabulary lacks ") + piece + "."},
                "vocab");
}

}  // namespace

Vocabulary read_vocab_txt(std::string_view text) {
    check_utf8(text);
    Vocabulary vocabulary;
    for_each_line(text, [&](std::string_view line, std::size_t number) {
        const std::string_view piece = trim_end(line);
        if (const auto known = vocabulary.find(piece)) {
            const std::string first = std::to_string(*known + 1);
            const std::string second = std::to_string(number);
            throw Error(
                ErrorKind::malformed,
                {"vocab.txt 第 " + first + " 行和第 " + second + " 行是同一个片段“" + std::string(piece) + "”。",
                 "Lines " + first + " and " + second + " of vocab.txt are the same piece, \"" + std::string(piece) +
                     "\"."},
                "vocab");
        }
        vocabulary.add(piece);
    });
    return vocabulary;
}

std::string write_vocab_txt(const Vocabulary& vocabulary) {
    std::string text;
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) text += vocabulary.piece(id) + "\n";
    return text;
}

Vocabulary read_vocabulary(const JsonTree::Value& object, const std::string& where) {
    object.expect(JsonTree::Kind::object, where);
    Vocabulary vocabulary;
    vocabulary.reserve(object.size());
    for (const JsonTree::Value member : object) {
        if (member.kind() != JsonTree::Kind::integer)
            member.integer(where + "." + std::string(member.key()));  // throws
        const std::int64_t id = member.integer(where);
        // Beyond 32 bits it is out of range all the more.
        vocabulary.set(static_cast<std::int32_t>(std::clamp<std::int64_t>(id, -1, Vocabulary::most_ids)), member.key());
    }
    return vocabulary;
}

Vocabulary read_vocab_json(std::string_view json) {
    const JsonTree tree(json);
    return read_vocabulary(tree.root(), "vocab");
}

std::string write_vocab_json(const Vocabulary& vocabulary) {
    std::string json = "{";
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
        if (!vocabulary.has(id)) continue;
        if (json.size() > 1) json += ",";
        append_json_text(json, vocabulary.piece(id));
        json += ":" + std::to_string(id);
    }
    return json + "}";
}

void add_named_merge(Bpe& bpe, std::string_view left, std::string_view right, std::size_t number) {
    const auto find = [&](std::string_view piece) {
        if (const auto id = bpe.vocabulary().find(piece)) return *id;
        const std::string name(piece);
        const std::string at = std::to_string(number);
        throw Error(ErrorKind::unknown_name,
                    {"第 " + at + " 条合并用到的片段“" + name + "”不在词表里。",
                     "Merge " + at + " uses the piece \"" + name + "\", which is not in the vocabulary."},
                    "merges");
    };
    const std::size_t prefix = bpe.options().continuing_prefix.size();
    const std::int32_t a = find(left);
    const std::int32_t b = find(right);
    if (right.size() < prefix) {
        const std::string at = std::to_string(number);
        throw Error(ErrorKind::malformed,
                    {"第 " + at + " 条合并的右片段比前缀“" + bpe.options().continuing_prefix + "”还短。",
                     "The right piece of merge " + at + " is shorter than the prefix \"" +
                         bpe.options().continuing_prefix + "\"."},
                    "merges");
    }
    // Most pieces are short: no need to ask for memory for each.
    const std::size_t length = left.size() + right.size() - prefix;
    char short_piece[64];
    std::string long_piece;
    if (length > sizeof(short_piece)) long_piece.resize(length);
    char* const made = length > sizeof(short_piece) ? long_piece.data() : short_piece;
    std::copy(right.begin() + static_cast<std::ptrdiff_t>(prefix), right.end(),
              std::copy(left.begin(), left.end(), made));
    bpe.add_rule({a, b, find({made, length})});
}

void read_merges_txt(std::string_view text, Bpe& bpe) {
    check_utf8(text);
    bpe.reserve_merges(bpe.merges() + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
    std::size_t number = 0;
    for_each_line(text, [&](std::string_view line, std::size_t) {
        if (line.starts_with("#version")) return;
        ++number;
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
            const std::string at = std::to_string(number);
            throw Error(ErrorKind::malformed,
                        {"第 " + at + " 条合并应是用一个空格隔开的两个片段：“" + std::string(line) + "”。",
                         "Merge " + at + " must be two pieces with one space between: \"" + std::string(line) + "\"."},
                        "merges");
        }
        add_named_merge(bpe, line.substr(0, space), line.substr(space + 1), number);
    });
}

std::string write_merges_txt(const Bpe& bpe) {
    std::string text = "#version: 0.2\n";
    for (const MergeRule& rule : bpe.rules()) {
        text += bpe.vocabulary().piece(rule.left) + " " + bpe.vocabulary().piece(rule.right) + "\n";
    }
    return text;
}

Bpe read_bpe(std::string_view vocab_json, std::string_view merges_txt, BpeOptions options) {
    Bpe bpe(read_vocab_json(vocab_json), std::move(options));
    read_merges_txt(merges_txt, bpe);
    return bpe;
}

Tokenizer gpt2_tokenizer(std::string_view vocab_json, std::string_view merges_txt) {
    TokenizerParts parts{.normalizers = {},
                         .splitters = {ByteLevelSplit{.add_prefix_space = false}},
                         .model = read_bpe(vocab_json, merges_txt),
                         .post_processors = {ByteLevelProcessing{.trim_offsets = false}},
                         .decoders = std::vector<Decoder>{ByteLevelDecoder{}},
                         .added_tokens = {}};
    Tokenizer tokenizer(std::move(parts));
    tokenizer.add_tokens({{.content = "<|endoftext|>", .special = true}});
    return tokenizer;
}

Tokenizer bert_tokenizer(std::string_view vocab_txt, bool lowercase) {
    WordPiece model(read_vocab_txt(vocab_txt), {});
    const auto named = [&](const char* piece) {
        return NamedToken{need_piece(model.vocabulary(), piece), *model.vocabulary().find(piece)};
    };
    need_piece(model.vocabulary(), "[UNK]");
    BertNormalizer normalizer;
    normalizer.lowercase = lowercase;
    const BertProcessing processing{named("[SEP]"), named("[CLS]")};
    TokenizerParts parts{.normalizers = {normalizer},
                         .splitters = {BertSplit{}},
                         .model = std::move(model),
                         .post_processors = {processing},
                         .decoders = std::vector<Decoder>{WordPieceDecoder{}},
                         .added_tokens = {}};
    Tokenizer tokenizer(std::move(parts));
    for (const char* piece : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
        if (!tokenizer.vocabulary().find(piece)) continue;
        tokenizer.add_tokens({{.content = piece, .normalized = false, .special = true}});
    }
    return tokenizer;
}

}  // namespace glassformer
