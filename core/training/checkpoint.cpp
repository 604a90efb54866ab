#include "training/checkpoint.h"

#include "base/error.h"
#include "data/dates.h"
#include "data/dialogue.h"
#include "data/grammar.h"
#include "data/images.h"

namespace glassformer {

TransformerConfig date_translation_config() {
    const ModelSize size{.vocabulary = date_characters().size(), .max_length = 40, .d_model = 48, .n_heads = 4};
    return transformer_live_config(size, size);
}

BertConfig bert_mini_config(bool next_sentence) {
    BertConfig config = bert_live_config({.vocabulary = grammar_vocabulary().size(), .max_length = 48, .n_layers = 3});
    config.pooler = config.nsp_head = next_sentence;
    return config;
}

GptConfig gpt_mini_config() {
    return gpt_config({.vocabulary = grammar_vocabulary().size(), .max_length = 64, .n_layers = 4});
}

GptConfig gpt_dialogue_config() {
    return gpt_config({.vocabulary = dialogue_vocabulary().size(), .max_length = 128, .n_layers = 3, .d_model = 48});
}

VitConfig vit_mini_config() {
    VitConfig config = vit_config({.n_layers = 2, .d_model = 48});
    config.channels = 3;
    config.classes = shape_kinds;
    return config;
}

TransformerConfig running_sum_config(bool causal) {
    ModelSize source{.vocabulary = running_sum_symbols, .max_length = running_sum_length, .n_layers = 1, .d_model = 32};
    source.n_heads = 2;
    ModelSize target = source;
    target.vocabulary = running_sum_symbols + 1;
    TransformerConfig config = transformer_live_config(source, target);
    config.causal = causal;
    return config;
}

std::vector<std::byte> checkpoint_bytes(const std::string& model, const NamedParameters& parameters, DType dtype) {
    SafetensorsWriter writer;
    for (const auto& [name, variable] : parameters) writer.add(name, variable.value(), dtype);
    writer.set_metadata("model", model);
    return writer.bytes();
}

void load_checkpoint(const Safetensors& file, const std::string& model, const NamedParameters& parameters) {
    const auto named = file.metadata().find("model");
    if (named == file.metadata().end() || named->second != model) {
        const std::string other = named == file.metadata().end() ? "?" : named->second.substr(0, 60);
        throw Error(ErrorKind::constraint,
                    {"这个文件是模型 " + other + " 的，不是 " + model + " 的。",
                     "This file is of the model " + other + ", not of " + model + "."},
                    "model");
    }
    std::vector<Tensor> values;
    for (const auto& [name, variable] : parameters) {
        if (!file.contains(name) || file.info(name).shape != variable.shape()) {
            const std::string wanted = name + " " + variable.shape().to_string();
            const std::string there = file.contains(name) ? file.info(name).shape.to_string() : "-";
            throw Error(
                ErrorKind::constraint,
                {"这个文件不合模型 " + model + "：要 " + wanted + "，文件里是 " + there + "。",
                 "This file does not fit the model " + model + ": " + wanted + " is needed, " + there + " is there."},
                name);
        }
        values.push_back(file.floats(name));
    }
    if (file.tensors().size() != parameters.size()) {
        throw Error(ErrorKind::constraint,
                    {"文件里有 " + std::to_string(file.tensors().size()) + " 个张量，模型 " + model + " 有 " +
                         std::to_string(parameters.size()) + " 个。",
                     "The file has " + std::to_string(file.tensors().size()) + " tensors, the model " + model + " " +
                         std::to_string(parameters.size()) + "."},
                    "model");
    }
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        Variable variable = parameters[p].second;
        variable.mutable_value() = std::move(values[p]);
    }
}

void load_checkpoint(const std::vector<std::uint8_t>& bytes, const std::string& model,
                     const NamedParameters& parameters) {
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
    load_checkpoint(Safetensors::from_memory({begin, begin + bytes.size()}), model, parameters);
}

}  // namespace glassformer
