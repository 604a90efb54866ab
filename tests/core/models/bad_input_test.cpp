#include <functional>
#include <limits>

#include "autograd/operations.h"
#include "io/safetensors.h"
#include "models/gpt.h"
#include "models/hugging_face.h"
#include "models/recurrent.h"
#include "models/transformer.h"
#include "models/vit.h"
#include "nn/loss.h"
#include "support/errors.h"
#include "support/random.h"
#include "training/optimizer.h"

using namespace glassformer;
using namespace glassformer::testing;

namespace {

const ModelSize small{.vocabulary = 11, .max_length = 9, .n_layers = 2, .d_model = 12, .n_heads = 3, .d_ff = 20};

/// A model that reads ids, whatever else it is.
struct Reader {
    const char* name;
    std::function<Shape(const IntTensor&)> read;
};

std::vector<Reader> readers() {
    const auto gpt = std::make_shared<Gpt>(gpt_config(small), Rng(1));
    const auto bert = std::make_shared<Bert>(bert_live_config(small), Rng(1));
    const auto translator = std::make_shared<Transformer>(transformer_live_config(small, small), Rng(1));
    const auto lstm = std::make_shared<LstmModel>(LstmModelConfig{.vocabulary = 11, .classes = 3}, Rng(1));
    const auto bag = std::make_shared<BagOfEmbeddings>(BagOfEmbeddingsConfig{.vocabulary = 11, .classes = 3}, Rng(1));
    const IntTensor target({1, 3});
    return {
        {"GPT", [=](const IntTensor& ids) { return gpt->forward({ids}).shape(); }},
        {"BERT", [=](const IntTensor& ids) { return bert->forward({ids}).shape(); }},
        {"source", [=](const IntTensor& ids) { return translator->encode({ids}).shape(); }},
        {"target",
         [=](const IntTensor& ids) { return translator->decode({ids}, Variable(Tensor({1, 4, 12}, 0.5F))).shape(); }},
        {"LSTM", [=](const IntTensor& ids) { return lstm->forward(ids).shape(); }},
        {"bag", [=](const IntTensor& ids) { return bag->forward(ids).shape(); }}};
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("no model reads nothing: neither a batch without sequences nor sequences without tokens") {
    for (const Reader& model : readers()) {
        CAPTURE(model.name);
        CHECK_NOTHROW(model.read(IntTensor({1, 3})));
        for (const Shape& empty : {Shape{0}, Shape{0, 3}, Shape{2, 0}, Shape{0, 0}}) {
            CAPTURE(empty.to_string());
            CHECK(kind_of([&] { model.read(IntTensor(empty)); }) == ErrorKind::shape);
        }
    }
    const Vit vit(vit_config(small), Rng(1));
    CHECK(vit.forward(Tensor({1, 1, 16, 16})).shape() == Shape({1, 10}));
    CHECK(kind_of([&] { vit.forward(Tensor({0, 1, 16, 16})); }) == ErrorKind::shape);
    CHECK(kind_of([&] { vit.forward(Tensor({1, 0, 16, 16})); }) == ErrorKind::shape);
}

TEST_CASE("a shape or an id that a model does not know is refused by every model") {
    for (const Reader& model : readers()) {
        CAPTURE(model.name);
        CHECK(kind_of([&] { model.read(IntTensor(Shape{})); }) == ErrorKind::shape);
        CHECK(kind_of([&] { model.read(IntTensor({1, 1, 3})); }) == ErrorKind::shape);
        for (const std::int32_t wrong :
             {-1, 11, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()}) {
            CHECK(kind_of([&] { model.read(IntTensor({1, 3}, wrong)); }) == ErrorKind::shape);
        }
    }
    const Vit vit(vit_config(small), Rng(1));
    for (const Shape& wrong : {Shape{1, 16, 16}, Shape{1, 1, 16, 15}, Shape{1, 3, 16, 16}, Shape{1, 1, 1, 16, 16}}) {
        CHECK(kind_of([&] { vit.forward(Tensor(wrong)); }) == ErrorKind::shape);
    }
    const Transformer translator(transformer_live_config(small, small), Rng(1));
    for (const Shape& wrong : {Shape{1, 4, 13}, Shape{3, 4, 12}, Shape{12}, Shape{1, 0, 12}}) {
        CAPTURE(wrong.to_string());
        CHECK(kind_of([&] { translator.decode({IntTensor({2, 3})}, Variable(Tensor(wrong))); }) == ErrorKind::shape);
    }
}

TEST_CASE("a sequence longer than the learned positions is refused, one just as long is not") {
    for (const Reader& model : readers()) {
        CAPTURE(model.name);
        CHECK_NOTHROW(model.read(IntTensor({1, 9})));
        const std::string name = model.name;
        if (name == "LSTM" || name == "bag") {
            CHECK_NOTHROW(model.read(IntTensor({1, 10})));  // these know no positions
        } else {
            CHECK(kind_of([&] { model.read(IntTensor({1, 10})); }) == ErrorKind::out_of_range);
        }
    }
}

TEST_CASE("NaN in weights: refused in a file, named in training, and never a finite answer") {
    std::vector<float> weights(12, 0.5F);
    weights[7] = not_a_number;
    SafetensorsWriter writer;
    writer.add("wte.weight", Tensor({3, 4}, weights));
    const Safetensors file = Safetensors::from_memory(writer.bytes());
    CHECK(kind_of([&] { file.floats("wte.weight"); }) == ErrorKind::non_finite);

    const Gpt gpt(gpt_config(small), Rng(1));
    const NamedParameters parameters = gpt.parameters();
    for (const auto& [name, parameter] : parameters) {
        if (name == "layers.1.feed_forward.up.weight") Variable(parameter).mutable_value()[3] = not_a_number;
    }
    const IntTensor ids = test::random_ids({2, 5}, 11, 1);
    const Variable loss = cross_entropy(gpt.forward({ids}), ids);
    CHECK(std::isnan(loss.value()[0]));
    loss.backward();
    CHECK(kind_of([&] { clip_gradient_norm(parameters, 1.0); }) == ErrorKind::non_finite);
}
