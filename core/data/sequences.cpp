#include "data/sequences.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

constexpr int most_rows = 1 << 24;

std::int32_t pick(Rng& rng, int count) {
    return static_cast<std::int32_t>(rng.integer(static_cast<std::uint32_t>(count)));
}

IntTensor uniform_ids(Shape shape, int vocabulary, Rng& rng) {
    IntTensor ids(std::move(shape));
    for (std::int32_t& id : ids.elements()) id = pick(rng, vocabulary);
    return ids;
}

}  // namespace

TokenBatch uniform_tokens(const UniformTokens& task, int batch, Rng& rng) {
    require_within("length", task.length, 1, 4096);
    require_within("vocabulary", task.vocabulary, 2, 65536);
    require_within("batch", batch, 1, most_rows);
    const double entropy = log(static_cast<double>(task.vocabulary));
    TokenBatch result{IntTensor({batch, task.length}), IntTensor({batch, task.length}),
                      BoolTensor({batch, task.length}, 1), entropy, entropy};
    for (std::int64_t b = 0; b < batch; ++b) {
        std::int32_t next = pick(rng, task.vocabulary);
        for (std::int64_t t = 0; t < task.length; ++t) {
            result.inputs(b, t) = next;
            next = pick(rng, task.vocabulary);
            result.targets(b, t) = next;
        }
    }
    return result;
}

IntTensor apply_rule(const Transduction& task, const IntTensor& inputs) {
    const std::int64_t n = inputs.extent(-1);
    IntTensor targets(inputs.shape());
    for (std::int64_t b = 0; b < inputs.extent(0); ++b) {
        std::int32_t sum = 0;
        for (std::int64_t t = 0; t < n; ++t) {
            const std::int32_t x = inputs(b, t);
            require_within("token", x, 0, task.vocabulary - 1);
            sum = (sum + x) % task.vocabulary;
            switch (task.rule) {
                case Rule::copy: targets(b, t) = x; break;
                case Rule::reverse: targets(b, n - 1 - t) = x; break;
                case Rule::running_sum: targets(b, t) = sum; break;
            }
        }
    }
    return targets;
}

TokenBatch transductions(const Transduction& task, int batch, Rng& rng) {
    require_within("length", task.length, 1, 4096);
    require_within("vocabulary", task.vocabulary, 2, 65536);
    require_within("batch", batch, 1, most_rows);
    IntTensor inputs = uniform_ids({batch, task.length}, task.vocabulary, rng);
    IntTensor targets = apply_rule(task, inputs);
    return {std::move(inputs), std::move(targets), BoolTensor({batch, task.length}, 1), 0.0,
            log(static_cast<double>(task.vocabulary))};
}

int recall_vocabulary(const RecallTask& task) {
    return task.recall == Recall::latest_marked ? 2 * task.symbols : task.symbols;
}

TokenBatch recalls(const RecallTask& task, int batch, Rng& rng) {
    require_within("length", task.length, 4, 65536);
    require_within("symbols", task.symbols, 2, 32768);
    require_within("mark_rate", task.mark_rate, 0.01, 1);
    require_within("batch", batch, 1, most_rows);
    const bool marked = task.recall == Recall::latest_marked;
    const std::int64_t back = task.recall == Recall::previous ? 1 : task.recall == Recall::two_back ? 2 : 3;
    TokenBatch result{IntTensor({batch, task.length}), IntTensor({batch, task.length}),
                      BoolTensor({batch, task.length}), 0.0, log(static_cast<double>(task.symbols))};
    for (std::int64_t b = 0; b < batch; ++b) {
        std::int32_t latest = -1;
        for (std::int64_t t = 0; t < task.length; ++t) {
            const std::int32_t symbol = pick(rng, task.symbols);
            const bool mark = marked && rng.uniform() < task.mark_rate;
            result.inputs(b, t) = symbol + (mark ? task.symbols : 0);
            if (mark) latest = symbol;
            if (!marked && t >= back) latest = result.inputs(b, t - back);
            if (latest < 0) continue;
            result.targets(b, t) = latest;
            result.mask(b, t) = 1;
        }
    }
    return result;
}

TokenBatch marked_tokens(const MarkedToken& task, int batch, Rng& rng) {
    require_within("length", task.length, 1, 4096);
    require_within("symbols", task.symbols, 2, 32768);
    require_within("batch", batch, 1, most_rows);
    TokenBatch result{uniform_ids({batch, task.length}, task.symbols, rng), IntTensor({batch, 1}),
                      BoolTensor({batch, 1}, 1), 0.0, log(static_cast<double>(task.symbols))};
    for (std::int64_t b = 0; b < batch; ++b) {
        std::int32_t& marked = result.inputs(b, pick(rng, task.length));
        result.targets(b, 0) = marked;
        marked += task.symbols;
    }
    return result;
}

