#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glassformer {

/// Pieces and their ids, 0, 1, 2, ... in the order they were added; files may also give ids of their own. A piece is a
/// string of bytes: UTF-8 for characters and WordPiece (continuations begin with "##"), raw bytes for byte-level BPE.
class Vocabulary {
  public:
    /// Ids of files are below this; anything larger is taken for damage.
    static constexpr std::int32_t most_ids = 1 << 22;

    /// The id of the piece, added at the end if it is new.
    std::int32_t add(std::string_view piece);
    /// A piece with its id. Error(malformed) when either is there already, Error(out_of_range) for an id below 0 or not
    /// below most_ids. Ids left out stay without a piece.
    void set(std::int32_t id, std::string_view piece);
    void reserve(std::size_t pieces);

    std::optional<std::int32_t> find(std::string_view piece) const;
    bool has(std::int32_t id) const { return id >= 0 && id < size() && given_[static_cast<std::size_t>(id)]; }
    /// Error(out_of_range) for an id that was never given.
    const std::string& piece(std::int32_t id) const;
    /// One more than the largest id.
    std::int32_t size() const { return static_cast<std::int32_t>(pieces_.size()); }
    /// How many ids have a piece.
    std::int32_t count() const { return count_; }

  private:
    /// An id by the hash of its piece; most other pieces already differ in the tag.
    struct Slot {
        std::int32_t id = -1;  // -1: free
        std::uint32_t tag = 0;
    };
    std::size_t slot_of(std::string_view piece, std::uint64_t hash) const;
    void link(std::int32_t id, std::string_view piece, std::uint64_t hash);
    void grow(std::size_t slots);
    [[noreturn]] void refuse(std::int32_t id, std::string_view piece) const;

    std::vector<std::string> pieces_;
    std::vector<bool> given_;
    std::vector<Slot> slots_;
    std::int32_t count_ = 0;
};

/// A piece of a text: bytes [begin, end) of the source and its id.
struct Token {
    std::int32_t id;
    std::int64_t begin;
    std::int64_t end;
    bool operator==(const Token&) const = default;
};

}  // namespace glassformer
