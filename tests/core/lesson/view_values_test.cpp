#include "lesson/view_values.h"

#include "support/catch.h"

using namespace glassformer;

namespace {

Axis axis(std::string name, std::vector<std::string> ticks = {}) { return {std::move(name), std::move(ticks)}; }
TensorValue tensor(std::vector<std::int64_t> shape, std::vector<Axis> axes) {
    return tensor_value(Tensor(Shape(std::move(shape))), std::move(axes));
}

Piece piece(std::int32_t id) {
    Piece result;
    result.id = id;
    return result;
}

/// One of everything a view can draw.
Values frame() {
    Values values;
    values.set("attention", tensor({2, 3, 4, 4}, {axis("layer"), axis("head"), axis("query"), axis("key")}));
    values.set("loss", tensor({5}, {axis("update")}));
    values.set("band", tensor({4}, {axis("update")}));
    values.set("cost", tensor({3, 2}, {axis("d", {"4", "8", "16"}), axis("scale", {"none", "sqrt"})}));
    values.set("points", tensor({2, 6, 3}, {axis("layer"), axis("token"), axis("component", {"pc1", "pc2", "pc3"})}));
    values.set("moved", tensor({2, 6, 3}, {axis("layer"), axis("token"), axis("component")}));
    values.set("kinds", tensor({6}, {axis("token")}));
    values.set("map", tensor({2, 5, 7}, {axis("layer"), axis("y"), axis("x")}));
    values.set("digit", tensor({3, 8, 8}, {axis("sample"), axis("row"), axis("column")}));
    values.set("patches", tensor({4}, {axis("patch")}));
    values.set("curve", Series{"update", {{0.0, 1.0}}});
    values.set("table", Table{{{"name", Column::Kind::text, {}},
                               {"flops", Column::Kind::number, {}},
                               {"bytes", Column::Kind::integer, {}}},
                              {}});
    values.set("words", Tokens{{{"a", "abcd", 1, {piece(1), piece(2), piece(3), piece(4)}}}});
    values.set("short", Tokens{{{"a", "abc", 1, {piece(1), piece(2), piece(3)}}}});
    values.set("shares", tensor({2}, {axis("box", {"q", "k"})}));
    values.set("graph", Graph{{{"q", {}, "[n, d]", ""}, {"k", {}, "[n, d]", ""}}, {{"q", "k"}}, {}});
    return values;
}

/// Paths and English messages of what is wrong with a view.
std::vector<std::string> problems(const char* view) {
    std::vector<std::string> found;
    const Values values = frame();
    check_view_values(Json::parse(view), values, "views[0]",
                      [&](const std::string& path, const std::function<void()>& test) {
                          try {
                              test();
                          } catch (const Error& error) {
                              CHECK(!error.message().zh.empty());
                              found.push_back(path + ": " + error.message().en);
                          }
                      });
    return found;
}

struct Case {
    const char* view;
    const char* word;  ///< what the message must contain
};

}  // namespace

TEST_CASE("views that name what is there are accepted") {
    const char* const good[] = {
        R"({"kind": "heatmap", "value": "attention", "select": {"layer": 1, "head": 2}})",
        R"({"kind": "heatmap", "value": "attention", "choose": ["layer"], "tiles": "head"})",
        R"({"kind": "matrix", "value": "cost"})",
        R"({"kind": "line", "curves": [{"value": "cost", "lines": "scale", "x": "d"}, {"value": "curve"}]})",
        R"({"kind": "line", "curves": [{"value": "loss", "low": "loss", "high": "loss"}]})",
        R"({"kind": "line", "choose": ["scale"], "curves": [{"value": "cost"}, {"value": "loss"}]})",
        R"({"kind": "bar", "value": "cost", "groups": "scale", "stacked": true})",
        R"({"kind": "bar", "value": "table", "columns": ["flops", "bytes"], "names": "name", "from": "bytes"})",
        R"({"kind": "histogram", "value": "attention", "groups": "head"})",
        R"({"kind": "scatter", "value": "points", "choose": ["layer"], "dimensions": ["pc1", "pc3"], "color": "kinds",
            "to": "moved", "background": "map"})",
        R"({"kind": "scatter", "value": "table", "columns": ["flops", "bytes"], "names": "name", "color": "name"})",
        R"({"kind": "arcs", "value": "attention", "choose": ["layer"], "heads": "head", "tokens": "words"})",
        R"({"kind": "tokens", "value": "words", "strips": ["a"], "weights": "patches"})",
        R"({"kind": "image", "value": "digit", "tiles": "sample", "patch": 4, "overlay": "patches"})",
        R"({"kind": "diagram", "value": "graph", "open": "k", "weights": "shares"})",
        R"({"kind": "formula", "latex": ["\\term{loss}{L}"]})",
        R"({"kind": "table", "value": "table", "sort": {"column": "name"}, "bars": ["flops"]})",
        R"({"kind": "stepper", "axis": "layer", "views": [{"kind": "heatmap", "value": "attention", "tiles": "head"},
            {"kind": "scatter", "value": "points", "background": "map"}]})"};
    for (const char* view : good) {
        INFO(view);
        CHECK(problems(view) == std::vector<std::string>{});
    }
}

