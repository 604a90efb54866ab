#include "base/counters.h"

namespace glassformer {
namespace {
thread_local CostScope* innermost = nullptr;
}

CostScope::CostScope() : outer_(innermost) { innermost = this; }
CostScope::~CostScope() { innermost = outer_; }

void count_cost(std::uint64_t flops, std::uint64_t bytes, std::uint64_t matmuls) {
    for (CostScope* scope = innermost; scope != nullptr; scope = scope->outer_) {
        scope->cost_.flops += flops;
        scope->cost_.bytes += bytes;
        scope->cost_.matmuls += matmuls;
    }
}

}  // namespace glassformer
