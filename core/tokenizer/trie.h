#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace glassformer {

/// Finds all pieces that begin at a place of a text, byte by byte.
class Trie {
  public:
    Trie() { root_.fill(-1); }
    /// Pieces and the number each stands for (>= 0). The empty piece is left out; of equal pieces the last one counts.
    explicit Trie(std::vector<std::pair<std::string_view, std::int32_t>> pieces);

    /// Calls visit(length, number) for every piece that begins at `at`, the shortest first.
    template <typename Visit>
    void prefixes(std::string_view text, std::size_t at, Visit visit) const {
        if (at >= text.size()) return;
        std::int32_t node = root_[static_cast<std::uint8_t>(text[at])];
        for (std::size_t length = 1; node >= 0; ++length) {
            const Node& here = nodes_[static_cast<std::size_t>(node)];
            if (here.number >= 0) visit(length, here.number);
            if (at + length >= text.size()) return;
            node = child(here, static_cast<std::uint8_t>(text[at + length]));
        }
    }
    /// Length and number of the longest piece at `at`; number -1 where there is none.
    std::pair<std::size_t, std::int32_t> longest(std::string_view text, std::size_t at) const {
        std::pair<std::size_t, std::int32_t> found{0, -1};
        prefixes(text, at, [&](std::size_t length, std::int32_t number) { found = {length, number}; });
        return found;
    }
    bool empty() const { return nodes_.empty(); }

  private:
    struct Node {
        std::int32_t number;
        std::int32_t first_child;  ///< the children lie side by side, by their byte
        std::uint16_t children;
        std::uint8_t byte;
    };
    std::int32_t child(const Node& node, std::uint8_t byte) const {
        std::int32_t low = node.first_child;
        std::int32_t high = low + node.children;
        while (low < high) {
            const std::int32_t middle = (low + high) / 2;
            if (nodes_[static_cast<std::size_t>(middle)].byte < byte)
                low = middle + 1;
            else
                high = middle;
        }
        const bool found = low < node.first_child + node.children && nodes_[static_cast<std::size_t>(low)].byte == byte;
        return found ? low : -1;
    }

    std::array<std::int32_t, 256> root_{};
    std::vector<Node> nodes_;
};

}  // namespace glassformer
