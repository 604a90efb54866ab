#include "models/parameter_count.h"

#include <algorithm>

namespace glassformer {
namespace {

void append(ParameterGroups& all, const std::string& prefix, const ParameterGroups& groups) {
    for (const ParameterGroup& group : groups) all.push_back({prefix + "." + group.name, group.count});
}

/// Adds what is there; groups of nothing are left out.
void put(ParameterGroups& all, const std::string& name, std::int64_t count) {
    if (count > 0) all.push_back({name, count});
}

std::int64_t linear(std::int64_t d_in, std::int64_t d_out, bool bias) { return d_in * d_out + (bias ? d_out : 0); }

std::int64_t norm(const NormConfig& config, std::int64_t d) {
    if (!config.affine || config.kind == NormKind::none) return 0;
    return config.kind == NormKind::rms ? d : 2 * d;
}

std::int64_t projection(std::int64_t d_in, std::int64_t d_out, const ProjectionConfig& config, bool bias) {
    switch (config.kind) {
        case ProjectionConfig::Kind::low_rank:
            return linear(d_in, config.rank, false) + linear(config.rank, d_out, bias);
        case ProjectionConfig::Kind::block_diagonal: return d_in * d_out / config.groups + (bias ? d_out : 0);
        case ProjectionConfig::Kind::dense: break;
    }
    return linear(d_in, d_out, bias);
}

std::int64_t feed_forward(const FeedForwardConfig& config) {
    const std::int64_t d_ff = config.d_ff == 0 ? 4 * config.d_model : config.d_ff;
    return (config.gated ? 2 : 1) * projection(config.d_model, d_ff, config.projection, config.bias) +
           projection(d_ff, config.d_model, config.projection, config.bias);
}

/// Without the position, which a stack may share.
std::int64_t attention(const AttentionConfig& c, std::int64_t d_memory) {
    const std::int64_t d_head = c.d_head == 0 ? c.d_model / c.n_heads : c.d_head;
    const std::int64_t query = c.n_heads * d_head;
    const std::int64_t key = (c.n_kv_heads == 0 ? c.n_heads : c.n_kv_heads) * d_head;
    std::int64_t count =
        linear(c.d_model, query, c.bias) + 2 * linear(d_memory == 0 ? c.d_model : d_memory, key, c.bias);
    if (c.shared_query_key) count -= linear(c.d_model, key, c.bias);
    if (c.adapter.rank > 0) {
        const std::int64_t value_in = d_memory == 0 ? c.d_model : d_memory;
        count += c.adapter.rank * (c.d_model + query + value_in + key);
    }
    if (c.output_projection) count += linear(query, c.d_model, c.bias);
    if (c.score == ScoreKind::general) count += c.n_heads * d_head * d_head;
    if (c.score == ScoreKind::additive || c.score == ScoreKind::additive_linear) {
        count += c.n_heads * (2 * d_head * d_head + d_head);
    }
    return count;
}

std::int64_t relative_position(const AttentionConfig& c) {
    const std::int64_t d_head = c.d_head == 0 ? c.d_model / c.n_heads : c.d_head;
    if (c.position.kind == PositionKind::t5) return c.position.buckets * c.n_heads;
    if (c.position.kind == PositionKind::shaw) return 2 * (2 * c.position.max_distance + 1) * d_head;
    return 0;
}

}  // namespace

std::int64_t total(const ParameterGroups& groups) {
    std::int64_t sum = 0;
    for (const ParameterGroup& group : groups) sum += group.count;
    return sum;
}

ParameterGroups parameter_groups(const TransformerLayerConfig& config) {
    const std::int64_t d = config.attention.d_model;
    const std::int64_t each_norm = config.placement == NormPlacement::none ? 0 : norm(config.norm, d);
    ParameterGroups all;
    if (config.self_attention) {
        put(all, "self_attention",
            attention(config.attention, config.attention.d_memory) + relative_position(config.attention));
        put(all, "self_attention_norm", each_norm);
    }
    if (config.cross_attention) {
        put(all, "cross_attention", attention(config.attention, config.d_memory));
        put(all, "cross_attention_norm", each_norm);
    }
    if (config.use_feed_forward) {
        FeedForwardConfig own = config.feed_forward;
        if (own.d_model == 0) own.d_model = d;
        const std::int64_t experts = std::max<std::int64_t>(config.n_experts, 1);
        put(all, "feed_forward", experts * feed_forward(own) + (config.n_experts > 0 ? d * config.n_experts : 0));
        put(all, "feed_forward_norm", each_norm);
    }
    return all;
}

ParameterGroups parameter_groups(const TransformerStackConfig& config) {
    ParameterGroups all;
    const std::int64_t layers = config.shared_layers ? std::min<std::int64_t>(1, config.n_layers) : config.n_layers;
    for (const ParameterGroup& group : parameter_groups(config.layer)) {
        std::int64_t count = layers * group.count;
        if (group.name == "feed_forward" && config.shared_feed_forward)
            count = std::min<std::int64_t>(1, layers) * group.count;
        // T5's table is every layer's.
        if (group.name == "self_attention" && config.layer.attention.position.kind == PositionKind::t5 && layers > 1) {
            count -= (layers - 1) * relative_position(config.layer.attention);
        }
        put(all, "layers." + group.name, count);
    }
    if (config.final_norm.value_or(config.layer.placement == NormPlacement::pre)) {
        put(all, "final_norm", norm(config.layer.norm, config.layer.attention.d_model));
    }
    return all;
}

ParameterGroups parameter_groups(const InputEmbeddingConfig& config) {
    ParameterGroups all;
    put(all, "token", config.vocabulary * config.d_model);
    if (config.position == PositionKind::learned) put(all, "position", config.max_length * config.d_model);
    put(all, "segment", config.segments * config.d_model);
    if (config.norm) put(all, "norm", norm(*config.norm, config.d_model));
    return all;
}

ParameterGroups parameter_groups(const GptConfig& config) {
    ParameterGroups all;
    append(all, "embedding", parameter_groups(config.embedding));
    for (const ParameterGroup& group : parameter_groups(config.stack)) all.push_back(group);
    if (!config.tied) put(all, "output", config.embedding.d_model * config.embedding.vocabulary);
    return all;
}

ParameterGroups parameter_groups(const BertConfig& config) {
    const std::int64_t d = config.embedding.d_model;
    ParameterGroups all;
    append(all, "embedding", parameter_groups(config.embedding));
    for (const ParameterGroup& group : parameter_groups(config.stack)) all.push_back(group);
    if (config.mlm_head) put(all, "mlm", linear(d, d, true) + 2 * d + config.embedding.vocabulary);
    if (config.pooler) put(all, "pooler", linear(d, d, true));
    if (config.nsp_head) put(all, "nsp", linear(d, 2, true));
    return all;
}

ParameterGroups parameter_groups(const TransformerConfig& config) {
    using Tying = TransformerConfig::Tying;
    ParameterGroups all;
    append(all, config.tying == Tying::three_way ? "embedding" : "target_embedding", parameter_groups(config.target));
    if (config.tying != Tying::three_way) append(all, "source_embedding", parameter_groups(config.source));
    append(all, "encoder", parameter_groups(config.encoder));
    TransformerStackConfig decoder = config.decoder;
    decoder.layer.d_memory = config.source.d_model;
    append(all, "decoder", parameter_groups(decoder));
    if (config.tying == Tying::none) put(all, "output", config.target.d_model * config.target.vocabulary);
    return all;
}

}  // namespace glassformer
