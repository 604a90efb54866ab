#include "tokenizer/normalization.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "tokenizer/unicode_tables.h"

namespace glassformer::unicode {
namespace {

// Hangul syllables are computed (The Unicode Standard, section 3.12).
constexpr char32_t s_base = 0xAC00, l_base = 0x1100, v_base = 0x1161, t_base = 0x11A7;
constexpr char32_t l_count = 19, v_count = 21, t_count = 28, s_count = l_count * v_count * t_count;

std::uint32_t combining_class(char32_t c) {
    if (c < 0x300) return 0;
    const auto after = std::upper_bound(combining_ranges.begin(), combining_ranges.end(), c,
                                        [](char32_t x, const CombiningRange& r) { return x < r.first; });
    if (after == combining_ranges.begin() || c > std::prev(after)->last) return 0;
    return std::prev(after)->combining_class;
}

/// Positions of the entries of a decomposition stream, and which blocks of 256 code points have any.
class Decompositions {
  public:
    explicit Decompositions(std::span<const char32_t> stream) : stream_(stream), blocks_(0x1100) {
        for (std::size_t at = 0; at < stream.size(); at += 1 + (stream[at] & 0xFF)) {
            starts_.push_back(static_cast<std::uint32_t>(at));
            blocks_[stream[at] >> 16] = true;
        }
    }
    std::span<const char32_t> find(char32_t c) const {
        if (c > 0x10FFFF || !blocks_[c >> 8]) return {};
        const auto found = std::lower_bound(starts_.begin(), starts_.end(), c,
                                            [&](std::uint32_t at, char32_t x) { return stream_[at] >> 8 < x; });
        if (found == starts_.end() || stream_[*found] >> 8 != c) return {};
        return stream_.subspan(*found + 1, stream_[*found] & 0xFF);
    }

  private:
    std::span<const char32_t> stream_;
    std::vector<std::uint32_t> starts_;
    std::vector<bool> blocks_;
};

std::span<const char32_t> find_decomposition(char32_t c, bool compatibility) {
    static const Decompositions canonical(canonical_decompositions);
    static const Decompositions compatible(compatibility_decompositions);
    if (compatibility) {
        if (const auto found = compatible.find(c); !found.empty()) return found;
    }
    return canonical.find(c);
}

std::optional<char32_t> compose(char32_t a, char32_t b) {
    if (a >= l_base && a < l_base + l_count && b >= v_base && b < v_base + v_count) {
        return s_base + ((a - l_base) * v_count + (b - v_base)) * t_count;
    }
    if (a >= s_base && a < s_base + s_count && (a - s_base) % t_count == 0 && b > t_base && b < t_base + t_count) {
        return a + (b - t_base);
    }
    const auto found = std::lower_bound(
        compositions.begin(), compositions.end(), std::pair(a, b),
        [](const Composition& c, const std::pair<char32_t, char32_t>& x) { return std::pair(c.first, c.second) < x; });
    if (found == compositions.end() || found->first != a || found->second != b) return std::nullopt;
    return found->composed;
}

struct Marked {
    Change change;
    std::uint32_t combining_class;
};

std::vector<Marked> decompose(bool compatibility, std::u32string_view text) {
    std::vector<Marked> out;
    out.reserve(text.size());
    std::size_t pending = 0;  // where the run of marks at the end begins
    const auto sort_pending = [&] {
        std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(pending), out.end(),
                         [](const Marked& a, const Marked& b) { return a.combining_class < b.combining_class; });
    };
    const auto push = [&](char32_t c, bool first) {
        const std::uint32_t order = combining_class(c);
        if (order == 0 && out.size() > pending) sort_pending();
        out.push_back({{c, first ? 0 : 1}, order});
        if (order == 0) pending = out.size();
    };
    for (const char32_t c : text) {
        if (c < 0x80) {  // NOLINT(bugprone-branch-clone): most text needs no look-up
            push(c, true);
        } else if (c >= s_base && c < s_base + s_count) {
            const char32_t index = c - s_base;
            push(l_base + index / (v_count * t_count), true);
            push(v_base + index % (v_count * t_count) / t_count, false);
            if (index % t_count != 0) push(t_base + index % t_count, false);
        } else if (const auto found = find_decomposition(c, compatibility); !found.empty()) {
            for (std::size_t i = 0; i < found.size(); ++i) push(found[i], i == 0);
        } else {
            push(c, true);
        }
    }
    sort_pending();
    return out;
}

/// Canonical composition: a starter takes up the marks behind it that nothing of an equal or higher class blocks.
std::vector<Change> compose_all(const std::vector<Marked>& parts) {
    std::vector<Change> out;
    out.reserve(parts.size());
    std::optional<std::size_t> starter;  // its place in `out`; what follows it there are marks that did not compose
    std::uint32_t last_class = 0;
    for (const auto& [part, order] : parts) {
        if (starter) {
            const bool nothing_between = starter == out.size() - 1;
            const bool blocked = !nothing_between && last_class >= order;
            if (const auto composed = blocked ? std::nullopt : compose(out[*starter].character, part.character)) {
                out[*starter] = {*composed, out[*starter].change + part.change - 1};
                continue;
            }
        }
        out.push_back(part);
        if (order == 0) starter = out.size() - 1;
        last_class = order;
    }
    return out;
}

}  // namespace

std::vector<Change> normalize(Form form, std::u32string_view text) {
    const std::vector<Marked> parts = decompose(form == Form::nfkc || form == Form::nfkd, text);
    if (form == Form::nfc || form == Form::nfkc) return compose_all(parts);
    std::vector<Change> out;
    out.reserve(parts.size());
    for (const Marked& part : parts) out.push_back(part.change);
    return out;
}

}  // namespace glassformer::unicode
