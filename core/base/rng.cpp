#include "base/rng.h"

#include <bit>
#include <cmath>

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

// Philox4x32-10, constants from Salmon et al. 2011, table 2.
constexpr std::uint32_t multiplier_0 = 0xD2511F53U;
constexpr std::uint32_t multiplier_1 = 0xCD9E8D57U;
constexpr std::uint32_t weyl_0 = 0x9E3779B9U;
constexpr std::uint32_t weyl_1 = 0xBB67AE85U;

std::uint64_t mix(std::uint64_t x) {  // the finalizer of splitmix64: every input bit reaches every output bit
    x ^= x >> 30;
    x *= 0xBF58476D1CE4E5B9ULL;
    x ^= x >> 27;
    x *= 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

}  // namespace

void philox4x32(const std::uint32_t counter[4], const std::uint32_t key[2], std::uint32_t out[4]) {
    std::uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    std::uint32_t k[2] = {key[0], key[1]};
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product_0 = std::uint64_t{multiplier_0} * c[0];
        const std::uint64_t product_1 = std::uint64_t{multiplier_1} * c[2];
        const std::uint32_t next[4] = {
            static_cast<std::uint32_t>(product_1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(product_1),
            static_cast<std::uint32_t>(product_0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(product_0)};
        for (int i = 0; i < 4; ++i) c[i] = next[i];
        k[0] += weyl_0;
        k[1] += weyl_1;
    }
    for (int i = 0; i < 4; ++i) out[i] = c[i];
}

Rng::Rng(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

Rng Rng::split(std::string_view name) const {
    std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return split(hash);
}

Rng Rng::split(std::uint64_t index) const {
    return Rng(seed_, mix(stream_ + 0x9E3779B97F4A7C15ULL * (mix(index) | 1U)));
}

std::uint32_t Rng::bits() {
    if (used_ == 4) {
        const std::uint32_t counter[4] = {
            static_cast<std::uint32_t>(counter_), static_cast<std::uint32_t>(counter_ >> 32),
            static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
        const std::uint32_t key[2] = {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)};
        philox4x32(counter, key, block_);
        ++counter_;
        used_ = 0;
    }
    return block_[used_++];
}

float Rng::uniform() { return static_cast<float>(bits() >> 8) * 0x1p-24F; }

float Rng::uniform(float low, float high) { return low + (high - low) * uniform(); }

std::uint32_t Rng::integer(std::uint32_t count) {
    if (count == 0) {
        throw Error(ErrorKind::out_of_range, {"随机整数的个数必须至少为 1，给的是 0。",
                                              "A random integer needs a count of at least 1; 0 was given."});
    }
    // Rejection of the incomplete last interval keeps every value equally likely.
    const std::uint32_t limit = 0xFFFFFFFFU - 0xFFFFFFFFU % count;
    std::uint32_t value = bits();
    while (value >= limit) value = bits();
    return value % count;
}

namespace {

using Floats = float __attribute__((vector_size(16)));
using Integers = std::int32_t __attribute__((vector_size(16)));

/// ln of 0 < u < 1, four at a time: 2 artanh((m - 1) / (m + 1)) of the mantissa, plus the exponent's share.
Floats log_lanes(Floats u) {
    const Integers bits = std::bit_cast<Integers>(u);
    // Measured from sqrt(1/2), so that the mantissa lies within a factor sqrt(2) of 1.
    const Integers exponent = (bits - 0x3F3504F3) >> 23;
    const Floats m = std::bit_cast<Floats>(bits - (exponent << 23));
    const Floats s = (m - 1.0F) / (m + 1.0F);
    const Floats s2 = s * s;
    Floats sum = Floats{} + 1.0F / 9;
    sum = sum * s2 + 1.0F / 7;
    sum = sum * s2 + 1.0F / 5;
    sum = sum * s2 + 1.0F / 3;
    return __builtin_convertvector(exponent, Floats) * 0.69314718F + (2.0F * s + 2.0F * s * s2 * sum);
}

/// Four pairs of independent standard normals from eight words (Box & Muller 1958), in single precision: a training run
/// or a sweep draws hundreds of thousands.
void normals_from(const std::uint32_t words[8], float out[8]) {
    Floats u;
    Floats turn;
    for (int i = 0; i < 4; ++i) {
        // 24 bits each; the half keeps u off 0, whose logarithm is infinite.
        u[i] = (static_cast<float>(words[i] >> 8) + 0.5F) * 0x1p-24F;
        turn[i] = static_cast<float>(words[i + 4] >> 8) * 0x1p-24F;
    }
    Floats radius = -2.0F * log_lanes(u);
    for (int i = 0; i < 4; ++i) radius[i] = std::sqrt(radius[i] > 0.0F ? radius[i] : 0.0F);
    // The angle in quarter turns is reduced exactly: to the nearest whole one and a rest of at most half of one.
    const Floats quarters = turn * 4.0F;
    const Floats nearest = (quarters + 12582912.0F) - 12582912.0F;
    const Floats r = (quarters - nearest) * 1.57079633F;
    const Floats r2 = r * r;
    const Floats sine = r + r * r2 * (-1.0F / 6 + r2 * (1.0F / 120 + r2 * (-1.0F / 5040 + r2 * (1.0F / 362880))));
    const Floats cosine = 1.0F + r2 * (-0.5F + r2 * (1.0F / 24 + r2 * (-1.0F / 720 + r2 * (1.0F / 40320))));
    const Integers quadrant = __builtin_convertvector(nearest, Integers) & 3;
    const Integers odd = (quadrant & 1) != 0;
    const Floats x = odd ? -sine : cosine;
    const Floats y = odd ? cosine : sine;
    const Integers opposite = quadrant >= 2;
    const Floats first = radius * (opposite ? -x : x);
    const Floats second = radius * (opposite ? -y : y);
    for (int i = 0; i < 4; ++i) {
        out[2 * i] = first[i];
        out[2 * i + 1] = second[i];
    }
}

}  // namespace

float Rng::normal() {
    if (spares_ == 0) {
        std::uint32_t words[8];
        for (std::uint32_t& word : words) word = bits();
        normals_from(words, spare_);
        spares_ = 8;
    }
    return spare_[8 - spares_--];
}

void Rng::fill_normal(std::span<float> out, float mean, float standard_deviation) {
    for (float& x : out) x = mean + standard_deviation * normal();
}

void Rng::fill_uniform(std::span<float> out, float low, float high) {
    for (float& x : out) x = uniform(low, high);
}

void Rng::shuffle(std::span<std::int32_t> values) {
    for (std::size_t i = values.size(); i > 1; --i) {
        std::swap(values[i - 1], values[integer(static_cast<std::uint32_t>(i))]);
    }
}

}  // namespace glassformer
