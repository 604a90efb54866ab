#include "tokenizer/json_tree.h"

#include <cmath>
#include <limits>

#include "base/json.h"

namespace glassformer {
namespace {

constexpr std::size_t deepest = 64;

const Text& kind_name(JsonTree::Kind kind) {
    static const Text names[] = {{"null", "null"},     {"布尔值", "a boolean"}, {"整数", "an integer"},
                                 {"数", "a number"},   {"字符串", "a string"},  {"数组", "an array"},
                                 {"对象", "an object"}};
    return names[static_cast<int>(kind)];
}

[[noreturn]] void refuse_kind(const std::string& where, JsonTree::Kind given, JsonTree::Kind wanted) {
    throw Error(ErrorKind::wrong_type,
                {where + " 应是" + kind_name(wanted).zh + "，给的是" + kind_name(given).zh + "。",
                 where + " must be " + kind_name(wanted).en + ", not " + kind_name(given).en + "."},
                where);
}

}  // namespace

/// Takes the events of the parser.
class JsonTree::Reader {
  public:
    explicit Reader(JsonTree& tree) : tree_(tree) { tree_.nodes_.emplace_back(); }  // node 0 stands for none

    bool null() { return add(Kind::null) != nullptr; }
    bool boolean(bool value) {
        add(Kind::boolean)->boolean = value;
        return true;
    }
    bool number_integer(std::int64_t value) {
        Node* node = add(Kind::integer);
        node->integer = value;
        node->number = static_cast<double>(value);
        return true;
    }
    bool number_unsigned(std::uint64_t value) {
        if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return number_integer(static_cast<std::int64_t>(value));
        }
        return number_float(static_cast<double>(value), "");
    }
    bool number_float(double value, const std::string&) {
        add(Kind::number)->number = value;
        return true;
    }
    bool string(std::string& value) {
        const std::uint32_t begin = keep(value);
        Node* node = add(Kind::text);
        node->text_begin = begin;
        node->text_length = static_cast<std::uint32_t>(value.size());
        return true;
    }
    template <typename Binary>
    bool binary(Binary&) {
        return false;
    }
    bool start_object(std::size_t) { return open(Kind::object); }
    bool start_array(std::size_t) { return open(Kind::array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        key_begin_ = keep(name);
        key_length_ = static_cast<std::uint32_t>(name.size());
        return true;
    }
    template <typename Exception>
    bool parse_error(std::size_t position, const std::string&, const Exception&) {
        const std::string place = std::to_string(position);
        throw Error(ErrorKind::malformed, {"不是合法的 JSON：第 " + place + " 个字节处读不下去。",
                                           "This is no JSON: it cannot be read at byte " + place + "."});
    }

  private:
    struct Open {
        std::uint32_t node;
        std::uint32_t last_child;
    };
    std::uint32_t keep(const std::string& text) {
        const auto begin = static_cast<std::uint32_t>(tree_.characters_.size());
        tree_.characters_ += text;
        return begin;
    }
    Node* add(Kind kind) {
        const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
        Node& node = tree_.nodes_.emplace_back();
        node.kind = kind;
        node.key_begin = key_begin_;
        node.key_length = key_length_;
        key_length_ = 0;
        if (!open_.empty()) {
            Open& parent = open_.back();
            Node& above = tree_.nodes_[parent.node];
            (parent.last_child == 0 ? above.first_child : tree_.nodes_[parent.last_child].next_sibling) = index;
            ++above.children;
            parent.last_child = index;
        }
        return &node;
    }
    bool open(Kind kind) {
        if (open_.size() >= deepest) {
            const std::string most = std::to_string(deepest);
            throw Error(ErrorKind::malformed,
                        {"JSON 嵌套超过 " + most + " 层。", "The JSON nests deeper than " + most + " levels."});
        }
        add(kind);
        open_.push_back({static_cast<std::uint32_t>(tree_.nodes_.size()) - 1, 0});
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    JsonTree& tree_;
    std::vector<Open> open_;
    std::uint32_t key_begin_ = 0, key_length_ = 0;
};

JsonTree::JsonTree(std::string_view text) {
    characters_.reserve(text.size());
    Reader reader(*this);
    Json::sax_parse(text.begin(), text.end(), &reader);
}

void JsonTree::Value::expect(Kind wanted, const std::string& where) const {
    if (kind() != wanted) refuse_kind(where, kind(), wanted);
}

bool JsonTree::Value::boolean(const std::string& where) const {
    expect(Kind::boolean, where);
    return node().boolean;
}

std::int64_t JsonTree::Value::integer(const std::string& where) const {
    expect(Kind::integer, where);
    return node().integer;
}

double JsonTree::Value::number(const std::string& where) const {
    if (kind() != Kind::integer) expect(Kind::number, where);
    if (!std::isfinite(node().number)) {
        throw Error(ErrorKind::out_of_range, {where + " 太大，不是有限的数。", where + " is too large for a number."},
                    where);
    }
    return node().number;
}

std::string_view JsonTree::Value::text(const std::string& where) const {
    expect(Kind::text, where);
    return view(node().text_begin, node().text_length);
}

std::int64_t JsonTree::Value::integer(const std::string& where, std::int64_t low, std::int64_t high) const {
    const std::int64_t value = integer(where);
    if (value >= low && value <= high) return value;
    const std::string given = std::to_string(value);
    const std::string from = std::to_string(low);
    const std::string to = std::to_string(high);
    throw Error(ErrorKind::out_of_range,
                {where + " 是 " + given + "，应在 " + from + " 到 " + to + " 之间。",
                 where + " is " + given + "; it must be between " + from + " and " + to + "."},
                where);
}

std::optional<JsonTree::Value> JsonTree::Value::find(std::string_view name) const {
    std::optional<Value> found;
    if (kind() != Kind::object) return found;
    for (const Value member : *this) {
        if (member.key() == name) found = member;
    }
    return found;
}

std::optional<JsonTree::Value> JsonTree::Value::given(std::string_view name) const {
    auto found = find(name);
    if (found && found->is_null()) found.reset();
    return found;
}

JsonTree::Value JsonTree::Value::need(std::string_view name, const std::string& where) const {
    expect(Kind::object, where);
    if (const auto found = find(name)) return *found;
    const std::string field(name);
    throw Error(ErrorKind::malformed, {where + " 缺少 “" + field + "”。", where + " lacks \"" + field + "\"."},
                where + "." + field);
}

}  // namespace glassformer
