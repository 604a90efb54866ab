// Reads a date back. Numbers and words are cut out first; then the date they could mean is written in every form, and
// the text must be one of these. So the reader cannot disagree with the writer: 05/13/2024 or a wrong weekday name
// nothing.
#include <algorithm>

#include "data/date_words.h"
#include "data/dates.h"
#include "tokenizer/units.h"

namespace glassformer {
namespace {

std::string trimmed_lower(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

int chinese_digit(std::string_view character) {
    if (character == "〇") return 0;
    const auto* found = std::find(chinese_digits.begin(), chinese_digits.end(), character);
    return found == chinese_digits.end() ? -1 : static_cast<int>(found - chinese_digits.begin());
}

/// 二零二四 or 二〇二四 as 2024; -1 for anything else.
int chinese_year(const std::string& text) {
    int value = 0;
    for (std::size_t at = 0; at < text.size(); at += character_length(text, at)) {
        const int digit = chinese_digit(text.substr(at, character_length(text, at)));
        if (digit < 0 || value >= 1000) return -1;
        value = value * 10 + digit;
    }
    return value;
}

/// 一 ... 三十一 as 1 ... 31; -1 for anything else.
int chinese_number(const std::string& text) {
    for (int number = 1; number <= 31; ++number) {
        if (number_in_chinese(number) == text) return number;
    }
    return -1;
}

int full_year(int year) { return year >= 100 ? year : year + (year >= first_year % 100 ? 1900 : 2000); }

/// Runs of arabic digits, in order.
std::vector<int> arabic_numbers(const std::string& text) {
    std::vector<int> numbers;
    bool inside = false;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && !inside) numbers.push_back(0);
        if (digit) numbers.back() = std::min(100000, numbers.back() * 10 + (c - '0'));
        inside = digit;
    }
    return numbers;
}

std::vector<Date> candidates(const std::string& text) {
    std::vector<Date> dates;
    const std::vector<int> numbers = arabic_numbers(text);
    if (numbers.size() == 3) {
        dates.push_back({full_year(numbers[0]), numbers[1], numbers[2]});
        dates.push_back({full_year(numbers[2]), numbers[1], numbers[0]});
    }
    for (int month = 1; month <= 12 && numbers.size() == 2; ++month) {
        const std::string name = trimmed_lower(month_names[static_cast<std::size_t>(month - 1)]).substr(0, 3);
        if (text.find(name) != std::string::npos) dates.push_back({numbers[1], month, numbers[0]});
    }
    const std::size_t year = text.find("年"), month = text.find("月"), day = text.find("日");
    if (year != std::string::npos && month != std::string::npos && day != std::string::npos && year < month &&
        month < day) {
        const std::size_t mark = std::string("年").size();
        dates.push_back({chinese_year(text.substr(0, year)),
                         chinese_number(text.substr(year + mark, month - year - mark)),
                         chinese_number(text.substr(month + mark, day - month - mark))});
    }
    return dates;
}

}  // namespace

std::optional<Date> read_date(std::string_view text) {
    if (text.size() > 100) return std::nullopt;
    const std::string lower = trimmed_lower(text);
    for (const Date& date : candidates(lower)) {
        if (!is_valid(date)) continue;
        const auto matches = [&](DateForm form) { return trimmed_lower(write_date(date, form)) == lower; };
        if (matches(DateForm::iso)) return date;
        for (const Language language : {Language::zh, Language::en}) {
            const std::vector<DateForm>& forms = date_forms(language);
            if (std::any_of(forms.begin(), forms.end(), matches)) return date;
        }
    }
    return std::nullopt;
}

}  // namespace glassformer
