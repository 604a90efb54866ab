#include "tokenizer/tokenizer.h"

#include "tokenizer/byte_level.h"
#include "tokenizer/gpt2_pattern.h"
#include "tokenizer/units.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

const char* model_name(const TokenizerModel& model) {
    if (std::holds_alternative<Bpe>(model)) return "BPE";
    return std::holds_alternative<WordPiece>(model) ? "WordPiece" : "Unigram";
}

TokenizerStage stage_of(const char* role, const std::string& name, const SplitText& text) {
    TokenizerStage stage{role, name, {}};
    for (const SplitText::Part& part : text.parts) {
        stage.pieces.push_back(
            {encode_utf8(text.characters(part)), text.text.origin(part.begin, part.end), part.token});
    }
    return stage;
}

TokenizerStage stage_of(const char* role, const std::string& name, const Encoding& encoding) {
    TokenizerStage stage{role, name, {}};
    for (std::size_t i = 0; i < encoding.size(); ++i) {
        stage.pieces.push_back({encoding.pieces[i], encoding.spans[i], encoding.ids[i]});
    }
    return stage;
}

}  // namespace

const Vocabulary& Tokenizer::vocabulary() const {
    return std::visit([](const auto& model) -> const Vocabulary& { return model.vocabulary(); }, parts_.model);
}

void Tokenizer::add_tokens(const std::vector<AddedToken>& tokens) {
    for (const AddedToken& token : tokens) parts_.added_tokens.add(token, vocabulary(), parts_.normalizers);
}

SplitText Tokenizer::split_text(std::string_view text) const {
    SplitText split_up = parts_.added_tokens.extract(decode_utf8(text), parts_.normalizers);
    for (const Splitter& splitter : parts_.splitters) split(splitter, split_up);
    return split_up;
}

std::vector<Token> Tokenizer::encode_word(std::string_view word, const EncodeOptions& options) const {
    if (const auto* bpe = std::get_if<Bpe>(&parts_.model)) return bpe->encode_word(word, 0, options.rng);
    if (const auto* wordpiece = std::get_if<WordPiece>(&parts_.model)) return wordpiece->encode_word(word);
    const auto& unigram = std::get<Unigram>(parts_.model);
    if (options.rng == nullptr) return unigram.encode_word(word);
    return unigram.sample_word(word, 0, options.unigram, *options.rng);
}

Encoding Tokenizer::encode_one(std::string_view text, const EncodeOptions& options) const {
    const SplitText words = split_text(text);
    Encoding encoding;
    std::vector<std::size_t> character_of;  // by byte of the word
    for (std::size_t w = 0; w < words.parts.size(); ++w) {
        const SplitText::Part& part = words.parts[w];
        const std::string word = encode_utf8(words.characters(part));
        const auto index = static_cast<std::int32_t>(w);
        if (part.token >= 0) {
            encoding.push_back(part.token, word, words.text.origin(part.begin, part.end), index);
            continue;
        }
        character_of.clear();
        for (std::size_t at = 0, c = part.begin; at < word.size(); ++c) {
            const std::size_t length = character_length(word, at);
            character_of.insert(character_of.end(), length, c);
            at += length;
        }
        for (const Token& token : encode_word(word, options)) {
            // A token's bytes may lie inside a character; it then stands for all of it. Byte fallback after a prefix
            // can count past the end of the word.
            const auto last = std::min(static_cast<std::size_t>(token.end), word.size()) - 1;
            const auto first = std::min(static_cast<std::size_t>(token.begin), last);
            encoding.push_back(token.id, vocabulary().piece(token.id),
                               words.text.origin(character_of[first], character_of[last] + 1), index);
        }
    }
    return encoding;
}

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
    return post_process(parts_.post_processors, {encode_one(text, options)}, options.add_special_tokens);
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second, const EncodeOptions& options) const {
    std::vector<Encoding> texts{encode_one(first, options), encode_one(second, options)};
    return post_process(parts_.post_processors, std::move(texts), options.add_special_tokens);
}

ByteBpeEncoder* Tokenizer::fast_encoder() const {
    if (fast_for_ != &parts_.model) {
        fast_for_ = &parts_.model;
        fast_ = nullptr;
        const auto* bpe = std::get_if<Bpe>(&parts_.model);
        const bool byte_level = parts_.normalizers.empty() && parts_.splitters.size() == 1 &&
                                std::holds_alternative<ByteLevelSplit>(parts_.splitters[0]);
        if (bpe != nullptr && byte_level) {
            if (auto made = ByteBpeEncoder::make(*bpe)) fast_ = std::make_shared<ByteBpeEncoder>(std::move(*made));
        }
    }
    return fast_.get();
}

