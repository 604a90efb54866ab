#include "tokenizer/bpe.h"

#include <queue>
#include <tuple>

#include "base/error.h"
#include "tokenizer/units.h"

namespace glassformer {

Bpe::Bpe(Units units) : units_(units) {
    if (units == Units::bytes) {
        for (int byte = 0; byte < 256; ++byte) vocabulary_.add(std::string(1, static_cast<char>(byte)));
    } else {
        vocabulary_.add(unknown_piece);
    }
}

std::int32_t Bpe::add_character(std::string_view character) {
    if (units_ == Units::bytes) {
        throw Error(ErrorKind::internal,
                    {"字节级 BPE 的词表已含全部字节。", "Byte-level BPE already holds every byte."});
    }
    return vocabulary_.add(character);
}

std::int32_t Bpe::add_merge(std::int32_t left, std::int32_t right) {
    // Two merges can spell the same piece, after which a pair merged long ago may stand side by side again: it keeps
    // its rank.
    if (const auto known = ranks_.find({left, right}); known != ranks_.end()) return known->second.result;
    const std::int32_t result = vocabulary_.add(vocabulary_.piece(left) + vocabulary_.piece(right));
    ranks_.emplace(std::pair{left, right}, Merge{static_cast<std::int32_t>(ranks_.size()), result});
    return result;
}

std::vector<Token> Bpe::encode_word(std::string_view word, std::int64_t offset) const {
    // A linked list of symbols and a queue of possible merges, lowest rank and leftmost first. What a merge made stale
    // is recognised when it comes out of the queue.
    struct Symbol {
        Token token;
        std::int32_t previous;
        std::int32_t next;
    };
    std::vector<Symbol> symbols;
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t length = units_ == Units::bytes ? 1 : character_length(word, at);
        const auto known = vocabulary_.find(word.substr(at, length));
        const auto index = static_cast<std::int32_t>(symbols.size());
        const auto begin = offset + static_cast<std::int64_t>(at);
        symbols.push_back(
            {{known.value_or(0), begin, begin + static_cast<std::int64_t>(length)}, index - 1, index + 1});
        at += length;
    }
    if (!symbols.empty()) symbols.back().next = -1;

    using Candidate =
        std::tuple<std::int32_t, std::int32_t, std::int32_t, std::int32_t>;  // rank, position, left, right
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
    const auto consider = [&](std::int32_t position) {
        if (position < 0 || symbols[static_cast<std::size_t>(position)].next < 0) return;
        const Symbol& left = symbols[static_cast<std::size_t>(position)];
        const Symbol& right = symbols[static_cast<std::size_t>(left.next)];
        const auto found = ranks_.find({left.token.id, right.token.id});
        if (found != ranks_.end()) queue.emplace(found->second.rank, position, left.token.id, right.token.id);
    };
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(symbols.size()); ++i) consider(i);
    while (!queue.empty()) {
        const auto [rank, position, left_id, right_id] = queue.top();
        queue.pop();
        Symbol& left = symbols[static_cast<std::size_t>(position)];
        if (left.token.id != left_id || left.next < 0) continue;
        Symbol& right = symbols[static_cast<std::size_t>(left.next)];
        if (right.token.id != right_id) continue;
        left.token.id = ranks_.at({left_id, right_id}).result;
        left.token.end = right.token.end;
        right.token.id = -1;  // gone
        left.next = right.next;
        if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = position;
        consider(left.previous);
        consider(position);
    }
    std::vector<Token> tokens;
    for (std::int32_t i = symbols.empty() ? -1 : 0; i >= 0; i = symbols[static_cast<std::size_t>(i)].next) {
        tokens.push_back(symbols[static_cast<std::size_t>(i)].token);
    }
    return tokens;
}

}  // namespace glassformer
