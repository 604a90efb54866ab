#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace glassformer {

/// Spreads 64 bits over 64 (the finalizer of MurmurHash3). Hashes only decide where things lie in a table, never a
/// result.
inline std::uint64_t mix_bits(std::uint64_t x) {
    x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDULL;
    x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53ULL;
    return x ^ (x >> 33);
}

inline std::uint64_t hash_bytes(std::string_view bytes) {
    std::uint64_t hash = bytes.size() * 0x9E3779B97F4A7C15ULL;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + at, 8);
        hash = mix_bits(hash ^ word);
    }
    std::uint64_t rest = 0;
    for (; at < bytes.size(); ++at) rest = rest << 8 | static_cast<std::uint8_t>(bytes[at]);
    return mix_bits(hash ^ rest);
}

/// A map from pairs of ids to values: open addressing in one block of memory, for the inner loops of BPE. Nothing is
/// ever removed.
template <typename Value>
class PairMap {
  public:
    Value* find(std::int32_t left, std::int32_t right) {
        return const_cast<Value*>(static_cast<const PairMap*>(this)->find(left, right));
    }
    const Value* find(std::int32_t left, std::int32_t right) const {
        if (slots_.empty()) return nullptr;
        const std::uint64_t key = pack(left, right);
        for (std::size_t at = mix_bits(key) & mask_;; at = (at + 1) & mask_) {
            if (slots_[at].key == key) return &slots_[at].value;
            if (slots_[at].key == free_slot) return nullptr;
        }
    }
    /// The value of the pair, made by default where it is new. Stays where it is until the next new pair.
    Value& operator[](const std::pair<std::int32_t, std::int32_t>& pair) {
        if (2 * (count_ + 1) > slots_.size()) grow();
        const std::uint64_t key = pack(pair.first, pair.second);
        std::size_t at = mix_bits(key) & mask_;
        while (slots_[at].key != key && slots_[at].key != free_slot) at = (at + 1) & mask_;
        if (slots_[at].key == free_slot) {
            slots_[at].key = key;
            ++count_;
        }
        return slots_[at].value;
    }
    void reserve(std::size_t count) {
        if (2 * count > slots_.size()) resize(std::bit_ceil(2 * count));
    }
    std::size_t size() const { return count_; }
    /// Calls visit(left, right, value) for every pair, in an order that means nothing.
    template <typename Visit>
    void for_each(Visit visit) const {
        for (const Slot& slot : slots_) {
            if (slot.key == free_slot) continue;
            visit(static_cast<std::int32_t>(slot.key >> 32), static_cast<std::int32_t>(slot.key & 0xFFFFFFFFU),
                  slot.value);
        }
    }

  private:
    static constexpr std::uint64_t free_slot = ~std::uint64_t{0};  // (-1, -1), which is no pair of ids
    struct Slot {
        std::uint64_t key = free_slot;
        Value value{};
    };
    static std::uint64_t pack(std::int32_t left, std::int32_t right) {
        return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
    }
    void grow() { resize(slots_.empty() ? 16 : 2 * slots_.size()); }
    void resize(std::size_t slots) {
        std::vector<Slot> old(slots);
        old.swap(slots_);
        mask_ = slots_.size() - 1;
        for (Slot& slot : old) {
            if (slot.key == free_slot) continue;
            std::size_t at = mix_bits(slot.key) & mask_;
            while (slots_[at].key != free_slot) at = (at + 1) & mask_;
            slots_[at] = std::move(slot);
        }
    }

    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::size_t count_ = 0;
};

}  // namespace glassformer
