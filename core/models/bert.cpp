#include "models/bert.h"

#include "autograd/operations.h"
#include "base/error.h"

namespace glassformer {
namespace {

[[noreturn]] void no_head(const char* name) {
    throw Error(ErrorKind::constraint,
                {std::string("这个 BERT 没有 ") + name + "，请在 BertConfig 里打开。",
                 std::string("This BERT has no ") + name + "; turn it on in BertConfig."},
                name);
}

}  // namespace

BertConfig bert_config(const ModelSize& size) {
    BertConfig config;
    InputEmbeddingConfig& embedding = config.embedding;
    embedding.vocabulary = size.vocabulary;
    embedding.d_model = size.d_model;
    embedding.max_length = size.max_length;
    embedding.position = PositionKind::learned;
    embedding.segments = 2;
    embedding.scaled = false;
    embedding.token_deviation = 0.02F;
    embedding.norm = NormConfig{.epsilon = 1e-12};
    config.stack = stack_of(size);
    config.stack.layer.feed_forward.activation = Activation::gelu;
    set_epsilon(config.stack, 1e-12);
    set_initialization(config.stack, {.kind = Initialization::Kind::normal});
    return config;
}

BertConfig bert_live_config(const ModelSize& size) {
    BertConfig config = bert_config(size);
    config.embedding.scaled = true;
    config.embedding.token_deviation = 0.0F;
    config.embedding.position_deviation = 1.0F;
    config.embedding.norm.reset();
    config.stack.layer.placement = NormPlacement::pre;
    set_epsilon(config.stack, 1e-5);
    set_initialization(config.stack, {});
    return config;
}

template <typename T>
BasicBert<T>::BasicBert(const BertConfig& config, Rng rng)
    : config_(config), embedding_(config.embedding, rng.split("embedding")), stack_(config.stack, rng.split("stack")) {
    const std::int64_t d = config.embedding.d_model;
    const Initialization& init = config.stack.layer.feed_forward.init;
    if (config.mlm_head) {
        mlm_dense_.emplace(d, d, rng.split("mlm"), true, init);
        mlm_norm_.emplace(NormConfig{.d = d, .epsilon = config.stack.layer.norm.epsilon});
        mlm_bias_ = constant_parameter<T>({config.embedding.vocabulary}, T{0});
    }
    if (config.pooler) pooler_.emplace(d, d, rng.split("pooler"), true, init);
    if (config.nsp_head) {
        if (!config.pooler) no_head("pooler");
        nsp_.emplace(d, 2, rng.split("nsp"), true, init);
    }
}

template <typename T>
BasicVariable<T> BasicBert<T>::forward(const BasicBertInput<T>& input, const BasicPass<T>& pass) const {
    const BasicVariable<T> x = embedding_.forward(input.ids, pass.at("embedding"), input.positions, input.segments);
    BasicLayerInput<T> each;
    each.mask = input.mask;
    each.positions = input.positions;
    each.real = input.real;
    return stack_.forward(x, each, pass);
}

template <typename T>
BasicVariable<T> BasicBert<T>::pooled(const BasicVariable<T>& hidden, const BasicPass<T>& pass) const {
    if (!pooler_) no_head("pooler");
    const BasicVariable<T> first = slice(hidden, -2, 0, 1);
    Extents extents = hidden.shape().extents();
    extents.erase(extents.size() - 2);
    return pass.observe("pooled", tanh(pooler_->forward(reshape(first, Shape(extents)))));
}

template <typename T>
BasicVariable<T> BasicBert<T>::mlm_logits(const BasicVariable<T>& hidden, const BasicPass<T>& pass) const {
    if (!mlm_dense_) no_head("mlm_head");
    const Activation activation = config_.stack.layer.feed_forward.activation;
    const BasicVariable<T> y = mlm_norm_->forward(activate(activation, mlm_dense_->forward(hidden)), pass);
    return pass.observe("mlm_logits", add(embedding_.token().logits(y), mlm_bias_));
}

template <typename T>
BasicVariable<T> BasicBert<T>::nsp_logits(const BasicVariable<T>& pooled, const BasicPass<T>& pass) const {
    if (!nsp_) no_head("nsp_head");
    return pass.observe("nsp_logits", nsp_->forward(pooled));
}

template <typename T>
BasicNamedParameters<T> BasicBert<T>::parameters() const {
    BasicNamedParameters<T> all;
    append_parameters(all, "embedding", embedding_.parameters());
    for (const auto& named : stack_.parameters()) all.push_back(named);
    if (mlm_dense_) {
        append_parameters(all, "mlm.dense", mlm_dense_->parameters());
        append_parameters(all, "mlm.norm", mlm_norm_->parameters());
        all.emplace_back("mlm.bias", mlm_bias_);
    }
    if (pooler_) append_parameters(all, "pooler", pooler_->parameters());
    if (nsp_) append_parameters(all, "nsp", nsp_->parameters());
    return all;
}

template <typename T>
BasicVariable<T> mean_pooled(const BasicVariable<T>& hidden, const std::optional<BoolTensor>& real) {
    if (!real) return mean(hidden, -2);
    const Shape& shape = hidden.shape();
    Extents tokens = shape.extents();
    if (!tokens.empty()) tokens.pop_back();
    const std::int64_t n = shape.rank() >= 2 ? shape[-2] : 0;
    bool fits = shape.rank() >= 2 && real->shape() == Shape(tokens);
    BasicTensor<T> share{fits ? real->shape() : Shape{0}};
    for (std::int64_t start = 0; fits && start < real->size(); start += n) {
        std::int64_t count = 0;
        for (std::int64_t i = start; i < start + n; ++i) count += (*real)[i] != 0 ? 1 : 0;
        fits = count > 0;
        for (std::int64_t i = start; fits && i < start + n; ++i) {
            share[i] = (*real)[i] != 0 ? T{1} / static_cast<T>(count) : T{0};
        }
    }
    if (!fits) {
        throw Error(ErrorKind::shape,
                    {"平均池化：标记 " + real->shape().to_string() + " 须与状态 " + shape.to_string() +
                         " 的前几轴相同，且每个序列至少有一个真实 token。",
                     "Mean pooling: real tokens of shape " + real->shape().to_string() +
                         " must match states of shape " + shape.to_string() + ", with at least one in each sequence."},
                    "real");
    }
    tokens.push_back(1);
    return sum(multiply(hidden, BasicVariable<T>(std::move(share).reshaped(Shape(tokens)))), -2);
}

template class BasicBert<float>;
template class BasicBert<double>;
template BasicVariable<float> mean_pooled(const BasicVariable<float>&, const std::optional<BoolTensor>&);
template BasicVariable<double> mean_pooled(const BasicVariable<double>&, const std::optional<BoolTensor>&);

}  // namespace glassformer
