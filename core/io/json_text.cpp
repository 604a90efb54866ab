#include "io/json_text.h"

#include <set>
#include <vector>

namespace glassformer {
namespace {

[[noreturn]] void malformed(std::string_view what, const std::string& zh, const std::string& en) {
    const std::string name(what);
    throw Error(ErrorKind::malformed, {name + "：" + zh, name + ": " + en}, name);
}

[[noreturn]] void too_much(std::string_view what, const std::string& zh, const std::string& en) {
    const std::string name(what);
    throw Error(ErrorKind::budget, {name + "：" + zh, name + ": " + en}, name);
}

std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool second = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
        return second && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool second = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

/// Refuses what the library would let pass: deep nesting and a name given twice (it keeps the last silently).
class Watch {
  public:
    Watch(std::string_view what, const JsonLimits& limits) : what_(what), limits_(limits) {}

    bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
        using Event = Json::parse_event_t;
        if (event == Event::object_start || event == Event::array_start) {
            if (depth >= limits_.depth) {
                const std::string limit = std::to_string(limits_.depth);
                malformed(what_, "嵌套超过 " + limit + " 层。", "nested more than " + limit + " deep.");
            }
            names_.emplace_back();
        } else if (event == Event::object_end || event == Event::array_end) {
            names_.pop_back();
        } else if (event == Event::key) {
            const auto& name = parsed.get_ref<const std::string&>();
            if (!names_.back().insert(name).second) {
                malformed(what_, "名字“" + shown_name(name) + "”出现了两次。",
                          "the name \"" + shown_name(name) + "\" is given twice.");
            }
            if (names_.back().size() > limits_.names) {
                too_much(what_, "一个对象里的名字超过 " + std::to_string(limits_.names) + " 个。",
                         "an object has more than " + std::to_string(limits_.names) + " names.");
            }
        }
        return true;
    }

  private:
    std::string_view what_;
    JsonLimits limits_;
    std::vector<std::set<std::string>> names_;
};

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text, at);
        if (length == 0) return at;
        at += length;
    }
    return std::string_view::npos;
}

std::string shown_name(std::string_view name) {
    constexpr std::size_t longest = 60;
    if (name.size() <= longest) return std::string(name);
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
    return std::string(name.substr(0, end)) + "…";
}

Json parse_json_text(std::string_view text, std::string_view what, const JsonLimits& limits) {
    if (text.size() > limits.bytes) {
        const std::string given = std::to_string(text.size()), limit = std::to_string(limits.bytes);
        too_much(what, "有 " + given + " 字节，最多允许 " + limit + " 字节。",
                 given + " bytes; at most " + limit + " are allowed.");
    }
    if (const std::size_t at = first_invalid_utf8(text); at != std::string_view::npos) {
        malformed(what, "第 " + std::to_string(at) + " 字节起不是合法的 UTF-8。",
                  "not valid UTF-8 from byte " + std::to_string(at) + ".");
    }
    try {
        return Json::parse(text, Watch(what, limits));
    } catch (const Json::parse_error& error) {
        malformed(what, "在第 " + std::to_string(error.byte) + " 字节处不是合法的 JSON。",
                  "not valid JSON at byte " + std::to_string(error.byte) + ".");
    } catch (const Json::out_of_range&) {  // 1e999
        malformed(what, "有超出范围的数。", "a number is out of range.");
    }
}

}  // namespace glassformer
