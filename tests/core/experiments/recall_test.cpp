#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "experiments/experiment.h"
#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "nn/normalization.h"
#include "nn/transformer_layer.h"
#include "support/catch.h"
#include "training/optimizer.h"

using namespace glassformer;

namespace {

Values graded(const Experiment& experiment, std::uint64_t seed, const std::string& answer) {
    Run run = start(experiment, complete_arguments(experiment, {{"answer", answer}}), Context{seed});
    REQUIRE(run.advance());
    REQUIRE(run.last());
    Values values = run.frame().values();
    verify_frame(experiment, values);
    return values;
}
double scalar(const Values& values, const std::string& name) { return std::get<Scalar>(*values.find(name)).value; }
const Text& text(const Values& values, const std::string& name) { return std::get<Text>(*values.find(name)); }
const Table& table(const Values& values, const std::string& name) { return std::get<Table>(*values.find(name)); }

std::vector<const Experiment*> kinds() {
    std::vector<const Experiment*> found;
    for (const Experiment* experiment : experiments()) {
        if (experiment->id.rfind("recall.", 0) == 0) found.push_back(experiment);
    }
    return found;
}

/// What the card takes for right, as it writes it.
std::vector<std::string> expected(const Experiment& experiment, std::uint64_t seed) {
    for (const char* const attempt : {"0", "0, 0", "0, 0, 0", "0, 0, 0, 0"}) {
        const Values values = graded(experiment, seed, attempt);
        if (scalar(values, "graded") == 0.0) continue;
        std::vector<std::string> answers;
        for (const auto& row : table(values, "marks").rows) {
            const auto& cell = std::get<std::string>(row[1]);
            if (cell != "—") answers.push_back(cell);
        }
        return answers;
    }
    FAIL("no attempt was graded");
    return {};
}
std::vector<double> expected_numbers(const std::string& id, std::uint64_t seed) {
    std::vector<double> numbers;
    for (const std::string& cell : expected(find_experiment(id), seed)) numbers.push_back(std::stod(cell));
    return numbers;
}

std::map<std::string, std::string> given(const std::string& id, std::uint64_t seed) {
    std::map<std::string, std::string> values;
    const Values card = graded(find_experiment(id), seed, "");
    for (const auto& row : table(card, "given").rows) {
        values[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
    }
    return values;
}
/// Every number in a text, in order.
std::vector<double> numbers_in(const std::string& source) {
    std::string plain = source;
    for (char& c : plain) {
        if (std::string("0123456789.-e").find(c) == std::string::npos) c = ' ';
    }
    std::istringstream stream(plain);
    std::vector<double> numbers;
    for (std::string word; stream >> word;) {
        if (word.find_first_of("0123456789") != std::string::npos) numbers.push_back(std::stod(word));
    }
    return numbers;
}
std::vector<std::string> split(const std::string& source, const std::string& separator) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (std::size_t at = source.find(separator); at != std::string::npos; at = source.find(separator, from)) {
        parts.push_back(source.substr(from, at - from));
        from = at + separator.size();
    }
    parts.push_back(source.substr(from));
    return parts;
}
std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
    std::string all;
    for (const std::string& part : parts) all += (all.empty() ? "" : separator) + part;
    return all;
}

/// Calls check(seed, given, expected numbers) for thirty cards of a kind.
void for_cards(const std::string& id,
               const std::function<void(std::map<std::string, double>, std::vector<double>)>& check) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        CAPTURE(id, seed);
        std::map<std::string, double> numbers;
        for (const auto& [symbol, value] : given(id, seed)) {
            const auto found = numbers_in(value);
            if (!found.empty()) numbers[symbol] = found[0];
        }
        check(numbers, expected_numbers(id, seed));
    }
}
bool near(double a, double b) { return std::abs(a - b) <= 2e-5 * std::max(1e-3, std::abs(b)); }

}  // namespace

TEST_CASE("there are at least twelve kinds of recall cards, fresh from every seed, the same from the same") {
    CHECK(kinds().size() >= 12);
    for (const Experiment* experiment : kinds()) {
        CAPTURE(experiment->id);
        std::set<std::string> questions;
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            questions.insert(text(graded(*experiment, seed, ""), "question").zh);
        }
        CHECK(questions.size() >= 20);
        CHECK(text(graded(*experiment, 7, ""), "question").en == text(graded(*experiment, 7, ""), "question").en);
    }
}

