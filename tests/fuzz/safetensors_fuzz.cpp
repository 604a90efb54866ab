// libFuzzer on the readers of io: whatever bytes arrive, the answer is a file whose tensors can all be read, or a typed
// Error. What was accepted is written again and must come back the same. The first byte chooses: the bytes as they
// are, the bytes as a header whose length is right (random bytes hardly ever are one) with some elements behind it, or
// a configuration.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/json.h"
#include "io/config.h"
#include "io/safetensors.h"

using namespace glassformer;

namespace {

template <typename Call>
bool accepted(Call call) {
    try {
        call();
        return true;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::internal) std::abort();
        (void)error_json(error).dump();  // throws for a message that is no UTF-8
        return false;
    }
}

bool same(const Tensor& a, const Tensor& b) {
    if (a.shape() != b.shape()) return false;
    return a.size() == 0 || std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * 4) == 0;
}

void read_everything(const Safetensors& file, std::uint64_t data_size) {
    SafetensorsWriter writer;
    std::uint64_t bytes = 0;
    for (const TensorInfo& info : file.tensors()) {
        bytes += file.bytes(info.name).size();
        (void)accepted([&] { (void)file.doubles(info.name); });
        (void)accepted([&] { writer.add(info.name, file.floats(info.name, NonFinite::allow)); });
        (void)accepted([&] { writer.add(info.name, file.integers(info.name)); });
    }
    if (bytes != data_size) std::abort();  // every byte belongs to exactly one tensor
    for (const auto& [key, value] : file.metadata()) writer.set_metadata(key, value);
    const Safetensors again = Safetensors::from_memory(writer.bytes());
    if (again.metadata() != file.metadata()) std::abort();
    for (const TensorInfo& info : again.tensors()) {
        if (info.dtype == DType::i32) {
            const IntTensor a = file.integers(info.name), b = again.integers(info.name);
            if (a.shape() != b.shape() || !std::equal(a.data(), a.data() + a.size(), b.data())) std::abort();
        } else if (!same(file.floats(info.name, NonFinite::allow), again.floats(info.name, NonFinite::allow))) {
            std::abort();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::span<const std::byte> text(reinterpret_cast<const std::byte*>(data) + 2, size - 2);
    std::vector<std::byte> bytes(text.begin(), text.end());
    if (data[0] % 3 == 2) {
        accepted([&] { (void)Config::read(MemorySource(text)); });
        return 0;
    }
    if (data[0] % 3 == 1) {
        std::vector<std::byte> length(8);
        length[0] = static_cast<std::byte>(text.size() & 0xFFU);
        length[1] = static_cast<std::byte>(text.size() >> 8 & 0xFFU);
        bytes.insert(bytes.begin(), length.begin(), length.end());
        bytes.resize(bytes.size() + data[1], std::byte{1});
    }
    accepted([&] {
        const SafetensorsHeader header = read_safetensors_header(MemorySource(bytes));
        read_everything(Safetensors::from_memory(bytes), bytes.size() - header.data_begin);
    });
    return 0;
}
