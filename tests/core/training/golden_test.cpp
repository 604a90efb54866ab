#include "support/golden.h"
#include "models/hugging_face.h"
#include "models/transformer.h"
#include "nn/loss.h"
#include "support/source_dir.h"
#include "training/optimizer.h"
#include "training/schedule.h"

using namespace glassformer;
using test::GoldenCase;
using test::relative_difference;

namespace {

GoldenCase golden(std::string name) { return {"training.safetensors", std::move(name)}; }

std::string path(const char* file) { return source_dir() + "/tests/golden/" + file; }

Tensor row(const Tensor& tensor, std::int64_t index) {
    std::vector<std::int64_t> extents = tensor.shape().extents();
    extents.erase(extents.begin());
    return slice(tensor, 0, index, index + 1).reshaped(Shape(extents));
}
IntTensor row(const IntTensor& tensor, std::int64_t index) {
    std::vector<std::int64_t> extents = tensor.shape().extents();
    extents.erase(extents.begin());
    return slice(tensor, 0, index, index + 1).reshaped(Shape(extents));
}

std::vector<std::int64_t> lengths_of(const IntTensor& lengths) {
    return {lengths.elements().begin(), lengths.elements().end()};
}

/// 20 updates; the loss of each, before it is made.
template <typename LossOf>
void follow(const char* name, Optimizer& optimizer, const Schedule& schedule, const LossOf& loss_of) {
    const Tensor expected = golden(name).floats("output/losses");
    for (std::int64_t update = 0; update < 20; ++update) {
        const Variable loss = loss_of(update);
        INFO(std::string(name) << " at update " << update + 1 << ": " << loss.value()[0] << ", PyTorch "
                               << expected[update]);
        CHECK(std::abs(loss.value()[0] - expected[update]) < 1e-4F);
        loss.backward();
        clip_gradient_norm(optimizer.parameters(), 1.0);
        optimizer.update(3e-3F * schedule.factor(update + 1));
    }
}

}  // namespace

TEST_CASE("PyTorch: 100 updates of SGD, momentum, Adam and AdamW, accumulated") {
    const GoldenCase given = golden("optimizer");
    for (const std::string name : {"sgd", "momentum", "adam", "adamw"}) {
        const GoldenCase expected = golden(name);
        NamedParameters parameters;
        for (const char* key : {"w", "b", "rare"}) {
            parameters.emplace_back(key, Variable(given.floats(std::string("input/") + key), true));
        }
        std::unique_ptr<Optimizer> optimizer;
        if (name == "sgd") optimizer = std::make_unique<Sgd>(parameters);
        if (name == "momentum") optimizer = std::make_unique<Sgd>(parameters, 0.9F);
        if (name == "adam") {
            optimizer = std::make_unique<Adam>(parameters, AdamOptions{.beta2 = 0.98F, .epsilon = 1e-9F});
        }
        if (name == "adamw") optimizer = std::make_unique<Adam>(parameters, AdamOptions{.weight_decay = 0.1F});
        const Schedule schedule{.kind = Schedule::Kind::constant, .warmup = 10};
        const Tensor norms = expected.floats("output/norms");
        for (std::int64_t update = 0; update < 100; ++update) {
            // Two backward passes and one update; `rare` is reached in every third only, and else left alone.
            for (std::int64_t part = 0; part < 2; ++part) {
                for (auto& [key, variable] : parameters) {
                    if (key == "rare" && update % 3 != 0) continue;
                    variable.backward(row(given.floats("input/gradient_" + key), 2 * update + part));
                }
            }
            const double norm = clip_gradient_norm(parameters, 1.5);
            CHECK(std::abs(norm - static_cast<double>(norms[update])) < 1e-5 * norm);
            optimizer->update(0.01F * schedule.factor(update + 1));
            if (update != 0 && update != 9 && update != 99) continue;
            for (auto& [key, variable] : parameters) {
                INFO(name << ": " << key << " after " << update + 1);
                const Tensor after = expected.floats("output/" + key + "_" + std::to_string(update + 1));
                CHECK(relative_difference(variable.value(), after) < 1e-5);
            }
        }
        CHECK(optimizer->updates() == 100);
    }
}

