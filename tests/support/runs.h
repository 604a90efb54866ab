#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <string>

#include "experiments/experiment.h"
#include "io/bytes.h"
#include "support/source_dir.h"

/// What tests of experiments share: run one to its end, reach into its last frame.
namespace glassformer {

using Settings = std::map<std::string, ParameterValue>;

/// A context with the checkpoints that the experiment declares.
inline Context context_for(const Experiment& experiment, std::uint64_t seed = 1) {
    Context context{seed};
    for (const std::string& name : experiment.assets) {
        const FileSource file(source_dir() + "/lessons/checkpoints/" + name);
        const std::vector<std::byte> bytes = read_all(file);
        const auto* begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
        context.assets[name].assign(begin, begin + bytes.size());
    }
    return context;
}

inline Values run_to_end(const std::string& id, Settings settings = {}, std::uint64_t seed = 1) {
    const Experiment& experiment = find_experiment(id);
    Run run = start(experiment, complete_arguments(experiment, std::move(settings)), context_for(experiment, seed));
    while (run.advance() && !run.last()) {
    }
    Values values = run.frame().values();
    verify_frame(experiment, values);
    return values;
}

/// A tensor of floats, doubles or integers, all as doubles.
inline DoubleTensor numbers(const Values& values, const std::string& name) {
    const auto& data = std::get<TensorValue>(*values.find(name)).data;
    return std::visit(
        [](const auto& tensor) {
            DoubleTensor result(tensor.shape());
            for (std::int64_t i = 0; i < tensor.size(); ++i) result[i] = static_cast<double>(tensor[i]);
            return result;
        },
        data);
}
inline const Tensor& floats(const Values& values, const std::string& name) {
    return std::get<Tensor>(std::get<TensorValue>(*values.find(name)).data);
}
inline double scalar(const Values& values, const std::string& name) {
    return std::get<Scalar>(*values.find(name)).value;
}
/// The element of a rank-1 tensor under a tick label of its axis.
inline double at_tick(const Values& values, const std::string& name, const std::string& tick) {
    const auto& ticks = std::get<TensorValue>(*values.find(name)).axes[0].ticks;
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        if (ticks[i] == tick) return numbers(values, name)[static_cast<std::int64_t>(i)];
    }
    return std::nan("");
}

}  // namespace glassformer
