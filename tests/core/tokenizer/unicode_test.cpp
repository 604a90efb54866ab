// Every code point and random runs of combining characters, against the reference's hashes.
#include "tokenizer/unicode.h"
#include "golden.h"
#include "support/catch.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/splitting.h"
#include "tokenizer/utf8.h"

using namespace glassformer;

namespace {

/// Every code point, in texts of 256 with an x after each.
template <typename Take>
void for_each_block(Take take) {
    for (char32_t first = 0; first < 0x110000; first += 0x100) {
        if (first >= 0xD800 && first <= 0xDFFF) continue;
        std::u32string text;
        for (char32_t c = first; c < first + 0x100; ++c) {
            text += c;
            text += U'x';
        }
        take(text);
    }
}

BertNormalizer bert_off() {
    return {.clean_text = false, .handle_chinese_chars = false, .strip_accents = false, .lowercase = false};
}

}  // namespace

TEST_CASE("every code point is normalized as the reference does") {
    BertNormalizer clean = bert_off(), chinese = bert_off(), accents = bert_off();
    clean.clean_text = true;
    chinese.handle_chinese_chars = true;
    accents.strip_accents = true;
    const std::vector<std::pair<const char*, Normalizer>> normalizers = {
        {"NFC", UnicodeNormalizer{unicode::Form::nfc}},
        {"NFD", UnicodeNormalizer{unicode::Form::nfd}},
        {"NFKC", UnicodeNormalizer{unicode::Form::nfkc}},
        {"NFKD", UnicodeNormalizer{unicode::Form::nfkd}},
        {"Lowercase", LowercaseNormalizer{}},
        {"StripAccents", StripAccentsNormalizer{}},
        {"Nmt", NmtNormalizer{}},
        {"Strip", StripNormalizer{}},
        {"clean_text", clean},
        {"handle_chinese_chars", chinese},
        {"strip_accents", accents},
    };
    const Json expected = golden::load("hashes.json")["unicode"];
    for (const auto& [name, normalizer] : normalizers) {
        golden::Hash hash;
        for_each_block([&, &normalizer = normalizer](const std::u32string& block) {
            NormalizedText text(block);
            normalize(normalizer, text);
            hash.bytes(encode_utf8(text.text()));
        });
        INFO(name);
        CHECK(hash.hex() == expected[name].get<std::string>());
    }
}

TEST_CASE("every code point is split as the reference does") {
    const std::vector<std::pair<const char*, Splitter>> splitters = {
        {"gpt2", ByteLevelSplit{.add_prefix_space = false}},
        {"BertPreTokenizer", BertSplit{}},
        {"Whitespace", WhitespaceSplit{}},
        {"WhitespaceSplit", WhitespaceOnlySplit{}},
        {"Digits", DigitsSplit{.individual = true}},
        {"Punctuation", PunctuationSplit{}},
    };
    const Json expected = golden::load("hashes.json")["unicode"];
    for (const auto& [name, splitter] : splitters) {
        golden::Hash hash;
        for_each_block([&, &splitter = splitter](const std::u32string& block) {
            SplitText text{NormalizedText(block), {{0, block.size()}}};
            split(splitter, text);
            for (const SplitText::Part& part : text.parts) {
                const SourceSpan span = text.text.origin(part.begin, part.end);
                hash.number(span.begin);
                hash.number(span.end);
            }
        });
        INFO(name);
        CHECK(hash.hex() == expected[name].get<std::string>());
    }
}

TEST_CASE("runs of combining characters are normalized as the reference does, offsets included") {
    // The list and the generator are those of make_tokenizers.py.
    static const char32_t combining[] = {
        0x41,   0x61,   0x65,    0x73,    0x69,    0x20,    0x300,  0x301,  0x303,  0x307,  0x308,  0x30A,  0x323,
        0x327,  0x328,  0x32D,   0x331,   0x334,   0x338,   0x345,  0x35C,  0x360,  0xC5,   0xE9,   0x1E69, 0x1E9B,
        0x1EA5, 0x212B, 0xFB01,  0x2126,  0x1100,  0x1112,  0x1161, 0x1169, 0x11A7, 0x11A8, 0x11C2, 0xAC00, 0xAC01,
        0xD55C, 0xD7A3, 0x3099,  0x309A,  0x304B,  0x30CF,  0x5B0,  0x5B8,  0x5C1,  0x5E9,  0xFB2A, 0x64B,  0x651,
        0x652,  0x627,  0x653,   0x93C,   0x915,   0x958,   0x9C7,  0x9BE,  0xB92,  0xBD7,  0xDD9,  0xDCA,  0xDCF,
        0xDDC,  0xFB2C, 0x1D15E, 0x1D157, 0x1D165, 0x2F800, 0xF900, 0x3392, 0xFF21, 0xFF76, 0xFF9E, 0x130,  0x49,
        0x3A3,  0x1C5,  0x4E00,  0x21,    0x3002,  0x200D,  0xFE0F};
    golden::Random random(7);
    std::vector<std::string> texts;
    for (int i = 0; i < 3000; ++i) {
        std::u32string text;
        for (std::size_t n = random.below(24); n > 0; --n) text += combining[random.below(std::size(combining))];
        texts.push_back(encode_utf8(text));
    }
    const std::vector<std::pair<const char*, Normalizer>> normalizers = {
        {"NFC", UnicodeNormalizer{unicode::Form::nfc}},
        {"NFD", UnicodeNormalizer{unicode::Form::nfd}},
        {"NFKC", UnicodeNormalizer{unicode::Form::nfkc}},
        {"NFKD", UnicodeNormalizer{unicode::Form::nfkd}},
        {"BertNormalizer", BertNormalizer{}},
        {"Lowercase", LowercaseNormalizer{}},
    };
    const Json expected = golden::load("hashes.json")["combining"];
    for (const auto& [name, normalizer] : normalizers) {
        golden::Hash text_hash;
        golden::Hash offsets;
        for (const std::string& source : texts) {
            NormalizedText text(decode_utf8(source));
            normalize(normalizer, text);
            text_hash.bytes(encode_utf8(text.text()));
            for (std::size_t i = 0; i < text.size(); ++i) {
                offsets.number(text.origin(i).begin);
                offsets.number(text.origin(i).end);
            }
        }
        INFO(name);
        CHECK(text_hash.hex() == expected[name]["text"].get<std::string>());
        CHECK(offsets.hex() == expected[name]["offsets"].get<std::string>());
    }
}
