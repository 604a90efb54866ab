#include "lesson/schema.h"

#include <algorithm>
#include <cmath>
#include <regex>

#include "lesson/protocol.h"

namespace glassformer {
namespace {

std::string child(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

std::string type_of(const Json& json) {
    if (json.is_null()) return "null";
    if (json.is_boolean()) return "boolean";
    if (json.is_string()) return "string";
    if (json.is_array()) return "array";
    if (json.is_object()) return "object";
    const bool whole = json.is_number_integer() || json.get<double>() == std::floor(json.get<double>());
    return whole ? "integer" : "number";
}

std::string joined(const Json& values) {
    std::string text;
    for (const Json& value : values)
        text += (text.empty() ? "" : ", ") + (value.is_string() ? value.get<std::string>() : dump_json(value));
    return text;
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class Validator {
  public:
    explicit Validator(const Json& root) : root_(root) {}

    void check(const Json& schema, const Json& value, const std::string& path, std::vector<Problem>& problems) const {
        if (schema.contains("$ref")) check(resolve(schema["$ref"].get<std::string>()), value, path, problems);
        const auto report = [&](const std::string& zh, const std::string& en) { problems.push_back({path, {zh, en}}); };
        for (const auto& [keyword, rule] : schema.items()) {
            if (keyword == "type") {
                if (!has_type(rule, value)) {
                    const std::string wanted = rule.is_array() ? joined(rule) : rule.get<std::string>();
                    report("应是 " + wanted + "，却是 " + type_of(value) + "。",
                           "must be " + wanted + " and is " + type_of(value) + ".");
                    return;  // nothing else about it makes sense
                }
            } else if (keyword == "const") {
                if (value != rule) report("应是 " + dump_json(rule) + "。", "must be " + dump_json(rule) + ".");
            } else if (keyword == "enum") {
                if (std::find(rule.begin(), rule.end(), value) == rule.end()) {
                    const std::string found = dump_json(value);
                    report("应是 " + joined(rule) + " 之一，却是 " + found + "。",
                           "must be one of " + joined(rule) + " and is " + found + ".");
                }
            } else if (keyword == "oneOf") {
                one_of(rule, value, path, problems);
            } else if (keyword == "required") {
                required(rule, value, path, problems);
            } else if (keyword == "properties" || keyword == "additionalProperties") {
                if (keyword == "properties" || !schema.contains("properties")) members(schema, value, path, problems);
            } else if (keyword == "items") {
                for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
                    check(rule, value[i], path + "[" + std::to_string(i) + "]", problems);
                }
            } else if (keyword == "pattern") {
                if (value.is_string() &&
                    !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()))) {
                    const std::string found = dump_json(value);
                    report(found + " 不符合格式 " + rule.get<std::string>() + "。",
                           found + " does not match " + rule.get<std::string>() + ".");
                }
            } else if (!limits(keyword, rule, value, report) && !annotation(keyword)) {
                throw Error(ErrorKind::internal,
                            {"不认识的 JSON Schema 关键字“" + keyword + "”。",
                             "The JSON Schema keyword '" + keyword + "' is not understood."},
                            path);
            }
        }
    }

  private:
    static bool annotation(const std::string& keyword) {
        static const char* const known[] = {"$schema", "$id", "$defs", "$ref", "title", "description", "default"};
        return std::find(std::begin(known), std::end(known), keyword) != std::end(known);
    }

    static bool has_type(const Json& rule, const Json& value) {
        const std::string type = type_of(value);
        const auto fits = [&](const Json& name) { return name == type || (name == "number" && type == "integer"); };
        return rule.is_array() ? std::any_of(rule.begin(), rule.end(), fits) : fits(rule);
    }

    template <typename Report>
    static bool limits(const std::string& keyword, const Json& rule, const Json& value, const Report& report) {
        double size = 0.0;
        if (keyword == "minimum" || keyword == "maximum") {
            if (!value.is_number()) return true;
            size = value.get<double>();
        } else if (keyword == "minItems" || keyword == "maxItems") {
            if (!value.is_array()) return true;
            size = static_cast<double>(value.size());
        } else if (keyword == "minLength") {
            if (!value.is_string()) return true;
            size = static_cast<double>(characters(value.get<std::string>()));
        } else if (keyword == "minProperties") {
            if (!value.is_object()) return true;
            size = static_cast<double>(value.size());
        } else {
            return false;
        }
        const bool least = keyword.rfind("min", 0) == 0;
        if (least ? size >= rule.get<double>() : size <= rule.get<double>()) return true;
        const bool counted = keyword != "minimum" && keyword != "maximum";
        const std::string found = counted ? std::to_string(static_cast<long long>(size)) : dump_json(value);
        report(
            (counted ? "个数" : "值") + std::string(least ? "至少 " : "至多 ") + rule.dump() + "，却是 " + found + "。",
            (counted ? "its length" : "it") + std::string(least ? " must be at least " : " must be at most ") +
                rule.dump() + " and is " + found + ".");
        return true;
    }

