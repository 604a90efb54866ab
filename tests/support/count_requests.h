#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

/// Every request of this executable to the system is counted, whoever makes it. Included by one file of an executable:
/// it replaces operator new and delete, all of their forms, so that what one form takes no other form of the system
/// gives back.
namespace glassformer::test {

inline std::atomic<std::uint64_t> requests{0};

inline void* counted(std::size_t bytes, std::size_t alignment) {
    ++requests;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    return alignment > alignof(std::max_align_t) ? std::aligned_alloc(alignment, rounded)
                                                 : std::malloc(bytes == 0 ? 1 : bytes);
}
inline void* counted_or_throw(std::size_t bytes, std::size_t alignment) {
    if (void* block = counted(bytes, alignment)) return block;
    throw std::bad_alloc();
}

}  // namespace glassformer::test

void* operator new(std::size_t bytes) { return glassformer::test::counted_or_throw(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return glassformer::test::counted_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return glassformer::test::counted(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return glassformer::test::counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
