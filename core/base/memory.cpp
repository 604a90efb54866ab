#include "base/memory.h"

#include <algorithm>
#include <bit>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define GLASSFORMER_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GLASSFORMER_POISON 1
#endif
#endif
#ifdef GLASSFORMER_POISON
#include <sanitizer/asan_interface.h>
#endif

namespace glassformer {
namespace {

void poison([[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) {
#ifdef GLASSFORMER_POISON
    __asan_poison_memory_region(block, bytes);
#endif
}
void unpoison([[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) {
#ifdef GLASSFORMER_POISON
    __asan_unpoison_memory_region(block, bytes);
#endif
}

constexpr std::size_t smallest = 32;
constexpr int steps_per_doubling = 8;
constexpr int classes = steps_per_doubling * 40;

/// Sizes come in classes, eight to a doubling: at most an eighth of a block is never used.
struct SizeClass {
    int index;
    std::size_t bytes;
};

SizeClass size_class(std::size_t bytes) {
    bytes = std::max(bytes, smallest);
    const int doubling = std::bit_width(bytes - 1) - 1;  // 2^doubling < bytes <= 2^(doubling + 1), or bytes = 32
    const std::size_t step = std::max<std::size_t>((std::size_t{1} << doubling) / steps_per_doubling, 16);
    const std::size_t rounded = (bytes + step - 1) / step * step;
    const auto within = static_cast<int>((rounded - (std::size_t{1} << doubling)) / step);  // 1 ... 8
    return {(doubling - 4) * steps_per_doubling + within, rounded};
}

struct Block {
    Block* next;
    std::size_t bytes;
};

/// Constant-initialised and without a destructor, so that tensors which outlive the thread's own objects (static ones)
/// still find it; `Closing` empties it when the thread ends.
struct Pool {
    Block* free[classes];
    std::uint64_t from_system;
    std::uint64_t reused;
    std::size_t free_bytes;
    bool closed;
};
thread_local constinit Pool pool = {};

struct Closing {
    bool armed = false;
    ~Closing() {
        pool_trim();
        pool.closed = true;
    }
};
thread_local Closing closing;

constexpr std::align_val_t alignment{16};

/// Gives back idle blocks, largest first, until `bytes` more may lie idle. Without it a pool filled by what ended (the
/// evaluation of a large model, say) would keep nothing of what goes on, and every update would ask the system anew.
void make_room(std::size_t bytes) noexcept {
    for (int index = classes - 1; index >= 0 && pool.free_bytes + bytes > pool_limit; --index) {
        while (pool.free[index] != nullptr && pool.free_bytes + bytes > pool_limit) {
            Block* block = pool.free[index];
            unpoison(block, smallest);
            pool.free[index] = block->next;
            pool.free_bytes -= block->bytes;
            ::operator delete(block, alignment);
        }
    }
}

}  // namespace

void* pool_allocate(std::size_t bytes) {
    const SizeClass size = size_class(bytes);
    if (size.index < classes && pool.free[size.index] != nullptr) {
        Block* block = pool.free[size.index];
        unpoison(block, size.bytes);
        pool.free[size.index] = block->next;
        pool.free_bytes -= size.bytes;
        ++pool.reused;
        return block;
    }
    ++pool.from_system;
    if (void* block = ::operator new(size.bytes, alignment, std::nothrow)) return block;
    pool_trim();  // what lies idle in other sizes may be what is missing
    if (void* block = ::operator new(size.bytes, alignment, std::nothrow)) return block;
    throw std::bad_alloc();
}

void pool_release(void* given, std::size_t bytes) noexcept {
    if (given == nullptr) return;
    const SizeClass size = size_class(bytes);
    if (pool.closed || size.index >= classes || size.bytes > pool_limit) {
        ::operator delete(given, alignment);
        return;
    }
    make_room(size.bytes);
    closing.armed = true;  // the first use registers its destructor
    Block* block = static_cast<Block*>(given);
    *block = {pool.free[size.index], size.bytes};
    pool.free[size.index] = block;
    pool.free_bytes += size.bytes;
    poison(block, size.bytes);
}

void pool_trim() noexcept {
    for (Block*& first : pool.free) {
        while (first != nullptr) {
            Block* block = first;
            unpoison(block, smallest);
            first = block->next;
            ::operator delete(block, alignment);
        }
    }
    pool.free_bytes = 0;
}

PoolStatistics pool_statistics() { return {pool.from_system, pool.reused, pool.free_bytes}; }

}  // namespace glassformer
