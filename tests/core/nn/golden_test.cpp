#include "support/golden.h"
#include "nn/activation.h"
#include "nn/class_imbalance.h"
#include "nn/distillation.h"
#include "nn/feed_forward.h"
#include "nn/loss.h"
#include "nn/lstm.h"
#include "nn/multi_head_attention.h"
#include "nn/normalization.h"

using namespace glassformer;
using test::GoldenCase;
using test::with;

namespace {

GoldenCase golden(std::string name) { return {"nn.safetensors", std::move(name)}; }

}  // namespace

TEST_CASE("PyTorch: linear and embedding") {
    const GoldenCase linear = golden("linear");
    const Linear layer(12, 7, Rng(1));
    linear.load(layer.parameters());
    const Variable x = linear.leaf("x");
    linear.check({{"y", layer.forward(x)}}, with(layer.parameters(), {{"x", x}}));

    const GoldenCase lookup = golden("embedding");
    const Embedding embedding(9, 12, Rng(1), 1.0F);
    lookup.load(embedding.parameters());
    lookup.check({{"y", embedding.forward(lookup.integers("input/ids"))}}, embedding.parameters());
    const GoldenCase tied = golden("tied");
    const Embedding both(9, 12, Rng(1), 1.0F);
    tied.load(both.parameters());
    tied.check({{"y", both.logits(both.forward(tied.integers("input/ids")))}}, both.parameters());
}

TEST_CASE("PyTorch: the norms, batch norm's running statistics included") {
    for (const auto& [name, kind] : {std::pair{"layer_norm", NormKind::layer},
                                     {"rms_norm", NormKind::rms},
                                     {"batch_norm_train", NormKind::batch},
                                     {"batch_norm_eval", NormKind::batch}}) {
        const GoldenCase one = golden(name);
        const Norm norm({.kind = kind, .d = 12, .epsilon = kind == NormKind::rms ? 1e-6 : 1e-5, .momentum = 0.3});
        one.load(norm.parameters());
        for (const auto& [buffer, variable] : norm.buffers()) {
            set_parameter(norm.buffers(), buffer, one.floats("input/" + buffer));
        }
        const Variable x = one.leaf("x");
        const bool training = std::string(name) == "batch_norm_train";
        const Variable y = norm.forward(add_scalar(scale(x, 3.0F), 1.0F), training ? Pass::training(Rng(1)) : Pass());
        one.check({{"y", y}}, with(norm.parameters(), {{"x", x}}));
        if (!training) continue;
        for (const auto& [buffer, variable] : norm.buffers()) {
            CHECK(test::relative_difference(variable.value(), one.floats("output/" + buffer)) < 1e-5);
        }
    }
}

TEST_CASE("PyTorch: activations, in the tails too") {
    for (const char* name : {"relu", "gelu", "gelu_tanh", "silu", "tanh", "sigmoid", "elu"}) {
        const GoldenCase one = golden(std::string("activation_") + name);
        const Variable x = one.leaf("x");
        one.check({{"y", activate(activation_of(name), x)}}, {{"x", x}});
    }
}

TEST_CASE("PyTorch: feed-forward; transformers: LLaMA's SwiGLU") {
    FeedForwardConfig config{.d_model = 12, .d_ff = 20, .activation = Activation::gelu};
    for (const char* name : {"feed_forward", "swiglu"}) {
        const GoldenCase one = golden(name);
        const FeedForward layer(config, Rng(1));
        one.load(layer.parameters());
        const Variable x = one.leaf("x");
        one.check({{"y", layer.forward(x)}}, with(layer.parameters(), {{"x", x}}));
        config.activation = Activation::silu;
        config.gated = true;
        config.bias = false;
    }
}

TEST_CASE("PyTorch: nn.LSTM of two layers, from a state") {
    const GoldenCase one = golden("lstm");
    const Lstm lstm({.d_input = 7, .d_hidden = 5, .n_layers = 2}, Rng(1));
    one.load(lstm.parameters());
    const Variable x = one.leaf("x");
    const LstmState state{one.leaf("h"), one.leaf("c")};
    const auto result = lstm.forward(x, {}, state);
    one.check({{"y", result.output}, {"hidden", result.state.hidden}, {"cell", result.state.cell}},
              with(lstm.parameters(), {{"x", x}, {"h", state.hidden}, {"c", state.cell}}));
}

TEST_CASE("PyTorch: scaled_dot_product_attention with a boolean mask; grouped queries") {
    const GoldenCase one = golden("scaled_dot_product");
    const Variable q = one.leaf("q");
    const Variable k = one.leaf("k");
    const Variable v = one.leaf("v");
    const Mask keep(one.bools("input/keep"));
    one.check({{"y", scaled_dot_product_attention(q, k, v, keep).output}}, {{"q", q}, {"k", k}, {"v", v}});

    // Two K and V heads for four query heads: the layer, its projections set to leave x as it is.
    const GoldenCase grouped = golden("grouped_query");
    const Tensor gq = grouped.floats("input/q");
    const Variable x =
        concat(std::vector{reshape(permute(Variable(gq), {0, 2, 1, 3}), {2, 5, 24}),
                           reshape(permute(Variable(grouped.floats("input/k")), {0, 2, 1, 3}), {2, 5, 12}),
                           reshape(permute(Variable(grouped.floats("input/v")), {0, 2, 1, 3}), {2, 5, 12})},
               2);
    AttentionConfig config{.d_model = 48, .n_heads = 4, .n_kv_heads = 2, .d_head = 6, .bias = false, .fused = true};
    const MultiHeadAttention layer(config, Rng(1));
    Tensor identity({48, 48});
    for (std::int64_t i = 0; i < 48; ++i) identity(i, i) = 1.0F;
    set_parameter(layer.parameters(), "qkv.weight", identity);
    AttentionInput input;
    input.mask = causal_mask(5);
    Trace trace;
    layer.forward(x, input, Pass::inference(&trace));
    CHECK(test::relative_difference(trace.at("heads").value(), grouped.floats("output/y")) < 1e-5);
}

