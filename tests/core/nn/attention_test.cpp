#include <cmath>

#include "autograd/gradient_check.h"
#include "autograd/operations.h"
#include "base/error.h"
#include "nn/multi_head_attention.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::normal;

namespace {

AttentionConfig config(std::int64_t heads = 3, std::int64_t kv_heads = 0) {
    AttentionConfig c;
    c.d_model = 12;
    c.n_heads = heads;
    c.n_kv_heads = kv_heads;
    return c;
}

AttentionInput masked(const Mask& mask) {
    AttentionInput input;
    input.mask = mask;
    return input;
}

/// Gives every parameter, biases too, random values: at zero a forgotten bias would not be seen.
template <typename Layer>
void randomise(const Layer& layer, std::uint64_t seed) {
    for (auto [name, parameter] : layer.parameters()) {
        parameter.mutable_value() = scale(test::normal<float>(parameter.shape(), seed++), 0.4F);
    }
}

}  // namespace

TEST_CASE("multi-head attention is its heads one by one, with grouped keys too") {
    for (const std::int64_t kv_heads : {3, 1}) {
        const MultiHeadAttention layer(config(3, kv_heads), Rng(1));
        randomise(layer, 10);
        const Variable x(normal<float>({5, 12}, 2));
        Trace trace;
        const Tensor y = layer.forward(x, masked(causal_mask(5)), Pass::inference(&trace)).value();
        const auto p = [&](const char* name) { return find_parameter(layer.parameters(), name).value(); };
        const Tensor Q = add(matmul(x.value(), p("query.weight")), p("query.bias"));
        const Tensor K = add(matmul(x.value(), p("key.weight")), p("key.bias"));
        const Tensor V = add(matmul(x.value(), p("value.weight")), p("value.bias"));
        std::vector<Tensor> heads;
        for (std::int64_t h = 0; h < 3; ++h) {
            const std::int64_t g = kv_heads == 1 ? 0 : h;
            const auto result = scaled_dot_product_attention(Variable(slice(Q, 1, 4 * h, 4 * h + 4)),
                                                             Variable(slice(K, 1, 4 * g, 4 * g + 4)),
                                                             Variable(slice(V, 1, 4 * g, 4 * g + 4)), causal_mask(5));
            heads.push_back(result.output.value());
        }
        const Tensor expected = add(matmul(concat(heads, 1), p("output.weight")), p("output.bias"));
        CHECK(max_abs_difference(y, expected) < 1e-5);
        CHECK(trace.at("attention").shape() == Shape({1, 3, 5, 5}));
        CHECK(trace.at("key").shape() == Shape({1, kv_heads, 5, 4}));
        CHECK(max_abs_difference(trace.at("output").value().reshaped({5, 12}), y) == 0.0);
    }
}

TEST_CASE("GQA: query head i reads key head i / group") {
    const MultiHeadAttention layer(config(4, 2), Rng(1));
    Trace trace;
    layer.forward(Variable(normal<float>({1, 5, 12}, 2)), {}, Pass::inference(&trace));
    const Tensor& query = trace.at("query").value();
    const Tensor& key = trace.at("key").value();
    const Tensor& scores = trace.at("scores").value();
    for (std::int64_t head = 0; head < 4; ++head) {
        double dot = 0.0;
        for (std::int64_t c = 0; c < 3; ++c) {
            dot += static_cast<double>(query.at({0, head, 1, c})) * static_cast<double>(key.at({0, head / 2, 3, c}));
        }
        CHECK(std::abs(static_cast<double>(scores.at({0, head, 1, 3})) - dot / std::sqrt(3.0)) < 1e-5);
    }
}

