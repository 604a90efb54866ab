// Files that are damaged: a typed error that names the place, or the reference's result; never a crash.
#include "base/error.h"
#include "golden.h"
#include "support/catch.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/vocabulary_files.h"

using namespace glassformer;

namespace {

const std::string bpe_model = R"({"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]})";

std::string file(const std::string& model, const std::string& more = "") {
    return "{" + more + (more.empty() ? "" : ",") + "\"model\":" + model + "}";
}

/// The kind of error that reading gives; fails when there is none.
ErrorKind kind_of(const std::string& json) {
    try {
        read_tokenizer_json(json);
    } catch (const Error& error) {
        CHECK(!error.message().zh.empty());
        CHECK(!error.message().en.empty());
        return error.kind();
    }
    FAIL("read without an error: " << json);
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("a tokenizer.json with a fault is refused, each kind by its name") {
    struct Case {
        std::string json;
        ErrorKind kind;
    };
    const std::vector<Case> cases = {
        {"", ErrorKind::malformed},
        {"{", ErrorKind::malformed},
        {"[]", ErrorKind::wrong_type},
        {"{}", ErrorKind::malformed},
        {R"({"model":null})", ErrorKind::wrong_type},
        {file("{}"), ErrorKind::unknown_name},
        {file(R"({"type":"Magic"})"), ErrorKind::unknown_name},
        {file(R"({"type":"WordLevel","vocab":{},"unk_token":"u"})"), ErrorKind::unknown_name},
        {file(R"({"type":7})"), ErrorKind::wrong_type},
        {file(bpe_model, R"("version":"2.0")"), ErrorKind::unknown_name},
        {file(bpe_model, R"("normalizer":{"type":"Precompiled"})"), ErrorKind::unknown_name},
        {file(bpe_model, R"("normalizer":{"type":"Sequence"})"), ErrorKind::malformed},
        {file(bpe_model, R"("normalizer":{"type":"Replace","pattern":{"Regex":"a+"},"content":""})"),
         ErrorKind::constraint},
        {file(bpe_model, R"("normalizer":{"type":"Replace","pattern":{"String":""},"content":""})"),
         ErrorKind::malformed},
        {file(bpe_model, R"("normalizer":[])"), ErrorKind::wrong_type},
        {file(bpe_model,
              R"("pre_tokenizer":{"type":"Split","pattern":{"Regex":"a"},"behavior":"Removed","invert":false})"),
         ErrorKind::constraint},
        {file(bpe_model,
              R"("pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Gone","invert":false})"),
         ErrorKind::unknown_name},
        {file(bpe_model, R"("pre_tokenizer":{"type":"Metaspace","replacement":"__"})"), ErrorKind::malformed},
        {file(bpe_model, R"("pre_tokenizer":{"type":"ByteLevel"})"), ErrorKind::malformed},
        {file(bpe_model, R"("decoder":{"type":"CTC"})"), ErrorKind::unknown_name},
        {file(bpe_model, R"("post_processor":{"type":"BertProcessing","sep":["s"],"cls":["c",1]})"),
         ErrorKind::malformed},
        {file(bpe_model, R"("post_processor":{"type":"BertProcessing","sep":["s",-1],"cls":["c",1]})"),
         ErrorKind::out_of_range},
        {file(
             bpe_model,
             R"("post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],"special_tokens":{}})"),
         ErrorKind::malformed},
        {file(
             bpe_model,
             R"("post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[],"special_tokens":{}})"),
         ErrorKind::malformed},
        {file(bpe_model, R"("truncation":{"max_length":3})"), ErrorKind::constraint},
        {file(bpe_model, R"("padding":{"pad_id":0})"), ErrorKind::constraint},
        {file(
             bpe_model,
             R"("added_tokens":[{"id":7,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}])"),
         ErrorKind::constraint},
        {file(bpe_model, R"("added_tokens":[{"content":"<s>"}])"), ErrorKind::malformed},
        // Merges: missing, of unknown pieces, of an unknown result, of the wrong shape, of two shapes at once.
        {file(R"({"type":"BPE","vocab":{}})"), ErrorKind::malformed},
        {file(R"({"type":"BPE","vocab":{"a":0},"merges":[["a","b"]]})"), ErrorKind::unknown_name},
        {file(R"({"type":"BPE","vocab":{"a":0,"b":1},"merges":[["a","b"]]})"), ErrorKind::unknown_name},
        {file(R"({"type":"BPE","vocab":{"a":0},"merges":["a"]})"), ErrorKind::malformed},
        {file(R"({"type":"BPE","vocab":{"a":0},"merges":["a a a"]})"), ErrorKind::malformed},
        {file(R"({"type":"BPE","vocab":{"a":0},"merges":[["a"]]})"), ErrorKind::malformed},
        {file(R"({"type":"BPE","vocab":{"a":0,"aa":1},"merges":[["a","a"],"a a"]})"), ErrorKind::malformed},
        {file(R"({"type":"BPE","vocab":{"a":0},"merges":{}})"), ErrorKind::wrong_type},
        {file(R"({"type":"BPE","continuing_subword_prefix":"##","vocab":{"a":0,"b":1},"merges":[["a","b"]]})"),
         ErrorKind::malformed},
        {file(R"({"type":"BPE","dropout":1.5,"vocab":{},"merges":[]})"), ErrorKind::out_of_range},
        // Ids: negative, too large, no integers, twice.
        {file(R"({"type":"BPE","vocab":{"a":-1},"merges":[]})"), ErrorKind::out_of_range},
        {file(R"({"type":"BPE","vocab":{"a":4294967296},"merges":[]})"), ErrorKind::out_of_range},
        {file(R"({"type":"BPE","vocab":{"a":99999999999999999999999},"merges":[]})"), ErrorKind::wrong_type},
        {file(R"({"type":"BPE","vocab":{"a":1.5},"merges":[]})"), ErrorKind::wrong_type},
        {file(R"({"type":"BPE","vocab":{"a":"0"},"merges":[]})"), ErrorKind::wrong_type},
        {file(R"({"type":"BPE","vocab":{"a":0,"b":0},"merges":[]})"), ErrorKind::malformed},
        {file(R"({"type":"BPE","vocab":{"a":0,"a":1},"merges":[]})"), ErrorKind::malformed},
        {file(R"({"type":"WordPiece","vocab":{"a":0}})"), ErrorKind::malformed},
        {file(R"({"type":"Unigram","vocab":{"a":0}})"), ErrorKind::wrong_type},
        {file(R"({"type":"Unigram","vocab":[["a",1,2]]})"), ErrorKind::malformed},
        {file(R"({"type":"Unigram","vocab":[["a",null]]})"), ErrorKind::wrong_type},
        {file(R"({"type":"Unigram","vocab":[["a",1e999]]})"), ErrorKind::malformed},
        {file(R"({"type":"Unigram","vocab":[["a",-1.0]],"unk_id":1})"), ErrorKind::out_of_range},
        {file(R"({"type":"Unigram","vocab":[["a",-1.0],["a",-2.0]],"unk_id":0})"), ErrorKind::malformed},
        // Bytes that are no UTF-8, and an escape that is half a character.
        {file("{\"type\":\"BPE\",\"vocab\":{\"\xE7\x8B\":0},\"merges\":[]}"), ErrorKind::malformed},
        {file(R"({"type":"BPE","vocab":{"\ud800":0},"merges":[]})"), ErrorKind::malformed},
        // Deep nesting, in what is read and in what is not.
        {file(bpe_model, "\"normalizer\":" + std::string(100, '[') + std::string(100, ']')), ErrorKind::malformed},
        {std::string(100000, '['), ErrorKind::malformed},
    };
    for (const Case& c : cases) {
        INFO(c.json.substr(0, 200));
        CHECK(error_kind_name(kind_of(c.json)) == std::string(error_kind_name(c.kind)));
    }
}

