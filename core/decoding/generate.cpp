#include "decoding/generate.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "nn/module.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

void require_token(std::int32_t token, std::int64_t vocabulary) {
    if (token >= 0 && token < vocabulary) return;
    throw Error(ErrorKind::out_of_range,
                {"指定的词元 " + std::to_string(token) + " 不在词表 0 ... " + std::to_string(vocabulary - 1) + " 内。",
                 "The scripted token " + std::to_string(token) + " is outside the vocabulary 0 ... " +
                     std::to_string(vocabulary - 1) + "."},
                "token");
}

std::span<const float> last_row(const Tensor& logits, std::int64_t row) {
    const std::int64_t n = logits.extent(1);
    const std::int64_t vocabulary = logits.extent(2);
    return {logits.data() + (row * n + n - 1) * vocabulary, static_cast<std::size_t>(vocabulary)};
}

/// Tokens step by step -> [rows, steps].
IntTensor by_row(const std::vector<std::int32_t>& tokens, std::int64_t rows) {
    const std::int64_t steps = static_cast<std::int64_t>(tokens.size()) / rows;
    IntTensor result({rows, steps});
    for (std::int64_t i = 0; i < result.size(); ++i) result(i % rows, i / rows) = tokens[static_cast<std::size_t>(i)];
    return result;
}

std::int32_t choose(std::span<const float> logits, const SamplingConfig& config, const Rng& rng) {
    const std::vector<double> p = next_distribution(logits, config);
    if (config.temperature == 0.0) return most_likely(logits);
    Rng own = rng;
    return draw_from(p, own);
}

}  // namespace

Generation generate(Stepper& stepper, const IntTensor& prompts, const GenerationConfig& config, const Rng& rng) {
    require_positive("max_new_tokens", config.max_new_tokens);
    const std::int64_t vocabulary = stepper.vocabulary();
    Tensor logits = stepper.advance(prompts);
    const std::int64_t rows = prompts.extent(0);
    std::vector<bool> done(static_cast<std::size_t>(rows), false);
    std::vector<std::int32_t> ids;  // [step, row]
    std::vector<std::int32_t> owns;
    Generation result;
    result.lengths.assign(static_cast<std::size_t>(rows), 0);
    result.log_probability.assign(static_cast<std::size_t>(rows), 0.0);
    std::int64_t steps = 0;
    while (true) {
        if (config.keep_logits) {
            Tensor kept({rows, vocabulary});
            for (std::int64_t r = 0; r < rows; ++r) std::ranges::copy(last_row(logits, r), kept.row(r).begin());
            result.logits.push_back(std::move(kept));
        }
        IntTensor next({rows, 1}, config.padding);
        for (std::int64_t r = 0; r < rows; ++r) {
            const auto at = static_cast<std::size_t>(r);
            owns.push_back(config.padding);
            if (!done[at]) {
                const std::span<const float> of_row = last_row(logits, r);
                const Rng stream = rng.split(static_cast<std::uint64_t>(r)).split(static_cast<std::uint64_t>(steps));
                owns.back() = choose(of_row, config.sampling, stream);
                next(r, 0) = owns.back();
                if (config.script) next(r, 0) = config.script(r, steps, owns.back()).value_or(owns.back());
                require_token(next(r, 0), vocabulary);
                result.log_probability[at] += log_probabilities(of_row)[static_cast<std::size_t>(next(r, 0))];
                ++result.lengths[at];
                done[at] = config.end && next(r, 0) == *config.end;
            }
            ids.push_back(next(r, 0));
        }
        ++steps;
        const bool all = std::all_of(done.begin(), done.end(), [](bool each) { return each; });
        if (all || steps == config.max_new_tokens) break;
        logits = stepper.advance(next);
    }
    result.ids = by_row(ids, rows);
    result.own = by_row(owns, rows);
    return result;
}

Tensor continuation_log_probability(Stepper& stepper, const IntTensor& prompts, const IntTensor& continuation) {
    const bool fits = prompts.shape().rank() == 2 && continuation.shape().rank() == 2 && continuation.size() > 0 &&
                      prompts.extent(0) == continuation.extent(0);
    if (!fits) {
        throw Error(ErrorKind::shape,
                    {"提示和续写须是行数相同的 [rows, n]，给的是 " + prompts.shape().to_string() + " 和 " +
                         continuation.shape().to_string() + "。",
                     "Prompts and continuations must be [rows, n] of as many rows; they are " +
                         prompts.shape().to_string() + " and " + continuation.shape().to_string() + "."});
    }
    const std::int64_t n = prompts.extent(1);
    const std::int64_t m = continuation.extent(1);
    // The last token is asked for, not read.
    const IntTensor all = concat(std::vector<IntTensor>{prompts, continuation}, 1);
    const Tensor logits = stepper.advance(slice(all, 1, 0, n + m - 1));
    Tensor result(continuation.shape());
    const std::int64_t vocabulary = stepper.vocabulary();
    for (std::int64_t r = 0; r < result.extent(0); ++r) {
        for (std::int64_t i = 0; i < m; ++i) {
            require_token(continuation(r, i), vocabulary);
            const float* row = logits.data() + (r * (n + m - 1) + n - 1 + i) * vocabulary;
            const auto log_p = log_probabilities({row, static_cast<std::size_t>(vocabulary)});
            result(r, i) = static_cast<float>(log_p[static_cast<std::size_t>(continuation(r, i))]);
        }
    }
    return result;
}

}  // namespace glassformer
