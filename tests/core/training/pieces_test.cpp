#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "autograd/operations.h"
#include "base/error.h"
#include "io/half.h"
#include "models/transformer.h"
#include "nn/loss.h"
#include "support/catch.h"
#include "support/random.h"
#include "training/half_precision.h"
#include "training/optimizer.h"
#include "training/samplers.h"
#include "training/schedule.h"
#include "training/teacher_forcing.h"

using namespace glassformer;
using test::random_ids;

namespace {

ErrorKind kind_of(const std::function<void()>& what) {
    try {
        what();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::internal;
}

bool same(const IntTensor& a, const IntTensor& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.elements(), b.elements());
}

std::map<std::int32_t, int> histogram(const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& drawn) {
    std::map<std::int32_t, int> counts;
    for (const std::int32_t i : drawn) ++counts[labels[static_cast<std::size_t>(i)]];
    return counts;
}

/// 90 examples of class 0, 9 of class 1, 1 of class 2, mixed.
std::vector<std::int32_t> long_tail() {
    std::vector<std::int32_t> labels;
    for (int i = 0; i < 100; ++i) labels.push_back(i % 11 == 5 && i < 99 ? 1 : i == 99 ? 2 : 0);
    return labels;
}

}  // namespace

TEST_CASE("an optimizer's state is all it needs to go on: the same bits as without a break") {
    const auto gradient = [](std::int64_t update) {
        return test::normal<float>({3, 2}, 100 + static_cast<std::uint64_t>(update));
    };
    const auto made = [](bool adam, const Tensor& start) -> std::unique_ptr<Optimizer> {
        NamedParameters parameters{{"w", Variable(start, true)}, {"frozen", Variable(Tensor({2}, 1.0F), false)}};
        if (adam) return std::make_unique<Adam>(parameters, AdamOptions{.weight_decay = 0.1F});
        return std::make_unique<Sgd>(parameters, 0.9F);
    };
    for (const bool adam : {false, true}) {
        const auto whole = made(adam, Tensor({3, 2}, 0.5F));
        std::unique_ptr<Optimizer> second;
        for (std::int64_t update = 0; update < 12; ++update) {
            if (update == 5) {
                second = made(adam, whole->parameters()[0].second.value());
                second->restore(whole->state(), whole->updates());
            }
            for (Optimizer* each : {whole.get(), second.get()}) {
                if (each == nullptr) continue;
                each->parameters()[0].second.backward(gradient(update));
                each->update(0.1F);
            }
        }
        const Tensor& a = whole->parameters()[0].second.value();
        CHECK(std::ranges::equal(a.elements(), second->parameters()[0].second.value().elements()));
        CHECK(second->updates() == 12);
        CHECK(whole->parameters()[1].second.value()[0] == 1.0F);  // frozen: no gradient, no decay
    }
    const auto adam = made(true, Tensor({3, 2}));
    const auto sgd = made(false, Tensor({3, 2}));
    CHECK(kind_of([&] { adam->restore(sgd->state(), 1); }) == ErrorKind::constraint);
    auto other = adam->state();
    other[1].second = Tensor({2, 3});
    CHECK(kind_of([&] { adam->restore(other, 1); }) == ErrorKind::constraint);
    other = adam->state();
    other[0].second[0] = 9.0F;  // more updates than there were
    CHECK(kind_of([&] { adam->restore(other, 1); }) == ErrorKind::constraint);
    for (const float rate : {-1.0F, NAN, INFINITY}) {
        CHECK(kind_of([&] { adam->update(rate); }) == ErrorKind::out_of_range);
    }
    CHECK(kind_of([&] { clip_gradient_norm(adam->parameters(), 0.0); }) == ErrorKind::out_of_range);
}

TEST_CASE("gradients add up until they are cleared") {
    const Variable w(Tensor({1}, 1.0F), true);
    Sgd sgd({{"w", w}});
    for (int pass = 0; pass < 3; ++pass) sum(scale(w, 2.0F)).backward();
    CHECK(w.gradient()[0] == 6.0F);
    sgd.clear_gradients();
    CHECK(w.gradient()[0] == 0.0F);
    sum(w).backward();
    sgd.update(0.25F);
    CHECK(w.value()[0] == 0.75F);
}

TEST_CASE("schedules: their ends, their limits") {
    using Kind = Schedule::Kind;
    const Schedule wsd{.kind = Kind::warmup_stable_decay, .warmup = 10, .total = 100, .last = 0.5, .decay = 0.2};
    CHECK(wsd.factor(5) == 0.5F);
    CHECK(wsd.factor(80) == 1.0F);
    CHECK(wsd.factor(90) == 0.75F);
    CHECK(wsd.factor(500) == 0.5F);
    CHECK(Schedule{.kind = Kind::cosine, .total = 10, .last = 0.1}.factor(10) == 0.1F);
    CHECK(std::abs(noam_peak(512, 4000) - 6.987712429686843e-4) < 1e-15);
    CHECK(kind_of([] { noam_peak(512, 0); }) == ErrorKind::out_of_range);
    CHECK(kind_of([] { Schedule{.warmup = -1}.factor(1); }) == ErrorKind::out_of_range);
    CHECK(kind_of([] { Schedule{.last = NAN}.factor(1); }) == ErrorKind::out_of_range);
}

