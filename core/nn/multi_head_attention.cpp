#include "nn/multi_head_attention.h"

#include <utility>

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

AttentionConfig completed(AttentionConfig config) {
    require_positive("d_model", config.d_model);
    require_positive("n_heads", config.n_heads);
    if (config.d_head == 0) {
        require_divides("n_heads", config.n_heads, "d_model", config.d_model);
        config.d_head = config.d_model / config.n_heads;
    }
    require_positive("d_head", config.d_head);
    if (config.n_kv_heads == 0) config.n_kv_heads = config.n_heads;
    require_divides("n_kv_heads", config.n_kv_heads, "n_heads", config.n_heads);
    if (config.d_memory == 0) config.d_memory = config.d_model;
    require_positive("d_memory", config.d_memory);
    require_probability("dropout", config.dropout);
    if (config.fused && config.d_memory != config.d_model) {
        throw Error(ErrorKind::constraint,
                    {"fused 把 Q、K、V 合成一次乘法，三者须出自同一输入：d_memory 应等于 d_model。",
                     "fused makes Q, K and V from one input: d_memory must equal d_model."},
                    "fused");
    }
    if (config.fused && config.adapter.rank > 0) {
        throw Error(ErrorKind::constraint,
                    {"fused 的注意力层不支持 adapter。", "A fused attention layer takes no adapter."}, "adapter");
    }
    if (config.shared_query_key &&
        (config.fused || config.n_kv_heads != config.n_heads || config.d_memory != config.d_model)) {
        throw Error(ErrorKind::constraint,
                    {"Q、K 共用矩阵时，不能 fused，K 的头数须等于 n_heads，d_memory 须等于 d_model。",
                     "A matrix shared by Q and K excludes fused, fewer K heads and another d_memory."},
                    "shared_query_key");
    }
    if (!config.output_projection && config.n_heads * config.d_head != config.d_model) {
        throw Error(ErrorKind::constraint,
                    {"没有输出投影时 n_heads * d_head 须等于 d_model。",
                     "Without an output projection n_heads * d_head must equal d_model."},
                    "output_projection");
    }
    config.position.n_heads = config.n_heads;
    config.position.d_head = config.d_head;
    return config;
}

ScoreConfig score_config(const AttentionConfig& config) {
    return {.kind = config.score,
            .d_k = config.d_head,
            .n_heads = config.n_heads,
            .d_hidden = 0,
            .cosine_scale = config.cosine_scale};
}

/// [n, d] -> [1, n, d]; [batch, n, d] stays.
template <typename T>
BasicVariable<T> batched(const char* name, const BasicVariable<T>& x) {
    const Shape& shape = x.shape();
    if ((shape.rank() != 2 && shape.rank() != 3) || shape.size() == 0) {
        throw Error(ErrorKind::shape,
                    {std::string(name) + " 的形状应为 [n, d] 或 [batch, n, d]，n 和 batch 至少为 1；给的是 " +
                         shape.to_string() + "。",
                     std::string(name) + " must be [n, d] or [batch, n, d] with n and batch at least 1; it is " +
                         shape.to_string() + "."},
                    name);
    }
    return shape.rank() == 2 ? reshape(x, {1, shape[0], shape[1]}) : x;
}

/// [batch, n, heads * d_head] -> [batch, heads, n, d_head].
template <typename T>
BasicVariable<T> split_heads(const BasicVariable<T>& x, std::int64_t heads) {
    const Shape& shape = x.shape();
    return permute(reshape(x, {shape[0], shape[1], heads, shape[2] / heads}), {0, 2, 1, 3});
}

/// [batch, heads, n, d_head] -> [batch, n, heads * d_head].
template <typename T>
BasicVariable<T> merge_heads(const BasicVariable<T>& x) {
    const Shape shape = x.shape();
    return reshape(permute(x, {0, 2, 1, 3}), {shape[0], shape[2], shape[1] * shape[3]});
}

/// Each K or V head once for every query head of its group: query head i reads K head i / group.
template <typename T>
BasicVariable<T> repeat_for_queries(const BasicVariable<T>& x, std::int64_t n_heads) {
    const std::int64_t group = n_heads / x.shape()[1];
    if (group == 1) return x;
    IntTensor source({n_heads});
    for (std::int64_t i = 0; i < n_heads; ++i) source[i] = static_cast<std::int32_t>(i / group);
    return index_select(x, 1, source);
}

