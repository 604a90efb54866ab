#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "nn/module.h"

/// How each shipped model is made: one file a model in training/recipes/, listed in recipe.cpp.
namespace glassformer {

/// A figure of merit, measured on examples that were not trained on.
struct Measure {
    std::string name;  ///< "exact", as in the checkpoint's record
    Text doc;
    double value = 0.0;
};

/// A model and what it is to learn. Data are drawn from the generator that is handed in and from nothing else, so that
/// update 17 has the same batch whenever it is made.
class TrainingTask {
  public:
    virtual ~TrainingTask() = default;
    virtual NamedParameters parameters() const = 0;
    struct Loss {
        Variable mean;            ///< per predicted token, nats
        std::int64_t tokens = 0;  ///< read in the batch, padding not counted
    };
    virtual Loss loss(std::int64_t batch, Rng rng) const = 0;
    virtual std::vector<Measure> measure(std::int64_t examples, Rng rng) const = 0;
};

struct TrainingSettings {
    std::uint64_t seed = 1;
    std::int64_t updates = 1000;
    std::int64_t batch = 32;  ///< sequences or pictures
    double rate = 3e-3;       ///< the peak
    std::int64_t warmup = 50;
};

struct Recipe {
    std::string name;  ///< of the checkpoint
    Text summary;
    TrainingSettings settings = {};
    std::int64_t examples = 500;  ///< that its record is measured on
    std::unique_ptr<TrainingTask> (*make)(const Rng& weights) = nullptr;
};

const std::vector<Recipe>& recipes();
/// Error(unknown_name) listing what there is.
const Recipe& find_recipe(const std::string& name);

}  // namespace glassformer
