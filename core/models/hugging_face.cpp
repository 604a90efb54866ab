#include "models/hugging_face.h"

#include <string>

#include "base/error.h"
#include "tensor/kernels.h"

namespace glassformer {
namespace {

/// A file whose names may have a prefix: "bert.embeddings..." in a model with heads, "embeddings..." without.
class Weights {
  public:
    Weights(const Safetensors& file, const std::string& prefix, const std::string& probe) : file_(file) {
        if (file.contains(prefix + probe)) prefix_ = prefix;
    }

    bool contains(const std::string& name) const { return file_.contains(name) || file_.contains(prefix_ + name); }

    Tensor read(const std::string& name) const {
        const std::string full = file_.contains(prefix_ + name) ? prefix_ + name : name;
        if (!file_.contains(full)) {
            throw Error(ErrorKind::malformed,
                        {"文件里缺少张量 " + full + "。", "The file lacks the tensor " + full + "."}, full);
        }
        return file_.floats(full);
    }

    /// A matrix; Error(malformed) for another rank.
    Tensor matrix(const std::string& name) const {
        Tensor value = read(name);
        if (value.shape().rank() == 2 && value.size() > 0) return value;
        throw Error(ErrorKind::malformed,
                    {"张量 " + name + " 应是矩阵，形状却是 " + value.shape().to_string() + "。",
                     "The tensor " + name + " should be a matrix; it has the shape " + value.shape().to_string() + "."},
                    name);
    }

    /// How many layers there are: name.0.probe, name.1.probe, ...
    std::int64_t count(const std::string& name, const std::string& probe) const {
        std::int64_t layers = 0;
        while (contains(name + std::to_string(layers) + probe)) ++layers;
        return layers;
    }

  private:
    const Safetensors& file_;
    std::string prefix_;
};

/// Copies tensors of the file into parameters of the model.
class Loader {
  public:
    Loader(const Weights& weights, NamedParameters parameters)
        : weights_(weights), parameters_(std::move(parameters)) {}

    void copy(const std::string& ours, const std::string& theirs) const { set(ours, theirs, weights_.read(theirs)); }
    void copy_transposed(const std::string& ours, const std::string& theirs) const {
        set(ours, theirs, transpose(weights_.matrix(theirs)));
    }
    void linear(const std::string& ours, const std::string& theirs) const {
        copy_transposed(ours + ".weight", theirs + ".weight");
        copy(ours + ".bias", theirs + ".bias");
    }
    /// GPT-2's Conv1D, which holds [in, out].
    void convolution(const std::string& ours, const std::string& theirs) const {
        copy(ours + ".weight", theirs + ".weight");
        copy(ours + ".bias", theirs + ".bias");
    }
    void norm(const std::string& ours, const std::string& theirs) const {
        copy(ours + ".gamma", theirs + ".weight");
        copy(ours + ".beta", theirs + ".bias");
    }

  private:
    void set(const std::string& ours, const std::string& theirs, const Tensor& value) const {
        const Shape wanted = find_parameter(parameters_, ours).shape();
        if (value.shape() != wanted) {
            throw Error(ErrorKind::malformed,
                        {"张量 " + theirs + " 的形状与模型其余部分不符（对应参数 " + ours + "，应为 " +
                             wanted.to_string() + "，实为 " + value.shape().to_string() + "）。",
                         "The tensor " + theirs + " does not fit the rest of the model: as " + ours + " it should be " +
                             wanted.to_string() + " and is " + value.shape().to_string() + "."},
                        theirs);
        }
        set_parameter(parameters_, ours, value);
    }