TEST_CASE("fused and separate projections are one function from one seed") {
    for (const std::int64_t kv_heads : {4, 2, 1}) {
        AttentionConfig c = config(4, kv_heads);
        const MultiHeadAttention separate(c, Rng(7));
        c.fused = true;
        const MultiHeadAttention fused(c, Rng(7));
        CHECK(parameter_count(fused.parameters()) == parameter_count(separate.parameters()));
        const Variable x(normal<float>({2, 5, 12}, 3));
        CHECK(max_abs_difference(fused.forward(x).value(), separate.forward(x).value()) < 1e-5);
    }
}

TEST_CASE("parameters do not depend on the number of heads, but on a wider head they do") {
    for (const std::int64_t heads : {1, 2, 3, 4, 6, 12}) {
        CHECK(parameter_count(MultiHeadAttention(config(heads), Rng(1)).parameters()) == 4 * (12 * 12 + 12));
    }
    AttentionConfig wide = config(3);
    wide.d_head = 12;
    wide.bias = false;
    CHECK(parameter_count(MultiHeadAttention(wide, Rng(1)).parameters()) == 4 * 3 * 12 * 12);
}

TEST_CASE("a batch is its sequences one by one; real tokens do not see padding") {
    const MultiHeadAttention layer(config(), Rng(1));
    const Tensor x = normal<float>({2, 5, 12}, 2);
    const Tensor both = layer.forward(Variable(x), masked(causal_mask(5) & lengths_mask({5, 3}, 5))).value();
    const Tensor first = layer.forward(Variable(slice(x, 0, 0, 1).reshaped({5, 12})), masked(causal_mask(5))).value();
    const Tensor second = layer.forward(Variable(slice(x, 0, 1, 2).reshaped({5, 12}))).value();
    const Tensor unpadded = layer.forward(Variable(slice(slice(x, 0, 1, 2), 1, 0, 3)), masked(causal_mask(3))).value();
    CHECK(max_abs_difference(slice(both, 0, 0, 1).reshaped({5, 12}), first) < 1e-6);
    CHECK(max_abs_difference(slice(slice(both, 0, 1, 2), 1, 0, 3), unpadded) < 1e-6);
    CHECK(max_abs_difference(slice(both, 0, 1, 2).reshaped({5, 12}), second) > 1e-3);
}

TEST_CASE("attention with a cache gives what the full pass gives, for every position kind") {
    for (const PositionKind kind :
         {PositionKind::none, PositionKind::rope, PositionKind::alibi, PositionKind::t5, PositionKind::shaw}) {
        AttentionConfig c = config(2, 1);
        c.position.kind = kind;
        c.position.bidirectional = false;
        c.position.max_distance = 20;
        const MultiHeadAttention layer(c, Rng(1));
        randomise(layer, 30);
        const Tensor x = normal<float>({2, 7, 12}, 2);
        const Tensor full = layer.forward(Variable(x), masked(causal_mask(7))).value();
        KeyValueCache cache;
        std::int64_t done = 0;
        for (const std::int64_t step : {3, 1, 1, 2}) {  // a prompt, two tokens, a chunk
            AttentionInput input = masked(causal_mask(step, done + step));
            input.cache = &cache;
            const Tensor y = layer.forward(Variable(slice(x, 1, done, done + step)), input).value();
            CHECK(max_abs_difference(y, slice(full, 1, done, done + step)) < 1e-5);
            done += step;
            CHECK(cache.length == done);
        }
        // The positions matter: a cache whose new token stands elsewhere gives something else.
        KeyValueCache other;
        AttentionInput prompt = masked(causal_mask(6));
        prompt.cache = &other;
        layer.forward(Variable(slice(x, 1, 0, 6)), prompt);
        AttentionInput moved = masked(causal_mask(1, 7));
        moved.cache = &other;
        moved.positions = test::ids({1}, {11});
        const Tensor y = layer.forward(Variable(slice(x, 1, 6, 7)), moved).value();
        const double difference = max_abs_difference(y, slice(full, 1, 6, 7));
        if (kind == PositionKind::none) {
            CHECK(difference < 1e-5);
        } else {
            CHECK(difference > 1e-4);
        }
    }
}

