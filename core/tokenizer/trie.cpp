#include "tokenizer/trie.h"

#include <algorithm>

namespace glassformer {

Trie::Trie(std::vector<std::pair<std::string_view, std::int32_t>> pieces) {
    root_.fill(-1);
    std::erase_if(pieces, [](const auto& piece) { return piece.first.empty(); });
    std::stable_sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

    // Breadth first, so that the children of a node are made one after the other. A range holds the pieces that share
    // the first `depth` bytes; those that end there come first in it.
    struct Range {
        std::size_t begin;
        std::size_t end;
        std::size_t depth;
        std::int32_t node;  // -1: the root
    };
    std::vector<Range> ranges{{0, pieces.size(), 0, -1}};
    for (std::size_t r = 0; r < ranges.size(); ++r) {
        const Range range = ranges[r];
        std::size_t begin = range.begin;
        while (begin < range.end && pieces[begin].first.size() == range.depth) {
            nodes_[static_cast<std::size_t>(range.node)].number = pieces[begin++].second;
        }
        const auto first_child = static_cast<std::int32_t>(nodes_.size());
        while (begin < range.end) {
            const auto byte = static_cast<std::uint8_t>(pieces[begin].first[range.depth]);
            std::size_t end = begin;
            while (end < range.end && static_cast<std::uint8_t>(pieces[end].first[range.depth]) == byte) ++end;
            const auto node = static_cast<std::int32_t>(nodes_.size());
            if (range.node < 0) root_[byte] = node;
            nodes_.push_back({-1, 0, 0, byte});
            ranges.push_back({begin, end, range.depth + 1, node});
            begin = end;
        }
        if (range.node < 0) continue;
        Node& parent = nodes_[static_cast<std::size_t>(range.node)];
        parent.first_child = first_child;
        parent.children = static_cast<std::uint16_t>(static_cast<std::int32_t>(nodes_.size()) - first_child);
    }
}

}  // namespace glassformer
