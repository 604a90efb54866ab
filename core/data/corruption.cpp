#include "data/corruption.h"

#include <algorithm>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

/// [first, last) positions of the words of a row.
using Words = std::vector<std::pair<std::size_t, std::size_t>>;

Words words_of(std::span<const std::int32_t> tokens, std::span<const std::uint8_t> starts, const MlmTask& task) {
    Words words;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        if (tokens[t] < task.first_ordinary) continue;
        const bool continues = !starts.empty() && starts[t] == 0 && !words.empty() && words.back().second == t;
        if (continues) {
            words.back().second = t + 1;
        } else {
            words.emplace_back(t, t + 1);
        }
    }
    return words;
}

/// Geometric with p = 0.2, cut at 10 by drawing again: mean about 3.8 words, as SpanBERT states it.
std::size_t span_length(Rng& rng) {
    for (;;) {
        std::size_t length = 1;
        while (length <= 10 && rng.uniform() >= 0.2F) ++length;
        if (length <= 10) return length;
    }
}

std::vector<std::uint8_t> select(std::span<const std::int32_t> tokens, std::span<const std::uint8_t> starts,
                                 const MlmTask& task, Rng& rng) {
    std::vector<std::uint8_t> selected(tokens.size());
    const Words words = words_of(tokens, starts, task);
    const auto take = [&](std::size_t word) {
        for (std::size_t t = words[word].first; t < words[word].second; ++t) selected[t] = 1;
    };
    if (task.unit != MaskUnit::span) {
        for (std::size_t word = 0; word < words.size(); ++word) {
            if (rng.uniform() < task.rate) take(word);
        }
        return selected;
    }
    // Spans until the share is reached; the last one is cut to fit, so that the rate holds in the mean.
    const float wanted = task.rate * static_cast<float>(words.size());
    auto left = static_cast<std::size_t>(wanted);
    if (rng.uniform() < wanted - static_cast<float>(left)) ++left;
    std::vector<std::uint8_t> taken(words.size());
    while (left > 0) {
        const std::size_t length = std::min(span_length(rng), left);
        const std::size_t first = rng.integer(static_cast<std::uint32_t>(words.size()));
        for (std::size_t word = first; word < std::min(first + length, words.size()); ++word) {
            if (taken[word] != 0) continue;
            taken[word] = 1;
            take(word);
            --left;
        }
    }
    return selected;
}

}  // namespace

CorruptedTokens corrupt_tokens(const IntTensor& tokens, const BoolTensor& word_starts, const MlmTask& task, Rng& rng) {
    require_within("rate", task.rate, 0, 1);
    require_within("mask_share", task.mask_share, 0, 1);
    require_within("random_share", task.random_share, 0, 1.0 - task.mask_share + 1e-6);
    require_within("first_ordinary", task.first_ordinary, 0, task.vocabulary - 1);
    const bool by_words = task.unit != MaskUnit::token;
    if (tokens.shape().rank() != 2 || (by_words && word_starts.shape() != tokens.shape())) {
        throw Error(ErrorKind::shape,
                    {"词元应为 [batch, n]，词首标记与它同形；给的是 " + tokens.shape().to_string() + " 和 " +
                         word_starts.shape().to_string() + "。",
                     "Tokens must be [batch, n] and word starts of the same shape; they are " +
                         tokens.shape().to_string() + " and " + word_starts.shape().to_string() + "."});
    }
    CorruptedTokens result{
        {tokens, tokens, BoolTensor(tokens.shape()), 0.0, 0.0}, IntTensor(tokens.shape()), BoolTensor(tokens.shape())};
    for (std::int64_t b = 0; b < tokens.extent(0); ++b) {
        const std::vector<std::uint8_t> selected =
            select(tokens.row(b), by_words ? word_starts.row(b) : std::span<const std::uint8_t>(), task, rng);
        for (std::int64_t t = 0; t < tokens.extent(1); ++t) {
            if (selected[static_cast<std::size_t>(t)] == 0) continue;
            result.batch.mask(b, t) = 1;
            const float u = rng.uniform();
            Corruption kind = Corruption::kept;
            if (u < task.mask_share) {
                kind = Corruption::masked;
                result.batch.inputs(b, t) = task.mask_token;
            } else if (u < task.mask_share + task.random_share) {
                kind = Corruption::random;
                const auto ordinary = static_cast<std::uint32_t>(task.vocabulary - task.first_ordinary);
                result.batch.inputs(b, t) = task.first_ordinary + static_cast<std::int32_t>(rng.integer(ordinary));
            }
            result.kinds(b, t) = static_cast<std::int32_t>(kind);
            result.replaced(b, t) = result.batch.inputs(b, t) != tokens(b, t);
        }
    }
    return result;
}

double mask_coverage(double rate, int draws) {
    require_within("rate", rate, 0, 1);
    double missed = 1.0;
    for (int i = 0; i < draws; ++i) missed *= 1.0 - rate;
    return 1.0 - missed;
}

double mask_leak(double rate, int pieces_per_word) { return mask_coverage(1.0 - rate, pieces_per_word - 1); }

}  // namespace glassformer
