#include <cmath>

#include "autograd/operations.h"
#include "base/error.h"
#include "models/bert.h"
#include "models/gpt.h"
#include "models/transformer.h"
#include "nn/loss.h"
#include "support/catch.h"
#include "support/random.h"

using namespace glassformer;
using test::ids;
using test::normal;
using test::random_ids;

namespace {

const ModelSize small{.vocabulary = 11, .max_length = 9, .n_layers = 2, .d_model = 12, .n_heads = 3, .d_ff = 20};

TransformerConfig two_vocabularies() {
    ModelSize target = small;
    target.vocabulary = 7;
    return transformer_live_config(small, target);
}

Tensor token_of(const Tensor& x, std::int64_t t) { return slice(x, -2, t, t + 1); }

IntTensor with_token(IntTensor of, std::int64_t at, std::int32_t id) {
    of[at] = id;
    return of;
}

}  // namespace

TEST_CASE("GPT: one sequence or a batch, causal, cached, tied") {
    const Gpt gpt(gpt_config(small), Rng(1));
    const IntTensor batch = random_ids({2, 7}, 11, 2);
    const Tensor logits = gpt.forward({.ids = batch}).value();
    CHECK(logits.shape() == Shape({2, 7, 11}));
    const IntTensor first({7}, {batch.elements().begin(), batch.elements().begin() + 7});
    CHECK(max_abs_difference(gpt.forward({.ids = first}).value(), slice(logits, 0, 0, 1).reshaped({7, 11})) < 1e-5);
    // A later token changes nothing before it; an earlier one changes what follows.
    const std::int32_t other = (batch[4] + 1) % 11;
    const Tensor changed = gpt.forward({.ids = with_token(batch, 4, other)}).value();
    CHECK(max_abs_difference(slice(slice(logits, 0, 0, 1), 1, 0, 4), slice(slice(changed, 0, 0, 1), 1, 0, 4)) == 0.0);
    CHECK(max_abs_difference(token_of(slice(logits, 0, 0, 1), 6), token_of(slice(changed, 0, 0, 1), 6)) > 1e-3);
    StackCache cache;
    std::int64_t done = 0;
    for (const std::int64_t step : {4, 1, 2}) {
        const Tensor part = gpt.forward({.ids = slice(batch, 1, done, done + step)}, {}, &cache).value();
        CHECK(max_abs_difference(part, slice(logits, 1, done, done + step)) < 1e-5);
        done += step;
    }
    CHECK(cache.length == 7);
    // Tied: the table is listed once, and an untied head adds a matrix.
    GptConfig untied = gpt_config(small);
    untied.tied = false;
    CHECK(parameter_count(Gpt(untied, Rng(1)).parameters()) == parameter_count(gpt.parameters()) + 11 * 12);
    GptConfig open = gpt_config(small);
    open.causal = false;
    const Gpt encoder(open, Rng(1));
    const Tensor a = encoder.forward({.ids = batch}).value();
    const Tensor b = encoder.forward({.ids = with_token(batch, 6, (batch[6] + 1) % 11)}).value();
    CHECK(max_abs_difference(token_of(slice(a, 0, 0, 1), 0), token_of(slice(b, 0, 0, 1), 0)) > 1e-4);
}

TEST_CASE("GPT: left padding with its mask and positions gives what the bare sequence gives") {
    for (const PositionKind kind : {PositionKind::learned, PositionKind::rope, PositionKind::alibi}) {
        ModelSize even = small;
        even.n_heads = 2;
        GptConfig config = gpt_config(even);
        set_position(config.embedding, config.stack, kind);
        const Gpt gpt(config, Rng(1));
        const IntTensor bare = random_ids({1, 4}, 11, 3);
        const IntTensor padded = concat(std::vector<IntTensor>{IntTensor({1, 3}), bare}, 1);
        const BoolTensor real = real_tokens({4}, 7, PaddingSide::left);
        const Tensor expected = gpt.forward({.ids = bare}).value();
        const Tensor given =
            gpt.forward(
                   {.ids = padded, .mask = lengths_mask({4}, 7, PaddingSide::left), .positions = positions_of(real)})
                .value();
        CHECK(max_abs_difference(slice(given, 1, 3, 7), expected) < 1e-5);
    }
}

TEST_CASE("GPT: packed sequences do not see each other and start their positions anew") {
    const Gpt gpt(gpt_config(small), Rng(1));
    const IntTensor a = random_ids({3}, 11, 1);
    const IntTensor b = random_ids({4}, 11, 2);
    const Tensor packed = gpt.forward({.ids = concat(std::vector<IntTensor>{a, b}, 0),
                                       .mask = packed_mask({3, 4}),
                                       .positions = ids({7}, {0, 1, 2, 0, 1, 2, 3})})
                              .value();
    CHECK(max_abs_difference(slice(packed, 0, 0, 3), gpt.forward({.ids = a}).value()) < 1e-5);
    CHECK(max_abs_difference(slice(packed, 0, 3, 7), gpt.forward({.ids = b}).value()) < 1e-5);
}

