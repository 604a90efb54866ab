#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.h"
#include "tensor/tensor.h"

/// The safetensors format (github.com/huggingface/safetensors, README, "Format"): 8 bytes with the little-endian length
/// N of the header, N bytes of JSON {name: {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {text:
/// text}}, then the elements, row-major and little-endian, offsets counted from there.
namespace glassformer {

enum class DType { f64, f32, f16, bf16, i64, i32, i8, u8, boolean };

/// "F32", "BF16", "BOOL", ...
const char* dtype_name(DType dtype);
/// Bytes of one element.
std::uint64_t dtype_size(DType dtype);

struct TensorInfo {
    std::string name;
    DType dtype = DType::f32;
    Shape shape;
    std::uint64_t begin = 0;  ///< bytes from the start of the elements
    std::uint64_t end = 0;
};

struct SafetensorsHeader {
    std::vector<TensorInfo> tensors;              ///< in the order of their bytes
    std::map<std::string, std::string> metadata;  ///< "__metadata__"
    std::uint64_t data_begin = 0;                 ///< where in the source the elements start
};

/// The longest header read, as in the reference implementation.
constexpr std::uint64_t longest_safetensors_header = 100'000'000;

/// Reads and checks a header. The source may be hostile: whatever it holds, the result is a header whose tensors lie
/// within the data, one after the other without gap or overlap, each as long as its shape says; or Error(malformed)
/// saying what is wrong and, as its parameter, with which tensor. A tensor without elements may share an offset with
/// the start or end of another one, as the reference implementation writes it, but not lie inside another.
SafetensorsHeader read_safetensors_header(const ByteSource& source);

/// What to do with NaN and infinity in weights.
enum class NonFinite { refuse, allow };

/// A file of named tensors. Only the header is read at first, elements when asked for.
class Safetensors {
  public:
    explicit Safetensors(std::shared_ptr<const ByteSource> source);
    static Safetensors from_memory(std::vector<std::byte> bytes);
    static Safetensors from_file(const std::string& path);

    const std::vector<TensorInfo>& tensors() const { return header_.tensors; }
    const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
    bool contains(std::string_view name) const { return index_.contains(name); }
    /// Error(unknown_name) naming the nearest name there is.
    const TensorInfo& info(std::string_view name) const;

    /// Elements of a tensor, widened exactly. Error(wrong_type) when the stored type has values that the wanted one
    /// cannot hold; Error(non_finite) naming the first element at fault.
    /// floats: F32, F16, BF16. doubles: these and F64. integers: I8, U8, I32, BOOL, and I64 where every element fits,
    /// else Error(out_of_range). bools: BOOL; Error(malformed) for a byte other than 0 and 1.
    Tensor floats(std::string_view name, NonFinite policy = NonFinite::refuse) const;
    DoubleTensor doubles(std::string_view name, NonFinite policy = NonFinite::refuse) const;
    IntTensor integers(std::string_view name) const;
    BoolTensor bools(std::string_view name) const;
    /// The same, and Error(shape) naming both when the stored shape is another one.
    Tensor floats(std::string_view name, const Shape& expected) const;
    /// The elements as they are stored.
    std::vector<std::byte> bytes(std::string_view name) const;

  private:
    std::shared_ptr<const ByteSource> source_;
    SafetensorsHeader header_;
    std::map<std::string, std::size_t, std::less<>> index_;
};

/// Collects tensors and writes them as one file. The same tensors give the same bytes, whatever the order of `add`.
class SafetensorsWriter {
  public:
    /// Stores a tensor; into F16 and BF16 elements are rounded (io/half.h), into integers they must fit.
    /// Error(constraint) for a name given twice, "__metadata__" or no UTF-8; Error(wrong_type) for a type that the
    /// elements do not go into; Error(out_of_range) for a finite element the type cannot hold.
    void add(const std::string& name, const Tensor& tensor, DType dtype = DType::f32);
    void add(const std::string& name, const DoubleTensor& tensor);
    void add(const std::string& name, const IntTensor& tensor, DType dtype = DType::i32);
    void add(const std::string& name, const BoolTensor& tensor);
    void set_metadata(const std::string& key, const std::string& value);

    std::vector<std::byte> bytes() const;
    void write(const std::string& path) const;

  private:
    struct Entry {
        DType dtype;
        Shape shape;
        std::vector<std::byte> bytes;
    };
    void add_entry(const std::string& name, Entry entry);
    std::map<std::string, Entry> entries_;
    std::map<std::string, std::string> metadata_;
};

}  // namespace glassformer
