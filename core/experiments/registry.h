#pragma once

#include "experiments/experiment.h"

/// One function per experiment; registry.cpp lists them. Adding an experiment is its file, a line here and a line
/// there.
namespace glassformer {

const Experiment& attention_head_capacity();
const Experiment& attention_head_rank();
const Experiment& attention_multi_head();
const Experiment& attention_qk_tying();
const Experiment& attention_scaling();
const Experiment& attention_score_function();
const Experiment& efficiency_score_cost();
const Experiment& embedding_scale();
const Experiment& norm_batch();
const Experiment& norm_batch_coupling();
const Experiment& norm_batch_training();
const Experiment& norm_future_leak();
const Experiment& optimizer_adam_step();
const Experiment& position_order_test();
const Experiment& position_sinusoidal();
const Experiment& mask_padding();
const Experiment& residual_gradient_flow();
const Experiment& residual_rank_collapse();
const Experiment& tokenizer_train();
const Experiment& training_deep_stack();
const Experiment& training_schedule();

}  // namespace glassformer
