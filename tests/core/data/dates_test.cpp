#include "data/dates.h"

#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "data_support.h"
#include "io/json_text.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

std::vector<DateForm> all_forms() {
    std::vector<DateForm> forms = date_forms(Language::zh);
    forms.insert(forms.end(), date_forms(Language::en).begin(), date_forms(Language::en).end());
    forms.push_back(DateForm::iso);
    return forms;
}

}  // namespace

TEST_CASE("the calendar: both ways over all days, leap years, known weekdays") {
    for (int day = 0; day < days_covered; ++day) {
        const Date date = date_of(day);
        if (!is_valid(date) || day_number(date) != day) FAIL("day " << day);
    }
    CHECK(date_of(days_covered - 1) == Date{2049, 12, 31});
    CHECK(is_valid({2024, 2, 29}));
    CHECK(is_valid({2000, 2, 29}));
    CHECK_FALSE(is_valid({2023, 2, 29}));
    CHECK_FALSE(is_valid({2024, 13, 1}));
    CHECK_FALSE(is_valid({2024, 4, 31}));
    CHECK_FALSE(is_valid({2050, 1, 1}));
    CHECK(weekday({1950, 1, 1}) == 6);   // a Sunday
    CHECK(weekday({2000, 1, 1}) == 5);   // a Saturday
    CHECK(weekday({2024, 3, 5}) == 1);   // a Tuesday
    CHECK(weekday({2024, 2, 29}) == 3);  // a Thursday
    CHECK_THROWS_AS(date_of(days_covered), Error);
}

TEST_CASE("one date in every form") {
    const Date date{2024, 3, 5};
    const std::map<DateForm, std::string> expected{
        {DateForm::zh_arabic, "2024年3月5日"},
        {DateForm::zh_arabic_padded, "2024年03月05日"},
        {DateForm::zh_day_hao, "2024年3月5号"},
        {DateForm::zh_weekday, "2024年3月5日星期二"},
        {DateForm::zh_short_year, "24年3月5日"},
        {DateForm::zh_characters, "二零二四年三月五日"},
        {DateForm::zh_circle_zero, "二〇二四年三月五日"},
        {DateForm::zh_slashes, "2024/3/5"},
        {DateForm::zh_dots, "2024.3.5"},
        {DateForm::en_month_day, "March 5, 2024"},
        {DateForm::en_short_month, "Mar 5, 2024"},
        {DateForm::en_day_month, "5 March 2024"},
        {DateForm::en_ordinal, "March 5th, 2024"},
        {DateForm::en_the_of, "the 5th of March, 2024"},
        {DateForm::en_weekday, "Tuesday, March 5, 2024"},
        {DateForm::en_slashes, "05/03/2024"},
        {DateForm::en_short_slashes, "05/03/24"},
        {DateForm::iso, "2024-03-05"},
    };
    CHECK(expected.size() == all_forms().size());
    for (const auto& [form, text] : expected) CHECK(write_date(date, form) == text);
    const std::pair<int, const char*> ordinals[] = {{1, "1st"},   {2, "2nd"},   {3, "3rd"},   {11, "11th"},
                                                    {12, "12th"}, {13, "13th"}, {21, "21st"}, {22, "22nd"},
                                                    {23, "23rd"}, {30, "30th"}, {31, "31st"}};
    for (const auto& [day, ordinal] : ordinals) {
        CHECK(write_date({2024, 1, day}, DateForm::en_the_of) == "the " + std::string(ordinal) + " of January, 2024");
    }
    CHECK(write_date({1999, 10, 20}, DateForm::zh_characters) == "一九九九年十月二十日");
    CHECK(write_date({2026, 11, 23}, DateForm::zh_circle_zero) == "二〇二六年十一月二十三日");
    CHECK(write_date({2005, 12, 31}, DateForm::zh_short_year) == "05年12月31日");
    CHECK_THROWS_AS(write_date({2023, 2, 29}, DateForm::iso), Error);
}

