#include "lesson/session.h"

#include <cstring>

#include "support/catch.h"

using namespace glassformer;

namespace {

struct Client {
    double clock = 0.0;
    Session session{{.milliseconds = [this] { return clock += 1.0; }}};

    Json ask(const std::string& answer) { return Json::parse(answer); }
    std::int32_t start(const std::string& experiment, Json parameters = Json::object()) {
        const Json answer =
            ask(session.start(Json{{"experiment", experiment}, {"parameters", parameters}, {"seed", 1}}.dump()));
        REQUIRE(answer.contains("handle"));
        return answer["handle"];
    }
    std::string error(const std::string& answer) {
        const Json json = ask(answer);
        REQUIRE(json.contains("error"));
        CHECK(!json["error"]["message"]["zh"].get<std::string>().empty());
        CHECK(!json["error"]["message"]["en"].get<std::string>().empty());
        return json["error"]["kind"];
    }
};

}  // namespace

TEST_CASE("a run is started, advanced, read and dropped") {
    Client client;
    const std::int32_t handle = client.start("attention.qk_tying", {{"updates", 20}, {"n", 5}});
    Json position = client.ask(client.session.advance(handle, 0));
    CHECK(position["sequence"] == 0);
    CHECK(position["progress"]["total"] == 20);
    Json frame = client.ask(client.session.frame(handle));
    CHECK(frame["values"]["scores"]["shape"] == Json({5, 5}));
    const std::size_t offset = frame["values"]["scores"]["offset"];
    CHECK(offset % 8 == 0);
    float first = 0.0F;
    std::memcpy(&first, client.session.buffer().data() + offset, sizeof first);
    CHECK(std::abs(first) > 0.0F);
    CHECK(frame["values"]["loss_curve"]["points"].size() == 1);
    while (!position["last"]) position = client.ask(client.session.advance(handle, 5));
    frame = client.ask(client.session.frame(handle));
    CHECK(frame["values"]["loss_curve"]["from"] == 1);  // only what was added
    CHECK(frame["values"]["loss_curve"]["points"].size() == 20);
    CHECK(client.ask(client.session.advance(handle, 5))["sequence"] == position["sequence"]);
    CHECK(client.ask(client.session.drop(handle)).empty());
    CHECK(client.error(client.session.frame(handle)) == "unknown_name");
}

TEST_CASE("live text, checks and predictions are evaluated on the frame") {
    Client client;
    const std::int32_t handle = client.start("attention.scaling", {{"d_k", 64}});
    client.session.advance(handle, 100);
    const Json request{{"expressions", {"selected[score_std] | .3g", "nothing", "parameter.d_k"}},
                       {"checks",
                        {{{"kind", "empirical"}, {"left", "uniform_entropy"}, {"op", "<"}, {"right", 5}},
                         {{"kind", "empirical"},
                          {"left", "a.uniform_entropy"},
                          {"op", "<"},
                          {"right", 5},
                          {"runs", {{"a", {{"n", 8}}}}}}}},
                       {"predicates", {{{"left", "uniform_entropy"}, {"op", ">"}, {"right", 5}}}}};
    const Json result = client.ask(client.session.evaluate(handle, request.dump()));
    CHECK(result["texts"][0]["text"].get<std::string>().substr(0, 2) == "1.");
    CHECK(result["texts"][1]["error"]["kind"] == "unknown_name");
    CHECK(result["texts"][2]["text"] == "64");
    CHECK(result["checks"][0]["status"] == "pass");
    CHECK(result["checks"][1]["status"] == "needs_runs");
    CHECK(result["predicates"][0] == false);
}

TEST_CASE("an option stands in the text as on the control, in the language that is asked for") {
    Client client;
    const std::int32_t handle = client.start("attention.scaling", {{"d_k", 64}, {"scale", "none"}});
    client.session.advance(handle, 100);
    const auto text = [&](const char* language) {
        const Json request{{"expressions", {"parameter.scale"}}, {"language", language}};
        return client.ask(client.session.evaluate(handle, request.dump()))["texts"][0]["text"].get<std::string>();
    };
    CHECK(text("zh") == "不缩放");
    CHECK(text("en") == "none");
}

TEST_CASE("a check with runs of its own is a job") {
    Client client;
    const Json check{{"kind", "empirical"},         {"left", "a.loss"}, {"op", "<"}, {"right", 10},
                     {"runs", {{"a", {{"n", 4}}}}}, {"seeds", {1, 2}}};
    const Json request{{"experiment", "attention.qk_tying"},
                       {"parameters", {{"updates", 10}}},
                       {"seed", 1},
                       {"check", check},
                       {"full", true}};
    const Json answer = client.ask(client.session.check_start(request.dump()));
    REQUIRE(answer.contains("handle"));
    Json position;
    do {
        position = client.ask(client.session.advance(answer["handle"], 3));
        REQUIRE(!position.contains("error"));
    } while (!position["last"]);
    CHECK(position["outcome"]["status"] == "pass");
}

TEST_CASE("bad requests are answered with typed errors") {
    Client client;
    Session& session = client.session;
    CHECK(client.error(session.start("{")) == "malformed");
    CHECK(client.error(session.start("[]")) == "malformed");
    CHECK(client.error(session.start(std::string(100, '['))) == "malformed");
    CHECK(client.error(session.start(R"({"experiment":"none","parameters":{},"seed":1})")) == "unknown_name");
    CHECK(client.error(session.start(R"({"experiment":"attention.scaling","parameters":{"n":1e9},"seed":1})")) ==
          "out_of_range");
    CHECK(client.error(session.start(R"({"experiment":"attention.scaling","parameters":{"n":"x"},"seed":1})")) ==
          "wrong_type");
    CHECK(client.error(session.start(R"({"experiment":"attention.scaling","parameters":{},"seed":-1})")) ==
          "wrong_type");
    CHECK(client.error(session.advance(77, 1)) == "unknown_name");
    CHECK(client.error(session.evaluate(77, "{}")) == "unknown_name");
    CHECK(client.error(session.check_start("{}")) == "malformed");
    const std::int32_t handle = client.start("tokenizer.train", {{"corpus", "a\tb"}});
    CHECK(client.error(session.frame(handle)) == "malformed");  // nothing computed yet
    CHECK(client.error(session.evaluate(handle, "nonsense")) == "malformed");
}

TEST_CASE("handles are limited, and dropping one makes room") {
    Session session({.milliseconds = [] { return 0.0; }, .most_handles = 2});
    const std::string request = R"({"experiment":"attention.scaling","parameters":{},"seed":1})";
    const Json first = Json::parse(session.start(request));
    session.start(request);
    CHECK(Json::parse(session.start(request)).contains("error"));
    session.drop(first["handle"]);
    CHECK(Json::parse(session.start(request)).contains("handle"));
}

TEST_CASE("the catalog is complete") {
    Client client;
    const Json catalog = client.ask(client.session.catalog());
    REQUIRE(catalog["experiments"].size() == experiments().size());
    for (std::size_t i = 0; i < experiments().size(); ++i) {
        CHECK(catalog["experiments"][i]["id"] == experiments()[i]->id);
    }
}
