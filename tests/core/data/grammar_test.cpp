#include "data/grammar.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_set>

#include "base/error.h"
#include "data_support.h"
#include "io/json_text.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

const Language languages[] = {Language::zh, Language::en};

std::vector<std::string> texts(const Sentence& sentence) {
    std::vector<std::string> words;
    for (const SaidWord& word : sentence) words.push_back(word.text);
    return words;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
        if (c == ' ') {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    return words;
}

std::string joined(const Sentence& sentence) {
    std::string text;
    for (const SaidWord& word : sentence) text += (text.empty() ? "" : " ") + word.text;
    return text;
}

/// The translation, by way of the meaning.
std::string translated(const std::string& text, Language from) {
    const std::optional<Meaning> meaning = understand(split(text), from);
    return meaning ? joined(render(*meaning, from == Language::zh ? Language::en : Language::zh)) : "not understood";
}

bool can_say(const Meaning& meaning) { return std::isfinite(log_probability(meaning, {0.5F, 0.5F, 0.5F, 0.5F, 0.5F})); }

/// Everything that `fits`, with every determiner and adjective.
template <typename Fits>
std::vector<Entity> entities(Fits fits) {
    std::vector<Entity> found;
    for (int noun = 0; noun < noun_count(); ++noun) {
        for (const Determiner determiner : {Determiner::the, Determiner::a, Determiner::two}) {
            for (int adjective = -1; adjective < adjective_count(); ++adjective) {
                if (fits(Entity{noun, determiner, adjective})) found.push_back({noun, determiner, adjective});
            }
        }
    }
    return found;
}

/// Calls `visit` with every meaning of a verb; `plainly`: only with those in the present, unnegated and without a
/// place.
template <typename Visit>
void each_meaning(int verb, bool plainly, Visit visit) {
    constexpr int run = 15, child = 4, student = 5;
    const auto says = [&](int which, const Entity& subject, std::optional<Entity> object) {
        Meaning meaning;
        meaning.verb = which;
        meaning.subject = subject;
        meaning.object = object;
        return can_say(meaning);
    };
    // Whatever lives can run; what a verb takes as its object, a child or a student can do it to.
    const std::vector<Entity> living = entities([&](const Entity& one) { return says(run, one, {}); });
    const std::vector<Entity> objects = entities([&](const Entity& one) {
        return is_transitive(verb) && (says(verb, {child}, one) || says(verb, {student}, one));
    });
    Meaning meaning;
    meaning.verb = verb;
    const auto rest = [&] {
        for (int place = -1; place < (plainly ? 0 : place_count()); ++place) {
            for (int bits = 0; bits < (plainly ? 1 : 4); ++bits) {
                meaning.place = place;
                meaning.past = bits % 2 == 1;
                meaning.negated = bits / 2 == 1;
                if (can_say(meaning)) visit(meaning);
            }
        }
    };
    for (const Entity& subject : living) {
        meaning.subject = subject;
        if (!is_transitive(verb)) rest();
        for (const Entity& object : objects) {
            meaning.object = object;
            rest();
        }
    }
}

}  // namespace

TEST_CASE("sentences and their translations, as a speaker of each language would say them") {
    const std::pair<const char*, const char*> pairs[] = {
        {"猫 追 狗 。", "the cat chases the dog ."},
        {"两 只 黑色 的 猫 在 公园 里 追 了 一 只 鸟 。", "two black cats chased a bird in the park ."},
        {"一 位 年轻 的 老师 没有 寄 信 。", "a young teacher did not send the letter ."},
        {"孩子 吃 一 个 苹果 。", "the child eats an apple ."},
        {"两 个 孩子 不 在 房间 里 睡觉 。", "two children do not sleep in the room ."},
        {"厨师 买 了 两 个 鸡蛋 。", "the chef bought two eggs ."},
        {"学生 借 一 张 旧 的 地图 。", "the student borrows an old map ."},
        {"狗 不 追 猫 。", "the dog does not chase the cat ."},
        {"两 只 猫 追 狗 。", "two cats chase the dog ."},
    };
    for (const auto& [zh, en] : pairs) {
        CHECK(translated(zh, Language::zh) == en);
        CHECK(translated(en, Language::en) == zh);
    }
    const Meaning meaning = *understand(split("two black cats chased a bird in the park ."), Language::en);
    CHECK(written(render(meaning, Language::en), Language::en) == "Two black cats chased a bird in the park.");
    CHECK(written(render(meaning, Language::zh), Language::zh) == "两只黑色的猫在公园里追了一只鸟。");
}

