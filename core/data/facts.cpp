#include "data/facts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

std::int32_t pick(Rng& rng, int count) {
    return static_cast<std::int32_t>(rng.integer(static_cast<std::uint32_t>(count)));
}

std::vector<std::int32_t> shuffled(int count, Rng& rng) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    rng.shuffle(order);
    return order;
}

struct Fact {
    std::int32_t subject, relation, object;
};

TokenBatch fact_batch(const std::vector<Fact>& facts, double blind) {
    const auto rows = static_cast<std::int64_t>(facts.size());
    TokenBatch batch{IntTensor({rows, 2}), IntTensor({rows, 1}), BoolTensor({rows, 1}, 1), 0.0, blind};
    for (std::int64_t i = 0; i < rows; ++i) {
        const Fact& fact = facts[static_cast<std::size_t>(i)];
        batch.inputs(i, 0) = fact.subject;
        batch.inputs(i, 1) = fact.relation;
        batch.targets(i, 0) = fact.object;
    }
    return batch;
}

}  // namespace

FactSets reversal_facts(const ReversalFacts& task, Rng& rng) {
    require_within("pairs", task.pairs, 2, 10000);
    require_within("reversed_share", task.reversed_share, 0, 1);
    const std::int32_t p = task.pairs;
    // Which A goes with which B (and C) is drawn: their numbers alone say nothing.
    const std::vector<std::int32_t> partner = shuffled(p, rng), other = shuffled(p, rng), order = shuffled(p, rng);
    const auto reversed_count = static_cast<std::size_t>(std::lround(task.reversed_share * static_cast<float>(p)));
    std::vector<Fact> forward, reversed, held_out, others;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const std::int32_t a = order[rank], b = p + partner[static_cast<std::size_t>(a)];
        forward.push_back({a, 3 * p, b});
        (rank < reversed_count ? reversed : held_out).push_back({b, 3 * p + 1, a});
        if (task.other_facts) others.push_back({2 * p + other[static_cast<std::size_t>(a)], 3 * p + 2, a});
    }
    const double blind = log(static_cast<double>(p));
    return {fact_batch(forward, blind), fact_batch(reversed, blind), fact_batch(held_out, blind),
            fact_batch(others, blind), 3 * task.pairs + 3};
}

int shortcut_vocabulary(const ShortcutTask& task) { return 2 * task.core_words + 3; }

TokenBatch shortcut_sentences(const ShortcutTask& task, Cue cue, int samples, Rng& rng) {
    require_within("core_words", task.core_words, 1, 1000);
    require_within("words", task.words, 1, task.core_words);
    require_within("cue_agrees", task.cue_agrees, 0, 1);
    require_within("core_noise", task.core_noise, 0, 0.5);
    require_within("samples", samples, 1, 1e6);
    TokenBatch batch{IntTensor({samples, task.words + 1}), IntTensor({samples, 1}), BoolTensor({samples, 1}, 1), 0.0,
                     log(2.0)};
    const std::int32_t v = task.core_words;
    for (std::int64_t i = 0; i < samples; ++i) {
        const auto label = static_cast<std::int32_t>(i % 2);
        const std::vector<std::int32_t> words = shuffled(v, rng);
        for (std::int64_t j = 0; j < task.words; ++j) {
            const bool noise = rng.uniform() < task.core_noise;
            batch.inputs(i, j) = words[static_cast<std::size_t>(j)] + (noise ? 1 - label : label) * v;
        }
        const bool agrees = rng.uniform() < task.cue_agrees;
        const std::int32_t side = cue == Cue::flipped ? 1 - label : agrees ? label : 1 - label;
        batch.inputs(i, task.words) = 2 * v + (cue == Cue::none ? 2 : side);
        batch.targets[i] = label;
    }
    return batch;
}

TokenBatch verb_noun(int categories, int nouns_per_category, int batch, Rng& rng) {
    require_within("categories", categories, 2, 1000);
    require_within("nouns_per_category", nouns_per_category, 1, 1000);
    require_within("batch", batch, 1, 1e6);
    TokenBatch result{IntTensor({batch, categories + 1}), IntTensor({batch, 1}), BoolTensor({batch, 1}, 1), 0.0,
                      log(static_cast<double>(categories))};
    for (std::int64_t b = 0; b < batch; ++b) {
        const std::int32_t asked = pick(rng, categories);
        const std::vector<std::int32_t> order = shuffled(categories, rng);
        result.inputs(b, 0) = asked;
        for (std::int32_t place = 0; place < categories; ++place) {
            const std::int32_t category = order[static_cast<std::size_t>(place)];
            result.inputs(b, place + 1) = categories + category * nouns_per_category + pick(rng, nouns_per_category);
            if (category == asked) result.targets(b, 0) = place;
        }
    }
    return result;
}

DoubleTensor coupled_pair(int words, double coupling) {
    require_within("words", words, 1, 1000);
    require_within("coupling", coupling, 0, 1);
    DoubleTensor joint({words, words}, (1.0 - coupling) / words / words);
    for (std::int64_t i = 0; i < words; ++i) joint(i, i) += coupling / words;
    return joint;
}

double mutual_information(const DoubleTensor& joint) {
    if (joint.shape().rank() != 2 || joint.extent(0) != joint.extent(1)) {
        throw Error(ErrorKind::shape,
                    {"联合分布应为方阵，给的是 " + joint.shape().to_string() + "。",
                     "A joint distribution must be square here; it has the shape " + joint.shape().to_string() + "."});
    }
    const std::int64_t n = joint.extent(0);
    std::vector<double> rows(static_cast<std::size_t>(n)), columns(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            rows[static_cast<std::size_t>(i)] += joint(i, j);
            columns[static_cast<std::size_t>(j)] += joint(i, j);
        }
    }
    return entropy_of(rows) + entropy_of(columns) - entropy_of(joint.elements());
}

std::int64_t corrupt_labels(IntTensor& labels, int classes, float rate, Rng& rng) {
    require_within("classes", classes, 2, 65536);
    require_within("rate", rate, 0, 1);
    require_within("labels", static_cast<double>(labels.size()), 0, 1e9);
    const std::vector<std::int32_t> order = shuffled(static_cast<int>(labels.size()), rng);
    const auto count = std::int64_t{std::lround(static_cast<double>(rate) * static_cast<double>(labels.size()))};
    for (std::int64_t i = 0; i < count; ++i) {
        std::int32_t& label = labels[order[static_cast<std::size_t>(i)]];
        label = (label + 1 + pick(rng, classes - 1)) % classes;
    }
    return count;
}

}  // namespace glassformer
