#include "io/safetensors.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "io/half.h"
#include "io_support.h"
#include "support/catch.h"

using namespace glassformer;

TEST_CASE("a file laid out by hand is read, in every type") {
    // f: F32 [2] = 1.5, -2; h: F16 [2] = 1, 65504; b: BF16 [1] = 3.140625; l: I64 [1] = -5; c: I8 [2] = -1, 7;
    // u: U8 [1] = 200; t: BOOL [3] = 1, 0, 1; i: I32 [] = 70000; e: F32 [0, 4]
    const Safetensors file = Safetensors::from_memory(
        safetensors(R"({"__metadata__":{"format":"pt","说明":"手工"},)"
                    R"("l":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},)"
                    R"("f":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},)"
                    R"("i":{"dtype":"I32","shape":[],"data_offsets":[16,20]},)"
                    R"("h":{"dtype":"F16","shape":[2],"data_offsets":[20,24]},)"
                    R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[24,26]},)"
                    R"("c":{"dtype":"I8","shape":[2],"data_offsets":[26,28]},)"
                    R"("u":{"dtype":"U8","shape":[1],"data_offsets":[28,29]},)"
                    R"("t":{"dtype":"BOOL","shape":[3],"data_offsets":[29,32]},)"
                    R"("e":{"data_offsets":[8,8],"shape":[0,4],"dtype":"F32"}}   )",
                    {0xFB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0xC0, 0x3F, 0x00, 0x00, 0x00, 0xC0,
                     0x70, 0x11, 0x01, 0x00, 0x00, 0x3C, 0xFF, 0x7B, 0x49, 0x40, 0xFF, 0x07, 0xC8, 0x01, 0x00, 0x01}));
    CHECK(file.tensors().size() == 9);
    CHECK(file.metadata().at("format") == "pt");
    CHECK(file.metadata().at("说明") == "手工");
    CHECK(file.floats("f").elements()[0] == 1.5F);
    CHECK(file.floats("f", Shape({2}))[1] == -2.0F);
    CHECK(file.floats("h")[1] == 65504.0F);
    CHECK(file.floats("b")[0] == 3.140625F);
    CHECK(file.integers("l")[0] == -5);
    CHECK(file.integers("c")[0] == -1);
    CHECK(file.integers("u")[0] == 200);
    CHECK(file.integers("i").shape() == Shape());
    CHECK(file.integers("i")[0] == 70000);
    CHECK(file.bools("t")[1] == 0);
    CHECK(file.integers("t")[2] == 1);
    CHECK(file.doubles("h")[0] == 1.0);
    CHECK(file.floats("e").shape() == Shape({0, 4}));
    CHECK(file.bytes("u") == std::vector<std::byte>{std::byte{0xC8}});
}

TEST_CASE("what is written is read back, from memory and from a file") {
    Rng rng(1);
    const Tensor w = random_normal({3, 5}, rng);
    SafetensorsWriter writer;
    writer.add("层.0.weight", w);
    writer.add("half", w, DType::f16);
    writer.add("bfloat", w, DType::bf16);
    writer.add("double", DoubleTensor({2}, std::vector<double>{1e300, -1.0 / 3}));
    writer.add("int", IntTensor({2}, std::vector<std::int32_t>{INT32_MIN, INT32_MAX}));
    writer.add("long", IntTensor({1}, std::vector<std::int32_t>{-7}), DType::i64);
    writer.add("signed", IntTensor({2}, std::vector<std::int32_t>{-128, 127}), DType::i8);
    writer.add("unsigned", IntTensor({1}, std::vector<std::int32_t>{255}), DType::u8);
    writer.add("mask", BoolTensor({2, 2}, std::vector<std::uint8_t>{1, 0, 0, 1}));
    writer.add("empty", Tensor(Shape({0})));
    writer.set_metadata("seed", "7");
    const std::vector<std::byte> bytes = writer.bytes();

    const std::string path = (std::filesystem::temp_directory_path() / "glassformer_io_test.safetensors").string();
    writer.write(path);
    for (const Safetensors& file : {Safetensors::from_memory(bytes), Safetensors::from_file(path)}) {
        const Tensor back = file.floats("层.0.weight", {3, 5});
        CHECK(std::equal(w.elements().begin(), w.elements().end(), back.elements().begin()));
        CHECK(file.floats("half")[4] == round_to_half(w[4]));
        CHECK(file.floats("bfloat")[14] == round_to_bfloat(w[14]));
        CHECK(file.doubles("double")[1] == -1.0 / 3);
        CHECK(file.integers("int")[0] == INT32_MIN);
        CHECK(file.integers("long")[0] == -7);
        CHECK(file.integers("signed")[1] == 127);
        CHECK(file.integers("unsigned")[0] == 255);
        CHECK(file.bools("mask")[3] == 1);
        CHECK(file.floats("empty").size() == 0);
        CHECK(file.metadata().at("seed") == "7");
        for (const TensorInfo& info : file.tensors()) {
            if (dtype_size(info.dtype) > 0) CHECK(info.begin % dtype_size(info.dtype) == 0);
        }
    }
    std::filesystem::remove(path);
    CHECK_FALSE(std::filesystem::exists(path + ".part"));
}

