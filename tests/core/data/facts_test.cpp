#include "data/facts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/error.h"
#include "data/corruption.h"
#include "data_support.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

int total(const IntTensor& values) { return std::accumulate(values.elements().begin(), values.elements().end(), 0); }

}  // namespace

TEST_CASE("facts, shortcuts and corruption have the bits recorded for every compiler") {
    Rng rng(7);
    Fingerprint print;
    const FactSets facts = reversal_facts({.pairs = 6}, rng);
    print << facts.forward << facts.reversed << facts.held_out << facts.others;
    print << shortcut_sentences({.cue_agrees = 0.9F, .core_noise = 0.2F}, Cue::as_trained, 6, rng);
    print << verb_noun(6, 2, 4, rng);
    IntTensor labels({20});
    print << static_cast<std::uint64_t>(corrupt_labels(labels, 4, 0.3F, rng)) << labels;
    for (const MaskUnit unit : {MaskUnit::token, MaskUnit::whole_word, MaskUnit::span}) {
        const CorruptedTokens corrupted = corrupt_tokens(IntTensor({4, 20}, 5), BoolTensor({4, 20}, 1),
                                                         {.unit = unit, .first_ordinary = 2, .vocabulary = 9}, rng);
        print << corrupted.batch << corrupted.kinds << corrupted.replaced;
    }
    CHECK(print.value() == 0xC3C6BAB8D3E1C8D7ULL);
}

TEST_CASE("reversal: the sets are apart, complete, and every held-out answer is an answer elsewhere") {
    Rng rng(1);
    const FactSets facts = reversal_facts({.pairs = 40, .reversed_share = 0.5F}, rng);
    CHECK(facts.vocabulary == 123);
    CHECK(facts.forward.inputs.extent(0) == 40);
    CHECK(facts.reversed.inputs.extent(0) == 20);
    CHECK(facts.held_out.inputs.extent(0) == 20);
    std::map<std::int32_t, std::int32_t> partner;
    for (std::int64_t i = 0; i < 40; ++i) partner[facts.forward.targets[i]] = facts.forward.inputs(i, 0);
    CHECK(partner.size() == 40);
    std::set<std::int32_t> seen, answered;
    for (const TokenBatch* set : {&facts.reversed, &facts.held_out}) {
        for (std::int64_t i = 0; i < 20; ++i) {
            CHECK(partner.at(set->inputs(i, 0)) == set->targets[i]);
            CHECK(seen.insert(set->inputs(i, 0)).second);
        }
    }
    for (std::int64_t i = 0; i < 40; ++i) answered.insert(facts.others.targets[i]);
    CHECK(answered.size() == 40);
    const FactSets bare = reversal_facts({.pairs = 10, .reversed_share = 0.0F, .other_facts = false}, rng);
    CHECK(bare.reversed.targets.size() == 0);
    CHECK(bare.others.targets.size() == 0);
}

TEST_CASE("shortcut sentences: cue and core words agree with the label as often as asked") {
    Rng rng(2);
    const ShortcutTask task{.core_words = 20, .words = 3, .cue_agrees = 0.9F, .core_noise = 0.2F};
    const auto agreement = [&](Cue cue) {
        const TokenBatch batch = shortcut_sentences(task, cue, 10000, rng);
        double cue_right = 0, core_right = 0, ones = 0;
        for (std::int64_t i = 0; i < 10000; ++i) {
            ones += batch.targets[i];
            cue_right += batch.inputs(i, 3) == 40 + batch.targets[i];
            std::set<std::int32_t> distinct;
            for (std::int64_t j = 0; j < 3; ++j) {
                core_right += batch.inputs(i, j) / 20 == batch.targets[i];
                distinct.insert(batch.inputs(i, j) % 20);
            }
            if (distinct.size() != 3) core_right = -1e9;
        }
        CHECK(ones == 5000);
        CHECK(core_right / 30000 == Approx(0.8).margin(0.01));
        return cue_right / 10000;
    };
    CHECK(agreement(Cue::as_trained) == Approx(0.9).margin(0.012));
    CHECK(agreement(Cue::flipped) == 0.0);
    CHECK(agreement(Cue::none) == 0.0);
    CHECK(shortcut_vocabulary(task) == 43);
}

