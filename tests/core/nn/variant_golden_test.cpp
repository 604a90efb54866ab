#include "nn/attention.h"
#include "nn/chunked_loss.h"
#include "nn/class_imbalance.h"
#include "nn/compressed_embedding.h"
#include "nn/distillation.h"
#include "nn/linear_attention.h"
#include "nn/loss.h"
#include "nn/mixture_of_experts.h"
#include "nn/multi_head_attention.h"
#include "nn/projection.h"
#include "nn/tiled_attention.h"
#include "support/golden.h"

using namespace glassformer;
using test::GoldenCase;
using test::with;

namespace {

GoldenCase golden(std::string name) { return {"variants.safetensors", std::move(name)}; }

/// y = layer(x): forward and the gradients of x and of every parameter.
template <typename Layer>
void check_layer(const char* name, const Layer& layer) {
    const GoldenCase one = golden(name);
    one.load(layer.parameters());
    const Variable x = one.leaf("x");
    one.check({{"y", layer.forward(x)}}, with(layer.parameters(), {{"x", x}}));
}

/// y = embedding(ids).
template <typename Layer>
void check_embedding(const char* name, const Layer& layer) {
    const GoldenCase one = golden(name);
    one.load(layer.parameters());
    one.check({{"y", layer.forward(one.integers("input/ids"))}}, layer.parameters());
}

AttentionConfig attention() { return {.d_model = 12, .n_heads = 3, .bias = false}; }

}  // namespace

TEST_CASE("PyTorch: every comparison of queries with keys, inside the whole layer") {
    for (const auto& [name, kind] : {std::pair{"score_dot", ScoreKind::dot},
                                     {"score_cosine", ScoreKind::cosine},
                                     {"score_general", ScoreKind::general},
                                     {"score_additive", ScoreKind::additive},
                                     {"score_additive_linear", ScoreKind::additive_linear}}) {
        AttentionConfig config = attention();
        config.score = kind;
        config.cosine_scale = 7.0;
        check_layer(name, MultiHeadAttention(config, Rng(1)));
    }
}

TEST_CASE("PyTorch: ALiBi, Shaw's terms, RoPE and its NTK extension inside the layer; transformers: T5's attention") {
    AttentionConfig config = attention();
    config.position.kind = PositionKind::alibi;
    check_layer("alibi", MultiHeadAttention(config, Rng(1)));
    config.position.kind = PositionKind::shaw;
    config.position.max_distance = 2;
    check_layer("shaw", MultiHeadAttention(config, Rng(1)));
    config.position = {.kind = PositionKind::rope};
    config.position.rope.pairs = RopeConfig::Pairs::halves;
    check_layer("rope_attention", MultiHeadAttention(config, Rng(1)));
    config.position.rope.extension = RopeConfig::Extension::ntk;
    config.position.rope.factor = 8.0;
    check_layer("rope_ntk", MultiHeadAttention(config, Rng(1)));
    config.position = {.kind = PositionKind::t5, .buckets = 8, .max_distance = 20};
    config.score = ScoreKind::dot;
    check_layer("t5_attention", MultiHeadAttention(config, Rng(1)));
    for (const std::int64_t d : {12, 7}) {
        const Tensor expected = golden("sinusoidal").floats("output/" + std::to_string(d));
        CHECK(max_abs_difference(sinusoidal_positions<float>(counted_positions(50), d), expected) < 1e-6);
    }
}

TEST_CASE("PyTorch: linear attention, FAVOR+, Linformer, a window with a global token, by tiles too") {
    const auto leaves = [](const GoldenCase& one) {
        return NamedParameters{{"q", one.leaf("q")}, {"k", one.leaf("k")}, {"v", one.leaf("v")}};
    };
    for (const bool causal : {false, true}) {
        const GoldenCase one = golden(causal ? "linear_elu_causal" : "linear_elu");
        const NamedParameters x = leaves(one);
        one.check({{"y", linear_attention(elu_features(x[0].second), elu_features(x[1].second), x[2].second, causal)}},
                  x);
        const NamedParameters again = leaves(one);
        one.check({{"y", quadratic_linear_attention(elu_features(again[0].second), elu_features(again[1].second),
                                                    again[2].second, causal)
                             .output}},
                  again);
    }
    const GoldenCase favor = golden("favor");
    const NamedParameters x = leaves(favor);
    const Tensor projection = favor.floats("input/projection");
    favor.check({{"y", linear_attention(softmax_features(x[0].second, projection, true),
                                        softmax_features(x[1].second, projection, false), x[2].second)}},
                x);
    const GoldenCase linformer = golden("linformer");
    const NamedParameters z = with(leaves(linformer), {{"e", linformer.leaf("e")}, {"f", linformer.leaf("f")}});
    linformer.check({{"y", linformer_attention(z[0].second, z[1].second, z[2].second, z[3].second, z[4].second)}}, z);
    const GoldenCase window = golden("window_and_global");
    const Mask mask = window_mask(6, 1, 1) | global_mask(6, 1);
    const NamedParameters w = leaves(window);
    window.check({{"y", scaled_dot_product_attention(w[0].second, w[1].second, w[2].second, mask).output}}, w);
    const NamedParameters tiled = leaves(window);
    window.check({{"y", tiled_attention(tiled[0].second, tiled[1].second, tiled[2].second, std::optional(mask),
                                        {.query_block = 4, .key_block = 2})
                            .output}},
                 tiled);
}

