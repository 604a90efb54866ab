#include "data/batch.h"

#include "base/error.h"
#include "base/math.h"

namespace glassformer {
namespace {

/// 8 rather than 8.000000, 0.5 rather than 0.500000.
std::string shown(double value) {
    std::string text = std::to_string(value);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

}  // namespace

void require_within(const char* parameter, double value, double low, double high) {
    if (value >= low && value <= high) return;
    const std::string name = parameter, range = shown(low) + " … " + shown(high);
    throw Error(ErrorKind::out_of_range,
                {name + " 允许 " + range + "，给的是 " + shown(value) + "。",
                 name + " may be " + range + "; " + shown(value) + " was given."},
                name);
}

double entropy_of(std::span<const double> probabilities) {
    double entropy = 0.0;
    for (const double p : probabilities) {
        require_within("probability", p, 0.0, 1.0 + 1e-9);
        if (p > 0.0) entropy -= p * log(p);
    }
    return entropy;
}

}  // namespace glassformer
