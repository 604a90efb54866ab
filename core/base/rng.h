#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace glassformer {

/// The block function itself: 128 bits of counter and 64 bits of key to 128 random bits.
void philox4x32(const std::uint32_t counter[4], const std::uint32_t key[2], std::uint32_t out[4]);

/// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
/// The same seed and stream give the same bits on every compiler and in wasm; nothing of <random> is used, because the
/// standard leaves its distributions to the library. Copying an Rng copies its place in the sequence.
class Rng {
  public:
    explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

    /// An independent generator for a named purpose ("weights", "data"). It depends on this generator's seed and stream
    /// and on `name`, not on how many numbers were drawn: adding a draw in one place never shifts another.
    Rng split(std::string_view name) const;
    /// The same for a numbered purpose (update 17, layer 3).
    Rng split(std::uint64_t index) const;

    std::uint32_t bits();
    /// Uniform in [0, 1), 24 random bits.
    float uniform();
    /// Uniform in [low, high).
    float uniform(float low, float high);
    /// Uniform integer in [0, count), without modulo bias. count >= 1, else Error(out_of_range).
    std::uint32_t integer(std::uint32_t count);
    /// Standard normal, at most 5.9 in size (Box-Muller on 24-bit uniforms, with the core's own log, sin and cos).
    float normal();
    /// Fills with mean + std * normal.
    void fill_normal(std::span<float> out, float mean = 0.0F, float standard_deviation = 1.0F);
    void fill_uniform(std::span<float> out, float low, float high);
    /// In-place Fisher-Yates shuffle.
    void shuffle(std::span<std::int32_t> values);

  private:
    std::uint64_t seed_;
    std::uint64_t stream_;
    std::uint64_t counter_ = 0;
    std::uint32_t block_[4] = {};
    int used_ = 4;
    float spare_[8] = {};
    int spares_ = 0;
};

}  // namespace glassformer