TEST_CASE("cross-attention reads the memory, and with a cache only once") {
    AttentionConfig c = config();
    c.d_memory = 8;
    const MultiHeadAttention layer(c, Rng(1));
    const Variable x(normal<float>({2, 3, 12}, 2));
    AttentionInput input;
    input.memory = Variable(normal<float>({2, 5, 8}, 3));
    input.mask = lengths_mask({5, 2}, 5);
    const Tensor y = layer.forward(x, input).value();
    CHECK(y.shape() == Shape({2, 3, 12}));
    KeyValueCache cache;
    input.cache = &cache;
    CHECK(max_abs_difference(layer.forward(x, input).value(), y) == 0.0);
    input.memory = Variable(Tensor({2, 5, 8}));  // no longer looked at
    CHECK(max_abs_difference(layer.forward(x, input).value(), y) == 0.0);
    // One memory for all sequences.
    AttentionInput shared;
    shared.memory = Variable(normal<float>({5, 8}, 4));
    CHECK(layer.forward(x, shared).shape() == Shape({2, 3, 12}));
}

TEST_CASE("the gradients of the whole layer agree with central differences") {
    for (const PositionKind kind : {PositionKind::none, PositionKind::rope, PositionKind::t5, PositionKind::shaw}) {
        for (const ScoreKind score :
             {ScoreKind::scaled_dot, ScoreKind::additive, ScoreKind::cosine, ScoreKind::general}) {
            if (kind != PositionKind::none && score != ScoreKind::scaled_dot) continue;
            AttentionConfig c = config(2, 1);
            c.d_model = 4;
            c.score = score;
            c.position.kind = kind;
            c.position.max_distance = 3;
            c.position.buckets = 4;
            const BasicMultiHeadAttention<double> layer(c, Rng(1));
            BasicAttentionInput<double> input;
            input.mask = causal_mask(3);
            const auto forward = [&](const std::vector<DoubleVariable>& v) { return layer.forward(v[0], input); };
            CHECK(gradient_check(forward, {normal<double>({1, 3, 4}, 2)}) < 1e-6);
            // And of every parameter: moved by hand, since gradient_check moves inputs only.
            const DoubleVariable x(normal<double>({1, 3, 4}, 2));
            const DoubleTensor weights = normal<double>({1, 3, 4}, 5);
            for (auto [name, parameter] : layer.parameters()) parameter.clear_gradient();
            layer.forward(x, input).backward(weights);
            for (auto [name, parameter] : layer.parameters()) {
                const DoubleTensor analytic = parameter.gradient();
                const std::int64_t e = parameter.value().size() / 2;
                const double kept = parameter.value()[e];
                const auto loss = [&](double at) {
                    parameter.mutable_value()[e] = at;
                    return sum(multiply(layer.forward(x, input).value(), weights));
                };
                const double numeric = (loss(kept + 1e-5) - loss(kept - 1e-5)) / 2e-5;
                parameter.mutable_value()[e] = kept;
                INFO(name);
                CHECK(std::abs(numeric - analytic[e]) < 1e-6);
            }
        }
    }
}

