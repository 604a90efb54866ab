#include "tokenizer/unigram_trainer.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/error.h"
#include "base/math.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();

/// Derivative of ln Gamma: recurrence up to 7, then the asymptotic series (Abramowitz & Stegun 6.3.18, about x - 1/2).
double digamma(double x) {
    double result = 0.0;
    for (; x < 7.0; x += 1.0) result -= 1.0 / x;
    x -= 0.5;
    const double inverse = 1.0 / (x * x);
    const double square = inverse * inverse;
    return result + glassformer::log(x) + inverse / 24.0 - 7.0 / 960.0 * square + 31.0 / 8064.0 * square * inverse -
           127.0 / 30720.0 * square * square;
}

/// Counts of all substrings of up to `longest` characters, once per place and word.
WordCounter count_substrings(const WordCounts& words, std::size_t longest) {
    WordCounter counter;
    for (const auto& [word, count] : words) {
        for (std::size_t begin = 0; begin < word.size(); begin += character_length(word, begin)) {
            std::size_t end = begin;
            for (std::size_t n = 0; n < longest && end < word.size(); ++n) {
                end += character_length(word, end);
                counter.add(std::string_view(word).substr(begin, end - begin), count);
            }
        }
    }
    return counter;
}

std::size_t characters_in(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += character_length(text, at)) ++count;
    return count;
}

}  // namespace

UnigramTrainer::UnigramTrainer(WordCounts words, UnigramTrainerOptions options)
    : words_(std::move(words)), options_(std::move(options)) {
    std::vector<std::pair<double, std::string>> seeds;
    double total = 0.0;
    for (auto& [text, count] : count_substrings(words_, options_.longest_piece).sorted()) {
        const std::size_t length = characters_in(text);
        if (length == 1) {
            pieces_.push_back({text, static_cast<double>(count)});
            total += static_cast<double>(count);
        } else if (count >= 2) {
            seeds.emplace_back(-static_cast<double>(count) * static_cast<double>(length), std::move(text));
        }
    }
    characters_ = pieces_.size();
    const auto& specials = options_.special_tokens;
    const bool has_unknown = options_.unknown_piece.empty() ||
                             std::find(specials.begin(), specials.end(), options_.unknown_piece) != specials.end();
    const std::size_t needed = characters_ + specials.size() + (has_unknown ? 0 : 1);
    if (needed > options_.vocab_size) {
        const std::string given = std::to_string(options_.vocab_size);
        const std::string least = std::to_string(needed);
        throw Error(ErrorKind::out_of_range,
                    {"词表大小 " + given + " 放不下语料里的字符和特殊词元；至少要 " + least + "。",
                     "A vocabulary of " + given + " cannot hold the characters of the corpus and the special tokens; " +
                         least + " is the least."},
                    "vocab_size");
    }
    std::sort(seeds.begin(), seeds.end());
    const std::size_t room = options_.seed_size > characters_ ? options_.seed_size - characters_ : 0;
    seeds.resize(std::min(seeds.size(), room));
    for (auto& [score, text] : seeds) {
        pieces_.push_back({std::move(text), -score});
        total -= score;
    }
    for (Piece& piece : pieces_) piece.score = glassformer::log(piece.score) - glassformer::log(total);
}

Trie UnigramTrainer::trie() const {
    std::vector<std::pair<std::string_view, std::int32_t>> entries;
    entries.reserve(pieces_.size());
    for (std::size_t p = 0; p < pieces_.size(); ++p) {
        entries.emplace_back(pieces_[p].text, static_cast<std::int32_t>(p));
    }
    return Trie(std::move(entries));
}

std::vector<UnigramTrainer::Edge> UnigramTrainer::edges_of(const Trie& trie, std::string_view word) const {
    std::vector<Edge> edges;
    for (std::size_t begin = 0; begin < word.size(); begin += character_length(word, begin)) {
        trie.prefixes(word, begin, [&](std::size_t length, std::int32_t piece) {
            edges.push_back({begin, begin + length, static_cast<std::size_t>(piece)});
        });
    }
    return edges;
}

