#include "tokenizer/bpe.h"

#include <algorithm>
#include <queue>
#include <tuple>

#include "base/error.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

/// A word as a linked list of symbols, merged lowest rank first, then leftmost.
class MergeList {
  public:
    MergeList(const Bpe& bpe, std::vector<Token> units) : bpe_(bpe) {
        symbols_.reserve(units.size());
        for (const Token& unit : units) {
            const auto index = static_cast<std::int32_t>(symbols_.size());
            symbols_.push_back({unit, index - 1, index + 1});
        }
        if (!symbols_.empty()) symbols_.back().next = -1;
        for (std::int32_t i = 0; i + 1 < static_cast<std::int32_t>(symbols_.size()); ++i) consider(i);
    }

    struct Candidate {
        std::int32_t rank;
        std::int32_t position;
        std::int32_t left;
        std::int32_t right;
        // The queue gives the greatest first.
        bool operator<(const Candidate& other) const {
            return std::tie(rank, position) > std::tie(other.rank, other.position);
        }
    };
    /// The next candidate whose pair still stands there; what a merge made stale is thrown away.
    bool next(Candidate& out) {
        while (!queue_.empty()) {
            out = queue_.top();
            queue_.pop();
            const Symbol& left = at(out.position);
            if (left.token.id == out.left && left.next >= 0 && at(left.next).token.id == out.right) return true;
        }
        return false;
    }
    void push_back(const Candidate& candidate) { queue_.push(candidate); }
    void merge(const Candidate& candidate) {
        Symbol& left = at(candidate.position);
        Symbol& right = at(left.next);
        left.token.id = bpe_.find_merge(candidate.left, candidate.right)->result;
        left.token.end = right.token.end;
        right.token.id = -1;  // gone
        left.next = right.next;
        if (left.next >= 0) at(left.next).previous = candidate.position;
        consider(left.previous);
        consider(candidate.position);
    }
    std::vector<Token> tokens() const {
        std::vector<Token> tokens;
        for (std::int32_t i = symbols_.empty() ? -1 : 0; i >= 0; i = symbols_[static_cast<std::size_t>(i)].next) {
            tokens.push_back(symbols_[static_cast<std::size_t>(i)].token);
        }
        return tokens;
    }

  private:
    struct Symbol {
        Token token;
        std::int32_t previous;
        std::int32_t next;
    };
    Symbol& at(std::int32_t position) { return symbols_[static_cast<std::size_t>(position)]; }
    void consider(std::int32_t position) {
        if (position < 0 || at(position).next < 0) return;
        const std::int32_t left = at(position).token.id;
        const std::int32_t right = at(at(position).next).token.id;
        if (const Bpe::Merge* merge = bpe_.find_merge(left, right)) queue_.push({merge->rank, position, left, right});
    }

    const Bpe& bpe_;
    std::vector<Symbol> symbols_;
    std::priority_queue<Candidate> queue_;
};

}  // namespace

Bpe::Bpe(Units units) : units_(units) {
    if (units == Units::bytes) {
        for (int byte = 0; byte < 256; ++byte) vocabulary_.add(std::string(1, static_cast<char>(byte)));
    } else {
        options_.unknown_piece = unknown_piece;
        vocabulary_.add(unknown_piece);
    }
}

Bpe::Bpe(Vocabulary vocabulary, BpeOptions options)
    : units_(Units::characters), options_(std::move(options)), vocabulary_(std::move(vocabulary)) {}

std::vector<MergeRule> Bpe::rules() const {
    std::vector<std::pair<std::int32_t, MergeRule>> ranked;
    ranked.reserve(ranks_.size());
    for_each_merge([&](const MergeRule& rule, const Merge& merge) { ranked.push_back({merge.rank, rule}); });
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<MergeRule> rules;
    rules.reserve(ranked.size());
    for (const auto& [rank, rule] : ranked) rules.push_back(rule);
    return rules;
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
    if (const Merge* known = ranks_.find(left, right)) return known->result;
    const std::int32_t result = vocabulary_.add(vocabulary_.piece(left) + vocabulary_.piece(right));
    add_rule({left, right, result});
    return result;
}

