#include "nn/input_embedding.h"

#include <cmath>
#include <string>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

InputEmbeddingConfig completed(InputEmbeddingConfig config) {
    require_positive("vocabulary", config.vocabulary);
    require_positive("d_model", config.d_model);
    require_probability("dropout", config.dropout);
    if (config.token_deviation == 0.0F) config.token_deviation = 1.0F / std::sqrt(static_cast<float>(config.d_model));
    if (config.norm) config.norm->d = config.d_model;
    return config;
}

}  // namespace

template <typename T>
BasicInputEmbedding<T>::BasicInputEmbedding(const InputEmbeddingConfig& config, Rng rng)
    : config_(completed(config)),
      token_(config_.vocabulary, config_.d_model, rng.split("token"), config_.token_deviation),
      position_(config_.position, config_.d_model, config_.max_length, rng.split("position"),
                config_.position_deviation) {
    if (config_.segments > 0) {
        segment_.emplace(config_.segments, config_.d_model, rng.split("segment"), config_.position_deviation);
    }
    if (config_.norm) norm_.emplace(*config_.norm);
}

template <typename T>
BasicVariable<T> BasicInputEmbedding<T>::forward(const IntTensor& ids, const BasicPass<T>& pass,
                                                 const std::optional<IntTensor>& positions,
                                                 const std::optional<IntTensor>& segments, std::int64_t first) const {
    const std::size_t rank = ids.shape().rank();
    if ((rank != 1 && rank != 2) || ids.size() == 0) {
        throw Error(
            ErrorKind::shape,
            {"ids 的形状应为 [n] 或 [batch, n]，至少有一个；给的是 " + ids.shape().to_string() + "。",
             "ids must be [n] or [batch, n], at least one; they have the shape " + ids.shape().to_string() + "."},
            "ids");
    }
    const IntTensor places = positions ? *positions : counted_positions(ids.extent(-1), first);
    if (places.shape() != ids.shape() && places.shape() != Shape{ids.extent(-1)}) {
        throw Error(
            ErrorKind::shape,
            {"positions 的形状 " + places.shape().to_string() + " 与 ids 的 " + ids.shape().to_string() + " 不匹配。",
             "Positions of shape " + places.shape().to_string() + " do not fit ids of shape " +
                 ids.shape().to_string() + "."},
            "positions");
    }
    BasicVariable<T> token = token_.forward(ids);
    if (config_.scaled) token = scale(token, std::sqrt(static_cast<T>(config_.d_model)));
    BasicVariable<T> sum = pass.observe("token", token);
    if (const auto position = position_.forward(places)) sum = add(sum, pass.observe("position", *position));
    if (segments) {
        if (!segment_ || segments->shape() != ids.shape()) {
            throw Error(segment_ ? ErrorKind::shape : ErrorKind::constraint,
                        {segment_ ? "segments 的形状须与 ids 相同。" : "这个模型没有句段嵌入（segments 为 0）。",
                         segment_ ? "Segments must have the shape of the ids."
                                  : "This model has no segment embedding (segments is 0)."},
                        "segments");
        }
        sum = add(sum, pass.observe("segment", segment_->forward(*segments)));
    } else if (segment_) {
        sum = add(sum, pass.observe("segment", segment_->forward(IntTensor(ids.shape()))));
    }
    sum = pass.observe("sum", sum);
    if (norm_) sum = norm_->forward(sum, pass);
    return pass.observe("output", pass.dropout("embedding", sum, config_.dropout));
}

template <typename T>
BasicNamedParameters<T> BasicInputEmbedding<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "token", token_.parameters());
    append_parameters(all, "position", position_.parameters());
    if (segment_) append_parameters(all, "segment", segment_->parameters());
    if (norm_) append_parameters(all, "norm", norm_->parameters());
    return all;
}

template class BasicInputEmbedding<float>;
template class BasicInputEmbedding<double>;

}  // namespace glassformer
