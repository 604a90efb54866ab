#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lesson/check.h"

namespace glassformer {

struct SessionOptions {
    std::function<double()> milliseconds;  ///< a monotonic clock
    Budget budget = {};
    std::int64_t clamp_work = 0;  ///< > 0: parameters marked work at most this (quick tests, fuzzing)
    std::size_t most_handles = 32;
};

/// Everything the page asks of the engine, as JSON text in and out: the entry of the WebAssembly binding and of the
/// fuzzer. Runs and check jobs share one space of handles. Nothing throws: a failure is {"error": {kind, message,
/// parameter}}.
class Session {
  public:
    explicit Session(SessionOptions options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::string version();
    std::string catalog();
    /// RunRequest -> {"handle": n}. Nothing is computed yet.
    std::string start(std::string_view request);
    /// At least one frame, then more until `budget_ms` have passed or the run is at its last: Position or
    /// CheckJobPosition. At the end it gives the same position again.
    std::string advance(std::int32_t handle, double budget_ms);
    /// The frame the run is at; its tensors are in buffer() until the next frame().
    std::string frame(std::int32_t handle);
    const std::vector<std::uint8_t>& buffer() const { return buffer_; }
    std::string drop(std::int32_t handle);
    /// Bytes (a checkpoint) for the runs started from now on.
    std::string asset(std::string_view name, const std::uint8_t* bytes, std::size_t size);
    /// EvaluateRequest -> EvaluateResult on the frame the run is at. Beyond the protocol's members it takes "language"
    /// (for outputs that are texts) and "preset" {parameters, seed}: the part's own setting, outside which an empirical
    /// finding is not claimed.
    std::string evaluate(std::int32_t handle, std::string_view request);
    /// CheckJobRequest -> {"handle": n}.
    std::string check_start(std::string_view request);

  private:
    struct Item;
    Item& item(std::int32_t handle);
    Item& running(std::int32_t handle);
    std::int32_t add(std::unique_ptr<Item> item);
    Json advance_run(Item& item, double budget_ms);
    Json advance_check(Item& item, double budget_ms);
    Json evaluate_item(Item& item, const Json& request);

    SessionOptions options_;
    std::map<std::int32_t, std::unique_ptr<Item>> items_;
    std::int32_t next_ = 1;
    std::map<std::string, std::vector<std::uint8_t>> assets_;
    std::vector<std::uint8_t> buffer_;
    RunCache cache_{8};
};

}  // namespace glassformer
