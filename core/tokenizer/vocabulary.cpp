#include "tokenizer/vocabulary.h"

#include "base/error.h"

namespace glassformer {

std::int32_t Vocabulary::add(std::string_view piece) {
    if (const auto known = find(piece)) return *known;
    const std::int32_t id = size();
    pieces_.emplace_back(piece);
    ids_.emplace(std::string(piece), id);
    return id;
}

std::optional<std::int32_t> Vocabulary::find(std::string_view piece) const {
    const auto found = ids_.find(piece);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

const std::string& Vocabulary::piece(std::int32_t id) const {
    if (id < 0 || id >= size()) {
        throw Error(
            ErrorKind::out_of_range,
            {"词表里没有 id " + std::to_string(id) + "；共 " + std::to_string(size()) + " 个。",
             "The vocabulary has no id " + std::to_string(id) + "; it has " + std::to_string(size()) + " pieces."},
            "id");
    }
    return pieces_[static_cast<std::size_t>(id)];
}

}  // namespace glassformer
