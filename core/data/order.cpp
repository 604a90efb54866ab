#include "data/order.h"

#include <algorithm>

#include "base/math.h"

namespace glassformer {
namespace {

std::int32_t pick(Rng& rng, std::size_t count) {
    return static_cast<std::int32_t>(rng.integer(static_cast<std::uint32_t>(count)));
}

constexpr int nouns = 6;
constexpr int verbs = 4;

/// Symbols 0 and 1 once each, the rest of the others; returns whether 0 comes first.
bool draw_row(std::span<std::int32_t> row, int vocabulary, Rng& rng) {
    for (std::int32_t& token : row) token = 2 + pick(rng, static_cast<std::size_t>(vocabulary - 2));
    const std::int32_t a = pick(rng, row.size());
    std::int32_t b = pick(rng, row.size() - 1);
    if (b >= a) ++b;
    row[static_cast<std::size_t>(a)] = 0;
    row[static_cast<std::size_t>(b)] = 1;
    return a < b;
}

/// [asked, subject, verb, object] of one language; returns whether the asked one is the subject.
bool draw_roles(std::span<std::int32_t> row, Rng& rng) {
    const std::int32_t language = pick(rng, 2) * (nouns + verbs);
    const std::int32_t subject = pick(rng, nouns);
    std::int32_t object = pick(rng, nouns - 1);
    if (object >= subject) ++object;
    const bool asks_subject = pick(rng, 2) == 1;
    row[0] = language + (asks_subject ? subject : object);
    row[1] = language + subject;
    row[2] = language + nouns + pick(rng, verbs);
    row[3] = language + object;
    return asks_subject;
}

}  // namespace

const std::vector<std::string>& role_words() {
    static const std::vector<std::string> words{"狗",    "人",      "猫",    "鸟",     "孩子", "老师", "咬",
                                                "追",    "看见",    "帮",    "dog",    "man",  "cat",  "bird",
                                                "child", "teacher", "bites", "chases", "sees", "helps"};
    return words;
}

TokenBatch order_pairs(const OrderPairs& task, int pairs, Rng& rng) {
    const bool roles = task.task == OrderTask::toy_roles;
    require_within("pairs", pairs, 1, 1 << 23);
    if (!roles) require_within("length", task.length, 2, 512);
    if (!roles) require_within("vocabulary", task.vocabulary, 3, 65536);
    const std::int64_t n = roles ? 4 : task.length;
    const std::int64_t rows = 2 * std::int64_t{pairs};
    TokenBatch result{IntTensor({rows, n}), IntTensor({rows, 1}), BoolTensor({rows, 1}, 1), 0.0, log(2.0)};
    for (std::int64_t i = 0; i < rows; i += 2) {
        const std::span<std::int32_t> row = result.inputs.row(i), partner = result.inputs.row(i + 1);
        const bool yes = roles ? draw_roles(row, rng) : draw_row(row, task.vocabulary, rng);
        std::copy(row.begin(), row.end(), partner.begin());
        switch (task.task) {
            case OrderTask::first_symbol:
                std::swap(*std::find(partner.begin(), partner.end(), 0), *std::find(partner.begin(), partner.end(), 1));
                break;
            case OrderTask::mirror: std::reverse(partner.begin(), partner.end()); break;
            case OrderTask::toy_roles: std::swap(partner[1], partner[3]); break;
        }
        result.targets[i] = yes ? 1 : 0;
        result.targets[i + 1] = yes ? 0 : 1;
    }
    return result;
}

IntTensor relation_targets(Relation relation, int n, int k) {
    require_within("n", n, 1, 65536);
    require_within("k", k, 1, relation == Relation::next_neighbours ? n : 1);
    IntTensor targets({n, k});
    for (std::int32_t i = 0; i < n; ++i) {
        for (std::int32_t j = 0; j < k; ++j) targets(i, j) = relation == Relation::mirror ? n - 1 - i : (i + 1 + j) % n;
    }
    return targets;
}

}  // namespace glassformer
