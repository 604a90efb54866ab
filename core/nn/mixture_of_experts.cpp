#include "nn/mixture_of_experts.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

MixtureConfig checked(const MixtureConfig& config) {
    require_positive("n_experts", config.n_experts);
    if (config.top_k < 1 || config.top_k > config.n_experts) {
        throw Error(ErrorKind::constraint,
                    {"top_k 须在 1 ... n_experts (" + std::to_string(config.n_experts) + ") 内，给了 " +
                         std::to_string(config.top_k) + "。",
                     "top_k must be in 1 ... n_experts (" + std::to_string(config.n_experts) + "); it is " +
                         std::to_string(config.top_k) + "."},
                    "top_k");
    }
    return config;
}

/// The k largest of each row, the best first; of equals the first.
template <typename T>
IntTensor best(const BasicTensor<T>& logits, std::int64_t k) {
    IntTensor chosen({logits.extent(0), k});
    std::vector<std::int32_t> order(static_cast<std::size_t>(logits.extent(1)));
    for (std::int64_t row = 0; row < logits.extent(0); ++row) {
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::int32_t a, std::int32_t b) { return logits(row, a) > logits(row, b); });
        std::copy_n(order.begin(), k, chosen.row(row).begin());
    }
    return chosen;
}

}  // namespace

template <typename T>
BasicMixtureOfExperts<T>::BasicMixtureOfExperts(const MixtureConfig& config, Rng rng)
    : config_(checked(config)), router_(config.expert.d_model, config.n_experts, rng.split("router"), false) {
    for (std::int64_t e = 0; e < config.n_experts; ++e) {
        experts_.emplace_back(config.expert, rng.split("experts").split(static_cast<std::uint64_t>(e)));
    }
}

template <typename T>
typename BasicMixtureOfExperts<T>::Result BasicMixtureOfExperts<T>::route(const BasicVariable<T>& given,
                                                                          const BasicPass<T>& pass) const {
    const std::int64_t d = config_.expert.d_model;
    if (given.shape().rank() == 0 || given.shape()[-1] != d || given.shape().size() == 0) {
        throw Error(ErrorKind::shape,
                    {"输入的形状 " + given.shape().to_string() + " 最后一轴应为 " + std::to_string(d) + "，且不为空。",
                     "The input has the shape " + given.shape().to_string() + "; it must end in " + std::to_string(d) +
                         " and not be empty."});
    }
    const std::int64_t tokens = given.shape().size() / d;
    const BasicVariable<T> x = reshape(given, {tokens, d});
    const BasicVariable<T> logits = pass.observe("router_logits", router_.forward(x));
    const IntTensor chosen = best(logits.value(), config_.top_k);
    BoolTensor keep(logits.shape());
    std::vector<std::vector<std::int32_t>> tokens_of(static_cast<std::size_t>(config_.n_experts));
    for (std::int64_t t = 0; t < tokens; ++t) {
        for (const std::int32_t e : chosen.row(t)) {
            keep(t, e) = 1;
            tokens_of[static_cast<std::size_t>(e)].push_back(static_cast<std::int32_t>(t));
        }
    }
    const BasicVariable<T> gates = pass.observe("gates", masked_softmax(logits, keep));

    BasicVariable<T> output(BasicTensor<T>({tokens, d}));
    BasicTensor<T> share({config_.n_experts});
    for (std::int64_t e = 0; e < config_.n_experts; ++e) {
        auto& own = tokens_of[static_cast<std::size_t>(e)];
        const auto count = static_cast<std::int64_t>(own.size());
        share[e] = static_cast<T>(count) / static_cast<T>(tokens * config_.top_k);
        if (count == 0) continue;
        const IntTensor rows({count}, own);
        const BasicVariable<T> y =
            experts_[static_cast<std::size_t>(e)].forward(gather_rows(x, rows), pass.at("experts", e));
        const BasicVariable<T> gate = index_select(slice(gates, 1, e, e + 1), 0, rows);  // [count, 1]
        IntTensor places({count, d});
        for (std::int64_t i = 0; i < count; ++i)
            std::fill_n(places.row(i).begin(), d, own[static_cast<std::size_t>(i)]);
        output = scatter_add(output, 0, places, multiply(y, gate));
    }
    const BasicVariable<T> probability = mean(softmax(logits), 0);
    const BasicVariable<T> balance = pass.observe(
        "balance", scale(sum(multiply(probability, BasicVariable<T>(share))), static_cast<T>(config_.n_experts)));
    return {pass.observe("output", reshape(output, given.shape())), balance, chosen};
}

template <typename T>
BasicNamedParameters<T> BasicMixtureOfExperts<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "router", router_.parameters());
    for (std::size_t e = 0; e < experts_.size(); ++e) {
        append_parameters(all, "experts." + std::to_string(e), experts_[e].parameters());
    }
    return all;
}

template <typename T>
std::int64_t BasicMixtureOfExperts<T>::active_parameters() const {
    return parameter_count(router_.parameters()) + config_.top_k * parameter_count(experts_.front().parameters());
}

template class BasicMixtureOfExperts<float>;
template class BasicMixtureOfExperts<double>;

}  // namespace glassformer