std::vector<std::int32_t> Tokenizer::encode_ids(std::string_view text, bool add_special_tokens) const {
    ByteBpeEncoder* fast = fast_encoder();
    if (fast == nullptr || (add_special_tokens && added_count(parts_.post_processors, false) > 0)) {
        EncodeOptions options;
        options.add_special_tokens = add_special_tokens;
        return encode(text, options).ids;
    }
    const auto& byte_level = std::get<ByteLevelSplit>(parts_.splitters[0]);
    std::vector<std::int32_t> ids;
    const auto encode_part = [&](std::string_view part) {
        const bool prefix = byte_level.add_prefix_space && !part.empty() && part.front() != ' ';
        const std::string prefixed = prefix ? " " + std::string(part) : "";
        if (prefix) part = prefixed;
        if (byte_level.use_regex) return fast->encode_gpt2(part, ids);
        if (!is_utf8(part)) decode_utf8(part);  // throws, naming the place
        fast->encode(part, ids);
    };
    if (!parts_.added_tokens.any_in(text)) {
        encode_part(text);
        return ids;
    }
    const SplitText split_up = parts_.added_tokens.extract(decode_utf8(text), {});
    for (const SplitText::Part& part : split_up.parts) {
        if (part.token >= 0)
            ids.push_back(part.token);
        else
            encode_part(encode_utf8(split_up.characters(part)));
    }
    return ids;
}

std::optional<std::string> Tokenizer::piece(std::int32_t id) const {
    if (auto added = parts_.added_tokens.text(id)) return added;
    if (!vocabulary().has(id)) return std::nullopt;
    return vocabulary().piece(id);
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
    std::vector<std::string> pieces;
    for (const std::int32_t id : ids) {
        auto next = piece(id);
        if (!next || (skip_special_tokens && parts_.added_tokens.is_special(*next))) continue;
        pieces.push_back(std::move(*next));
    }
    if (parts_.decoders) pieces = glassformer::decode(*parts_.decoders, std::move(pieces));
    std::string text;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i > 0 && !parts_.decoders) text += ' ';
        text += pieces[i];
    }
    return text;
}

std::vector<TokenizerStage> Tokenizer::stages(std::string_view text) const {
    const std::u32string source = decode_utf8(text);
    std::vector<TokenizerStage> stages;
    const auto whole = [](const NormalizedText& normalized) {
        SplitText one{normalized, {}};
        if (!normalized.empty()) one.parts.push_back({0, normalized.size()});
        return one;
    };
    stages.push_back(stage_of("source", "source", whole(NormalizedText(source))));
    for (const NormalizerStage& stage : normalizer_stages(parts_.normalizers, NormalizedText(source))) {
        stages.push_back(stage_of("normalizer", stage.name, whole(stage.text)));
    }
    SplitText split_up = parts_.added_tokens.extract(source, parts_.normalizers);
    if (!parts_.added_tokens.empty()) stages.push_back(stage_of("added_tokens", "added_tokens", split_up));
    for (const Splitter& splitter : parts_.splitters) {
        split(splitter, split_up);
        stages.push_back(stage_of("pre_tokenizer", splitter_name(splitter), split_up));
    }
    stages.push_back(stage_of("model", model_name(parts_.model), encode_one(text, {})));
    if (!parts_.post_processors.empty()) stages.push_back(stage_of("post_processor", "post_processor", encode(text)));
    return stages;
}

WordCounts Tokenizer::count_words(std::string_view corpus) const {
    WordCounter counter;
    // Byte-level words are counted as they stand and made visible once each: the same counts, much sooner.
    const bool raw = parts_.normalizers.empty() && parts_.splitters.size() == 1 &&
                     std::holds_alternative<ByteLevelSplit>(parts_.splitters[0]) &&
                     std::get<ByteLevelSplit>(parts_.splitters[0]).use_regex;
    for (std::size_t begin = 0; begin < corpus.size();) {
        const std::size_t newline = corpus.find('\n', begin);
        const std::size_t end = newline == std::string_view::npos ? corpus.size() : newline + 1;
        const std::string_view line = corpus.substr(begin, end - begin);
        begin = end;
        if (raw) {
            std::string prefixed;
            const bool prefix = std::get<ByteLevelSplit>(parts_.splitters[0]).add_prefix_space && line.front() != ' ';
            if (prefix) prefixed = " " + std::string(line);
            const std::string_view whole = prefix ? std::string_view(prefixed) : line;
            for (std::size_t at = 0; at < whole.size();) {
                const std::size_t stop = gpt2_match(whole, at);
                counter.add(whole.substr(at, stop - at));
                at = stop;
            }
            continue;
        }
        SplitText words{NormalizedText(decode_utf8(line)), {}};
        normalize(parts_.normalizers, words.text);
        if (!words.text.empty()) words.parts.push_back({0, words.text.size()});
        for (const Splitter& splitter : parts_.splitters) split(splitter, words);
        for (const SplitText::Part& part : words.parts) counter.add(encode_utf8(words.characters(part)));
    }
    if (!raw) return counter.sorted();
    WordCounter visible;
    for (const auto& [word, count] : counter.sorted()) visible.add(to_visible(word), count);
    return visible.sorted();
}

}  // namespace glassformer
