#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "base/error.h"
#include "experiments/experiment.h"
#include "support/catch.h"
#include "support/runs.h"
#include "support/source_dir.h"

using namespace glassformer;

namespace {

Values last_values(const Experiment& experiment, std::map<std::string, ParameterValue> parameters,
                   std::uint64_t seed = 1) {
    Run run = start(experiment, complete_arguments(experiment, std::move(parameters)), context_for(experiment, seed));
    while (run.advance()) {
        if (run.last()) break;
    }
    return run.frame().values();
}

Error error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    throw;
}

}  // namespace

TEST_CASE("every experiment declares itself completely, in both languages") {
    std::set<std::string> ids;
    for (const Experiment* experiment : experiments()) {
        CAPTURE(experiment->id);
        CHECK(ids.insert(experiment->id).second);
        CHECK((!experiment->summary.zh.empty() && !experiment->summary.en.empty()));
        // The page shows this file beside the pictures.
        std::string path = experiment->id;
        std::replace(path.begin(), path.end(), '.', '/');
        std::ifstream file(source_dir() + "/core/experiments/" + path + ".cpp");
        const std::string source{std::istreambuf_iterator<char>(file), {}};
        CHECK(source.find("Run run(") != std::string::npos);
        std::set<std::string> names{"seed"};
        for (const Parameter& parameter : experiment->parameters) {
            CAPTURE(parameter.name);
            CHECK(names.insert(parameter.name).second);
            CHECK((!parameter.label.zh.empty() && !parameter.label.en.empty() && !parameter.doc.zh.empty() &&
                   !parameter.doc.en.empty()));
            CHECK_NOTHROW(validate(parameter, parameter.default_value));
        }
        for (const Output& output : experiment->outputs) CHECK((!output.doc.zh.empty() && !output.doc.en.empty()));
        for (const Constraint& constraint : experiment->constraints) CHECK(!constraint.message.zh.empty());
    }
}

TEST_CASE("frames hold what was declared, and every derived cell follows from its inputs") {
    for (const Experiment* experiment : experiments()) {
        using Setting = std::map<std::string, ParameterValue>;
        // Sixty updates show what a frame holds as well as a thousand.
        Setting base;
        for (const Parameter& parameter : experiment->parameters) {
            const auto* standard = std::get_if<std::int64_t>(&parameter.default_value);
            if (!parameter.work || standard == nullptr || *standard <= 60) continue;
            base[parameter.name] = std::max(std::int64_t{60}, static_cast<std::int64_t>(parameter.minimum));
        }
        std::vector<Setting> settings{base};
        const auto add = [&](const std::string& name, ParameterValue value) {
            settings.push_back(base);
            settings.back()[name] = std::move(value);
        };
        for (const Parameter& parameter : experiment->parameters) {
            for (const Option& option : parameter.options) {
                if (parameter.kind == ParameterKind::set)
                    add(parameter.name, std::vector<std::string>{option.name});
                else
                    add(parameter.name, option.name);
            }
            if (parameter.kind == ParameterKind::boolean) {
                add(parameter.name, true);
                add(parameter.name, false);
            }
            if (parameter.kind != ParameterKind::integer) continue;
            add(parameter.name, static_cast<std::int64_t>(parameter.minimum));
            if (!parameter.work) add(parameter.name, static_cast<std::int64_t>(parameter.maximum));
        }
        for (const Setting& setting : settings) {
            CAPTURE(experiment->id);
            try {
                complete_arguments(*experiment, setting);
            } catch (const Error& error) {
                CHECK(error.kind() == ErrorKind::constraint);  // an end that the other defaults do not go with
                continue;
            }
            CHECK_NOTHROW(verify_frame(*experiment, last_values(*experiment, setting)));
        }
    }
}

