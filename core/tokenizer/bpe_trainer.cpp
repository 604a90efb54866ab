#include "tokenizer/bpe_trainer.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <tuple>

#include "base/error.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/utf8.h"

namespace glassformer {
namespace {

class Trainer {
  public:
    explicit Trainer(const BpeTrainerOptions& options) : options_(options) {}

    TrainedBpe run(const WordCounts& words) {
        for (const std::string& token : options_.special_tokens) out_.vocabulary.add(token);
        add_alphabet(words);
        for (const auto& [word, count] : words) add_word(word, count);
        count_pairs();
        push_waiting();
        while (static_cast<std::size_t>(out_.vocabulary.size()) < options_.vocab_size && !queue_.empty()) {
            Candidate top = queue_.top();
            queue_.pop();
            const std::int64_t count = std::max<std::int64_t>(pairs_.find(top.left, top.right)->count, 0);
            if (count != top.count) {  // other merges took some of its places
                top.count = count;
                queue_.push(top);
                continue;
            }
            if (top.count < 1 || options_.min_frequency > top.count) break;
            merge(top);
            push_waiting();
        }
        return std::move(out_);
    }

  private:
    struct Word {
        std::size_t begin;  // of symbols_
        std::size_t length;
        std::int64_t count;
    };
    struct Occurrences {
        std::int64_t count = 0;
        std::int32_t waiting = -1;  // place in waiting_, while a merge is under way
    };
    /// A pair with the words in which it came up. It may be in the queue several times, with different words.
    struct Candidate {
        std::int64_t count;
        std::int32_t left;
        std::int32_t right;
        std::int32_t words;                             // place in places_
        bool operator<(const Candidate& other) const {  // the queue gives the greatest first
            if (count != other.count) return count < other.count;
            return std::tie(left, right, words) > std::tie(other.left, other.right, other.words);
        }
    };
    struct Waiting {
        std::int32_t left;
        std::int32_t right;
        std::vector<std::uint32_t> words;
    };

    void add_alphabet(const WordCounts& words) {
        std::map<char32_t, std::int64_t> counts;
        for (const auto& [word, count] : words) {
            for (std::size_t at = 0; at < word.size();) counts[take_utf8(word, at)] += count;
        }
        for (const char32_t c : options_.initial_alphabet) counts[c] = std::numeric_limits<std::int64_t>::max();
        std::vector<std::pair<std::int64_t, char32_t>> kept;
        for (const auto& [c, count] : counts) kept.emplace_back(-count, c);
        std::sort(kept.begin(), kept.end());
        if (options_.limit_alphabet) kept.resize(std::min(kept.size(), *options_.limit_alphabet));
        std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
        for (const auto& [count, c] : kept) {
            alphabet_[{static_cast<std::int32_t>(c), 0}] = out_.vocabulary.add(encode_utf8(std::u32string(1, c)));
        }
        for (const std::string& unit : options_.first_units) out_.vocabulary.add(unit);
        // A special token of one character is in the alphabet, too.
        for (const std::string& token : options_.special_tokens) {
            const std::u32string points = decode_utf8(token);
            if (points.size() == 1) {
                alphabet_[{static_cast<std::int32_t>(points[0]), 0}] = *out_.vocabulary.find(token);
            }
        }
        lengths_.assign(static_cast<std::size_t>(out_.vocabulary.size()), 1);
    }

    /// The unit of a character by its place: bit 0, not the first of its word; bit 1, the last.
    std::int32_t unit(char32_t c, std::int32_t place) {
        const auto key = static_cast<std::int32_t>(c);
        const std::int32_t* plain = alphabet_.find(key, 0);
        if (plain == nullptr) return -1;
        if (place == 0) return *plain;
        if (const std::int32_t* known = alphabet_.find(key, place)) return *known;
        std::string piece = (place & 1) != 0 ? options_.continuing_prefix : "";
        piece += encode_utf8(std::u32string(1, c));
        if ((place & 2) != 0) piece += options_.end_suffix;
        const std::int32_t id = out_.vocabulary.add(piece);
        lengths_.resize(static_cast<std::size_t>(out_.vocabulary.size()), 1);
        alphabet_[{key, place}] = id;
        return id;
    }

    void add_word(const std::string& word, std::int64_t count) {
        const std::size_t begin = symbols_.size();
        for (std::size_t at = 0; at < word.size();) {
            const bool first = at == 0;
            const char32_t c = take_utf8(word, at);
            const bool last = at == word.size();
            const std::int32_t id = unit(c, (first ? 0 : 1) + (last ? 2 : 0));
            if (id >= 0) symbols_.push_back(id);
        }
        words_.push_back({begin, symbols_.size() - begin, count});
    }

