#include "decoding/beam.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/math.h"
#include "decoding/sampling.h"
#include "nn/module.h"

namespace glassformer {
namespace {

struct Candidate {
    double log_probability;
    std::int32_t beam;
    std::int32_t token;
};

void check(const Stepper& stepper, const IntTensor& prompt, const BeamConfig& config) {
    require_positive("beams", config.beams);
    require_positive("max_new_tokens", config.max_new_tokens);
    if (config.beams >= stepper.vocabulary()) {
        throw Error(
            ErrorKind::out_of_range,
            {"束宽 " + std::to_string(config.beams) + " 须小于词表大小 " + std::to_string(stepper.vocabulary()) + "。",
             "The number of beams, " + std::to_string(config.beams) + ", must be below the vocabulary's size, " +
                 std::to_string(stepper.vocabulary()) + "."},
            "beams");
    }
    if (prompt.shape().rank() != 1 || prompt.size() == 0 || stepper.length() != 0) {
        throw Error(ErrorKind::shape,
                    {"束搜索从一个 [n] 的提示开始，stepper 还没读过词元；给的是 " + prompt.shape().to_string() + "。",
                     "Beam search begins with one prompt [n] and a fresh stepper; the prompt is " +
                         prompt.shape().to_string() + "."});
    }
}

/// The best `count` continuations of all beams, the best first.
std::vector<Candidate> best_continuations(const Tensor& logits, const std::vector<Hypothesis>& open,
                                          std::size_t count) {
    std::vector<Candidate> all;
    const std::int64_t n = logits.extent(1);
    const std::int64_t vocabulary = logits.extent(2);
    for (std::size_t b = 0; b < open.size(); ++b) {
        const float* row = logits.data() + ((static_cast<std::int64_t>(b) * n) + n - 1) * vocabulary;
        const std::vector<double> log_p = log_probabilities({row, static_cast<std::size_t>(vocabulary)});
        for (std::size_t token = 0; token < log_p.size(); ++token) {
            all.push_back({open[b].log_probability + log_p[token], static_cast<std::int32_t>(b),
                           static_cast<std::int32_t>(token)});
        }
    }
    count = std::min(count, all.size());
    // Ties by order: `all` is in the order of beams and ids.
    const auto better = [](const Candidate& a, const Candidate& b) {
        if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
        return std::pair(a.beam, a.token) < std::pair(b.beam, b.token);
    };
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), better);
    all.resize(count);
    return all;
}

void insert(std::vector<Hypothesis>& finished, Hypothesis one, std::size_t most) {
    const auto place = std::upper_bound(finished.begin(), finished.end(), one,
                                        [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
    finished.insert(place, std::move(one));
    if (finished.size() > most) finished.pop_back();
}

/// Whether the best open beam might still enter the finished ones.
bool may_improve(const std::vector<Hypothesis>& open, const std::vector<Hypothesis>& finished, std::int64_t length,
                 const BeamConfig& config) {
    if (open.empty()) return false;
    if (finished.size() < static_cast<std::size_t>(config.beams)) return true;
    if (config.stop == BeamConfig::Stop::early) return false;
    const bool to_the_end = config.stop == BeamConfig::Stop::never && config.alpha > 0.0;
    const std::int64_t at = to_the_end ? config.max_new_tokens : length;
    return open[0].log_probability / length_penalty(at, config.penalty, config.alpha) > finished.back().score;
}

}  // namespace

double length_penalty(std::int64_t length, LengthPenalty kind, double alpha) {
    if (alpha == 0.0) return 1.0;
    const auto n = static_cast<double>(length);
    const double base = kind == LengthPenalty::power ? n : (5.0 + n) / 6.0;
    return alpha == 1.0 ? base : glassformer::exp(alpha * glassformer::log(base));
}

BeamResult beam_search(Stepper& stepper, const IntTensor& prompt, const BeamConfig& config) {
    check(stepper, prompt, config);
    const auto beams = static_cast<std::size_t>(config.beams);
    std::vector<Hypothesis> open{{}};
    std::vector<Hypothesis> finished;
    BeamResult result;
    Tensor logits = stepper.advance(prompt.reshaped({1, prompt.size()}));
    for (std::int64_t length = 1;; ++length) {
        const double penalty = length_penalty(length, config.penalty, config.alpha);
        const bool last = length == config.max_new_tokens;
        // Twice as many as beams: even if every beam's best continuation ends, enough are left to go on.
        const std::vector<Candidate> candidates = best_continuations(logits, open, 2 * beams);
        std::vector<Hypothesis> next;
        std::vector<std::int32_t> parents;
        for (std::size_t rank = 0; rank < candidates.size() && next.size() < beams; ++rank) {
            const Candidate& candidate = candidates[rank];
            Hypothesis one = open[static_cast<std::size_t>(candidate.beam)];
            one.ids.push_back(candidate.token);
            one.log_probability = candidate.log_probability;
            one.score = candidate.log_probability / penalty;
            one.ended = config.end && candidate.token == *config.end;
            if (one.ended || last) {
                // A sentence that ends outside the best `beams` would not have been kept.
                if (rank < beams) insert(finished, std::move(one), beams);
                continue;
            }
            next.push_back(std::move(one));
            parents.push_back(candidate.beam);
        }
        open = std::move(next);
        if (config.keep_steps) result.steps.push_back({open, parents, finished});
        if (last || !may_improve(open, finished, length, config)) break;
        stepper.reorder(parents);
        IntTensor fed({static_cast<std::int64_t>(open.size()), 1});
        for (std::size_t b = 0; b < open.size(); ++b) fed[static_cast<std::int64_t>(b)] = open[b].ids.back();
        logits = stepper.advance(fed);
    }
    result.hypotheses = std::move(finished);
    return result;
}

}  // namespace glassformer