TEST_CASE("the proof of derivations finds a wrong cell") {
    const Experiment& experiment = find_experiment("attention.qk_tying");
    const Values values = last_values(experiment, {{"updates", std::int64_t{10}}});
    Values broken;
    for (auto [name, value] : values.entries()) {
        if (name == "attention") std::get<Tensor>(std::get<TensorValue>(value).data)[3] += 0.01F;
        broken.set(name, value);
    }
    CHECK(error_of([&] { verify_frame(experiment, broken); }).parameter() == "attention");
    Values missing;
    for (const auto& [name, value] : values.entries()) {
        if (name != "loss") missing.set(name, value);
    }
    CHECK(error_of([&] { verify_frame(experiment, missing); }).parameter() == "loss");
    Values extra = values;
    extra.set("surplus", 1.0);
    CHECK(error_of([&] { verify_frame(experiment, extra); }).parameter() == "surplus");
}

TEST_CASE("a graph that names what is not there is found") {
    Experiment experiment;
    Output declared;
    declared.name = "graph";
    declared.kind = OutputKind::graph;
    experiment.outputs = {declared};
    const Graph good{{{"q", {}, "[n, d]", "graph", Role::query, "layer"}, {"k", {}, "[n, d]", ""}},
                     {{"q", "k"}},
                     {{"layer", {"层", "layer"}}}};
    const auto message = [&](const Graph& graph) {
        Values values;
        values.set("graph", graph);
        return error_of([&] { verify_frame(experiment, values); }).message().en;
    };
    Values values;
    values.set("graph", good);
    CHECK_NOTHROW(verify_frame(experiment, values));
    Graph wire = good;
    wire.wires.push_back({"q", "v"});
    CHECK(message(wire).find("'v'") != std::string::npos);
    Graph value = good;
    value.boxes[1].value = "keys";
    CHECK(message(value).find("'keys'") != std::string::npos);
    Graph group = good;
    group.boxes[1].group = "block";
    CHECK(message(group).find("'block'") != std::string::npos);
    Graph twice = good;
    twice.boxes[1].id = "q";
    CHECK(message(twice).find("'q'") != std::string::npos);
}

TEST_CASE("an image is always as large as its default, a grid need not be; cells stay in range") {
    const Grid default_value{2, 2, {0.0F, 0.5F, 1.0F, 0.0F}};
    const Parameter image = image_parameter("digit", {}, {}, default_value);
    const Parameter mask = grid_parameter("mask", {}, {}, default_value, 0.0, 1.0);
    const Grid larger{2, 3, {0, 0, 0, 0, 0, 1}};
    CHECK_NOTHROW(validate(image, default_value));
    CHECK_NOTHROW(validate(mask, larger));
    CHECK(error_of([&] { validate(image, larger); }).message().en.find("2 × 2") != std::string::npos);
    for (const Parameter& parameter : {image, mask}) {
        const Grid bright{2, 2, {0.0F, 0.0F, 1.5F, 0.0F}};
        CHECK(error_of([&] { validate(parameter, bright); }).kind() == ErrorKind::out_of_range);
        const Grid ragged{2, 2, {0.0F}};
        CHECK(error_of([&] { validate(parameter, ragged); }).kind() == ErrorKind::out_of_range);
    }
}

TEST_CASE("the same seed gives the same bits, another seed others") {
    const Experiment& experiment = find_experiment("attention.scaling");
    const auto logits = [&](std::uint64_t seed) {
        const Values values = last_values(experiment, {{"d_k", std::int64_t{16}}}, seed);
        const auto& tensor = std::get<Tensor>(std::get<TensorValue>(*values.find("logits")).data);
        return std::vector<float>(tensor.elements().begin(), tensor.elements().end());
    };
    CHECK(logits(3) == logits(3));
    CHECK(logits(3) != logits(4));
}