TEST_CASE("GPT learns: a few steps of gradient descent lower the loss, and every parameter gets a gradient") {
    const Gpt gpt(gpt_config(small), Rng(1));
    const IntTensor batch = random_ids({4, 8}, 11, 5);
    const auto loss = [&] {
        const Variable logits = gpt.forward({.ids = slice(batch, 1, 0, 7)}, Pass::training(Rng(1)));
        return cross_entropy(logits, slice(batch, 1, 1, 8));
    };
    const float before = loss().value()[0];
    for (int step = 0; step < 30; ++step) {
        for (auto [name, parameter] : gpt.parameters()) parameter.clear_gradient();
        loss().backward();
        for (auto [name, parameter] : gpt.parameters()) {
            INFO(name);
            // A shift of all keys cancels in softmax: the key bias alone has none.
            if (step == 0 && name.find("key.bias") == std::string::npos) CHECK(max_abs(parameter.gradient()) > 0.0);
            parameter.mutable_value() = subtract(parameter.value(), scale(parameter.gradient(), 0.1F));
        }
    }
    CHECK(loss().value()[0] < 0.7F * before);
}

TEST_CASE("encoder-decoder: teacher forcing equals step by step; the source's padding is not seen") {
    const Transformer model(two_vocabularies(), Rng(1));
    const IntTensor source = random_ids({2, 5}, 11, 1);
    const IntTensor target = random_ids({2, 6}, 7, 2);
    const Mask real = lengths_mask({5, 3}, 5);
    const Tensor logits = model.forward({.ids = source, .mask = real}, {.ids = target}).value();
    CHECK(logits.shape() == Shape({2, 6, 7}));
    Trace trace;
    const Variable memory = model.encode({.ids = source, .mask = real}, Pass::inference(&trace));
    CHECK(max_abs_difference(trace.at("memory").value(), memory.value()) == 0.0);
    StackCache cache;
    for (std::int64_t t = 0; t < 6; ++t) {
        const Tensor step = model.decode({.ids = slice(target, 1, t, t + 1)}, memory, real, {}, &cache).value();
        CHECK(max_abs_difference(step, slice(logits, 1, t, t + 1)) < 1e-5);
    }
    const Tensor other =
        model.forward({.ids = with_token(source, 9, (source[9] + 1) % 11), .mask = real}, {.ids = target})
            .value();  // the last token of sentence 2 is padding
    CHECK(max_abs_difference(other, logits) == 0.0);
    // The memory is a set: its rows, and their mask, may be permuted.
    const Variable shuffled(index_select(memory.value(), 1, ids({5}, {2, 0, 1, 4, 3})));
    const Tensor same = model.decode({.ids = target}, shuffled, real).value();
    CHECK(max_abs_difference(same, logits) < 1e-5);
}

TEST_CASE("encoder-decoder: tying one, two or three matrices; the paper's base model has its count") {
    const auto count = [](TransformerConfig config, TransformerConfig::Tying tying) {
        config.tying = tying;
        return parameter_count(Transformer(config, Rng(1)).parameters());
    };
    using Tying = TransformerConfig::Tying;
    TransformerConfig config = transformer_config(small);
    const std::int64_t table = 11 * 12;
    CHECK(count(config, Tying::output) - count(config, Tying::three_way) == table);
    CHECK(count(config, Tying::none) - count(config, Tying::output) == table);
    CHECK_THROWS_AS(count(two_vocabularies(), Tying::three_way), Error);
    TransformerConfig uneven = transformer_config(small);
    uneven.encoder.layer.attention.d_model = 6;
    CHECK_THROWS_AS(Transformer(uneven, Rng(1)), Error);
    // d = 512, 6 + 6 layers without the embeddings: 44,138,496 (6 * 3,152,384 + 6 * 4,204,032).
    ModelSize base{.vocabulary = 1, .max_length = 1, .n_layers = 1, .d_model = 512, .n_heads = 8, .d_ff = 2048};
    CHECK(count(transformer_config(base), Tying::three_way) - 512 == 3152384 + 4204032);
}

TEST_CASE("dropout sites: 32 by the paper's convention, and training really drops at each") {
    const DropoutSites sites = dropout_sites(6, 6);
    CHECK(sites.embedding + sites.residual == 32);
    CHECK(sites.attention == 18);
    CHECK(sites.hidden == 12);
    TransformerConfig config = transformer_config(small);
    set_dropout(config.encoder, 0.5, true);
    set_dropout(config.decoder, 0.5, true);
    config.source.dropout = config.target.dropout = 0.5;
    const Transformer model(config, Rng(1));
    const SequenceInput input{.ids = random_ids({2, 5}, 11, 1)};
    const Tensor a = model.forward(input, input, Pass::training(Rng(1).split(std::uint64_t{1}))).value();
    const Tensor b = model.forward(input, input, Pass::training(Rng(1).split(std::uint64_t{2}))).value();
    CHECK(max_abs_difference(a, b) > 1e-3);
    CHECK(max_abs_difference(model.forward(input, input).value(), model.forward(input, input).value()) == 0.0);
}

