#include "tokenizer/wordpiece.h"

#include <algorithm>

#include "base/error.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

/// Where characters end: a piece may only end there.
std::vector<std::size_t> character_ends(std::string_view word) {
    std::vector<std::size_t> ends;
    for (std::size_t at = 0; at < word.size();) ends.push_back(at += character_length(word, at));
    return ends;
}

std::size_t longest_piece(const Vocabulary& vocabulary) {
    std::size_t longest = 0;
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
        if (vocabulary.has(id)) longest = std::max(longest, vocabulary.piece(id).size());
    }
    return longest;
}

}  // namespace

WordPiece::WordPiece() { vocabulary_.add(unknown_piece); }

WordPiece::WordPiece(Vocabulary vocabulary, WordPieceOptions options)
    : options_(std::move(options)), vocabulary_(std::move(vocabulary)) {}

std::vector<Token> WordPiece::unknown(std::string_view word, std::int64_t offset) const {
    if (const auto id = vocabulary_.find(options_.unknown_piece)) {
        return {{*id, offset, offset + static_cast<std::int64_t>(word.size())}};
    }
    throw Error(ErrorKind::unknown_name,
                {"词表里没有未知词的片段“" + options_.unknown_piece + "”。",
                 "The vocabulary lacks the piece for unknown words, \"" + options_.unknown_piece + "\"."},
                "unk_token");
}

std::string WordPiece::prefixed(std::string_view piece, bool first) const {
    return first ? std::string(piece) : options_.continuing_prefix + std::string(piece);
}

std::vector<Token> WordPiece::encode_word(std::string_view word, std::int64_t offset) const {
    const std::vector<std::size_t> ends = character_ends(word);
    if (ends.size() > options_.longest_word) return unknown(word, offset);
    // Long words are allowed by some files; no piece is longer than the longest.
    const std::size_t most = ends.size() > longest_word ? longest_piece(vocabulary_) : word.size();

    std::vector<Token> tokens;
    std::string piece;
    std::size_t begin = 0;
    for (std::size_t first = 0; first < ends.size();) {
        std::size_t last = ends.size();
        if (word.size() - begin > most) {
            const auto after = std::upper_bound(ends.begin(), ends.end(), begin + most);
            last = std::max<std::size_t>(static_cast<std::size_t>(after - ends.begin()), first + 1);
        }
        piece = begin == 0 ? "" : options_.continuing_prefix;
        const std::size_t mark = piece.size();
        piece += word.substr(begin, ends[last - 1] - begin);
        std::optional<std::int32_t> id;
        for (; last > first && !id; --last) {
            id = vocabulary_.find(std::string_view(piece).substr(0, mark + ends[last - 1] - begin));
        }
        if (!id) return unknown(word, offset);
        const std::size_t end = ends[last];  // the loop stepped once past the match
        tokens.push_back({*id, offset + static_cast<std::int64_t>(begin), offset + static_cast<std::int64_t>(end)});
        begin = end;
        first = last + 1;
    }
    return tokens;
}

std::vector<WordPiece::Attempt> WordPiece::trace_word(std::string_view word) const {
    std::vector<Attempt> attempts;
    const std::vector<std::size_t> ends = character_ends(word);
    if (ends.size() > options_.longest_word) return attempts;
    std::size_t begin = 0;
    for (std::size_t first = 0; first < ends.size();) {
        std::size_t last = ends.size();
        for (; last > first; --last) {
            std::string piece = prefixed(word.substr(begin, ends[last - 1] - begin), begin == 0);
            const bool found = vocabulary_.find(piece).has_value();
            attempts.push_back(
                {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(ends[last - 1]), std::move(piece), found});
            if (found) break;
        }
        if (last == first) return attempts;
        begin = ends[last - 1];
        first = last;
    }
    return attempts;
}

std::vector<Token> WordPiece::fewest_pieces(std::string_view word) const {
    std::vector<std::size_t> borders = character_ends(word);
    borders.insert(borders.begin(), 0);
    const std::size_t n = borders.size() - 1;
    if (n > options_.longest_word) return {};
    // From the right: how many pieces spell the rest, and where the first of them ends.
    const std::size_t none = n + 1;
    std::vector<std::size_t> pieces(n + 1, none);
    std::vector<std::size_t> next(n + 1, 0);
    pieces[n] = 0;
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t j = n; j > i; --j) {
            if (pieces[j] + 1 >= pieces[i]) continue;
            if (!vocabulary_.find(prefixed(word.substr(borders[i], borders[j] - borders[i]), i == 0))) continue;
            pieces[i] = pieces[j] + 1;
            next[i] = j;
        }
    }
    std::vector<Token> tokens;
    for (std::size_t i = 0; pieces[0] != none && i < n; i = next[i]) {
        const std::string_view piece = word.substr(borders[i], borders[next[i]] - borders[i]);
        tokens.push_back({*vocabulary_.find(prefixed(piece, i == 0)), static_cast<std::int64_t>(borders[i]),
                          static_cast<std::int64_t>(borders[next[i]])});
    }
    return tokens;
}

}  // namespace glassformer