double UnigramTrainer::expectation(std::vector<double>* counts) const {
    const Trie pieces = trie();
    double likelihood = 0.0;
    std::vector<double> before;
    std::vector<double> after;
    for (const auto& [word, count] : words_) {
        const std::vector<Edge> edges = edges_of(pieces, word);
        before.assign(word.size() + 1, nothing);
        before[0] = 0.0;
        for (const Edge& e : edges) before[e.end] = log_add(before[e.end], before[e.begin] + pieces_[e.piece].score);
        const double weight = static_cast<double>(count);
        likelihood += weight * before.back();
        if (counts == nullptr) continue;
        after.assign(word.size() + 1, nothing);
        after.back() = 0.0;
        for (std::size_t i = edges.size(); i-- > 0;) {
            const Edge& e = edges[i];
            const double through = pieces_[e.piece].score + after[e.end];
            (*counts)[e.piece] += weight * glassformer::exp(before[e.begin] + through - before.back());
            after[e.begin] = log_add(after[e.begin], through);
        }
    }
    return likelihood;
}

double UnigramTrainer::log_likelihood() const { return expectation(nullptr); }

double UnigramTrainer::update() {
    std::vector<double> counts(pieces_.size(), 0.0);
    const double likelihood = expectation(&counts);
    // A character stays even where no segmentation wants it; the least count keeps it within reach.
    const double least = options_.sparse ? 0.5 : 1e-9;
    std::vector<Piece> kept;
    double total = 0.0;
    for (std::size_t p = 0; p < pieces_.size(); ++p) {
        const double count = is_character(p) ? std::max(counts[p], least) : counts[p];
        if (options_.sparse ? count < least : count <= 0.0) continue;
        total += count;
        kept.push_back({std::move(pieces_[p].text), count});
    }
    pieces_ = std::move(kept);
    for (Piece& piece : pieces_) {
        piece.score = options_.sparse ? digamma(piece.score) - digamma(total)
                                      : glassformer::log(piece.score) - glassformer::log(total);
    }
    return likelihood;
}

std::vector<std::size_t> UnigramTrainer::best_cut(const Trie& trie, std::string_view word) const {
    std::vector<double> best(word.size() + 1, nothing);
    std::vector<Edge> last(word.size() + 1);
    best[0] = 0.0;
    for (const Edge& e : edges_of(trie, word)) {
        const double score = best[e.begin] + pieces_[e.piece].score;
        if (!(score > best[e.end])) continue;
        best[e.end] = score;
        last[e.end] = e;
    }
    std::vector<std::size_t> cut;
    for (std::size_t end = word.size(); end > 0 && best[end] > nothing; end = last[end].begin) {
        cut.push_back(last[end].piece);
    }
    std::reverse(cut.begin(), cut.end());
    return cut;
}

std::vector<std::size_t> UnigramTrainer::second_best(const Trie& trie, std::size_t piece) const {
    std::vector<LatticeEdge> edges;
    const std::string& text = pieces_[piece].text;
    for (const Edge& e : edges_of(trie, text)) {
        edges.push_back({static_cast<std::int32_t>(e.begin), static_cast<std::int32_t>(e.end),
                         static_cast<std::int32_t>(e.piece), pieces_[e.piece].score});
    }
    const Lattice lattice(static_cast<std::int32_t>(text.size()), std::move(edges));
    for (const Segmentation& way : lattice.n_best(2)) {
        std::vector<std::size_t> ids;
        for (const std::int32_t e : way.edges) {
            ids.push_back(static_cast<std::size_t>(lattice.edges()[static_cast<std::size_t>(e)].id));
        }
        if (ids != std::vector<std::size_t>{piece}) return ids;
    }
    return {};
}

bool UnigramTrainer::small_enough() const { return pieces_.size() <= options_.vocab_size * 11 / 10; }

