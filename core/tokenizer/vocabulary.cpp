#include "tokenizer/vocabulary.h"

#include <bit>

#include "base/error.h"
#include "tokenizer/hashing.h"

namespace glassformer {

std::size_t Vocabulary::slot_of(std::string_view piece, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        const Slot& slot = slots_[at];
        if (slot.id < 0) return at;
        if (slot.tag == tag && pieces_[static_cast<std::size_t>(slot.id)] == piece) return at;
    }
}

void Vocabulary::grow(std::size_t slots) {
    slots_.assign(slots, {});
    for (std::int32_t id = 0; id < size(); ++id) {
        if (!given_[static_cast<std::size_t>(id)]) continue;
        const std::string& piece = pieces_[static_cast<std::size_t>(id)];
        const std::uint64_t hash = hash_bytes(piece);
        slots_[slot_of(piece, hash)] = {id, static_cast<std::uint32_t>(hash >> 32)};
    }
}

void Vocabulary::reserve(std::size_t pieces) {
    pieces_.reserve(pieces);
    if (2 * pieces > slots_.size()) grow(std::bit_ceil(2 * pieces));
}

void Vocabulary::link(std::int32_t id, std::string_view piece, std::uint64_t hash) {
    const auto index = static_cast<std::size_t>(id);
    if (index >= pieces_.size()) {
        pieces_.resize(index + 1);
        given_.resize(index + 1, false);
    }
    if (2 * (static_cast<std::size_t>(count_) + 1) > slots_.size()) grow(slots_.empty() ? 16 : 2 * slots_.size());
    slots_[slot_of(piece, hash)] = {id, static_cast<std::uint32_t>(hash >> 32)};
    pieces_[index] = piece;
    given_[index] = true;
    ++count_;
}

std::int32_t Vocabulary::add(std::string_view piece) {
    const std::uint64_t hash = hash_bytes(piece);
    if (!slots_.empty()) {
        const std::int32_t known = slots_[slot_of(piece, hash)].id;
        if (known >= 0) return known;
    }
    const std::int32_t id = size();
    link(id, piece, hash);
    return id;
}

void Vocabulary::set(std::int32_t id, std::string_view piece) {
    const std::uint64_t hash = hash_bytes(piece);
    const bool known = !slots_.empty() && slots_[slot_of(piece, hash)].id >= 0;
    if (known || id < 0 || id >= most_ids || has(id)) refuse(id, piece);
    link(id, piece, hash);
}

void Vocabulary::refuse(std::int32_t id, std::string_view piece) const {
    const std::string number = std::to_string(id);
    const std::string name(piece);
    if (id < 0 || id >= most_ids) {
        const std::string most = std::to_string(most_ids);
        throw Error(
            ErrorKind::out_of_range,
            {"片段“" + name + "”的 id 是 " + number + "；应不小于 0、小于 " + most + "。",
             "The id of the piece \"" + name + "\" is " + number + "; it must be at least 0 and below " + most + "."},
            "vocab");
    }
    if (has(id)) {
        throw Error(ErrorKind::malformed,
                    {"id " + number + " 给了两个片段：“" + this->piece(id) + "”和“" + name + "”。",
                     "The id " + number + " is given to two pieces, \"" + this->piece(id) + "\" and \"" + name + "\"."},
                    "vocab");
    }
    const std::string first = std::to_string(find(piece).value_or(-1));
    throw Error(ErrorKind::malformed,
                {"片段“" + name + "”出现两次，id 是 " + first + " 和 " + number + "。",
                 "The piece \"" + name + "\" is there twice, with the ids " + first + " and " + number + "."},
                "vocab");
}

std::optional<std::int32_t> Vocabulary::find(std::string_view piece) const {
    if (slots_.empty()) return std::nullopt;
    const std::int32_t id = slots_[slot_of(piece, hash_bytes(piece))].id;
    if (id < 0) return std::nullopt;
    return id;
}

const std::string& Vocabulary::piece(std::int32_t id) const {
    if (!has(id)) {
        throw Error(
            ErrorKind::out_of_range,
            {"词表里没有 id " + std::to_string(id) + "；共 " + std::to_string(count()) + " 个。",
             "The vocabulary has no id " + std::to_string(id) + "; it has " + std::to_string(count()) + " pieces."},
            "id");
    }
    return pieces_[static_cast<std::size_t>(id)];
}

}  // namespace glassformer
