#include "data/dates.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/math.h"
#include "data/date_words.h"
#include "io/json_text.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(int month, int year) {
    static constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap(year) ? 1 : 0);
}

std::string padded(int number, int width) {
    std::string text = std::to_string(number);
    return std::string(static_cast<std::size_t>(std::max(0, width - static_cast<int>(text.size()))), '0') + text;
}

/// 2024 -> 二零二四, digit by digit.
std::string digits_in_chinese(int number, const char* zero) {
    std::string text;
    for (const char digit : std::to_string(number)) {
        text += digit == '0' ? zero : chinese_digits[static_cast<std::size_t>(digit - '0')];
    }
    return text;
}

std::string chinese(const Date& date, const char* zero) {
    return digits_in_chinese(date.year, zero) + "年" + number_in_chinese(date.month) + "月" +
           number_in_chinese(date.day) + "日";
}

std::string ordinal(int day) {
    const int last = day % 10;
    const bool teen = day / 10 == 1;
    return std::to_string(day) + (last == 1 && !teen   ? "st"
                                  : last == 2 && !teen ? "nd"
                                  : last == 3 && !teen ? "rd"
                                                       : "th");
}

}  // namespace

std::string number_in_chinese(int number) {
    std::string text;
    if (number >= 20) text += chinese_digits[static_cast<std::size_t>(number / 10)];
    if (number >= 10) text += "十";
    if (number % 10 != 0) text += chinese_digits[static_cast<std::size_t>(number % 10)];
    return text;
}

bool is_valid(const Date& date) {
    return date.year >= first_year && date.year <= last_year && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= days_in(date.month, date.year);
}

int day_number(const Date& date) {
    int days = date.day - 1;
    for (int month = 1; month < date.month; ++month) days += days_in(month, date.year);
    for (int year = first_year; year < date.year; ++year) days += is_leap(year) ? 366 : 365;
    return days;
}

Date date_of(int day_number) {
    require_within("day_number", day_number, 0, days_covered - 1);
    Date date{first_year, 1, 1};
    for (int length = 365; day_number >= length; length = is_leap(date.year) ? 366 : 365) {
        day_number -= length;
        ++date.year;
    }
    for (; day_number >= days_in(date.month, date.year); ++date.month) day_number -= days_in(date.month, date.year);
    date.day = day_number + 1;
    return date;
}

int weekday(const Date& date) { return (day_number(date) + 6) % 7; }  // 1950-01-01 was a Sunday

std::string write_date(const Date& date, DateForm form) {
    const std::string y = std::to_string(date.year), m = std::to_string(date.month), d = std::to_string(date.day);
    if (!is_valid(date)) {
        const std::string given = y + "-" + m + "-" + d;
        throw Error(ErrorKind::out_of_range,
                    {given + " 不是 1950 到 2049 年间的日期。", given + " is no date between 1950 and 2049."}, "date");
    }
    const std::string yy = padded(date.year % 100, 2), mm = padded(date.month, 2), dd = padded(date.day, 2);
    const std::string name = month_names[static_cast<std::size_t>(date.month - 1)];
    switch (form) {
        case DateForm::zh_arabic: return y + "年" + m + "月" + d + "日";
        case DateForm::zh_arabic_padded: return y + "年" + mm + "月" + dd + "日";
        case DateForm::zh_day_hao: return y + "年" + m + "月" + d + "号";
        case DateForm::zh_weekday:
            return y + "年" + m + "月" + d + "日星期" + chinese_weekdays[static_cast<std::size_t>(weekday(date))];
        case DateForm::zh_short_year: return yy + "年" + m + "月" + d + "日";
        case DateForm::zh_characters: return chinese(date, "零");
        case DateForm::zh_circle_zero: return chinese(date, "〇");
        case DateForm::zh_slashes: return y + "/" + m + "/" + d;
        case DateForm::zh_dots: return y + "." + m + "." + d;
        case DateForm::en_month_day: return name + " " + d + ", " + y;
        case DateForm::en_short_month: return name.substr(0, 3) + " " + d + ", " + y;
        case DateForm::en_day_month: return d + " " + name + " " + y;
        case DateForm::en_ordinal: return name + " " + ordinal(date.day) + ", " + y;
        case DateForm::en_the_of: return "the " + ordinal(date.day) + " of " + name + ", " + y;
        case DateForm::en_weekday:
            return std::string(weekday_names[static_cast<std::size_t>(weekday(date))]) + ", " + name + " " + d + ", " +
                   y;
        case DateForm::en_slashes: return dd + "/" + mm + "/" + y;
        case DateForm::en_short_slashes: return dd + "/" + mm + "/" + yy;
        case DateForm::iso: break;
    }
    return y + "-" + mm + "-" + dd;
}

