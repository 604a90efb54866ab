#include <cmath>

#include "support/catch.h"
#include "support/runs.h"

using namespace glassformer;

namespace {

const std::vector<Table::Cell>& row_of(const Values& values, const std::string& intervention) {
    const auto& table = std::get<Table>(*values.find("interventions"));
    for (const auto& row : table.rows)
        if (std::get<std::string>(row[0]) == intervention) return row;
    throw std::runtime_error("no row " + intervention);
}
std::string said(const Values& values, const std::string& intervention) {
    return std::get<std::string>(row_of(values, intervention)[1]);
}
std::string text(const Values& values, const std::string& name) { return std::get<Text>(*values.find(name)).en; }

Error refusal_of(const std::string& source) {
    try {
        run_to_end("attention.cross", {{"text", source}, {"updates", std::int64_t{10}}});
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::internal, {"", ""});
}

}  // namespace

TEST_CASE("attention.cross translates dates in both word orders; the memory decides what is said") {
    const Values values = run_to_end("attention.cross", {{"intervention", std::string("swap_memory")}});
    CHECK(text(values, "translation") == "2024 年 3 月 5 日 星期二 </s>");
    CHECK(said(values, "none") == text(values, "translation"));
    CHECK(said(values, "reverse_rows") == text(values, "translation"));
    CHECK(said(values, "swap_memory") == "2017 年 7 月 9 日 星期日 </s>");
    CHECK(text(values, "said") == said(values, "swap_memory"));
    CHECK(scalar(values, "same") == 0.0);
    CHECK(said(values, "zero_memory") != text(values, "translation"));
    CHECK(std::get<TensorValue>(*values.find("attention")).axes[3].ticks.front() == "Sunday");

    const Values other = run_to_end("attention.cross", {{"intervention", std::string("delete_word")},
                                                        {"text", std::string("9 July 2017, Sunday")},
                                                        {"deleted", std::int64_t{7}}});
    CHECK(text(other, "translation") == "2017 年 7 月 9 日 星期日 </s>");
    CHECK(std::get<TensorValue>(*other.find("attention")).axes[3].ticks.back() == ",");  // the last word is gone
}

TEST_CASE("attention.cross: reversed rows move the columns of attention and nothing else") {
    const Settings short_run{{"updates", std::int64_t{20}}};
    Settings none = short_run;
    none["intervention"] = std::string("none");
    const DoubleTensor as_is = numbers(run_to_end("attention.cross", none), "attention");
    const DoubleTensor turned = numbers(run_to_end("attention.cross", short_run), "attention");
    REQUIRE(as_is.shape() == turned.shape());
    const std::int64_t keys = as_is.extent(3);
    for (std::int64_t r = 0; r < as_is.size() / keys; ++r)
        for (std::int64_t j = 0; j < keys; ++j)
            CHECK(std::abs(as_is[r * keys + j] - turned[r * keys + keys - 1 - j]) < 1e-6);
}

TEST_CASE("attention.cross refuses what it cannot read, naming the word") {
    CHECK(refusal_of("Tuesday, Mars 5, 2024").kind() == ErrorKind::out_of_range);
    CHECK(refusal_of("Tuesday, Mars 5, 2024").message().en.find("Mars") != std::string::npos);
    CHECK(refusal_of("Tuesday, Mars 5, 2024").parameter() == "text");
    CHECK(refusal_of("March").message().en.find("it has 1") != std::string::npos);
    CHECK(refusal_of("").parameter() == "text");
    CHECK(refusal_of("5 5 5 5 5 5 5 5 5").kind() == ErrorKind::out_of_range);
    CHECK_NOTHROW(run_to_end("attention.cross", {{"text", std::string("March 2024")},
                                                 {"updates", std::int64_t{10}},
                                                 {"intervention", std::string("delete_word")}}));
}

TEST_CASE("training.cross_ablation: without the bridge the loss stays at ln V, with it the task is learned") {
    const Settings fewer{{"updates", std::int64_t{400}}, {"n", std::int64_t{4}}, {"symbols", std::int64_t{6}}};
    const Values off = run_to_end("training.cross_ablation", fewer);
    CHECK(scalar(off, "floor") == std::log(6.0));
    CHECK(scalar(off, "final_loss") > std::log(6.0) - 0.03);
    CHECK(scalar(off, "encoder_gradient_norm") == 0.0);
    CHECK(scalar(off, "decoder_gradient_norm") > 0.0);
    for (const char* task : {"reverse", "copy"}) {
        Settings on = fewer;
        on["cross"] = true;
        on["task"] = std::string(task);
        const Values values = run_to_end("training.cross_ablation", on);
        CHECK(scalar(values, "final_loss") < 0.05);
        CHECK(scalar(values, "accuracy") == 1.0);
        CHECK(scalar(values, "encoder_gradient_norm") > 0.0);
    }
}
