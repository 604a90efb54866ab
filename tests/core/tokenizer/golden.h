#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/source_dir.h"
#include "tokenizer/tokenizer_json.h"

/// What tests/golden/make_tokenizers.py wrote, and the generators that it shares with these tests.
namespace golden {

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}
inline std::string path(const std::string& name) {
    return glassformer::source_dir() + "/tests/golden/tokenizer/" + name;
}
inline glassformer::Json load(const std::string& name) { return glassformer::Json::parse(read_file(path(name))); }
inline std::vector<std::string> texts() { return load("texts.json").get<std::vector<std::string>>(); }
inline glassformer::Tokenizer tokenizer(const std::string& name) {
    return glassformer::read_tokenizer_json(read_file(path(name + ".json")));
}

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t n) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>((state_ >> 33) % n);
    }

  private:
    std::uint64_t state_;
};

/// FNV-1a.
class Hash {
  public:
    void bytes(std::string_view text) {
        for (const char c : text) value_ = (value_ ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    }
    void number(std::int64_t n) {
        for (int i = 0; i < 4; ++i)
            value_ = (value_ ^ ((static_cast<std::uint64_t>(n) >> (8 * i)) & 0xFF)) * 0x100000001B3ULL;
    }
    std::string hex() const {
        static const char digits[] = "0123456789abcdef";
        std::string text;
        for (int i = 60; i >= 0; i -= 4) text += digits[(value_ >> i) & 15];
        return text;
    }

  private:
    std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

inline std::string hash_of(const std::vector<std::int32_t>& ids) {
    Hash hash;
    for (const std::int32_t id : ids) hash.number(id);
    return hash.hex();
}
inline std::string hash_of(const std::vector<glassformer::SourceSpan>& spans) {
    Hash hash;
    for (const auto& span : spans) {
        hash.number(span.begin);
        hash.number(span.end);
    }
    return hash.hex();
}

/// The texts in random order with spaces between, without line ends, until there are as many bytes.
inline std::string long_line(std::uint64_t seed, std::size_t size) {
    const std::vector<std::string> all = texts();
    Random random(seed);
    std::string line;
    while (line.size() < size) {
        std::string text = all[random.below(all.size())];
        for (char& c : text) c = c == '\n' || c == '\r' ? ' ' : c;
        line += text + std::string(random.below(3), ' ');
    }
    return line;
}

}  // namespace golden