TEST_CASE("half precision: small gradients vanish without a loss scale, large ones skip the update and halve it") {
    const auto learn = [](double loss_scale, float size, HalfFormat format) {
        const Variable w(Tensor({1}, 1.0F), true);
        Sgd sgd({{"w", w}});
        HalfPrecision half({{"w", w}}, {.format = format, .loss_scale = loss_scale});
        half.begin();
        scale(scale(sum(w), size), half.loss_scale()).backward();
        if (half.finish()) sgd.update(1.0F / size);
        half.end();
        return std::tuple(w.value()[0], half.vanished(), half.skipped(), half.loss_scale());
    };
    const auto lost = learn(1.0, 1e-8F, HalfFormat::binary16);
    CHECK(std::get<0>(lost) == 1.0F);
    CHECK(std::get<1>(lost) == 1.0);
    const auto kept = learn(65536.0, 1e-8F, HalfFormat::binary16);
    CHECK(std::abs(std::get<0>(kept)) < 1e-3F);
    CHECK(std::get<1>(kept) == 0.0);
    const auto wide = learn(1.0, 1e-8F, HalfFormat::bfloat16);
    CHECK(std::abs(std::get<0>(wide)) < 1e-2F);
    const auto overflow = learn(65536.0, 4.0F, HalfFormat::binary16);
    CHECK(std::get<0>(overflow) == 1.0F);
    CHECK(std::get<2>(overflow) == 1);
    CHECK(std::get<3>(overflow) == 32768.0F);

    // Master weights take in a thousand updates that are each too small for a half.
    for (const bool master : {true, false}) {
        const Variable w(Tensor({1}, 1.0F), true);
        Sgd sgd({{"w", w}});
        HalfPrecision half({{"w", w}}, {.master_weights = master, .patience = 100});
        for (int update = 0; update < 1000; ++update) {
            half.begin();
            CHECK(w.value()[0] == round_to_half(w.value()[0]));
            scale(sum(w), half.loss_scale() * 0.1F).backward();
            if (half.finish()) sgd.update(1e-3F);
            half.end();
        }
        CHECK(std::abs(w.value()[0] - (master ? 0.9F : 1.0F)) < 1e-3F);
        CHECK(half.skipped() >= 1);  // the scale doubles every hundred updates until it is too large
    }
    CHECK(kind_of([] { HalfPrecision({}, {.loss_scale = 0.0}); }) == ErrorKind::out_of_range);
    CHECK(kind_of([] { HalfPrecision({}, {.patience = 0}); }) == ErrorKind::out_of_range);
    const Variable x(Tensor({2}, {1.0F + 0x1p-12F, 70000.0F}), true);
    const Variable y = half_activation(x, HalfFormat::binary16);
    CHECK(y.value()[0] == 1.0F);
    CHECK(std::isinf(y.value()[1]));
    y.backward(Tensor({2}, {1.0F, 1e-9F}));
    CHECK(x.gradient()[1] == 0.0F);
}

