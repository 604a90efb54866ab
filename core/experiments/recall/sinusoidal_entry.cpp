// One entry of the sinusoidal position encoding.  (Vaswani et al. 2017, section 3.5)

#include <cmath>

#include "experiments/recall.h"
#include "experiments/recall_answer.h"
#include "experiments/registry.h"
#include "nn/position.h"

namespace glassformer {
namespace {

RecallCard card(Rng rng) {
    // Widths for which 10000^(2i/d) is a power of ten.
    const std::int64_t d = pick(rng, std::vector<std::int64_t>{4, 8, 16});
    const std::int64_t column = between(rng, 0, d - 1);
    const std::int64_t pair = column / 2;
    const bool sine = column % 2 == 0;
    const std::int64_t position = pick(rng, std::vector<std::int64_t>{1, 2, 3, 5, 10, 20, 50, 100});
    const DoubleTensor table = sinusoidal_positions<double>(IntTensor({1}, static_cast<std::int32_t>(position)), d);
    const double expected = table[column];

    // 10000^(2i/d) by square roots only: d is a power of two.
    double wavelength = 1.0;
    double root = 10000.0;
    std::int64_t parts = d / 2;
    std::int64_t left = pair;
    while (left > 0) {
        root = std::sqrt(root);
        parts /= 2;
        if (left >= parts) {
            wavelength *= root;
            left -= parts;
        }
    }
    const auto text = [](std::int64_t k) { return std::to_string(k); };
    return {
        .question = {"正弦位置编码，d = " + text(d) + "，底数 10000。位置 " + text(position) + "、第 " + text(column) +
                         " 维（从 0 数）的值是多少？",
                     "Sinusoidal encoding, d = " + text(d) + ", base 10000. What is dimension " + text(column) +
                         " (from 0) at position " + text(position) + "?"},
        .given = {{"d", text(d)}, {"pos", text(position)}, {"k", text(column)}},
        .numbers = {expected},
        .absolute = 0.005,
        .solution = {{std::string("k = ") + text(column) + (sine ? " = 2i → sin" : " = 2i + 1 → cos") + ", i",
                      text(pair)},
                     {"10000^(2i/d) = 10000^(" + text(2 * pair) + "/" + text(d) + ")", recall_number(wavelength)},
                     {std::string(sine ? "sin(" : "cos(") + text(position) + " / " + recall_number(wavelength) + ")",
                      recall_number(expected)}},
        .lesson = {"偶数维用 sin，奇数维用 cos，同一对共用一个频率；维数越高，波长越长。",
                   "Even dimensions are sines, odd ones cosines; a pair shares its frequency, and the wavelength "
                   "grows with the dimension."}};
}

Run run(Arguments arguments, Context context) { return grade_recall(card(context.rng("card")), std::move(arguments)); }

}  // namespace

const Experiment& recall_sinusoidal_entry() {
    static const Experiment experiment = recall_experiment(
        "recall.sinusoidal_entry", {"手算：位置编码的一个值", "By hand: one entry of the position encoding"}, run);
    return experiment;
}

}  // namespace glassformer