TEST_CASE("the order of adding does not change a byte") {
    SafetensorsWriter one, other;
    one.add("a", Tensor(Shape({2}), 1.0F));
    one.add("b", Tensor(Shape({1}), 2.0F), DType::f16);
    other.add("b", Tensor(Shape({1}), 2.0F), DType::f16);
    other.add("a", Tensor(Shape({2}), 1.0F));
    CHECK(one.bytes() == other.bytes());
    CHECK(SafetensorsWriter().bytes().size() == 16);  // "{}" padded to eight
    CHECK(Safetensors::from_memory(SafetensorsWriter().bytes()).tensors().empty());
}

TEST_CASE("a misused writer says so") {
    SafetensorsWriter writer;
    writer.add("a", Tensor(Shape({1})));
    CHECK(kind_of([&] { writer.add("a", Tensor(Shape({1}))); }) == ErrorKind::constraint);
    CHECK(kind_of([&] { writer.add("__metadata__", Tensor(Shape({1}))); }) == ErrorKind::constraint);
    CHECK(kind_of([&] { writer.add("\xFF", Tensor(Shape({1}))); }) == ErrorKind::constraint);
    CHECK(kind_of([&] { writer.set_metadata("k", "\xC3"); }) == ErrorKind::constraint);
    CHECK(kind_of([&] { writer.add("h", Tensor(Shape({1}), 7e4F), DType::f16); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { writer.add("i", IntTensor(Shape({1}), 128), DType::i8); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { writer.add("i", IntTensor(Shape({1}), -1), DType::u8); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { writer.add("i", IntTensor(Shape({1})), DType::f32); }) == ErrorKind::wrong_type);
    CHECK(kind_of([&] { writer.add("i", Tensor(Shape({1})), DType::i32); }) == ErrorKind::wrong_type);
    CHECK(kind_of([&] { writer.write("/nowhere/at/all.safetensors"); }) == ErrorKind::malformed);
}

TEST_CASE("a tensor asked for wrongly names what there is") {
    SafetensorsWriter writer;
    writer.add("layer.0.weight", Tensor(Shape({2, 3})));
    writer.add("ids", IntTensor(Shape({1}), 1));
    const Safetensors file = Safetensors::from_memory(writer.bytes());
    try {
        file.floats("layer.0.wieght");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::unknown_name);
        CHECK(error.message().en.find("layer.0.weight") != std::string::npos);
    }
    CHECK(kind_of([&] { file.floats("layer.0.weight", {3, 2}); }) == ErrorKind::shape);
    CHECK(kind_of([&] { file.floats("ids"); }) == ErrorKind::wrong_type);
    CHECK(kind_of([&] { file.integers("layer.0.weight"); }) == ErrorKind::wrong_type);
    CHECK(kind_of([&] { file.bools("ids"); }) == ErrorKind::wrong_type);
    CHECK(kind_of([&] { Safetensors::from_memory(SafetensorsWriter().bytes()).floats("a"); }) ==
          ErrorKind::unknown_name);
    CHECK(kind_of([] { Safetensors::from_file("/nowhere.safetensors"); }) == ErrorKind::unknown_name);
    CHECK(kind_of([] { Safetensors::from_file(std::filesystem::temp_directory_path().string()); }) ==
          ErrorKind::unknown_name);
}

TEST_CASE("NaN and infinity in weights are refused by name unless asked for") {
    SafetensorsWriter writer;
    writer.add("w", Tensor(Shape({2}), std::vector<float>{1.0F, std::numeric_limits<float>::quiet_NaN()}));
    writer.add("h", Tensor(Shape({1}), -std::numeric_limits<float>::infinity()), DType::f16);
    writer.add("d", DoubleTensor(Shape({1}), std::numeric_limits<double>::infinity()));
    const Safetensors file = Safetensors::from_memory(writer.bytes());
    for (const char* name : {"w", "h"}) CHECK(kind_of([&] { file.floats(name); }) == ErrorKind::non_finite);
    CHECK(kind_of([&] { file.doubles("d"); }) == ErrorKind::non_finite);
    CHECK(std::isnan(file.floats("w", NonFinite::allow)[1]));
    CHECK(std::isinf(file.floats("h", NonFinite::allow)[0]));
    CHECK(std::isinf(file.doubles("d", NonFinite::allow)[0]));
}

TEST_CASE("elements outside their type are refused when read") {
    const Safetensors file = Safetensors::from_memory(safetensors(
        R"({"l":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"t":{"dtype":"BOOL","shape":[1],"data_offsets":[8,9]}})",
        {0, 0, 0, 0x80, 0, 0, 0, 0, 2}));
    CHECK(kind_of([&] { file.integers("l"); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { file.bools("t"); }) == ErrorKind::malformed);
}