    const Weights& weights_;
    NamedParameters parameters_;
};

}  // namespace

Bert bert_from_hugging_face(const Safetensors& file, std::int64_t n_heads) {
    const Weights weights(file, "bert.", "embeddings.word_embeddings.weight");
    const Shape token = weights.matrix("embeddings.word_embeddings.weight").shape();
    ModelSize size;
    size.vocabulary = token[0];
    size.d_model = token[1];
    size.n_heads = n_heads;
    size.max_length = weights.matrix("embeddings.position_embeddings.weight").extent(0);
    size.n_layers = weights.count("encoder.layer.", ".intermediate.dense.weight");
    if (size.n_layers > 0) size.d_ff = weights.matrix("encoder.layer.0.intermediate.dense.weight").extent(0);
    BertConfig config = bert_config(size);
    config.embedding.segments = weights.matrix("embeddings.token_type_embeddings.weight").extent(0);
    config.mlm_head = weights.contains("cls.predictions.bias");
    config.pooler = weights.contains("pooler.dense.weight");
    config.nsp_head = config.pooler && weights.contains("cls.seq_relationship.weight");
    Bert bert(config, Rng(0));

    const Loader load(weights, bert.parameters());
    load.copy("embedding.token.weight", "embeddings.word_embeddings.weight");
    load.copy("embedding.position.weight", "embeddings.position_embeddings.weight");
    load.copy("embedding.segment.weight", "embeddings.token_type_embeddings.weight");
    load.norm("embedding.norm", "embeddings.LayerNorm");
    for (std::int64_t i = 0; i < size.n_layers; ++i) {
        const std::string ours = "layers." + std::to_string(i) + ".";
        const std::string theirs = "encoder.layer." + std::to_string(i) + ".";
        load.linear(ours + "self_attention.query", theirs + "attention.self.query");
        load.linear(ours + "self_attention.key", theirs + "attention.self.key");
        load.linear(ours + "self_attention.value", theirs + "attention.self.value");
        load.linear(ours + "self_attention.output", theirs + "attention.output.dense");
        load.norm(ours + "self_attention_norm", theirs + "attention.output.LayerNorm");
        load.linear(ours + "feed_forward.up", theirs + "intermediate.dense");
        load.linear(ours + "feed_forward.down", theirs + "output.dense");
        load.norm(ours + "feed_forward_norm", theirs + "output.LayerNorm");
    }
    if (config.mlm_head) {
        load.linear("mlm.dense", "cls.predictions.transform.dense");
        load.norm("mlm.norm", "cls.predictions.transform.LayerNorm");
        load.copy("mlm.bias", "cls.predictions.bias");
    }
    if (config.pooler) load.linear("pooler", "pooler.dense");
    if (config.nsp_head) load.linear("nsp", "cls.seq_relationship");
    return bert;
}

Gpt gpt2_from_hugging_face(const Safetensors& file, std::int64_t n_heads) {
    const Weights weights(file, "transformer.", "wte.weight");
    const Shape token = weights.matrix("wte.weight").shape();
    ModelSize size;
    size.vocabulary = token[0];
    size.d_model = token[1];
    size.n_heads = n_heads;
    size.max_length = weights.matrix("wpe.weight").extent(0);
    size.n_layers = weights.count("h.", ".mlp.c_fc.weight");
    if (size.n_layers > 0) size.d_ff = weights.matrix("h.0.mlp.c_fc.weight").extent(1);
    Gpt gpt(gpt2_config(size), Rng(0));

    const Loader load(weights, gpt.parameters());
    load.copy("embedding.token.weight", "wte.weight");
    load.copy("embedding.position.weight", "wpe.weight");
    for (std::int64_t i = 0; i < size.n_layers; ++i) {
        const std::string ours = "layers." + std::to_string(i) + ".";
        const std::string theirs = "h." + std::to_string(i) + ".";
        load.norm(ours + "self_attention_norm", theirs + "ln_1");
        load.convolution(ours + "self_attention.qkv", theirs + "attn.c_attn");
        load.convolution(ours + "self_attention.output", theirs + "attn.c_proj");
        load.norm(ours + "feed_forward_norm", theirs + "ln_2");
        load.convolution(ours + "feed_forward.up", theirs + "mlp.c_fc");
        load.convolution(ours + "feed_forward.down", theirs + "mlp.c_proj");
    }
    load.norm("final_norm", "ln_f");
    return gpt;
}

}  // namespace glassformer
