#include "training/samplers.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

void require(bool holds, ErrorKind kind, const Text& message, const char* parameter) {
    if (!holds) throw Error(kind, message, parameter);
}

std::vector<std::vector<std::int32_t>> by_class(const std::vector<std::int32_t>& labels) {
    require(!labels.empty(), ErrorKind::shape, {"没有样本。", "There are no examples."}, "labels");
    std::vector<std::vector<std::int32_t>> classes;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const bool valid = labels[i] >= 0 && static_cast<std::size_t>(labels[i]) < labels.size();
        require(valid, ErrorKind::out_of_range,
                {"标签 " + std::to_string(labels[i]) + " 不在 0 到样本数之间。",
                 "The label " + std::to_string(labels[i]) + " is not between 0 and the number of examples."},
                "labels");
        const auto label = static_cast<std::size_t>(labels[i]);
        if (label >= classes.size()) classes.resize(label + 1);
        classes[label].push_back(static_cast<std::int32_t>(i));
    }
    for (std::size_t label = 0; label < classes.size(); ++label) {
        require(
            !classes[label].empty(), ErrorKind::out_of_range,
            {"类别 " + std::to_string(label) + " 没有样本。", "Class " + std::to_string(label) + " has no example."},
            "labels");
    }
    return classes;
}

std::vector<std::int32_t> resampled(const std::vector<std::int32_t>& labels, const Rng& rng, bool up) {
    auto classes = by_class(labels);
    std::size_t size = classes[0].size();
    for (const auto& each : classes) size = up ? std::max(size, each.size()) : std::min(size, each.size());
    std::vector<std::int32_t> all;
    for (std::size_t label = 0; label < classes.size(); ++label) {
        Rng own = rng.split(static_cast<std::uint64_t>(label));
        for (std::size_t taken = 0; taken < size;) {
            own.shuffle(classes[label]);
            const std::size_t more = std::min(classes[label].size(), size - taken);
            all.insert(all.end(), classes[label].begin(), classes[label].begin() + static_cast<std::ptrdiff_t>(more));
            taken += more;
        }
    }
    Rng order = rng.split("order");
    order.shuffle(all);
    return all;
}

}  // namespace

std::vector<double> class_shares(const std::vector<std::int64_t>& counts, double alpha) {
    require(!counts.empty(), ErrorKind::shape, {"至少要有一个类别。", "There must be at least one class."}, "counts");
    require(alpha >= 0.0, ErrorKind::out_of_range, {"alpha 不能为负。", "alpha must not be negative."}, "alpha");
    std::vector<double> shares;
    double total = 0.0;
    for (const std::int64_t count : counts) {
        require(count >= 1, ErrorKind::out_of_range,
                {"每个类别至少要有一个样本。", "Every class needs at least one example."}, "counts");
        shares.push_back(glassformer::exp(alpha * glassformer::log(static_cast<double>(count))));
        total += shares.back();
    }
    for (double& share : shares) share /= total;
    return shares;
}

ClassSampler::ClassSampler(const std::vector<std::int32_t>& labels, double alpha, const Rng& rng) : rng_(rng) {
    std::vector<std::int64_t> counts;
    for (auto& examples : by_class(labels)) {
        counts.push_back(static_cast<std::int64_t>(examples.size()));
        classes_.push_back({std::move(examples), 0});
        classes_.back().next = classes_.back().examples.size();  // shuffled before the first is taken
    }
    shares_ = class_shares(counts, alpha);
}

std::int32_t ClassSampler::next_of(std::size_t label) {
    Class& chosen = classes_[label];
    if (chosen.next == chosen.examples.size()) {
        rng_.shuffle(chosen.examples);
        chosen.next = 0;
    }
    return chosen.examples[chosen.next++];
}

std::vector<std::int32_t> ClassSampler::draw(std::int64_t size) {
    std::vector<std::int32_t> batch;
    for (std::int64_t i = 0; i < size; ++i) {
        auto left = static_cast<double>(rng_.uniform());
        std::size_t label = 0;
        while (label + 1 < shares_.size() && left >= shares_[label]) left -= shares_[label++];
        batch.push_back(next_of(label));
    }
    return batch;
}

std::vector<std::int32_t> ClassSampler::draw_evenly(std::int64_t size) {
    std::vector<std::int32_t> batch;
    for (std::int64_t i = 0; i < size; ++i) {
        batch.push_back(next_of(turn_));
        turn_ = (turn_ + 1) % classes_.size();
    }
    return batch;
}

std::vector<std::int32_t> undersampled(const std::vector<std::int32_t>& labels, const Rng& rng) {
    return resampled(labels, rng, false);
}

std::vector<std::int32_t> oversampled(const std::vector<std::int32_t>& labels, const Rng& rng) {
    return resampled(labels, rng, true);
}

}  // namespace glassformer
