#include "experiments/recall.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "experiments/recall_answer.h"

namespace glassformer {
namespace {

struct Mark {
    std::string yours;
    std::string expected;
    bool right = false;
};

struct Graded {
    bool graded = false;
    bool correct = false;
    std::vector<Mark> marks;
    Text message;
};

bool close(double given, double expected, const RecallCard& card) {
    // Exact still forgives the last bits of an expression like 0.1 + 0.2.
    const double slack = std::max({card.relative * std::abs(expected), card.absolute, 1e-9 * std::abs(expected)});
    return std::abs(given - expected) <= slack;
}

Graded grade_numbers(const RecallCard& card, const std::string& answer) {
    Graded result;
    const RecallNumbers read = read_recall_numbers(answer, card.numbers.size(), card.unit);
    if (read.problem) {
        result.message = *read.problem;
        return result;
    }
    result.graded = true;
    for (std::size_t i = 0; i < card.numbers.size(); ++i) {
        result.marks.push_back({recall_number(read.numbers[i]), recall_number(card.numbers[i]),
                                close(read.numbers[i], card.numbers[i], card)});
    }
    return result;
}

Graded grade_pieces(const RecallCard& card, const std::string& answer) {
    Graded result;
    result.graded = true;
    const std::vector<std::string> read = read_recall_pieces(answer);
    const std::size_t count = std::max(read.size(), card.pieces.size());
    for (std::size_t i = 0; i < count; ++i) {
        const std::string yours = i < read.size() ? read[i] : "—";
        const std::string expected = i < card.pieces.size() ? card.pieces[i] : "—";
        result.marks.push_back({yours, expected, i < read.size() && i < card.pieces.size() && yours == expected});
    }
    return result;
}

Graded grade(const RecallCard& card, const std::string& answer) {
    if (answer.find_first_not_of(" \t\r\n") == std::string::npos) {
        return {false, false, {}, {"写下答案，按回车判分。", "Write the answer and press Enter to have it graded."}};
    }
    Graded result = card.pieces.empty() ? grade_numbers(card, answer) : grade_pieces(card, answer);
    if (!result.graded) return result;
    result.correct = std::all_of(result.marks.begin(), result.marks.end(), [](const Mark& m) { return m.right; });
    result.message =
        result.correct ? Text{"对。", "Right."} : Text{"不对，看看解法。", "Not so; look at the solution."};
    return result;
}

Text tolerance_text(const RecallCard& card) {
    if (!card.pieces.empty()) return {"片段和顺序都要对。", "The pieces and their order must agree."};
    const std::string percent = recall_number(100.0 * card.relative);
    const std::string amount = recall_number(card.absolute);
    if (card.relative > 0.0) return {"误差在 " + percent + "% 以内算对。", "Right within " + percent + " %."};
    if (card.absolute > 0.0) return {"误差在 ±" + amount + " 以内算对。", "Right within ±" + amount + "."};
    return {"要准确值，可以写成算式。", "The exact value; an expression will do."};
}

Column column(std::string name, Column::Kind kind, Text label) { return {std::move(name), kind, std::move(label)}; }

}  // namespace

Run grade_recall(RecallCard card, Arguments arguments) {
    const Graded graded = grade(card, arguments.text("answer"));
    Frame frame(1, 1, [&](Values& values) {
        values.set("question", card.question);
        Table given{{column("symbol", Column::Kind::text, {"符号", "Symbol"}),
                     column("value", Column::Kind::text, {"值", "Value"})},
                    {}};
        for (const RecallGiven& one : card.given) given.rows.push_back({one.symbol, one.value});
        values.set("given", std::move(given));
        values.set("graded", graded.graded ? 1.0 : 0.0);
        values.set("correct", graded.correct ? 1.0 : 0.0);
        values.set("message", graded.message);
        Table marks{{column("yours", Column::Kind::text, {"你的答案", "Yours"}),
                     column("expected", Column::Kind::text, {"正确答案", "Expected"}),
                     column("right", Column::Kind::boolean, {"对否", "Right"})},
                    {}};
        for (const Mark& mark : graded.marks) marks.rows.push_back({mark.yours, mark.expected, mark.right});
        values.set("marks", std::move(marks));
        values.set("tolerance", tolerance_text(card));
        Table solution{{column("step", Column::Kind::text, {"步骤", "Step"}),
                        column("value", Column::Kind::text, {"结果", "Result"})},
                       {}};
        for (const RecallStep& step : card.solution) solution.rows.push_back({step.formula, step.value});
        values.set("solution", std::move(solution));
        values.set("lesson", card.lesson);
    });
    co_yield std::move(frame);
}

Experiment recall_experiment(std::string id, Text summary, Run (*run)(Arguments, Context)) {
    Experiment experiment;
    experiment.id = std::move(id);
    experiment.summary = std::move(summary);
    experiment.parameters = {
        text_parameter("answer", {"你的答案", "Your answer"},
                       {"可以写算式，如 12*768^2、sqrt(2)、3/8、7.1M；几个数之间用逗号隔开；留空不判分",
                        "Expressions will do, such as 12*768^2, sqrt(2), 3/8, 7.1M; commas between several numbers; "
                        "left empty it is not graded"},
                       "", 400)};
    const auto output = [](const char* name, OutputKind kind, Text doc, std::vector<std::string> axes = {}) {
        return Output{name, kind, std::move(doc), std::move(axes)};
    };
    experiment.outputs = {
        output("question", OutputKind::text, {"题目", "The question"}),
        output("given", OutputKind::table, {"已知", "What is given"}, {"symbol", "value"}),
        output("graded", OutputKind::scalar,
               {"答案能读懂、已判分为 1", "1 when the answer could be read and was graded"}),
        output("correct", OutputKind::scalar, {"全对为 1", "1 when all of it is right"}),
        output("message", OutputKind::text, {"判分，或哪里读不懂", "The verdict, or what could not be read"}),
        output("marks", OutputKind::table, {"逐项对照", "Item by item"}, {"yours", "expected", "right"}),
        output("tolerance", OutputKind::text, {"怎样算对", "What counts as right"}),
        output("solution", OutputKind::table, {"解法", "The worked solution"}, {"step", "value"}),
        output("lesson", OutputKind::text, {"记住什么", "What to remember"})};
    experiment.run = run;
    return experiment;
}

}  // namespace glassformer