TEST_CASE("verb and noun: the answer is the place of the verb's category, each place as often") {
    Rng rng(3);
    const TokenBatch batch = verb_noun(6, 4, 6000, rng);
    std::vector<int> places(6);
    bool right = true;
    for (std::int64_t b = 0; b < 6000; ++b) {
        const std::int32_t place = batch.targets[b];
        right &= (batch.inputs(b, place + 1) - 6) / 4 == batch.inputs(b, 0);
        ++places[static_cast<std::size_t>(place)];
    }
    CHECK(right);
    for (const int count : places) CHECK(std::abs(count - 1000) < 150);
}

TEST_CASE("two coupled words: the mutual information is what filling both at once must lose") {
    CHECK(mutual_information(coupled_pair(2, 1.0)) == Approx(std::log(2.0)).epsilon(1e-9));
    CHECK(mutual_information(coupled_pair(5, 0.0)) == Approx(0.0).margin(1e-12));
    double last = -1;
    for (const double coupling : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const DoubleTensor joint = coupled_pair(4, coupling);
        double kl = 0, sum = 0;  // KL(joint || product of the uniform marginals)
        for (const double p : joint.elements()) {
            sum += p;
            if (p > 0) kl += p * std::log(p * 16);
        }
        CHECK(sum == Approx(1.0).epsilon(1e-12));
        CHECK(mutual_information(joint) == Approx(kl).margin(1e-9));
        CHECK(kl > last);
        last = kl;
    }
    CHECK_THROWS_AS(mutual_information(DoubleTensor({2, 3})), Error);
}

TEST_CASE("label noise: the exact share, and never the right label") {
    Rng rng(4);
    IntTensor labels({1000});
    for (std::int64_t i = 0; i < 1000; ++i) labels[i] = static_cast<std::int32_t>(i % 10);
    const IntTensor before = labels;
    CHECK(corrupt_labels(labels, 10, 0.3F, rng) == 300);
    int changed = 0;
    std::vector<int> now(10);
    for (std::int64_t i = 0; i < 1000; ++i) {
        changed += labels[i] != before[i];
        ++now.at(static_cast<std::size_t>(labels[i]));
    }
    CHECK(changed == 300);
    for (const int count : now) CHECK(std::abs(count - 100) < 40);
}

