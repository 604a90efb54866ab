#include "data/sequences.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "data_support.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

/// Entropy of observed answers, nats.
double observed_entropy(const std::map<std::int64_t, int>& counts) {
    double total = 0, entropy = 0;
    for (const auto& [key, count] : counts) total += count;
    for (const auto& [key, count] : counts) entropy -= count / total * std::log(count / total);
    return entropy;
}

}  // namespace

TEST_CASE("every sequence task has the bits recorded for every compiler") {
    Rng rng(7);
    Fingerprint print;
    print << uniform_tokens({}, 3, rng) << transductions({Rule::running_sum, 8, 6}, 3, rng);
    for (const Recall recall : {Recall::previous, Recall::two_back, Recall::offset3, Recall::latest_marked}) {
        print << recalls({.recall = recall}, 3, rng);
    }
    print << marked_tokens({}, 3, rng) << lookups({}, 3, rng) << parity_rows(4);
    const AssociativeRecall pairs = associative_recall(6, 4, 10, 3, rng);
    print << pairs.keys << pairs.values << pairs.queries << pairs.targets;
    CHECK(print.value() == 0x4C42742A8368665ULL);
    // The same seed gives the same again, another seed does not.
    Rng a(1), b(1), c(2);
    const TokenBatch first = uniform_tokens({}, 4, a);
    CHECK((Fingerprint() << first).value() == (Fingerprint() << uniform_tokens({}, 4, b)).value());
    CHECK((Fingerprint() << first).value() != (Fingerprint() << uniform_tokens({}, 4, c)).value());
}

TEST_CASE("uniform tokens: the target is the next input, and the past says nothing about it") {
    Rng rng(1);
    const TokenBatch batch = uniform_tokens({.length = 64, .vocabulary = 4}, 2000, rng);
    std::map<std::int64_t, int> next, pair;
    for (std::int64_t b = 0; b < 2000; ++b) {
        for (std::int64_t t = 0; t < 64; ++t) {
            if (t + 1 < 64) REQUIRE(batch.targets(b, t) == batch.inputs(b, t + 1));
            ++next[batch.targets(b, t)];
            ++pair[batch.inputs(b, t) * 4 + batch.targets(b, t)];
        }
    }
    CHECK(batch.floor == Approx(std::log(4.0)).epsilon(1e-9));
    CHECK(observed_entropy(next) == Approx(batch.floor).margin(1e-3));
    CHECK(observed_entropy(pair) == Approx(2 * batch.floor).margin(1e-3));  // H(next | this) = H(next)
}

TEST_CASE("copy, reverse and running sum by hand") {
    const IntTensor x({1, 4}, std::vector<std::int32_t>{5, 1, 4, 3});
    const auto answer = [&](Rule rule) {
        const IntTensor y = apply_rule({rule, 4, 6}, x);
        return std::vector<std::int32_t>(y.elements().begin(), y.elements().end());
    };
    CHECK(answer(Rule::copy) == std::vector<std::int32_t>{5, 1, 4, 3});
    CHECK(answer(Rule::reverse) == std::vector<std::int32_t>{3, 4, 1, 5});
    CHECK(answer(Rule::running_sum) == std::vector<std::int32_t>{5, 0, 4, 1});
    CHECK_THROWS_AS(apply_rule({Rule::copy, 4, 5}, x), Error);
}

TEST_CASE("without the source every answer of a transduction is uniform: counted over all sources") {
    for (const Rule rule : {Rule::copy, Rule::reverse, Rule::running_sum}) {
        const Transduction task{rule, 4, 3};
        std::map<std::int64_t, int> answers;
        for (int code = 0; code < 81; ++code) {
            const IntTensor x({1, 4}, std::vector<std::int32_t>{code / 27, code / 9 % 3, code / 3 % 3, code % 3});
            const IntTensor y = apply_rule(task, x);
            for (std::int64_t t = 0; t < 4; ++t) ++answers[t * 3 + y[t]];
        }
        CHECK(answers.size() == 12);
        for (const auto& [key, count] : answers) CHECK(count == 27);
        Rng rng(1);
        const TokenBatch batch = transductions(task, 5, rng);
        CHECK(batch.floor == 0.0);
        CHECK(batch.blind == Approx(std::log(3.0)).epsilon(1e-9));
        CHECK((Fingerprint() << apply_rule(task, batch.inputs)).value() == (Fingerprint() << batch.targets).value());
    }
}

TEST_CASE("recall: the answer stands where the task says, and places without one do not count") {
    Rng rng(3);
    const std::pair<Recall, std::int64_t> backs[] = {
        {Recall::previous, 1}, {Recall::two_back, 2}, {Recall::offset3, 3}};
    for (const auto& [recall, back] : backs) {
        const TokenBatch batch = recalls({.recall = recall, .length = 10}, 50, rng);
        bool right = true;
        for (std::int64_t b = 0; b < 50; ++b) {
            for (std::int64_t t = 0; t < 10; ++t) {
                right &= batch.mask(b, t) == (t >= back ? 1 : 0);
                if (t >= back) right &= batch.targets(b, t) == batch.inputs(b, t - back);
            }
        }
        CHECK(right);
    }
    const RecallTask task{.recall = Recall::latest_marked, .length = 40, .symbols = 8, .mark_rate = 0.2F};
    const TokenBatch batch = recalls(task, 500, rng);
    std::map<std::int64_t, int> answers;
    int marked = 0;
    bool right = true;
    for (std::int64_t b = 0; b < 500; ++b) {
        for (std::int64_t t = 0; t < 40; ++t) {
            std::int64_t s = t;
            while (s >= 0 && batch.inputs(b, s) < 8) --s;
            marked += batch.inputs(b, t) >= 8;
            right &= batch.mask(b, t) == (s >= 0 ? 1 : 0);
            if (s < 0) continue;
            right &= batch.targets(b, t) == batch.inputs(b, s) - 8;
            ++answers[batch.targets(b, t)];
        }
    }
    CHECK(right);
    CHECK(std::fabs(marked / 20000.0 - 0.2) < 0.012);
    CHECK(observed_entropy(answers) == Approx(batch.blind).margin(0.01));
    CHECK(recall_vocabulary(task) == 16);
}

