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

    static constexpr std::size_t longest_key = 15, most_ids = 7, cache_bits = 15;
    /// A remembered part: its bytes, padded with zeros, and its length; its ids, the last place holds their number.
    struct Entry {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        std::int32_t ids[most_ids + 1] = {};
    };
    /// Where ids go: room for more than the next entry is always kept.
    class Output {
      public:
        explicit Output(std::vector<std::int32_t>& ids) : ids_(ids), count_(ids.size()) {}
        ~Output() { ids_.resize(count_); }
        Output(const Output&) = delete;
        Output& operator=(const Output&) = delete;
        std::int32_t* room(std::size_t count) {
            if (count_ + count > ids_.size()) ids_.resize(2 * ids_.size() + count + 1024);
            return ids_.data() + count_;
        }
        void took(std::size_t count) { count_ += count; }
        std::size_t count() const { return count_; }
        const std::int32_t* from(std::size_t place) const { return ids_.data() + place; }

      private:
        std::vector<std::int32_t>& ids_;
        std::size_t count_;
    };

    bool bytes_of(std::int32_t id, std::string& bytes) const;
    void encode_word(std::string_view word, const char* readable_end, Output& out);
    void encode_new(std::string_view part, Entry& entry, const Entry& key, Output& out);
    void encode_parts(std::string_view word, const char* readable_end, Output& out);
    bool encode_whole(std::string_view word, Output& out) const;
    void merge(std::string_view part, Output& out);
    void merge_long(std::string_view part, Output& out) const;

    const Bpe* bpe_;
    bool visible_;  // the vocabulary spells bytes as visible characters
    std::array<std::int32_t, 256> byte_ids_{};
    std::bitset<65536> inside_piece_;     // by two bytes that stand side by side in some piece
    std::vector<Bpe::Merge> byte_pairs_;  // by two bytes: their merge
    std::vector<Entry> cache_;
};

}  // namespace glassformer
