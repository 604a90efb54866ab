#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "io/bytes.h"
#include "support/catch.h"
#include "support/source_dir.h"
#include "training/checkpoint.h"
#include "training/recipe.h"

using namespace glassformer;
namespace fs = std::filesystem;

namespace {

const std::string folder = source_dir() + "/lessons/checkpoints/";

nlohmann::json record_of(const std::string& name) {
    const std::vector<std::byte> bytes = read_all(FileSource(folder + name + ".json"));
    return nlohmann::json::parse(reinterpret_cast<const char*>(bytes.data()),
                                 reinterpret_cast<const char*>(bytes.data()) + bytes.size());
}

/// What a lesson may count on, by model and measure: [least, most].
const std::map<std::string, std::map<std::string, std::pair<double, double>>>& promised() {
    static const std::map<std::string, std::map<std::string, std::pair<double, double>>> all = {
        {"date-translation", {{"exact", {0.99, 1.0}}}},
        {"bert-mini-mlm", {{"filled", {0.94, 1.0}}}},
        {"bert-mini-mlm-nsp", {{"filled", {0.98, 1.0}}, {"next", {0.84, 1.0}}}},
        {"gpt-mini", {{"grammatical", {0.9, 1.0}}, {"translated", {0.98, 1.0}}}},
        {"gpt-dialogue", {{"answers", {0.97, 1.0}}}},
        {"vit-mini", {{"accuracy", {0.95, 1.0}}}},
        {"running-sum", {{"taught", {0.99, 1.0}}, {"generated", {0.99, 1.0}}}},
        // Read off its input where the answer stands there, guessed where it does not (1/6).
        {"running-sum-unmasked", {{"taught", {0.99, 1.0}}, {"generated", {0.0, 0.3}}}},
    };
    return all;
}

}  // namespace

TEST_CASE("shipped checkpoints: small, made with the recipe as it is") {
    std::uintmax_t all = 0;
    for (const auto& [name, measures] : promised()) {
        const Recipe& recipe = find_recipe(name);
        INFO(recipe.name);
        const std::uintmax_t size = fs::file_size(folder + recipe.name + ".safetensors");
        all += size;
        CHECK(size <= (2U << 20));
        const nlohmann::json record = record_of(recipe.name);
        CHECK(record["bytes"] == size);
        CHECK(record["command"] ==
              "glassformer train " + recipe.name + " --seed " + std::to_string(recipe.settings.seed));
        CHECK(record["seed"] == recipe.settings.seed);
        CHECK(record["updates"] == recipe.settings.updates);
        CHECK(record["batch"] == recipe.settings.batch);
        CHECK(record["rate"] == recipe.settings.rate);
    }
    CHECK(all <= (4U << 20));
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder))
        files += entry.path().extension() == ".safetensors" ? 1 : 0;
    CHECK(files == promised().size());
    CHECK(recipes().size() == promised().size());
}

TEST_CASE("shipped checkpoints: each does its task as well as its record says") {
    for (const auto& [name, measured] : promised()) {
        const Recipe& recipe = find_recipe(name);
        const auto task = recipe.make(Rng(0));
        load_checkpoint(Safetensors::from_file(folder + recipe.name + ".safetensors"), recipe.name, task->parameters());
        for (const auto& [_, parameter] : task->parameters()) Variable(parameter).set_requires_gradient(false);
        const nlohmann::json record = record_of(recipe.name);
        const Rng examples = Rng(recipe.settings.seed).split("measure");
        const std::vector<Measure> measures = task->measure(recipe.examples, examples);
        REQUIRE(measures.size() == record["measures"].size());
        for (std::size_t m = 0; m < measures.size(); ++m) {
            const auto [least, most] = measured.at(measures[m].name);
            const nlohmann::json& stated = record["measures"][m];
            INFO(recipe.name << ": " << measures[m].name << " is " << measures[m].value);
            CHECK(stated["name"] == measures[m].name);
            CHECK(stated["shipped"] == measures[m].value);  // to the bit, on every machine and in wasm
            CHECK(std::abs(stated["float32"].get<double>() - measures[m].value) < 0.01);
            CHECK(measures[m].value >= least);
            CHECK(measures[m].value <= most);
        }
    }
}