TEST_CASE("the right answer is right, a wrong one is not, an empty one is not graded") {
    for (const Experiment* experiment : kinds()) {
        for (std::uint64_t seed = 1; seed <= 25; ++seed) {
            CAPTURE(experiment->id, seed);
            const Values empty = graded(*experiment, seed, "  ");
            CHECK(scalar(empty, "graded") == 0.0);
            CHECK(table(empty, "marks").rows.empty());
            CHECK(table(empty, "solution").rows.size() >= 2);
            const std::vector<std::string> right = expected(*experiment, seed);
            const Values good = graded(*experiment, seed, joined(right, ", "));
            CHECK(scalar(good, "correct") == 1.0);
            std::vector<std::string> changed = right;
            const bool words = experiment->id == "recall.bpe_tokens" || experiment->id == "recall.wordpiece_match";
            changed.back() =
                words ? changed.back() + "x"
                      : std::to_string(std::stod(changed.back()) + 0.5 + 0.2 * std::abs(std::stod(changed.back())));
            const Values bad = graded(*experiment, seed, joined(changed, ", "));
            CHECK(scalar(bad, "graded") == 1.0);
            CHECK(scalar(bad, "correct") == 0.0);
            CHECK(std::get<bool>(table(bad, "marks").rows.back()[2]) == false);
        }
    }
}

TEST_CASE("an answer that cannot be read says where, in both languages, and is not graded") {
    const Experiment& experiment = find_experiment("recall.layer_norm");
    for (const char* const answer : {"1, 2", "1, 2, 3, four", "1, 2, 3, (4", "1, 2, 3, 1/0", "1, 2, 3, log(4"}) {
        CAPTURE(answer);
        const Values values = graded(experiment, 1, answer);
        CHECK(scalar(values, "graded") == 0.0);
        CHECK(!text(values, "message").zh.empty());
        CHECK(text(values, "message").en != text(values, "message").zh);
    }
}

TEST_CASE("numbers may be written as one thinks of them") {
    const auto one = [](const std::string& answer, const std::string& unit = {}) {
        const RecallNumbers read = read_recall_numbers(answer, 1, unit);
        return read.problem ? std::nan("") : read.numbers[0];
    };
    CHECK(one("7,087,872") == 7087872.0);
    CHECK(one("7.1M") == 7.1e6);
    CHECK(one("12*768^2") == 12.0 * 768.0 * 768.0);
    CHECK(one("12 × 768²") == 12.0 * 768.0 * 768.0);
    CHECK(one("(5+7)/6") == 2.0);
    CHECK(one("-3^2") == -9.0);
    CHECK(one("2^-2") == 0.25);
    CHECK(one("2^3^2") == 512.0);
    CHECK(one("4^0.5") == 2.0);
    CHECK(one("25%") == 0.25);
    CHECK(one("3.49e-4") == 3.49e-4);
    CHECK(one("2Gi") == 2147483648.0);
    CHECK(one("512 MiB", "MiB") == 512.0);
    CHECK(one("√(2)") == std::sqrt(2.0));
    CHECK(std::abs(one("exp(-1)") - std::exp(-1.0)) < 1e-15);
    CHECK(std::abs(one("sin(pi/6)") - 0.5) < 1e-15);
    CHECK(std::abs(one("1/10000^0.3") - std::pow(10000.0, -0.3)) < 1e-15);
    for (const char* const bad : {"", "abc", "1 2", "--", "1..2", "0x10", "inf", "nan", "1e999", "1/0", "2*", "sqrt 2",
                                  "foo(1)", "1,2", "🙂", "1+🙂"}) {
        CAPTURE(bad);
        CHECK(std::isnan(one(bad)));
    }
    CHECK(std::isnan(one(std::string(400, '('))));
    CHECK(std::isnan(one(std::string(400, '-') + "1")));
    const auto list = [](const std::string& answer) { return read_recall_numbers(answer, 3).numbers; };
    const std::vector<double> wanted = {0.5, -1.0, 3.0};
    CHECK(list("0.5, -1, 3") == wanted);
    CHECK(list("0.5 -1 3") == wanted);
    CHECK(list("（0.5，−1；3）").empty());  // a bracket around the list is no number
    CHECK(list("[1/2，−1；1 + 2]") == wanted);
    CHECK(read_recall_pieces(" un ##aff|able，x\n") == std::vector<std::string>{"un", "##aff", "able", "x"});
}

TEST_CASE("block_parameters counts what a layer of the core has") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto values = given("recall.block_parameters", seed);
        const std::int64_t d = std::stoll(values.at("d_model"));
        if (d > 128) continue;  // the same formula, built quickly
        const std::string question = text(graded(find_experiment("recall.block_parameters"), seed, ""), "question").en;
        const bool bias = question.find("without bias") == std::string::npos;
        TransformerLayerConfig config;
        config.attention.d_model = d;
        config.attention.n_heads = 4;
        config.attention.bias = bias;
        config.feed_forward.d_ff = std::stoll(values.at("d_ff"));
        config.feed_forward.bias = bias;
        const TransformerLayer layer(config, Rng(1));
        const std::int64_t count = parameter_count(layer.parameters());
        CAPTURE(question);
        CHECK(expected_numbers("recall.block_parameters", seed)[0] == static_cast<double>(count));
    }
}

