#include "tokenizer/trainer.h"

#include "base/error.h"
#include "base/math.h"
#include "tokenizer/units.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

double x_log_x(std::int64_t x) {
    return x <= 0 ? 0.0 : static_cast<double>(x) * glassformer::log(static_cast<double>(x));
}

std::int64_t non_overlapping(const std::vector<std::int32_t>& symbols, std::int32_t left, std::int32_t right) {
    std::int64_t found = 0;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
        if (symbols[i] != left || symbols[i + 1] != right) continue;
        ++found;
        ++i;
    }
    return found;
}

}  // namespace

double PairCandidate::score(MergeCriterion criterion) const {
    if (criterion == MergeCriterion::frequency) return static_cast<double>(count);
    return criterion == MergeCriterion::ratio ? ratio : likelihood_gain;
}

double likelihood_gain(std::int64_t a, std::int64_t b, std::int64_t merged, std::int64_t tokens, std::int64_t merges,
                       bool same) {
    // L = sum of c ln c, minus N ln N. Only three counts and N change.
    const double before = same ? x_log_x(a) : x_log_x(a) + x_log_x(b);
    const double after = same ? x_log_x(a - 2 * merges) : x_log_x(a - merges) + x_log_x(b - merges);
    return after - before + x_log_x(merged + merges) - x_log_x(merged) - x_log_x(tokens - merges) + x_log_x(tokens);
}

std::map<std::string, std::int64_t> count_words(const std::string& corpus, PreTokenizer pre_tokenizer) {
    const TextIndex index(corpus);
    std::map<std::string, std::int64_t> counts;
    for (const WordSpan& span : pre_tokenize(pre_tokenizer, index.points()))
        ++counts[index.slice(span.begin, span.end)];
    return counts;
}

MergeTrainer::MergeTrainer(TokenizerAlgorithm algorithm, const std::map<std::string, std::int64_t>& words)
    : algorithm_(algorithm),
      bpe_(algorithm == TokenizerAlgorithm::byte_bpe ? Bpe::Units::bytes : Bpe::Units::characters) {
    for (const auto& [text, count] : words) {
        Word word{{}, count};
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = algorithm == TokenizerAlgorithm::byte_bpe ? 1 : character_length(text, at);
            const std::string unit = text.substr(at, length);
            if (algorithm == TokenizerAlgorithm::byte_bpe) {
                word.symbols.push_back(*bpe_.vocabulary().find(unit));
            } else if (algorithm == TokenizerAlgorithm::char_bpe) {
                word.symbols.push_back(bpe_.add_character(unit));
            } else {
                word.symbols.push_back(wordpiece_.vocabulary().add(at == 0 ? unit : std::string(continuation) + unit));
            }
            at += length;
        }
        words_.push_back(std::move(word));
    }
    for (std::size_t w = 0; w < words_.size(); ++w) count(w, 1);
}

const Vocabulary& MergeTrainer::vocabulary() const {
    return algorithm_ == TokenizerAlgorithm::wordpiece ? wordpiece_.vocabulary() : bpe_.vocabulary();
}

std::string MergeTrainer::merged_piece(const std::string& left, const std::string& right) const {
    const bool drop = algorithm_ == TokenizerAlgorithm::wordpiece && right.starts_with(continuation);
    return left + (drop ? right.substr(continuation.size()) : right);
}

void MergeTrainer::count(std::size_t w, int sign) {
    const Word& word = words_[w];
    symbol_counts_.resize(static_cast<std::size_t>(vocabulary().size()), 0);
    for (std::size_t i = 0; i < word.symbols.size(); ++i) {
        symbol_counts_[static_cast<std::size_t>(word.symbols[i])] += sign * word.count;
        tokens_ += sign * word.count;
        if (i == 0) continue;
        const Pair pair{word.symbols[i - 1], word.symbols[i]};
        Occurrences& occurrences = pairs_[pair];
        occurrences.count += sign * word.count;
        if (sign > 0)
            occurrences.words.insert(w);
        else
            occurrences.words.erase(w);
        if (occurrences.count == 0) pairs_.erase(pair);
    }
}

PairCandidate MergeTrainer::candidate(const Pair& pair, const Occurrences& occurrences) const {
    PairCandidate result{vocabulary().piece(pair.first), vocabulary().piece(pair.second), occurrences.count};
    for (const std::size_t w : occurrences.words) {
        result.merges += words_[w].count * non_overlapping(words_[w].symbols, pair.first, pair.second);
    }
    const auto counted = [&](std::int32_t id) { return symbol_counts_[static_cast<std::size_t>(id)]; };
    const std::int64_t a = counted(pair.first);
    const std::int64_t b = counted(pair.second);
    result.ratio = static_cast<double>(result.count) / (static_cast<double>(a) * static_cast<double>(b));
    const auto merged = vocabulary().find(merged_piece(result.left, result.right));
    result.likelihood_gain =
        likelihood_gain(a, b, merged ? counted(*merged) : 0, tokens_, result.merges, pair.first == pair.second);
    return result;
}

PairCandidate MergeTrainer::candidate(const std::string& left, const std::string& right) const {
    const auto a = vocabulary().find(left);
    const auto b = vocabulary().find(right);
    const auto found = a && b ? pairs_.find({*a, *b}) : pairs_.end();
    if (found == pairs_.end()) {
        throw Error(ErrorKind::unknown_name, {"语料里没有相邻对（" + left + "，" + right + "）。",
                                              "The corpus has no adjacent pair (" + left + ", " + right + ")."});
    }
    return candidate(found->first, found->second);
}

std::optional<PairCandidate> MergeTrainer::best(MergeCriterion criterion) const {
    std::optional<PairCandidate> best;
    for (const auto& [pair, occurrences] : pairs_) {
        PairCandidate next = candidate(pair, occurrences);
        const double difference = best ? next.score(criterion) - best->score(criterion) : 1.0;
        const bool smaller = best && std::pair(next.left, next.right) < std::pair(best->left, best->right);
        if (difference > 0.0 || (difference == 0.0 && smaller)) best = std::move(next);
    }
    return best;
}

void MergeTrainer::merge(const PairCandidate& pair) {
    const auto left = vocabulary().find(pair.left);
    const auto right = vocabulary().find(pair.right);
    const auto found = left && right ? pairs_.find({*left, *right}) : pairs_.end();
    if (found == pairs_.end()) candidate(pair.left, pair.right);  // throws, naming the pair
    const std::int32_t result = algorithm_ == TokenizerAlgorithm::wordpiece
                                    ? wordpiece_.vocabulary().add(merged_piece(pair.left, pair.right))
                                    : bpe_.add_merge(*left, *right);
    const std::set<std::size_t> touched = found->second.words;
    for (const std::size_t w : touched) {
        count(w, -1);
        std::vector<std::int32_t>& symbols = words_[w].symbols;
        std::size_t to = 0;
        for (std::size_t from = 0; from < symbols.size(); ++from, ++to) {
            const bool here = from + 1 < symbols.size() && symbols[from] == *left && symbols[from + 1] == *right;
            symbols[to] = here ? result : symbols[from];
            if (here) ++from;
        }
        symbols.resize(to);
        count(w, 1);
    }
}

}  // namespace glassformer