TEST_CASE("BERT: heads, segments, padding, mean pooling") {
    const Bert bert(bert_live_config(small), Rng(1));
    const IntTensor tokens = random_ids({2, 6}, 11, 1);
    const IntTensor segments({2, 6}, {0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1});
    const Variable hidden = bert.forward({.ids = tokens, .segments = segments});
    CHECK(hidden.shape() == Shape({2, 6, 12}));
    CHECK(bert.mlm_logits(hidden).shape() == Shape({2, 6, 11}));
    const Variable pooled = bert.pooled(hidden);
    CHECK(pooled.shape() == Shape({2, 12}));
    CHECK(bert.nsp_logits(pooled).shape() == Shape({2, 2}));
    CHECK(max_abs_difference(bert.forward({.ids = tokens}).value(), hidden.value()) > 1e-3);  // segments count
    const Mask mask = lengths_mask({6, 4}, 6);
    const Tensor before = bert.forward({.ids = tokens, .mask = mask}).value();
    const Tensor after = bert.forward({.ids = with_token(tokens, 11, (tokens[11] + 1) % 11), .mask = mask}).value();
    CHECK(max_abs_difference(slice(slice(before, 0, 1, 2), 1, 0, 4), slice(slice(after, 0, 1, 2), 1, 0, 4)) == 0.0);
    const BoolTensor real = real_tokens({6, 4}, 6);
    const Tensor mean = mean_pooled(hidden, real).value();
    double expected = 0.0;
    for (std::int64_t i = 0; i < 4; ++i) expected += static_cast<double>(hidden.value().at({1, i, 3})) / 4.0;
    CHECK(std::abs(static_cast<double>(mean(1, 3)) - expected) < 1e-5);
    CHECK_THROWS_AS(mean_pooled(hidden, real_tokens({6, 0}, 6)), Error);
    CHECK_THROWS_AS(mean_pooled(hidden, real_tokens({6, 4}, 5)), Error);
    BertConfig bare = bert_config(small);
    bare.pooler = false;
    CHECK_THROWS_AS(Bert(bare, Rng(1)), Error);
    bare.nsp_head = bare.mlm_head = false;
    const Bert encoder(bare, Rng(1));
    CHECK_THROWS_AS(encoder.pooled(hidden), Error);
    CHECK_THROWS_AS(encoder.mlm_logits(hidden), Error);
    CHECK_THROWS_AS(encoder.nsp_logits(pooled), Error);
    CHECK(encoder.parameters().size() + 9 == Bert(bert_config(small), Rng(1)).parameters().size());
}

TEST_CASE("what a model cannot read is refused by name") {
    const Gpt gpt(gpt_config(small), Rng(1));
    CHECK_THROWS_AS(gpt.forward({.ids = IntTensor({1, 10})}), Error);  // longer than its positions
    CHECK_THROWS_AS(gpt.forward({.ids = ids({2}, {1, 11})}), Error);   // outside the vocabulary
    CHECK_THROWS_AS(gpt.forward({.ids = ids({2}, {1, -1})}), Error);
    CHECK_THROWS_AS(gpt.forward({.ids = IntTensor({0})}), Error);  // nothing
    CHECK_THROWS_AS(gpt.forward({.ids = IntTensor({2, 0})}), Error);
    CHECK_THROWS_AS(gpt.forward({.ids = IntTensor({1, 1, 2})}), Error);
    CHECK_THROWS_AS(gpt.forward({.ids = IntTensor({1, 3}), .mask = causal_mask(4)}), Error);
    CHECK_THROWS_AS(gpt.forward({.ids = IntTensor({1, 3}), .positions = ids({2}, {0, 1})}), Error);
    StackCache cache;
    gpt.forward({.ids = IntTensor({1, 9})}, {}, &cache);
    CHECK_THROWS_AS(gpt.forward({.ids = IntTensor({1, 1})}, {}, &cache), Error);  // the cache is full
    ModelSize odd = small;
    odd.n_heads = 5;
    CHECK_THROWS_AS(Gpt(gpt_config(odd), Rng(1)), Error);
    odd = small;
    odd.vocabulary = 0;
    CHECK_THROWS_AS(Gpt(gpt_config(odd), Rng(1)), Error);
    const Bert bert(bert_live_config(small), Rng(1));
    CHECK_THROWS_AS(bert.forward({.ids = IntTensor({1, 3}), .segments = IntTensor({1, 3}, 2)}), Error);
    CHECK_THROWS_AS(bert.forward({.ids = IntTensor({1, 3}), .segments = IntTensor({1, 2})}), Error);
    BertConfig single = bert_live_config(small);
    single.embedding.segments = 0;
    CHECK_THROWS_AS(Bert(single, Rng(1)).forward({.ids = IntTensor({1, 3}), .segments = IntTensor({1, 3})}), Error);
}
