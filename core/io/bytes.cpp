#include "io/bytes.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace glassformer {

void ByteSource::read(std::uint64_t offset, std::span<std::byte> out) const {
    // Written so that no sum can wrap around.
    if (offset > size() || out.size() > size() - offset) {
        throw Error(ErrorKind::malformed,
                    {"数据不完整：需要从第 " + std::to_string(offset) + " 字节起的 " + std::to_string(out.size()) +
                         " 字节，总共只有 " + std::to_string(size()) + " 字节。",
                     "The data is cut short: " + std::to_string(out.size()) + " bytes from byte " +
                         std::to_string(offset) + " are needed, there are " + std::to_string(size()) + " in all."});
    }
    if (!out.empty()) read_within(offset, out);
}

void MemorySource::read_within(std::uint64_t offset, std::span<std::byte> out) const {
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
}

FileSource::FileSource(const std::string& path) : path_(path) {
    std::error_code problem;
    // A directory opens as a stream too, and a device has no size.
    if (std::filesystem::is_regular_file(path, problem)) {
        size_ = std::filesystem::file_size(path, problem);
        file_.open(path, std::ios::binary);
    }
    if (problem || !file_.is_open()) {
        throw Error(ErrorKind::unknown_name, {"打不开文件 " + path + "。", "The file " + path + " cannot be opened."},
                    path);
    }
}

void FileSource::read_within(std::uint64_t offset, std::span<std::byte> out) const {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    if (!file_) {
        throw Error(ErrorKind::malformed, {"读文件 " + path_ + " 时出错。", "Reading the file " + path_ + " failed."},
                    path_);
    }
}

std::vector<std::byte> read_all(const ByteSource& source, std::uint64_t limit) {
    if (source.size() > limit) {
        throw Error(ErrorKind::budget,
                    {"数据有 " + std::to_string(source.size()) + " 字节，最多允许 " + std::to_string(limit) + " 字节。",
                     "The data has " + std::to_string(source.size()) + " bytes; at most " + std::to_string(limit) +
                         " are allowed."});
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(source.size()));
    source.read(0, bytes);
    return bytes;
}

void write_file(const std::string& path, std::span<const std::byte> bytes) {
    const std::string beside = path + ".part";
    std::error_code problem;
    {
        std::ofstream file(beside, std::ios::binary | std::ios::trunc);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) problem = std::make_error_code(std::errc::io_error);
    }
    if (!problem) std::filesystem::rename(beside, path, problem);
    if (problem) {
        std::error_code ignored;
        std::filesystem::remove(beside, ignored);
        throw Error(ErrorKind::malformed, {"写不了文件 " + path + "。", "The file " + path + " cannot be written."},
                    path);
    }
}

}  // namespace glassformer
