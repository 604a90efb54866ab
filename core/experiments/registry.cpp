#include "experiments/registry.h"

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
        &decoding_incremental(),
        &efficiency_parallelism(),
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
        &position_compare(),
        &position_extrapolation(),
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

}  // namespace glassformer