TEST_CASE("PyTorch: low rank, blocks, low-rank adapters; transformers: Mixtral's experts") {
    check_layer("low_rank", Projection(12, 8, {.kind = ProjectionConfig::Kind::low_rank, .rank = 3}, Rng(1)));
    check_layer("block_diagonal",
                Projection(12, 8, {.kind = ProjectionConfig::Kind::block_diagonal, .groups = 4}, Rng(1)));
    Linear adapted(12, 8, Rng(1));
    adapted.adapt({.rank = 2, .alpha = 6.0}, Rng(2));
    check_layer("lora", adapted);
    const FeedForwardConfig expert{
        .d_model = 12, .d_ff = 20, .activation = Activation::silu, .gated = true, .bias = false};
    check_layer("mixture", MixtureOfExperts({.expert = expert, .n_experts = 4, .top_k = 2}, Rng(1)));
}

TEST_CASE("PyTorch: compressed embeddings") {
    const GoldenCase factorised = golden("factorised");
    const FactorisedEmbedding layer(9, 4, 12, Rng(1));
    factorised.load(layer.parameters());
    factorised.check({{"y", layer.forward(factorised.integers("input/ids"))},
                      {"logits", layer.logits(Variable(factorised.floats("input/h")))}},
                     layer.parameters());
    using Combine = QuotientRemainderEmbedding::Combine;
    for (const auto& [name, combine] : {std::pair{"quotient_remainder_sum", Combine::sum},
                                        {"quotient_remainder_product", Combine::product},
                                        {"quotient_remainder_concat", Combine::concat}}) {
        check_embedding(name, QuotientRemainderEmbedding(9, 4, 12, combine, Rng(1)));
    }
    check_embedding("adaptive", AdaptiveEmbedding({3, 9}, 12, 3, Rng(1)));

    // Hashed: ids found whose three rows are those that the reference added up, as far as a short search finds them.
    const GoldenCase summed = golden("summed_rows");
    const HashedEmbedding hashed(3000, 5, 3, 12, Rng(1));
    summed.load(hashed.parameters());
    const IntTensor rows = summed.integers("input/rows");  // [3, 2, 4]
    IntTensor ids({2, 4}, -1);
    for (std::int64_t i = 0; i < ids.size(); ++i) {
        for (std::int32_t id = 0; id < 3000 && ids[i] < 0; ++id) {
            bool all = true;
            for (std::int64_t which = 0; which < 3; ++which) all &= hash_bucket(id, which, 5) == rows[which * 8 + i];
            if (all) ids[i] = id;
        }
        REQUIRE(ids[i] >= 0);
    }
    summed.check({{"y", hashed.forward(ids)}}, hashed.parameters());
}

TEST_CASE("PyTorch: losses for unequal classes, smoothing over the others, by chunks, of a teacher") {
    const IntTensor counted = golden("counts").integers("input/counts");
    const std::vector<std::int64_t> counts(counted.elements().begin(), counted.elements().end());
    const auto check = [](const char* name, const auto& loss) {
        const GoldenCase one = golden(name);
        const Variable logits = one.leaf("logits");
        one.check({{"y", loss(logits, one.integers("input/targets"))}}, {{"logits", logits}});
    };
    check("smoothed_over_others", [](const Variable& logits, const IntTensor& targets) {
        return cross_entropy(logits, targets,
                             {.label_smoothing = 0.1, .smoothing = CrossEntropyConfig::Smoothing::over_others});
    });
    check("effective_number", [&](const Variable& logits, const IntTensor& targets) {
        return cross_entropy(logits, targets, {.class_weights = effective_number_weights(counts, 0.99)});
    });
    check("logit_adjusted", [&](const Variable& logits, const IntTensor& targets) {
        return cross_entropy(adjust_logits(logits, counts, 0.7), targets);
    });
    const GoldenCase chunked = golden("chunked");
    for (const auto& [rows, vocabulary] : {std::pair{0, 0}, {4, 0}, {2, 3}}) {
        const NamedParameters x{{"hidden", chunked.leaf("hidden")}, {"weight", chunked.leaf("weight")}};
        chunked.check({{"y", chunked_cross_entropy(
                                 x[0].second, x[1].second, chunked.integers("input/targets"),
                                 {.rows = rows, .vocabulary = vocabulary, .ignore_index = -100, .label_smoothing = 0.1})
                                 .loss}},
                      x);
    }
    const GoldenCase distillation = golden("distillation");
    const Variable student = distillation.leaf("student");
    distillation.check({{"y", distillation_loss(Variable(distillation.floats("input/teacher")), student, 4.0)}},
                       {{"student", student}});
}