TEST_CASE("every prefix of a good file is refused, and every byte changed is read or refused") {
    const std::string good = golden::read_file(golden::path("wordpiece_cased.json"));
    for (std::size_t length = 0; length + 2 < good.size(); length += 97) {
        CHECK_THROWS_AS(read_tokenizer_json(good.substr(0, length)), Error);
    }
    std::size_t refused = 0;
    for (std::size_t at = 0; at < good.size(); at += 61) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
        try {
            read_tokenizer_json(damaged).encode("a test 狗");
        } catch (const Error&) {
            ++refused;
        }
    }
    CHECK(refused > 20);
}

TEST_CASE("merges that come twice have the later rank, as in the reference") {
    const Tokenizer tokenizer = read_tokenizer_json(
        file(R"({"type":"BPE","vocab":{"a":0,"b":1,"c":2,"ab":3,"bc":4},"merges":[["a","b"],["b","c"],["a","b"]]})"));
    CHECK(tokenizer.encode("abc").ids == std::vector<std::int32_t>{0, 4});
    CHECK(std::get<Bpe>(tokenizer.model()).rules().size() == 2);
}

TEST_CASE("merges that make a piece of itself end") {
    // The empty piece, and a prefix alone, merge into what stood there: each merge still takes a symbol away.
    const Tokenizer empty =
        read_tokenizer_json(file(R"({"type":"BPE","vocab":{"":0,"a":1},"merges":[["a",""],["","a"]]})"));
    CHECK(empty.encode("aaa").ids == std::vector<std::int32_t>{1, 1, 1});
    const Tokenizer prefix = read_tokenizer_json(file(
        R"({"type":"BPE","continuing_subword_prefix":"#","vocab":{"a":0,"#":1,"#a":2},"merges":[["a","#"],["#a","#"]]})"));
    CHECK(prefix.encode("aaa").ids == std::vector<std::int32_t>{0, 2, 2});
}

TEST_CASE("names of bytes: <0xE7> is one, <0xZZ> is a piece like any other") {
    CHECK(byte_of_token("<0xE7>") == std::uint8_t{0xE7});
    CHECK(byte_of_token("<0xe7>") == std::uint8_t{0xE7});
    for (const char* piece : {"<0xZZ>", "<0x7>", "<0xE7", "0xE7>", "<0xE7>>", "<0x E>", ""})
        CHECK(!byte_of_token(piece));
    for (int b = 0; b < 256; ++b)
        CHECK(byte_of_token(byte_token(static_cast<std::uint8_t>(b))) == static_cast<std::uint8_t>(b));
    // A vocabulary with some bytes only: a character falls back where it has all of its bytes.
    const Tokenizer some = read_tokenizer_json(file(
        R"({"type":"BPE","unk_token":"<unk>","byte_fallback":true,"vocab":{"<unk>":0,"<0xC3>":1,"<0xA9>":2,"<0xZZ>":3},"merges":[]})"));
    CHECK(some.encode("éè").ids == std::vector<std::int32_t>{1, 2, 0});
}

TEST_CASE("vocab.txt, vocab.json and merges.txt are read, and refused with the line or the piece") {
    const Vocabulary lines = read_vocab_txt("[UNK]\r\na \n##b\n狗");
    CHECK(lines.size() == 4);
    CHECK(*lines.find("a") == 1);
    CHECK(*lines.find("狗") == 3);
    CHECK(read_vocab_txt(write_vocab_txt(lines)).size() == 4);
    CHECK_THROWS_AS(read_vocab_txt("a\nb\na\n"), Error);
    CHECK_THROWS_AS(read_vocab_txt("a\xFF\n"), Error);
    CHECK_THROWS_AS(read_vocab_json("[1]"), Error);
    const Bpe bpe = read_bpe(R"({"a":0,"b":1,"ab":2})", "#version: 0.2\na b\n");
    CHECK(bpe.rules() == std::vector<MergeRule>{{0, 1, 2}});
    try {
        read_bpe(R"({"a":0,"b":1,"ab":2})", "a b\na c\n");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::unknown_name);
        CHECK(error.message().en.find("Merge 2") != std::string::npos);
    }
    CHECK_THROWS_AS(read_bpe(R"({"a":0})", "a\n"), Error);
    CHECK_THROWS_AS(read_bpe(R"({"a":0})", "a\xC0 b\n"), Error);
    // Ids with gaps stay as they are.
    const Vocabulary gaps = read_vocab_json(R"({"x":5,"y":2})");
    CHECK((gaps.size() == 6 && gaps.count() == 2 && !gaps.has(3)));
    CHECK_THROWS_AS(gaps.piece(3), Error);
    CHECK(read_vocab_json(write_vocab_json(gaps)).has(5));
}

TEST_CASE("the unknown piece that a file names and its vocabulary lacks is missed when it is needed") {
    const Tokenizer bpe = read_tokenizer_json(file(R"({"type":"BPE","unk_token":"?","vocab":{"a":0},"merges":[]})"));
    CHECK(bpe.encode("a").ids == std::vector<std::int32_t>{0});
    CHECK_THROWS_AS(bpe.encode("b"), Error);
    const Tokenizer wordpiece = read_tokenizer_json(file(
        R"({"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"a":0}})"));
    CHECK(wordpiece.encode("a").ids == std::vector<std::int32_t>{0});
    CHECK_THROWS_AS(wordpiece.encode("b"), Error);
}