TEST_CASE("a judge: what breaks agreement, measure words, order or sense is no sentence") {
    for (const char* text : {"",
                             ".",
                             "the cat",
                             "cat chases the dog .",
                             "the cat chase the dog .",
                             "two cats chases the dog .",
                             "a apple sleeps .",
                             "a old map sleeps .",
                             "the child eats a apple .",
                             "the child eats an cake .",
                             "two cat sleep .",
                             "the cats sleep .",
                             "the ball sleeps .",
                             "the cat sleeps the dog .",
                             "the cat chases .",
                             "the cat sends a letter .",
                             "the child eats the ball .",
                             "the red cat sleeps .",
                             "the cat does sleep .",
                             "the cat did not slept .",
                             "the cat in the park sleeps .",
                             "the cat sleeps in park .",
                             "the cat sleeps . .",
                             "the cat chases the cat .",
                             "the the cat sleeps .",
                             "the cat sleeps not ."}) {
        INFO(text);
        CHECK_FALSE(understand(split(text), Language::en).has_value());
    }
    for (const char* text :
         {"。", "猫", "猫 狗", "一 猫 睡觉 。", "一 位 猫 睡觉 。", "一 个 老师 睡觉 。", "猫 睡觉 在 公园 里 。",
          "猫 在 公园 睡觉 。", "黑色 猫 睡觉 。", "猫 没有 睡觉 了 。", "猫 了 睡觉 。", "球 睡觉 。", "猫 追 。",
          "孩子 吃 球 。", "猫 追 猫 。", "二 只 猫 睡觉 。", "the cat sleeps ."}) {
        INFO(text);
        CHECK_FALSE(understand(split(text), Language::zh).has_value());
    }
    CHECK_FALSE(understand(std::vector<std::string>(100000, "the"), Language::en).has_value());
    Meaning no_such_verb;
    no_such_verb.verb = 99;
    CHECK_THROWS_AS(render(no_such_verb, Language::en), Error);
    CHECK_THROWS_AS(render(Meaning{}, Language::en), Error);  // eats what?
}

TEST_CASE("rendering is one-to-one, and every sentence is understood as what was meant") {
    for (const int verb : {0, 12, 15}) {  // food, anything, intransitive
        std::unordered_set<std::string> seen[2];
        std::size_t meanings = 0;
        each_meaning(verb, false, [&](const Meaning& meaning) {
            // A part of the many: adjectives and places still meet one another in all ways.
            const int mixed =
                meaning.object ? meaning.subject.adjective + meaning.object->adjective * 3 + meaning.place : 0;
            if (mixed % (verb == 12 ? 23 : 5) != 0) return;
            ++meanings;
            for (const Language language : languages) {
                const Sentence sentence = render(meaning, language);
                seen[language == Language::zh].insert(joined(sentence));
                if (meanings % 7 == 0 && understand(texts(sentence), language) != meaning) FAIL(joined(sentence));
            }
        });
        CHECK(meanings > 900);
        CHECK(seen[0].size() == meanings);
        CHECK(seen[1].size() == meanings);
    }
}

