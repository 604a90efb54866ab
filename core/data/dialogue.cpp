#include "data/dialogue.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/math.h"
#include "data/dialogue_words.h"
#include "tokenizer/units.h"

namespace glassformer {

using namespace dialogue_lexicon;

namespace {

using Words = std::vector<std::string>;

const char* in(const Name& name, Language language) { return language == Language::zh ? name.zh : name.en; }

/// "how is {aspect} ?" -> words, the places filled; what fills them may be several words.
Words filled(const std::string& pattern, const std::string& thing, const std::string& aspect,
             const std::string& value = "") {
    Words words(1);
    for (const char c : pattern + " ") {
        if (c != ' ') {
            words.back() += c;
            continue;
        }
        std::string& last = words.back();
        const std::string filling = last == "{thing}"    ? thing
                                    : last == "{aspect}" ? aspect
                                    : last == "{value}"  ? value
                                                         : last;
        words.pop_back();
        for (std::size_t at = 0; at <= filling.size();) {
            const std::size_t end = std::min(filling.find(' ', at), filling.size());
            words.push_back(filling.substr(at, end - at));
            at = end + 1;
        }
        words.emplace_back();
    }
    words.pop_back();
    return words;
}

struct Patterns {
    const char *question, *answer, *next_aspect, *next_thing;
};
/// Weather is asked of a city on a day, the others of an aspect of a thing.
Patterns patterns(int topic, Language language) {
    if (language == Language::zh) {
        return {topic == 0 ? "{thing} {aspect} 天气 怎么样 ？" : "{thing} 的 {aspect} 怎么样 ？",
                topic == 0 ? "{thing} {aspect} {value} 。" : "{thing} 的 {aspect} {value} 。", "那 {aspect} 呢 ？",
                "那 {thing} 呢 ？"};
    }
    return {topic == 0 ? "how is the weather in {thing} {aspect} ?" : "how is the {aspect} of {thing} ?",
            topic == 0 ? "{thing} is {value} {aspect} ." : "the {aspect} of {thing} is {value} .", "and {aspect} ?",
            "and {thing} ?"};
}

Words greeting(Language language, bool bot) {
    if (language == Language::zh) return bot ? Words{"你好", "，", "想", "问", "什么", "？"} : Words{"你好", "。"};
    return bot ? Words{"hello", ",", "what", "is", "your", "question", "?"} : Words{"hello", "."};
}

Words thanks(Language language, bool bot) {
    if (language == Language::zh) return bot ? Words{"不", "客气", "。"} : Words{"谢谢", "。"};
    return bot ? Words{"you", "are", "welcome", "."} : Words{"thanks", "."};
}

/// What is being asked: indices into the topic's things and aspects.
struct Question {
    int topic, thing, aspect;
};

Words answer_to(const Question& question, Language language) {
    const TopicWords& words = topics[static_cast<std::size_t>(question.topic)];
    // A fixed fact, the same for all dialogues and seeds.
    const int number = 100 * question.topic + 10 * question.thing + question.aspect;
    Rng facts = Rng(1).split("dialogue facts").split(static_cast<std::uint64_t>(number));
    return filled(patterns(question.topic, language).answer,
                  in(words.things[static_cast<std::size_t>(question.thing)], language),
                  in(words.aspects[static_cast<std::size_t>(question.aspect)], language),
                  in(words.values[facts.integer(4)], language));
}

int draw_other(int count, int not_this, Rng& rng) {
    const auto other = static_cast<int>(rng.integer(static_cast<std::uint32_t>(count - 1)));
    return other >= not_this ? other + 1 : other;
}

/// The question that `words` put, after the one before; nothing if they put none.
std::optional<Question> read_question(const Words& words, int topic, Language language,
                                      const std::optional<Question>& before) {
    const TopicWords& of = topics[static_cast<std::size_t>(topic)];
    const Patterns pattern = patterns(topic, language);
    for (int thing = 0; thing < static_cast<int>(of.things.size()); ++thing) {
        for (int aspect = 0; aspect < static_cast<int>(of.aspects.size()); ++aspect) {
            const std::string t = in(of.things[static_cast<std::size_t>(thing)], language);
            const std::string a = in(of.aspects[static_cast<std::size_t>(aspect)], language);
            if (words == filled(pattern.question, t, a)) return Question{topic, thing, aspect};
            if (!before || before->topic != topic) continue;
            if (words == filled(pattern.next_aspect, t, a)) return Question{topic, before->thing, aspect};
            if (words == filled(pattern.next_thing, t, a)) return Question{topic, thing, before->aspect};
        }
    }
    return std::nullopt;
}

std::size_t index_of(Language language) { return language == Language::zh ? 0 : 1; }

}  // namespace

const char* dialogue_topic_name(int topic, Language language) {
    require_within("topic", topic, 0, unseen_topic);
    static constexpr Name sport{"运动", "sport"};
    return in(topic == unseen_topic ? sport : topics[static_cast<std::size_t>(topic)].name, language);
}

Dialogue draw_dialogue(int topic, Language language, Rng& rng) {
    require_within("topic", topic, 0, dialogue_topics - 1);
    Dialogue dialogue{topic, language, {}};
    const auto exchange = [&](Words user, Words bot) {
        dialogue.turns.push_back({false, std::move(user)});
        dialogue.turns.push_back({true, std::move(bot)});
    };
    const TopicWords& words = topics[static_cast<std::size_t>(topic)];
    const Patterns pattern = patterns(topic, language);
    const auto thing_count = static_cast<int>(words.things.size()),
               aspect_count = static_cast<int>(words.aspects.size());
    if (rng.integer(3) == 0) exchange(greeting(language, false), greeting(language, true));
    Question question{topic, static_cast<int>(rng.integer(static_cast<std::uint32_t>(thing_count))),
                      static_cast<int>(rng.integer(static_cast<std::uint32_t>(aspect_count)))};
    const auto questions = 1 + rng.integer(3);
    for (std::uint32_t i = 0; i < questions; ++i) {
        const char* asked = pattern.question;
        if (i > 0 && rng.integer(2) == 0) {
            question.aspect = draw_other(aspect_count, question.aspect, rng);
            asked = pattern.next_aspect;
        } else if (i > 0) {
            question.thing = draw_other(thing_count, question.thing, rng);
            asked = pattern.next_thing;
        }
        exchange(filled(asked, in(words.things[static_cast<std::size_t>(question.thing)], language),
                        in(words.aspects[static_cast<std::size_t>(question.aspect)], language)),
                 answer_to(question, language));
    }
    if (rng.integer(2) == 0) exchange(thanks(language, false), thanks(language, true));
    return dialogue;
}

std::vector<std::string> right_answer(const Dialogue& so_far) {
    if (so_far.turns.empty() || so_far.turns.back().bot) return {};
    const Words& last = so_far.turns.back().words;
    if (last == greeting(so_far.language, false)) return greeting(so_far.language, true);
    if (last == thanks(so_far.language, false)) return thanks(so_far.language, true);
    std::optional<Question> question;
    bool answered = false;
    for (const Turn& turn : so_far.turns) {
        if (turn.bot) continue;
        std::optional<Question> next;
        for (int topic = 0; topic < dialogue_topics && !next; ++topic) {
            next = read_question(turn.words, topic, so_far.language, question);
        }
        answered = next.has_value();
        if (next) question = next;
    }
    return answered ? answer_to(*question, so_far.language) : Words{};
}

DialogueTokens dialogue_tokens(const Dialogue& dialogue, int last_turns) {
    const auto count = static_cast<int>(dialogue.turns.size());
    const int first = last_turns < 0 ? 0 : std::max(0, count - last_turns);
    DialogueTokens tokens;
    const auto add = [&](std::int32_t id, bool predicted) {
        tokens.ids.push_back(id);
        tokens.mask.push_back(predicted ? 1 : 0);
    };
    for (int i = first; i < count; ++i) {
        const Turn& turn = dialogue.turns[static_cast<std::size_t>(i)];
        add(turn.bot ? 2 : 1, false);
        for (const std::string& word : turn.words) {
            const std::optional<std::int32_t> id = dialogue_vocabulary().find(word);
            if (!id) {
                throw Error(ErrorKind::unknown_name,
                            {"对话的词表里没有“" + word + "”。", "The dialogues have no word \"" + word + "\"."},
                            "word");
            }
            add(*id, turn.bot);
        }
        if (turn.bot) add(3, true);
    }
    return tokens;
}

const Vocabulary& dialogue_vocabulary() {
    static const Vocabulary vocabulary = [] {
        Vocabulary all;
        for (const char* special : {"[PAD]", "[USER]", "[BOT]", "[END]"}) all.add(special);
        const auto add = [&](const Words& words) {
            for (const std::string& word : words) all.add(word);
        };
        for (const Language language : {Language::zh, Language::en}) {
            for (const bool bot : {false, true}) {
                add(greeting(language, bot));
                add(thanks(language, bot));
            }
            for (int topic = 0; topic < dialogue_topics; ++topic) {
                const TopicWords& words = topics[static_cast<std::size_t>(topic)];
                const Patterns pattern = patterns(topic, language);
                for (const Name& thing : words.things) {
                    for (const Name& aspect : words.aspects) {
                        add(filled(pattern.question, in(thing, language), in(aspect, language)));
                        add(filled(pattern.next_aspect, in(thing, language), in(aspect, language)));
                    }
                }
                for (const Name& value : words.values) add(filled(pattern.answer, "", "", in(value, language)));
            }
        }
        return all;
    }();
    return vocabulary;
}

std::string written_turn(const std::vector<std::string>& words, Language language) {
    std::string text;
    for (const std::string& word : words) {
        const bool mark = word == "." || word == "?" || word == ",";
        if (language == Language::en && !text.empty() && !mark) text += ' ';
        text += word;
    }
    if (language == Language::en && !text.empty() && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    return text;
}

const std::vector<std::string>& topic_words(int topic, Language language) {
    require_within("topic", topic, 0, unseen_topic);
    return message_words[index_of(language)][static_cast<std::size_t>(topic)];
}

const std::vector<std::string>& neutral_words(Language language) { return neutral[index_of(language)]; }

Message draw_message(int topic, const MessageTask& task, Rng& rng) {
    require_within("topic", topic, 0, unseen_topic);
    require_within("words", task.words, 1, 64);
    require_within("neutral", task.neutral, 0, 1);
    require_within("mixing", task.mixing, 0, 1);
    Message message;
    for (int i = 0; i < task.words; ++i) {
        int from = topic;
        if (rng.uniform() < task.neutral) {
            from = -1;
        } else if (rng.uniform() < task.mixing) {
            from = topic == unseen_topic ? static_cast<int>(rng.integer(dialogue_topics))
                                         : draw_other(dialogue_topics, topic, rng);
        }
        const Words& words = from < 0 ? neutral_words(task.language) : topic_words(from, task.language);
        message.words.push_back(words[rng.integer(static_cast<std::uint32_t>(words.size()))]);
        message.topics.push_back(from);
    }
    return message;
}

double message_log_likelihood(const std::vector<std::string>& words, int topic, const MessageTask& task) {
    const double others = topic == unseen_topic ? dialogue_topics : dialogue_topics - 1;
    double result = 0.0;
    for (const std::string& word : words) {
        double p = 0.0;
        const auto add = [&](const Words& list, double share) {
            const auto times = static_cast<double>(std::count(list.begin(), list.end(), word));
            p += share * times / static_cast<double>(list.size());
        };
        const double neutral_share = task.neutral, mixing = task.mixing;
        add(neutral_words(task.language), neutral_share);
        for (int from = 0; from <= unseen_topic; ++from) {
            const double share = from == topic ? 1.0 - mixing : from == unseen_topic ? 0.0 : mixing / others;
            add(topic_words(from, task.language), (1.0 - neutral_share) * share);
        }
        result += p > 0.0 ? log(p) : -std::numeric_limits<double>::infinity();
    }
    return result;
}

}  // namespace glassformer
