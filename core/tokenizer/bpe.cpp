#include "tokenizer/bpe.h"

#include <algorithm>
#include <queue>
#include <tuple>

#include "base/error.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

/// A word as a linked list of symbols, merged lowest rank first, then leftmost. Words of ten million characters are
/// allowed: 16 bytes a symbol, 8 a candidate.
class MergeList {
  public:
    MergeList(const Bpe& bpe, const std::vector<Bpe::Unit>& units) : bpe_(bpe) {
        symbols_.reserve(units.size());
        for (const Bpe::Unit& unit : units) {
            const auto index = static_cast<std::int32_t>(symbols_.size());
            symbols_.push_back({unit.id, unit.length, index - 1, index + 1});
        }
        if (!symbols_.empty()) symbols_.back().next = -1;
        std::vector<Candidate> candidates;
        for (std::int32_t i = 0; i + 1 < static_cast<std::int32_t>(symbols_.size()); ++i) {
            if (const Bpe::Merge* merge = merge_at(i)) candidates.push_back({merge->rank, i});
        }
        queue_ = std::priority_queue<Candidate>({}, std::move(candidates));
    }

    struct Candidate {
        std::int32_t rank;
        std::int32_t position;
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
            const Bpe::Merge* merge = at(out.position).id < 0 ? nullptr : merge_at(out.position);
            if (merge != nullptr && merge->rank == out.rank) return true;
        }
        return false;
    }
    void push_back(const Candidate& candidate) { queue_.push(candidate); }
    MergeRule merge(const Candidate& candidate) {
        Symbol& left = at(candidate.position);
        Symbol& right = at(left.next);
        const MergeRule rule{left.id, right.id, merge_at(candidate.position)->result};
        left.id = rule.result;
        left.length += right.length;
        right.id = -1;  // gone
        left.next = right.next;
        if (left.next >= 0) at(left.next).previous = candidate.position;
        consider(left.previous);
        consider(candidate.position);
        return rule;
    }
    std::vector<Token> tokens(std::int64_t offset) const {
        std::vector<Token> tokens;
        for (std::int32_t i = symbols_.empty() ? -1 : 0; i >= 0;) {
            const Symbol& symbol = symbols_[static_cast<std::size_t>(i)];
            tokens.push_back({symbol.id, offset, offset + symbol.length});
            offset += symbol.length;
            i = symbol.next;
        }
        return tokens;
    }

  private:
    struct Symbol {
        std::int32_t id;
        std::int32_t length;
        std::int32_t previous;
        std::int32_t next;
    };
    Symbol& at(std::int32_t position) { return symbols_[static_cast<std::size_t>(position)]; }
    const Bpe::Merge* merge_at(std::int32_t position) {
        const std::int32_t next = at(position).next;
        return next < 0 ? nullptr : bpe_.find_merge(at(position).id, at(next).id);
    }
    void consider(std::int32_t position) {
        if (position < 0) return;
        if (const Bpe::Merge* merge = merge_at(position)) queue_.push({merge->rank, position});
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

std::vector<Bpe::Unit> Bpe::units_of(std::string_view word) const {
    // Spans follow from lengths, as in the reference: a character that vanishes leaves its place to the next one.
    std::vector<Unit> units;
    const auto push = [&](std::int32_t id, std::size_t length) {
        units.push_back({id, static_cast<std::int32_t>(length)});
    };
    if (units_ == Units::bytes) {
        units.reserve(word.size());
        for (const char byte : word) push(static_cast<std::uint8_t>(byte), 1);
        return units;
    }
    const auto unknown = options_.unknown_piece.empty() ? std::nullopt : vocabulary_.find(options_.unknown_piece);
    std::size_t unknown_length = 0;  // of the unknown piece that is not pushed yet
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
            push(*known, length);
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
            unknown_length += length;
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
    MergeList list(*this, units_of(word));
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
    return list.tokens(offset);
}

Bpe::Trace Bpe::trace_word(std::string_view word, std::int64_t offset) const {
    MergeList list(*this, units_of(word));
    Trace trace{list.tokens(offset), {}};
    MergeList::Candidate best;
    while (list.next(best)) {
        const MergeRule rule = list.merge(best);
        trace.steps.push_back({best.rank, rule, list.tokens(offset)});
    }
    return trace;
}

}  // namespace glassformer