void Bpe::add_rule(const MergeRule& rule) { ranks_[{rule.left, rule.right}] = {next_rank_++, rule.result}; }

std::vector<Token> Bpe::units_of(std::string_view word, std::int64_t offset) const {
    std::vector<Token> units;
    // Spans follow from lengths, as in the reference: a character that vanishes leaves its place to the next one.
    std::int64_t end = offset;
    const auto push = [&](std::int32_t id, std::int64_t length) {
        units.push_back({id, end, end + length});
        end += length;
    };
    if (units_ == Units::bytes) {
        units.reserve(word.size());
        for (const char byte : word) push(static_cast<std::uint8_t>(byte), 1);
        return units;
    }
    const auto unknown = options_.unknown_piece.empty() ? std::nullopt : vocabulary_.find(options_.unknown_piece);
    std::int64_t unknown_length = 0;  // of the unknown piece that is not pushed yet
    const auto flush = [&] {
        if (unknown_length > 0) push(*unknown, unknown_length);
        unknown_length = 0;
    };
    std::string unit;
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t length = character_length(word, at);
        unit = at == 0 ? "" : options_.continuing_prefix;
        unit += word.substr(at, length);
        at += length;
        if (at == word.size()) unit += options_.end_suffix;
        if (const auto known = vocabulary_.find(unit)) {
            flush();
            push(*known, static_cast<std::int64_t>(length));
            continue;
        }
        std::vector<std::int32_t> bytes;
        for (std::size_t i = 0; options_.byte_fallback && i < unit.size(); ++i) {
            const auto known = vocabulary_.find(byte_token(static_cast<std::uint8_t>(unit[i])));
            if (!known) break;
            bytes.push_back(*known);
        }
        if (options_.byte_fallback && bytes.size() == unit.size()) {
            for (const std::int32_t id : bytes) push(id, 1);
        } else if (unknown) {
            if (!options_.fuse_unknown) flush();
            unknown_length += static_cast<std::int64_t>(length);
        } else if (!options_.unknown_piece.empty()) {
            throw Error(ErrorKind::unknown_name,
                        {"词表里没有表示未知字符的片段“" + options_.unknown_piece + "”。",
                         "The vocabulary lacks the piece for unknown characters, \"" + options_.unknown_piece + "\"."},
                        "unk_token");
        }
    }
    flush();
    return units;
}

std::vector<Token> Bpe::encode_word(std::string_view word, std::int64_t offset, Rng* rng) const {
    const bool drops = rng != nullptr && options_.dropout > 0.0F;
    if (options_.ignore_merges && !word.empty()) {
        if (const auto whole = vocabulary_.find(word)) {
            return {{*whole, offset, offset + static_cast<std::int64_t>(word.size())}};
        }
    }
    MergeList list(*this, units_of(word, offset));
    MergeList::Candidate best;
    std::vector<MergeList::Candidate> passed_over;  // until the next merge that is not
    while (list.next(best)) {
        if (drops && rng->uniform() < options_.dropout) {
            passed_over.push_back(best);
            continue;
        }
        for (const MergeList::Candidate& candidate : passed_over) list.push_back(candidate);
        passed_over.clear();
        list.merge(best);
    }
    return list.tokens();
}

Bpe::Trace Bpe::trace_word(std::string_view word, std::int64_t offset) const {
    Trace trace{units_of(word, offset), {}};
    MergeList list(*this, trace.units);
    MergeList::Candidate best;
    while (list.next(best)) {
        list.merge(best);
        const MergeRule rule{best.left, best.right, find_merge(best.left, best.right)->result};
        trace.steps.push_back({best.rank, rule, list.tokens()});
    }
    return trace;
}

}  // namespace glassformer
