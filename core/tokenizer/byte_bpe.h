#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizer/bpe.h"

namespace glassformer {

/// A byte-level BPE made fast: the same ids as Bpe::encode_word, which is its reference.
///
/// Three things save the work. A border between two bytes that stand side by side in no piece can never be merged
/// across, so long words (Chinese has no spaces) fall into short parts. Parts of up to 15 bytes are remembered with
/// their ids. What is left is merged in an array while it is short, in a queue when it is long.
class ByteBpeEncoder {
  public:
    /// None when the model is no byte-level BPE: units bytes, or characters that are all visible bytes, with none of
    /// the options but ignore_merges. The model must outlive the encoder.
    static std::optional<ByteBpeEncoder> make(const Bpe& bpe);

    /// Appends the ids of a word given as raw bytes. Remembers; not to be called from two threads at once.
    void encode(std::string_view word, std::vector<std::int32_t>& ids);
    /// Appends the ids of a text cut by GPT-2's pattern. Error(malformed) when it is not UTF-8.
    void encode_gpt2(std::string_view text, std::vector<std::int32_t>& ids);

  private:
    explicit ByteBpeEncoder(const Bpe& bpe);
    void encode_part(std::string_view part, std::vector<std::int32_t>& ids);
    void merge(std::string_view part, std::vector<std::int32_t>& ids);
    void merge_long(std::string_view part, std::vector<std::int32_t>& ids) const;

    static constexpr std::size_t longest_key = 15, most_ids = 7, cache_bits = 14;
    struct Entry {
        std::uint64_t low = 0;  // bytes 0 ... 7, then 8 ... 14 and the length
        std::uint64_t high = 0;
        std::uint32_t count = 0;
        std::int32_t ids[most_ids] = {};
    };

    const Bpe* bpe_;
    bool visible_;  // the vocabulary spells bytes as visible characters
    std::array<std::int32_t, 256> byte_ids_{};
    std::bitset<65536> inside_piece_;  // by two bytes that stand side by side in some piece
    std::vector<Entry> cache_;
    std::vector<std::int32_t> symbols_;
    std::vector<std::int32_t> ranks_;
};

}  // namespace glassformer