template <typename T>
void append(BasicKeyValueCache<T>& cache, const BasicTensor<T>& keys, const BasicTensor<T>& values,
            const IntTensor& positions) {
    const bool first = cache.length == 0;
    cache.keys = first ? keys : concat(std::vector<BasicTensor<T>>{cache.keys, keys}, 2);
    cache.values = first ? values : concat(std::vector<BasicTensor<T>>{cache.values, values}, 2);
    cache.positions = first ? positions : concat(std::vector<IntTensor>{cache.positions, positions}, -1);
    cache.length = cache.keys.extent(2);
}

}  // namespace

template <typename T>
BasicMultiHeadAttention<T>::BasicMultiHeadAttention(const AttentionConfig& given, Rng rng,
                                                    std::shared_ptr<const BasicRelativePosition<T>> position)
    : config_(completed(given)), score_(score_config(config_), rng.split("score")), position_(std::move(position)) {
    const AttentionConfig& c = config_;
    const std::int64_t d_query = c.n_heads * c.d_head;
    const std::int64_t d_key = c.n_kv_heads * c.d_head;
    Initialization value_init = c.init;
    value_init.gain *= c.value_gain;
    if (c.fused) {
        // One matrix, but each part drawn as the separate layers would be: the same function from the same seed.
        const BasicVariable<T> parts[] = {initial_weight<T>(c.d_model, d_query, c.init, rng.split("query")),
                                          initial_weight<T>(c.d_model, d_key, c.init, rng.split("key")),
                                          initial_weight<T>(c.d_model, d_key, value_init, rng.split("value"))};
        fused_.emplace(c.d_model, d_query + 2 * d_key, rng, c.bias);
        set_parameter(fused_->parameters(), "weight",
                      concat(std::vector<BasicTensor<T>>{parts[0].value(), parts[1].value(), parts[2].value()}, 1));
    } else {
        query_.emplace(c.d_model, d_query, rng.split("query"), c.bias, c.init);
        value_.emplace(c.d_memory, d_key, rng.split("value"), c.bias, value_init);
        if (c.adapter.rank > 0) {
            query_->adapt(c.adapter, rng.split("query_adapter"));
            value_->adapt(c.adapter, rng.split("value_adapter"));
        }
        if (c.shared_query_key) {
            key_ = query_;
        } else {
            key_.emplace(c.d_memory, d_key, rng.split("key"), c.bias, c.init);
        }
    }
    if (c.output_projection) output_.emplace(d_query, c.d_model, rng.split("output"), c.bias, value_init);
    if (!position_) position_ = std::make_shared<const BasicRelativePosition<T>>(c.position, rng.split("position"));
}

