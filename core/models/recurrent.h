#pragma once

#include <optional>

#include "nn/linear.h"
#include "nn/lstm.h"
#include "nn/pass.h"

/// The two baselines that a Transformer is compared with, and taught to (distillation).
namespace glassformer {

struct LstmModelConfig {
    std::int64_t vocabulary = 0;
    std::int64_t classes = 0;  ///< width of the output: the vocabulary for a language model
    std::int64_t d_embedding = 32;
    LstmConfig lstm = {.d_hidden = 32};  ///< d_input is filled in
    /// One output per token (a language model) or one per sequence, from its last real token.
    enum class Output { per_token, last };
    Output output = Output::last;
};

/// Embedding, LSTM, linear. Observed: embedding, layers.*.output, logits.
template <typename T>
class BasicLstmModel {
  public:
    BasicLstmModel(const LstmModelConfig& config, Rng rng);
    /// ids [n] or [batch, n] -> logits [..., n, classes] or [..., classes]. `lengths`: of right-padded sequences, one
    /// per sequence, each 1 ... n, else Error(out_of_range). Error(shape) for no ids or ids outside the vocabulary.
    BasicVariable<T> forward(const IntTensor& ids, const BasicPass<T>& pass = {},
                             const std::optional<std::vector<std::int64_t>>& lengths = {}) const;
    const BasicLstm<T>& lstm() const { return lstm_; }
    BasicNamedParameters<T> parameters() const;  ///< embedding.weight, lstm.*, output.*

  private:
    LstmModelConfig config_;
    BasicEmbedding<T> embedding_;
    BasicLstm<T> lstm_;
    BasicLinear<T> output_;
};
using LstmModel = BasicLstmModel<float>;

struct BagOfEmbeddingsConfig {
    std::int64_t vocabulary = 0;
    std::int64_t classes = 0;
    std::int64_t d_embedding = 32;
};

/// The mean of the embeddings of the real tokens, then linear: the order of the words is lost.
template <typename T>
class BasicBagOfEmbeddings {
  public:
    BasicBagOfEmbeddings(const BagOfEmbeddingsConfig& config, Rng rng);
    /// As above, one output per sequence.
    BasicVariable<T> forward(const IntTensor& ids, const BasicPass<T>& pass = {},
                             const std::optional<std::vector<std::int64_t>>& lengths = {}) const;
    BasicNamedParameters<T> parameters() const;  ///< embedding.weight, output.*

  private:
    BasicEmbedding<T> embedding_;
    BasicLinear<T> output_;
};
using BagOfEmbeddings = BasicBagOfEmbeddings<float>;

}  // namespace glassformer
