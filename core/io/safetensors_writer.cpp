#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/json.h"
#include "io/half.h"
#include "io/json_text.h"
#include "io/safetensors.h"

namespace glassformer {
namespace {

template <typename Stored, typename T, typename Convert>
std::vector<std::byte> packed(std::span<const T> elements, Convert convert) {
    std::vector<std::byte> bytes(elements.size() * sizeof(Stored));
    for (std::size_t i = 0; i < elements.size(); ++i) {
        const Stored stored = convert(elements[i]);
        std::memcpy(bytes.data() + i * sizeof(Stored), &stored, sizeof(Stored));
    }
    return bytes;
}

[[noreturn]] void wrong_type(const std::string& name, DType dtype, const char* allowed) {
    const std::string shown = shown_name(name), given = dtype_name(dtype);
    throw Error(ErrorKind::wrong_type,
                {"张量“" + shown + "”不能存成 " + given + "，可以是 " + allowed + "。",
                 "The tensor \"" + shown + "\" cannot be stored as " + given + "; it can as " + allowed + "."},
                shown);
}

[[noreturn]] void does_not_fit(const std::string& name, const std::string& value, DType dtype) {
    const std::string shown = shown_name(name), type = dtype_name(dtype);
    throw Error(ErrorKind::out_of_range,
                {"张量“" + shown + "”的元素 " + value + " 超出 " + type + " 的范围。",
                 "The element " + value + " of the tensor \"" + shown + "\" is out of the range of " + type + "."},
                shown);
}

template <typename Stored>
std::vector<std::byte> packed_integers(const std::string& name, const IntTensor& tensor, DType dtype) {
    return packed<Stored>(tensor.elements(), [&](std::int32_t x) {
        if (std::int64_t{x} < std::int64_t{std::numeric_limits<Stored>::min()} ||
            std::int64_t{x} > std::int64_t{std::numeric_limits<Stored>::max()}) {
            does_not_fit(name, std::to_string(x), dtype);
        }
        return static_cast<Stored>(x);
    });
}

void check_utf8(const std::string& text) {
    if (const std::size_t at = first_invalid_utf8(text); at != std::string::npos) {
        throw Error(ErrorKind::constraint,
                    {"名字与元数据必须是 UTF-8，第 " + std::to_string(at) + " 字节起不是。",
                     "Names and metadata must be UTF-8; one is not from byte " + std::to_string(at) + "."});
    }
}

}  // namespace

void SafetensorsWriter::add(const std::string& name, const Tensor& tensor, DType dtype) {
    const auto rounded = [&](auto to, auto back) {
        return packed<std::uint16_t>(tensor.elements(), [&](float x) {
            const std::uint16_t stored = to(x);
            if (std::isfinite(x) && !std::isfinite(back(stored))) does_not_fit(name, std::to_string(x), dtype);
            return stored;
        });
    };
    switch (dtype) {
        case DType::f32:
            return add_entry(name,
                             {dtype, tensor.shape(), packed<float>(tensor.elements(), [](float x) { return x; })});
        case DType::f16: return add_entry(name, {dtype, tensor.shape(), rounded(float_to_half, half_to_float)});
        case DType::bf16: return add_entry(name, {dtype, tensor.shape(), rounded(float_to_bfloat, bfloat_to_float)});
        default: wrong_type(name, dtype, "F32, F16, BF16");
    }
}

void SafetensorsWriter::add(const std::string& name, const DoubleTensor& tensor) {
    add_entry(name, {DType::f64, tensor.shape(), packed<double>(tensor.elements(), [](double x) { return x; })});
}

void SafetensorsWriter::add(const std::string& name, const IntTensor& tensor, DType dtype) {
    switch (dtype) {
        case DType::i64:
            return add_entry(name, {dtype, tensor.shape(), packed_integers<std::int64_t>(name, tensor, dtype)});
        case DType::i32:
            return add_entry(name, {dtype, tensor.shape(), packed_integers<std::int32_t>(name, tensor, dtype)});
        case DType::i8:
            return add_entry(name, {dtype, tensor.shape(), packed_integers<std::int8_t>(name, tensor, dtype)});
        case DType::u8:
            return add_entry(name, {dtype, tensor.shape(), packed_integers<std::uint8_t>(name, tensor, dtype)});
        default: wrong_type(name, dtype, "I64, I32, I8, U8");
    }
}

void SafetensorsWriter::add(const std::string& name, const BoolTensor& tensor) {
    add_entry(name, {DType::boolean, tensor.shape(),
                     packed<std::uint8_t>(tensor.elements(), [](std::uint8_t x) { return std::uint8_t{x != 0}; })});
}

void SafetensorsWriter::set_metadata(const std::string& key, const std::string& value) {
    check_utf8(key);
    check_utf8(value);
    metadata_[key] = value;
}

void SafetensorsWriter::add_entry(const std::string& name, Entry entry) {
    check_utf8(name);
    if (name == "__metadata__" || !entries_.emplace(name, std::move(entry)).second) {
        const std::string shown = shown_name(name);
        throw Error(ErrorKind::constraint,
                    {"张量名“" + shown + "”已被占用。", "The tensor name \"" + shown + "\" is taken."}, shown);
    }
}

std::vector<std::byte> SafetensorsWriter::bytes() const {
    // Wide elements first and a header of whole eights, as the reference implementation does it: every tensor then lies
    // at a multiple of its element's size.
    std::vector<std::pair<const std::string*, const Entry*>> order;
    for (const auto& [name, entry] : entries_) order.emplace_back(&name, &entry);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return dtype_size(a.second->dtype) > dtype_size(b.second->dtype);
    });
    std::string text = "{";
    if (!metadata_.empty()) text += "\"__metadata__\":" + Json(metadata_).dump();
    std::uint64_t reached = 0;
    for (const auto& [name, entry] : order) {
        const std::uint64_t end = reached + entry->bytes.size();
        const Json fields{
            {"dtype", dtype_name(entry->dtype)}, {"shape", entry->shape.extents()}, {"data_offsets", {reached, end}}};
        text += (text.size() > 1 ? "," : "") + Json(*name).dump() + ":" + fields.dump();
        reached = end;
    }
    text += "}";
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::vector<std::byte> bytes;
    bytes.reserve(8 + text.size() + static_cast<std::size_t>(reached));
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::byte>(std::uint64_t{text.size()} >> (8 * i) & 0xFFU));
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    bytes.insert(bytes.end(), begin, begin + text.size());
    for (const auto& [name, entry] : order) bytes.insert(bytes.end(), entry->bytes.begin(), entry->bytes.end());
    return bytes;
}

void SafetensorsWriter::write(const std::string& path) const { write_file(path, bytes()); }

}  // namespace glassformer
