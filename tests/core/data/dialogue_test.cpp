#include "data/dialogue.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "base/error.h"
#include "data/corpora.h"
#include "data_support.h"
#include "io/json_text.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

const Language languages[] = {Language::zh, Language::en};
using Words = std::vector<std::string>;

Fingerprint& operator<<(Fingerprint& print, const Words& words) {
    for (const std::string& word : words) print << word;
    return print;
}

}  // namespace

TEST_CASE("dialogues, messages and corpora have the bits recorded for every compiler and are valid UTF-8") {
    Rng rng(7);
    Fingerprint print;
    bool valid = true;
    const auto add = [&](const Words& words) {
        print << words;
        for (const std::string& word : words) valid &= first_invalid_utf8(word) == std::string::npos && !word.empty();
    };
    for (const Language language : languages) {
        for (int topic = 0; topic < dialogue_topics; ++topic) {
            for (const Turn& turn : draw_dialogue(topic, language, rng).turns) add(turn.words);
            add(draw_message(topic, {.language = language}, rng).words);
        }
        add(draw_message(unseen_topic, {.language = language}, rng).words);
        for (int i = 0; i < 20; ++i) {
            add(draw_review(language, rng).words);
            add(draw_ambiguous_pair(language, ClueSide::right, rng).first);
            add(draw_ambiguous_pair(language, ClueSide::left, rng).second);
        }
        const AssociationCorpus corpus = association_corpus({.sentences = 20}, language, rng);
        add(corpus.words);
        print << corpus.sentences;
    }
    CHECK(valid);
    CHECK(print.value() == 0xD625ECB0813D1032ULL);
}

TEST_CASE("user and bot by turns; every answer is the right one; all words are in the vocabulary") {
    Rng rng(1);
    for (int i = 0; i < 2000; ++i) {
        const Dialogue dialogue = draw_dialogue(i % 4, languages[i / 4 % 2], rng);
        REQUIRE(dialogue.turns.size() >= 2);
        REQUIRE(dialogue.turns.size() % 2 == 0);
        Dialogue so_far{dialogue.topic, dialogue.language, {}};
        for (std::size_t t = 0; t < dialogue.turns.size(); ++t) {
            if (dialogue.turns[t].bot != (t % 2 == 1)) FAIL("the wrong one speaks");
            if (t % 2 == 1 && right_answer(so_far) != dialogue.turns[t].words)
                FAIL(written_turn(dialogue.turns[t].words, dialogue.language));
            so_far.turns.push_back(dialogue.turns[t]);
        }
        CHECK_NOTHROW(dialogue_tokens(dialogue));
    }
    CHECK(right_answer({0, Language::zh, {{false, {"那", "明天", "呢", "？"}}}}).empty());  // of what?
    CHECK(right_answer({0, Language::zh, {{false, {"胡说"}}}}).empty());
    CHECK(right_answer({0, Language::zh, {}}).empty());
    const Words weather{"北京", "今天", "天气", "怎么样", "？"};
    const Words answer = right_answer({0, Language::zh, {{false, weather}}});
    REQUIRE(answer.size() == 4);
    CHECK(answer[0] == "北京");
    CHECK(written_turn(weather, Language::zh) == "北京今天天气怎么样？");
    const Words english =
        right_answer({2, Language::en, {{false, {"how", "is", "the", "view", "of", "the", "great", "wall", "?"}}}});
    CHECK(written_turn(english, Language::en).find("The view of the great wall is ") == 0);
}

TEST_CASE("a follow-up question has several answers without the history and one with it") {
    std::set<Words> alone;
    const Words follow{"那", "明天", "呢", "？"};
    for (const char* city : {"北京", "上海", "广州", "昆明", "哈尔滨"}) {
        const Dialogue dialogue{
            0, Language::zh, {{false, {city, "今天", "天气", "怎么样", "？"}}, {true, {"x"}}, {false, follow}}};
        const Words answer = right_answer(dialogue);
        CHECK(answer[0] == city);
        CHECK(answer[1] == "明天");
        alone.insert(answer);
    }
    CHECK(alone.size() == 5);
}

