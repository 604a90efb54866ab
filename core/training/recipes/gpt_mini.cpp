// Sentences of the bilingual grammar, alone or followed by their translation: [START] sentence ([SEP] sentence) [END].
#include <algorithm>
#include <optional>

#include "data/grammar.h"
#include "decoding/generate.h"
#include "nn/loss.h"
#include "tensor/kernels.h"
#include "training/checkpoint.h"
#include "training/recipes/recipes.h"

namespace glassformer {
namespace {

constexpr std::int32_t pad = 0, start = 1, end = 2;

std::vector<std::int32_t> ids_of(const Meaning& meaning, Language language) {
    return word_ids(render(meaning, language), grammar_vocabulary());
}
Language other(Language language) { return language == Language::zh ? Language::en : Language::zh; }
Language draw_language(Rng& rng) { return rng.integer(2) == 0 ? Language::zh : Language::en; }

std::vector<std::int32_t> draw_sequence(Rng& rng) {
    const Meaning meaning = draw_meaning({}, rng);
    const Language language = draw_language(rng);
    std::vector<std::int32_t> ids{start};
    std::ranges::copy(ids_of(meaning, language), std::back_inserter(ids));
    if (rng.integer(2) == 0) {
        ids.push_back(sep_id);
        std::ranges::copy(ids_of(meaning, other(language)), std::back_inserter(ids));
    }
    ids.push_back(end);
    return ids;
}

/// The words up to [SEP] or [END]; nothing when neither came or a word is no word.
std::optional<std::vector<std::string>> words_of(const IntTensor& ids, std::int64_t row) {
    std::vector<std::string> words;
    for (const std::int32_t id : ids.row(row)) {
        if (id == end || id == sep_id) return words;
        if (id < first_word_id) return std::nullopt;
        words.push_back(grammar_vocabulary().piece(id));
    }
    return std::nullopt;
}

class GptMini : public TrainingTask {
  public:
    explicit GptMini(const Rng& weights) : model_(gpt_mini_config(), weights) {}
    NamedParameters parameters() const override { return model_.parameters(); }

    Loss loss(std::int64_t batch, Rng rng) const override {
        Rows rows;
        for (std::int64_t b = 0; b < batch; ++b) rows.push_back(draw_sequence(rng));
        const IntTensor ids = padded(rows, pad);
        const std::int64_t n = ids.extent(1);
        // Padding comes last: no real token can look at it.
        const Variable logits = model_.forward({.ids = slice(ids, 1, 0, n - 1)});
        return {cross_entropy(logits, slice(ids, 1, 1, n), {.ignore_index = pad}), count_of(real_of(ids, pad))};
    }

    std::vector<Measure> measure(std::int64_t examples, Rng rng) const override {
        return {{"grammatical",
                 {"随机采样的句子中合语法的", "sentences sampled at temperature 1 that the grammar accepts"},
                 grammatical(examples, rng.split("sampled"))},
                {"translated",
                 {"贪心译出的整句全对", "whole sentences right, translated greedily"},
                 translated(examples, rng.split("translated"))}};
    }

  private:
    double grammatical(std::int64_t examples, const Rng& rng) const {
        GptStepper stepper(model_);
        const Generation said =
            generate(stepper, IntTensor({examples, 1}, start),
                     {.max_new_tokens = 40, .end = end, .padding = end, .sampling = {.temperature = 1.0}}, rng);
        double right = 0.0;
        for (std::int64_t r = 0; r < examples; ++r) {
            const auto words = words_of(said.ids, r);
            if (words && (understand(*words, Language::zh) || understand(*words, Language::en))) right += 1.0;
        }
        return right / static_cast<double>(examples);
    }

    double translated(std::int64_t examples, Rng rng) const {
        Rows prompts, answers;
        for (std::int64_t r = 0; r < examples; ++r) {
            const Meaning meaning = draw_meaning({}, rng);
            const Language from = draw_language(rng);
            prompts.push_back(ids_of(meaning, from));
            prompts.back().insert(prompts.back().begin(), start);
            prompts.back().push_back(sep_id);
            answers.push_back(ids_of(meaning, other(from)));
            answers.back().push_back(end);
        }
        const IntTensor ids = padded(prompts, pad, true);
        GptStepper stepper(model_, {}, real_of(ids, pad));
        const Generation said = generate(stepper, ids, {.max_new_tokens = 24, .end = end, .padding = pad});
        double right = 0.0;
        for (std::int64_t r = 0; r < examples; ++r) {
            const auto& answer = answers[static_cast<std::size_t>(r)];
            const auto length = static_cast<std::size_t>(said.lengths[static_cast<std::size_t>(r)]);
            right += std::ranges::equal(said.ids.row(r).first(length), answer) ? 1.0 : 0.0;
        }
        return right / static_cast<double>(examples);
    }

    Gpt model_;
};

}  // namespace

Recipe gpt_mini_recipe() {
    return {
        .name = "gpt-mini",
        .summary = {"中英双语小语法的语言模型，也会互译",
                    "a language model of the bilingual grammar that translates too"},
        .settings = {.updates = 3000, .batch = 32},
        .make = [](const Rng& weights) -> std::unique_ptr<TrainingTask> { return std::make_unique<GptMini>(weights); }};
}

}  // namespace glassformer
