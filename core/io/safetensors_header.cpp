#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_set>

#include "io/json_text.h"
#include "io/safetensors.h"

namespace glassformer {
namespace {

/// More axes than any model has; a bound on what one tensor may ask of us.
constexpr std::size_t most_axes = 64;

struct TypeName {
    const char* name;
    DType dtype;
    std::uint64_t size;
};
constexpr std::array<TypeName, 9> types{{{"F64", DType::f64, 8},
                                         {"F32", DType::f32, 4},
                                         {"F16", DType::f16, 2},
                                         {"BF16", DType::bf16, 2},
                                         {"I64", DType::i64, 8},
                                         {"I32", DType::i32, 4},
                                         {"I8", DType::i8, 1},
                                         {"U8", DType::u8, 1},
                                         {"BOOL", DType::boolean, 1}}};

const TypeName& type_of(DType dtype) {
    return *std::find_if(types.begin(), types.end(), [&](const TypeName& type) { return type.dtype == dtype; });
}

[[noreturn]] void malformed(const std::string& tensor, const std::string& zh, const std::string& en) {
    const std::string name = shown_name(tensor);
    if (name.empty()) throw Error(ErrorKind::malformed, {"safetensors：" + zh, "safetensors: " + en});
    throw Error(ErrorKind::malformed,
                {"safetensors 张量“" + name + "”：" + zh, "safetensors tensor \"" + name + "\": " + en}, name);
}

/// Takes the header event by event, so that no tree of a hostile text is ever built and every event that the format
/// does not foresee, at whatever depth, ends the reading there and then.
class HeaderReader : public nlohmann::json_sax<Json> {
  public:
    std::vector<TensorInfo> tensors;
    std::map<std::string, std::string> metadata;

    bool null() override { return unexpected("null"); }
    bool boolean(bool) override { return unexpected("true/false"); }
    bool number_float(number_float_t, const string_t& text) override { return unexpected(shown_name(text)); }
    bool number_integer(number_integer_t value) override { return unexpected(std::to_string(value)); }
    bool binary(binary_t&) override { return unexpected("binary"); }

    bool number_unsigned(number_unsigned_t value) override {
        if (state_ == State::shape) {
            if (extents_.size() == most_axes) {
                malformed(current_.name, "超过 " + std::to_string(most_axes) + " 个轴。",
                          "more than " + std::to_string(most_axes) + " axes.");
            }
            extents_.push_back(value);
        } else if (state_ == State::offsets && offsets_.size() < 2) {
            offsets_.push_back(value);
        } else {
            unexpected(std::to_string(value));
        }
        return true;
    }

    bool string(string_t& text) override {
        if (state_ == State::metadata_value) {
            metadata[key_] = text;
            state_ = State::metadata;
        } else if (state_ == State::dtype) {
            const auto* type =
                std::find_if(types.begin(), types.end(), [&](const TypeName& known) { return text == known.name; });
            if (type == types.end()) {
                std::string allowed;
                for (const TypeName& known : types) allowed += (allowed.empty() ? "" : ", ") + std::string(known.name);
                malformed(current_.name, "不认识类型“" + shown_name(text) + "”，可用的是 " + allowed + "。",
                          "the dtype \"" + shown_name(text) + "\" is none of " + allowed + ".");
            }
            dtype_ = type->dtype;
            state_ = State::fields;
        } else {
            unexpected("\"" + shown_name(text) + "\"");
        }
        return true;
    }

    bool key(string_t& name) override {
        if (state_ == State::names) {
            if (!names_.insert(name).second) {
                malformed(name, "这个名字出现了两次。", "the name is given twice.");
            }
            current_ = TensorInfo{};
            current_.name = name;
            dtype_.reset();
            extents_.clear();
            offsets_.clear();
            has_shape_ = has_offsets_ = false;
            state_ = name == "__metadata__" ? State::metadata_start : State::tensor_start;
        } else if (state_ == State::metadata) {
            if (metadata.contains(name)) {
                malformed("__metadata__", "“" + shown_name(name) + "”出现了两次。",
                          "\"" + shown_name(name) + "\" is given twice.");
            }
            key_ = name;
            state_ = State::metadata_value;
        } else {
            field(name);
        }
        return true;
    }

