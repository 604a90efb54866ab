#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "nn/transformer_stack.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::normal;

namespace {

TransformerLayerConfig config(NormPlacement placement = NormPlacement::post) {
    TransformerLayerConfig c;
    c.attention.d_model = 12;
    c.attention.n_heads = 3;
    c.feed_forward.d_ff = 20;
    c.placement = placement;
    return c;
}

TransformerStackConfig stack(std::int64_t layers, NormPlacement placement) {
    TransformerStackConfig c;
    c.n_layers = layers;
    c.layer = config(placement);
    return c;
}

double row_mean(const Tensor& x, std::int64_t row) {
    double sum = 0.0;
    for (const float each : x.row(row)) sum += static_cast<double>(each);
    return sum / static_cast<double>(x.extent(-1));
}

}  // namespace

TEST_CASE("each norm placement is its formula") {
    const Variable x(normal<float>({5, 12}, 1));
    const auto ln = [](const Tensor& t) { return layer_norm(Variable(t)).value(); };
    for (const NormPlacement placement :
         {NormPlacement::none, NormPlacement::post, NormPlacement::pre, NormPlacement::deep}) {
        for (const bool residual : {true, false}) {
            TransformerLayerConfig c = config(placement);
            c.residual = residual;
            c.self_attention = false;
            c.deep = {2.0, 1.0F};
            const TransformerLayer layer(c, Rng(1));
            const FeedForward F(layer.config().feed_forward, Rng(1).split("feed_forward"));
            const Tensor inside = placement == NormPlacement::pre ? ln(x.value()) : x.value();
            Tensor expected = F.forward(Variable(inside)).value();
            if (residual) {
                const float alpha = placement == NormPlacement::deep ? 2.0F : 1.0F;
                expected = add(scale(x.value(), alpha), expected);
            }
            if (placement == NormPlacement::post || placement == NormPlacement::deep) expected = ln(expected);
            CHECK(max_abs_difference(layer.forward(x).value(), expected) < 1e-6);
        }
    }
}

TEST_CASE("the sublayers can be switched off, all but the last") {
    TransformerLayerConfig c = config();
    c.cross_attention = true;
    const auto names = [](const TransformerLayerConfig& of) {
        std::string all;
        for (const auto& [name, parameter] : TransformerLayer(of, Rng(1)).parameters()) all += name + " ";
        return all;
    };
    CHECK(names(c).find("cross_attention.query.weight") != std::string::npos);
    c.self_attention = false;
    CHECK(names(c).find("self_attention") == std::string::npos);
    c.cross_attention = false;
    CHECK(names(c) ==
          "feed_forward.up.weight feed_forward.up.bias feed_forward.down.weight feed_forward.down.bias "
          "feed_forward_norm.gamma feed_forward_norm.beta ");
    c.use_feed_forward = false;
    CHECK_THROWS_AS(TransformerLayer(c, Rng(1)), Error);
}

TEST_CASE("the base encoder layer of the paper has 3,152,384 parameters, six have 18,914,304") {
    TransformerStackConfig c = stack(1, NormPlacement::post);
    c.layer.attention.d_model = 512;
    c.layer.attention.n_heads = 8;
    c.layer.feed_forward.d_ff = 2048;
    const std::int64_t one = parameter_count(TransformerStack(c, Rng(1)).parameters());
    CHECK(one == 3152384);
    CHECK(6 * one == 18914304);
}

