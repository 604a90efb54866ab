#!/usr/bin/env python3
"""Writes nn.safetensors: every layer and loss of core/nn as PyTorch (and the layers of transformers) compute them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install torch transformers safetensors numpy
    /tmp/golden/bin/python tests/golden/make_nn.py
"""
import torch
import torch.nn.functional as F
from golden import Golden, leaf, normal, randomise, rows, t
from transformers import LlamaConfig
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaMLP, LlamaRotaryEmbedding, apply_rotary_pos_emb
from transformers.models.t5.modeling_t5 import T5Attention

torch.manual_seed(20240601)
golden = Golden("nn")


def linear_parameters(name, module):
    return {f"{name}.weight": t(module.weight), **({f"{name}.bias": module.bias} if module.bias is not None else {})}


def attention_parameters(module, d, prefix=""):
    """nn.MultiheadAttention's stacked or separate projections."""
    parts = {}
    for i, name in enumerate(("query", "key", "value")):
        if module.in_proj_weight is not None:
            parts[f"{prefix}{name}.weight"] = rows(module.in_proj_weight, i * d, (i + 1) * d)
        else:
            parts[f"{prefix}{name}.weight"] = t((module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)[i])
        parts[f"{prefix}{name}.bias"] = rows(module.in_proj_bias, i * d, (i + 1) * d, transposed=False)
    return {**parts, **linear_parameters(prefix + "output", module.out_proj)}


def layers():
    x = leaf(5, 12)
    linear = randomise(torch.nn.Linear(12, 7))
    golden.case("linear", {"y": linear(x)}, {"x": x}, {"weight": t(linear.weight), "bias": linear.bias})

    table = leaf(9, 12)
    ids = torch.tensor([[3, 0, 8, 3], [1, 3, 8, 2]])
    golden.case("embedding", {"y": F.embedding(ids, table)}, {}, {"weight": table}, {"ids": ids})
    golden.case("tied", {"y": F.embedding(ids, table) @ table.T}, {}, {"weight": table}, {"ids": ids})

    x = leaf(2, 5, 12)
    gamma, beta = leaf(12), leaf(12)
    golden.case("layer_norm", {"y": F.layer_norm(x * 3 + 1, (12,), gamma, beta, 1e-5)}, {"x": x}, {"gamma": gamma, "beta": beta})
    golden.case("rms_norm", {"y": F.rms_norm(x * 3 + 1, (12,), gamma, 1e-6)}, {"x": x}, {"gamma": gamma})
    mean, variance = normal((12,)), normal((12,)).square() + 0.5
    mean, variance = mean.float().double(), variance.float().double()
    before = {"running_mean": mean.clone(), "running_variance": variance.clone()}
    flat = lambda z: z.reshape(-1, 12)
    y = F.batch_norm(flat(x * 3 + 1), mean, variance, gamma, beta, training=True, momentum=0.3, eps=1e-5).reshape(x.shape)
    golden.case("batch_norm_train", {"y": y, "running_mean": mean.clone(), "running_variance": variance.clone()}, {"x": x},
                {"gamma": gamma, "beta": beta}, before)
    y = F.batch_norm(flat(x * 3 + 1), mean, variance, gamma, beta, training=False, eps=1e-5).reshape(x.shape)
    golden.case("batch_norm_eval", {"y": y}, {"x": x}, {"gamma": gamma, "beta": beta},
                {"running_mean": mean.clone(), "running_variance": variance.clone()})

    x = torch.cat([normal((30,), 2.0), torch.tensor([-20.0, -5.0, -0.001, 0.001, 5.0, 20.0]).float().double()]).requires_grad_()
    for name, function in {"relu": F.relu, "gelu": F.gelu, "gelu_tanh": lambda v: F.gelu(v, approximate="tanh"), "silu": F.silu,
                           "tanh": torch.tanh, "sigmoid": torch.sigmoid, "elu": F.elu}.items():
        golden.case("activation_" + name, {"y": function(x)}, {"x": x})

    up, down = randomise(torch.nn.Linear(12, 20)), randomise(torch.nn.Linear(20, 12))
    x = leaf(2, 5, 12)
    golden.case("feed_forward", {"y": down(F.gelu(up(x)))}, {"x": x}, {**linear_parameters("up", up), **linear_parameters("down", down)})
    mlp = randomise(LlamaMLP(LlamaConfig(hidden_size=12, num_attention_heads=3, intermediate_size=20, hidden_act="silu")))
    golden.case("swiglu", {"y": mlp(x)}, {"x": x}, {"up.weight": t(mlp.up_proj.weight), "gate.weight": t(mlp.gate_proj.weight),
                                                    "down.weight": t(mlp.down_proj.weight)})

    lstm = randomise(torch.nn.LSTM(7, 5, num_layers=2, batch_first=True))
    for name, parameter in lstm.named_parameters():
        if "bias_hh" in name:
            parameter.data.zero_()  # Glassformer has one bias where PyTorch adds two
    x, h, c = leaf(2, 6, 7), leaf(2, 2, 5), leaf(2, 2, 5)
    y, (h_out, c_out) = lstm(x, (h, c))
    parameters = {}
    for i in range(2):
        parameters[f"layers.{i}.input.weight"] = t(getattr(lstm, f"weight_ih_l{i}"))
        parameters[f"layers.{i}.input.bias"] = getattr(lstm, f"bias_ih_l{i}")
        parameters[f"layers.{i}.hidden.weight"] = t(getattr(lstm, f"weight_hh_l{i}"))
    golden.case("lstm", {"y": y, "hidden": h_out, "cell": c_out}, {"x": x, "h": h, "c": c}, parameters)


