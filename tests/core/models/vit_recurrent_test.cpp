#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "models/recurrent.h"
#include "models/vit.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::ids;
using test::normal;
using test::random_ids;

namespace {

VitConfig vit() {
    VitConfig config = vit_config({.n_layers = 2, .d_model = 12, .n_heads = 3, .d_ff = 20});
    config.channels = 2;
    config.height = 6;
    config.width = 4;
    config.patch = 2;
    config.classes = 5;
    return config;
}

}  // namespace

TEST_CASE("patches are cut in reading order and put together again") {
    Tensor images({1, 2, 4, 6});
    for (std::int64_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i);
    const Tensor patches = image_patches(images, 2);
    CHECK(patches.shape() == Shape({1, 6, 8}));
    // Patch 4 is row 1, column 1: pixels (2, 2), (2, 3), (3, 2), (3, 3) of channel 0, then of channel 1.
    const std::vector<float> expected{14, 15, 20, 21, 38, 39, 44, 45};
    CHECK(std::equal(expected.begin(), expected.end(), patches.data() + 4 * 8));
    CHECK(max_abs_difference(patches_image(patches, 2, 2, 4, 6), images) == 0.0);
    CHECK_THROWS_AS(image_patches(images, 4), Error);
    CHECK_THROWS_AS(image_patches(images, 0), Error);
    CHECK_THROWS_AS(image_patches(Tensor({4, 6}), 2), Error);
    CHECK_THROWS_AS(patches_image(patches, 2, 1, 4, 6), Error);
}

TEST_CASE("ViT: shuffled patches change nothing unless positions tell their places") {
    const Tensor images = normal<float>({2, 2, 6, 4}, 1);
    const IntTensor order = ids({6}, {3, 0, 5, 1, 4, 2});
    using Position = VitConfig::Position;
    for (const Position position : {Position::none, Position::learned, Position::sinusoidal_2d}) {
        for (const bool class_token : {true, false}) {
            VitConfig config = vit();
            config.position = position;
            config.position_deviation = 1.0F;
            config.class_token = class_token;
            const Vit model(config, Rng(1));
            const Tensor logits = model.forward(images).value();
            CHECK(logits.shape() == Shape({2, 5}));
            const Tensor shuffled =
                model.forward_patches(Variable(index_select(image_patches(images, 2), 1, order))).value();
            if (position == Position::none) {
                CHECK(max_abs_difference(shuffled, logits) < 1e-5);
            } else {
                CHECK(max_abs_difference(shuffled, logits) > 1e-3);
            }
        }
    }
    const Vit model(vit(), Rng(1));
    CHECK(find_parameter(model.parameters(), "position").shape() == Shape({7, 12}));
    CHECK_THROWS_AS(model.forward(Tensor({1, 2, 6, 6})), Error);
    CHECK_THROWS_AS(model.forward(Tensor({0, 2, 6, 4})), Error);
    CHECK_THROWS_AS(model.forward_patches(Variable(Tensor({1, 5, 8}))), Error);
    VitConfig uneven = vit();
    uneven.patch = 4;
    CHECK_THROWS_AS(Vit(uneven, Rng(1)), Error);
}