TEST_CASE("wrong parameters are typed errors that name the parameter, the value and what is allowed") {
    const Experiment& scaling = find_experiment("attention.scaling");
    const auto refused = [&](const std::string& name, ParameterValue value) {
        return error_of([&] { complete_arguments(scaling, {{name, value}}); });
    };
    const Error range = refused("n", std::int64_t{999});
    CHECK(range.kind() == ErrorKind::out_of_range);
    CHECK(range.parameter() == "n");
    CHECK(range.message().en.find("999") != std::string::npos);
    CHECK(range.message().en.find("4 to 64") != std::string::npos);
    CHECK(refused("d_k", std::int64_t{100}).message().en.find("powers of two") != std::string::npos);
    CHECK(refused("n", std::string("many")).kind() == ErrorKind::wrong_type);
    CHECK(refused("scale", std::string("cube")).message().en.find("none, sqrt, linear, cosine") != std::string::npos);
    CHECK(refused("correlation", std::nan("")).kind() == ErrorKind::out_of_range);
    const Error unknown = refused("heads", std::int64_t{8});
    CHECK(unknown.kind() == ErrorKind::unknown_name);
    CHECK(unknown.message().en.find("d_k") != std::string::npos);
    const Error constraint = error_of([] {
        complete_arguments(find_experiment("attention.qk_tying"),
                           {{"relation", std::string("mirror")}, {"n", std::int64_t{7}}});
    });
    CHECK(constraint.kind() == ErrorKind::constraint);
    CHECK(constraint.parameter() == "n");
    CHECK(
        error_of([] { find_experiment("attention.scalling"); }).message().en.find("Did you mean 'attention.scaling'") !=
        std::string::npos);
}

TEST_CASE("text parameters: empty, blank, too long") {
    const Experiment& train = find_experiment("tokenizer.train");
    const auto refused = [&](const std::string& corpus) {
        return error_of([&] { last_values(train, {{"corpus", corpus}}); });
    };
    CHECK(refused("").kind() == ErrorKind::out_of_range);
    CHECK(refused("  \n").parameter() == "corpus");
    const Error long_text = refused(std::string(1000000, 'a'));
    CHECK(long_text.kind() == ErrorKind::out_of_range);
    CHECK(long_text.message().en.find("1000000") != std::string::npos);
    CHECK(refused("ab\xFF").kind() == ErrorKind::malformed);
}

TEST_CASE("what exceeds the budget is refused before it starts, naming a value that fits") {
    const Experiment& experiment = find_experiment("attention.scaling");
    const Arguments arguments = complete_arguments(experiment, {});
    Budget small;
    small.flops = 3e7;
    const Error error = error_of([&] { start(experiment, arguments, Context{}, small); });
    CHECK(error.kind() == ErrorKind::budget);
    CHECK(error.parameter() == "rows");  // work is offered first
    const std::string text = error.message().en;
    const std::int64_t rows = std::stoll(text.substr(text.find("rows = ") + 7));
    CHECK_NOTHROW(start(experiment, complete_arguments(experiment, {{"rows", rows}}), Context{}, small));
    CHECK_THROWS_AS(start(experiment, complete_arguments(experiment, {{"rows", rows + 1}}), Context{}, small), Error);
}

TEST_CASE("a run can be dropped anywhere, and says when it is at its end") {
    const Experiment& experiment = find_experiment("attention.qk_tying");
    const Arguments arguments = complete_arguments(experiment, {{"updates", std::int64_t{10}}});
    {
        Run dropped = start(experiment, arguments, Context{});
        dropped.advance();
    }
    Run run = start(experiment, arguments, Context{});
    CHECK_THROWS_AS(run.frame(), Error);
    int frames = 0;
    while (run.advance()) ++frames;
    CHECK(frames == 11);
    CHECK(run.last());
    CHECK(!run.advance());
    CHECK(run.cost().matmuls > 0);
}

namespace {
Run stops_early(Arguments, Context) {
    for (int i = 0; i < 2; ++i) {
        Frame frame(i, 3, [](Values&) {});
        co_yield std::move(frame);
    }
}
}  // namespace

TEST_CASE("an experiment that ends without a last frame is a fault of ours, not a frame that reads freed memory") {
    Run run = stops_early({}, {});
    CHECK(run.advance());
    CHECK(run.advance());
    CHECK_THROWS_AS(run.advance(), Error);
}
