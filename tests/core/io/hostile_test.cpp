#include "base/json.h"
#include "io/json_text.h"
#include "io/safetensors.h"
#include "io_support.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

/// The error must be malformed, in both languages, valid UTF-8, and say `words`; `tensor` is its parameter.
void check_refused(const std::vector<std::byte>& bytes, const std::string& words, const std::string& tensor = "") {
    INFO(words);
    try {
        Safetensors::from_memory(bytes);
        FAIL_CHECK("it was accepted");
    } catch (const Error& error) {
        INFO(error.what());
        CHECK(error.kind() == ErrorKind::malformed);
        CHECK(error.message().en.find(words) != std::string::npos);
        CHECK_FALSE(error.message().zh.empty());
        CHECK(error.parameter() == tensor);
        CHECK_NOTHROW(error_json(error).dump());  // throws for a message that is no UTF-8
    }
}

std::string one(const std::string& fields) { return "{\"w\":{" + fields + "}}"; }

const std::initializer_list<int> four{0, 0, 0, 0};
const std::initializer_list<int> eight{0, 0, 0, 0, 0, 0, 0, 0};

}  // namespace

TEST_CASE("cut short: anywhere in a good file") {
    const std::vector<std::byte> good = safetensors(
        R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}})",
        {1, 2, 3, 4, 5, 6});
    REQUIRE(Safetensors::from_memory(good).tensors().size() == 2);
    for (std::size_t length = 0; length < good.size(); ++length) {
        const std::vector<std::byte> cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
        CHECK(kind_of([&] { Safetensors::from_memory(cut); }) == ErrorKind::malformed);
    }
    check_refused({}, "cut short");
    check_refused(safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), {1, 2, 3}), "cut short", "w");
}

TEST_CASE("a header's length is believed only within the file and the limit") {
    std::vector<std::byte> bytes(8, std::byte{0});
    for (const int huge : {0xFF, 0x7F}) {
        bytes.assign(8, std::byte{0xFF});
        bytes[7] = static_cast<std::byte>(huge);
        check_refused(bytes, "at most 100000000");
    }
    // 100000001 = 0x05F5E101
    bytes = {std::byte{0x01}, std::byte{0xE1}, std::byte{0xF5}, std::byte{0x05},
             std::byte{0},    std::byte{0},    std::byte{0},    std::byte{0}};
    check_refused(bytes, "at most 100000000");
    bytes[0] = std::byte{0x00};
    check_refused(bytes, "only 0 are left");  // just allowed, but not there
    check_refused(safetensors(""), "begin with {");
    check_refused(safetensors(" {}"), "begin with {");
}

TEST_CASE("offsets: negative, reversed, fractional, too many, too large") {
    const auto offsets = [&](const std::string& text) {
        return safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":)" + text), four);
    };
    check_refused(offsets("[-4,0]"), "has -4", "w");
    check_refused(offsets("[4,0]"), "reversed", "w");
    check_refused(offsets("[0,4.0]"), "has 4.0", "w");
    check_refused(offsets("[0,4,8]"), "has 8", "w");
    check_refused(offsets("[0]"), "two numbers", "w");
    check_refused(offsets("[]"), "two numbers", "w");
    check_refused(offsets("4"), "has 4", "w");
    check_refused(offsets("[0,18446744073709551616]"), "has 18446744073709551616", "w");  // 2^64 is no uint64
    check_refused(offsets("[18446744073709551612,18446744073709551615]"), "cover 3 bytes", "w");
    check_refused(offsets("[18446744073709551611,18446744073709551615]"), "hole", "w");
    check_refused(offsets("[\"0\",4]"), "has \"0\"", "w");
    check_refused(offsets("[[0],4]"), "has [", "w");
    check_refused(offsets("null"), "has null", "w");
}

