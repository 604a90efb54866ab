#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace glassformer {

/// The bytes of a safetensors file with this header and these elements, whether or not they make sense.
inline std::vector<std::byte> safetensors(const std::string& header, std::initializer_list<int> elements = {}) {
    std::vector<std::byte> bytes;
    for (int i = 0; i < 8; ++i)
        bytes.push_back(static_cast<std::byte>(std::uint64_t{header.size()} >> (8 * i) & 0xFFU));
    for (const char c : header) bytes.push_back(static_cast<std::byte>(c));
    for (const int element : elements) bytes.push_back(static_cast<std::byte>(element));
    return bytes;
}

/// The kind of the Error that a call throws; nothing if it throws none.
template <typename Call>
std::optional<ErrorKind> kind_of(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return error.kind();
    }
    return std::nullopt;
}

}  // namespace glassformer
