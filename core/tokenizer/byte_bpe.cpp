#include "tokenizer/byte_bpe.h"

#include <cstring>
#include <limits>
#include <queue>

#include "tokenizer/byte_level.h"
#include "tokenizer/gpt2_pattern.h"

namespace glassformer {
namespace {

constexpr std::int32_t no_rank = std::numeric_limits<std::int32_t>::max();

std::uint16_t pair_of(char left, char right) {
    return static_cast<std::uint16_t>(static_cast<std::uint8_t>(left) << 8 | static_cast<std::uint8_t>(right));
}

}  // namespace

std::optional<ByteBpeEncoder> ByteBpeEncoder::make(const Bpe& bpe) {
    const BpeOptions& options = bpe.options();
    if (!options.continuing_prefix.empty() || !options.end_suffix.empty()) return std::nullopt;
    ByteBpeEncoder encoder(bpe);
    for (int byte = 0; byte < 256; ++byte) {
        const std::string raw(1, static_cast<char>(byte));
        const auto id = bpe.vocabulary().find(encoder.visible_ ? to_visible(raw) : raw);
        if (!id) return std::nullopt;
        encoder.byte_ids_[static_cast<std::size_t>(byte)] = *id;
    }
    return encoder;
}

ByteBpeEncoder::ByteBpeEncoder(const Bpe& bpe)
    : bpe_(&bpe),
      visible_(bpe.units() == Bpe::Units::characters),
      byte_pairs_(65536),
      cache_(std::size_t{1} << cache_bits) {
    std::string bytes;
    bpe.for_each_merge([&](const MergeRule& rule, const Bpe::Merge& merge) {
        // A rule over other characters never meets bytes.
        if (!bytes_of(rule.result, bytes)) return;
        for (std::size_t i = 1; i < bytes.size(); ++i) inside_piece_.set(pair_of(bytes[i - 1], bytes[i]));
        if (bytes.size() != 2) return;
        const std::uint16_t pair = pair_of(bytes[0], bytes[1]);
        if (bytes_of(rule.left, bytes) && bytes.size() == 1) byte_pairs_[pair] = merge;
    });
}

bool ByteBpeEncoder::bytes_of(std::int32_t id, std::string& bytes) const {
    const std::string& piece = bpe_->vocabulary().piece(id);
    if (visible_) return from_visible(piece, bytes);
    bytes = piece;
    return true;
}

void ByteBpeEncoder::encode_gpt2(std::string_view text, std::vector<std::int32_t>& ids) {
    ids.reserve(ids.size() + text.size() / 3 + 16);
    Output out(ids);
    const char* const end = text.data() + text.size();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t stop = gpt2_match(text, at);
        encode_word(text.substr(at, stop - at), end, out);
        at = stop;
    }
}

void ByteBpeEncoder::encode(std::string_view word, std::vector<std::int32_t>& ids) {
    Output out(ids);
    if (!word.empty()) encode_word(word, word.data() + word.size(), out);
}

void ByteBpeEncoder::encode_word(std::string_view word, const char* readable_end, Output& out) {
    if (word.size() > longest_key) {
        if (!encode_whole(word, out)) encode_parts(word, readable_end, out);
        return;
    }
    Entry key;
    if (readable_end - word.data() >= 16) {
        // Two loads past the end of the word and a mask are quicker than a copy of as many bytes as there are.
        std::memcpy(&key.low, word.data(), 8);
        std::memcpy(&key.high, word.data() + 8, 8);
        const std::size_t bits = 8 * word.size();
        key.low &= bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
        key.high &= bits <= 64 ? 0 : (std::uint64_t{1} << (bits - 64)) - 1;
    } else {
        char bytes[16] = {};
        std::memcpy(bytes, word.data(), word.size());
        std::memcpy(&key.low, bytes, 8);
        std::memcpy(&key.high, bytes + 8, 8);
    }
    key.high |= std::uint64_t{word.size()} << 56;
    const std::uint64_t hash = (key.low ^ key.high * 0x9E3779B97F4A7C15ULL) * 0xFF51AFD7ED558CCDULL;
    Entry& entry = cache_[hash >> (64 - cache_bits)];
    if (entry.low != key.low || entry.high != key.high) return encode_new(word, entry, key, out);
    std::memcpy(out.room(most_ids + 1), entry.ids, sizeof(entry.ids));
    out.took(static_cast<std::size_t>(entry.ids[most_ids]));
}

void ByteBpeEncoder::encode_new(std::string_view part, Entry& entry, const Entry& key, Output& out) {
    const std::size_t before = out.count();
    if (!encode_whole(part, out)) encode_parts(part, nullptr, out);
    const std::size_t count = out.count() - before;
    if (count > most_ids) return;
    entry = key;
    std::memcpy(entry.ids, out.from(before), count * sizeof(std::int32_t));
    entry.ids[most_ids] = static_cast<std::int32_t>(count);
}