TEST_CASE("one token is marked, anywhere, and is the answer") {
    Rng rng(4);
    const TokenBatch batch = marked_tokens({.length = 8, .symbols = 5}, 4000, rng);
    std::map<std::int64_t, int> places, answers;
    bool right = true;
    for (std::int64_t b = 0; b < 4000; ++b) {
        std::vector<std::int64_t> marked;
        for (std::int64_t t = 0; t < 8; ++t) {
            if (batch.inputs(b, t) >= 5) marked.push_back(t);
        }
        right &= marked.size() == 1 && batch.inputs(b, marked[0]) - 5 == batch.targets[b];
        ++places[marked[0]];
        ++answers[batch.targets[b]];
    }
    CHECK(right);
    for (const auto& [place, count] : places) CHECK(std::abs(count - 500) < 90);
    CHECK(observed_entropy(answers) == Approx(std::log(5.0)).margin(0.005));
}

TEST_CASE("look-up: the answer by its three routes, and each floor recomputed by enumeration") {
    const Lookup task{.items = 5, .symbols = 8};
    Rng rng(5);
    const TokenBatch batch = lookups(task, 300, rng);
    bool right = true;
    for (std::int64_t b = 0; b < 300; ++b) {
        const std::int32_t asked = batch.inputs(b, 1 + batch.inputs(b, 0)) - 5;
        right &= batch.targets(b, 2) == 3 + 8 * batch.targets(b, 0) + asked && batch.targets(b, 1) == 2;
        right &= batch.mask(b, 0) == 0 && batch.mask(b, 1) == 0 && batch.mask(b, 2) == 1;
        right &= batch.targets(b, 2) < lookup_target_vocabulary(task) - 1;
    }
    CHECK(right);
    CHECK(lookup_floor(task, LookupHidden::nothing) == 0.0);
    CHECK(lookup_floor(task, LookupHidden::source) == Approx(std::log(8.0)).epsilon(1e-9));
    CHECK(lookup_floor(task, LookupHidden::target_case) == Approx(std::log(2.0)).epsilon(1e-9));
    CHECK(batch.blind == Approx(std::log(16.0)).epsilon(1e-9));
    double expected = 0;  // all 8^5 sources: the entropy of a pointer drawn blindly over the items
    for (int code = 0; code < 32768; ++code) {
        std::map<std::int64_t, int> counts;
        for (int i = 0, rest = code; i < 5; ++i, rest /= 8) ++counts[rest % 8];
        expected += observed_entropy(counts) / 32768;
    }
    CHECK(lookup_floor(task, LookupHidden::pointer_link) == Approx(expected).epsilon(1e-9));
    CHECK(expected == Approx(1.29).margin(0.005));  // the plan's figure
}

TEST_CASE("parity: all rows once, balanced, and blind to any subset of the bits") {
    const TokenBatch rows = parity_rows(4);
    std::map<std::pair<int, int>, int> without_last;
    int ones = 0;
    for (std::int64_t row = 0; row < 16; ++row) {
        int code = 0, sum = 0;
        for (std::int64_t bit = 0; bit < 4; ++bit) {
            code = code * 2 + rows.inputs(row, bit);
            sum += rows.inputs(row, bit);
        }
        CHECK(code == row);
        CHECK(rows.targets[row] == sum % 2);
        ones += rows.targets[row];
        ++without_last[{code / 2, rows.targets[row]}];
    }
    CHECK(ones == 8);
    CHECK(without_last.size() == 16);  // both answers for each of the 8 triples
}

TEST_CASE("associative recall: distinct keys, and a query's answer is its key's value") {
    Rng rng(6);
    const AssociativeRecall batch = associative_recall(6, 3, 8, 200, rng);
    bool right = true;
    for (std::int64_t b = 0; b < 200; ++b) {
        const auto keys = batch.keys.row(b);
        right &= std::set<std::int32_t>(keys.begin(), keys.end()).size() == 6;
        for (std::int64_t q = 0; q < 3; ++q) {
            const auto at = std::find(keys.begin(), keys.end(), batch.queries(b, q)) - keys.begin();
            right &= at < 6 && batch.values(b, at) == batch.targets(b, q);
        }
    }
    CHECK(right);
    CHECK_THROWS_AS(associative_recall(9, 1, 8, 1, rng), Error);
}

TEST_CASE("settings out of range are named with what is allowed") {
    Rng rng(1);
    try {
        uniform_tokens({.length = 8, .vocabulary = 1}, 1, rng);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::out_of_range);
        CHECK(error.parameter() == "vocabulary");
        CHECK(error.message().en == "vocabulary may be 2 … 65536; 1 was given.");
        CHECK(error.message().zh.find("允许") != std::string::npos);
    }
    CHECK_THROWS_AS(transductions({Rule::copy, 0, 4}, 1, rng), Error);
    CHECK_THROWS_AS(recalls({.recall = Recall::latest_marked, .mark_rate = 0.0F}, 1, rng), Error);
    CHECK_THROWS_AS(recalls({.recall = Recall::latest_marked, .mark_rate = NAN}, 1, rng), Error);
    CHECK_THROWS_AS(lookups({.items = 0}, 1, rng), Error);
    CHECK_THROWS_AS(marked_tokens({}, -1, rng), Error);
    CHECK_THROWS_AS(parity_rows(17), Error);
}
