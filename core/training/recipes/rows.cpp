#include <algorithm>

#include "training/recipes/recipes.h"

namespace glassformer {

IntTensor padded(const Rows& rows, std::int32_t fill, bool left) {
    std::size_t longest = 1;
    for (const auto& row : rows) longest = std::max(longest, row.size());
    IntTensor ids({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(longest)}, fill);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const auto into = ids.row(static_cast<std::int64_t>(r));
        std::ranges::copy(rows[r], into.begin() + static_cast<std::ptrdiff_t>(left ? longest - rows[r].size() : 0));
    }
    return ids;
}

std::vector<std::int64_t> lengths_of(const Rows& rows) {
    std::vector<std::int64_t> lengths;
    for (const auto& row : rows) lengths.push_back(static_cast<std::int64_t>(row.size()));
    return lengths;
}

BoolTensor real_of(const IntTensor& ids, std::int32_t padding) {
    BoolTensor real(ids.shape());
    for (std::int64_t i = 0; i < ids.size(); ++i) real[i] = ids[i] != padding ? 1 : 0;
    return real;
}

std::int64_t count_of(const BoolTensor& marks) { return std::ranges::count(marks.elements(), std::uint8_t{1}); }

std::int32_t likeliest(const Tensor& logits, std::int64_t row) {
    const std::int64_t classes = logits.extent(-1);
    const float* values = logits.data() + row * classes;
    return static_cast<std::int32_t>(std::max_element(values, values + classes) - values);
}

}  // namespace glassformer