template <typename T>
typename BasicMultiHeadAttention<T>::Heads BasicMultiHeadAttention<T>::project(
    const BasicVariable<T>& x, const BasicAttentionInput<T>& input) const {
    const AttentionConfig& c = config_;
    const std::int64_t past = input.cache != nullptr && !input.memory ? input.cache->length : 0;
    Heads heads;
    heads.query_positions = input.positions ? *input.positions : counted_positions(x.shape()[1], past);
    if (fused_) {
        if (input.memory) {
            throw Error(ErrorKind::constraint,
                        {"fused 的注意力层只能做自注意力，不能接 memory。",
                         "A fused attention layer does self-attention only; it cannot take a memory."},
                        "memory");
        }
        const BasicVariable<T> all = fused_->forward(x);
        const std::int64_t q = c.n_heads * c.d_head;
        const std::int64_t kv = c.n_kv_heads * c.d_head;
        heads.query = split_heads(slice(all, -1, 0, q), c.n_heads);
        heads.key = split_heads(slice(all, -1, q, q + kv), c.n_kv_heads);
        heads.value = split_heads(slice(all, -1, q + kv, q + 2 * kv), c.n_kv_heads);
    } else {
        heads.query = split_heads(query_->forward(x), c.n_heads);
        if (input.memory && input.cache != nullptr && input.cache->length > 0) {
            heads.query = position_->rotate(heads.query, heads.query_positions);
            heads.new_keys = false;
            return heads;
        }
        const BasicVariable<T> memory = input.memory ? batched("memory", *input.memory) : x;
        if (memory.shape()[0] != x.shape()[0] && memory.shape()[0] != 1) {
            throw Error(ErrorKind::shape,
                        {"memory 的 batch 是 " + std::to_string(memory.shape()[0]) + "，输入的是 " +
                             std::to_string(x.shape()[0]) + "：须相等，或 memory 为 1。",
                         "The memory's batch is " + std::to_string(memory.shape()[0]) + " and the input's " +
                             std::to_string(x.shape()[0]) + ": they must be equal, or the memory's 1."},
                        "memory");
        }
        heads.key = split_heads(key_->forward(memory), c.n_kv_heads);
        heads.value = split_heads(value_->forward(memory), c.n_kv_heads);
    }
    const std::int64_t n_key = heads.key.shape()[2];
    heads.key_positions = input.key_positions ? *input.key_positions
                          : input.memory      ? counted_positions(n_key)
                                              : heads.query_positions;
    heads.query = position_->rotate(heads.query, heads.query_positions);
    heads.key = position_->rotate(heads.key, heads.key_positions);
    return heads;
}

template <typename T>
BasicVariable<T> BasicMultiHeadAttention<T>::forward(const BasicVariable<T>& given, const BasicAttentionInput<T>& input,
                                                     const BasicPass<T>& pass) const {
    if (input.cache != nullptr && pass.is_training()) {
        throw Error(
            ErrorKind::constraint,
            {"KV 缓存只用于推理，梯度不会流过它。", "A KV cache is for inference; no gradient flows through it."},
            "cache");
    }
    const BasicVariable<T> x = batched("x", given);
    Heads heads = project(x, input);
    if (input.cache != nullptr) {
        if (heads.new_keys) append(*input.cache, heads.key.value(), heads.value.value(), heads.key_positions);
        heads.key = BasicVariable<T>(input.cache->keys);
        heads.value = BasicVariable<T>(input.cache->values);
        heads.key_positions = input.cache->positions;
    }
    const BasicVariable<T> query = pass.observe("query", heads.query);
    const BasicVariable<T> key = pass.observe("key", heads.key);
    const BasicVariable<T> value = pass.observe("value", heads.value);

    BasicVariable<T> scores = score_.forward(query, repeat_for_queries(key, config_.n_heads));
    const auto term = position_->score_term(query, heads.query_positions, heads.key_positions, score_.scale());
    if (term) scores = add(scores, *term);
    scores = pass.observe("scores", scores);
    const BasicVariable<T> weights = pass.observe("attention", attention_weights(scores, input.mask));
    const BasicVariable<T> dropped = pass.dropout("attention_dropout", weights, config_.dropout);
    BasicVariable<T> mixed = batched_matmul(dropped, repeat_for_queries(value, config_.n_heads));
    const auto output_term = position_->output_term(dropped, heads.query_positions, heads.key_positions);
    if (output_term) mixed = add(mixed, *output_term);
    const BasicVariable<T> joined = merge_heads(pass.observe("heads", mixed));
    const BasicVariable<T> output = pass.observe("output", output_ ? output_->forward(joined) : joined);
    return given.shape().rank() == 2 ? reshape(output, given.shape()) : output;
}

template <typename T>
BasicNamedParameters<T> BasicMultiHeadAttention<T>::parameters() const {
    BasicNamedParameters<T> all;
    if (fused_) append_parameters(all, "qkv", fused_->parameters());
    if (query_) append_parameters(all, "query", query_->parameters());
    if (key_) append_parameters(all, "key", key_->parameters());
    if (value_) append_parameters(all, "value", value_->parameters());
    if (output_) append_parameters(all, "output", output_->parameters());
    append_parameters(all, "score", score_.parameters());
    append_parameters(all, "position", position_->parameters());
    return all;
}

template class BasicMultiHeadAttention<float>;
template class BasicMultiHeadAttention<double>;

}  // namespace glassformer
