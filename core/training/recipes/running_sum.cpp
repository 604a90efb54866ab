// Running sums with the causal mask, and without it: there the decoder learns to read its answer off its input, and in
// generation, where nothing is there to be read, it is lost (plan, 4-09).
#include "data/sequences.h"
#include "decoding/generate.h"
#include "nn/loss.h"
#include "training/checkpoint.h"
#include "training/recipes/recipes.h"
#include "training/teacher_forcing.h"

namespace glassformer {
namespace {

TokenBatch draw(std::int64_t batch, Rng& rng) {
    return transductions({.rule = Rule::running_sum, .length = running_sum_length, .vocabulary = running_sum_symbols},
                         static_cast<int>(batch), rng);
}

class RunningSum : public TrainingTask {
  public:
    RunningSum(bool causal, const Rng& weights) : model_(running_sum_config(causal), weights) {}
    NamedParameters parameters() const override { return model_.parameters(); }

    Loss loss(std::int64_t batch, Rng rng) const override {
        const TokenBatch sums = draw(batch, rng);
        return {cross_entropy(taught(sums), sums.targets), sums.inputs.size() + sums.targets.size()};
    }

    std::vector<Measure> measure(std::int64_t examples, Rng rng) const override {
        const TokenBatch sums = draw(examples, rng);
        const Tensor logits = taught(sums).value();
        // Without a cache: where no mask hides the future, a token's states change when later ones come.
        TransformerStepper stepper(model_, {.ids = sums.inputs}, {.cache = false});
        const IntTensor own =
            generate(stepper, IntTensor({examples, 1}, running_sum_start), {.max_new_tokens = running_sum_length}).ids;
        double gold_right = 0.0, own_right = 0.0;
        for (std::int64_t i = 0; i < sums.targets.size(); ++i) {
            gold_right += likeliest(logits, i) == sums.targets[i] ? 1.0 : 0.0;
            own_right += own[i] == sums.targets[i] ? 1.0 : 0.0;
        }
        const auto count = static_cast<double>(sums.targets.size());
        return {{"taught", {"读正确前文时答对的词元", "tokens right after right ones"}, gold_right / count},
                {"generated", {"读自己输出时答对的词元", "tokens right after its own"}, own_right / count}};
    }

  private:
    Variable taught(const TokenBatch& sums) const {
        return model_.forward({.ids = sums.inputs}, {.ids = shifted_right(sums.targets, running_sum_start)});
    }
    Transformer model_;
};

template <bool causal>
std::unique_ptr<TrainingTask> make(const Rng& weights) {
    return std::make_unique<RunningSum>(causal, weights);
}

}  // namespace

Recipe running_sum_recipe(bool causal) {
    Recipe recipe{.name = causal ? "running-sum" : "running-sum-unmasked",
                  .summary = {causal ? "模 6 的累加和，解码器有因果掩码" : "模 6 的累加和，解码器没有因果掩码",
                              causal ? "running sums mod 6, with the causal mask" : "the same without the causal mask"},
                  .settings = {.updates = causal ? 3000 : 600, .batch = 32}};
    recipe.make = causal ? make<true> : make<false>;
    return recipe;
}

}  // namespace glassformer