TEST_CASE("layout: overlaps, holes and trailing bytes") {
    const auto two = [](const std::string& a, const std::string& b) {
        return safetensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
                               R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}",
                           eight);
    };
    REQUIRE(Safetensors::from_memory(two("[4,8]", "[0,4]")).tensors()[0].name == "b");
    check_refused(two("[0,4]", "[0,4]"), "overlaps", "b");
    check_refused(two("[0,4]", "[3,7]"), "overlaps", "b");
    check_refused(two("[1,5]", "[5,9]"), "hole", "a");
    check_refused(two("[0,4]", "[5,9]"), "hole", "b");
    check_refused(two("[0,4]", "[8,12]"), "hole", "b");
    check_refused(safetensors(one(R"("dtype":"U8","shape":[4],"data_offsets":[0,4])"), eight), "4 bytes are left over");
    check_refused(safetensors("{}", four), "4 bytes are left over");
    check_refused(safetensors("{}{}"), "not valid JSON");
    check_refused(safetensors(R"({} x)"), "not valid JSON");
}

TEST_CASE("a tensor without elements may share a boundary and nothing else") {
    const auto with_empty = [](const std::string& at) {
        return safetensors(
            R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"e":{"dtype":"F32","shape":[0],"data_offsets":)" +
                at + "}}",
            four);
    };
    for (const char* at : {"[0,0]", "[4,4]"}) {
        const Safetensors file = Safetensors::from_memory(with_empty(at));
        CHECK(file.floats("e").size() == 0);
        CHECK(file.bytes("w").size() == 4);
    }
    check_refused(with_empty("[2,2]"), "overlaps", "e");
    check_refused(with_empty("[5,5]"), "hole", "e");
    check_refused(with_empty("[18446744073709551615,18446744073709551615]"), "hole", "e");
    check_refused(with_empty("[0,4]"), "0 elements", "e");
}