    void change(std::int32_t left, std::int32_t right, std::int64_t by) { pairs_[{left, right}].count += by; }
    /// More of a pair, in this word.
    void gain(std::int32_t left, std::int32_t right, std::uint32_t word, std::int64_t by) {
        Occurrences& occurrences = pairs_[{left, right}];
        occurrences.count += by;
        if (occurrences.waiting < 0) {
            occurrences.waiting = static_cast<std::int32_t>(waiting_.size());
            waiting_.push_back({left, right, {}});
        }
        std::vector<std::uint32_t>& words = waiting_[static_cast<std::size_t>(occurrences.waiting)].words;
        if (words.empty() || words.back() != word) words.push_back(word);
    }

    void count_pairs() {
        for (std::uint32_t w = 0; w < words_.size(); ++w) {
            const Word& word = words_[w];
            for (std::size_t i = 1; i < word.length; ++i) {
                gain(symbols_[word.begin + i - 1], symbols_[word.begin + i], w, word.count);
            }
        }
    }

    void push_waiting() {
        for (Waiting& next : waiting_) {
            Occurrences& occurrences = *pairs_.find(next.left, next.right);
            occurrences.waiting = -1;
            if (occurrences.count <= 0) continue;
            queue_.push({occurrences.count, next.left, next.right, static_cast<std::int32_t>(places_.size())});
            places_.push_back(std::move(next.words));
        }
        waiting_.clear();
    }

    void merge(const Candidate& pair) {
        const std::string& left = out_.vocabulary.piece(pair.left);
        std::string_view right = out_.vocabulary.piece(pair.right);
        if (!options_.continuing_prefix.empty() && right.starts_with(options_.continuing_prefix)) {
            right.remove_prefix(options_.continuing_prefix.size());
        }
        const std::int32_t result = out_.vocabulary.add(left + std::string(right));
        lengths_.resize(static_cast<std::size_t>(out_.vocabulary.size()), length(pair.left) + length(pair.right));
        out_.merges.push_back({pair.left, pair.right, result});
        out_.counts.push_back(pair.count);
        for (const std::uint32_t w : places_[static_cast<std::size_t>(pair.words)]) merge_in(w, pair, result);
        places_[static_cast<std::size_t>(pair.words)] = {};
    }

    void merge_in(std::uint32_t w, const Candidate& pair, std::int32_t result) {
        Word& word = words_[w];
        const std::size_t most = options_.max_token_length.value_or(std::numeric_limits<std::size_t>::max());
        std::int32_t* symbols = symbols_.data() + word.begin;
        std::size_t to = 0;
        for (std::size_t from = 0; from < word.length; ++from, ++to) {
            if (symbols[from] != pair.left || from + 1 >= word.length || symbols[from + 1] != pair.right) {
                symbols[to] = symbols[from];
                continue;
            }
            if (to > 0) {
                change(symbols[to - 1], pair.left, -word.count);
                if (length(symbols[to - 1]) + length(result) < most) gain(symbols[to - 1], result, w, word.count);
            }
            if (from + 2 < word.length) {
                const std::int32_t next = symbols[from + 2];
                change(pair.right, next, -word.count);
                if (length(next) + length(result) < most) gain(result, next, w, word.count);
            }
            symbols[to] = result;
            ++from;
        }
        word.length = to;
    }

    std::size_t length(std::int32_t id) const { return lengths_[static_cast<std::size_t>(id)]; }

    const BpeTrainerOptions& options_;
    TrainedBpe out_;
    PairMap<std::int32_t> alphabet_;    // (character, place) to id
    std::vector<std::size_t> lengths_;  // of pieces, in characters
    std::vector<std::int32_t> symbols_;
    std::vector<Word> words_;
    PairMap<Occurrences> pairs_;
    std::vector<Waiting> waiting_;
    std::vector<std::vector<std::uint32_t>> places_;
    std::priority_queue<Candidate> queue_;
};

}  // namespace

void WordCounter::add(std::string_view word, std::int64_t count) {
    const auto id = static_cast<std::size_t>(words_.add(word));
    if (id == counts_.size()) counts_.push_back(0);
    counts_[id] += count;
}

WordCounts WordCounter::sorted() const {
    WordCounts words;
    words.reserve(counts_.size());
    for (std::size_t id = 0; id < counts_.size(); ++id) {
        words.emplace_back(words_.piece(static_cast<std::int32_t>(id)), counts_[id]);
    }
    std::sort(words.begin(), words.end());
    return words;
}

Bpe TrainedBpe::model(BpeOptions options) const {
    Bpe bpe(vocabulary, std::move(options));
    for (const MergeRule& rule : merges) bpe.add_rule(rule);
    return bpe;
}

TrainedBpe train_bpe(const WordCounts& words, const BpeTrainerOptions& options) { return Trainer(options).run(words); }

WordPiece train_wordpiece(const WordCounts& words, BpeTrainerOptions options, WordPieceOptions model) {
    options.continuing_prefix = model.continuing_prefix;
    return {train_bpe(words, options).vocabulary, std::move(model)};
}

std::u32string byte_alphabet() {
    std::u32string alphabet;
    for (int byte = 0; byte < 256; ++byte) alphabet.push_back(visible_byte(static_cast<std::uint8_t>(byte)));
    return alphabet;
}

}  // namespace glassformer
