#include "lesson/cases.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "base/rng.h"

namespace glassformer {
namespace {

constexpr int random_samples = 24;
constexpr std::int64_t sampled_work = 20;

bool is_numeric(const Parameter& parameter) {
    return parameter.kind == ParameterKind::integer || parameter.kind == ParameterKind::number;
}

double as_number(const ParameterValue& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
    if (const auto* number = std::get_if<double>(&value)) return *number;
    return 0.0;
}

struct Range {
    double low;
    double high;
};

Range range_of(const Parameter& parameter, const Check& check) {
    Range range{parameter.minimum, parameter.maximum};
    if (const auto found = check.domain.find(parameter.name);
        found != check.domain.end() && found->second.size() == 2) {
        range = {std::max(range.low, as_number(found->second[0])), std::min(range.high, as_number(found->second[1]))};
    }
    if (parameter.work) range.high = std::max(range.low, std::min<double>(range.high, sampled_work));
    return range;
}

ParameterValue numeric(const Parameter& parameter, double value) {
    if (parameter.kind == ParameterKind::integer) return static_cast<std::int64_t>(std::llround(value));
    return value;
}

double random_number(const Parameter& parameter, const Range& range, Rng& rng) {
    const double u = rng.uniform();
    if (parameter.spacing == Spacing::linear || range.low <= 0.0) {
        const double value = range.low + u * (range.high - range.low);
        return parameter.kind == ParameterKind::integer ? std::min(range.high, std::floor(value + 0.5)) : value;
    }
    const double low = glassformer::log(range.low);
    const double high = glassformer::log(range.high);
    if (parameter.spacing == Spacing::power_of_two) {
        std::vector<double> powers;
        for (double power = 1.0; power <= range.high; power *= 2.0) {
            if (power >= range.low) powers.push_back(power);
        }
        return powers.empty() ? range.low : powers[rng.integer(static_cast<std::uint32_t>(powers.size()))];
    }
    return std::clamp(glassformer::exp(low + u * (high - low)), range.low, range.high);
}

/// Texts that have broken tokenizers before: nothing, one letter, one kind of letter, Chinese, emoji joined by ZWJ.
const char* const hard_texts[] = {
    "", "a", "aaaa aaaa aa", "狗狗 狗", "👩‍👩‍👧 café", "a b\tc\n\nd", "ab ab ab ba ba"};

void sample_one(const Parameter& parameter, const Check& check, Rng& rng, ParameterMap& sample) {
    if (is_numeric(parameter)) {
        sample[parameter.name] = numeric(parameter, random_number(parameter, range_of(parameter, check), rng));
        return;
    }
    if (const auto found = check.domain.find(parameter.name); found != check.domain.end()) {
        sample[parameter.name] = found->second[rng.integer(static_cast<std::uint32_t>(found->second.size()))];
        return;
    }
    switch (parameter.kind) {
        case ParameterKind::boolean: sample[parameter.name] = rng.integer(2) == 1; break;
        case ParameterKind::enumeration:
            sample[parameter.name] =
                parameter.options[rng.integer(static_cast<std::uint32_t>(parameter.options.size()))].name;
            break;
        case ParameterKind::set: {
            std::vector<std::string> chosen;
            for (const Option& option : parameter.options) {
                if (rng.integer(2) == 1) chosen.push_back(option.name);
            }
            sample[parameter.name] = std::move(chosen);
            break;
        }
        case ParameterKind::text: {
            const std::uint32_t which = rng.integer(2 * std::size(hard_texts));  // half the time the part's own text
            if (which < std::size(hard_texts)) sample[parameter.name] = std::string(hard_texts[which]);
            break;
        }
        default: break;  // lists, grids, images, checkpoints: the part's own
    }
}

/// The part's own value where the domain allows it, else the nearest that it does.
ParameterMap into_domain(const Setting& setting, const Check& check) {
    ParameterMap moved;
    const Arguments arguments = complete_arguments(*setting.experiment, setting.parameters);
    for (const auto& [name, allowed] : check.domain) {
        const Parameter& parameter = find_parameter(*setting.experiment, name);
        const ParameterValue& value = arguments.values().at(name);
        if (is_numeric(parameter)) {
            const double low = as_number(allowed.front());
            const double high = as_number(allowed.back());
            const double clamped = std::clamp(as_number(value), low, std::max(low, high));
            if (clamped != as_number(value)) moved[name] = numeric(parameter, clamped);
        } else if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
            moved[name] = allowed.front();
        }
    }
    return moved;
}

std::vector<ParameterMap> combinations(const std::map<std::string, std::vector<ParameterValue>>& sweep) {
    std::vector<ParameterMap> result{{}};
    for (const auto& [name, values] : sweep) {
        std::vector<ParameterMap> next;
        for (const ParameterMap& map : result) {
            for (const ParameterValue& value : values) {
                next.push_back(map);
                next.back()[name] = value;
            }
        }
        result = std::move(next);
    }
    return result;
}

}  // namespace

std::vector<CheckCase> check_cases(const Setting& setting, const Check& check, const CheckOptions& options) {
    const bool theorem = check.kind == ClaimKind::theorem;
    const ParameterMap base = theorem ? into_domain(setting, check) : ParameterMap{};
    std::vector<std::uint64_t> seeds = check.seeds.empty() ? std::vector<std::uint64_t>{setting.seed} : check.seeds;
    if (!options.full && !check.median) seeds.resize(1);

    std::vector<CheckCase> cases;
    std::size_t group = 0;
    const auto add = [&](const ParameterMap& sweep) {
        for (const std::uint64_t seed : seeds) cases.push_back({base, sweep, seed, group, false});
        ++group;
    };
    add({});
    if (!options.full) return cases;
    if (!check.sweep.empty()) {
        for (const ParameterMap& sweep : combinations(check.sweep)) add(sweep);
    }
    if (!theorem || check.median) return cases;

    const auto add_sample = [&](ParameterMap sample, std::uint64_t seed) {
        for (const auto& [name, value] : base) sample.try_emplace(name, value);
        cases.push_back({std::move(sample), {}, seed, group++, true});
    };
    // Corners: one parameter at an end of its range, all at the low end, all at the high end.
    ParameterMap lowest;
    ParameterMap highest;
    for (const Parameter& parameter : setting.experiment->parameters) {
        if (!is_numeric(parameter)) continue;
        const Range range = range_of(parameter, check);
        lowest[parameter.name] = numeric(parameter, range.low);
        highest[parameter.name] = numeric(parameter, range.high);
        add_sample({{parameter.name, numeric(parameter, range.low)}}, setting.seed);
        add_sample({{parameter.name, numeric(parameter, range.high)}}, setting.seed);
    }
    add_sample(lowest, setting.seed);
    add_sample(highest, setting.seed);
    const Rng root = Rng(setting.seed).split("domain samples");
    for (int i = 0; i < random_samples; ++i) {
        Rng rng = root.split(static_cast<std::uint64_t>(i));
        ParameterMap sample;
        for (const Parameter& parameter : setting.experiment->parameters) sample_one(parameter, check, rng, sample);
        add_sample(std::move(sample), setting.seed + 1 + static_cast<std::uint64_t>(i));
    }
    return cases;
}

}  // namespace glassformer