const std::vector<DateForm>& date_forms(Language language) {
    static const std::vector<DateForm> zh{DateForm::zh_arabic,      DateForm::zh_arabic_padded, DateForm::zh_day_hao,
                                          DateForm::zh_weekday,     DateForm::zh_short_year,    DateForm::zh_characters,
                                          DateForm::zh_circle_zero, DateForm::zh_slashes,       DateForm::zh_dots};
    static const std::vector<DateForm> en{DateForm::en_month_day, DateForm::en_short_month,  DateForm::en_day_month,
                                          DateForm::en_ordinal,   DateForm::en_the_of,       DateForm::en_weekday,
                                          DateForm::en_slashes,   DateForm::en_short_slashes};
    return language == Language::zh ? zh : en;
}

DatePair draw_date(const DateTask& task, Rng& rng) {
    const Date date = date_of(static_cast<int>(rng.integer(days_covered)));
    const auto pick = [&](const std::vector<DateForm>& forms) {
        return forms[rng.integer(static_cast<std::uint32_t>(forms.size()))];
    };
    // Half Chinese, half English, however many forms each has.
    const DateForm form = !task.sources.empty() ? pick(task.sources)
                                                : pick(date_forms(rng.integer(2) == 0 ? Language::zh : Language::en));
    return {write_date(date, form), write_date(date, task.target), form, date};
}

const Vocabulary& date_characters() {
    static const Vocabulary vocabulary = [] {
        Vocabulary characters;
        for (const char* special : {"[PAD]", "[START]", "[END]"}) characters.add(special);
        for (const Language language : {Language::zh, Language::en}) {
            for (const DateForm form : date_forms(language)) {
                // Every tenth day: all months, weekdays, days and digits come up.
                for (int day = 0; day < days_covered; day += 10) {
                    const std::string text = write_date(date_of(day), form);
                    for (std::size_t at = 0; at < text.size(); at += character_length(text, at)) {
                        characters.add(text.substr(at, character_length(text, at)));
                    }
                }
            }
        }
        characters.add("-");
        return characters;
    }();
    return vocabulary;
}

std::vector<std::int32_t> encode_date(std::string_view text) {
    if (first_invalid_utf8(text) != std::string_view::npos) {
        throw Error(ErrorKind::malformed, {"日期不是合法的 UTF-8。", "The date is not valid UTF-8."}, "date");
    }
    std::vector<std::int32_t> ids;
    for (std::size_t at = 0; at < text.size(); at += character_length(text, at)) {
        const std::string_view character = text.substr(at, character_length(text, at));
        const std::optional<std::int32_t> id = date_characters().find(character);
        if (!id) {
            const std::string given(character);
            throw Error(ErrorKind::unknown_name,
                        {"日期里不会有“" + given + "”。", "\"" + given + "\" occurs in no form of a date."}, "date");
        }
        ids.push_back(*id);
    }
    return ids;
}

TokenBatch date_batch(const DateTask& task, int batch, Rng& rng) {
    require_within("batch", batch, 1, 65536);
    std::vector<std::vector<std::int32_t>> sources, targets;
    std::size_t longest_source = 0, longest_target = 0, characters = 0;
    for (int b = 0; b < batch; ++b) {
        const DatePair pair = draw_date(task, rng);
        sources.push_back(encode_date(pair.source));
        targets.push_back(encode_date(pair.target));
        targets.back().push_back(end_id);
        longest_source = std::max(longest_source, sources.back().size());
        longest_target = std::max(longest_target, targets.back().size());
        characters += targets.back().size();
    }
    const auto n = static_cast<std::int64_t>(longest_source), m = static_cast<std::int64_t>(longest_target);
    TokenBatch result{IntTensor({batch, n}, padding_id), IntTensor({batch, m}, padding_id), BoolTensor({batch, m}), 0.0,
                      log(static_cast<double>(days_covered)) * batch / static_cast<double>(characters)};
    for (std::int64_t b = 0; b < batch; ++b) {
        const auto& source = sources[static_cast<std::size_t>(b)];
        const auto& target = targets[static_cast<std::size_t>(b)];
        std::copy(source.begin(), source.end(), result.inputs.row(b).begin());
        std::copy(target.begin(), target.end(), result.targets.row(b).begin());
        std::fill_n(result.mask.row(b).begin(), target.size(), std::uint8_t{1});
    }
    return result;
}

}  // namespace glassformer
