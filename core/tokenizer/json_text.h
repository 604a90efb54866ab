#pragma once

#include <string>
#include <string_view>

namespace glassformer {

/// Appends a text as a JSON string. Everything but quotes, backslashes and control characters stands as it is.
inline void append_json_text(std::string& json, std::string_view text) {
    static const char digits[] = "0123456789abcdef";
    json += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (byte < 0x20) {
            json += "\\u00";
            json += digits[byte >> 4];
            json += digits[byte & 15];
        } else {
            json += c;
        }
    }
    json += '"';
}

inline std::string json_text(std::string_view text) {
    std::string json;
    append_json_text(json, text);
    return json;
}

}  // namespace glassformer
