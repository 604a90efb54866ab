#include "cli/bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>

#include "autograd/operations.h"
#include "base/json.h"
#include "base/rng.h"
#include "models/gpt.h"
#include "nn/loss.h"
#include "tensor/kernels.h"
#include "training/optimizer.h"

namespace glassformer {
namespace {

/// What a case does in one call, and in what it is counted.
struct Case {
    std::string name;
    double work;
    const char* unit;
    std::function<void()> run;
};
constexpr const char* products = "GFLOP/s";
constexpr const char* elements = "M elements/s";
constexpr const char* updates = "updates/s";
constexpr const char* tokens = "tokens/s";

Tensor normal(const Shape& shape) {
    Rng rng(7);
    return random_normal(shape, rng);
}

Case product(const std::string& name, const Shape& a, const Shape& b, Transpose ta = Transpose::no,
             Transpose tb = Transpose::no) {
    const std::int64_t columns = tb == Transpose::yes ? b[-2] : b[-1];
    const double work = 2.0 * static_cast<double>(a.size()) * static_cast<double>(columns);
    return {name, work / 1e9, products, [a = normal(a), b = normal(b), ta, tb] { batched_matmul(a, b, ta, tb); }};
}

template <typename Function>
Case elementwise(const std::string& name, const Shape& shape, Function function) {
    return {name, static_cast<double>(shape.size()) / 1e6, elements, [a = normal(shape), function] { function(a); }};
}

constexpr ModelSize size{.vocabulary = 64, .max_length = 32, .n_layers = 2, .d_model = 64, .n_heads = 4, .d_ff = 256};

IntTensor some_ids(const Shape& shape) {
    IntTensor ids(shape);
    for (std::int64_t i = 0; i < ids.size(); ++i)
        ids[i] = static_cast<std::int32_t>((i * 37 + i / 7) % size.vocabulary);
    return ids;
}

/// The training that the issue on speed fixes: a GPT, 32 sequences of 32 tokens, cross-entropy, Adam.
Case training_update() {
    const auto model = std::make_shared<Gpt>(gpt_config(size), Rng(1));
    const auto adam = std::make_shared<Adam>(model->parameters());
    const IntTensor ids = some_ids({32, size.max_length});
    const IntTensor targets = some_ids({32, size.max_length});
    return {"update of a GPT, 2 layers, d_model 64, batch 32x32, Adam", 1.0, updates, [=] {
                cross_entropy(model->forward({ids}), targets).backward();
                adam->update(1e-3F);
            }};
}

/// Generation with a cache, a token at a time, from an empty context to a full one.
Case generation() {
    const auto model = std::make_shared<Gpt>(gpt_config(size), Rng(1));
    const IntTensor ids = some_ids({1, size.max_length});
    return {"generation by a GPT, 2 layers, d_model 64, cached", static_cast<double>(size.max_length), tokens, [=] {
                StackCache cache;
                for (std::int64_t i = 0; i < size.max_length; ++i) {
                    model->forward({IntTensor({1, 1}, ids[i])}, {}, &cache);
                }
            }};
}

std::vector<Case> cases() {
    const Shape activations{512, 512};
    const Shape scores{12, 128, 128};
    std::vector<Case> all = {
        product("matmul 256x256x256", {256, 256}, {256, 256}),
        product("matmul 256x256x256, b transposed", {256, 256}, {256, 256}, Transpose::no, Transpose::yes),
        product("matmul 256x256x256, a transposed", {256, 256}, {256, 256}, Transpose::yes),
        product("matmul 512x512x512", {512, 512}, {512, 512}),
        product("batched 12 x 64x64x64", {12, 64, 64}, {12, 64, 64}),
        product("batched 12 x 64x64x64, b transposed", {12, 64, 64}, {12, 64, 64}, Transpose::no, Transpose::yes),
        product("batched 32 x 32x32x32", {32, 32, 32}, {32, 32, 32}),
        product("batched 64 x 16x16x16", {64, 16, 16}, {64, 16, 16}),
        product("vector 1x768x3072", {1, 768}, {768, 3072}),
        product("vector 1x768x768", {1, 768}, {768, 768}),
        product("vector 1x768x3072, b transposed", {1, 768}, {3072, 768}, Transpose::no, Transpose::yes),
        elementwise("softmax 12x128x128", scores, [](const Tensor& a) { softmax(a); }),
        elementwise("exp 512x512", activations, [](const Tensor& a) { exp(a); }),
        elementwise("tanh 512x512", activations, [](const Tensor& a) { tanh(a); }),
        elementwise("sigmoid 512x512", activations, [](const Tensor& a) { sigmoid(a); }),
        elementwise("silu 512x512", activations, [](const Tensor& a) { silu(a); }),
        elementwise("gelu 512x512", activations, [](const Tensor& a) { gelu(a); }),
        elementwise("gelu_tanh 512x512", activations, [](const Tensor& a) { gelu_tanh(a); }),
        elementwise("add 512x512", activations, [](const Tensor& a) { add(a, a); }),
    };
    const Variable x(normal(activations), true);
    const Variable gamma(Tensor({512}, 1.0F), true);
    const Variable beta(Tensor({512}), true);
    const auto forward_and_back = [&](const std::string& name, auto function) {
        all.push_back({name + " 512x512, forward and back", 512.0 * 512.0 / 1e6, elements,
                       [=] { function(x, gamma, beta).backward(x.value()); }});
    };
    forward_and_back("layer_norm",
                     [](const Variable& a, const Variable& g, const Variable& b) { return layer_norm(a, g, b); });
    forward_and_back("rms_norm", [](const Variable& a, const Variable& g, const Variable&) { return rms_norm(a, g); });
    forward_and_back("gelu", [](const Variable& a, const Variable&, const Variable&) { return gelu(a); });
    forward_and_back("softmax", [](const Variable& a, const Variable&, const Variable&) { return softmax(a); });
    forward_and_back("dropout",
                     [](const Variable& a, const Variable&, const Variable&) { return dropout(a, 0.1, Rng(1)); });
    all.push_back(training_update());
    all.push_back(generation());
    return all;
}

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The fastest of a dozen batches, in seconds a call. WebAssembly is compiled better while it warms up.
double best_time(const std::function<void()>& run) {
    constexpr double warm_up = 0.3;
    constexpr double batch = 0.02;
    std::int64_t calls = 0;
    const double start = seconds();
    while (seconds() - start < warm_up) {
        run();
        ++calls;
    }
    const auto each =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(calls) * batch / warm_up));
    double best = 1e9;
    for (int repeat = 0; repeat < 12; ++repeat) {
        const double begin = seconds();
        for (std::int64_t i = 0; i < each; ++i) run();
        best = std::min(best, (seconds() - begin) / static_cast<double>(each));
    }
    return best;
}

}  // namespace

int bench(const Options& options) {
    const auto chosen = [&](const Case& one) {
        return options.names.empty() || std::any_of(options.names.begin(), options.names.end(),
                                                    [&](const auto& name) { return one.name.rfind(name, 0) == 0; });
    };
    Json report = Json::array();
    std::size_t count = 0;
    for (const Case& one : cases()) {
        if (!chosen(one)) continue;
        ++count;
        const double rate = one.work / best_time(one.run);
        if (options.json) {
            report.push_back(Json{{"name", one.name}, {"unit", one.unit}, {"rate", rate}});
            continue;
        }
        std::printf("%-60s %10.1f %s\n", one.name.c_str(), rate, one.unit);
        std::fflush(stdout);
    }
    if (count == 0) {
        throw Error(ErrorKind::unknown_name,
                    {"没有以 " + options.names[0] + " 开头的测速项；不带名字的 bench 列出全部。",
                     "No case begins with " + options.names[0] + "; bench without names lists them all."},
                    options.names[0]);
    }
    if (options.json) std::printf("%s\n", report.dump().c_str());
    return 0;
}

}  // namespace glassformer