TEST_CASE("what an attention layer cannot do is refused by name") {
    CHECK_THROWS_AS(MultiHeadAttention(config(5), Rng(1)), Error);
    CHECK_THROWS_AS(MultiHeadAttention(config(0), Rng(1)), Error);
    CHECK_THROWS_AS(MultiHeadAttention(config(4, 3), Rng(1)), Error);
    AttentionConfig bare = config();
    bare.d_head = 3;
    bare.output_projection = false;
    CHECK_THROWS_AS(MultiHeadAttention(bare, Rng(1)), Error);
    AttentionConfig rope = config(4);
    rope.position.kind = PositionKind::rope;  // d_head 3 is odd
    CHECK_THROWS_AS(MultiHeadAttention(rope, Rng(1)), Error);
    AttentionConfig fused = config();
    fused.fused = true;
    const MultiHeadAttention layer(config(), Rng(1));
    const Variable x(normal<float>({2, 5, 12}, 1));
    AttentionInput cross;
    cross.memory = x;
    CHECK_THROWS_AS(MultiHeadAttention(fused, Rng(1)).forward(x, cross), Error);
    CHECK_THROWS_AS(layer.forward(Variable(Tensor({12}))), Error);
    CHECK_THROWS_AS(layer.forward(Variable(Tensor({5, 11}))), Error);
    CHECK_THROWS_AS(layer.forward(Variable(Tensor({2, 0, 12}))), Error);
    CHECK_THROWS_AS(layer.forward(x, masked(causal_mask(4))), Error);
    cross.memory = Variable(Tensor({3, 5, 12}));
    CHECK_THROWS_AS(layer.forward(x, cross), Error);
    KeyValueCache cache;
    AttentionInput cached;
    cached.cache = &cache;
    CHECK_THROWS_AS(layer.forward(x, cached, Pass::training(Rng(1))), Error);
}

TEST_CASE("one matrix for Q and K makes the scores symmetric; cosine scores stay within their scale") {
    AttentionConfig c = config();
    c.shared_query_key = true;
    const MultiHeadAttention layer(c, Rng(1));
    CHECK(parameter_count(layer.parameters()) == 3 * (12 * 12 + 12));
    Trace trace;
    layer.forward(Variable(normal<float>({5, 12}, 2)), {}, Pass::inference(&trace));
    const Tensor& scores = trace.at("scores").value();
    CHECK(max_abs_difference(scores, permute(scores, {0, 1, 3, 2})) < 1e-5);
    c.fused = true;
    CHECK_THROWS_AS(MultiHeadAttention(c, Rng(1)), Error);
    AttentionConfig cosine = config();
    cosine.score = ScoreKind::cosine;
    cosine.cosine_scale = 10.0;
    trace.clear();
    MultiHeadAttention(cosine, Rng(1)).forward(Variable(normal<float>({5, 12}, 2)), {}, Pass::inference(&trace));
    CHECK(max_abs(trace.at("scores").value()) <= 10.0 + 1e-4);
    CHECK(max_abs(trace.at("scores").value()) > 5.0);
}

TEST_CASE("a low-rank adapter changes nothing until it is trained, then by A B alpha / rank") {
    AttentionConfig c = config();
    const MultiHeadAttention plain(c, Rng(1));
    c.adapter = {.rank = 2, .alpha = 6.0};
    const MultiHeadAttention adapted(c, Rng(1));
    const Variable x(normal<float>({5, 12}, 2));
    CHECK(max_abs_difference(plain.forward(x).value(), adapted.forward(x).value()) == 0.0);
    CHECK(parameter_count(adapted.parameters()) - parameter_count(plain.parameters()) == 2 * 2 * (12 + 12));
    const Tensor b = normal<float>({2, 12}, 3);
    set_parameter(adapted.parameters(), "value.adapter.b", b);
    const Tensor a = find_parameter(adapted.parameters(), "value.adapter.a").value();
    const Tensor W = find_parameter(plain.parameters(), "value.weight").value();
    set_parameter(plain.parameters(), "value.weight", add(W, scale(matmul(a, b), 3.0F)));
    CHECK(max_abs_difference(plain.forward(x).value(), adapted.forward(x).value()) < 1e-5);
    adapted.forward(x).backward(normal<float>({5, 12}, 4));
    CHECK(max_abs(find_parameter(adapted.parameters(), "value.adapter.a").gradient()) > 0.0);
    CHECK(max_abs(find_parameter(adapted.parameters(), "query.adapter.b").gradient()) > 0.0);
    c.fused = true;
    CHECK_THROWS_AS(MultiHeadAttention(c, Rng(1)), Error);
    Linear layer(3, 4, Rng(1));
    CHECK_THROWS_AS(layer.adapt({.rank = 0}, Rng(1)), Error);
}