    static void required(const Json& names, const Json& value, const std::string& path,
                         std::vector<Problem>& problems) {
        if (!value.is_object()) return;
        for (const Json& name : names) {
            const std::string text = name.get<std::string>();
            if (value.contains(text)) continue;
            const bool language = text == "zh" || text == "en";
            const std::string zh = language
                                       ? std::string("缺少") + (text == "zh" ? "中文" : "英文") + "（" + text + "）。"
                                       : "缺少“" + text + "”。";
            const std::string en = language ? std::string("the ") + (text == "zh" ? "Chinese" : "English") + " text (" +
                                                  text + ") is missing."
                                            : "'" + text + "' is missing.";
            problems.push_back({path, {zh, en}});
        }
    }

    void members(const Json& schema, const Json& value, const std::string& path, std::vector<Problem>& problems) const {
        if (!value.is_object()) return;
        static const Json none = Json::object();
        const Json& known = schema.contains("properties") ? schema["properties"] : none;
        for (const auto& [name, member] : value.items()) {
            if (known.contains(name)) {
                check(known[name], member, child(path, name), problems);
            } else if (schema.contains("additionalProperties")) {
                const Json& rule = schema["additionalProperties"];
                if (rule.is_object()) {
                    check(rule, member, child(path, name), problems);
                } else if (rule == false) {
                    std::string names;
                    for (const auto& entry : known.items()) names += (names.empty() ? "" : ", ") + entry.key();
                    problems.push_back({child(path, name),
                                        {"没有这一项；可以有 " + names + "。",
                                         "there is no such member; allowed are " + names + "."}});
                }
            }
        }
    }

    void one_of(const Json& branches, const Json& value, const std::string& path,
                std::vector<Problem>& problems) const {
        std::vector<Problem> nearest;
        std::vector<std::string> kinds;
        std::size_t fitting = 0;
        for (const Json& branch : branches) {
            const Json* kind = branch.contains("properties") && branch["properties"].contains("kind") &&
                                       branch["properties"]["kind"].contains("const")
                                   ? &branch["properties"]["kind"]["const"]
                                   : nullptr;
            if (kind != nullptr) {
                kinds.push_back(kind->get<std::string>());
                if (!value.is_object() || !value.contains("kind") || value["kind"] != *kind) continue;
            }
            std::vector<Problem> found;
            check(branch, value, path, found);
            if (found.empty())
                ++fitting;
            else if (nearest.empty() || kind != nullptr || deeper(found, nearest))
                nearest = std::move(found);
        }
        if (fitting == 1) return;
        if (!kinds.empty() && nearest.empty()) {
            std::string names;
            for (const std::string& kind : kinds) names += (names.empty() ? "" : ", ") + kind;
            const std::string found = value.is_object() && value.contains("kind") ? dump_json(value["kind"]) : "null";
            problems.push_back({child(path, "kind"),
                                {"没有种类 " + found + "；有 " + names + "。",
                                 "there is no kind " + found + "; there are " + names + "."}});
            return;
        }
        if (fitting > 1) nearest = {{path, {"同时符合几种写法。", "fits more than one form."}}};
        problems.insert(problems.end(), nearest.begin(), nearest.end());
    }

    /// The branch that got further into the value is the one that was meant.
    static bool deeper(const std::vector<Problem>& a, const std::vector<Problem>& b) {
        return a[0].path.size() > b[0].path.size();
    }

    const Json& resolve(const std::string& reference) const {
        const std::string prefix = "#/$defs/";
        if (reference.rfind(prefix, 0) == 0) {
            const std::string name = reference.substr(prefix.size());
            if (root_.contains("$defs") && root_["$defs"].contains(name)) return root_["$defs"][name];
        }
        throw Error(ErrorKind::internal,
                    {"JSON Schema 里没有 " + reference + "。", "The JSON Schema has no " + reference + "."});
    }

    const Json& root_;
};

}  // namespace

std::vector<Problem> schema_problems(const Json& schema, const Json& document) {
    std::vector<Problem> problems;
    Validator(schema).check(schema, document, "", problems);
    return problems;
}

}  // namespace glassformer