bool ByteBpeEncoder::encode_whole(std::string_view word, Output& out) const {
    if (!bpe_->options().ignore_merges) return false;
    const auto whole = bpe_->vocabulary().find(visible_ ? to_visible(word) : std::string(word));
    if (!whole) return false;
    *out.room(1) = *whole;
    out.took(1);
    return true;
}

void ByteBpeEncoder::encode_parts(std::string_view word, const char* readable_end, Output& out) {
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= word.size(); ++i) {
        if (i < word.size() && inside_piece_[pair_of(word[i - 1], word[i])]) continue;
        const std::string_view part = word.substr(begin, i - begin);
        begin = i;
        // A part is remembered like a word, unless it is all of it or wholes go another way.
        const bool known = part.size() <= longest_key && part.size() < word.size() && !bpe_->options().ignore_merges;
        if (known)
            encode_word(part, readable_end == nullptr ? word.data() + word.size() : readable_end, out);
        else
            merge(part, out);
    }
}

void ByteBpeEncoder::merge(std::string_view part, Output& out) {
    constexpr std::size_t short_enough = 64;
    if (part.size() > short_enough) return merge_long(part, out);
    std::int32_t* const ids = out.room(part.size());
    Bpe::Merge merges[short_enough];  // of each symbol with the next
    std::size_t count = part.size();
    for (std::size_t i = 0; i < count; ++i) {
        ids[i] = byte_ids_[static_cast<std::uint8_t>(part[i])];
        const bool last = i + 1 == count;
        merges[i] = last ? Bpe::Merge{} : byte_pairs_[pair_of(part[i], part[i + 1])];
        if (merges[i].rank < 0) merges[i].rank = no_rank;
    }
    const auto look_up = [&](std::size_t i) {
        const Bpe::Merge* found = i + 1 < count ? bpe_->find_merge(ids[i], ids[i + 1]) : nullptr;
        merges[i] = found == nullptr ? Bpe::Merge{no_rank, -1} : *found;
    };
    while (true) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < count; ++i) {
            if (merges[i].rank < merges[best].rank) best = i;
        }
        if (merges[best].rank == no_rank) break;
        ids[best] = merges[best].result;
        --count;
        for (std::size_t i = best + 1; i < count; ++i) {
            ids[i] = ids[i + 1];
            merges[i] = merges[i + 1];
        }
        look_up(best);
        if (best > 0) look_up(best - 1);
    }
    out.took(count);
}

void ByteBpeEncoder::merge_long(std::string_view part, Output& out) const {
    // A linked list in place, and a queue of (rank, position); entries that a merge made stale are thrown away.
    struct Symbol {
        std::int32_t id;
        std::int32_t previous;
        std::int32_t next;
    };
    const auto size = static_cast<std::int32_t>(part.size());
    std::vector<Symbol> symbols(part.size());
    for (std::int32_t i = 0; i < size; ++i) {
        const auto byte = static_cast<std::uint8_t>(part[static_cast<std::size_t>(i)]);
        symbols[static_cast<std::size_t>(i)] = {byte_ids_[byte], i - 1, i + 1};
    }
    const auto at = [&](std::int32_t i) -> Symbol& { return symbols[static_cast<std::size_t>(i)]; };
    const auto merge_at = [&](std::int32_t i) {
        return at(i).next < size ? bpe_->find_merge(at(i).id, at(at(i).next).id) : nullptr;
    };
    const auto key = [](std::int32_t rank, std::int32_t i) {
        return static_cast<std::uint64_t>(rank) << 32 | static_cast<std::uint32_t>(i);
    };
    std::vector<std::uint64_t> open;
    open.reserve(part.size());
    for (std::int32_t i = 0; i < size; ++i) {
        if (const Bpe::Merge* found = merge_at(i)) open.push_back(key(found->rank, i));
    }
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> queue({}, std::move(open));
    while (!queue.empty()) {
        const auto rank = static_cast<std::int32_t>(queue.top() >> 32);
        const auto i = static_cast<std::int32_t>(queue.top() & 0xFFFFFFFFU);
        queue.pop();
        if (at(i).id < 0) continue;
        const Bpe::Merge* found = merge_at(i);
        if (found == nullptr || found->rank != rank) continue;
        const std::int32_t gone = at(i).next;
        at(i).id = found->result;
        at(i).next = at(gone).next;
        at(gone).id = -1;
        if (at(i).next < size) at(at(i).next).previous = i;
        if (const Bpe::Merge* next = merge_at(i)) queue.push(key(next->rank, i));
        if (at(i).previous < 0) continue;
        if (const Bpe::Merge* before = merge_at(at(i).previous)) queue.push(key(before->rank, at(i).previous));
    }
    for (std::int32_t i = 0; i < size; i = at(i).next) {
        *out.room(1) = at(i).id;
        out.took(1);
    }
}

}  // namespace glassformer
