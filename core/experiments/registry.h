#pragma once

#include "experiments/experiment.h"

/// One function per experiment; registry.cpp lists them. Adding an experiment is its file, a line here and a line
/// there.
namespace glassformer {

const Experiment& attention_cross();
const Experiment& attention_head_capacity();
const Experiment& attention_head_rank();
const Experiment& attention_multi_head();
const Experiment& attention_qk_tying();
const Experiment& attention_scaling();
const Experiment& attention_score_function();
const Experiment& bert_mask_leak();
const Experiment& decoding_incremental();
const Experiment& efficiency_parallelism();
const Experiment& efficiency_score_cost();
const Experiment& embedding_scale();
const Experiment& ffn_nonlinearity();
const Experiment& ffn_position_wise();
const Experiment& mask_causal();
const Experiment& mask_leak_training();
const Experiment& model_encoder_trace();
const Experiment& norm_batch();
const Experiment& norm_batch_coupling();
const Experiment& norm_batch_training();
const Experiment& norm_future_leak();
const Experiment& optimizer_adam_step();
const Experiment& position_compare();
const Experiment& position_extrapolation();
const Experiment& position_order_test();
const Experiment& position_sinusoidal();
const Experiment& recall_adam_update();
const Experiment& recall_attention_memory();
const Experiment& recall_attention_row();
const Experiment& recall_beam_score();
const Experiment& recall_block_flops();
const Experiment& recall_block_parameters();
const Experiment& recall_bpe_tokens();
const Experiment& recall_dropout_moments();
const Experiment& recall_kv_cache();
const Experiment& recall_layer_norm();
const Experiment& recall_mask_count();
const Experiment& recall_noam_rate();
const Experiment& recall_perplexity();
const Experiment& recall_sinusoidal_entry();
const Experiment& recall_softmax_temperature();
const Experiment& recall_training_memory();
const Experiment& recall_wordpiece_match();
const Experiment& mask_padding();
const Experiment& residual_gradient_flow();
const Experiment& residual_rank_collapse();
const Experiment& tokenizer_train();
const Experiment& training_cross_ablation();
const Experiment& training_deep_stack();
const Experiment& training_dropout();
const Experiment& training_dropout_regularizer();
const Experiment& training_schedule();
const Experiment& vision_patch_embedding();

}  // namespace glassformer
