#include "experiments/registry.h"

#include <algorithm>

namespace glassformer {

const std::vector<const Experiment*>& experiments() {
    // One a line, so that two branches that add one merge.
    // clang-format off
    static const std::vector<const Experiment*> all = {
        &attention_cross(),
        &attention_head_capacity(),
        &attention_head_rank(),
        &attention_multi_head(),
        &attention_qk_tying(),
        &attention_scaling(),
        &attention_score_function(),
        &bert_mask_leak(),
        &efficiency_score_cost(),
        &embedding_scale(),
        &ffn_nonlinearity(),
        &ffn_position_wise(),
        &mask_causal(),
        &mask_leak_training(),
        &model_encoder_trace(),
        &norm_batch(),
        &norm_batch_coupling(),
        &norm_batch_training(),
        &norm_future_leak(),
        &optimizer_adam_step(),
        &position_order_test(),
        &position_sinusoidal(),
        &mask_padding(),
        &recall_adam_update(),
        &recall_attention_memory(),
        &recall_attention_row(),
        &recall_beam_score(),
        &recall_block_flops(),
        &recall_block_parameters(),
        &recall_bpe_tokens(),
        &recall_dropout_moments(),
        &recall_kv_cache(),
        &recall_layer_norm(),
        &recall_mask_count(),
        &recall_noam_rate(),
        &recall_perplexity(),
        &recall_sinusoidal_entry(),
        &recall_softmax_temperature(),
        &recall_training_memory(),
        &recall_wordpiece_match(),
        &residual_gradient_flow(),
        &residual_rank_collapse(),
        &tokenizer_train(),
        &training_cross_ablation(),
        &training_deep_stack(),
        &training_dropout(),
        &training_dropout_regularizer(),
        &training_schedule(),
        &vision_patch_embedding(),
    };
    // clang-format on
    return all;
}

namespace {

/// Levenshtein distance: how many letters a typing error away.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

const Experiment& find_experiment(const std::string& id) {
    // An id from a link can be any length; the distance of a megabyte is nobody's typing error.
    const std::string shown = id.size() > 80 ? id.substr(0, 80) : id;
    const Experiment* closest = nullptr;
    std::size_t least = 4;
    std::string all;
    for (const Experiment* experiment : experiments()) {
        if (experiment->id == id) return *experiment;
        const std::size_t distance = edit_distance(experiment->id, shown);
        if (distance < least) {
            least = distance;
            closest = experiment;
        }
        all += (all.empty() ? "" : ", ") + experiment->id;
    }
    const std::string hint_zh = closest != nullptr ? "是不是想写“" + closest->id + "”？" : "";
    const std::string hint_en = closest != nullptr ? " Did you mean '" + closest->id + "'?" : "";
    throw Error(ErrorKind::unknown_name,
                {"没有名为“" + shown + "”的实验。" + hint_zh + "现有：" + all + "。",
                 "There is no experiment '" + shown + "'." + hint_en + " There are: " + all + "."},
                "experiment");
}

}  // namespace glassformer
