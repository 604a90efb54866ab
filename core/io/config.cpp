#include "io/config.h"

#include <cmath>

namespace glassformer {
namespace {

/// A value from outside, short enough for a message.
std::string shown(const Json& value) {
    return value.is_structured() ? (value.is_array() ? "[…]" : "{…}") : shown_name(value.dump());
}

[[noreturn]] void wrong_type(const std::string& name, const Json& value, const char* zh, const char* en) {
    throw Error(ErrorKind::wrong_type,
                {"配置项 " + name + " 应为" + zh + "，给的是 " + shown(value) + "。",
                 "The field " + name + " must be " + en + "; " + shown(value) + " was given."},
                name);
}

[[noreturn]] void out_of_range(const std::string& name, const Json& value, const std::string& allowed) {
    throw Error(ErrorKind::out_of_range,
                {"配置项 " + name + " 允许 " + allowed + "，给的是 " + shown(value) + "。",
                 "The field " + name + " may be " + allowed + "; " + shown(value) + " was given."},
                name);
}

}  // namespace

Config Config::parse(std::string_view text) {
    Config config;
    config.json_ = parse_json_text(text, "config");
    if (!config.json_.is_object()) {
        throw Error(ErrorKind::malformed,
                    {"配置必须是一个 JSON 对象 {…}。", "A configuration must be one JSON object {…}."}, "config");
    }
    return config;
}

Config Config::read(const ByteSource& source) {
    const std::vector<std::byte> bytes = read_all(source, JsonLimits{}.bytes);
    return parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

const Json* Config::find(const std::string& name, bool required) const {
    read_.insert(name);
    const auto found = json_.find(name);
    if (found != json_.end()) return &*found;
    if (!required) return nullptr;
    throw Error(ErrorKind::unknown_name, {"配置缺少 " + name + "。", "The configuration lacks the field " + name + "."},
                name);
}

std::int64_t Config::integer(const std::string& name, std::int64_t low, std::int64_t high,
                             std::optional<std::int64_t> fallback) const {
    const Json* value = find(name, !fallback);
    if (value == nullptr) return *fallback;
    if (!value->is_number_integer()) wrong_type(name, *value, "整数", "an integer");
    const bool huge = value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    const std::int64_t number = huge ? INT64_MAX : value->get<std::int64_t>();
    if (huge || number < low || number > high) {
        out_of_range(name, *value, std::to_string(low) + " … " + std::to_string(high));
    }
    return number;
}

double Config::number(const std::string& name, double low, double high, std::optional<double> fallback) const {
    const Json* value = find(name, !fallback);
    if (value == nullptr) return *fallback;
    if (!value->is_number()) wrong_type(name, *value, "数", "a number");
    const double number = value->get<double>();
    if (!(number >= low && number <= high)) {
        out_of_range(name, *value, Json(low).dump() + " … " + Json(high).dump());
    }
    return number;
}

bool Config::boolean(const std::string& name, std::optional<bool> fallback) const {
    const Json* value = find(name, !fallback);
    if (value == nullptr) return *fallback;
    if (!value->is_boolean()) wrong_type(name, *value, " true 或 false", "true or false");
    return value->get<bool>();
}

std::string Config::text(const std::string& name, std::initializer_list<const char*> allowed,
                         std::optional<std::string> fallback) const {
    const Json* value = find(name, !fallback);
    if (value == nullptr) return *fallback;
    if (!value->is_string()) wrong_type(name, *value, "文字", "text");
    const auto& text = value->get_ref<const std::string&>();
    if (allowed.size() == 0) return text;
    std::string list;
    for (const char* one : allowed) {
        if (text == one) return text;
        list += (list.empty() ? "" : ", ") + std::string(one);
    }
    out_of_range(name, *value, list);
}

void Config::refuse_unread() const {
    for (const auto& [name, value] : json_.items()) {
        if (read_.contains(name)) continue;
        const std::string field = shown_name(name);
        throw Error(ErrorKind::unknown_name,
                    {"配置里有不认识的 " + field + "。", "The configuration has an unknown field, " + field + "."},
                    field);
    }
}

}  // namespace glassformer
