#include "models/recurrent.h"

#include <cmath>
#include <string>

#include "autograd/operations.h"
#include "base/error.h"
#include "nn/mask.h"

namespace glassformer {
namespace {

LstmConfig with_input(LstmConfig config, std::int64_t d_input) {
    config.d_input = d_input;
    return config;
}

/// [n] -> [1, n], refusing what is empty.
IntTensor batched(const IntTensor& ids) {
    const std::size_t rank = ids.shape().rank();
    if ((rank != 1 && rank != 2) || ids.size() == 0) {
        throw Error(
            ErrorKind::shape,
            {"ids 的形状应为 [n] 或 [batch, n]，至少有一个；给的是 " + ids.shape().to_string() + "。",
             "ids must be [n] or [batch, n], at least one; they have the shape " + ids.shape().to_string() + "."},
            "ids");
    }
    return rank == 1 ? ids.reshaped({1, ids.size()}) : ids;
}

/// One length per sequence, each 1 ... n; all n without.
std::vector<std::int64_t> checked(const std::optional<std::vector<std::int64_t>>& lengths, std::int64_t batch,
                                  std::int64_t n) {
    std::vector<std::int64_t> result = lengths.value_or(std::vector<std::int64_t>(static_cast<std::size_t>(batch), n));
    bool fits = static_cast<std::int64_t>(result.size()) == batch;
    for (const std::int64_t length : result) fits = fits && length >= 1 && length <= n;
    if (!fits) {
        throw Error(ErrorKind::out_of_range,
                    {"lengths 应有 " + std::to_string(batch) + " 个，每个在 1 ... " + std::to_string(n) + " 内。",
                     "There must be " + std::to_string(batch) + " lengths, each in 1 ... " + std::to_string(n) + "."},
                    "lengths");
    }
    return result;
}

template <typename T>
BasicVariable<T> without_batch(const BasicVariable<T>& x, const IntTensor& ids) {
    if (ids.shape().rank() == 2) return x;
    Extents extents = x.shape().extents();
    extents.erase(0);
    return reshape(x, Shape(extents));
}

float unit_over_root(std::int64_t d) { return 1.0F / std::sqrt(static_cast<float>(std::max<std::int64_t>(d, 1))); }

}  // namespace

template <typename T>
BasicLstmModel<T>::BasicLstmModel(const LstmModelConfig& config, Rng rng)
    : config_(config),
      embedding_(config.vocabulary, config.d_embedding, rng.split("embedding"), 1.0F),
      lstm_(with_input(config.lstm, config.d_embedding), rng.split("lstm")),
      output_(config.lstm.d_hidden, config.classes, rng.split("output")) {}

template <typename T>
BasicVariable<T> BasicLstmModel<T>::forward(const IntTensor& ids, const BasicPass<T>& pass,
                                            const std::optional<std::vector<std::int64_t>>& lengths) const {
    const IntTensor rows = batched(ids);
    const std::int64_t batch = rows.extent(0);
    const std::int64_t n = rows.extent(1);
    const std::vector<std::int64_t> real = checked(lengths, batch, n);
    BasicVariable<T> x = lstm_.forward(pass.observe("embedding", embedding_.forward(rows)), pass).output;
    if (config_.output == LstmModelConfig::Output::last) {
        IntTensor last({batch});
        for (std::int64_t b = 0; b < batch; ++b) {
            last[b] = static_cast<std::int32_t>(b * n + real[static_cast<std::size_t>(b)] - 1);
        }
        x = gather_rows(reshape(x, {batch * n, x.shape()[-1]}), last);
    }
    return without_batch(pass.observe("logits", output_.forward(x)), ids);
}

template <typename T>
BasicNamedParameters<T> BasicLstmModel<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "embedding", embedding_.parameters());
    append_parameters(all, "lstm", lstm_.parameters());
    append_parameters(all, "output", output_.parameters());
    return all;
}

template <typename T>
BasicBagOfEmbeddings<T>::BasicBagOfEmbeddings(const BagOfEmbeddingsConfig& config, Rng rng)
    : embedding_(config.vocabulary, config.d_embedding, rng.split("embedding"), unit_over_root(config.d_embedding)),
      output_(config.d_embedding, config.classes, rng.split("output")) {}

template <typename T>
BasicVariable<T> BasicBagOfEmbeddings<T>::forward(const IntTensor& ids, const BasicPass<T>& pass,
                                                  const std::optional<std::vector<std::int64_t>>& lengths) const {
    const IntTensor rows = batched(ids);
    const std::int64_t batch = rows.extent(0);
    const std::int64_t n = rows.extent(1);
    const std::vector<std::int64_t> real = checked(lengths, batch, n);
    BasicTensor<T> share({batch, n, 1});
    for (std::int64_t b = 0; b < batch; ++b) {
        const std::int64_t length = real[static_cast<std::size_t>(b)];
        for (std::int64_t i = 0; i < length; ++i) share[b * n + i] = T{1} / static_cast<T>(length);
    }
    const BasicVariable<T> x = pass.observe("embedding", embedding_.forward(rows));
    const BasicVariable<T> pooled = pass.observe("pooled", sum(multiply(x, BasicVariable<T>(std::move(share))), 1));
    return without_batch(pass.observe("logits", output_.forward(pooled)), ids);
}

template <typename T>
BasicNamedParameters<T> BasicBagOfEmbeddings<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "embedding", embedding_.parameters());
    append_parameters(all, "output", output_.parameters());
    return all;
}

template class BasicLstmModel<float>;
template class BasicLstmModel<double>;
template class BasicBagOfEmbeddings<float>;
template class BasicBagOfEmbeddings<double>;

}  // namespace glassformer