TEST_CASE("dialogue tokens: roles, the loss on the bot's words alone, the history cut") {
    const Dialogue dialogue{0,
                            Language::en,
                            {{false, {"hello", "."}},
                             {true, {"hello", "."}},
                             {false, {"thanks", "."}},
                             {true, {"you", "are", "welcome", "."}}}};
    const DialogueTokens all = dialogue_tokens(dialogue);
    std::string text, predicted;
    for (std::size_t i = 0; i < all.ids.size(); ++i) {
        text += dialogue_vocabulary().piece(all.ids[i]) + " ";
        if (all.mask[i] == 1) predicted += dialogue_vocabulary().piece(all.ids[i]) + " ";
    }
    CHECK(text == "[USER] hello . [BOT] hello . [END] [USER] thanks . [BOT] you are welcome . [END] ");
    CHECK(predicted == "hello . [END] you are welcome . [END] ");
    CHECK(dialogue_tokens(dialogue, 2).ids.size() == 9);
    CHECK(dialogue_tokens(dialogue, 0).ids.empty());
    CHECK(dialogue_tokens(dialogue, 99).ids == all.ids);
    Dialogue strange = dialogue;
    strange.turns[0].words = {"xyzzy"};
    CHECK_THROWS_AS(dialogue_tokens(strange), Error);
    CHECK_THROWS_AS(draw_dialogue(unseen_topic, Language::zh, *std::make_unique<Rng>(1)), Error);
}

TEST_CASE("messages: shares of neutral and foreign words as asked, likelihood exact") {
    Rng rng(3);
    const MessageTask task{.words = 10, .neutral = 0.4F, .mixing = 0.25F, .language = Language::en};
    std::map<int, double> topics;
    for (int i = 0; i < 5000; ++i) {
        const Message message = draw_message(1, task, rng);
        for (std::size_t w = 0; w < 10; ++w) {
            const Words& list =
                message.topics[w] < 0 ? neutral_words(Language::en) : topic_words(message.topics[w], Language::en);
            if (std::find(list.begin(), list.end(), message.words[w]) == list.end()) FAIL(message.words[w]);
            topics[message.topics[w]] += 1.0 / 50000;
        }
    }
    CHECK(topics[-1] == Approx(0.4).margin(0.01));
    CHECK(topics[1] == Approx(0.6 * 0.75).margin(0.01));
    CHECK(topics[0] == Approx(0.6 * 0.25 / 3).margin(0.005));
    CHECK(topics.count(unseen_topic) == 0);
    // One word: the probabilities of all words sum to 1.
    for (const int topic : {0, 3, unseen_topic}) {
        std::set<std::string> all(neutral_words(Language::en).begin(), neutral_words(Language::en).end());
        for (int t = 0; t <= unseen_topic; ++t)
            all.insert(topic_words(t, Language::en).begin(), topic_words(t, Language::en).end());
        double sum = 0;
        for (const std::string& word : all) sum += std::exp(message_log_likelihood({word}, topic, task));
        CHECK(sum == Approx(1.0).epsilon(1e-9));
    }
    CHECK(std::isinf(message_log_likelihood({"football"}, 0, task)));
    CHECK(std::isinf(message_log_likelihood({"rain"}, 1, {.mixing = 0, .language = Language::en})));
}

TEST_CASE("the best detector tells known topics apart, less well the more is mixed in") {
    Rng rng(4);
    const auto auc = [&](float mixing) {
        const MessageTask task{.words = 8, .mixing = mixing};
        std::vector<double> on, off;
        for (int i = 0; i < 400; ++i) {
            const auto score = [&](int topic) {
                const Message message = draw_message(topic, task, rng);
                double others = -1e300;
                for (int t = 1; t < dialogue_topics; ++t)
                    others = std::max(others, message_log_likelihood(message.words, t, task));
                return std::max(message_log_likelihood(message.words, 0, task), -1e6) - std::max(others, -1e6);
            };
            on.push_back(score(0));
            off.push_back(score(1 + i % 3));
        }
        double wins = 0;
        for (const double a : on) {
            for (const double b : off) wins += a > b ? 1.0 : a == b ? 0.5 : 0.0;
        }
        return wins / 160000;
    };
    const double little = auc(0.1F), much = auc(0.5F);
    CHECK(little > 0.98);
    CHECK(much < little - 0.02);
}

