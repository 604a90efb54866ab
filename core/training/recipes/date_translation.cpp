// Dates as people write them -> ISO: "二〇二六年十一月二十三日", "Mar 5, 2024" -> "2026-11-23", "2024-03-05".
#include "data/dates.h"
#include "decoding/generate.h"
#include "nn/loss.h"
#include "training/checkpoint.h"
#include "training/recipes/recipes.h"
#include "training/teacher_forcing.h"

namespace glassformer {
namespace {

SequenceInput read(const IntTensor& sources) {
    const BoolTensor real = real_of(sources, padding_id);
    return {.ids = sources, .mask = Mask(real.reshaped({real.extent(0), 1, real.extent(1)}))};
}

class DateTranslation : public TrainingTask {
  public:
    explicit DateTranslation(const Rng& weights) : model_(date_translation_config(), weights) {}
    NamedParameters parameters() const override { return model_.parameters(); }

    Loss loss(std::int64_t batch, Rng rng) const override {
        const TokenBatch dates = date_batch({}, static_cast<int>(batch), rng);
        const Variable logits = model_.forward(read(dates.inputs), {.ids = shifted_right(dates.targets, start_id)});
        return {cross_entropy(logits, dates.targets, {.ignore_index = padding_id}),
                count_of(real_of(dates.inputs, padding_id)) + count_of(dates.mask)};
    }

    std::vector<Measure> measure(std::int64_t examples, Rng rng) const override {
        const TokenBatch dates = date_batch({}, static_cast<int>(examples), rng);
        TransformerStepper stepper(model_, read(dates.inputs));
        const std::int64_t longest = dates.targets.extent(1);
        const Generation said = generate(stepper, IntTensor({examples, 1}, start_id),
                                         {.max_new_tokens = longest, .end = end_id, .padding = padding_id});
        double right = 0.0;
        for (std::int64_t r = 0; r < examples; ++r) {
            bool same = said.ids.extent(1) == longest;
            for (std::int64_t i = 0; same && i < longest; ++i) same = said.ids(r, i) == dates.targets(r, i);
            right += same ? 1.0 : 0.0;
        }
        return {{"exact",
                 {"贪心解码的整个日期全对", "whole dates right, decoded greedily"},
                 right / static_cast<double>(examples)}};
    }

  private:
    Transformer model_;
};

}  // namespace

Recipe date_translation_recipe() {
    return {.name = "date-translation",
            .summary = {"把中英文各种写法的日期译成 ISO 格式",
                        "dates as people write them, in Chinese and English, to ISO"},
            .settings = {.updates = 3000, .batch = 32},
            .make = [](const Rng& weights) -> std::unique_ptr<TrainingTask> {
                return std::make_unique<DateTranslation>(weights);
            }};
}

}  // namespace glassformer