TEST_CASE("probabilities of all sentences sum to 1 and their entropy is the stated floor") {
    const auto check = [](const GrammarTask& task, bool plainly) {
        double sum = 0, entropy = 0;
        for (int verb = 0; verb < verb_count(); ++verb) {
            if (!plainly && is_transitive(verb)) continue;
            each_meaning(verb, plainly, [&](const Meaning& meaning) {
                const double lp = log_probability(meaning, task);
                if (!std::isfinite(lp)) return;
                sum += std::exp(lp);
                entropy -= std::exp(lp) * lp;
            });
        }
        CHECK(sum == Approx(1.0).epsilon(1e-9));
        CHECK(grammar_entropy(task) == Approx(entropy).epsilon(1e-9));
    };
    check({.transitive = 0.7F, .adjective = 0.4F, .place = 0, .past = 0}, true);
    check({.transitive = 0, .adjective = 0.3F, .place = 0.3F, .past = 0.6F, .negation = 0.1F}, false);
}

TEST_CASE("what is drawn has the probability that is stated") {
    const GrammarTask task{.negation = 0.2F};
    Rng rng(3);
    const int samples = 40000;
    double mean = 0, square = 0;
    std::map<int, int> verbs, topics;
    for (int i = 0; i < samples; ++i) {
        const Meaning meaning = draw_meaning(task, rng);
        const double lp = log_probability(meaning, task);
        mean -= lp / samples;
        square += lp * lp / samples;
        ++verbs[meaning.verb];
        ++topics[topic_of(meaning)];
    }
    // The mean of -ln p is the entropy only if sampling and probability agree.
    const double error = std::sqrt((square - mean * mean) / samples);
    CHECK(std::fabs(mean - grammar_entropy(task)) < 4 * error);
    for (int verb = 0; verb < verb_count(); ++verb) {
        const double expected = samples * (is_transitive(verb) ? 0.75 / 15 : 0.25 / 4);
        CHECK(std::fabs(verbs[verb] - expected) < 5 * std::sqrt(expected));
    }
    CHECK(topics.size() == topic_count);
    CHECK(std::string(topic_name(0, Language::zh)) == "食物");
}

TEST_CASE("drawn sentences: recorded bits, valid UTF-8, every word in the vocabulary") {
    Rng rng(7);
    Fingerprint print;
    bool valid = true;
    for (int i = 0; i < 2000; ++i) {
        const Meaning meaning = draw_meaning({.negation = 0.1F}, rng);
        for (const Language language : languages) {
            const Sentence sentence = render(meaning, language);
            const std::string text = written(sentence, language);
            valid &= first_invalid_utf8(text) == std::string::npos;
            const std::vector<std::int32_t> ids = word_ids(sentence, grammar_vocabulary(language));
            valid &= word_ids(sentence, grammar_vocabulary()).size() == ids.size();
            for (std::size_t w = 0; w < ids.size(); ++w) {
                valid &= ids[w] >= first_word_id && grammar_vocabulary(language).piece(ids[w]) == sentence[w].text;
            }
            if (i < 200) print << text;
        }
    }
    print << translation_batch({}, Language::zh, 8, rng);
    CHECK(valid);
    CHECK(print.value() == 0xDBE155E1F9E2116DULL);
    CHECK(grammar_vocabulary().size() ==
          grammar_vocabulary(Language::zh).size() + grammar_vocabulary(Language::en).size() - first_word_id);
    CHECK(grammar_vocabulary().piece(mask_id) == "[MASK]");
    CHECK(grammar_vocabulary().piece(sep_id) == "[SEP]");
    CHECK_THROWS_AS(word_ids({{"xyz"}}, grammar_vocabulary()), Error);
}