    bool start_object(std::size_t) override {
        switch (state_) {
            case State::start: state_ = State::names; return true;
            case State::metadata_start: state_ = State::metadata; return true;
            case State::tensor_start: state_ = State::fields; return true;
            default: return unexpected("{");
        }
    }

    bool end_object() override {
        if (state_ == State::fields) finish_tensor();
        state_ = state_ == State::names ? State::end : State::names;
        return true;
    }

    bool start_array(std::size_t) override {
        if (state_ == State::shape_start) {
            state_ = State::shape;
        } else if (state_ == State::offsets_start) {
            state_ = State::offsets;
        } else {
            unexpected("[");
        }
        return true;
    }

    bool end_array() override {
        if (state_ == State::offsets && offsets_.size() != 2) {
            malformed(current_.name, "data_offsets 需要两个数。", "data_offsets needs two numbers.");
        }
        state_ = State::fields;
        return true;
    }

    // The library's own message may quote bytes that are no UTF-8: not passed on.
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        const std::string at = std::to_string(position);
        malformed("", "文件头在第 " + at + " 字节处不是合法的 JSON。",
                  "the header is not valid JSON at byte " + at + ".");
    }

  private:
    enum class State {
        start,
        names,
        metadata_start,
        metadata,
        metadata_value,
        tensor_start,
        fields,
        dtype,
        shape_start,
        shape,
        offsets_start,
        offsets,
        end,
    };

    bool unexpected(const std::string& found) {
        static constexpr std::array<const char*, 13> expected{"{",
                                                              "\"name\"",
                                                              "{",
                                                              "\"name\"",
                                                              "text",
                                                              "{",
                                                              "dtype, shape, data_offsets",
                                                              "\"F32\"",
                                                              "[",
                                                              "integers >= 0",
                                                              "[",
                                                              "[begin, end], integers >= 0",
                                                              "end"};
        const std::string wanted = expected[static_cast<std::size_t>(state_)];
        malformed(current_.name, "文件头此处应为 " + wanted + "，却是 " + found + "。",
                  "the header should have " + wanted + " here and has " + found + ".");
    }

    void field(const std::string& name) {
        const bool again =
            (name == "dtype" && dtype_) || (name == "shape" && has_shape_) || (name == "data_offsets" && has_offsets_);
        if (again) {
            malformed(current_.name, name + " 出现了两次。", name + " is given twice.");
        }
        if (name == "dtype") {
            state_ = State::dtype;
        } else if (name == "shape") {
            has_shape_ = true;
            state_ = State::shape_start;
        } else if (name == "data_offsets") {
            has_offsets_ = true;
            state_ = State::offsets_start;
        } else {
            unexpected("\"" + shown_name(name) + "\"");
        }
    }

    void finish_tensor() {
        if (!dtype_ || !has_shape_ || !has_offsets_) {
            malformed(current_.name, "dtype、shape、data_offsets 缺一不可。",
                      "dtype, shape and data_offsets are all needed.");
        }
        current_.dtype = *dtype_;
        current_.begin = offsets_[0];
        current_.end = offsets_[1];
        if (current_.begin > current_.end) {
            malformed(current_.name, "data_offsets 颠倒：" + range() + "。",
                      "data_offsets are reversed: " + range() + ".");
        }
        constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        std::uint64_t elements = 1;
        std::uint64_t stride = 1;  // without the extents of 0: a Shape counts the distance between rows by it
        std::vector<std::int64_t> extents;
        for (const std::uint64_t extent : extents_) {
            if (extent > largest || (extent != 0 && stride > largest / extent)) {
                malformed(current_.name, "shape 的乘积超出 64 位整数。",
                          "the product of its shape does not fit 64 bits.");
            }
            stride *= std::max<std::uint64_t>(extent, 1);
            elements *= extent;
            extents.push_back(static_cast<std::int64_t>(extent));
        }
        const std::uint64_t size = dtype_size(current_.dtype);
        const std::uint64_t length = current_.end - current_.begin;
        if (length % size != 0 || length / size != elements) {
            malformed(current_.name,
                      "shape 有 " + std::to_string(elements) + " 个 " + dtype_name(current_.dtype) +
                          " 元素，data_offsets " + range() + " 却是 " + std::to_string(length) + " 字节。",
                      "its shape has " + std::to_string(elements) + " elements of " + dtype_name(current_.dtype) +
                          ", but data_offsets " + range() + " cover " + std::to_string(length) + " bytes.");
        }
        current_.shape = Shape(extents);
        tensors.push_back(current_);
    }

