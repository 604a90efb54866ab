#include <functional>

#include "autograd/operations.h"
#include "base/memory.h"
#include "models/gpt.h"
#include "nn/chunked_loss.h"
#include "nn/distillation.h"
#include "nn/loss.h"
#include "support/catch.h"
#include "support/count_requests.h"
#include "support/random.h"
#include "training/optimizer.h"

using namespace glassformer;
using test::requests;

namespace {

/// One head-and-feed-forward block over two sequences, with every kind of operation a Transformer uses.
struct SmallModel {
    Rng rng{5};
    Variable table = parameter({11, 8});
    Variable query = parameter({8, 8});
    Variable key = parameter({8, 8});
    Variable value = parameter({8, 8});
    Variable gamma = Variable(Tensor({8}, 1.0F), true);
    Variable beta = parameter({8});
    Variable up = parameter({8, 32});
    Variable down = parameter({32, 8});

    Variable parameter(Shape shape) { return Variable(random_normal(std::move(shape), rng, 0.0F, 0.3F), true); }

    Variable loss(const IntTensor& ids, const IntTensor& targets, const BoolTensor& keep, std::uint64_t update) const {
        const Variable x = dropout(gather_rows(table, ids), 0.1, Rng(1).split(update));  // [2, 6, 8]
        const auto heads = [](const Variable& h) { return permute(reshape(h, {2, 6, 2, 4}), {0, 2, 1, 3}); };
        const Variable normed = layer_norm(x, gamma, beta);
        const Variable scores = scale(batched_matmul(heads(batched_matmul(normed, query)),
                                                     heads(batched_matmul(normed, key)), Transpose::no, Transpose::yes),
                                      0.5F);
        const Variable attention = masked_softmax(scores, keep);
        const Variable mixed = batched_matmul(attention, heads(batched_matmul(normed, value)));
        const Variable joined = reshape(permute(mixed, {0, 2, 1, 3}), {2, 6, 8});
        const Variable y = rms_norm(add(x, joined), gamma);
        const Variable fed = add(y, batched_matmul(gelu(batched_matmul(y, up)), down));
        const Variable both = concat({slice(fed, 1, 0, 3), slice(fed, 1, 3, 6)}, 1);
        const Variable logits = matmul(reshape(both, {12, 8}), table, Transpose::no, Transpose::yes);
        return scale(mean(pick(log_softmax(logits), targets)), -1.0F);
    }
    NamedParameters parameters() const {
        return {{"table", table}, {"query", query}, {"key", key}, {"value", value},
                {"gamma", gamma}, {"beta", beta},   {"up", up},   {"down", down}};
    }
};

}  // namespace

TEST_CASE("after the first updates a training update takes nothing from the system") {
    SmallModel model;
    Adam adam(model.parameters());
    IntTensor ids({2, 6});
    IntTensor targets({12});
    for (std::int64_t i = 0; i < 12; ++i) {
        ids[i] = static_cast<std::int32_t>(i * 7 % 11);
        targets[i] = static_cast<std::int32_t>(i * 5 % 11);
    }
    BoolTensor keep({6, 6});
    for (std::int64_t i = 0; i < 6; ++i) {
        for (std::int64_t j = 0; j <= i; ++j) keep(i, j) = 1;
    }
    float first = 0.0F;
    float last = 0.0F;
    std::uint64_t before = 0;
    for (std::uint64_t update = 0; update < 30; ++update) {
        if (update == 3) before = requests;
        const Variable loss = model.loss(ids, targets, keep, update);
        loss.backward();
        adam.update(0.01F);
        (update == 0 ? first : last) = loss.value()[0];
    }
    CHECK(requests - before == 0);
    CHECK(before > 0);
    CHECK(last < 0.7F * first);
}

namespace {

/// Requests to the system during the last of a few runs; the first ones fill the pool.
std::uint64_t requests_when_steady(const std::function<void()>& run) {
    for (int i = 0; i < 3; ++i) run();
    const std::uint64_t before = requests;
    run();
    return requests - before;
}

}  // namespace

TEST_CASE("nor does a whole GPT with dropout, a smoothed loss, clipping and Adam or SGD") {
    GptConfig config = gpt_config({.vocabulary = 13, .max_length = 8, .n_layers = 2, .d_model = 16, .n_heads = 2});
    set_dropout(config.stack, 0.1, true);
    const Gpt gpt(config, Rng(3));
    const GptInput input{test::random_ids({3, 8}, 13, 1)};
    const IntTensor targets = test::random_ids({3, 8}, 13, 2);
    CrossEntropyConfig smoothed;
    smoothed.label_smoothing = 0.1;
    smoothed.ignore_index = 5;
    const NamedParameters parameters = gpt.parameters();
    Adam adam(parameters);
    Sgd sgd(parameters, 0.9F);
    std::uint64_t update = 0;
    const auto gradients = [&] {
        const Pass pass = Pass::training(Rng(1).split(update++));
        const Variable loss = cross_entropy(gpt.forward(input, pass), targets, smoothed);
        loss.backward();
        clip_gradient_norm(parameters, 1.0);
    };
    CHECK(requests_when_steady([&] {
              gradients();
              adam.update(0.01F);
          }) == 0);
    CHECK(requests_when_steady([&] {
              gradients();
              sgd.update(0.01F);
          }) == 0);
}

