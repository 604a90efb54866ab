#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glassformer {

/// A JSON text read into flat memory. A vocabulary is an object of fifty thousand members: a general document would
/// compare each new name with all before it.
class JsonTree {
  public:
    enum class Kind : std::uint8_t { null, boolean, integer, number, text, array, object };

    /// Error(malformed) naming the place when it is no JSON, is not UTF-8 or nests deeper than 64.
    explicit JsonTree(std::string_view text);

    class Value;
    Value root() const;

  private:
    struct Node {
        Kind kind = Kind::null;
        bool boolean = false;
        std::uint32_t key_begin = 0, key_length = 0;      // into characters_
        std::uint32_t text_begin = 0, text_length = 0;    // texts; for numbers: how they were written
        std::uint32_t first_child = 0, next_sibling = 0;  // 0: none
        std::uint32_t children = 0;
        std::int64_t integer = 0;
        double number = 0.0;
    };
    class Reader;

    std::vector<Node> nodes_;
    std::string characters_;
};

/// A value of a tree, with checks that name what they wanted: `where` is a path such as "model.vocab".
class JsonTree::Value {
  public:
    Kind kind() const { return node().kind; }
    bool is_null() const { return kind() == Kind::null; }
    std::string_view key() const { return view(node().key_begin, node().key_length); }
    std::size_t size() const { return node().children; }

    /// Error(wrong_type) when it is something else.
    bool boolean(const std::string& where) const;
    std::int64_t integer(const std::string& where) const;
    double number(const std::string& where) const;
    std::string_view text(const std::string& where) const;
    void expect(Kind kind, const std::string& where) const;
    /// An integer within [low, high]; Error(out_of_range) when it is not.
    std::int64_t integer(const std::string& where, std::int64_t low, std::int64_t high) const;

    /// A member of an object, the last of that name; none where it is missing.
    std::optional<Value> find(std::string_view name) const;
    /// A member that is there and not null; none otherwise.
    std::optional<Value> given(std::string_view name) const;
    /// Error(malformed) where it is missing.
    Value need(std::string_view name, const std::string& where) const;

    class Iterator;
    Iterator begin() const;
    Iterator end() const;

  private:
    friend class JsonTree;
    Value(const JsonTree* tree, std::uint32_t index) : tree_(tree), index_(index) {}
    const Node& node() const { return tree_->nodes_[index_]; }
    std::string_view view(std::uint32_t begin, std::uint32_t length) const {
        return std::string_view(tree_->characters_).substr(begin, length);
    }

    const JsonTree* tree_;
    std::uint32_t index_;
};

class JsonTree::Value::Iterator {
  public:
    Value operator*() const { return {tree_, index_}; }
    Iterator& operator++() {
        index_ = tree_->nodes_[index_].next_sibling;
        return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

  private:
    friend class JsonTree::Value;
    Iterator(const JsonTree* tree, std::uint32_t index) : tree_(tree), index_(index) {}
    const JsonTree* tree_;
    std::uint32_t index_;
};

inline JsonTree::Value JsonTree::root() const { return {this, 1}; }
inline JsonTree::Value::Iterator JsonTree::Value::begin() const { return {tree_, node().first_child}; }
inline JsonTree::Value::Iterator JsonTree::Value::end() const { return {tree_, 0}; }

}  // namespace glassformer