    std::string range() const {
        return "[" + std::to_string(current_.begin) + ", " + std::to_string(current_.end) + "]";
    }

    State state_ = State::start;
    TensorInfo current_;
    std::optional<DType> dtype_;
    bool has_shape_ = false;
    bool has_offsets_ = false;
    std::vector<std::uint64_t> extents_;
    std::vector<std::uint64_t> offsets_;
    std::string key_;
    std::unordered_set<std::string> names_;
};

/// One after the other, from the first byte to the last: then nothing overlaps, nothing is left over, and no tensor
/// reaches outside.
void check_layout(std::vector<TensorInfo>& tensors, std::uint64_t data_size) {
    // A tensor without elements comes before one that starts at the same byte.
    std::sort(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
        if (a.begin != b.begin) return a.begin < b.begin;
        return a.end != b.end ? a.end < b.end : a.name < b.name;
    });
    std::uint64_t reached = 0;
    for (const TensorInfo& tensor : tensors) {
        const std::string begin = std::to_string(tensor.begin), until = std::to_string(reached);
        if (tensor.begin < reached) {
            malformed(tensor.name, "与前一个张量重叠：从 " + begin + " 开始，前一个到 " + until + " 才结束。",
                      "overlaps the one before: it begins at " + begin + ", which ends at " + until + ".");
        }
        if (tensor.begin > reached) {
            malformed(tensor.name, "前面有空洞：字节 " + until + " 到 " + begin + " 不属于任何张量。",
                      "there is a hole before it: bytes " + until + " to " + begin + " belong to no tensor.");
        }
        if (tensor.end > data_size) {
            malformed(tensor.name,
                      "数据不完整：到 " + std::to_string(tensor.end) + " 字节为止，文件只有 " +
                          std::to_string(data_size) + "。",
                      "the data is cut short: it ends at byte " + std::to_string(tensor.end) + " of " +
                          std::to_string(data_size) + ".");
        }
        reached = tensor.end;
    }
    if (reached != data_size) {
        const std::string extra = std::to_string(data_size - reached);
        malformed("", "末尾多出 " + extra + " 字节。", extra + " bytes are left over at the end.");
    }
}

}  // namespace

const char* dtype_name(DType dtype) { return type_of(dtype).name; }

std::uint64_t dtype_size(DType dtype) { return type_of(dtype).size; }

SafetensorsHeader read_safetensors_header(const ByteSource& source) {
    std::array<std::byte, 8> length_bytes{};
    source.read(0, length_bytes);
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | std::to_integer<std::uint64_t>(length_bytes[i]);
    if (length > longest_safetensors_header) {
        malformed("", "文件头长 " + std::to_string(length) + " 字节，最多允许 100000000。",
                  "the header is " + std::to_string(length) + " bytes long; at most 100000000 are allowed.");
    }
    if (length > source.size() - 8) {
        malformed(
            "", "文件头应有 " + std::to_string(length) + " 字节，文件只剩 " + std::to_string(source.size() - 8) + "。",
            "the header should have " + std::to_string(length) + " bytes; only " + std::to_string(source.size() - 8) +
                " are left.");
    }
    std::string text(static_cast<std::size_t>(length), '\0');
    source.read(8, std::as_writable_bytes(std::span(text)));
    if (text.empty() || text[0] != '{') malformed("", "文件头不以 { 开头。", "the header does not begin with {.");
    if (const std::size_t at = first_invalid_utf8(text); at != std::string::npos) {
        malformed("", "文件头第 " + std::to_string(at) + " 字节起不是合法的 UTF-8。",
                  "the header is not valid UTF-8 from byte " + std::to_string(at) + ".");
    }
    HeaderReader reader;
    Json::sax_parse(text, &reader);
    SafetensorsHeader header{std::move(reader.tensors), std::move(reader.metadata), 8 + length};
    check_layout(header.tensors, source.size() - header.data_begin);
    return header;
}

}  // namespace glassformer