def attention():
    q, k, v = leaf(2, 3, 4, 6), leaf(2, 3, 5, 6), leaf(2, 3, 5, 4)
    keep = torch.rand(2, 1, 4, 5) > 0.3
    keep[:, :, :, 0] = True
    golden.case("scaled_dot_product", {"y": F.scaled_dot_product_attention(q, k, v, attn_mask=keep)}, {"q": q, "k": k, "v": v}, {},
                {"keep": keep.reshape(2, 4, 5)})  # boolean True takes part, as in Glassformer
    q, k, v = leaf(2, 4, 5, 6), leaf(2, 2, 5, 6), leaf(2, 2, 5, 6)
    golden.case("grouped_query", {"y": F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)}, {"q": q, "k": k, "v": v})

    # nn.MultiheadAttention's masks are the other way round: True hides.
    layer = randomise(torch.nn.MultiheadAttention(12, 3, batch_first=True))
    x = leaf(2, 5, 12)
    hidden_pairs = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
    padding = torch.tensor([[False] * 5, [False, False, False, True, True]])
    y, weights = layer(x, x, x, key_padding_mask=padding, attn_mask=hidden_pairs, average_attn_weights=False)
    golden.case("multi_head", {"y": y, "attention": weights}, {"x": x}, attention_parameters(layer, 12))
    layer = randomise(torch.nn.MultiheadAttention(12, 3, kdim=8, vdim=8, batch_first=True))
    x, memory = leaf(2, 4, 12), leaf(2, 5, 8)
    y, weights = layer(x, memory, memory, key_padding_mask=padding, average_attn_weights=False)
    golden.case("cross_attention", {"y": y, "attention": weights}, {"x": x, "memory": memory}, attention_parameters(layer, 12))


def positions():
    x = leaf(2, 3, 5, 8)
    ids = torch.tensor([[0, 1, 2, 3, 4], [7, 8, 9, 40, 41]])
    for name, scaling in {"rope": {"rope_type": "default"}, "rope_interpolated": {"rope_type": "linear", "factor": 4.0}}.items():
        config = LlamaConfig(hidden_size=24, num_attention_heads=3, head_dim=8, rope_parameters={"rope_theta": 10000.0, **scaling})
        cos, sin = LlamaRotaryEmbedding(config)(x, ids)
        golden.case(name, {"y": apply_rotary_pos_emb(x, x, cos, sin)[0]}, {"x": x}, {}, {"positions": ids})
    for heads in (3, 8, 12):
        alibi = build_alibi_tensor(torch.ones(1, 2), heads, torch.float32)  # slope * key position
        golden.put(f"alibi/output/slopes_{heads}", alibi[:, 0, 1])
    distances = torch.arange(-300, 301)
    golden.put("t5/input/distances", distances)
    for both in (True, False):
        for buckets, limit in ((32, 128), (8, 20)):
            value = T5Attention._relative_position_bucket(distances, bidirectional=both, num_buckets=buckets, max_distance=limit)
            golden.put(f"t5/output/{'both' if both else 'past'}_{buckets}_{limit}", value)


def losses():
    logits = leaf(6, 5)
    targets = torch.tensor([0, 4, -100, 2, 2, -100])
    weights = torch.tensor([1.0, 0.3, 2.0, 1.0, 0.5]).float().double()
    for name, options in {"plain": {}, "smoothed": {"label_smoothing": 0.1}, "weighted": {"weight": weights},
                          "weighted_smoothed": {"weight": weights, "label_smoothing": 0.2},
                          "sum": {"reduction": "sum"}}.items():
        golden.case("cross_entropy_" + name, {"y": F.cross_entropy(logits, targets, **options)}, {"logits": logits}, {},
                    {"targets": targets, "weights": weights})
    soft = torch.softmax(normal((6, 5)), -1).float().double()
    golden.case("cross_entropy_soft", {"y": F.cross_entropy(logits, soft)}, {"logits": logits}, {}, {"q": soft})
    teacher, student = leaf(6, 5), leaf(6, 5)
    kl = F.kl_div(F.log_softmax(student / 2, -1), F.log_softmax(teacher / 2, -1), reduction="batchmean", log_target=True)
    golden.case("kl_divergence", {"y": kl}, {"teacher": teacher, "student": student})
    golden.case("logit_mse", {"y": F.mse_loss(student, teacher.detach())}, {"student": student}, {}, {"teacher": teacher})
    a, b = leaf(4, 7), leaf(4, 7)
    similarity = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T / 0.2
    own = torch.arange(4)
    golden.case("contrastive", {"y": (F.cross_entropy(similarity, own) + F.cross_entropy(similarity.T, own)) / 2}, {"a": a, "b": b})
    p = torch.softmax(logits, -1)[[0, 1, 3, 4], [0, 4, 2, 2]]
    golden.case("focal", {"y": (-(1 - p) ** 2 * p.log()).mean()}, {"logits": logits}, {}, {"targets": targets})


layers()
attention()
positions()
losses()
golden.write()
