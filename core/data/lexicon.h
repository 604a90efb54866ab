#pragma once

#include <array>
#include <vector>

/// The words of the bilingual grammar (data/grammar.h).
namespace glassformer::lexicon {

enum Kind : unsigned { animal = 1, human = 2, thing = 4 };

struct Noun {
    const char *zh, *measure, *singular, *plural;
    unsigned kind;
    int topic;  ///< of a thing; other for the living
};
struct Verb {
    const char *zh, *base, *third, *past;
    int topic;                   ///< 0 ... 3: takes things of that topic; 4: any object of `objects`
    unsigned subjects, objects;  ///< kinds; objects 0: intransitive
};
struct Adjective {
    const char *zh, *en;
    unsigned kinds;
};
struct Place {
    const char *zh, *en;
};

inline constexpr int topic_food = 0, topic_letters = 1, topic_play = 2, topic_garden = 3, topic_other = 4;

inline constexpr std::array<Noun, 22> nouns{{
    {"猫", "只", "cat", "cats", animal, topic_other},
    {"狗", "只", "dog", "dogs", animal, topic_other},
    {"鸟", "只", "bird", "birds", animal, topic_other},
    {"兔子", "只", "rabbit", "rabbits", animal, topic_other},
    {"孩子", "个", "child", "children", human, topic_other},
    {"学生", "个", "student", "students", human, topic_other},
    {"老师", "位", "teacher", "teachers", human, topic_other},
    {"医生", "位", "doctor", "doctors", human, topic_other},
    {"农民", "位", "farmer", "farmers", human, topic_other},
    {"厨师", "位", "chef", "chefs", human, topic_other},
    {"苹果", "个", "apple", "apples", thing, topic_food},
    {"鸡蛋", "个", "egg", "eggs", thing, topic_food},
    {"蛋糕", "块", "cake", "cakes", thing, topic_food},
    {"书", "本", "book", "books", thing, topic_letters},
    {"信", "封", "letter", "letters", thing, topic_letters},
    {"地图", "张", "map", "maps", thing, topic_letters},
    {"球", "个", "ball", "balls", thing, topic_play},
    {"风筝", "只", "kite", "kites", thing, topic_play},
    {"玩具", "个", "toy", "toys", thing, topic_play},
    {"花", "朵", "flower", "flowers", thing, topic_garden},
    {"树", "棵", "tree", "trees", thing, topic_garden},
    {"蘑菇", "个", "mushroom", "mushrooms", thing, topic_garden},
}};

inline constexpr std::array<Verb, 19> verbs{{
    {"吃", "eat", "eats", "ate", topic_food, animal | human, thing},
    {"买", "buy", "buys", "bought", topic_food, human, thing},
    {"洗", "wash", "washes", "washed", topic_food, human, thing},
    {"寄", "send", "sends", "sent", topic_letters, human, thing},
    {"借", "borrow", "borrows", "borrowed", topic_letters, human, thing},
    {"研究", "study", "studies", "studied", topic_letters, human, thing},
    {"扔", "throw", "throws", "threw", topic_play, human, thing},
    {"拿", "take", "takes", "took", topic_play, animal | human, thing},
    {"修", "fix", "fixes", "fixed", topic_play, human, thing},
    {"种", "plant", "plants", "planted", topic_garden, human, thing},
    {"浇", "water", "waters", "watered", topic_garden, human, thing},
    {"画", "draw", "draws", "drew", topic_garden, human, thing},
    {"看见", "see", "sees", "saw", topic_other, animal | human, animal | human | thing},
    {"追", "chase", "chases", "chased", topic_other, animal | human, animal | human},
    {"帮", "help", "helps", "helped", topic_other, human, animal | human},
    {"跑步", "run", "runs", "ran", topic_other, animal | human, 0},
    {"睡觉", "sleep", "sleeps", "slept", topic_other, animal | human, 0},
    {"唱歌", "sing", "sings", "sang", topic_other, animal | human, 0},
    {"游泳", "swim", "swims", "swam", topic_other, animal | human, 0},
}};

inline constexpr std::array<Adjective, 10> adjectives{{
    {"黑色", "black", animal | thing},
    {"白色", "white", animal | thing},
    {"红色", "red", thing},
    {"大", "big", animal | thing},
    {"小", "small", animal | thing},
    {"新", "new", thing},
    {"旧", "old", thing},
    {"高", "tall", human},
    {"年轻", "young", animal | human},
    {"快乐", "happy", animal | human},
}};

inline constexpr std::array<Place, 5> places{
    {{"公园", "park"}, {"学校", "school"}, {"厨房", "kitchen"}, {"花园", "garden"}, {"房间", "room"}}};

inline constexpr std::array<Place, 5> topics{
    {{"食物", "food"}, {"书信", "letters"}, {"玩耍", "play"}, {"花园", "garden"}, {"其他", "other"}}};

/// Indices of what goes together.
inline std::vector<int> nouns_of(unsigned kinds, int topic = topic_other) {
    std::vector<int> found;
    for (std::size_t i = 0; i < nouns.size(); ++i) {
        const bool about = topic == topic_other || nouns[i].topic == topic;
        if ((nouns[i].kind & kinds) != 0 && about) found.push_back(static_cast<int>(i));
    }
    return found;
}
inline std::vector<int> adjectives_of(unsigned kinds) {
    std::vector<int> found;
    for (std::size_t i = 0; i < adjectives.size(); ++i) {
        if ((adjectives[i].kinds & kinds) != 0) found.push_back(static_cast<int>(i));
    }
    return found;
}
inline std::vector<int> verbs_of(bool transitive) {
    std::vector<int> found;
    for (std::size_t i = 0; i < verbs.size(); ++i) {
        if ((verbs[i].objects != 0) == transitive) found.push_back(static_cast<int>(i));
    }
    return found;
}

}  // namespace glassformer::lexicon
