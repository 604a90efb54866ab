#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/variable.h"
#include "base/rng.h"

namespace glassformer {

/// What a forward pass computed on the way, by name ("layers.0.attention.scores"), in the order of computation. The
/// values are variables: after backward() they have gradients.
template <typename T>
class BasicTrace {
  public:
    struct Entry {
        std::string name;
        BasicVariable<T> value;
    };
    const std::vector<Entry>& entries() const { return entries_; }
    /// The latest value of that name; Error(unknown_name) lists what there is.
    const BasicVariable<T>& at(std::string_view name) const;
    /// How often something of that name was computed (an encoder that runs once, a decoder that runs n times).
    std::int64_t count(std::string_view name) const;
    void clear() { entries_.clear(); }

    /// Intervention: called with the name and value of each intermediate; what it returns is used in its place (a head
    /// silenced, a memory swapped, a value detached). Unset: nothing is changed.
    std::function<BasicVariable<T>(const std::string& name, const BasicVariable<T>& value)> edit;

  private:
    template <typename>
    friend class BasicPass;
    std::vector<Entry> entries_;
};
using Trace = BasicTrace<float>;

/// How a forward pass is to be made: for inference or for training (dropout, batch statistics), and whether what it
/// computes on the way is recorded. Layers hand it on with their name, `pass.at("attention")`, so that each dropout
/// site has its own random stream and each intermediate its own name. Without a trace and outside training that costs
/// nothing: no name is built.
template <typename T>
class BasicPass {
  public:
    /// Inference, nothing recorded.
    BasicPass() = default;
    /// The trace must outlive the pass.
    static BasicPass inference(BasicTrace<T>* trace = nullptr);
    /// `rng` belongs to one update: rng.split(update) gives every update other masks, and the same again when repeated.
    static BasicPass training(const Rng& rng, BasicTrace<T>* trace = nullptr);

    bool is_training() const { return training_ != nullptr; }
    /// Whether anyone looks: for layers that would have to compute something only to show it.
    bool is_traced() const { return trace_ != nullptr; }
    BasicPass at(std::string_view name) const;
    BasicPass at(std::string_view name, std::int64_t index) const;

    /// Records `value` under the pass's name and this one; gives it back, or what the trace's `edit` puts in its place.
    BasicVariable<T> observe(std::string_view name, const BasicVariable<T>& value) const;
    /// Inverted dropout at a named site in training; `x` itself otherwise or for p = 0. The mask depends on the
    /// update's generator, on the site and on nothing else: a site added elsewhere changes no mask here.
    BasicVariable<T> dropout(std::string_view site, const BasicVariable<T>& x, double p) const;
    /// The generator of a named site; Error(internal) outside training.
    Rng stream(std::string_view site) const;

  private:
    std::shared_ptr<const Rng> training_;  // set in training
    BasicTrace<T>* trace_ = nullptr;
    PooledString name_;
};
using Pass = BasicPass<float>;

}  // namespace glassformer