TEST_CASE("a stack in inference is exact twice, Post-LN leaves normalised rows, Pre-LN adds a final norm") {
    const Variable x(normal<float>({2, 5, 12}, 1));
    for (const NormPlacement placement : {NormPlacement::post, NormPlacement::pre, NormPlacement::deep}) {
        const TransformerStack layers(stack(3, placement), Rng(2));
        const Tensor y = layers.forward(x).value();
        CHECK(max_abs_difference(y, layers.forward(x).value()) == 0.0);
        for (std::int64_t row = 0; row < 2; ++row) CHECK(std::abs(row_mean(y, row)) < 1.0);
        const Tensor rows = y.reshaped({10, 12});
        for (std::int64_t row = 0; row < 10; ++row) {
            CHECK(std::abs(row_mean(rows, row)) < 1e-5);
        }
        const bool final_norm = layers.parameters().back().first == "final_norm.beta";
        CHECK(final_norm == (placement == NormPlacement::pre));
    }
    TransformerStackConfig none = stack(0, NormPlacement::post);
    CHECK(max_abs_difference(TransformerStack(none, Rng(1)).forward(x).value(), x.value()) == 0.0);
    none.n_layers = -1;
    CHECK_THROWS_AS(TransformerStack(none, Rng(1)), Error);
}

TEST_CASE("without positions an encoder is permutation-equivariant; causal outputs do not depend on later tokens") {
    const TransformerStack layers(stack(2, NormPlacement::pre), Rng(2));
    const Tensor x = normal<float>({5, 12}, 1);
    const IntTensor order = test::ids({5}, {3, 1, 4, 0, 2});
    const Tensor y = layers.forward(Variable(x)).value();
    const Tensor permuted = layers.forward(Variable(gather_rows(x, order))).value();
    CHECK(max_abs_difference(permuted, gather_rows(y, order)) < 1e-5);
    LayerInput causal;
    causal.mask = causal_mask(5);
    Tensor changed = x;
    changed(3, 0) += 1.0F;  // one feature: LayerNorm takes a shift of all away
    const Tensor before = layers.forward(Variable(x), causal).value();
    const Tensor after = layers.forward(Variable(changed), causal).value();
    CHECK(max_abs_difference(slice(before, 0, 0, 3), slice(after, 0, 0, 3)) == 0.0);
    CHECK(max_abs_difference(slice(before, 0, 3, 4), slice(after, 0, 3, 4)) > 0.1);
}

TEST_CASE("a decoder with caches gives what the full pass gives, the memory read once") {
    TransformerStackConfig c = stack(2, NormPlacement::pre);
    c.layer.cross_attention = true;
    c.layer.attention.position.kind = PositionKind::rope;
    const TransformerStack decoder(c, Rng(2));
    const Tensor x = normal<float>({2, 6, 12}, 1);
    LayerInput input;
    input.memory = Variable(normal<float>({2, 4, 12}, 3));
    input.memory_mask = lengths_mask({4, 2}, 4);
    input.mask = causal_mask(6);
    const Tensor full = decoder.forward(Variable(x), input).value();
    StackCache cache;
    for (std::int64_t t = 0; t < 6; ++t) {
        input.mask = causal_mask(1, t + 1);
        const Tensor y = decoder.forward(Variable(slice(x, 1, t, t + 1)), input, {}, &cache).value();
        CHECK(max_abs_difference(y, slice(full, 1, t, t + 1)) < 1e-5);
        CHECK(cache.length == t + 1);
    }
    input.memory.reset();
    CHECK_THROWS_AS(decoder.forward(Variable(x), input), Error);
}

TEST_CASE("shared layers are one layer's parameters used again") {
    TransformerStackConfig c = stack(3, NormPlacement::pre);
    c.shared_layers = true;
    const TransformerStack shared(c, Rng(2));
    c.n_layers = 1;
    CHECK(parameter_count(shared.parameters()) == parameter_count(TransformerStack(c, Rng(2)).parameters()));
    const Variable x(normal<float>({5, 12}, 1));
    Tensor y = x.value();
    for (int i = 0; i < 3; ++i) y = shared.layer(i).forward(Variable(y)).value();
    CHECK(max_abs_difference(layer_norm(Variable(y)).value(), shared.forward(x).value()) < 1e-6);
    CHECK_THROWS_AS(shared.layer(3), Error);
}

TEST_CASE("T5's bias is one table for all layers") {
    TransformerStackConfig c = stack(3, NormPlacement::pre);
    c.layer.attention.position.kind = PositionKind::t5;
    std::int64_t tables = 0;
    for (const auto& [name, parameter] : TransformerStack(c, Rng(1)).parameters()) {
        tables += name.find("position.bias") != std::string::npos ? 1 : 0;
    }
    CHECK(tables == 1);
}

