#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/experiment.h"
#include "lesson/predicate.h"
#include "lesson/protocol.h"

namespace glassformer {

using ParameterMap = std::map<std::string, ParameterValue>;

/// Where a part of a lesson stands: what presets, sweeps and domains are laid over.
struct Setting {
    const Experiment* experiment = nullptr;
    ParameterMap parameters;
    std::uint64_t seed = 1;
};

enum class ClaimKind { theorem, empirical, soft };

/// A claim a computation can test, as a lesson's file states it.
struct Check {
    ClaimKind kind = ClaimKind::empirical;
    Predicate predicate;
    std::map<std::string, std::vector<ParameterValue>> domain;  ///< integer, number: {low, high}; else allowed values
    std::map<std::string, ParameterMap> runs;
    std::map<std::string, std::vector<ParameterValue>> sweep;
    std::vector<std::uint64_t> seeds;
    bool median = false;

    /// Error naming the member; every parameter named must exist in the experiment and have the right kind.
    static Check from_json(const Json& json, const Experiment& experiment);
    /// True when the run on the page is not enough: it compares runs, sweeps, or takes a median.
    bool needs_runs() const { return !runs.empty() || !sweep.empty() || median; }
    /// Whether every parameter named in `domain` lies in it.
    bool in_domain(const Experiment& experiment, const ParameterMap& arguments) const;
};

struct CheckOutcome {
    enum class Status { pass, fail, not_claimed, needs_runs, waiting, error };
    Status status = Status::waiting;
    std::optional<Sides> sides;  ///< of the worst case
    std::string shown;
    std::int64_t runs = 0;
    std::string worst;  ///< which parameters and seed the worst case had
    std::optional<Error> error;
};
const char* status_name(CheckOutcome::Status status);
Json outcome_json(const CheckOutcome& outcome);

/// The check on the frame a run is at, without starting another run. Outside its domain nothing is claimed; an
/// empirical finding is claimed only at the part's own setting and its seeds (when `preset` says what those are).
CheckOutcome check_on_run(const Check& check, const Experiment& experiment, const Arguments& arguments,
                          std::uint64_t seed, const Values& values, bool last, const Setting* preset);

/// Last frames of runs, so that ten checks on one training run train once. Oldest out first.
class RunCache {
  public:
    struct Entry {
        Arguments arguments;
        Values values;
    };
    explicit RunCache(std::size_t capacity) : capacity_(capacity) {}
    std::shared_ptr<const Entry> find(const std::string& key) const;
    void put(const std::string& key, std::shared_ptr<const Entry> entry);

  private:
    std::size_t capacity_;
    std::vector<std::pair<std::string, std::shared_ptr<const Entry>>> entries_;
};

struct CheckOptions {
    bool full = false;            ///< every sweep value, seed and domain sample; else the presets once
    std::int64_t clamp_work = 0;  ///< > 0: parameters marked work at most this; only theorems are still judged then
    Budget budget = {};
    RunCache* cache = nullptr;
    std::map<std::string, std::vector<std::uint8_t>> assets = {};
};

/// Lowers what is marked `work` to at most `limit`, never below the parameter's range.
void clamp_work(const Experiment& experiment, ParameterMap& parameters, std::int64_t limit);

/// A check with the runs it needs, advanced a frame at a time so that a worker stays responsive.
///
/// Cases. Presets once with the first seed (all seeds for a median). Full: also each combination of the sweep, each
/// seed, and for a theorem the corners of its domain and random settings in it (work clamped to 20 there; a setting the
/// experiment refuses with a typed error is no counterexample). A case lays parameters over one another in this order:
/// the part's own, domain sample, preset, sweep.
class CheckJob {
  public:
    CheckJob(Setting setting, Check check, CheckOptions options);
    CheckJob(CheckJob&&) noexcept;
    CheckJob& operator=(CheckJob&&) noexcept;
    ~CheckJob();

    /// Computes one frame of each run of the present case. False when the outcome stands.
    bool advance();
    std::int64_t done() const;
    std::int64_t total() const;
    bool finished() const;
    const CheckOutcome& outcome() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace glassformer
