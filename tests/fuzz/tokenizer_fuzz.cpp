// libFuzzer on the tokenizers: whatever files, texts and corpora arrive, the answer is a result that agrees with itself
// or a typed Error. The first byte chooses: a tokenizer.json, one composed of good parts, vocab.txt, vocab.json with
// merges.txt, or a corpus to train on. Where there are several texts, the byte FF stands between them.
#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/tokenizer_json.h"
#include "tokenizer/unigram_trainer.h"
#include "tokenizer/utf8.h"
#include "tokenizer/vocabulary_files.h"

using namespace glassformer;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

template <typename Call>
bool accepted(Call call) {
    try {
        call();
        return true;
    } catch (const Error& error) {
        demand(error.kind() != ErrorKind::internal);
        return false;
    }
}

/// What follows, up to the next FF.
std::string_view take(std::string_view& rest) {
    const std::size_t end = rest.find('\xFF');
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

void encode(const Tokenizer& tokenizer, std::string_view text) {
    Encoding encoding;
    if (!accepted([&] { encoding = tokenizer.encode(text); })) {
        demand(!accepted([&] { (void)tokenizer.encode_ids(text); }));
        return;
    }
    demand(tokenizer.encode_ids(text) == encoding.ids);
    const auto characters = static_cast<std::int32_t>(decode_utf8(text).size());
    for (std::size_t i = 0; i < encoding.size(); ++i) {
        const SourceSpan span = encoding.spans[i];
        demand(0 <= span.begin && span.begin <= span.end && span.end <= characters);
        const auto piece = tokenizer.piece(encoding.ids[i]);
        demand(encoding.special[i] != 0 || piece.has_value());
    }
    (void)byte_fragments(encoding, decode_utf8(text));
    (void)accepted([&] { (void)tokenizer.decode(encoding.ids); });
    Rng rng(7);
    EncodeOptions drawn;
    drawn.rng = &rng;
    drawn.unigram.theta = 0.5;
    (void)accepted([&] { (void)tokenizer.encode(text, drawn); });
    (void)accepted([&] { (void)tokenizer.encode_pair(text, text); });
    demand(!tokenizer.stages(text).empty());
}

void use(const Tokenizer& tokenizer, std::string_view text) {
    encode(tokenizer, text);
    // What was accepted is written and must come back the same.
    const std::string written = write_tokenizer_json(tokenizer);
    const Tokenizer again = read_tokenizer_json(written);
    demand(write_tokenizer_json(again) == written);
    Encoding first, second;
    const bool works = accepted([&] { first = tokenizer.encode(text); });
    demand(accepted([&] { second = again.encode(text); }) == works);
    demand(first.ids == second.ids && first.spans == second.spans);
}

const char* const normalizers[] = {
    R"({"type":"NFC"})",
    R"({"type":"NFD"})",
    R"({"type":"NFKC"})",
    R"({"type":"NFKD"})",
    R"({"type":"Lowercase"})",
    R"({"type":"StripAccents"})",
    R"({"type":"Nmt"})",
    R"({"type":"ByteLevel"})",
    R"({"type":"Strip","strip_left":true,"strip_right":true})",
    R"({"type":"Prepend","prepend":"▁"})",
    R"({"type":"Replace","pattern":{"String":" "},"content":"▁"})",
    R"({"type":"Replace","pattern":{"String":"a"},"content":""})",
    R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true})",
};
const char* const splitters[] = {
    R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true})",
    R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false})",
    R"({"type":"BertPreTokenizer"})",
    R"({"type":"Whitespace"})",
    R"({"type":"WhitespaceSplit"})",
    R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true})",
    R"({"type":"Punctuation","behavior":"MergedWithNext"})",
    R"({"type":"Digits","individual_digits":false})",
    R"({"type":"CharDelimiterSplit","delimiter":"a"})",
    R"({"type":"Split","pattern":{"String":"ab"},"behavior":"Contiguous","invert":true})",
};
const char* const models[] = {
    R"({"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{"<unk>":0,"a":1,"b":2,"ab":3,"aba":4,"Ġ":5,"Ġa":6},"merges":["a b","ab a","Ġ a"]})",
    R"({"type":"BPE","end_of_word_suffix":"</w>","vocab":{"a":0,"b</w>":1,"ab</w>":2},"merges":[["a","b</w>"]]})",
    R"({"type":"BPE","byte_fallback":true,"unk_token":"?","vocab":{"?":0,"<0xC3>":1,"<0xA9>":2,"<0x61>":3,"▁":4},"merges":[]})",
    R"({"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":20,"vocab":{"[UNK]":0,"a":1,"##b":2,"##a":3,"狗":4}})",
    R"({"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1.5],["ab",-2],["b",-2.5],["▁",-1],["▁a",-3]]})",
    R"({"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["a",-1],["<0xC3>",-9],["<0xA9>",-9]]})",
};
const char* const decoders[] = {
    R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})",
    R"({"type":"WordPiece","prefix":"##","cleanup":true})",
    R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true})",
    R"({"type":"BPEDecoder","suffix":"</w>"})",
    R"({"type":"ByteFallback"})",
    R"({"type":"Fuse"})",
    R"({"type":"Strip","content":" ","start":1,"stop":1})",
    R"({"type":"Replace","pattern":{"String":"▁"},"content":" "})",
};
const char* const processors[] = {
    R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true})",
    R"({"type":"RobertaProcessing","sep":["a",1],"cls":["b",2],"trim_offsets":true,"add_prefix_space":false})",
    R"({"type":"BertProcessing","sep":["a",1],"cls":["b",2]})",
    R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":1}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"x":{"id":"x","ids":[1,2],"tokens":["a","b"]}}})",
};

