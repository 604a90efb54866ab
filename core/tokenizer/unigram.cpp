#include "tokenizer/unigram.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/math.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

[[noreturn]] void refuse_unknown() {
    throw Error(
        ErrorKind::unknown_name,
        {"文本里有词表之外的字符，而这个 Unigram 模型没有未知片段（unk_id）。",
         "The text has a character outside the vocabulary, and this Unigram model has no unknown piece (unk_id)."},
        "unk_id");
}

}  // namespace

Unigram::Unigram(const std::vector<std::pair<std::string, double>>& pieces, std::optional<std::int32_t> unknown,
                 bool byte_fallback)
    : unknown_(unknown), byte_fallback_(byte_fallback), least_score_(std::numeric_limits<double>::infinity()) {
    const std::string count = std::to_string(pieces.size());
    if (unknown && (*unknown < 0 || static_cast<std::size_t>(*unknown) >= pieces.size())) {
        throw Error(ErrorKind::out_of_range,
                    {"unk_id 是 " + std::to_string(*unknown) + "，词表只有 " + count + " 个片段。",
                     "unk_id is " + std::to_string(*unknown) + ", but the vocabulary has " + count + " pieces."},
                    "unk_id");
    }
    vocabulary_.reserve(pieces.size());
    scores_.reserve(pieces.size());
    std::vector<std::pair<std::string_view, std::int32_t>> entries;
    entries.reserve(pieces.size());
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        vocabulary_.set(static_cast<std::int32_t>(id), pieces[id].first);
        scores_.push_back(pieces[id].second);
        least_score_ = std::min(least_score_, pieces[id].second);
        entries.emplace_back(pieces[id].first, static_cast<std::int32_t>(id));
    }
    trie_ = Trie(std::move(entries));
}

std::vector<Token> Unigram::encode_word(std::string_view word, std::int64_t offset) const {
    struct Best {
        double score = 0.0;
        std::size_t begin = 0;
        bool reached = false;
        bool unknown = false;
    };
    std::vector<Best> best(word.size() + 1);
    for (std::size_t begin = 0; begin < word.size();) {
        const double until = best[begin].score;
        const std::size_t character = character_length(word, begin);
        bool single = false;
        const auto offer = [&](std::size_t end, double score, bool unknown) {
            if (best[end].reached && !(score > best[end].score)) return;
            best[end] = {score, begin, true, unknown};
        };
        trie_.prefixes(word, begin, [&](std::size_t length, std::int32_t id) {
            offer(begin + length, scores_[static_cast<std::size_t>(id)] + until, id == unknown_);
            single = single || length == character;
        });
        if (!single) {
            if (!unknown_) refuse_unknown();
            offer(begin + character, unknown_score() + until, true);
        }
        begin += character;
    }
    std::vector<Cut> cuts;
    for (std::size_t end = word.size(); end > 0; end = best[end].begin) {
        cuts.push_back({best[end].begin, end, best[end].unknown});
    }
    std::reverse(cuts.begin(), cuts.end());
    return tokens_of(word, offset, cuts);
}

std::vector<Token> Unigram::tokens_of(std::string_view word, std::int64_t offset, const std::vector<Cut>& cuts) const {
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < cuts.size();) {
        const std::size_t begin = cuts[i].begin;
        std::size_t end = cuts[i].end;
        const bool unknown = cuts[i++].unknown;
        while (unknown && i < cuts.size() && cuts[i].unknown) end = cuts[i++].end;
        const std::string_view surface = word.substr(begin, end - begin);
        const auto span_begin = offset + static_cast<std::int64_t>(begin);
        const auto span_end = offset + static_cast<std::int64_t>(end);
        if (const auto known = vocabulary_.find(surface)) {
            tokens.push_back({*known, span_begin, span_end});
            continue;
        }
        std::vector<Token> bytes;
        for (std::size_t b = 0; byte_fallback_ && b < surface.size(); ++b) {
            const auto id = vocabulary_.find(byte_token(static_cast<std::uint8_t>(surface[b])));
            if (!id) break;
            bytes.push_back({*id, span_begin, span_end});
        }
        if (byte_fallback_ && bytes.size() == surface.size()) {
            tokens.insert(tokens.end(), bytes.begin(), bytes.end());
        } else {
            if (!unknown_) refuse_unknown();
            tokens.push_back({*unknown_, span_begin, span_end});
        }
    }
    return tokens;
}

Lattice Unigram::lattice(std::string_view word) const {
    std::vector<LatticeEdge> edges;
    for (std::size_t begin = 0; begin < word.size();) {
        const std::size_t character = character_length(word, begin);
        const auto from = static_cast<std::int32_t>(begin);
        bool single = false;
        trie_.prefixes(word, begin, [&](std::size_t length, std::int32_t id) {
            edges.push_back({from, from + static_cast<std::int32_t>(length), id, score(id), id == unknown_});
            single = single || length == character;
        });
        if (!single && unknown_) {
            edges.push_back({from, from + static_cast<std::int32_t>(character), *unknown_, unknown_score(), true});
        }
        begin += character;
    }
    return {static_cast<std::int32_t>(word.size()), std::move(edges)};
}

std::vector<Token> Unigram::tokens(std::string_view word, std::int64_t offset, const Lattice& lattice,
                                   const Segmentation& segmentation) const {
    std::vector<Cut> cuts;
    for (const std::int32_t e : segmentation.edges) {
        const LatticeEdge& edge = lattice.edges()[static_cast<std::size_t>(e)];
        cuts.push_back({static_cast<std::size_t>(edge.begin), static_cast<std::size_t>(edge.end), edge.unknown});
    }
    return tokens_of(word, offset, cuts);
}

std::vector<Token> Unigram::sample_word(std::string_view word, std::int64_t offset, const SegmentationChoice& choice,
                                        Rng& rng) const {
    if (choice.theta == 0.0 || word.empty()) return encode_word(word, offset);
    const Lattice all = lattice(word);
    Segmentation drawn;
    if (choice.n_best == 0) {
        drawn = all.sample(rng, choice.theta);
    } else {
        const std::vector<Segmentation> best = all.n_best(choice.n_best);
        double total = -std::numeric_limits<double>::infinity();
        for (const Segmentation& way : best) total = log_add(total, choice.theta * way.score);
        double left = static_cast<double>(rng.uniform());
        for (const Segmentation& way : best) {
            drawn = way;
            left -= glassformer::exp(choice.theta * way.score - total);
            if (left < 0.0) break;
        }
    }
    if (drawn.edges.empty()) refuse_unknown();
    return tokens(word, offset, all, drawn);
}

}  // namespace glassformer
