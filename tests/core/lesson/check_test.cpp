#include "lesson/check.h"

#include "base/error.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

Setting tying(ParameterMap parameters = {}) {
    parameters.try_emplace("updates", std::int64_t{20});
    return {&find_experiment("attention.qk_tying"), std::move(parameters), 1};
}

CheckOutcome judge(const Json& json, const Setting& setting, bool full = false) {
    CheckOptions options;
    options.full = full;
    CheckJob job(setting, Check::from_json(json, *setting.experiment), options);
    int steps = 0;
    while (job.advance()) {
        REQUIRE(++steps < 100000);
    }
    CHECK(job.finished());
    return job.outcome();
}

using Status = CheckOutcome::Status;

}  // namespace

TEST_CASE("a theorem passes over its domain, and one that is false is caught there") {
    const Json floor{{"kind", "theorem"},
                     {"left", "loss"},
                     {"op", ">="},
                     {"right", "ln(3)"},
                     {"over", "frames"},
                     {"tolerance", {{"abs", 1e-4}}},
                     {"domain", {{"mode", {"tied"}}, {"relation", {"next_cyclic"}}}}};
    CHECK(judge(floor, tying()).status == Status::pass);
    const CheckOutcome full = judge(floor, tying(), true);
    CHECK(full.status == Status::pass);
    CHECK(full.runs > 20);  // corners and random settings of the domain
    Json wrong = floor;
    wrong["right"] = "ln(3) + 0.5";
    wrong["domain"]["n"] = {3, 5};
    const CheckOutcome failed = judge(wrong, tying({{"updates", std::int64_t{300}}}), true);
    CHECK(failed.status == Status::fail);
    CHECK(!failed.worst.empty());
}

TEST_CASE("outside its domain a theorem moves into it; on the page it is not claimed") {
    const Json check{
        {"kind", "theorem"}, {"left", "asymmetry"}, {"op", "<="}, {"right", 1e-6}, {"domain", {{"mode", {"tied"}}}}};
    CHECK(judge(check, tying({{"mode", std::string("separate")}})).status == Status::pass);
    const Experiment& experiment = find_experiment("attention.qk_tying");
    const Arguments arguments =
        complete_arguments(experiment, {{"mode", std::string("separate")}, {"updates", std::int64_t{10}}});
    Run run = start(experiment, arguments, Context{});
    run.advance();
    const CheckOutcome outcome = check_on_run(Check::from_json(check, experiment), experiment, arguments, 1,
                                              run.frame().values(), false, nullptr);
    CHECK(outcome.status == Status::not_claimed);
}

TEST_CASE("runs are compared by name, sweeps and seeds multiply them") {
    const Json compare{{"kind", "empirical"}, {"runs", {{"a", {{"mode", "separate"}}}, {"b", {{"mode", "tied"}}}}},
                       {"left", "a.loss"},    {"op", "<"},
                       {"right", "b.loss"},   {"sweep", {{"n", {6, 8}}}},
                       {"seeds", {1, 2, 3}}};
    const Setting setting = tying({{"updates", std::int64_t{100}}});
    CHECK(judge(compare, setting).runs == 2);
    const CheckOutcome full = judge(compare, setting, true);
    CHECK(full.status == Status::pass);
    CHECK(full.runs == 2 * (3 + 2 * 3));
}

TEST_CASE("a check whose runs differ from the claim fails with both numbers") {
    const Json wrong{{"kind", "empirical"}, {"left", "loss"}, {"op", "<"}, {"right", 0.5}};
    const CheckOutcome outcome = judge(wrong, tying());
    CHECK(outcome.status == Status::fail);
    CHECK(outcome.sides->left > 1.0);
    CHECK(outcome.sides->right == 0.5);
    CHECK(outcome.shown.find("0.5") != std::string::npos);
}

TEST_CASE("checks that name what is not there are errors, not passes") {
    const Experiment& experiment = find_experiment("attention.qk_tying");
    CHECK_THROWS_AS(
        Check::from_json(
            {{"kind", "empirical"}, {"left", "loss"}, {"op", "<"}, {"right", 1}, {"sweep", {{"heads", {1}}}}},
            experiment),
        Error);
    CHECK_THROWS_AS(Check::from_json({{"kind", "sure"}, {"left", "loss"}, {"op", "<"}, {"right", 1}}, experiment),
                    Error);
    CHECK(judge({{"kind", "empirical"}, {"left", "nothing"}, {"op", "<"}, {"right", 1}}, tying()).status ==
          Status::error);
}

TEST_CASE("a median over seeds needs all of them") {
    const Json median{{"kind", "empirical"}, {"left", "loss"},           {"op", "<"},
                      {"right", 10},         {"seeds", {1, 2, 3, 4, 5}}, {"require", "median"}};
    CHECK(judge(median, tying()).runs == 5);
}