std::size_t UnigramTrainer::prune(double keep) {
    const Trie pieces = trie();
    // How often the best segmentations use each piece.
    std::vector<double> counts(pieces_.size(), 0.0);
    double total = 0.0;
    for (const auto& [word, count] : words_) {
        for (const std::size_t p : best_cut(pieces, word)) {
            counts[p] += static_cast<double>(count);
            total += static_cast<double>(count);
        }
    }
    // What the corpus would lose if the pieces of its second best segmentation stood for a piece.
    std::vector<std::pair<double, std::size_t>> losses;
    for (std::size_t p = characters_; p < pieces_.size(); ++p) {
        const std::vector<std::size_t> instead = second_best(pieces, p);
        double loss = counts[p] > 0.0 && instead.empty() ? std::numeric_limits<double>::infinity() : 0.0;
        if (counts[p] > 0.0 && !instead.empty()) {
            const double after = total + counts[p] * static_cast<double>(instead.size() - 1);
            double score = glassformer::log(counts[p]) - glassformer::log(total);
            for (const std::size_t i : instead) {
                score -= glassformer::log(counts[i] + counts[p]) - glassformer::log(after);
            }
            loss = counts[p] * score;
        }
        losses.emplace_back(-loss, p);
    }
    std::stable_sort(losses.begin(), losses.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const std::size_t target = options_.vocab_size * 11 / 10;
    const std::size_t least = target > characters_ ? target - characters_ : 0;
    const auto wanted = static_cast<std::size_t>(static_cast<double>(losses.size()) * std::clamp(keep, 0.0, 1.0));
    losses.resize(std::min(losses.size(), std::max(wanted, least)));
    std::vector<bool> stays(pieces_.size(), false);
    for (std::size_t p = 0; p < characters_; ++p) stays[p] = true;
    for (const auto& [loss, p] : losses) stays[p] = true;
    std::vector<Piece> kept;
    for (std::size_t p = 0; p < pieces_.size(); ++p) {
        if (stays[p]) kept.push_back(std::move(pieces_[p]));
    }
    const std::size_t gone = pieces_.size() - kept.size();
    pieces_ = std::move(kept);
    return gone;
}

Unigram UnigramTrainer::model(bool limit) const {
    std::vector<std::pair<std::string, double>> list;
    for (const std::string& token : options_.special_tokens) list.emplace_back(token, 0.0);
    std::optional<std::int32_t> unknown;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].first == options_.unknown_piece) unknown = static_cast<std::int32_t>(i);
    }
    if (!unknown && !options_.unknown_piece.empty()) {
        list.insert(list.begin(), {options_.unknown_piece, 0.0});
        unknown = 0;
    }
    // Characters always, then the likeliest; what the special tokens spell is there already.
    const std::size_t room = options_.vocab_size > list.size() ? options_.vocab_size - list.size() : 0;
    std::vector<Piece> best(pieces_.begin() + static_cast<std::ptrdiff_t>(characters_), pieces_.end());
    const auto likelier = [](const Piece& a, const Piece& b) { return a.score > b.score; };
    std::stable_sort(best.begin(), best.end(), likelier);
    if (limit) best.resize(std::min(best.size(), room > characters_ ? room - characters_ : 0));
    best.insert(best.begin(), pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(characters_));
    std::stable_sort(best.begin(), best.end(), likelier);
    for (const Piece& piece : best) {
        const auto same = [&](const auto& entry) { return entry.first == piece.text; };
        const auto specials = static_cast<std::ptrdiff_t>(options_.special_tokens.size()) + (unknown ? 1 : 0);
        if (std::any_of(list.begin(), list.begin() + std::min<std::ptrdiff_t>(specials, std::ssize(list)), same))
            continue;
        list.emplace_back(piece.text, piece.score);
    }
    return {list, unknown};
}

Unigram train_unigram(const WordCounts& words, const UnigramTrainerOptions& options) {
    UnigramTrainer trainer(words, options);
    while (true) {
        for (int i = 0; i < options.sub_iterations; ++i) trainer.update();
        if (trainer.small_enough() || trainer.prune(options.shrinking_factor) == 0) break;
    }
    return trainer.model(true);
}

}  // namespace glassformer