TEST_CASE("DeepNorm's constants are the paper's") {
    CHECK(std::abs(deep_norm_constants(8).alpha - 2.0) < 1e-12);
    CHECK(std::abs(static_cast<double>(deep_norm_constants(2).beta) - 0.5) < 1e-6);
    const auto [encoder, decoder] = deep_norm_constants(6, 6);
    CHECK(std::abs(encoder.alpha - 0.81 * std::pow(6.0, 5.0 / 16.0)) < 1e-9);
    CHECK(std::abs(static_cast<double>(encoder.beta) - 0.87 * std::pow(6.0, -5.0 / 16.0)) < 1e-6);
    CHECK(std::abs(decoder.alpha - std::pow(18.0, 0.25)) < 1e-12);
    CHECK(std::abs(static_cast<double>(decoder.beta) - std::pow(72.0, -0.25)) < 1e-6);
    // beta makes the weights of V, O and the feed-forward smaller, not those of Q and K.
    const auto weight = [](NormPlacement placement, const char* name) {
        return find_parameter(TransformerStack(stack(2, placement), Rng(1)).parameters(), name).value()[0];
    };
    for (const char* name : {"layers.0.self_attention.value.weight", "layers.1.self_attention.output.weight",
                             "layers.0.feed_forward.up.weight", "layers.1.feed_forward.down.weight"}) {
        CHECK(std::abs(weight(NormPlacement::deep, name) - 0.5F * weight(NormPlacement::post, name)) < 1e-7F);
    }
    CHECK(weight(NormPlacement::deep, "layers.0.self_attention.query.weight") ==
          weight(NormPlacement::post, "layers.0.self_attention.query.weight"));
}

TEST_CASE("the double stack is the float one but for rounding") {
    const TransformerStack single(stack(3, NormPlacement::post), Rng(4));
    const BasicTransformerStack<double> precise(stack(3, NormPlacement::post), Rng(4));
    const Tensor y = single.forward(Variable(normal<float>({5, 12}, 1))).value();
    const DoubleTensor z = precise.forward(DoubleVariable(normal<double>({5, 12}, 1))).value();
    double worst = 0.0;
    for (std::int64_t i = 0; i < y.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(y[i]) - z[i]));
    CHECK(worst < 1e-5);
    CHECK(worst > 0.0);
}

TEST_CASE("dropout: sites differ, updates differ, the same update repeats, inference is the identity") {
    TransformerStackConfig c = stack(2, NormPlacement::pre);
    c.layer.residual_dropout = 0.3;
    c.layer.attention.dropout = 0.3;
    c.layer.feed_forward.dropout = 0.3;
    const TransformerStack layers(c, Rng(1));
    const Variable x(normal<float>({5, 12}, 1));
    const auto run = [&](std::uint64_t update) {
        return layers.forward(x, {}, Pass::training(Rng(9).split(update))).value();
    };
    CHECK(max_abs_difference(run(1), run(1)) == 0.0);
    CHECK(max_abs_difference(run(1), run(2)) > 0.1);
    TransformerStackConfig without = stack(2, NormPlacement::pre);
    CHECK(max_abs_difference(layers.forward(x).value(), TransformerStack(without, Rng(1)).forward(x).value()) == 0.0);
    CHECK(max_abs_difference(run(1), layers.forward(x).value()) > 0.1);

    const Pass pass = Pass::training(Rng(3));
    const Variable ones(Tensor({200, 100}, 1.0F));
    const Tensor a = pass.at("a").dropout("site", ones, 0.25).value();
    const Tensor b = pass.at("b").dropout("site", ones, 0.25).value();
    CHECK(std::abs(mean(a) - 1.0) < 0.02);
    CHECK(std::abs(variance(a) - 1.0 / 3.0) < 0.02);
    CHECK(max_abs_difference(a, b) > 1.0);
    CHECK(max_abs_difference(pass.at("a").dropout("site", ones, 0.0).value(), ones.value()) == 0.0);
    CHECK(max_abs_difference(Pass().dropout("site", ones, 0.9).value(), ones.value()) == 0.0);
    CHECK_THROWS_AS(Pass().stream("site"), Error);
    c.layer.residual_dropout = 1.0;
    CHECK_THROWS_AS(TransformerStack(c, Rng(1)), Error);
}

