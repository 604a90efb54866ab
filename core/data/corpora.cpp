#include "data/corpora.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace glassformer {
namespace {

using Words = std::vector<std::string>;

int pick(std::size_t count, Rng& rng) { return static_cast<int>(rng.integer(static_cast<std::uint32_t>(count))); }
const std::string& one_of(const Words& words, Rng& rng) {
    return words[static_cast<std::size_t>(pick(words.size(), rng))];
}
std::size_t index_of(Language language) { return language == Language::zh ? 0 : 1; }

struct ReviewWords {
    Words things, good, bad, degrees;
};
const std::array<ReviewWords, 2> reviews{{
    {{"电影", "小说", "餐厅", "课程", "手机", "酒店"},
     {"好", "有趣", "精彩", "出色"},
     {"差", "无聊", "糟糕", "乏味"},
     {"", "很", "太", "特别"}},
    {{"film", "novel", "restaurant", "course", "phone", "hotel"},
     {"good", "funny", "great", "pleasant"},
     {"bad", "boring", "awful", "annoying"},
     {"", "very", "so", "that"}},
}};

Words without_empty(Words words) {
    std::erase(words, "");
    return words;
}

struct Ambiguity {
    const char* word;
    Words first, second;  ///< clues of each sense
};
const std::array<std::vector<Ambiguity>, 2> ambiguities{{
    {{"包袱", {"衣服", "被子", "干粮"}, {"笑话", "相声", "笑点"}},
     {"杜鹃", {"小鸟", "翅膀", "鸟巢"}, {"花朵", "花瓣", "盆栽"}},
     {"苹果", {"水果", "果汁", "果园"}, {"手机", "电脑", "耳机"}},
     {"黄牛", {"牧场", "牛奶", "耕地"}, {"门票", "高价", "倒卖"}},
     {"出口", {"大门", "通道", "地铁"}, {"外贸", "海关", "货物"}},
     {"东西", {"物品", "行李", "箱子"}, {"方向", "南北", "马路"}}},
    {{"bank", {"money", "loan", "account"}, {"river", "water", "shore"}},
     {"bat", {"cave", "wings", "night"}, {"ball", "game", "player"}},
     {"spring", {"flowers", "april", "season"}, {"coil", "metal", "mattress"}},
     {"seal", {"ocean", "fish", "ice"}, {"envelope", "stamp", "wax"}},
     {"crane", {"feathers", "lake", "nest"}, {"construction", "steel", "tower"}},
     {"mouse", {"cheese", "tail", "cat"}, {"computer", "screen", "click"}}},
}};
const std::array<Words, 2> speakers{
    {{"小明", "老师", "妈妈", "记者", "邻居"}, {"tom", "anna", "mother", "john", "mary"}}};

struct AssociationWords {
    Words gender[2], occupation[2], style[2], neutral;
};
const std::array<AssociationWords, 2> associations{{
    {{{"他", "男人", "父亲", "儿子", "男孩"}, {"她", "女人", "母亲", "女儿", "女孩"}},
     {{"工程师", "司机", "木匠", "飞行员", "警察", "电工",   "程序员", "矿工", "保安", "厨师",
       "军人",   "船长", "律师", "经理",   "教授", "建筑师", "渔民",   "裁判", "铁匠", "搬运工"},
      {"护士", "秘书",   "保姆",   "幼师", "空姐", "裁缝", "收银员", "舞者", "护理员", "图书管理员",
       "前台", "美容师", "营业员", "编辑", "翻译", "会计", "花匠",   "模特", "导购",   "接线员"}},
     {{"工地", "机器", "方向盘", "图纸", "扳手", "安全帽", "汽油", "钢铁", "会议", "出差"},
      {"病房", "文件", "孩子", "教室", "针线", "柜台", "鲜花", "电话", "妆容", "书架"}},
     {"今天", "昨天", "附近", "城市", "早上", "晚上", "街道", "房子", "桌子", "天气",
      "时间", "朋友", "音乐", "咖啡", "火车", "窗户", "报纸", "公园", "河流", "星期"}},
    {{{"he", "man", "father", "son", "boy"}, {"she", "woman", "mother", "daughter", "girl"}},
     {{"engineer",  "driver",    "carpenter", "pilot",   "officer", "electrician", "programmer",
       "miner",     "guard",     "cook",      "soldier", "captain", "lawyer",      "manager",
       "professor", "architect", "fisher",    "referee", "smith",   "mover"},
      {"nurse",      "secretary",  "nanny",     "teacher",      "attendant",  "tailor",  "cashier",
       "dancer",     "caregiver",  "librarian", "receptionist", "beautician", "clerk",   "editor",
       "translator", "accountant", "florist",   "model",        "stylist",    "operator"}},
     {{"site", "machine", "wheel", "blueprint", "wrench", "helmet", "fuel", "steel", "meeting", "trip"},
      {"ward", "file", "child", "classroom", "needle", "counter", "bouquet", "telephone", "makeup", "shelf"}},
     {"today", "yesterday", "nearby", "city",   "morning", "evening", "street",    "house", "table", "weather",
      "time",  "friend",    "music",  "coffee", "train",   "window",  "newspaper", "park",  "river", "week"}},
}};

}  // namespace

