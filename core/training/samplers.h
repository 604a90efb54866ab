#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"

/// Which examples make up a batch when the classes are of unequal size. Labels are 0 ... classes - 1, one per example;
/// what is drawn are places in that list.
namespace glassformer {

/// Share of each class in training: count^alpha, normalised. alpha 1: as the data are; 0: all alike; 0.5: between.
/// Error(out_of_range) for a negative alpha or a count below 1; Error(shape) for no classes.
std::vector<double> class_shares(const std::vector<std::int64_t>& counts, double alpha);

/// Draws by class first, then within the class: an example comes again only when all of its class have been. So classes
/// drawn more often than they are large are oversampled by repetition, the others undersampled.
class ClassSampler {
  public:
    /// Error(out_of_range) for a label below 0 or a class without example; Error(shape) for no labels.
    ClassSampler(const std::vector<std::int32_t>& labels, double alpha, const Rng& rng);
    /// A batch of `size` examples whose classes are drawn by the shares.
    std::vector<std::int32_t> draw(std::int64_t size);
    /// A batch with every class as often as the others, to one; the classes in turn, going on where the last batch
    /// ended.
    std::vector<std::int32_t> draw_evenly(std::int64_t size);
    const std::vector<double>& shares() const { return shares_; }

  private:
    struct Class {
        std::vector<std::int32_t> examples;
        std::size_t next = 0;
    };
    std::int32_t next_of(std::size_t label);

    std::vector<Class> classes_;
    std::vector<double> shares_;
    std::size_t turn_ = 0;
    Rng rng_;
};

/// The data set changed once and for all, in random order: every class cut down to the size of the smallest, or filled
/// up by repetition to that of the largest.
std::vector<std::int32_t> undersampled(const std::vector<std::int32_t>& labels, const Rng& rng);
std::vector<std::int32_t> oversampled(const std::vector<std::int32_t>& labels, const Rng& rng);

}  // namespace glassformer
