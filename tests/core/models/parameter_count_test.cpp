#include "models/parameter_count.h"
#include "support/catch.h"

using namespace glassformer;

namespace {

const ModelSize small{.vocabulary = 11, .max_length = 9, .n_layers = 3, .d_model = 12, .n_heads = 6, .d_ff = 20};

/// Group by group: the parameters made, summed by the group's name (the layers' number is not part of it).
template <typename Model>
void check_groups(const ParameterGroups& groups, const Model& model) {
    CHECK(total(groups) == parameter_count(model.parameters()));
    for (const ParameterGroup& group : groups) {
        std::int64_t count = 0;
        for (const auto& [name, parameter] : model.parameters()) {
            std::string without_number = name;
            const std::size_t at = without_number.find("layers.");
            if (at != std::string::npos) {
                const std::size_t end = without_number.find('.', at + 7);
                without_number.erase(at + 7, end + 1 - (at + 7));
            }
            if (without_number == group.name || without_number.rfind(group.name + ".", 0) == 0) {
                count += parameter.value().size();
            }
        }
        INFO(group.name);
        CHECK(count == group.count);
    }
}

}  // namespace

TEST_CASE("counts from a config are those of the model it makes, for every switch") {
    std::vector<GptConfig> configs(16, gpt_config(small));
    configs[1].tied = false;
    configs[2].stack.layer.norm.kind = NormKind::rms;
    configs[3].stack.layer.feed_forward.gated = true;
    configs[3].stack.layer.feed_forward.bias = configs[3].stack.layer.attention.bias = false;
    configs[4].stack.layer.attention.n_kv_heads = 2;
    configs[5].stack.layer.attention.d_head = 5;
    configs[6].stack.layer.attention.position.kind = PositionKind::t5;
    configs[7].stack.layer.attention.position.kind = PositionKind::shaw;
    configs[8].stack.shared_layers = true;
    configs[9].stack.shared_feed_forward = true;
    configs[10].stack.layer.n_experts = 3;
    configs[11].stack.layer.feed_forward.projection = {.kind = ProjectionConfig::Kind::low_rank, .rank = 3};
    configs[12].stack.layer.placement = NormPlacement::none;
    configs[12].stack.layer.attention.score = ScoreKind::additive;
    configs[13] = gpt2_config(small);
    configs[13].stack.layer.feed_forward.projection = {.kind = ProjectionConfig::Kind::block_diagonal, .groups = 4};
    configs[13].stack.layer.use_feed_forward = true;
    configs[13].embedding.position = PositionKind::sinusoidal;
    configs[14].stack.layer.attention.shared_query_key = true;
    configs[15].stack.layer.attention.adapter = {.rank = 2};
    for (const GptConfig& config : configs) check_groups(parameter_groups(config), Gpt(config, Rng(1)));
    for (const BertConfig& config : {bert_config(small), bert_live_config(small)}) {
        check_groups(parameter_groups(config), Bert(config, Rng(1)));
    }
    for (const auto tying :
         {TransformerConfig::Tying::none, TransformerConfig::Tying::output, TransformerConfig::Tying::three_way}) {
        TransformerConfig config = transformer_config(small);
        config.tying = tying;
        check_groups(parameter_groups(config), Transformer(config, Rng(1)));
    }
}

TEST_CASE("counts of the models that everybody quotes") {
    // Transformer base without embeddings, six layers each: 18,914,304 and 25,224,192.
    const ModelSize base{
        .vocabulary = 37000, .max_length = 512, .n_layers = 6, .d_model = 512, .n_heads = 8, .d_ff = 2048};
    const TransformerConfig transformer = transformer_config(base);
    CHECK(total(parameter_groups(transformer.encoder)) == 18914304);
    CHECK(total(parameter_groups(transformer)) == 18914304 + 25224192 + 37000 * 512);
    // bert-base-uncased with pooler: 109,482,240; GPT-2 small: 124,439,808.
    BertConfig bert = bert_config(
        {.vocabulary = 30522, .max_length = 512, .n_layers = 12, .d_model = 768, .n_heads = 12, .d_ff = 3072});
    bert.mlm_head = bert.nsp_head = false;
    CHECK(total(parameter_groups(bert)) == 109482240);
    CHECK(
        total(parameter_groups(gpt2_config(
            {.vocabulary = 50257, .max_length = 1024, .n_layers = 12, .d_model = 768, .n_heads = 12, .d_ff = 3072}))) ==
        124439808);
}