TEST_CASE("nor does any loss") {
    const Variable logits(test::normal<float>({6, 7}, 1), true);
    const Variable other(test::normal<float>({6, 7}, 2), true);
    const IntTensor targets = test::random_ids({6}, 7, 3);
    const auto steady = [](auto loss) { return requests_when_steady([&] { loss().backward(); }); };
    CrossEntropyConfig weighted;
    weighted.class_weights = {1, 2, 1, 1, 0.5, 1, 3};
    weighted.label_smoothing = 0.2;
    weighted.smoothing = CrossEntropyConfig::Smoothing::over_others;
    CrossEntropyConfig focal;
    focal.focal_gamma = 2.0;
    CHECK(steady([&] { return cross_entropy(logits, targets); }) == 0);
    CHECK(steady([&] { return cross_entropy(logits, targets, weighted); }) == 0);
    CHECK(steady([&] { return cross_entropy(logits, targets, focal); }) == 0);
    CHECK(steady([&] { return soft_cross_entropy(logits, softmax(other.value())); }) == 0);
    CHECK(steady([&] { return mean(negative_log_likelihood(logits, targets)); }) == 0);
    CHECK(steady([&] { return chunked_cross_entropy(logits, other, test::random_ids({6}, 6, 4), {.rows = 2}).loss; }) ==
          0);
    CHECK(steady([&] { return kl_divergence(logits, other, 2.0); }) == 0);
    CHECK(steady([&] { return distillation_loss(other, logits, 2.0); }) == 0);
    CHECK(steady([&] { return logit_mse(other, logits); }) == 0);
    CHECK(steady([&] { return contrastive_loss(logits, other, 0.5); }) == 0);
}

TEST_CASE("the pool reuses a block of the same size, grows for another and gives back when trimmed") {
    pool_trim();
    void* const block = pool_allocate(1000);
    pool_release(block, 1000);
    CHECK(pool_statistics().free_bytes >= 1000);
    const std::uint64_t before = requests;
    void* const again = pool_allocate(990);
    CHECK(again == block);
    CHECK(requests == before);
    void* const other = pool_allocate(5000);
    CHECK(requests == before + 1);
    pool_release(again, 990);
    pool_release(other, 5000);
    pool_trim();
    CHECK(pool_statistics().free_bytes == 0);
    pool_release(nullptr, 10);
    // Sizes just around the classes' borders never get less than they asked for.
    for (std::size_t bytes = 1; bytes < 3000; ++bytes) {
        auto* const bytes_at = static_cast<unsigned char*>(pool_allocate(bytes));
        std::fill_n(bytes_at, bytes, static_cast<unsigned char>(255));
        pool_release(bytes_at, bytes);
    }
    CHECK(pool_statistics().free_bytes < 100000);
    // What is above the limit goes straight back.
    void* const large = pool_allocate(pool_limit + 1);
    pool_release(large, pool_limit + 1);
    CHECK(pool_statistics().free_bytes < pool_limit);
}

TEST_CASE("a pool full of idle blocks makes room for those in use: the largest idle ones go back") {
    pool_trim();
    std::vector<void*> large;
    for (std::size_t held = 0; held + (pool_limit >> 3) <= pool_limit; held += pool_limit >> 3)
        large.push_back(pool_allocate(pool_limit >> 3));
    for (void* block : large) pool_release(block, pool_limit >> 3);
    CHECK(pool_statistics().free_bytes == pool_limit);
    void* const small = pool_allocate(1000);
    pool_release(small, 1000);
    CHECK(pool_statistics().free_bytes <= pool_limit);
    const std::uint64_t before = requests;
    void* const again = pool_allocate(1000);
    CHECK(again == small);
    CHECK(requests == before);
    pool_release(again, 1000);
    pool_trim();
}

TEST_CASE("a tape a hundred thousand operations long is walked and freed without nesting") {
    Variable x(Tensor({1}, 1.0F), true);
    {
        Variable y = x;
        for (int i = 0; i < 100000; ++i) y = add_scalar(y, 1.0F);
        y.backward();
    }
    CHECK(x.gradient()[0] == 1.0F);
}
