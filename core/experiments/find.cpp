/// Apart from registry.cpp: an engine of the page may be linked with a shorter list of its own (wasm/CMakeLists.txt).
#include <algorithm>

#include "experiments/experiment.h"

namespace glassformer {

namespace {

/// Levenshtein distance: how many letters a typing error away.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

const Experiment& find_experiment(const std::string& id) {
    // An id from a link can be any length; the distance of a megabyte is nobody's typing error.
    const std::string shown = id.size() > 80 ? id.substr(0, 80) : id;
    const Experiment* closest = nullptr;
    std::size_t least = 4;
    std::string all;
    for (const Experiment* experiment : experiments()) {
        if (experiment->id == id) return *experiment;
        const std::size_t distance = edit_distance(experiment->id, shown);
        if (distance < least) {
            least = distance;
            closest = experiment;
        }
        all += (all.empty() ? "" : ", ") + experiment->id;
    }
    const std::string hint_zh = closest != nullptr ? "是不是想写“" + closest->id + "”？" : "";
    const std::string hint_en = closest != nullptr ? " Did you mean '" + closest->id + "'?" : "";
    throw Error(ErrorKind::unknown_name,
                {"没有名为“" + shown + "”的实验。" + hint_zh + "现有：" + all + "。",
                 "There is no experiment '" + shown + "'." + hint_en + " There are: " + all + "."},
                "experiment");
}

}  // namespace glassformer
