#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace glassformer {

/// Pieces and their ids, 0, 1, 2, ... in the order they were added. A piece is a string of bytes: UTF-8 for characters
/// and WordPiece (continuations begin with "##"), raw bytes for byte-level BPE.
class Vocabulary {
  public:
    /// The id of the piece, added if it is new.
    std::int32_t add(std::string_view piece);
    std::optional<std::int32_t> find(std::string_view piece) const;
    /// Error(out_of_range) for an id that was never given.
    const std::string& piece(std::int32_t id) const;
    std::int32_t size() const { return static_cast<std::int32_t>(pieces_.size()); }

  private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::vector<std::string> pieces_;
    std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> ids_;
};

/// A piece of a text: bytes [begin, end) of the source and its id.
struct Token {
    std::int32_t id;
    std::int64_t begin;
    std::int64_t end;
    bool operator==(const Token&) const = default;
};

}  // namespace glassformer
