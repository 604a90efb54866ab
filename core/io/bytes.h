#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace glassformer {

/// Where bytes come from: memory in the browser, a file on the command line. Readers take any.
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    virtual std::uint64_t size() const = 0;
    /// Fills `out` from `offset`. Error(malformed) when the range is not within the source or cannot be read.
    void read(std::uint64_t offset, std::span<std::byte> out) const;

  private:
    virtual void read_within(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// Bytes held in memory; owns them.
class MemorySource : public ByteSource {
  public:
    explicit MemorySource(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
    explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes.begin(), bytes.end()) {}
    std::uint64_t size() const override { return bytes_.size(); }

  private:
    void read_within(std::uint64_t offset, std::span<std::byte> out) const override;
    std::vector<std::byte> bytes_;
};

/// A regular file, read where and when asked: a large checkpoint is never in memory as a whole. Not for two threads at
/// once. Error(unknown_name) if there is no such regular file or it cannot be opened.
class FileSource : public ByteSource {
  public:
    explicit FileSource(const std::string& path);
    std::uint64_t size() const override { return size_; }

  private:
    void read_within(std::uint64_t offset, std::span<std::byte> out) const override;
    std::string path_;
    mutable std::ifstream file_;
    std::uint64_t size_ = 0;
};

/// All bytes of a source. Error(budget) above `limit` bytes.
std::vector<std::byte> read_all(const ByteSource& source, std::uint64_t limit = std::uint64_t{1} << 31);

/// Writes a file as a whole: beside its place first, then renamed, so that a reader never sees half of it.
/// Error(malformed) naming the path when it cannot be written.
void write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace glassformer
