#include "io/safetensors.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/json.h"
#include "io/half.h"
#include "io/json_text.h"

namespace glassformer {
namespace {

// The format is little-endian, and so is everything this runs on; elements are copied as they are.
static_assert(std::endian::native == std::endian::little);

template <typename Stored, typename Convert>
auto converted(const std::vector<std::byte>& bytes, Convert convert) {
    std::vector<decltype(convert(Stored{}))> elements(bytes.size() / sizeof(Stored));
    for (std::size_t i = 0; i < elements.size(); ++i) {
        Stored stored;
        std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
        elements[i] = convert(stored);
    }
    return elements;
}

[[noreturn]] void wrong_type(const TensorInfo& info, const char* allowed) {
    const std::string name = shown_name(info.name), stored = dtype_name(info.dtype);
    throw Error(ErrorKind::wrong_type,
                {"张量“" + name + "”存的是 " + stored + "，这里需要 " + allowed + "。",
                 "The tensor \"" + name + "\" is stored as " + stored + "; here " + allowed + " is needed."},
                name);
}

template <typename T>
void check_finite(const TensorInfo& info, const std::vector<T>& elements, NonFinite policy) {
    if (policy == NonFinite::allow) return;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (std::isfinite(elements[i])) continue;
        const std::string name = shown_name(info.name), at = std::to_string(i), what = non_finite_name(elements[i]);
        throw Error(ErrorKind::non_finite,
                    {"张量“" + name + "”的第 " + at + " 个元素是 " + what + "。",
                     "Element " + at + " of the tensor \"" + name + "\" is " + what + "."},
                    name);
    }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

Safetensors::Safetensors(std::shared_ptr<const ByteSource> source)
    : source_(std::move(source)), header_(read_safetensors_header(*source_)) {
    for (std::size_t i = 0; i < header_.tensors.size(); ++i) index_.emplace(header_.tensors[i].name, i);
}

Safetensors Safetensors::from_memory(std::vector<std::byte> bytes) {
    return Safetensors(std::make_shared<MemorySource>(std::move(bytes)));
}

Safetensors Safetensors::from_file(const std::string& path) { return Safetensors(std::make_shared<FileSource>(path)); }

const TensorInfo& Safetensors::info(std::string_view name) const {
    if (const auto found = index_.find(name); found != index_.end()) return header_.tensors[found->second];
    const std::string given = shown_name(name);
    std::string nearest;
    std::size_t least = std::numeric_limits<std::size_t>::max();
    // A look through all of a hostile file's names would not end soon: the first thousand serve.
    for (std::size_t i = 0; i < std::min<std::size_t>(header_.tensors.size(), 1000); ++i) {
        const std::string shown = shown_name(header_.tensors[i].name);
        if (const std::size_t distance = edit_distance(given, shown); distance < least) {
            least = distance;
            nearest = shown;
        }
    }
    if (least == std::numeric_limits<std::size_t>::max()) {
        throw Error(
            ErrorKind::unknown_name,
            {"文件里没有任何张量，找不到“" + given + "”。", "There is no tensor \"" + given + "\": the file has none."},
            given);
    }
    throw Error(ErrorKind::unknown_name,
                {"文件里没有张量“" + given + "”，最接近的是“" + nearest + "”。",
                 "There is no tensor \"" + given + "\"; the nearest name is \"" + nearest + "\"."},
                given);
}

std::vector<std::byte> Safetensors::bytes(std::string_view name) const {
    const TensorInfo& tensor = info(name);
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.end - tensor.begin));
    source_->read(header_.data_begin + tensor.begin, bytes);
    return bytes;
}

Tensor Safetensors::floats(std::string_view name, NonFinite policy) const {
    const TensorInfo& tensor = info(name);
    std::vector<float> elements;
    switch (tensor.dtype) {
        case DType::f32: elements = converted<float>(bytes(name), [](float x) { return x; }); break;
        case DType::f16: elements = converted<std::uint16_t>(bytes(name), half_to_float); break;
        case DType::bf16: elements = converted<std::uint16_t>(bytes(name), bfloat_to_float); break;
        default: wrong_type(tensor, "F32, F16, BF16");
    }
    check_finite(tensor, elements, policy);
    return Tensor(tensor.shape, elements);
}

Tensor Safetensors::floats(std::string_view name, const Shape& expected) const {
    const TensorInfo& tensor = info(name);
    if (tensor.shape != expected) {
        const std::string shown = shown_name(name);
        throw Error(
            ErrorKind::shape,
            {"张量“" + shown + "”的形状是 " + tensor.shape.to_string() + "，这里需要 " + expected.to_string() + "。",
             "The tensor \"" + shown + "\" has the shape " + tensor.shape.to_string() + "; here " +
                 expected.to_string() + " is needed."},
            shown);
    }
    return floats(name);
}

DoubleTensor Safetensors::doubles(std::string_view name, NonFinite policy) const {
    const TensorInfo& tensor = info(name);
    std::vector<double> elements;
    if (tensor.dtype == DType::f64) {
        elements = converted<double>(bytes(name), [](double x) { return x; });
        check_finite(tensor, elements, policy);
    } else {
        const Tensor narrow = floats(name, policy);
        elements.assign(narrow.elements().begin(), narrow.elements().end());
    }
    return DoubleTensor(tensor.shape, elements);
}

IntTensor Safetensors::integers(std::string_view name) const {
    const TensorInfo& tensor = info(name);
    const auto fitting = [&](std::int64_t x) {
        if (x < std::numeric_limits<std::int32_t>::min() || x > std::numeric_limits<std::int32_t>::max()) {
            const std::string shown = shown_name(name), value = std::to_string(x);
            throw Error(ErrorKind::out_of_range,
                        {"张量“" + shown + "”的元素 " + value + " 超出 32 位整数。",
                         "The element " + value + " of the tensor \"" + shown + "\" does not fit 32 bits."},
                        shown);
        }
        return static_cast<std::int32_t>(x);
    };
    switch (tensor.dtype) {
        case DType::i64: return IntTensor(tensor.shape, converted<std::int64_t>(bytes(name), fitting));
        case DType::i32: return IntTensor(tensor.shape, converted<std::int32_t>(bytes(name), fitting));
        case DType::i8: return IntTensor(tensor.shape, converted<std::int8_t>(bytes(name), fitting));
        case DType::u8: return IntTensor(tensor.shape, converted<std::uint8_t>(bytes(name), fitting));
        case DType::boolean: {
            const BoolTensor values = bools(name);
            return IntTensor(tensor.shape,
                             std::vector<std::int32_t>(values.elements().begin(), values.elements().end()));
        }
        default: wrong_type(tensor, "I64, I32, I8, U8, BOOL");
    }
}

BoolTensor Safetensors::bools(std::string_view name) const {
    const TensorInfo& tensor = info(name);
    if (tensor.dtype != DType::boolean) wrong_type(tensor, "BOOL");
    return BoolTensor(tensor.shape, converted<std::uint8_t>(bytes(name), [&](std::uint8_t x) {
                          if (x > 1) {
                              const std::string shown = shown_name(name), value = std::to_string(x);
                              throw Error(ErrorKind::malformed,
                                          {"BOOL 张量“" + shown + "”里有字节 " + value + "，只能是 0 或 1。",
                                           "The BOOL tensor \"" + shown + "\" holds the byte " + value +
                                               "; only 0 and 1 are allowed."},
                                          shown);
                          }
                          return x;
                      }));
}

}  // namespace glassformer
