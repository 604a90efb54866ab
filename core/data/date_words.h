#pragma once

#include <array>
#include <string>

namespace glassformer {

inline constexpr std::array<const char*, 10> chinese_digits{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
inline constexpr std::array<const char*, 7> chinese_weekdays{"一", "二", "三", "四", "五", "六", "日"};
inline constexpr std::array<const char*, 12> month_names{"January",   "February", "March",    "April",
                                                         "May",       "June",     "July",     "August",
                                                         "September", "October",  "November", "December"};
inline constexpr std::array<const char*, 7> weekday_names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                          "Friday", "Saturday", "Sunday"};

/// 1 ... 31 -> 一 ... 三十一.
std::string number_in_chinese(int number);

}  // namespace glassformer
