#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/rng.h"
#include "experiments/value.h"

namespace glassformer {

/// The named values of a frame, in the order they were set.
class Values {
  public:
    /// Error(internal) if the name is taken.
    void set(std::string name, Value value);
    void set(std::string name, double scalar) { set(std::move(name), Value(Scalar{scalar})); }
    const Value* find(const std::string& name) const;
    const std::vector<std::pair<std::string, Value>>& entries() const { return entries_; }

  private:
    std::vector<std::pair<std::string, Value>> entries_;
};

/// A snapshot of a run. What it shows is built only when somebody looks (`values()`), so that a training run may yield
/// after every update and still cost nothing but the update.
class Frame {
  public:
    using Builder = std::function<void(Values&)>;

    Frame() = default;
    /// `done` of `total` units of work. The builder may refer to the coroutine's locals: it is called only while the
    /// run is suspended at this frame.
    Frame(std::int64_t done, std::int64_t total, Builder builder)
        : done_(done), total_(total), builder_(std::move(builder)) {}

    std::int64_t done() const { return done_; }
    std::int64_t total() const { return total_; }
    Values values() const;

  private:
    std::int64_t done_ = 0;
    std::int64_t total_ = 1;
    Builder builder_;
};

/// What a run may use besides its arguments: nothing else reaches it (no globals, no clock, no files).
struct Context {
    std::uint64_t seed = 1;
    std::map<std::string, std::vector<std::uint8_t>> assets = {};  ///< bytes by asset name
    std::function<double()> milliseconds = {};                     ///< a clock, for outputs marked soft; may be empty

    /// Independent randomness for a named purpose.
    Rng rng(const char* purpose) const { return Rng(seed).split(purpose); }
};

/// A run: a coroutine that yields frames; the last frame is the result. Destroying it drops the run wherever it is.
/// An experiment's function takes Arguments and Context *by value* (they live in the coroutine's own frame).
class Run {
  public:
    struct promise_type {
        Frame frame;
        std::exception_ptr failure;

        Run get_return_object() { return Run(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(Frame&& next) noexcept {
            frame = std::move(next);
            return {};
        }
        void return_void() {}
        void unhandled_exception() { failure = std::current_exception(); }
    };

    Run() = default;
    Run(Run&& other) noexcept
        : handle_(std::exchange(other.handle_, {})), sequence_(other.sequence_), cost_(other.cost_) {}
    Run& operator=(Run&& other) noexcept {
        std::swap(handle_, other.handle_);
        std::swap(sequence_, other.sequence_);
        std::swap(cost_, other.cost_);
        return *this;
    }
    ~Run() {
        if (handle_) handle_.destroy();
    }

    /// Computes up to the next frame. True if there is one; false when the run had already yielded its last.
    /// Rethrows what the experiment threw.
    bool advance();
    /// The frame the run is suspended at; Error(internal) before the first advance().
    const Frame& frame() const;
    /// 0 for the first frame.
    std::int64_t sequence() const { return sequence_; }
    /// True once frame().done() == frame().total(): an experiment's last frame says so.
    bool last() const { return frame().done() >= frame().total(); }
    /// Everything counted since the start.
    const Cost& cost() const { return cost_; }

  private:
    explicit Run(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_ = {};
    std::int64_t sequence_ = -1;
    Cost cost_ = {};
};

}  // namespace glassformer
