#include "data/order.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "data_support.h"
#include "io/json_text.h"
#include "support/catch.h"

using namespace glassformer;

TEST_CASE("order pairs have the bits recorded for every compiler") {
    Rng rng(7);
    Fingerprint print;
    for (const OrderTask task : {OrderTask::first_symbol, OrderTask::mirror, OrderTask::toy_roles}) {
        print << order_pairs({.task = task}, 4, rng);
    }
    CHECK(print.value() == 0x6672AB7D5FB3FDBFULL);
}

TEST_CASE("both of a pair hold the same tokens and have opposite answers") {
    for (const OrderTask task : {OrderTask::first_symbol, OrderTask::mirror, OrderTask::toy_roles}) {
        Rng rng(2);
        const TokenBatch batch = order_pairs({.task = task, .length = 8, .vocabulary = 8}, 500, rng);
        bool right = true;
        int yes_first = 0;
        for (std::int64_t i = 0; i < 1000; i += 2) {
            const auto a = batch.inputs.row(i), b = batch.inputs.row(i + 1);
            right &= std::is_permutation(a.begin(), a.end(), b.begin()) && !std::equal(a.begin(), a.end(), b.begin());
            right &= batch.targets[i] + batch.targets[i + 1] == 1;
            yes_first += batch.targets[i];
            for (const auto row : {a, b}) {
                const std::int32_t target = batch.targets[row.data() == a.data() ? i : i + 1];
                if (task == OrderTask::toy_roles) {
                    right &= target == (row[0] == row[1] ? 1 : 0) && row[1] != row[3];
                } else {
                    const auto zero = std::find(row.begin(), row.end(), 0), one = std::find(row.begin(), row.end(), 1);
                    right &= target == (zero < one ? 1 : 0);
                    right &= std::count(row.begin(), row.end(), 0) == 1 && std::count(row.begin(), row.end(), 1) == 1;
                }
            }
            if (task == OrderTask::mirror) right &= std::equal(a.begin(), a.end(), b.rbegin());
        }
        CHECK(right);
        CHECK(std::abs(yes_first - 250) < 50);  // which of the two is first is no clue either
        CHECK(batch.blind == Approx(std::log(2.0)).epsilon(1e-9));
    }
}

TEST_CASE("as bags of tokens the classes of an order task cannot be told apart") {
    Rng rng(3);
    const TokenBatch batch = order_pairs({.task = OrderTask::toy_roles}, 300, rng);
    std::map<std::vector<std::int32_t>, int> balance;
    for (std::int64_t i = 0; i < 600; ++i) {
        std::vector<std::int32_t> bag(batch.inputs.row(i).begin(), batch.inputs.row(i).end());
        std::sort(bag.begin(), bag.end());
        balance[bag] += batch.targets[i] == 1 ? 1 : -1;
    }
    CHECK(std::all_of(balance.begin(), balance.end(), [](const auto& bag) { return bag.second == 0; }));
}

TEST_CASE("role words: one for each id, valid UTF-8, the languages apart") {
    const auto& words = role_words();
    REQUIRE(words.size() == 20);
    for (const std::string& word : words) CHECK(first_invalid_utf8(word) == std::string::npos);
    Rng rng(4);
    const TokenBatch batch = order_pairs({.task = OrderTask::toy_roles}, 200, rng);
    bool one_language = true;
    for (std::int64_t i = 0; i < 400; ++i) {
        for (const std::int32_t id : batch.inputs.row(i)) one_language &= id / 10 == batch.inputs(i, 0) / 10;
    }
    CHECK(one_language);
}

TEST_CASE("relations between places, by hand") {
    const auto row = [](const IntTensor& targets, std::int64_t i) {
        return std::vector<std::int32_t>(targets.row(i).begin(), targets.row(i).end());
    };
    CHECK(row(relation_targets(Relation::next_cyclic, 5), 4) == std::vector<std::int32_t>{0});
    CHECK(row(relation_targets(Relation::mirror, 5), 1) == std::vector<std::int32_t>{3});
    CHECK(row(relation_targets(Relation::next_neighbours, 5, 3), 3) == std::vector<std::int32_t>{4, 0, 1});
    CHECK_THROWS_AS(relation_targets(Relation::next_cyclic, 5, 2), Error);
    CHECK_THROWS_AS(relation_targets(Relation::next_neighbours, 5, 6), Error);
}