int lookup_source_vocabulary(const Lookup& task) { return task.items + task.symbols; }

int lookup_target_vocabulary(const Lookup& task) { return 3 + 2 * task.symbols + 1; }

TokenBatch lookups(const Lookup& task, int batch, Rng& rng) {
    require_within("items", task.items, 1, 64);
    require_within("symbols", task.symbols, 2, 1024);
    require_within("batch", batch, 1, most_rows);
    TokenBatch result{IntTensor({batch, task.items + 1}), IntTensor({batch, 3}), BoolTensor({batch, 3}), 0.0,
                      log(2.0 * task.symbols)};
    for (std::int64_t b = 0; b < batch; ++b) {
        const std::int32_t pointer = pick(rng, task.items);
        result.inputs(b, 0) = pointer;
        for (std::int64_t i = 1; i <= task.items; ++i) result.inputs(b, i) = task.items + pick(rng, task.symbols);
        const std::int32_t upper = pick(rng, 2);
        const std::int32_t symbol = result.inputs(b, pointer + 1) - task.items;
        result.targets(b, 0) = upper;
        result.targets(b, 1) = 2;
        result.targets(b, 2) = 3 + upper * task.symbols + symbol;
        result.mask(b, 2) = 1;
    }
    return result;
}

double lookup_floor(const Lookup& task, LookupHidden hidden) {
    switch (hidden) {
        case LookupHidden::nothing: return 0.0;
        case LookupHidden::source: return log(static_cast<double>(task.symbols));
        case LookupHidden::target_case: return log(2.0);
        case LookupHidden::pointer_link: break;
    }
    // A symbol stands at k of m places with a binomial probability; each then adds -(k/m) ln(k/m).
    const int m = task.items;
    const double p = 1.0 / task.symbols;
    double expected = 0.0;
    double binomial = 1.0;  // of k: m over k, times p^k, times (1 - p)^(m - k)
    for (int i = 0; i < m; ++i) binomial *= 1.0 - p;
    for (int k = 0; k <= m; ++k) {
        if (k > 0) {
            const double share = static_cast<double>(k) / m;
            expected -= binomial * share * log(share);
        }
        binomial *= static_cast<double>(m - k) / (k + 1) * p / (1.0 - p);
    }
    return task.symbols * expected;
}

TokenBatch parity_rows(int bits) {
    require_within("bits", bits, 1, 16);
    const std::int64_t rows = std::int64_t{1} << bits;
    TokenBatch result{IntTensor({rows, bits}), IntTensor({rows, 1}), BoolTensor({rows, 1}, 1), 0.0, log(2.0)};
    for (std::int64_t row = 0; row < rows; ++row) {
        std::int32_t parity = 0;
        for (std::int64_t bit = 0; bit < bits; ++bit) {
            const auto value = static_cast<std::int32_t>(row >> (bits - 1 - bit) & 1);
            result.inputs(row, bit) = value;
            parity ^= value;
        }
        result.targets(row, 0) = parity;
    }
    return result;
}

AssociativeRecall associative_recall(int pairs, int queries, int vocabulary, int batch, Rng& rng) {
    require_within("vocabulary", vocabulary, 1, 65536);
    require_within("pairs", pairs, 1, vocabulary);
    require_within("queries", queries, 1, 4096);
    require_within("batch", batch, 1, most_rows);
    AssociativeRecall result{IntTensor({batch, pairs}), IntTensor({batch, pairs}), IntTensor({batch, queries}),
                             IntTensor({batch, queries})};
    std::vector<std::int32_t> keys(static_cast<std::size_t>(vocabulary));
    for (std::int64_t b = 0; b < batch; ++b) {
        std::iota(keys.begin(), keys.end(), 0);
        rng.shuffle(keys);
        for (std::int64_t i = 0; i < pairs; ++i) {
            result.keys(b, i) = keys[static_cast<std::size_t>(i)];
            result.values(b, i) = pick(rng, vocabulary);
        }
        for (std::int64_t q = 0; q < queries; ++q) {
            const std::int64_t i = pick(rng, pairs);
            result.queries(b, q) = result.keys(b, i);
            result.targets(b, q) = result.values(b, i);
        }
    }
    return result;
}

}  // namespace glassformer
