#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/source_dir.h"
#include "tensor/kernels.h"

/// What tests share that hold every compiler to the same bits.
namespace glassformer::testing {

/// A chain of operations: what one gives feeds the next, so that one differing bit anywhere changes all that follows,
/// and every result goes into one hash (FNV-1a over 64-bit words; every NaN counts as the same, IEEE leaves its bits
/// open).
template <typename T>
class Chain {
  public:
    explicit Chain(BasicTensor<T> start) : state_(std::move(start)) {}

    /// The numbers that the next operation gets; within (-3, 3) and never all alike.
    const BasicTensor<T>& state() const { return state_; }
    /// As many as a shape wants, from the state, each time round a little larger.
    BasicTensor<T> state(const Shape& shape) const {
        BasicTensor<T> result(shape);
        const std::int64_t n = state_.size();
        for (std::int64_t i = 0; i < result.size(); ++i) {
            result[i] = state_[i % n] * (T{1} + static_cast<T>(i / n % 7) / T{8});
        }
        return result;
    }

    void link(const std::string& name, const BasicTensor<T>& result) {
        for (const T x : result.elements()) add(x == x ? static_cast<std::uint64_t>(std::bit_cast<Word>(x)) : ~0ULL);
        const std::int64_t n = result.size();
        for (std::int64_t i = 0; i < state_.size() && n > 0; ++i) {
            // Only operations that IEEE fixes to the last bit: this is not what is tested.
            const T x = result[i % n];
            state_[i] = T{2} * x / (T{1} + std::fabs(x)) + state_[i] / T{4};
        }
        names_.push_back(name);
        hashes_.push_back(hash_);
    }
    void link(const std::string& name, const IntTensor& result) {
        BasicTensor<T> numbers(result.shape());
        for (std::int64_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<T>(result[i]);
        link(name, numbers);
    }
    void link(const std::string& name, double result) { link(name, BasicTensor<T>({1}, static_cast<T>(result))); }

    std::uint64_t hash() const { return hash_; }
    /// The hash after every link, a line each: of two builds, the first line that differs names the culprit.
    std::string log() const {
        std::string text;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            char line[20];
            std::snprintf(line, sizeof line, "%016llx ", static_cast<unsigned long long>(hashes_[i]));
            text += line + names_[i] + "\n";
        }
        return text;
    }
    std::set<std::string> names() const { return {names_.begin(), names_.end()}; }

  private:
    using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    void add(std::uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001B3ULL; }

    BasicTensor<T> state_;
    std::uint64_t hash_ = 0xCBF29CE484222325ULL;
    std::vector<std::string> names_;
    std::vector<std::uint64_t> hashes_;
};

/// The functions that a header of core/ declares whose result matches `result` (a regular expression) and that `names`
/// lacks.
inline std::vector<std::string> missing(const std::string& header, const std::string& result,
                                        const std::set<std::string>& names) {
    std::ifstream file(source_dir() + "/core/" + header);
    const std::regex declaration("^(?:" + result + ") (\\w+)\\(.*");
    std::vector<std::string> absent;
    int found = 0;
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (!std::regex_match(line, match, declaration)) continue;
        ++found;
        if (names.count(match[1]) == 0) absent.push_back(match[1]);
    }
    if (found == 0) absent.push_back("(nothing is declared in " + header + ")");
    return absent;
}

}  // namespace glassformer::testing
