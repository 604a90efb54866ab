#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch.h"
#include "tokenizer/vocabulary.h"

/// Dates as people write them in Chinese and English, to be translated into one form. Every written form names exactly
/// one date, so with the source the floor is 0.
namespace glassformer {

struct Date {
    int year = 2000;  ///< 1950 ... 2049, so that two digits of a year name one
    int month = 1;
    int day = 1;
    bool operator==(const Date&) const = default;
};
constexpr int first_year = 1950;
constexpr int last_year = 2049;

bool is_valid(const Date& date);
/// Days from 1950-01-01 (0) to 2049-12-31 (days_covered - 1), by the Gregorian calendar.
int day_number(const Date& date);
Date date_of(int day_number);
constexpr int days_covered = 36525;
/// 0 Monday ... 6 Sunday.
int weekday(const Date& date);

enum class DateForm {
    zh_arabic,         ///< 2024年3月5日
    zh_arabic_padded,  ///< 2024年03月05日
    zh_day_hao,        ///< 2024年3月5号
    zh_weekday,        ///< 2024年3月5日星期二
    zh_short_year,     ///< 24年3月5日
    zh_characters,     ///< 二零二四年三月五日
    zh_circle_zero,    ///< 二〇二四年三月五日
    zh_slashes,        ///< 2024/3/5
    zh_dots,           ///< 2024.3.5
    en_month_day,      ///< March 5, 2024
    en_short_month,    ///< Mar 5, 2024
    en_day_month,      ///< 5 March 2024
    en_ordinal,        ///< March 5th, 2024
    en_the_of,         ///< the 5th of March, 2024
    en_weekday,        ///< Tuesday, March 5, 2024
    en_slashes,        ///< 05/03/2024: day first
    en_short_slashes,  ///< 05/03/24: day first
    iso,               ///< 2024-03-05 (ISO 8601)
};
enum class Language { zh, en };

/// Error(out_of_range) for a date outside the calendar or the years covered.
std::string write_date(const Date& date, DateForm form);
/// All forms of a language, without iso.
const std::vector<DateForm>& date_forms(Language language);
/// The date that a text writes in any of the forms above; spaces at the ends and letter case do not matter. Nothing for
/// any other text.
std::optional<Date> read_date(std::string_view text);

struct DateTask {
    std::vector<DateForm> sources;  ///< drawn from evenly; all of both languages when empty
    DateForm target = DateForm::iso;
};
struct DatePair {
    std::string source;
    std::string target;
    DateForm form;
    Date date;
};
/// Every date of the hundred years equally likely.
DatePair draw_date(const DateTask& task, Rng& rng);

/// Texts as character ids, padded to the longest: [batch, n]. Ids: 0 padding, 1 start, 2 end, then the characters of
/// all forms.
const Vocabulary& date_characters();
constexpr std::int32_t padding_id = 0;
constexpr std::int32_t start_id = 1;
constexpr std::int32_t end_id = 2;
/// Error(unknown_name) naming a character that no date form has.
std::vector<std::int32_t> encode_date(std::string_view text);
/// inputs: sources; targets: target characters then end; mask: 1 up to the end. blind: ln(days) over the mean length of
/// a target, what a character costs without the source.
TokenBatch date_batch(const DateTask& task, int batch, Rng& rng);

}  // namespace glassformer