TEST_CASE("LSTM: its equations, spelled out; whole or in pieces; a batch or one by one") {
    const BasicLstm<double> lstm({.d_input = 3, .d_hidden = 4, .n_layers = 2}, Rng(1));
    const DoubleTensor x = normal<double>({5, 3}, 2);
    const auto whole = lstm.forward(DoubleVariable(x));
    CHECK(whole.output.shape() == Shape({5, 4}));
    const auto sigmoid = [](double v) { return 1.0 / (1.0 + std::exp(-v)); };
    DoubleTensor input = x;
    for (std::int64_t layer = 0; layer < 2; ++layer) {
        const auto p = [&](const char* name) {
            return find_parameter(lstm.parameters(), "layers." + std::to_string(layer) + name).value();
        };
        const DoubleTensor W = p(".input.weight");
        const DoubleTensor b = p(".input.bias");
        const DoubleTensor U = p(".hidden.weight");
        std::vector<double> h(4);
        std::vector<double> c(4);
        DoubleTensor output({5, 4});
        for (std::int64_t t = 0; t < 5; ++t) {
            std::vector<double> gates(16);
            for (std::int64_t g = 0; g < 16; ++g) {
                double sum = b[g];
                for (std::int64_t i = 0; i < input.extent(1); ++i) sum += input(t, i) * W(i, g);
                for (std::int64_t i = 0; i < 4; ++i) sum += h[static_cast<std::size_t>(i)] * U(i, g);
                gates[static_cast<std::size_t>(g)] = sum;
            }
            for (std::size_t i = 0; i < 4; ++i) {
                c[i] = sigmoid(gates[4 + i]) * c[i] + sigmoid(gates[i]) * std::tanh(gates[8 + i]);
                h[i] = sigmoid(gates[12 + i]) * std::tanh(c[i]);
                output(t, static_cast<std::int64_t>(i)) = h[i];
            }
        }
        input = output;
    }
    CHECK(max_abs_difference(whole.output.value(), input) < 1e-12);
    const auto first = lstm.forward(DoubleVariable(slice(x, 0, 0, 2)));
    const auto rest = lstm.forward(DoubleVariable(slice(x, 0, 2, 5)), {}, first.state);
    CHECK(max_abs_difference(rest.output.value(), slice(whole.output.value(), 0, 2, 5)) < 1e-12);
    CHECK(max_abs_difference(rest.state.cell.value(), whole.state.cell.value()) < 1e-12);
    CHECK_THROWS_AS(lstm.forward(DoubleVariable(DoubleTensor({5, 4}))), Error);
    CHECK_THROWS_AS(lstm.forward(DoubleVariable(DoubleTensor({1, 0, 3}))), Error);
    BasicLstmState<double> wrong{DoubleVariable(DoubleTensor({2, 2, 4})), DoubleVariable(DoubleTensor({2, 2, 4}))};
    CHECK_THROWS_AS(lstm.forward(DoubleVariable(x), {}, wrong), Error);
}

TEST_CASE("LSTM model: the last real token speaks; bag of embeddings: order is lost") {
    LstmModelConfig config{.vocabulary = 11, .classes = 3, .d_embedding = 6, .lstm = {.d_hidden = 5}};
    const LstmModel last(config, Rng(1));
    const IntTensor tokens = random_ids({2, 6}, 11, 1);
    const Tensor logits = last.forward(tokens, {}, std::vector<std::int64_t>{6, 4}).value();
    CHECK(logits.shape() == Shape({2, 3}));
    const IntTensor bare({4}, {tokens.elements().begin() + 6, tokens.elements().begin() + 10});
    CHECK(max_abs_difference(last.forward(bare).value(), slice(logits, 0, 1, 2).reshaped({3})) < 1e-6);
    config.output = LstmModelConfig::Output::per_token;
    CHECK(LstmModel(config, Rng(1)).forward(tokens).shape() == Shape({2, 6, 3}));

    const BagOfEmbeddings bag({.vocabulary = 11, .classes = 3, .d_embedding = 6}, Rng(1));
    const Tensor sentence = bag.forward(ids({3}, {1, 2, 3})).value();
    CHECK(sentence.shape() == Shape({3}));
    CHECK(max_abs_difference(bag.forward(ids({3}, {3, 1, 2})).value(), sentence) < 1e-6);
    CHECK(max_abs_difference(last.forward(ids({3}, {3, 1, 2})).value(), last.forward(ids({3}, {1, 2, 3})).value()) >
          1e-3);
    const Tensor padded = bag.forward(ids({1, 5}, {1, 2, 3, 9, 9}), {}, std::vector<std::int64_t>{3}).value();
    CHECK(max_abs_difference(padded.reshaped({3}), sentence) < 1e-6);
    CHECK_THROWS_AS(bag.forward(IntTensor({0})), Error);
    CHECK_THROWS_AS(bag.forward(tokens, {}, std::vector<std::int64_t>{6, 0}), Error);
    CHECK_THROWS_AS(last.forward(tokens, {}, std::vector<std::int64_t>{6}), Error);
    CHECK_THROWS_AS(last.forward(ids({1}, {11})), Error);
    CHECK_THROWS_AS(LstmModel({.vocabulary = 11, .classes = 3, .lstm = {}}, Rng(1)), Error);
}
