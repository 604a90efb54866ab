#include "base/error.h"
#include "support/catch.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/unicode.h"
#include "tokenizer/utf8.h"

using namespace glassformer;

namespace {

std::vector<std::string> cut(PreTokenizer kind, const std::string& text) {
    const TextIndex index(text);
    std::vector<std::string> words;
    for (const WordSpan& span : pre_tokenize(kind, index.points())) words.push_back(index.slice(span.begin, span.end));
    return words;
}
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("UTF-8 round trip, and every kind of broken text is refused with its place") {
    for (const std::string text : {"", "a", "狗", "👩‍👩‍👧", "𠮷é\t\n", "\xF4\x8F\xBF\xBF"}) {
        CHECK(encode_utf8(decode_utf8(text)) == text);
        CHECK(is_utf8(text));
    }
    for (const std::string text :
         {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE7\x8B", "\xFF", "a\xE7z"}) {
        CHECK(!is_utf8(text));
        CHECK_THROWS_AS(decode_utf8(text), Error);
    }
    try {
        decode_utf8("ab\xFFz");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::malformed);
        CHECK(error.message().en.find("byte 2") != std::string::npos);
    }
    CHECK_THROWS_AS(encode_utf8(std::u32string(1, 0xD800)), Error);
}

TEST_CASE("characters and bytes of a text are told apart") {
    const TextIndex index("a狗👩b");
    CHECK(index.characters() == 4);
    CHECK(index.byte_of(1) == 1);
    CHECK(index.byte_of(2) == 4);
    CHECK(index.byte_of(4) == 9);
    CHECK(index.character_at(3) == 1);
    CHECK(index.character_at(8) == 3);
    CHECK(index.slice(1, 3) == "狗👩");
}

TEST_CASE("categories of characters") {
    CHECK(unicode::is_letter(U'狗'));
    CHECK(unicode::is_letter(U'é'));
    CHECK(unicode::is_letter(U'ß'));
    CHECK(!unicode::is_letter(U'1'));
    CHECK(unicode::is_number(U'Ⅷ'));
    CHECK(unicode::is_number(U'٣'));
    CHECK(unicode::is_mark(0x0301));
    CHECK(unicode::is_whitespace(0x3000));
    CHECK(!unicode::is_whitespace(0x200B));
    CHECK(unicode::is_bert_punctuation(U'。'));
    CHECK(unicode::is_bert_punctuation(U'$'));
    CHECK(!unicode::is_bert_punctuation(U'a'));
    CHECK(unicode::is_cjk(U'狗'));
    CHECK(!unicode::is_cjk(U'の'));
}

TEST_CASE("whitespace and BERT pre-tokenization") {
    CHECK(cut(PreTokenizer::whitespace, "  low  lower\n狗 ") == Words{"low", "lower", "狗"});
    CHECK(cut(PreTokenizer::whitespace, " \t\n").empty());
    CHECK(cut(PreTokenizer::bert, "don't 我爱NLP！") == Words{"don", "'", "t", "我", "爱", "NLP", "！"});
}

TEST_CASE("GPT-2's pattern, alternative by alternative") {
    // Expected from the published pattern, matched by hand; tests/golden/tokenizer holds more from its reference.
    CHECK(cut(PreTokenizer::gpt2, "Hello world") == Words{"Hello", " world"});
    CHECK(cut(PreTokenizer::gpt2, "I'll we've don't") == Words{"I", "'ll", " we", "'ve", " don", "'t"});
    CHECK(cut(PreTokenizer::gpt2, "a  b") == Words{"a", " ", " b"});
    CHECK(cut(PreTokenizer::gpt2, "a   ") == Words{"a", "   "});
    CHECK(cut(PreTokenizer::gpt2, "x=12.5") == Words{"x", "=", "12", ".", "5"});
    CHECK(cut(PreTokenizer::gpt2, "\n\nab") == Words{"\n", "\n", "ab"});
    CHECK(cut(PreTokenizer::gpt2, "我爱 狗！") == Words{"我爱", " 狗", "！"});
    CHECK(cut(PreTokenizer::gpt2, " !!") == Words{" !!"});
    CHECK(cut(PreTokenizer::gpt2, "'S 's") == Words{"'", "S", " '", "s"});
}

TEST_CASE("GPT-2's pattern drops nothing") {
    for (const std::string text : {" a  b \n", "👩‍👩‍👧 café\t", "''''", "   ", "1 2  3   "}) {
        std::string joined;
        for (const std::string& word : cut(PreTokenizer::gpt2, text)) joined += word;
        CHECK(joined == text);
    }
}
