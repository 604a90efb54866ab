#pragma once

#include <string>
#include <vector>

#include "data/batch.h"
#include "data/dates.h"
#include "tokenizer/vocabulary.h"

/// Short dialogues by template, and messages on a topic for judging what is off topic (plan, 6-01).
namespace glassformer {

/// 0 weather, 1 food, 2 travel, 3 music; 4 sport is for messages only: a topic that nothing is trained on.
constexpr int dialogue_topics = 4;
constexpr int unseen_topic = 4;
const char* dialogue_topic_name(int topic, Language language);

struct Turn {
    bool bot = false;
    std::vector<std::string> words;
};
struct Dialogue {
    int topic = 0;
    Language language = Language::zh;
    std::vector<Turn> turns;  ///< user and bot by turns, the user first
};
/// A greeting at times, one to three questions, thanks at the end. A later question names only what is new ("那明天
/// 呢？", "and tomorrow?"): its answer needs the turns before. Every answer is a fixed fact of (topic, thing, aspect),
/// so with the history the floor of the bot's words is 0.
Dialogue draw_dialogue(int topic, Language language, Rng& rng);
/// The bot's right answer after these turns (the last is the user's); nothing where the user asked nothing known.
std::vector<std::string> right_answer(const Dialogue& so_far);

/// A dialogue as one stream: [USER] words [BOT] words [END] ...; mask: the bot's words and their [END], the only ones a
/// dialogue model is trained on. Only the last context_turns turns before each answer need be given; -1 gives all.
struct DialogueTokens {
    std::vector<std::int32_t> ids;
    std::vector<std::uint8_t> mask;  ///< 1: this id is to be predicted
};
DialogueTokens dialogue_tokens(const Dialogue& dialogue, int last_turns = -1);
/// [PAD] 0, [USER] 1, [BOT] 2, [END] 3, then all words of both languages.
const Vocabulary& dialogue_vocabulary();
/// Words as they are written: no spaces in Chinese, a capital first in English.
std::string written_turn(const std::vector<std::string>& words, Language language);

/// A message as a bag of words: each word is neutral, or of the topic, or (mixing) of another of the known topics.
struct MessageTask {
    int words = 8;         ///< 1 ... 64
    float neutral = 0.4F;  ///< share of words that say nothing, 0 ... 1
    float mixing = 0.1F;   ///< of the others: share from other topics, 0 ... 1
    Language language = Language::zh;
};
struct Message {
    std::vector<std::string> words;
    std::vector<int> topics;  ///< of each word; -1: neutral
};
Message draw_message(int topic, const MessageTask& task, Rng& rng);
/// ln p(words | topic), exact: what the best possible detector goes by. -inf for a word that the topic cannot say.
double message_log_likelihood(const std::vector<std::string>& words, int topic, const MessageTask& task);
const std::vector<std::string>& topic_words(int topic, Language language);
const std::vector<std::string>& neutral_words(Language language);

}  // namespace glassformer