template <std::size_t N>
std::string sequence(const char* const (&parts)[N], const char* list, std::uint8_t first, std::uint8_t second) {
    if (first % 4 == 0) return "null";
    if (first % 4 == 1) return parts[second % N];
    return std::string(R"({"type":"Sequence",")") + list + "\":[" + parts[first / 4 % N] + "," + parts[second % N] +
           "]}";
}

/// Good parts chosen by ten bytes.
std::string composed(std::string_view choice) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(choice[i]); };
    std::string json = R"({"version":"1.0","normalizer":)" + sequence(normalizers, "normalizers", byte(0), byte(1));
    json += R"(,"pre_tokenizer":)" + sequence(splitters, "pretokenizers", byte(2), byte(3));
    json += R"(,"post_processor":)" + sequence(processors, "processors", byte(4), byte(5));
    json += R"(,"decoder":)" + sequence(decoders, "decoders", byte(6), byte(7));
    json += std::string(R"(,"model":)") + models[byte(8) % std::size(models)];
    const auto flag = [&](int bit) { return byte(9) >> bit & 1 ? "true" : "false"; };
    if ((byte(9) & 1) != 0) {
        // The id is what the model has "ab" at, or the next one.
        json += std::string(R"(,"added_tokens":[{"content":"ab","id":)") + "335524"[byte(8) % std::size(models)] +
                R"(,"single_word":)" + flag(1) + R"(,"lstrip":)" + flag(2) + R"(,"rstrip":)" + flag(3) +
                R"(,"normalized":)" + flag(4) + R"(,"special":)" + flag(5) + "}]";
    }
    return json + "}";
}

void train(std::string_view settings, std::string_view corpus) {
    if (!is_utf8(corpus)) return;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(settings[i]); };
    WordCounter counter;
    for (std::size_t at = 0; at < corpus.size();) {
        const std::size_t end = std::min(corpus.find(' ', at), corpus.size());
        if (end > at) counter.add(corpus.substr(at, end - at), 1 + byte(0) % 3);
        at = end + 1;
    }
    const WordCounts words = counter.sorted();
    BpeTrainerOptions options;
    options.vocab_size = byte(1);
    options.min_frequency = byte(2) % 4;
    if ((byte(0) & 4) != 0) options.end_suffix = "</w>";
    if ((byte(0) & 8) != 0) options.continuing_prefix = "##";
    if ((byte(0) & 16) != 0) options.max_token_length = byte(3) % 6;
    if ((byte(0) & 32) != 0) options.limit_alphabet = byte(3);
    (void)accepted([&] {
        const TrainedBpe trained = train_bpe(words, options);
        demand(trained.merges.size() == trained.counts.size());
        BpeOptions affixes;
        affixes.continuing_prefix = options.continuing_prefix;
        affixes.end_suffix = options.end_suffix;
        const Bpe model = trained.model(affixes);
        for (const auto& [word, count] : words) (void)model.encode_word(word);
    });
    UnigramTrainerOptions unigram;
    unigram.vocab_size = byte(1);
    unigram.seed_size = 4 * byte(2);
    unigram.sparse = (byte(0) & 64) != 0;
    (void)accepted([&] {
        const Unigram model = train_unigram(words, unigram);
        demand(model.vocabulary().size() <= byte(1));
        for (const auto& [word, count] : words) {
            const Lattice lattice = model.lattice(word);
            demand(lattice.segmentations() >= 1.0);
            demand(model.encode_word(word) == model.tokens(word, 0, lattice, lattice.best()));
        }
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 12) return 0;
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 5) {
        case 0:
            accepted([&] {
                const Tokenizer tokenizer = read_tokenizer_json(take(rest));
                use(tokenizer, take(rest));
            });
            break;
        case 1: {
            const Tokenizer tokenizer = read_tokenizer_json(composed(rest.substr(0, 10)));
            use(tokenizer, rest.substr(10));
            break;
        }
        case 2:
            accepted([&] {
                const Tokenizer tokenizer = bert_tokenizer(take(rest), (data[0] & 8) != 0);
                use(tokenizer, take(rest));
            });
            break;
        case 3:
            accepted([&] {
                const std::string_view vocabulary = take(rest);
                const Tokenizer tokenizer = gpt2_tokenizer(vocabulary, take(rest));
                use(tokenizer, take(rest));
            });
            break;
        default: train(rest.substr(0, 4), rest.substr(4));
    }
    return 0;
}
