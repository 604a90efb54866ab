#include "io/config.h"

#include <filesystem>

#include "io_support.h"
#include "support/catch.h"

using namespace glassformer;

TEST_CASE("a configuration is read with its ranges and written back") {
    const Config config = Config::parse(R"({"d_model":64,"dropout":0.1,"causal":true,"activation":"gelu","n":"四"})");
    CHECK(config.integer("d_model", 1, 4096) == 64);
    CHECK(config.number("dropout", 0, 1) == 0.1);
    CHECK(config.number("d_model", 0, 100) == 64.0);
    CHECK(config.boolean("causal"));
    CHECK(config.text("activation", {"relu", "gelu"}) == "gelu");
    CHECK(config.text("n") == "四");
    CHECK(config.integer("n_layers", 1, 96, 12) == 12);
    CHECK_FALSE(config.boolean("tied", false));
    CHECK_NOTHROW(config.refuse_unread());

    Config written;
    written.set("d_model", 64);
    written.set("norm", "pre");
    written.set("dropout", 0.1);
    written.set("causal", true);
    const Config back = Config::parse(written.dump());
    CHECK(back.integer("d_model", 1, 64) == 64);
    CHECK(back.text("norm") == "pre");
    CHECK(back.number("dropout", 0, 1) == 0.1);
    CHECK(back.boolean("causal"));
}

TEST_CASE("each wrong field is named with what is allowed") {
    const Config config =
        Config::parse(R"({"d_model":0,"big":18446744073709551615,"f":1.5,"s":"x","l":[1],"dropuot":0.1,"o":{}})");
    const auto refused = [&](auto call, ErrorKind kind, const std::string& field, const std::string& words) {
        try {
            call();
            FAIL_CHECK("no error for " + field);
        } catch (const Error& error) {
            CHECK(error.kind() == kind);
            CHECK(error.parameter() == field);
            CHECK(error.message().en.find(words) != std::string::npos);
        }
    };
    refused([&] { config.integer("d_model", 1, 4096); }, ErrorKind::out_of_range, "d_model", "1 … 4096");
    refused([&] { config.integer("big", 1, 4096); }, ErrorKind::out_of_range, "big", "18446744073709551615");
    refused([&] { config.integer("f", 1, 4096); }, ErrorKind::wrong_type, "f", "1.5");
    refused([&] { config.integer("l", 1, 4096); }, ErrorKind::wrong_type, "l", "[…]");
    refused([&] { config.number("f", 0, 1); }, ErrorKind::out_of_range, "f", "0.0 … 1.0");
    refused([&] { config.number("s", 0, 1); }, ErrorKind::wrong_type, "s", "\"x\"");
    refused([&] { config.boolean("f"); }, ErrorKind::wrong_type, "f", "true or false");
    refused([&] { config.text("f"); }, ErrorKind::wrong_type, "f", "text");
    refused([&] { config.text("o"); }, ErrorKind::wrong_type, "o", "{…}");
    refused([&] { config.text("s", {"relu", "gelu"}); }, ErrorKind::out_of_range, "s", "relu, gelu");
    refused([&] { config.integer("n_layers", 1, 2); }, ErrorKind::unknown_name, "n_layers", "lacks");
    refused([&] { config.refuse_unread(); }, ErrorKind::unknown_name, "dropuot", "unknown field");
}

TEST_CASE("text that is no configuration is refused") {
    for (const char* text : {"", "[]", "1", "{", "{}}", "{\"a\":1,\"a\":2}", "{\"a\":\"\xFF\"}", "{\"a\":1e999}",
                             "{\"a\":NaN}", "{\"a\":{\"b\":1,\"b\":1}}", "\xEF\xBB\xBF[]"}) {
        INFO(text);
        CHECK(kind_of([&] { Config::parse(text); }) == ErrorKind::malformed);
    }
    CHECK_NOTHROW(Config::parse("{\"a\":{\"x\":1},\"b\":{\"x\":1}}"));  // the same name in two objects
    const std::string deep = std::string(63, '[') + std::string(63, ']');
    CHECK_NOTHROW(Config::parse("{\"a\":" + deep + "}"));
    CHECK(kind_of([&] { Config::parse("{\"a\":[" + deep + "]}"); }) == ErrorKind::malformed);
    CHECK(kind_of([] { parse_json_text("[1,2]", "x", {.bytes = 4}); }) == ErrorKind::budget);
    std::string wide = "{";
    for (int i = 0; i < 5001; ++i) wide += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":0";
    CHECK(kind_of([&] { Config::parse(wide + "}"); }) == ErrorKind::budget);
}

TEST_CASE("UTF-8 is judged by the Unicode table") {
    const auto valid = [](std::string_view text) { return first_invalid_utf8(text) == std::string_view::npos; };
    for (const char* text : {"", "abc", "é", "中文", "𝄞", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"}) {
        CHECK(valid(text));
    }
    for (const char* text : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                             "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE4\xB8", "\xE4\xB8\x41"}) {
        CHECK_FALSE(valid(text));
    }
    CHECK(first_invalid_utf8("中\xFF") == 3);
    CHECK(shown_name(std::string(59, 'a') + "中文") == std::string(59, 'a') + "…");
}

TEST_CASE("a source is read within its bounds, whatever is asked") {
    const MemorySource memory(std::vector<std::byte>(10, std::byte{7}));
    std::vector<std::byte> out(4);
    CHECK_NOTHROW(memory.read(6, out));
    CHECK(out[3] == std::byte{7});
    CHECK(kind_of([&] { memory.read(7, out); }) == ErrorKind::malformed);
    CHECK(kind_of([&] { memory.read(UINT64_MAX - 1, out); }) == ErrorKind::malformed);
    CHECK_NOTHROW(memory.read(10, std::span<std::byte>()));
    CHECK(kind_of([&] { read_all(memory, 9); }) == ErrorKind::budget);

    const std::string path = (std::filesystem::temp_directory_path() / "glassformer_source_test.bin").string();
    write_file(path, read_all(memory));
    {
        const FileSource file(path);
        CHECK(read_all(file) == read_all(memory));
        CHECK(kind_of([&] { file.read(8, out); }) == ErrorKind::malformed);
        CHECK_NOTHROW(file.read(0, out));
        std::filesystem::resize_file(path, 2);  // it shrinks under the reader
        CHECK(kind_of([&] { file.read(4, out); }) == ErrorKind::malformed);
        CHECK_NOTHROW(file.read(0, std::span(out).first(2)));
    }
    CHECK(kind_of([&] { Config::read(FileSource(path)); }) == ErrorKind::malformed);
    std::filesystem::remove(path);
}