TEST_CASE("alignment: words that say the same, across the change of order") {
    const Meaning meaning = *understand(split("the cat sees the dog in the park ."), Language::en);
    const Sentence zh = render(meaning, Language::zh), en = render(meaning, Language::en);
    REQUIRE(joined(zh) == "猫 在 公园 里 看见 狗 。");
    const auto pairs = alignment(zh, en);
    const auto aligned = [&](int i, int j) {
        return std::find(pairs.begin(), pairs.end(), std::pair(i, j)) != pairs.end();
    };
    CHECK(aligned(0, 1));        // 猫 cat
    CHECK(aligned(0, 0));        // 猫 the
    CHECK(aligned(2, 7));        // 公园 park
    CHECK(aligned(4, 2));        // 看见 sees
    CHECK(aligned(5, 4));        // 狗 dog
    CHECK(aligned(6, 8));        // 。 .
    CHECK_FALSE(aligned(0, 4));  // 猫 dog
    CHECK(zh[0].role == WordRole::subject);
    CHECK(en[4].role == WordRole::object);
    CHECK(en[7].role == WordRole::place);
    // Every word of either side says something that the other side says too.
    Rng rng(5);
    for (int i = 0; i < 500; ++i) {
        const Meaning drawn = draw_meaning({.negation = 0.3F}, rng);
        const Sentence a = render(drawn, Language::zh), b = render(drawn, Language::en);
        std::set<int> left, right;
        for (const auto& [x, y] : alignment(a, b)) {
            left.insert(x);
            right.insert(y);
        }
        if (left.size() != a.size() || right.size() != b.size()) FAIL(joined(a) << " / " << joined(b));
    }
}

TEST_CASE("overlap is 1 for the same, symmetric, and falls with each difference") {
    const Meaning a = *understand(split("the cat chases a black dog in the park ."), Language::en);
    Meaning b = a;
    CHECK(overlap(a, b) == 1.0);
    b.place = -1;
    CHECK(overlap(a, b) ==
          Approx(7.0 / 8));  // subject, its count, verb, tense, object, its count, its adjective | place
    CHECK(overlap(a, b) == overlap(b, a));
    const Meaning other = *understand(split("two teachers slept ."), Language::en);
    CHECK(overlap(a, other) == 0.0);
}

TEST_CASE("next sentences: half and half, about the same subject exactly when they follow") {
    Rng rng(6);
    int next = 0, named = 0, kept = 0;
    for (int i = 0; i < 4000; ++i) {
        const SentencePair pair = draw_sentence_pair({}, rng);
        next += pair.is_next;
        CHECK(pair.second.subject.determiner == Determiner::the);
        CHECK((pair.first.subject.noun == pair.second.subject.noun) == pair.is_next);
        if (pair.is_next && pair.first.place >= 0) {
            ++named;
            kept += pair.first.place == pair.second.place;
        }
    }
    CHECK(std::abs(next - 2000) < 150);
    CHECK(named > 500);
    CHECK(kept == named);
}

TEST_CASE("translation batches and language shares") {
    Rng rng(8);
    for (const Language source : languages) {
        const TokenBatch batch = translation_batch({}, source, 64, rng);
        const Language target = source == Language::zh ? Language::en : Language::zh;
        bool right = true;
        double words = 0;
        for (std::int64_t b = 0; b < 64; ++b) {
            std::vector<std::string> from, to;
            for (const std::int32_t id : batch.inputs.row(b)) {
                if (id != padding_id) from.push_back(grammar_vocabulary(source).piece(id));
            }
            for (std::int64_t t = 0; t < batch.targets.extent(1); ++t) {
                const std::int32_t id = batch.targets(b, t);
                right &= batch.mask(b, t) == (id != padding_id ? 1 : 0);
                words += batch.mask(b, t);
                if (id > end_id) to.push_back(grammar_vocabulary(target).piece(id));
            }
            right &= understand(from, source).has_value() && understand(from, source) == understand(to, target);
        }
        CHECK(right);
        CHECK(batch.blind * words / 64 == Approx(grammar_entropy({})).epsilon(1e-9));
    }
    const std::vector<double> even = sampling_shares({1000, 10}, 0.0), as_is = sampling_shares({1000, 10}, 1.0),
                              half = sampling_shares({1000, 10}, 0.5);
    CHECK(even[1] == Approx(0.5));
    CHECK(as_is[1] == Approx(10.0 / 1010));
    CHECK(half[0] / half[1] == Approx(10.0).epsilon(1e-9));
    CHECK_THROWS_AS(sampling_shares({0, 1}, 1.0), Error);
}