TEST_CASE("PyTorch: nn.MultiheadAttention, whose masks are the other way round; cross-attention of another width") {
    for (const char* name : {"multi_head", "cross_attention"}) {
        const GoldenCase one = golden(name);
        const bool cross = std::string(name) == "cross_attention";
        const MultiHeadAttention layer({.d_model = 12, .n_heads = 3, .d_memory = cross ? 8 : 12}, Rng(1));
        one.load(layer.parameters());
        const Variable x = one.leaf("x");
        NamedParameters leaves = with(layer.parameters(), {{"x", x}});
        AttentionInput input;
        input.mask = lengths_mask({5, 3}, 5);
        if (cross) {
            input.memory = one.leaf("memory");
            leaves.emplace_back("memory", *input.memory);
        } else {
            input.mask = *input.mask & causal_mask(5);
        }
        Trace trace;
        const Variable y = layer.forward(x, input, Pass::inference(&trace));
        one.check({{"y", y}, {"attention", trace.at("attention")}}, leaves);
    }
}

TEST_CASE("transformers: LLaMA's rotation, plain and interpolated; Bloom's ALiBi slopes; T5's buckets") {
    for (const char* name : {"rope", "rope_interpolated"}) {
        const GoldenCase one = golden(name);
        RelativePositionConfig config{.kind = PositionKind::rope, .n_heads = 3, .d_head = 8};
        config.rope.pairs = RopeConfig::Pairs::halves;
        if (std::string(name) == "rope_interpolated") {
            config.rope.extension = RopeConfig::Extension::interpolation;
            config.rope.factor = 4.0;
        }
        const Variable x = one.leaf("x");
        const RelativePosition rope(config, Rng(1));
        one.check({{"y", rope.rotate(x, one.integers("input/positions"))}}, {{"x", x}});
    }
    for (const std::int64_t heads : {3, 8, 12}) {
        const Tensor expected = golden("alibi").floats("output/slopes_" + std::to_string(heads));
        const std::vector<double> slopes = alibi_slopes(heads);
        CHECK(test::relative_difference(Tensor({heads}, {slopes.begin(), slopes.end()}), expected) < 1e-6);
    }
    const IntTensor distances = golden("t5").integers("input/distances");
    for (const bool both : {true, false}) {
        for (const auto& [buckets, limit] : {std::pair{32, 128}, {8, 20}}) {
            const std::string name =
                std::string(both ? "both_" : "past_") + std::to_string(buckets) + "_" + std::to_string(limit);
            const IntTensor expected = golden("t5").integers("output/" + name);
            RelativePositionConfig config{.kind = PositionKind::t5, .buckets = buckets, .max_distance = limit};
            config.bidirectional = both;
            for (std::int64_t i = 0; i < distances.size(); ++i) {
                INFO(name + " at distance " + std::to_string(distances[i]));
                CHECK(t5_bucket(distances[i], config) == expected[i]);
            }
        }
    }
}

TEST_CASE("PyTorch: the losses") {
    using Reduction = CrossEntropyConfig::Reduction;
    const std::vector<double> weights{1.0, 0.3, 2.0, 1.0, 0.5};
    const std::vector<std::pair<const char*, CrossEntropyConfig>> variants{
        {"plain", {}},
        {"smoothed", {.label_smoothing = 0.1}},
        {"weighted", {.class_weights = weights}},
        {"weighted_smoothed", {.label_smoothing = 0.2, .class_weights = weights}},
        {"sum", {.reduction = Reduction::sum}},
    };
    for (const auto& [name, variant] : variants) {
        const GoldenCase one = golden(std::string("cross_entropy_") + name);
        CrossEntropyConfig config = variant;
        config.ignore_index = -100;
        const Variable logits = one.leaf("logits");
        one.check({{"y", cross_entropy(logits, one.integers("input/targets"), config)}}, {{"logits", logits}});
    }
    const GoldenCase focal = golden("focal");
    const Variable focal_logits = focal.leaf("logits");
    focal.check({{"y", cross_entropy(focal_logits, focal.integers("input/targets"),
                                     {.ignore_index = -100, .focal_gamma = 2.0})}},
                {{"logits", focal_logits}});
    const GoldenCase soft = golden("cross_entropy_soft");
    const Variable soft_logits = soft.leaf("logits");
    soft.check({{"y", soft_cross_entropy(soft_logits, soft.floats("input/q"))}}, {{"logits", soft_logits}});
    const GoldenCase kl = golden("kl_divergence");
    const Variable teacher = kl.leaf("teacher");
    const Variable student = kl.leaf("student");
    kl.check({{"y", kl_divergence(teacher, student, 2.0)}}, {{"teacher", teacher}, {"student", student}});
    const GoldenCase mse = golden("logit_mse");
    const Variable copy = mse.leaf("student");
    mse.check({{"y", logit_mse(mse.leaf("teacher"), copy)}}, {{"student", copy}});
    const GoldenCase contrast = golden("contrastive");
    const Variable a = contrast.leaf("a");
    const Variable b = contrast.leaf("b");
    contrast.check({{"y", contrastive_loss(a, b, 0.2)}}, {{"a", a}, {"b", b}});
}