TEST_CASE("dropout on the skip path breaks the identity that dropout on the branch keeps") {
    TransformerLayerConfig c = config(NormPlacement::pre);
    c.skip_dropout = 0.5;
    c.self_attention = false;
    const TransformerLayer layer(c, Rng(1));
    for (auto [name, parameter] : layer.parameters()) {
        if (name.find("feed_forward.") == 0) parameter.mutable_value() = Tensor(parameter.shape());  // F = 0
    }
    const Variable x(Tensor({5, 12}, 1.0F));
    CHECK(max_abs_difference(layer.forward(x).value(), x.value()) == 0.0);
    CHECK(max_abs_difference(layer.forward(x, {}, Pass::training(Rng(1))).value(), x.value()) >= 1.0);
}

TEST_CASE("a trace has every intermediate by name, and an edit takes its place") {
    const TransformerStack layers(stack(2, NormPlacement::pre), Rng(1));
    const Variable x(normal<float>({5, 12}, 1));
    Trace trace;
    const Tensor y = layers.forward(x, {}, Pass::inference(&trace)).value();
    CHECK(max_abs_difference(y, layers.forward(x).value()) == 0.0);
    CHECK(trace.at("layers.1.self_attention.attention").shape() == Shape({1, 3, 5, 5}));
    CHECK(trace.at("layers.0.feed_forward.hidden").shape() == Shape({5, 20}));
    CHECK(max_abs_difference(trace.at("final_norm").value(), y) == 0.0);
    CHECK(trace.count("layers.0.input") == 1);
    CHECK_THROWS_AS(trace.at("layers.2.input"), Error);
    const std::size_t entries = trace.entries().size();
    trace.clear();
    // Head 1 of layer 0 silenced.
    trace.edit = [](const std::string& name, const Variable& value) {
        if (name != "layers.0.self_attention.heads") return value;
        Tensor keep(Shape{3, 1, 1}, 1.0F);
        keep[1] = 0.0F;
        return multiply(value, Variable(keep));
    };
    const Tensor z = layers.forward(x, {}, Pass::inference(&trace)).value();
    CHECK(max_abs_difference(z, y) > 1e-3);
    CHECK(trace.entries().size() == entries);
    const Tensor heads = trace.at("layers.0.self_attention.heads").value();
    CHECK(max_abs(slice(heads, 1, 1, 2)) == 0.0);
    CHECK(max_abs(slice(heads, 1, 0, 1)) > 0.0);
}

TEST_CASE("feed-forward: no token sees another; gated and ungated are their formulas") {
    FeedForwardConfig c;
    c.d_model = 6;
    c.d_ff = 9;
    c.activation = Activation::silu;
    for (const bool gated : {false, true}) {
        c.gated = gated;
        const FeedForward layer(c, Rng(1));
        const Tensor x = normal<float>({4, 6}, 2);
        const auto p = [&](const char* name) { return find_parameter(layer.parameters(), name).value(); };
        const Tensor up = matmul(x, p("up.weight"));
        const Tensor hidden = gated ? multiply(silu(matmul(x, p("gate.weight"))), up) : silu(up);
        CHECK(max_abs_difference(layer.forward(Variable(x)).value(), matmul(hidden, p("down.weight"))) < 1e-6);
        Tensor changed = x;
        for (float& each : changed.row(2)) each += 1.0F;
        const Tensor moved = subtract(layer.forward(Variable(changed)).value(), layer.forward(Variable(x)).value());
        for (std::int64_t row = 0; row < 4; ++row) CHECK((max_abs(slice(moved, 0, row, row + 1)) > 0.0) == (row == 2));
    }
    c.d_ff = 0;
    CHECK(FeedForward(c, Rng(1)).config().d_ff == 24);
    c.d_ff = -1;
    CHECK_THROWS_AS(FeedForward(c, Rng(1)), Error);
    CHECK(activation_of("gelu_tanh") == Activation::gelu_tanh);
    CHECK_THROWS_AS(activation_of("swish"), Error);
}

