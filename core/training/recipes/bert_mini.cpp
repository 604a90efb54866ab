// Masked words of the bilingual grammar, and for the second of the two models also: does sentence B go on after A?
// Both see the same sentences: [CLS] A [SEP], or [CLS] A [SEP] B [SEP].
#include "autograd/operations.h"
#include "data/corruption.h"
#include "data/grammar.h"
#include "nn/loss.h"
#include "training/checkpoint.h"
#include "training/recipes/recipes.h"

namespace glassformer {
namespace {

constexpr std::int32_t pad = 0;

struct Sentences {
    IntTensor ids;                   // [batch, n]
    IntTensor segments;              // [batch, n]
    std::vector<std::int32_t> next;  // 0: B follows A; 1: it does not; not_predicted: no B
};

Sentences draw(std::int64_t batch, double pairs, Rng& rng) {
    Rows ids, segments;
    Sentences drawn;
    for (std::int64_t b = 0; b < batch; ++b) {
        const Language language = rng.integer(2) == 0 ? Language::zh : Language::en;
        const SentencePair pair = draw_sentence_pair({}, rng);
        const bool both = static_cast<double>(rng.uniform()) < pairs;
        ids.push_back({cls_id});
        segments.push_back({0});
        for (const Meaning* meaning : {&pair.first, &pair.second}) {
            if (meaning == &pair.second && !both) continue;
            for (const std::int32_t id : word_ids(render(*meaning, language), grammar_vocabulary()))
                ids.back().push_back(id);
            ids.back().push_back(sep_id);
            segments.back().resize(ids.back().size(), meaning == &pair.second ? 1 : 0);
        }
        drawn.next.push_back(!both ? not_predicted : pair.is_next ? 0 : 1);
    }
    drawn.ids = padded(ids, pad);
    drawn.segments = padded(segments, 0);
    return drawn;
}

class BertMini : public TrainingTask {
  public:
    BertMini(bool next_sentence, const Rng& weights)
        : next_sentence_(next_sentence), model_(bert_mini_config(next_sentence), weights) {}
    NamedParameters parameters() const override { return model_.parameters(); }

    Loss loss(std::int64_t batch, Rng rng) const override {
        const Sentences sentences = draw(batch, 0.5, rng);
        const TokenBatch corrupted =
            corrupt_tokens(sentences.ids, {},
                           {.mask_token = mask_id,
                            .first_ordinary = first_word_id,
                            .vocabulary = static_cast<std::int32_t>(grammar_vocabulary().size())},
                           rng)
                .batch;
        IntTensor targets = corrupted.targets;
        for (std::int64_t i = 0; i < targets.size(); ++i)
            targets[i] = corrupted.mask[i] != 0 ? targets[i] : not_predicted;
        const Variable hidden = read(sentences, corrupted.inputs);
        Variable total = cross_entropy(model_.mlm_logits(hidden), targets, {.ignore_index = not_predicted});
        if (next_sentence_) {
            const IntTensor next({batch}, sentences.next);
            total = add(total,
                        cross_entropy(model_.nsp_logits(model_.pooled(hidden)), next, {.ignore_index = not_predicted}));
        }
        return {total, count_of(real_of(sentences.ids, pad))};
    }

    std::vector<Measure> measure(std::int64_t examples, Rng rng) const override {
        std::vector<Measure> measures{{"filled",
                                       {"遮住一个词，填回后仍是合语法的句子",
                                        "one word masked: what is filled in makes a sentence "
                                        "of the grammar"},
                                       filled(examples, rng.split("filled"))}};
        if (next_sentence_) {
            measures.push_back({"next",
                                {"判断下一句判对的", "told rightly whether B follows A"},
                                told_next(examples, rng.split("next"))});
        }
        return measures;
    }

  private:
    Variable read(const Sentences& sentences, const IntTensor& ids) const {
        const BoolTensor real = real_of(sentences.ids, pad);
        return model_.forward({.ids = ids,
                               .segments = sentences.segments,
                               .mask = Mask(real.reshaped({real.extent(0), 1, real.extent(1)}))});
    }

    double filled(std::int64_t examples, Rng rng) const {
        const Sentences sentences = draw(examples, 0.0, rng);
        IntTensor ids = sentences.ids;
        std::vector<std::int64_t> places;
        for (std::int64_t r = 0; r < examples; ++r) {
            std::int64_t words = 0;
            while (words + 1 < ids.extent(1) && ids(r, words + 1) >= first_word_id) ++words;
            places.push_back(1 + rng.integer(static_cast<std::uint32_t>(words)));
            ids(r, places.back()) = mask_id;
        }
        const Tensor logits = model_.mlm_logits(read(sentences, ids)).value();
        double right = 0.0;
        for (std::int64_t r = 0; r < examples; ++r) {
            const std::int64_t place = places[static_cast<std::size_t>(r)];
            ids(r, place) = likeliest(logits, r * ids.extent(1) + place);
            std::vector<std::string> words;
            for (std::int64_t i = 1; i < ids.extent(1) && sentences.ids(r, i) >= first_word_id; ++i)
                words.push_back(grammar_vocabulary().piece(ids(r, i)));
            if (understand(words, Language::zh) || understand(words, Language::en)) right += 1.0;
        }
        return right / static_cast<double>(examples);
    }

    double told_next(std::int64_t examples, Rng rng) const {
        const Sentences sentences = draw(examples, 1.0, rng);
        const Tensor logits = model_.nsp_logits(model_.pooled(read(sentences, sentences.ids))).value();
        double right = 0.0;
        for (std::int64_t r = 0; r < examples; ++r)
            right += likeliest(logits, r) == sentences.next[static_cast<std::size_t>(r)] ? 1.0 : 0.0;
        return right / static_cast<double>(examples);
    }

    bool next_sentence_;
    Bert model_;
};

template <bool next_sentence>
std::unique_ptr<TrainingTask> make(const Rng& weights) {
    return std::make_unique<BertMini>(next_sentence, weights);
}

}  // namespace

Recipe bert_mini_recipe(bool next_sentence) {
    Recipe recipe{
        .name = next_sentence ? "bert-mini-mlm-nsp" : "bert-mini-mlm",
        .summary = {next_sentence ? "双语小语法上的 BERT：完形填空加下一句" : "双语小语法上的 BERT：只做完形填空",
                    next_sentence ? "BERT on the bilingual grammar: masked words and the next sentence"
                                  : "BERT on the bilingual grammar: masked words only"},
        .settings = {.updates = next_sentence ? 10000 : 3500, .batch = 32, .warmup = 100}};
    recipe.make = next_sentence ? make<true> : make<false>;
    return recipe;
}

}  // namespace glassformer