TEST_CASE("every written form names one date: over all days and forms, and read back as it") {
    std::map<std::string, int> seen;
    for (const DateForm form : all_forms()) {
        const bool read_all = form == DateForm::iso || form == DateForm::zh_characters;
        for (int day = 0; day < days_covered; ++day) {
            const std::string text = write_date(date_of(day), form);
            const auto [at, fresh] = seen.emplace(text, day);
            if (!fresh && at->second != day) FAIL(text << " names two dates");
            if ((read_all || day % 41 == 0) && read_date(text) != date_of(day)) FAIL(text << " is not read back");
        }
    }
    CHECK(seen.size() > 15U * days_covered);
}

TEST_CASE("what is no date is not read, whatever it looks like") {
    CHECK(read_date("  MARCH 5, 2024 ") == Date{2024, 3, 5});
    CHECK(read_date("05/03/50") == Date{1950, 3, 5});
    CHECK(read_date("05/03/49") == Date{2049, 3, 5});
    for (const char* text :
         {"", "2024", "2024-02-30", "2024-2-3", "13/13/2024", "Monday, March 5, 2024", "March 5st, 2024", "三月五日",
          "二零二四年十三月五日", "二零二四年三月五", "日月年", "2024年3月5", "99999999999999999999/1/1",
          "5 Mar 2024 x", "\xFF\xFE", "二0二四年三月五日"}) {
        INFO(text);
        CHECK_FALSE(read_date(text).has_value());
    }
    CHECK_FALSE(read_date(std::string(100000, '1')).has_value());
}

TEST_CASE("drawn dates: recorded bits, every day as likely, half in each language, valid UTF-8") {
    Rng rng(7);
    Fingerprint print;
    for (int i = 0; i < 50; ++i) {
        const DatePair pair = draw_date({}, rng);
        print << pair.source << pair.target;
    }
    print << date_batch({}, 8, rng);
    CHECK(print.value() == 0xBFD451F0AC087FA1ULL);
    std::map<int, int> decades;
    std::set<DateForm> forms;
    int chinese = 0;
    for (int i = 0; i < 20000; ++i) {
        const DatePair pair = draw_date({}, rng);
        ++decades[pair.date.year / 10];
        forms.insert(pair.form);
        chinese += pair.form <= DateForm::zh_dots;
        if (first_invalid_utf8(pair.source) != std::string::npos || pair.target != write_date(pair.date, DateForm::iso))
            FAIL(pair.source);
    }
    CHECK(forms.size() == 17);
    CHECK(std::abs(chinese - 10000) < 350);
    for (const auto& [decade, count] : decades) CHECK(std::abs(count - 2000) < 220);
    const DatePair only = draw_date({{DateForm::zh_circle_zero}, DateForm::en_day_month}, rng);
    CHECK(only.source == write_date(only.date, DateForm::zh_circle_zero));
    CHECK(only.target == write_date(only.date, DateForm::en_day_month));
}

TEST_CASE("batches of dates: characters by id, padded, the end counted; without the source a date costs ln(days)") {
    Rng rng(9);
    const TokenBatch batch = date_batch({}, 64, rng);
    CHECK(batch.targets.extent(1) == 11);
    bool right = true;
    for (std::int64_t b = 0; b < 64; ++b) {
        std::string target;
        for (std::int64_t t = 0; t < 10; ++t) target += date_characters().piece(batch.targets(b, t));
        std::string source;
        bool padding = false;
        for (const std::int32_t id : batch.inputs.row(b)) {
            padding |= id == padding_id;
            right &= padding == (id == padding_id);
            if (!padding) source += date_characters().piece(id);
        }
        right &= batch.targets(b, 10) == end_id && batch.mask(b, 10) == 1;
        right &= read_date(source).has_value() && write_date(*read_date(source), DateForm::iso) == target;
    }
    CHECK(right);
    CHECK(batch.blind * 11 == Approx(std::log(36525.0)).epsilon(1e-9));
    CHECK(batch.floor == 0.0);
    const TokenBatch mixed = date_batch({{}, DateForm::en_day_month}, 32, rng);
    for (std::int64_t b = 0; b < 32; ++b) {
        const auto targets = mixed.targets.row(b);
        const auto mask = mixed.mask.row(b);
        for (std::size_t t = 0; t < targets.size(); ++t) CHECK(mask[t] == (targets[t] != padding_id ? 1 : 0));
    }
    CHECK_THROWS_AS(encode_date("2024?"), Error);
    CHECK_THROWS_AS(encode_date("\xFF"), Error);
    CHECK(date_characters().size() < 100);
}