TEST_CASE("reviews: the label is the XOR of adjective and negation, all four as frequent") {
    Rng rng(5);
    std::map<std::pair<bool, bool>, int> cells;
    const std::set<std::string> good{"好", "有趣", "精彩", "出色", "good", "funny", "great", "pleasant"};
    for (int i = 0; i < 8000; ++i) {
        const LabelledSentence review = draw_review(languages[i % 2], rng);
        bool positive = false, negated = false;
        for (const std::string& word : review.words) {
            CHECK(review_vocabulary().find(word).has_value());
            positive |= good.contains(word);
            negated |= word == "不" || word == "not";
        }
        if (review.label != (positive != negated ? 1 : 0)) FAIL("wrong label");
        ++cells[{positive, negated}];
    }
    CHECK(cells.size() == 4);
    for (const auto& [cell, count] : cells) CHECK(std::abs(count - 2000) < 200);
}

TEST_CASE("ambiguous pairs differ in the clue and nowhere else, before or after the word as asked") {
    Rng rng(6);
    std::set<Words> distinct[2];
    for (int i = 0; i < 3000; ++i) {
        const ClueSide side = i % 2 == 0 ? ClueSide::right : ClueSide::left;
        const Language language = languages[i / 2 % 2];
        const AmbiguousPair pair = draw_ambiguous_pair(language, side, rng);
        REQUIRE(pair.first.size() == pair.second.size());
        for (std::size_t t = 0; t < pair.first.size(); ++t) {
            if ((pair.first[t] != pair.second[t]) != (static_cast<int>(t) == pair.clue))
                FAIL(written_turn(pair.first, language));
        }
        CHECK((pair.ambiguous < pair.clue) == (side == ClueSide::right));
        distinct[i / 2 % 2].insert(pair.first);
    }
    CHECK(distinct[0].size() > 150);
    CHECK(distinct[1].size() > 150);
}

TEST_CASE("association: as strong as asked between occupation, gender and style, and none after the swap") {
    for (const Language language : languages) {
        Rng rng(8);
        const AssociationCorpus corpus = association_corpus({.sentences = 20000, .strength = 0.6F}, language, rng);
        CHECK(std::set<std::string>(corpus.words.begin(), corpus.words.end()).size() == corpus.words.size());
        std::vector<int> gender(corpus.words.size(), -1), occupation(gender), style(gender);
        for (const int g : {0, 1}) {
            for (const std::int32_t id : corpus.gender[g]) gender[static_cast<std::size_t>(id)] = g;
            for (const std::int32_t id : corpus.occupation[g]) occupation[static_cast<std::size_t>(id)] = g;
            for (const std::int32_t id : corpus.style[g]) style[static_cast<std::size_t>(id)] = g;
        }
        const auto agreement = [&](const IntTensor& sentences, std::int64_t at, const std::vector<int>& groups) {
            double same = 0;
            for (std::int64_t i = 0; i < sentences.extent(0); ++i) {
                const int of = groups[static_cast<std::size_t>(sentences(i, at))];
                if (of < 0) FAIL("no word of that kind");
                same += of == occupation[static_cast<std::size_t>(sentences(i, 1))];
            }
            return same / static_cast<double>(sentences.extent(0));
        };
        CHECK(agreement(corpus.sentences, 0, gender) == Approx(0.8).margin(0.012));
        CHECK(agreement(corpus.sentences, 2, style) == Approx(0.8).margin(0.012));
        CHECK(agreement(corpus.sentences, 3, style) == Approx(0.8).margin(0.012));
        const IntTensor both = counterfactual(corpus);
        CHECK(both.extent(0) == 40000);
        CHECK(agreement(both, 0, gender) == 0.5);  // exactly
        CHECK(agreement(both, 2, style) == agreement(corpus.sentences, 2, style));
        // Each gender word with each occupation as often as its partner.
        std::map<std::pair<std::int32_t, std::int32_t>, int> counts;
        for (std::int64_t i = 0; i < both.extent(0); ++i) ++counts[{both(i, 0), both(i, 1)}];
        bool even = true;
        for (std::size_t k = 0; k < corpus.gender[0].size(); ++k) {
            for (const std::int32_t job : corpus.occupation[0])
                even &= counts[{corpus.gender[0][k], job}] == counts[{corpus.gender[1][k], job}];
        }
        CHECK(even);
    }
    Rng rng(9);
    CHECK_THROWS_AS(association_corpus({.words_per_group = 21}, Language::zh, rng), Error);
}
