#include "tokenizer/wordpiece.h"

#include "tokenizer/units.h"

namespace glassformer {

WordPiece::WordPiece() { vocabulary_.add(unknown_piece); }

std::vector<Token> WordPiece::encode_word(std::string_view word, std::int64_t offset) const {
    const auto whole = static_cast<std::int64_t>(word.size());
    const std::vector<Token> unknown{{0, offset, offset + whole}};
    // Where characters end: a piece may only end there.
    std::vector<std::size_t> ends;
    for (std::size_t at = 0; at < word.size();) ends.push_back(at += character_length(word, at));
    if (ends.size() > longest_word) return unknown;

    std::vector<Token> tokens;
    std::size_t begin = 0;
    for (std::size_t first = 0; first < ends.size();) {
        std::size_t last = ends.size();
        std::optional<std::int32_t> id;
        for (; last > first && !id; --last) {
            const std::string_view rest = word.substr(begin, ends[last - 1] - begin);
            id = begin == 0 ? vocabulary_.find(rest) : vocabulary_.find(std::string(continuation) + std::string(rest));
        }
        if (!id) return unknown;
        const std::size_t end = ends[last];  // the loop stepped once past the match
        tokens.push_back({*id, offset + static_cast<std::int64_t>(begin), offset + static_cast<std::int64_t>(end)});
        begin = end;
        first = last + 1;
    }
    return tokens;
}

}  // namespace glassformer