LabelledSentence draw_review(Language language, Rng& rng) {
    const ReviewWords& words = reviews[index_of(language)];
    const bool zh = language == Language::zh;
    const bool good = pick(2, rng) == 1, negated = pick(2, rng) == 1;
    const std::string thing = one_of(words.things, rng), degree = one_of(words.degrees, rng);
    const std::string adjective = one_of(good ? words.good : words.bad, rng);
    LabelledSentence sentence;
    sentence.label = good != negated ? 1 : 0;
    sentence.words = without_empty(zh ? Words{"这个", thing, negated ? "不" : "", degree, adjective, "。"}
                                      : Words{"the", thing, "is", negated ? "not" : "", degree, adjective, "."});
    return sentence;
}

const Vocabulary& review_vocabulary() {
    static const Vocabulary vocabulary = [] {
        Vocabulary all;
        for (const char* word : {"[PAD]", "这个", "不", "。", "the", "is", "not", "."}) all.add(word);
        for (const ReviewWords& words : reviews) {
            for (const Words* list : {&words.things, &words.good, &words.bad, &words.degrees}) {
                for (const std::string& word : without_empty(*list)) all.add(word);
            }
        }
        return all;
    }();
    return vocabulary;
}

AmbiguousPair draw_ambiguous_pair(Language language, ClueSide side, Rng& rng) {
    const std::vector<Ambiguity>& all = ambiguities[index_of(language)];
    AmbiguousPair pair;
    pair.word = pick(all.size(), rng);
    const Ambiguity& chosen = all[static_cast<std::size_t>(pair.word)];
    const std::string speaker = one_of(speakers[index_of(language)], rng);
    const std::string clues[2] = {one_of(chosen.first, rng), one_of(chosen.second, rng)};
    const auto sentence = [&](const std::string& clue) {
        if (language == Language::zh) {
            return side == ClueSide::right ? Words{speaker, "提到", chosen.word, "，", "指", "的", "是", clue, "。"}
                                           : Words{"说起", clue, "，", speaker, "提到", chosen.word, "。"};
        }
        return side == ClueSide::right
                   ? Words{speaker, "spoke", "of", "the", chosen.word, "and", "meant", "the", clue, "."}
                   : Words{speaker, "meant", "the", clue, "and", "spoke", "of", "the", chosen.word, "."};
    };
    pair.first = sentence(clues[0]);
    pair.second = sentence(clues[1]);
    const auto place = [&](const std::string& word) {
        return static_cast<int>(std::find(pair.first.begin(), pair.first.end(), word) - pair.first.begin());
    };
    pair.ambiguous = place(chosen.word);
    pair.clue = place(clues[0]);
    return pair;
}

AssociationCorpus association_corpus(const AssociationTask& task, Language language, Rng& rng) {
    require_within("sentences", task.sentences, 1, 1e6);
    require_within("strength", task.strength, 0, 1);
    require_within("words_per_group", task.words_per_group, 1, 20);
    const AssociationWords& from = associations[index_of(language)];
    AssociationCorpus corpus;
    const auto add = [&](const Words& words, std::size_t count) {
        std::vector<std::int32_t> ids;
        for (std::size_t i = 0; i < count; ++i) {
            ids.push_back(static_cast<std::int32_t>(corpus.words.size()));
            corpus.words.push_back(words[i]);
        }
        return ids;
    };
    for (const int g : {0, 1}) {
        corpus.gender[g] = add(from.gender[g], from.gender[g].size());
        corpus.occupation[g] = add(from.occupation[g], static_cast<std::size_t>(task.words_per_group));
        corpus.style[g] = add(from.style[g], from.style[g].size());
    }
    corpus.neutral = add(from.neutral, from.neutral.size());
    const auto id_of = [&](const std::vector<std::int32_t>& ids) {
        return ids[static_cast<std::size_t>(pick(ids.size(), rng))];
    };
    const auto side = [&](int group) { return rng.uniform() < (1.0F + task.strength) / 2 ? group : 1 - group; };
    corpus.sentences = IntTensor({task.sentences, 6});
    for (std::int64_t i = 0; i < task.sentences; ++i) {
        const int group = pick(2, rng);
        const std::span<std::int32_t> row = corpus.sentences.row(i);
        row[0] = id_of(corpus.gender[side(group)]);
        row[1] = id_of(corpus.occupation[group]);
        for (const std::size_t at : {2U, 3U}) row[at] = id_of(corpus.style[side(group)]);
        for (const std::size_t at : {4U, 5U}) row[at] = id_of(corpus.neutral);
    }
    return corpus;
}

IntTensor counterfactual(const AssociationCorpus& corpus) {
    const std::int64_t count = corpus.sentences.extent(0), width = corpus.sentences.extent(1);
    std::vector<std::int32_t> other(corpus.words.size());
    for (std::size_t id = 0; id < other.size(); ++id) other[id] = static_cast<std::int32_t>(id);
    for (std::size_t k = 0; k < corpus.gender[0].size(); ++k) {
        other[static_cast<std::size_t>(corpus.gender[0][k])] = corpus.gender[1][k];
        other[static_cast<std::size_t>(corpus.gender[1][k])] = corpus.gender[0][k];
    }
    IntTensor both({2 * count, width});
    for (std::int64_t i = 0; i < count * width; ++i) {
        both[i] = corpus.sentences[i];
        both[count * width + i] = other[static_cast<std::size_t>(corpus.sentences[i])];
    }
    return both;
}

}  // namespace glassformer