TEST_CASE("rules that double a text again and again are stopped before the memory is full") {
    const auto repeated = [](const std::string& item) {
        std::string list = item;
        for (int i = 0; i < 22; ++i) list += "," + item;
        return list;
    };
    const std::string doubling = R"({"type":"Replace","pattern":{"String":"a"},"content":"aa"})";
    const auto kind = [](auto run) {
        try {
            run();
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    };
    const Tokenizer normalizing = read_tokenizer_json(
        file(bpe_model, R"("normalizer":{"type":"Sequence","normalizers":[)" + repeated(doubling) + "]}"));
    CHECK(kind([&] { normalizing.encode("a"); }) == ErrorKind::budget);
    CHECK(normalizing.encode("b").ids == std::vector<std::int32_t>{1});
    const Tokenizer decoding = read_tokenizer_json(
        file(bpe_model, R"("decoder":{"type":"Sequence","decoders":[)" + repeated(doubling) + "]}"));
    CHECK(kind([&] { decoding.decode(std::vector<std::int32_t>{0}); }) == ErrorKind::budget);
    const Tokenizer bytes = read_tokenizer_json(file(
        bpe_model, R"("normalizer":{"type":"Sequence","normalizers":[)" + repeated(R"({"type":"ByteLevel"})") + "]}"));
    CHECK(kind([&] { bytes.encode("狗"); }) == ErrorKind::budget);
}
