#include "tokenizer/encoding.h"

#include "tokenizer/byte_level.h"
#include "tokenizer/utf8.h"

namespace glassformer {

void Encoding::push_back(std::int32_t id, std::string piece, SourceSpan span, std::int32_t word) {
    ids.push_back(id);
    pieces.push_back(std::move(piece));
    spans.push_back(span);
    words.push_back(word);
    types.push_back(0);
    special.push_back(0);
}

void Encoding::append(const Encoding& other) {
    ids.insert(ids.end(), other.ids.begin(), other.ids.end());
    pieces.insert(pieces.end(), other.pieces.begin(), other.pieces.end());
    spans.insert(spans.end(), other.spans.begin(), other.spans.end());
    words.insert(words.end(), other.words.begin(), other.words.end());
    types.insert(types.end(), other.types.begin(), other.types.end());
    special.insert(special.end(), other.special.begin(), other.special.end());
}

Encoding Encoding::special_token(std::int32_t id, std::string piece, std::int32_t type) {
    return {{id}, {std::move(piece)}, {{0, 0}}, {-1}, {type}, {1}};
}

std::vector<ByteFragment> byte_fragments(const Encoding& encoding, std::u32string_view source) {
    std::vector<ByteFragment> fragments;
    // The bytes of the character at the current place that earlier tokens had.
    std::int32_t character = -1;
    std::int32_t taken = 0;
    for (std::size_t t = 0; t < encoding.size(); ++t) {
        const auto bytes = from_visible(encoding.pieces[t]);
        const SourceSpan span = encoding.spans[t];
        if (!bytes || encoding.special[t] != 0) continue;
        std::size_t used = 0;
        for (std::int32_t c = span.begin; c < span.end && used < bytes->size(); ++c) {
            const std::string whole = encode_utf8(source.substr(static_cast<std::size_t>(c), 1));
            if (c != character) taken = 0;
            character = c;
            const std::size_t from = static_cast<std::size_t>(taken);
            const std::string_view left = std::string_view(whole).substr(from);
            const std::string_view here = std::string_view(*bytes).substr(used, left.size());
            if (!left.starts_with(here)) break;  // a prefix space, or offsets that were trimmed
            taken += static_cast<std::int32_t>(here.size());
            used += here.size();
            if (here.size() == whole.size()) continue;
            fragments.push_back({t, c, static_cast<std::int32_t>(from) + 1, taken,
                                 static_cast<std::int32_t>(whole.size()), std::string(here)});
        }
    }
    return fragments;
}

}  // namespace glassformer
