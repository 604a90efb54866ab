// Dialogues by template; the loss is on the bot's words only. Later questions ("and tomorrow?") need the turns before.
#include <algorithm>

#include "data/dialogue.h"
#include "decoding/generate.h"
#include "nn/loss.h"
#include "tensor/kernels.h"
#include "training/checkpoint.h"
#include "training/recipes/recipes.h"

namespace glassformer {
namespace {

constexpr std::int32_t pad = 0, bot = 2, end = 3;

Dialogue draw(Rng& rng) {
    const auto topic = static_cast<int>(rng.integer(dialogue_topics));
    return draw_dialogue(topic, rng.integer(2) == 0 ? Language::zh : Language::en, rng);
}

class GptDialogue : public TrainingTask {
  public:
    explicit GptDialogue(const Rng& weights) : model_(gpt_dialogue_config(), weights) {}
    NamedParameters parameters() const override { return model_.parameters(); }

    Loss loss(std::int64_t batch, Rng rng) const override {
        Rows inputs, targets;
        std::int64_t read = 0;
        for (std::int64_t b = 0; b < batch; ++b) {
            const DialogueTokens tokens = dialogue_tokens(draw(rng));
            inputs.emplace_back(tokens.ids.begin(), tokens.ids.end() - 1);
            targets.emplace_back(tokens.ids.begin() + 1, tokens.ids.end());
            for (std::size_t i = 0; i < targets.back().size(); ++i) {
                if (tokens.mask[i + 1] == 0) targets.back()[i] = not_predicted;
            }
            read += static_cast<std::int64_t>(tokens.ids.size());
        }
        const Variable logits = model_.forward({.ids = padded(inputs, pad)});
        return {cross_entropy(logits, padded(targets, not_predicted), {.ignore_index = not_predicted}), read};
    }

    /// Every answer of every dialogue, after the right turns before it.
    std::vector<Measure> measure(std::int64_t examples, Rng rng) const override {
        Rows prompts, answers;
        while (static_cast<std::int64_t>(prompts.size()) < examples) {
            Dialogue dialogue = draw(rng);
            while (!dialogue.turns.empty()) {
                dialogue.turns.pop_back();  // the bot's: it is to be said
                prompts.push_back(dialogue_tokens(dialogue).ids);
                prompts.back().push_back(bot);
                answers.emplace_back();
                for (const std::string& word : right_answer(dialogue))
                    answers.back().push_back(*dialogue_vocabulary().find(word));
                answers.back().push_back(end);
                dialogue.turns.pop_back();
            }
        }
        const IntTensor ids = padded(prompts, pad, true);
        GptStepper stepper(model_, {}, real_of(ids, pad));
        const Generation said = generate(stepper, ids, {.max_new_tokens = 16, .end = end, .padding = pad});
        double right = 0.0;
        for (std::size_t r = 0; r < answers.size(); ++r) {
            const auto row = said.ids.row(static_cast<std::int64_t>(r));
            right += std::ranges::equal(row.first(static_cast<std::size_t>(said.lengths[r])), answers[r]) ? 1.0 : 0.0;
        }
        return {{"answers",
                 {"贪心解码的整句回答全对", "whole answers right, decoded greedily"},
                 right / static_cast<double>(answers.size())}};
    }

  private:
    Gpt model_;
};

}  // namespace

Recipe gpt_dialogue_recipe() {
    return {.name = "gpt-dialogue",
            .summary = {"四个话题的问答，会接上文追问",
                        "questions and answers on four topics; follow-ups need the turns before"},
            .settings = {.updates = 2000, .batch = 16},
            .make = [](const Rng& weights) -> std::unique_ptr<TrainingTask> {
                return std::make_unique<GptDialogue>(weights);
            }};
}

}  // namespace glassformer
