#pragma once

#include <cstdint>

namespace glassformer {

/// What a computation cost, counted, not timed: the same on every machine.
struct Cost {
    std::uint64_t flops = 0;    ///< floating-point operations; one multiply-add counts as two
    std::uint64_t bytes = 0;    ///< bytes read and written by kernels, caches ignored
    std::uint64_t matmuls = 0;  ///< matrix products started
};

/// Counts the cost of everything this thread's kernels do while it lives; scopes nest, the outer one sees the inner's.
class CostScope {
  public:
    CostScope();
    ~CostScope();
    CostScope(const CostScope&) = delete;
    CostScope& operator=(const CostScope&) = delete;
    const Cost& cost() const { return cost_; }

  private:
    friend void count_cost(std::uint64_t, std::uint64_t, std::uint64_t);
    Cost cost_;
    CostScope* outer_;
};

/// Called by kernels. Does nothing when no scope is open.
void count_cost(std::uint64_t flops, std::uint64_t bytes, std::uint64_t matmuls = 0);

}  // namespace glassformer