TEST_CASE("sizes in memory and operations follow from the shapes") {
    for_cards("recall.kv_cache", [](auto g, auto e) {
        const double elements = 2 * g["L"] * g["n_kv_heads"] * g["d_head"] * g["n"] * g["batch"];
        CHECK(near(e[0], elements * g["bytes"] / std::pow(2.0, 20)));
    });
    for_cards("recall.attention_memory", [](auto g, auto e) {
        CHECK(near(e[0], g["batch"] * g["n_heads"] * g["n"] * g["n"] * g["L"] * g["bytes"] / std::pow(2.0, 30)));
    });
    for_cards("recall.training_memory", [](auto g, auto e) {
        CHECK(near(e[0], 16 * g["N"] / 1e9));
        CHECK(near(e[1], (4 + 12 / g["devices"]) * g["N"] / 1e9));
    });
    for_cards("recall.block_flops", [](auto g, auto e) {
        const double d = g["d_model"], n = g["n"];
        const auto product = [](double m, double k, double columns) { return 2 * m * k * columns; };
        const double squares = product(n, d, n) + product(n, n, d);
        const double all = 4 * product(n, d, d) + squares + product(n, d, 4 * d) + product(n, 4 * d, d);
        CHECK(near(e[0], all / 1e9));
        CHECK(near(e[1], squares / all));
    });
}

TEST_CASE("what is worked out by hand agrees with the definition in double") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        auto values = given("recall.attention_row", seed);
        const auto q = numbers_in(values["q"]), K = numbers_in(values["K"]), V = numbers_in(values["V"]);
        double total = 0.0, out[2] = {0.0, 0.0};
        for (std::size_t j = 0; j < 3; ++j) {
            const double weight = std::exp((q[0] * K[2 * j] + q[1] * K[2 * j + 1]) / std::sqrt(2.0));
            total += weight;
            for (std::size_t c = 0; c < 2; ++c) out[c] += weight * V[2 * j + c];
        }
        const auto e = expected_numbers("recall.attention_row", seed);
        CHECK(std::abs(e[0] - out[0] / total) < 1e-4);
        CHECK(std::abs(e[1] - out[1] / total) < 1e-4);

        values = given("recall.softmax_temperature", seed);
        const auto z = numbers_in(values["z"]);
        const double T = std::stod(values["T"]);
        double sum = 0.0;
        for (const double x : z) sum += std::exp(x / T);
        const auto p = expected_numbers("recall.softmax_temperature", seed);
        for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(p[i] - std::exp(z[i] / T) / sum) < 1e-5);

        const auto x = numbers_in(given("recall.layer_norm", seed)["x"]);
        Tensor row({1, 4});
        for (std::int64_t i = 0; i < 4; ++i) row[i] = static_cast<float>(x[static_cast<std::size_t>(i)]);
        NormConfig config;
        config.d = 4;
        config.epsilon = 0.0;
        const Tensor normed = Norm(config).forward(Variable(row)).value();
        const auto norm = expected_numbers("recall.layer_norm", seed);
        for (std::int64_t i = 0; i < 4; ++i) {
            CHECK(std::abs(norm[static_cast<std::size_t>(i)] - static_cast<double>(normed[i])) < 1e-4);
        }
    }
}

