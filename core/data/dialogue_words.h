#pragma once

#include <array>
#include <string>
#include <vector>

namespace glassformer::dialogue_lexicon {

struct Name {
    const char *zh, *en;
};

/// What a topic's questions are about, and what can be asked of it.
struct TopicWords {
    Name name;
    std::array<Name, 5> things;
    std::array<Name, 3> aspects;
    std::array<Name, 4> values;
};

inline constexpr std::array<TopicWords, 4> topics{{
    {{"天气", "weather"},
     {{{"北京", "beijing"}, {"上海", "shanghai"}, {"广州", "guangzhou"}, {"昆明", "kunming"}, {"哈尔滨", "harbin"}}},
     {{{"今天", "today"}, {"明天", "tomorrow"}, {"周末", "this weekend"}}},
     {{{"晴天", "sunny"}, {"下雨", "rainy"}, {"多云", "cloudy"}, {"刮风", "windy"}}}},
    {{"美食", "food"},
     {{{"饺子", "dumplings"}, {"面条", "noodles"}, {"火锅", "hotpot"}, {"豆腐", "tofu"}, {"烤鸭", "roast duck"}}},
     {{{"味道", "taste"}, {"价格", "price"}, {"分量", "portion"}}},
     {{{"很好", "great"}, {"不错", "good"}, {"一般", "fair"}, {"不好", "poor"}}}},
    {{"旅行", "travel"},
     {{{"长城", "the great wall"},
       {"故宫", "the palace museum"},
       {"西湖", "west lake"},
       {"黄山", "mount huang"},
       {"三亚", "sanya"}}},
     {{{"风景", "view"}, {"交通", "transport"}, {"服务", "service"}}},
     {{{"很好", "great"}, {"不错", "good"}, {"一般", "fair"}, {"不好", "poor"}}}},
    {{"音乐", "music"},
     {{{"钢琴", "the piano"},
       {"吉他", "the guitar"},
       {"二胡", "the erhu"},
       {"笛子", "the flute"},
       {"古筝", "the guzheng"}}},
     {{{"声音", "sound"}, {"手感", "touch"}, {"外观", "look"}}},
     {{{"很好", "great"}, {"不错", "good"}, {"一般", "fair"}, {"不好", "poor"}}}},
}};

/// Words of messages by topic, the unseen one last.
inline const std::array<std::array<std::vector<std::string>, 5>, 2> message_words{{
    {{{"晴天", "下雨", "气温", "台风", "多云", "下雪", "湿度", "雨伞", "降温", "雾霾", "彩虹", "预报"},
      {"饺子", "面条", "火锅", "豆腐", "好吃", "菜单", "厨师", "辣椒", "早餐", "味道", "餐厅", "甜点"},
      {"机票", "酒店", "长城", "护照", "行李", "导游", "海滩", "火车", "景点", "地图", "签证", "旅程"},
      {"钢琴", "吉他", "歌手", "旋律", "节奏", "乐队", "演出", "歌词", "专辑", "二胡", "合唱", "耳机"},
      {"足球", "篮球", "比赛", "教练", "冠军", "跑步", "游泳", "球队", "进球", "裁判", "训练", "奖牌"}}},
    {{{"sunny", "rain", "temperature", "typhoon", "cloud", "snow", "humid", "umbrella", "storm", "fog", "rainbow",
       "forecast"},
      {"dumplings", "noodles", "hotpot", "tofu", "delicious", "menu", "chef", "pepper", "breakfast", "taste",
       "restaurant", "dessert"},
      {"flight", "hotel", "luggage", "passport", "guide", "beach", "train", "tour", "visa", "map", "museum", "journey"},
      {"piano", "guitar", "singer", "melody", "rhythm", "band", "concert", "lyrics", "album", "erhu", "choir",
       "headphones"},
      {"football", "basketball", "match", "coach", "champion", "running", "swimming", "team", "goal", "referee",
       "training", "medal"}}},
}};

inline const std::array<std::vector<std::string>, 2> neutral{{
    {"我", "你", "今天", "觉得", "可以", "一下", "怎么", "知道", "比较", "真的", "有点", "想"},
    {"i", "you", "think", "can", "please", "really", "know", "about", "want", "maybe", "very", "some"},
}};

}  // namespace glassformer::dialogue_lexicon