TEST_CASE("samplers: shares by alpha, every example of a class before any comes again, batches of equal classes") {
    const std::vector<std::int32_t> labels = long_tail();
    const std::vector<double> natural = class_shares({90, 9, 1}, 1.0);
    CHECK(std::abs(natural[0] - 0.9) < 1e-12);
    CHECK(std::abs(class_shares({90, 9, 1}, 0.0)[2] - 1.0 / 3.0) < 1e-12);
    CHECK(std::abs(class_shares({100, 25}, 0.5)[0] - 10.0 / 15.0) < 1e-12);
    for (const double alpha : {1.0, 0.5, 0.0}) {
        ClassSampler sampler(labels, alpha, Rng(1));
        auto drawn = histogram(labels, sampler.draw(20000));
        for (std::int32_t c = 0; c < 3; ++c) {
            const double p = sampler.shares()[static_cast<std::size_t>(c)];
            CHECK(std::abs(drawn[c] - 20000 * p) < 4.0 * std::sqrt(20000 * p * (1 - p)));
        }
    }
    ClassSampler even(labels, 1.0, Rng(2));
    for (int batch = 0; batch < 4; ++batch) {
        auto drawn = histogram(labels, even.draw_evenly(30));
        CHECK((drawn[0] == 10 && drawn[1] == 10 && drawn[2] == 10));
    }
    // 9 examples of class 1, drawn 27 times: each three times.
    ClassSampler again(labels, 0.0, Rng(3));
    std::map<std::int32_t, int> times;
    for (const std::int32_t i : again.draw_evenly(81)) ++times[i];
    for (const auto& [example, count] : times) {
        if (labels[static_cast<std::size_t>(example)] == 1) CHECK(count == 3);
        if (labels[static_cast<std::size_t>(example)] == 0) CHECK(count == 1);
    }
    CHECK(undersampled(labels, Rng(1)).size() == 3);
    auto over = histogram(labels, oversampled(labels, Rng(1)));
    CHECK((over[0] == over[1] && over[1] == over[2] && over[0] > 80));
    CHECK(kind_of([] { ClassSampler({0, 2}, 1.0, Rng(1)); }) == ErrorKind::out_of_range);
    CHECK(kind_of([] { ClassSampler({0, 2, 2}, 1.0, Rng(1)); }) == ErrorKind::out_of_range);
    CHECK(kind_of([] { ClassSampler({-1}, 1.0, Rng(1)); }) == ErrorKind::out_of_range);
    CHECK(kind_of([] { ClassSampler({}, 1.0, Rng(1)); }) == ErrorKind::shape);
    CHECK(kind_of([] { class_shares({3}, -0.1); }) == ErrorKind::out_of_range);
}

TEST_CASE("teacher forcing, free running, and all between: what the decoder reads") {
    const ModelSize size{.vocabulary = 9, .max_length = 8, .n_layers = 1, .d_model = 16, .n_heads = 2};
    const Transformer model(transformer_live_config(size, size), Rng(5));
    const SequenceInput source{.ids = random_ids({40, 6}, 9, 1)};
    const IntTensor targets = random_ids({40, 7}, 9, 2);
    const IntTensor gold = shifted_right(targets, 0);
    for (std::int64_t r = 0; r < 40; ++r) {
        CHECK(gold(r, 0) == 0);
        for (std::int64_t i = 1; i < 7; ++i) CHECK(gold(r, i) == targets(r, i - 1));
    }
    const auto inputs = [&](double share) {
        TransformerStepper stepper(model, source);
        return scheduled_inputs(stepper, targets, 0, share, Rng(1));
    };
    CHECK(same(inputs(0.0), gold));
    // Free running: every input is the model's own answer to the inputs before it.
    const IntTensor own = inputs(1.0);
    const Tensor logits = model.forward(source, {.ids = own}).value();
    for (std::int64_t r = 0; r < 40; ++r) {
        for (std::int64_t i = 1; i < 7; ++i) {
            const float* row = logits.data() + (r * 7 + i - 1) * 9;
            CHECK(own(r, i) == std::max_element(row, row + 9) - row);
        }
    }
    const IntTensor mixed = inputs(0.5);
    const Tensor after_mixed = model.forward(source, {.ids = mixed}).value();
    int gold_only = 0;
    int own_only = 0;
    for (std::int64_t r = 0; r < 40; ++r) {
        for (std::int64_t i = 1; i < 7; ++i) {
            const float* row = after_mixed.data() + (r * 7 + i - 1) * 9;
            const auto choice = static_cast<std::int32_t>(std::max_element(row, row + 9) - row);
            CHECK((mixed(r, i) == gold(r, i) || mixed(r, i) == choice));
            gold_only += mixed(r, i) == gold(r, i) && choice != gold(r, i) ? 1 : 0;
            own_only += mixed(r, i) != gold(r, i) ? 1 : 0;
        }
    }
    CHECK(std::abs(gold_only - own_only) < 4.0 * std::sqrt(static_cast<double>(gold_only + own_only)));
    CHECK(gold_only + own_only > 150);
    const Tensor taught = model.forward(source, {.ids = gold}).value();
    CHECK(same(two_pass_inputs(taught, targets, 0, 0.0, Rng(1)), gold));
    const IntTensor guessed = two_pass_inputs(taught, targets, 0, 1.0, Rng(1));
    CHECK_FALSE(same(guessed, gold));
    CHECK(guessed(3, 1) == own(3, 1));  // after the start token both have read the same
    CHECK(scheduled_share(1, 11, 0.5) == 0.0);
    CHECK(scheduled_share(6, 11, 0.5) == 0.25);
    CHECK(scheduled_share(11, 11, 0.5) == 0.5);
    CHECK(kind_of([&] { inputs(1.5); }) == ErrorKind::out_of_range);
    CHECK(kind_of([&] { shifted_right(IntTensor({0, 3}), 0); }) == ErrorKind::shape);
    CHECK(kind_of([&] { two_pass_inputs(taught, random_ids({40, 6}, 9, 1), 0, 0.5, Rng(1)); }) == ErrorKind::shape);
}
