#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "data/batch.h"

namespace glassformer {

/// A fingerprint of everything that a generator made (FNV-1a): recorded once, then the same from every compiler and in
/// wasm.
class Fingerprint {
  public:
    Fingerprint& operator<<(std::uint64_t word) {
        hash_ = (hash_ ^ word) * 0x100000001B3ULL;
        return *this;
    }
    Fingerprint& operator<<(const Tensor& tensor) {
        for (const float x : tensor.elements()) *this << std::bit_cast<std::uint32_t>(x);
        return *this;
    }
    Fingerprint& operator<<(const IntTensor& tensor) {
        for (const std::int32_t x : tensor.elements()) *this << static_cast<std::uint32_t>(x);
        return *this;
    }
    Fingerprint& operator<<(const BoolTensor& tensor) {
        for (const std::uint8_t x : tensor.elements()) *this << x;
        return *this;
    }
    Fingerprint& operator<<(const TokenBatch& batch) { return *this << batch.inputs << batch.targets << batch.mask; }
    Fingerprint& operator<<(const LabelledPoints& points) { return *this << points.inputs << points.labels; }
    Fingerprint& operator<<(const std::string& text) {
        for (const char c : text) *this << static_cast<unsigned char>(c);
        return *this << text.size();
    }
    std::uint64_t value() const { return hash_; }

  private:
    std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

}  // namespace glassformer
