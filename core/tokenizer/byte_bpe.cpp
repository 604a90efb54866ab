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
    : bpe_(&bpe), visible_(bpe.units() == Bpe::Units::characters), cache_(std::size_t{1} << cache_bits) {
    for (const MergeRule& rule : bpe.rules()) {
        const std::string& piece = bpe.vocabulary().piece(rule.result);
        // A rule over other characters never meets bytes.
        const auto bytes = visible_ ? from_visible(piece) : std::optional(piece);
        for (std::size_t i = 1; bytes && i < bytes->size(); ++i)
            inside_piece_.set(pair_of((*bytes)[i - 1], (*bytes)[i]));
    }
}

void ByteBpeEncoder::encode_gpt2(std::string_view text, std::vector<std::int32_t>& ids) {
    ids.reserve(ids.size() + text.size() / 3 + 16);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = gpt2_match(text, at);
        encode(text.substr(at, end - at), ids);
        at = end;
    }
}

void ByteBpeEncoder::encode(std::string_view word, std::vector<std::int32_t>& ids) {
    if (word.size() <= longest_key) return encode_part(word, ids);
    if (bpe_->options().ignore_merges) {
        if (const auto whole = bpe_->vocabulary().find(visible_ ? to_visible(word) : std::string(word))) {
            ids.push_back(*whole);
            return;
        }
    }
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= word.size(); ++i) {
        if (i < word.size() && inside_piece_[pair_of(word[i - 1], word[i])]) continue;
        const std::string_view part = word.substr(begin, i - begin);
        if (part.size() <= longest_key && !bpe_->options().ignore_merges)
            encode_part(part, ids);
        else
            merge(part, ids);
        begin = i;
    }
}

void ByteBpeEncoder::encode_part(std::string_view part, std::vector<std::int32_t>& ids) {
    if (part.empty()) return;
    std::uint64_t key[2] = {0, 0};
    std::memcpy(key, part.data(), part.size());
    key[1] |= std::uint64_t{part.size()} << 56;
    const std::uint64_t hash = (key[0] ^ key[1] * 0x9E3779B97F4A7C15ULL) * 0xFF51AFD7ED558CCDULL;
    Entry& entry = cache_[hash >> (64 - cache_bits)];
    if (entry.low != key[0] || entry.high != key[1]) {
        const std::size_t before = ids.size();
        const auto whole = bpe_->options().ignore_merges
                               ? bpe_->vocabulary().find(visible_ ? to_visible(part) : std::string(part))
                               : std::nullopt;
        if (whole)
            ids.push_back(*whole);
        else
            merge(part, ids);
        const std::size_t count = ids.size() - before;
        if (count > most_ids) return;
        entry = {key[0], key[1], static_cast<std::uint32_t>(count), {}};
        std::memcpy(entry.ids, ids.data() + before, count * sizeof(std::int32_t));
        return;
    }
    ids.insert(ids.end(), entry.ids, entry.ids + entry.count);
}

void ByteBpeEncoder::merge(std::string_view part, std::vector<std::int32_t>& ids) {
    constexpr std::size_t short_enough = 64;
    if (part.size() > short_enough) return merge_long(part, ids);
    std::size_t count = part.size();
    symbols_.resize(count);
    ranks_.resize(count);
    for (std::size_t i = 0; i < count; ++i) symbols_[i] = byte_ids_[static_cast<std::uint8_t>(part[i])];
    const auto rank_at = [&](std::size_t i) {
        const Bpe::Merge* found = i + 1 < count ? bpe_->find_merge(symbols_[i], symbols_[i + 1]) : nullptr;
        return found == nullptr ? no_rank : found->rank;
    };
    for (std::size_t i = 0; i < count; ++i) ranks_[i] = rank_at(i);
    while (true) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < count; ++i) {
            if (ranks_[i] < ranks_[best]) best = i;
        }
        if (ranks_[best] == no_rank) break;
        symbols_[best] = bpe_->find_merge(symbols_[best], symbols_[best + 1])->result;
        const std::size_t after = count - best - 2;
        std::memmove(&symbols_[best + 1], symbols_.data() + best + 2, after * sizeof(std::int32_t));
        std::memmove(&ranks_[best + 1], ranks_.data() + best + 2, after * sizeof(std::int32_t));
        --count;
        ranks_[best] = rank_at(best);
        if (best > 0) ranks_[best - 1] = rank_at(best - 1);
    }
    ids.insert(ids.end(), symbols_.begin(), symbols_.begin() + static_cast<std::ptrdiff_t>(count));
}

void ByteBpeEncoder::merge_long(std::string_view part, std::vector<std::int32_t>& ids) const {
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
    for (std::int32_t i = 0; i < size; i = at(i).next) ids.push_back(at(i).id);
}

}  // namespace glassformer