TEST_CASE("MLM corruption: shares of each kind, targets untouched, special tokens spared") {
    Rng rng(5);
    IntTensor tokens({500, 200});
    for (std::int64_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<std::int32_t>(i % 50);
    const MlmTask task{.mask_token = 3, .first_ordinary = 5, .vocabulary = 50};
    const CorruptedTokens corrupted = corrupt_tokens(tokens, {}, task, rng);
    std::map<int, int> kinds;
    bool right = true;
    for (std::int64_t i = 0; i < tokens.size(); ++i) {
        const auto kind = static_cast<Corruption>(corrupted.kinds[i]);
        ++kinds[corrupted.kinds[i]];
        const std::int32_t now = corrupted.batch.inputs[i];
        right &= corrupted.batch.targets[i] == tokens[i];
        right &= corrupted.batch.mask[i] == (kind != Corruption::untouched ? 1 : 0);
        right &= corrupted.replaced[i] == (now != tokens[i] ? 1 : 0);
        if (tokens[i] < 5) right &= kind == Corruption::untouched;
        if (kind == Corruption::masked) right &= now == 3;
        if (kind == Corruption::random) right &= now >= 5 && now < 50;
        if (kind == Corruption::kept || kind == Corruption::untouched) right &= now == tokens[i];
    }
    CHECK(right);
    const double n = 90000;  // 45 of 50 ids are ordinary
    CHECK(kinds[1] / n == Approx(0.12).margin(0.005));
    CHECK(kinds[2] / n == Approx(0.015).margin(0.002));
    CHECK(kinds[3] / n == Approx(0.015).margin(0.002));
}

TEST_CASE("whole words are masked whole; single pieces leave others visible as often as the formula says") {
    Rng rng(6);
    IntTensor tokens({400, 300}, 7);
    BoolTensor starts({400, 300});
    for (std::int64_t i = 0; i < starts.size(); ++i) starts[i] = i % 3 == 0;
    const auto leak = [&](MaskUnit unit) {
        const CorruptedTokens corrupted = corrupt_tokens(tokens, starts, {.unit = unit, .vocabulary = 9}, rng);
        double selected = 0, leaking = 0;
        for (std::int64_t word = 0; word < starts.size(); word += 3) {
            const int in_word =
                corrupted.batch.mask[word] + corrupted.batch.mask[word + 1] + corrupted.batch.mask[word + 2];
            selected += in_word;
            leaking += in_word < 3 ? in_word : 0;
        }
        CHECK(selected / 120000 == Approx(0.15).margin(0.006));
        return leaking / selected;
    };
    CHECK(leak(MaskUnit::token) == Approx(mask_leak(0.15, 3)).margin(0.01));
    CHECK(mask_leak(0.15, 2) == Approx(0.85).epsilon(1e-12));
    CHECK(leak(MaskUnit::whole_word) == 0.0);
    CHECK(leak(MaskUnit::span) == 0.0);
    CHECK(mask_coverage(0.15, 10) == Approx(0.8031).margin(1e-4));
}

TEST_CASE("spans are runs, and the rate holds") {
    Rng rng(8);
    const CorruptedTokens corrupted = corrupt_tokens(IntTensor({300, 200}, 5), BoolTensor({300, 200}, 1),
                                                     {.unit = MaskUnit::span, .vocabulary = 9}, rng);
    double selected = 0, runs = 0;
    for (std::int64_t b = 0; b < 300; ++b) {
        for (std::int64_t t = 0; t < 200; ++t) {
            selected += corrupted.batch.mask(b, t);
            runs += corrupted.batch.mask(b, t) == 1 && (t == 0 || corrupted.batch.mask(b, t - 1) == 0);
        }
    }
    CHECK(selected / 60000 == Approx(0.15).epsilon(1e-9));
    CHECK(selected / runs > 3.0);  // independent tokens: 1 / 0.85 = 1.18
}

TEST_CASE("corruption at its ends: nothing, everything, nonsense") {
    Rng rng(9);
    const IntTensor tokens({2, 50}, 4);
    const BoolTensor starts({2, 50}, 1);
    for (const MaskUnit unit : {MaskUnit::token, MaskUnit::whole_word, MaskUnit::span}) {
        CHECK(total(corrupt_tokens(tokens, starts, {.rate = 0, .unit = unit, .vocabulary = 9}, rng).kinds) == 0);
        const CorruptedTokens all = corrupt_tokens(
            tokens, starts, {.rate = 1, .mask_share = 1, .random_share = 0, .unit = unit, .vocabulary = 9}, rng);
        CHECK(total(all.kinds) == 100);
        const CorruptedTokens special =
            corrupt_tokens(tokens, starts, {.rate = 1, .unit = unit, .first_ordinary = 5, .vocabulary = 9}, rng);
        CHECK(total(special.kinds) == 0);
    }
    CHECK_THROWS_AS(corrupt_tokens(tokens, starts, {.mask_share = 0.8F, .random_share = 0.3F}, rng), Error);
    CHECK_THROWS_AS(corrupt_tokens(tokens, starts, {.first_ordinary = 2, .vocabulary = 2}, rng), Error);
    CHECK_THROWS_AS(corrupt_tokens(tokens, BoolTensor({2, 49}), {.unit = MaskUnit::span, .vocabulary = 9}, rng), Error);
    CHECK_THROWS_AS(corrupt_tokens(IntTensor({4}), {}, {}, rng), Error);
}
