#include "support/golden.h"
#include "base/error.h"
#include "models/hugging_face.h"
#include "models/transformer.h"
#include "models/vit.h"
#include "support/source_dir.h"

using namespace glassformer;
using test::GoldenCase;
using test::relative_difference;
using test::with;

namespace {

GoldenCase golden(std::string name) { return {"models.safetensors", std::move(name)}; }

std::string path(const char* file) { return source_dir() + "/tests/golden/" + file; }

/// The file, less one tensor.
Safetensors without(const char* file, const std::string& dropped) {
    const Safetensors whole = Safetensors::from_file(path(file));
    SafetensorsWriter kept;
    for (const TensorInfo& info : whole.tensors()) {
        if (info.name != dropped) kept.add(info.name, whole.floats(info.name));
    }
    return Safetensors::from_memory(kept.bytes());
}

}  // namespace

TEST_CASE("torch.nn.Transformer, Post-LN with ReLU and Pre-LN with GELU: outputs and every gradient") {
    for (const char* name : {"post", "pre"}) {
        const GoldenCase one = golden(name);
        const bool pre = std::string(name) == "pre";
        TransformerStackConfig config;
        config.n_layers = 2;
        config.layer.attention.d_model = 12;
        config.layer.attention.n_heads = 3;
        config.layer.feed_forward.d_ff = 20;
        config.layer.feed_forward.activation = pre ? Activation::gelu : Activation::relu;
        config.layer.placement = pre ? NormPlacement::pre : NormPlacement::post;
        config.final_norm = true;
        const TransformerStack encoder(config, Rng(1));
        config.layer.cross_attention = true;
        const TransformerStack decoder(config, Rng(2));
        NamedParameters all;
        append_parameters(all, "encoder", encoder.parameters());
        append_parameters(all, "decoder", decoder.parameters());
        one.load(all);
        const Variable source = one.leaf("source");
        const Variable target = one.leaf("target");
        LayerInput of_source;
        of_source.mask = lengths_mask({5, 3}, 5);
        LayerInput of_target;
        of_target.mask = causal_mask(4);
        of_target.memory = encoder.forward(source, of_source);
        of_target.memory_mask = of_source.mask;
        const Variable y = decoder.forward(target, of_target);
        one.check({{"y", y}}, with(all, {{"source", source}, {"target", target}}));
        const Tensor memory = of_target.memory->value();
        const Tensor expected = one.floats("output/memory");
        CHECK(relative_difference(slice(memory, 0, 0, 1), slice(expected, 0, 0, 1)) < 1e-5);
        CHECK(relative_difference(slice(slice(memory, 0, 1, 2), 1, 0, 3), slice(slice(expected, 0, 1, 2), 1, 0, 3)) <
              1e-5);
    }
}

TEST_CASE("transformers: a BERT with its heads gives the same states and logits") {
    const GoldenCase one = golden("bert");
    const Bert bert = bert_from_hugging_face(Safetensors::from_file(path("bert.safetensors")), 3);
    const Variable hidden = bert.forward({.ids = one.integers("input/ids"),
                                          .segments = one.integers("input/segments"),
                                          .mask = lengths_mask({7, 5}, 7)});
    CHECK(relative_difference(hidden.value(), one.floats("output/hidden")) < 1e-4);
    CHECK(relative_difference(bert.mlm_logits(hidden).value(), one.floats("output/mlm")) < 1e-4);
    CHECK(relative_difference(bert.nsp_logits(bert.pooled(hidden)).value(), one.floats("output/nsp")) < 1e-4);
    CHECK_THROWS_AS(bert_from_hugging_face(Safetensors::from_file(path("bert.safetensors")), 5), Error);
    CHECK_THROWS_AS(bert_from_hugging_face(Safetensors::from_file(path("gpt2.safetensors")), 3), Error);
    CHECK_THROWS_AS(bert_from_hugging_face(without("bert.safetensors", "bert.encoder.layer.1.output.dense.bias"), 3),
                    Error);
    const Bert bare = bert_from_hugging_face(without("bert.safetensors", "cls.predictions.bias"), 3);
    CHECK_FALSE(bare.config().mlm_head);
}

TEST_CASE("transformers: a GPT-2 gives the same logits, at once and token by token") {
    const GoldenCase one = golden("gpt2");
    const Gpt gpt = gpt2_from_hugging_face(Safetensors::from_file(path("gpt2.safetensors")), 3);
    const IntTensor ids = one.integers("input/ids");
    const Tensor expected = one.floats("output/logits");
    CHECK(relative_difference(gpt.forward({.ids = ids}).value(), expected) < 1e-4);
    StackCache cache;
    for (std::int64_t t = 0; t < 11; ++t) {
        const Tensor step = gpt.forward({.ids = slice(ids, 1, t, t + 1)}, {}, &cache).value();
        CHECK(relative_difference(step, slice(expected, 1, t, t + 1)) < 1e-4);
    }
    CHECK_THROWS_AS(gpt2_from_hugging_face(without("gpt2.safetensors", "transformer.wpe.weight"), 3), Error);
    CHECK_THROWS_AS(gpt2_from_hugging_face(Safetensors::from_file(path("bert.safetensors")), 3), Error);
}

TEST_CASE("transformers: a ViT gives the same logits, and its gradients") {
    const GoldenCase one = golden("vit");
    VitConfig config = vit_config({.n_layers = 2, .d_model = 12, .n_heads = 3, .d_ff = 20});
    config.channels = 2;
    config.height = config.width = 6;
    config.patch = 2;
    config.classes = 5;
    config.stack.layer.norm.epsilon = 1e-12;
    const Vit vit(config, Rng(1));
    one.load(vit.parameters());
    one.check({{"y", vit.forward(one.floats("input/images"))}}, vit.parameters());
}