TEST_CASE("BatchNorm in training, its running statistics, evaluation with them") {
    const Norm norm({.kind = NormKind::batch, .d = 4, .momentum = 0.25});
    const Tensor x = add_scalar(scale(normal<float>({3, 5, 4}, 1), 2.0F), 3.0F);
    const Tensor y = norm.forward(Variable(x), Pass::training(Rng(1))).value();
    const Tensor columns = transpose(y.reshaped({15, 4}));
    for (std::int64_t c = 0; c < 4; ++c) CHECK(std::abs(row_mean(columns, c)) < 1e-5);
    const Tensor inputs = transpose(x.reshaped({15, 4}));
    const Tensor running_mean = norm.buffers()[0].second.value();
    const Tensor running_variance = norm.buffers()[1].second.value();
    for (std::int64_t c = 0; c < 4; ++c) {
        CHECK(std::abs(static_cast<double>(running_mean[c]) - 0.25 * row_mean(inputs, c)) < 1e-5);
        const Tensor row({15}, {inputs.row(c).begin(), inputs.row(c).end()});
        const double unbiased = variance(row) * 15.0 / 14.0;
        CHECK(std::abs(static_cast<double>(running_variance[c]) - (0.75 + 0.25 * unbiased)) < 1e-4);
    }
    // Evaluation does not move them, and one token may stand alone.
    const Tensor alone = norm.forward(Variable(slice(x, 0, 0, 1))).value();
    CHECK(max_abs_difference(norm.buffers()[0].second.value(), running_mean) == 0.0);
    const double expected = (static_cast<double>(x[0]) - static_cast<double>(running_mean[0])) /
                            std::sqrt(static_cast<double>(running_variance[0]) + 1e-5);
    CHECK(std::abs(static_cast<double>(alone[0]) - expected) < 1e-5);
    // Padding is left out of the statistics when told.
    const Norm masked({.kind = NormKind::batch, .d = 4, .momentum = 1.0});
    masked.forward(Variable(x), Pass::training(Rng(1)), real_tokens({2, 0, 0}, 5));
    CHECK(std::abs(masked.buffers()[0].second.value()[0] - (x[0] + x[4]) / 2.0F) < 1e-5F);
    CHECK(norm.parameters().size() == 2);
}

TEST_CASE("a norm of each kind: parameters and what it refuses") {
    CHECK(Norm({.kind = NormKind::layer, .d = 4}).parameters().size() == 2);
    CHECK(Norm({.kind = NormKind::rms, .d = 4}).parameters().size() == 1);
    CHECK(Norm({.kind = NormKind::none, .d = 4}).parameters().empty());
    CHECK(Norm({.kind = NormKind::layer, .d = 4, .affine = false}).parameters().empty());
    CHECK(Norm({.kind = NormKind::layer, .d = 4}).buffers().empty());
    const Variable x(normal<float>({3, 4}, 1));
    CHECK(max_abs_difference(Norm({.kind = NormKind::none, .d = 4}).forward(x).value(), x.value()) == 0.0);
    CHECK(std::abs(mean(square(Norm({.kind = NormKind::rms, .d = 4}).forward(x).value())) - 1.0) < 1e-4);
    CHECK_THROWS_AS(Norm({.kind = NormKind::layer, .d = 0}), Error);
    CHECK_THROWS_AS(Norm({.kind = NormKind::layer, .d = 4, .epsilon = -1.0}), Error);
    CHECK_THROWS_AS(Norm({.kind = NormKind::batch, .d = 4, .momentum = 2.0}), Error);
    CHECK_THROWS_AS(Norm({.kind = NormKind::layer, .d = 5}).forward(x), Error);
}
