#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <vector>

/// Memory that goes round: what a training update frees is kept, by size, for the next one, which then takes nothing
/// from the system. Tensors, tape nodes and their closures live here. Per thread; a block may be released on another
/// thread than it came from. Under AddressSanitizer released blocks are poisoned: reading stale memory is found all the
/// same.
namespace glassformer {

/// At least `bytes`, aligned to 16; std::bad_alloc when neither the pool nor the system has it. Not initialised.
void* pool_allocate(std::size_t bytes);
/// Takes a block back; `bytes` as it was allocated with. A null pointer is ignored.
void pool_release(void* block, std::size_t bytes) noexcept;
/// Gives this thread's free blocks back to the system. Blocks in use are untouched.
void pool_trim() noexcept;

struct PoolStatistics {
    std::uint64_t from_system = 0;  ///< blocks taken from the system since the thread began
    std::uint64_t reused = 0;       ///< requests met by a free block
    std::size_t free_bytes = 0;     ///< held free now; never above pool_limit
};
PoolStatistics pool_statistics();
/// As many bytes lie idle at most: a block released beyond it sends the largest idle ones back to the system.
inline constexpr std::size_t pool_limit = std::size_t{256} << 20;

/// For standard containers.
template <typename T>
struct PoolAllocator {
    using value_type = T;
    PoolAllocator() = default;
    template <typename Other>
    PoolAllocator(const PoolAllocator<Other>&) {}
    T* allocate(std::size_t n) {
        if (n > static_cast<std::size_t>(-1) / 2 / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(pool_allocate(n * sizeof(T)));
    }
    void deallocate(T* block, std::size_t n) noexcept { pool_release(block, n * sizeof(T)); }
    bool operator==(const PoolAllocator&) const { return true; }
};

template <typename T>
using PooledVector = std::vector<T, PoolAllocator<T>>;
using PooledString = std::basic_string<char, std::char_traits<char>, PoolAllocator<char>>;

}  // namespace glassformer
