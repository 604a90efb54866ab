#!/usr/bin/env python3
"""Writes models.safetensors (torch.nn.Transformer, ViT; inputs and logits of all) and, as transformers saves them, bert.safetensors
and gpt2.safetensors: whole small models with random weights. See make_nn.py for the environment.
"""
import os
import shutil
import tempfile

import torch
from golden import HERE, Golden, leaf, normal, randomise, rows, t
from transformers import BertConfig, BertForPreTraining, GPT2Config, GPT2LMHeadModel, ViTConfig, ViTForImageClassification

torch.manual_seed(20240602)
golden = Golden("models")


def linear(name, module):
    return {f"{name}.weight": t(module.weight), f"{name}.bias": module.bias}


def norm(name, module):
    return {f"{name}.gamma": module.weight, f"{name}.beta": module.bias}


def attention(name, module, d):
    parts = {}
    for i, part in enumerate(("query", "key", "value")):
        parts[f"{name}.{part}.weight"] = rows(module.in_proj_weight, i * d, (i + 1) * d)
        parts[f"{name}.{part}.bias"] = rows(module.in_proj_bias, i * d, (i + 1) * d, transposed=False)
    return {**parts, **linear(name + ".output", module.out_proj)}


def transformer(name, norm_first, activation):
    d = 12
    model = torch.nn.Transformer(d, 3, 2, 2, 20, dropout=0.0, activation=activation, norm_first=norm_first, batch_first=True)
    randomise(model, 0.3)
    parameters = {}
    for i, layer in enumerate(model.encoder.layers):
        at = f"encoder.layers.{i}"
        parameters |= attention(at + ".self_attention", layer.self_attn, d) | norm(at + ".self_attention_norm", layer.norm1)
        parameters |= linear(at + ".feed_forward.up", layer.linear1) | linear(at + ".feed_forward.down", layer.linear2)
        parameters |= norm(at + ".feed_forward_norm", layer.norm2)
    for i, layer in enumerate(model.decoder.layers):
        at = f"decoder.layers.{i}"
        parameters |= attention(at + ".self_attention", layer.self_attn, d) | norm(at + ".self_attention_norm", layer.norm1)
        parameters |= attention(at + ".cross_attention", layer.multihead_attn, d) | norm(at + ".cross_attention_norm", layer.norm2)
        parameters |= linear(at + ".feed_forward.up", layer.linear1) | linear(at + ".feed_forward.down", layer.linear2)
        parameters |= norm(at + ".feed_forward_norm", layer.norm3)
    # PyTorch ends both stacks with a norm, Post-LN or not.
    parameters |= norm("encoder.final_norm", model.encoder.norm) | norm("decoder.final_norm", model.decoder.norm)
    source, target = leaf(2, 5, d), leaf(2, 4, d)
    padding = torch.tensor([[False] * 5, [False, False, False, True, True]])
    causal = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1)  # True hides
    memory = model.encoder(source, src_key_padding_mask=padding)
    y = model.decoder(target, memory, tgt_mask=causal, memory_key_padding_mask=padding)
    # Padded positions of the memory hold whatever they hold; only real ones are compared.
    golden.case(name, {"y": y}, {"source": source, "target": target}, parameters)
    golden.put(f"{name}/output/memory", memory)


def save(model, name):
    """As `save_pretrained` writes it; only the versions are added."""
    with tempfile.TemporaryDirectory() as folder:
        model.float().save_pretrained(folder)
        shutil.copyfile(os.path.join(folder, "model.safetensors"), os.path.join(HERE, name + ".safetensors"))


def bert():
    config = BertConfig(vocab_size=31, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
                        max_position_embeddings=17, type_vocab_size=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = randomise(BertForPreTraining(config)).eval()
    ids = torch.randint(0, 31, (2, 7))
    segments = torch.tensor([[0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 0, 0]])
    keep = torch.tensor([[1] * 7, [1, 1, 1, 1, 1, 0, 0]])
    result = model(ids, attention_mask=keep, token_type_ids=segments, output_hidden_states=True)
    for name, value in {"ids": ids, "segments": segments}.items():
        golden.put("bert/input/" + name, value)
    golden.put("bert/output/mlm", result.prediction_logits)
    golden.put("bert/output/nsp", result.seq_relationship_logits)
    golden.put("bert/output/hidden", result.hidden_states[-1])
    save(model, "bert")


def gpt2():
    config = GPT2Config(vocab_size=29, n_positions=13, n_embd=12, n_layer=2, n_head=3, n_inner=20, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    model = randomise(GPT2LMHeadModel(config)).eval()
    ids = torch.randint(0, 29, (2, 11))
    golden.put("gpt2/input/ids", ids)
    golden.put("gpt2/output/logits", model(ids).logits)
    save(model, "gpt2")


def vit():
    config = ViTConfig(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, image_size=6, patch_size=2, num_channels=2,
                       num_labels=5, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = randomise(ViTForImageClassification(config)).eval()
    names = dict(model.named_parameters())
    patch = names["vit.embeddings.patch_embeddings.projection.weight"]  # a convolution [d, channels, P, P]
    parameters = {"patch.weight": (patch, lambda w: w.reshape(12, -1).T), "patch.bias": names["vit.embeddings.patch_embeddings.projection.bias"],
                  "class_token": (names["vit.embeddings.cls_token"], lambda x: x[0]),
                  "position": (names["vit.embeddings.position_embeddings"], lambda x: x[0])}
    for i in range(2):
        at = f"vit.layers.{i}." if f"vit.layers.{i}.layernorm_before.weight" in names else f"vit.encoder.layer.{i}."
        ours = f"layers.{i}."
        mapping = {}
        for name in names:
            if not name.startswith(at):
                continue
            for theirs, our in (("q_proj", "self_attention.query"), ("k_proj", "self_attention.key"), ("v_proj", "self_attention.value"),
                                ("o_proj", "self_attention.output"), ("attention.query", "self_attention.query"),
                                ("attention.key", "self_attention.key"), ("attention.value", "self_attention.value"),
                                ("attention.output.dense", "self_attention.output"), ("intermediate.dense", "feed_forward.up"),
                                ("fc1", "feed_forward.up"), ("fc2", "feed_forward.down"),
                                (f"{i}.output.dense", "feed_forward.down")):
                if theirs + "." in name:
                    weight = name.endswith("weight")
                    mapping[ours + our + (".weight" if weight else ".bias")] = t(names[name]) if weight else names[name]
                    break
        assert len(mapping) == 12, sorted(n for n in names if n.startswith(at))
        parameters |= mapping
        for theirs, our in (("layernorm_before", "self_attention_norm"), ("layernorm_after", "feed_forward_norm")):
            parameters[ours + our + ".gamma"] = names[at + theirs + ".weight"]
            parameters[ours + our + ".beta"] = names[at + theirs + ".bias"]
    parameters |= {"final_norm.gamma": names["vit.layernorm.weight"], "final_norm.beta": names["vit.layernorm.bias"],
                   "head.weight": t(names["classifier.weight"]), "head.bias": names["classifier.bias"]}
    assert len(parameters) == len(names), set(names)
    images = normal((2, 2, 6, 6))
    golden.case("vit", {"y": model(images).logits}, {}, parameters, {"images": images})


transformer("post", False, "relu")
transformer("pre", True, "gelu")
bert()
gpt2()
vit()
golden.write()