TEST_CASE("transformers: constant, linear, cosine, Noam's and WSD schedules with warmup") {
    using Kind = Schedule::Kind;
    const std::pair<const char*, Schedule> schedules[] = {
        {"constant", {Kind::constant, 12, 100}},
        {"linear", {Kind::linear, 12, 100}},
        {"cosine", {Kind::cosine, 12, 100}},
        {"cosine_last", {.kind = Kind::cosine, .warmup = 12, .total = 100, .last = 0.1}},
        {"inverse_sqrt", {Kind::inverse_sqrt, 12, 100}},
        {"wsd", {.kind = Kind::warmup_stable_decay, .warmup = 12, .total = 100, .last = 0.2, .decay = 0.25}},
    };
    for (const auto& [name, schedule] : schedules) {
        const Tensor expected = golden("schedule").floats(std::string("output/") + name);
        for (std::int64_t update = 1; update <= expected.size(); ++update) {
            // transformers' minima of 0.1 and 0.2 apply to the warmup as well, ours does not rise from there.
            if (schedule.last > 0.0 && update < schedule.warmup) continue;
            INFO(name << " at " << update);
            CHECK(std::abs(schedule.factor(update) - expected[update - 1]) < 1e-6F);
        }
    }
}

TEST_CASE("PyTorch: an encoder-decoder trained for 20 updates, with Noam's schedule and smoothed labels") {
    const GoldenCase one = golden("encoder_decoder");
    TransformerConfig config =
        transformer_config({.vocabulary = 17, .n_layers = 2, .d_model = 12, .n_heads = 3, .d_ff = 20});
    config.encoder.final_norm = config.decoder.final_norm = true;
    const Transformer model(config, Rng(1));
    one.load(model.parameters());
    const IntTensor source = one.integers("input/source");
    const IntTensor target = one.integers("input/target");
    const IntTensor lengths = one.integers("input/lengths");
    Adam adam(model.parameters(), {.beta2 = 0.98F, .epsilon = 1e-9F});
    follow("encoder_decoder", adam, {Schedule::Kind::inverse_sqrt, 8, 20}, [&](std::int64_t update) {
        const IntTensor whole = row(target, update);
        const SequenceInput read{.ids = row(source, update), .mask = lengths_mask(lengths_of(row(lengths, update)), 7)};
        return cross_entropy(model.forward(read, {.ids = slice(whole, 1, 0, 7)}), slice(whole, 1, 1, 8),
                             {.label_smoothing = 0.1});
    });
}

TEST_CASE("transformers: a BERT trained for 20 updates on both of its tasks") {
    const GoldenCase one = golden("bert");
    const Bert bert = bert_from_hugging_face(Safetensors::from_file(path("bert.safetensors")), 3);
    const IntTensor ids = one.integers("input/ids");
    const IntTensor targets = one.integers("input/targets");
    const IntTensor lengths = one.integers("input/lengths");
    const IntTensor next = one.integers("input/next");
    IntTensor segments({4, 9});
    for (std::int64_t i = 0; i < segments.size(); ++i) segments[i] = i % 9 >= 4 ? 1 : 0;
    Adam adam(bert.parameters(), {.beta2 = 0.98F, .epsilon = 1e-9F});
    follow("bert", adam, {Schedule::Kind::constant, 5, 20}, [&](std::int64_t update) {
        const Variable hidden = bert.forward(
            {.ids = row(ids, update), .segments = segments, .mask = lengths_mask(lengths_of(row(lengths, update)), 9)});
        return add(cross_entropy(bert.mlm_logits(hidden), row(targets, update), {.ignore_index = -100}),
                   cross_entropy(bert.nsp_logits(bert.pooled(hidden)), row(next, update)));
    });
}

TEST_CASE("transformers: a GPT-2 trained for 20 updates with AdamW and a cosine") {
    const Gpt gpt = gpt2_from_hugging_face(Safetensors::from_file(path("gpt2.safetensors")), 3);
    const IntTensor ids = golden("gpt2").integers("input/ids");
    Adam adam(gpt.parameters(), {.weight_decay = 0.01F});
    follow("gpt2", adam, {Schedule::Kind::cosine, 4, 20}, [&](std::int64_t update) {
        const IntTensor whole = row(ids, update);
        return cross_entropy(gpt.forward({.ids = slice(whole, 1, 0, 11)}), slice(whole, 1, 1, 12));
    });
}