TEST_CASE("schedules, positions, scores and losses agree with their formulas") {
    for_cards("recall.noam_rate", [](auto g, auto e) {
        const double t = g["t"];
        CHECK(near(e[0], std::pow(g["d_model"], -0.5) * std::min(std::pow(t, -0.5), t * std::pow(g["w"], -1.5))));
    });
    for_cards("recall.sinusoidal_entry", [](auto g, auto e) {
        const auto column = static_cast<std::int64_t>(g["k"]);
        const double angle = g["pos"] / std::pow(10000.0, 2.0 * static_cast<double>(column / 2) / g["d"]);
        CHECK(std::abs(e[0] - (column % 2 == 0 ? std::sin(angle) : std::cos(angle))) < 1e-5);
    });
    for_cards("recall.beam_score", [](auto g, auto e) {
        (void)g;
        CHECK((e[0] < 0.0 && e[1] < 0.0));
    });
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        auto values = given("recall.beam_score", seed);
        const double alpha = std::stod(values["α"]);
        const auto e = expected_numbers("recall.beam_score", seed);
        std::size_t which = 0;
        for (const char* const name : {"A", "B"}) {
            const auto pair = numbers_in(values[name]);
            CHECK(near(e[which++], pair[1] / std::pow((5 + pair[0]) / 6, alpha)));
        }
        const auto parts = split(given("recall.perplexity", seed)["p"], ", ");
        double nats = 0.0;
        for (const std::string& part : parts) nats += part == "1" ? 0.0 : std::log(std::stod(part.substr(2)));
        const auto loss = expected_numbers("recall.perplexity", seed);
        CHECK(std::abs(loss[0] - nats / static_cast<double>(parts.size())) < 1e-5);
        CHECK(near(loss[1], std::exp(nats / static_cast<double>(parts.size()))));
    }
    for_cards("recall.dropout_moments", [](auto g, auto e) {
        const double p = g["p"], kept = g["x"] / (1 - p);
        const double mean = (1 - p) * kept;
        CHECK(near(e[0], kept));
        CHECK(near(e[1], mean));
        CHECK(near(e[2], p * mean * mean + (1 - p) * (kept - mean) * (kept - mean)));
    });
    for_cards("recall.mask_count", [](auto g, auto e) {
        const auto n = static_cast<int>(g["n"]), real = n - static_cast<int>(g["padding"]);
        const int w = g.count("w") != 0 ? static_cast<int>(g["w"]) : n;
        int count = 0;
        for (int i = 0; i < real; ++i) {
            for (int j = 0; j < n; ++j) count += j <= i && i - j < w && j < real ? 1 : 0;
        }
        CHECK(e[0] == count);
    });
}

TEST_CASE("adam_update makes the updates of the core's Adam") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        auto values = given("recall.adam_update", seed);
        const auto betas = numbers_in(values["β₁, β₂"]), g = numbers_in(values["g₁, g₂"]);
        const auto rate = static_cast<float>(std::stod(values["η"]));
        // numbers_in reads the subscripts of no symbol: those stand in the name, not in the value.
        REQUIRE((betas.size() == 2 && g.size() == 2));
        Variable w(Tensor({1}, 0.0F), true);
        AdamOptions options;
        options.beta2 = static_cast<float>(betas[1]);
        options.epsilon = 0.0F;
        Adam adam({{"w", w}}, options);
        const auto e = expected_numbers("recall.adam_update", seed);
        for (std::size_t t = 0; t < 2; ++t) {
            const float before = w.value()[0];
            w.backward(Tensor({1}, static_cast<float>(g[t])));
            adam.update(rate);
            CHECK(std::abs(static_cast<double>(w.value()[0] - before) - e[t]) < 1e-3 * static_cast<double>(rate));
        }
    }
}

TEST_CASE("bpe_tokens replays the merges in their order") {
    std::set<std::size_t> lengths;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        auto values = given("recall.bpe_tokens", seed);
        std::vector<std::string> pieces;
        for (const char c : values["word"]) pieces.emplace_back(1, c);
        // Rank by rank: a merge can only make pairs of later merges, so that one pass over the list is enough.
        for (const std::string& merge : split(values["merges"], ", ")) {
            const auto pair = split(merge, "+");
            for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
                if (pieces[i] != pair[0] || pieces[i + 1] != pair[1]) continue;
                pieces[i] += pieces[i + 1];
                pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            }
        }
        CAPTURE(seed, values["word"], values["merges"]);
        CHECK(expected(find_experiment("recall.bpe_tokens"), seed) == pieces);
        lengths.insert(pieces.size());
    }
    CHECK(lengths.size() >= 4);
}

TEST_CASE("wordpiece_match takes the longest piece and sometimes ends in [UNK]") {
    int unknown = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        auto values = given("recall.wordpiece_match", seed);
        const auto list = split(values["vocabulary"], ", ");
        const std::set<std::string> vocabulary(list.begin(), list.end());
        const std::string word = values["word"];
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < word.size();) {
            std::size_t length = word.size() - at;
            while (length > 0 && vocabulary.count((at > 0 ? "##" : "") + word.substr(at, length)) == 0) --length;
            if (length == 0) {
                pieces = {"[UNK]"};
                break;
            }
            pieces.push_back((at > 0 ? "##" : "") + word.substr(at, length));
            at += length;
        }
        CAPTURE(seed, word, values["vocabulary"]);
        CHECK(expected(find_experiment("recall.wordpiece_match"), seed) == pieces);
        unknown += pieces[0] == "[UNK]" ? 1 : 0;
    }
    CHECK(unknown >= 5);
    CHECK(unknown <= 40);
}