TEST_CASE("shapes: products beyond 64 bits, sizes that differ, endless axes") {
    const auto shape = [](const std::string& text, const std::string& offsets = "[0,4]") {
        return safetensors(one(R"("dtype":"F32","shape":)" + text + R"(,"data_offsets":)" + offsets), four);
    };
    check_refused(shape("[4294967296,4294967296]"), "64 bits", "w");  // 2^64: zero if it wrapped
    check_refused(shape("[4294967296,4294967296]", "[0,0]"), "64 bits", "w");
    check_refused(shape("[6148914691236517206,3]"), "64 bits", "w");  // wraps to 2
    check_refused(shape("[18446744073709551615]"), "64 bits", "w");
    check_refused(shape("[9223372036854775808]"), "64 bits", "w");
    check_refused(shape("[4611686018427387905]"), "elements", "w");  // * 4 bytes wraps to 4
    check_refused(shape("[2]"), "2 elements", "w");
    check_refused(shape("[0]"), "0 elements", "w");
    check_refused(shape("[-1]"), "has -1", "w");
    check_refused(shape("[1,-1]"), "has -1", "w");
    check_refused(shape("[1.5]"), "has 1.5", "w");
    check_refused(shape("1"), "has 1", "w");
    check_refused(shape("{}"), "has {", "w");
    std::string many = "[1";
    for (int i = 0; i < 64; ++i) many += ",1";
    check_refused(shape(many + "]"), "64 axes", "w");
    // Without elements, but its rows would lie 2^126 apart; one huge extent beside a 0 is nothing, and fine.
    check_refused(shape("[0,9223372036854775807,9223372036854775807]", "[0,0]"), "64 bits", "w");
    check_refused(shape("[9223372036854775807,0,9223372036854775807]", "[0,0]"), "64 bits", "w");
    const Safetensors file = Safetensors::from_memory(
        safetensors(one(R"("dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0])")));
    CHECK(file.floats("w").size() == 0);
}

TEST_CASE("names: twice, missing, unknown, no UTF-8") {
    const std::string w = R"("w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    check_refused(safetensors("{" + w + "," + w + "}"), "given twice", "w");
    check_refused(safetensors(R"({"__metadata__":{},"__metadata__":{}})"), "given twice", "__metadata__");
    check_refused(safetensors(R"({"__metadata__":{"a":"1","a":"2"}})"), "given twice", "__metadata__");
    check_refused(safetensors(one(R"("dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0])")), "given twice",
                  "w");
    check_refused(safetensors(one(R"("dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0])")), "given twice", "w");
    check_refused(safetensors(one(R"("dtype":"U8","shape":[0],"data_offsets":[0,0],"data_offsets":[0,0])")),
                  "given twice", "w");
    check_refused(safetensors(one(R"("dtype":"U8","shape":[0])")), "all needed", "w");
    check_refused(safetensors(one(R"("dtype":"U8","data_offsets":[0,0])")), "all needed", "w");
    check_refused(safetensors(one(R"("shape":[0],"data_offsets":[0,0])")), "all needed", "w");
    check_refused(safetensors(one("")), "all needed", "w");
    check_refused(safetensors(one(R"("dtype":"F128","shape":[0],"data_offsets":[0,0])")), "F128", "w");
    check_refused(safetensors(one(R"("dtype":"f32","shape":[0],"data_offsets":[0,0])")), "\"f32\"", "w");
    check_refused(safetensors(one(R"("dtype":1,"shape":[0],"data_offsets":[0,0])")), "has 1", "w");
    check_refused(safetensors(one(R"("strides":[1],"dtype":"U8","shape":[0],"data_offsets":[0,0])")), "strides", "w");
    check_refused(safetensors(R"({"__metadata__":{"a":1}})"), "has 1", "__metadata__");
    check_refused(safetensors(R"({"__metadata__":[]})"), "has [", "__metadata__");
    check_refused(safetensors(R"({"__metadata__":{"a":{"b":"c"}}})"), "has {", "__metadata__");
    check_refused(safetensors("{\"w\xFF\":1}"), "not valid UTF-8 from byte 3");
    check_refused(safetensors("{\"\xED\xA0\x80\":1}"), "not valid UTF-8");  // a surrogate
    check_refused(safetensors("{\"\xC0\x80\":1}"), "not valid UTF-8");      // an overlong zero
    check_refused(safetensors(R"({"\ud800":1})"), "not valid JSON");
    check_refused(safetensors(R"({"w":null})"), "has null", "w");
    check_refused(safetensors(R"({"w":)"), "not valid JSON");
    check_refused(safetensors(R"({"w" 1})"), "not valid JSON");
    const std::string long_name(5000, 'x');
    check_refused(safetensors("{\"" + long_name + "\":1}"), "xxx…", long_name.substr(0, 60) + "…");
}

TEST_CASE("nesting bombs end at the first level that the format does not have") {
    const std::string brackets(5'000'000, '[');
    std::string braces;
    for (int i = 0; i < 1'000'000; ++i) braces += "{\"a\":";
    check_refused(safetensors("{\"w\":" + brackets), "has [", "w");
    check_refused(safetensors(one("\"shape\":" + brackets)), "has [", "w");
    check_refused(safetensors(braces), "has \"a\"", "a");
    check_refused(safetensors(R"({"__metadata__":)" + braces), "has {", "__metadata__");
    for (const std::string& text : {brackets, braces}) {
        CHECK(kind_of([&] { parse_json_text(text, "config"); }) == ErrorKind::malformed);
    }
}

TEST_CASE("a header of a hundred thousand tensors is read in linear time") {
    std::string header = "{";
    for (int i = 0; i < 100000; ++i) {
        header += (i > 0 ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    }
    CHECK(Safetensors::from_memory(safetensors(header + "}")).tensors().size() == 100000);
    // The last name is given twice: found as well.
    check_refused(safetensors(header + R"(,"99999":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"), "given twice",
                  "99999");
}