TEST_CASE("what a view says wrongly about values is named") {
    const Case bad[] = {
        {R"({"kind": "heatmap", "value": "nothing"})", "nothing"},
        {R"({"kind": "heatmap", "value": "curve"})", "series"},
        {R"({"kind": "heatmap", "value": "attention"})", "leaves 4 axes"},
        {R"({"kind": "heatmap", "value": "attention", "select": {"layer": 2, "head": 0}})", "no index 2"},
        {R"({"kind": "heatmap", "value": "attention", "select": {"depth": 2}})", "depth"},
        {R"({"kind": "heatmap", "value": "attention", "choose": ["depth"]})", "depth"},
        {R"({"kind": "heatmap", "value": "attention", "tiles": "heads", "choose": ["layer"]})", "heads"},
        {R"({"kind": "line", "curves": [{"value": "cost"}]})", "leaves 2 axes"},
        {R"({"kind": "line", "curves": [{"value": "cost", "lines": "scales"}]})", "scales"},
        {R"({"kind": "line", "curves": [{"value": "cost", "select": {"scale": "cube"}}]})", "cube"},
        {R"({"kind": "line", "curves": [{"value": "loss", "low": "band"}]})", "4 numbers"},
        {R"({"kind": "line", "choose": ["head"], "curves": [{"value": "loss"}]})", "head"},
        {R"({"kind": "training", "curves": [{"value": "loss"}]})", "tensor"},
        {R"({"kind": "bar", "value": "cost"})", "leaves 2 axes"},
        {R"({"kind": "bar", "value": "loss", "names": "name"})", "names"},
        {R"({"kind": "bar", "value": "table"})", "columns"},
        {R"({"kind": "bar", "value": "table", "columns": ["name"]})", "name"},
        {R"({"kind": "bar", "value": "table", "columns": ["flops"], "from": "start"})", "start"},
        {R"({"kind": "bar", "value": "table", "columns": ["flops"], "groups": "name"})", "groups"},
        {R"({"kind": "scatter", "value": "points"})", "leaves 3 axes"},
        {R"({"kind": "scatter", "value": "points", "choose": ["layer"], "color": "loss"})", "needs 6"},
        {R"({"kind": "scatter", "value": "points", "choose": ["layer"], "dimensions": ["pc1", "pc9"]})", "pc9"},
        {R"({"kind": "scatter", "value": "points", "choose": ["layer"], "to": "loss"})", "needs 36"},
        {R"({"kind": "scatter", "value": "points", "choose": ["layer"], "background": "attention"})", "two axes"},
        {R"({"kind": "scatter", "value": "table", "columns": ["flops", "time"]})", "time"},
        {R"({"kind": "arcs", "value": "attention", "choose": ["layer"]})", "leaves 3 axes"},
        {R"({"kind": "arcs", "value": "attention", "select": {"layer": 0, "head": 0}, "tokens": "short"})", "needs 4"},
        {R"({"kind": "arcs", "value": "attention", "select": {"layer": 0, "head": 0}, "tokens": "loss"})", "tensor"},
        {R"({"kind": "tokens", "value": "words", "strips": ["b"]})", "'b'"},
        {R"({"kind": "tokens", "value": "words", "weights": "loss"})", "needs 4"},
        {R"({"kind": "image", "value": "digit"})", "third axis"},
        {R"({"kind": "image", "value": "digit", "tiles": "sample", "patch": 3})", "side 3"},
        {R"({"kind": "image", "value": "digit", "tiles": "sample", "patch": 4, "overlay": "loss"})", "needs 12"},
        {R"({"kind": "diagram", "value": "graph", "open": "v"})", "'v'"},
        {R"({"kind": "diagram", "value": "graph", "weights": "kinds"})", "as weights"},
        {R"({"kind": "formula", "latex": ["\\term{losses}{L}"]})", "losses"},
        {R"({"kind": "table", "value": "table", "sort": {"column": "time"}})", "time"},
        {R"({"kind": "table", "value": "table", "bars": ["name"]})", "name"},
        {R"({"kind": "stepper", "axis": "depth", "views": [{"kind": "bar", "value": "loss"}]})", "depth"},
        {R"({"kind": "stepper", "views": [{"kind": "stepper", "views": [{"kind": "bar", "value": "lost"}]}]})", "lost"},
    };
    for (const auto& [view, word] : bad) {
        INFO(view);
        const std::vector<std::string> found = problems(view);
        REQUIRE(found.size() == 1);
        INFO(found[0]);
        CHECK(found[0].find(word) != std::string::npos);
        CHECK(found[0].rfind("views[0]", 0) == 0);
    }
}
