#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "io/bytes.h"
#include "io/json_text.h"

namespace glassformer {

/// A configuration as JSON text ("config.json" of a checkpoint): named fields read with their range, so that a model is
/// never built from a number nobody checked. Every Error names the field as its parameter: unknown_name when it is
/// missing and has no fallback, wrong_type, out_of_range. The message says what was given and what is allowed.
class Config {
  public:
    Config() : json_(Json::object()) {}
    /// Error(malformed) unless the text is one JSON object (io/json_text.h).
    static Config parse(std::string_view text);
    static Config read(const ByteSource& source);

    bool contains(std::string_view name) const { return json_.contains(name); }
    std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high,
                         std::optional<std::int64_t> fallback = {}) const;
    double number(const std::string& name, double low, double high, std::optional<double> fallback = {}) const;
    bool boolean(const std::string& name, std::optional<bool> fallback = {}) const;
    /// Any text, or one of `allowed` when that is not empty.
    std::string text(const std::string& name, std::initializer_list<const char*> allowed = {},
                     std::optional<std::string> fallback = {}) const;

    /// Error(unknown_name) for a field that was never asked for: a misspelt one must not fall back silently.
    void refuse_unread() const;

    void set(const std::string& name, std::int64_t value) { json_[name] = value; }
    void set(const std::string& name, double value) { json_[name] = value; }
    void set(const std::string& name, bool value) { json_[name] = value; }
    void set(const std::string& name, const std::string& value) { json_[name] = value; }
    void set(const std::string& name, const char* value) { json_[name] = value; }
    void set(const std::string& name, int value) { json_[name] = value; }
    /// Fields in the order they were set, indented.
    std::string dump() const { return json_.dump(2); }

  private:
    const Json* find(const std::string& name, bool required) const;

    Json json_;
    mutable std::set<std::string> read_;
};

}  // namespace glassformer
