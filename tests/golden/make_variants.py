#!/usr/bin/env python3
"""Writes variants.safetensors: what core/nn has beside the layers of PyTorch: other scores and positions, efficient attention,
compressed embeddings and networks, losses for unequal classes. Where transformers has a layer it is the reference; the others are
written here from their papers on PyTorch's functions. See make_nn.py for the environment.
"""
import math

import torch
import torch.nn.functional as F
from golden import Golden, leaf, normal, randomise, t
from transformers import LlamaConfig, MixtralConfig, T5Config
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb
from transformers.models.mixtral.modeling_mixtral import MixtralSparseMoeBlock
from transformers.models.t5.modeling_t5 import T5Attention

torch.manual_seed(20240701)
golden = Golden("variants")


def heads(w, x, n_heads):
    return (x @ w).reshape(*x.shape[:-1], n_heads, -1).transpose(1, 2)


def attention(name, score=None, position=None, output_term=None, more=None, query_rotation=None):
    """Three heads of four features on two sequences of five tokens; x W without biases, our layout."""
    x = leaf(2, 5, 12)
    w = {part: leaf(12, 12) for part in ("query", "key", "value", "output")}
    q, k, v = (heads(w[part], x, 3) for part in ("query", "key", "value"))
    if query_rotation is not None:
        q, k = query_rotation(q), query_rotation(k)
    scores = score(q, k) if score else q @ k.transpose(-1, -2) / math.sqrt(4)
    if position is not None:
        scores = scores + position(q)
    weights = torch.softmax(scores, -1)
    out = weights @ v
    if output_term is not None:
        out = out + output_term(weights)
    y = out.transpose(1, 2).reshape(2, 5, 12) @ w["output"]
    golden.case(name, {"y": y}, {"x": x}, {**{f"{part}.weight": value for part, value in w.items()}, **(more or {})})


def scores_and_positions():
    attention("score_dot", score=lambda q, k: q @ k.transpose(-1, -2))
    attention("score_cosine", score=lambda q, k: 7 * F.cosine_similarity(q[:, :, :, None], k[:, :, None], dim=-1))
    general = leaf(3, 4, 4)
    attention("score_general", score=lambda q, k: torch.einsum("bhid,hde,bhje->bhij", q, general, k), more={"score.weight": general})
    wq, wk, value = leaf(3, 4, 4), leaf(3, 4, 4), leaf(3, 4, 1)
    def additive(q, k, activation=torch.tanh):
        hidden = activation(torch.einsum("bhid,hde->bhie", q, wq)[:, :, :, None] + torch.einsum("bhjd,hde->bhje", k, wk)[:, :, None])
        return torch.einsum("bhije,heo->bhij", hidden, value)
    more = {"score.query": wq, "score.key": wk, "score.value": value}
    attention("score_additive", score=additive, more=more)
    attention("score_additive_linear", score=lambda q, k: additive(q, k, lambda h: h), more=more)

    distance = (torch.arange(5)[None, :] - torch.arange(5)[:, None])
    slopes = torch.tensor([2 ** -4.0, 2 ** -8.0, 2 ** -2.0]).double()
    attention("alibi", position=lambda q: -slopes[:, None, None] * distance.abs())
    # T5's own layer: neither scale nor biases in the projections.
    layer = randomise(T5Attention(T5Config(d_model=12, d_kv=4, num_heads=3, relative_attention_num_buckets=8,
                                           relative_attention_max_distance=20, dropout_rate=0.0), has_relative_attention_bias=True, layer_idx=0)).eval()
    x = leaf(2, 5, 12)
    golden.case("t5_attention", {"y": layer(x)[0]}, {"x": x},
                {**{f"{ours}.weight": t(getattr(layer, theirs).weight) for ours, theirs in
                    {"query": "q", "key": "k", "value": "v", "output": "o"}.items()}, "position.bias": layer.relative_attention_bias.weight})
    key, value_term = leaf(5, 4), leaf(5, 4)  # distances -2 ... 2
    clipped = distance.clamp(-2, 2) + 2
    attention("shaw", position=lambda q: torch.einsum("bhid,ijd->bhij", q, key[clipped]) / math.sqrt(4),
              output_term=lambda a: torch.einsum("bhij,ijd->bhid", a, value_term[clipped]),
              more={"position.key": key, "position.value": value_term})

    def rope(base):
        angles = torch.arange(5)[:, None] * base ** (-torch.arange(0, 4, 2) / 4.0)
        cos, sin = (torch.cat([f(angles)] * 2, -1)[None] for f in (torch.cos, torch.sin))
        return lambda x: apply_rotary_pos_emb(x, x, cos, sin)[0]
    attention("rope_attention", query_rotation=rope(10000.0))
    attention("rope_ntk", query_rotation=rope(10000.0 * 8.0 ** (4 / 2)))

    position = torch.arange(50)[:, None]
    for d in (12, 7):
        angle = position / 10000.0 ** (torch.arange(0, d, 2) / d)
        table = torch.zeros(50, d)
        table[:, 0::2] = torch.sin(angle)
        table[:, 1::2] = torch.cos(angle)[:, : d // 2]
        golden.put(f"sinusoidal/output/{d}", table)


def efficient():
    q, k, v = leaf(2, 3, 6, 4), leaf(2, 3, 6, 4), leaf(2, 3, 6, 5)
    for causal in (False, True):
        weights = (F.elu(q) + 1) @ (F.elu(k) + 1).transpose(-1, -2)
        weights = weights.tril() if causal else weights
        golden.case("linear_elu" + "_causal" * causal, {"y": weights @ v / weights.sum(-1, keepdim=True)}, {"q": q, "k": k, "v": v})
    projection = normal((16, 4))
    def features(x):
        x = x / 4 ** 0.25
        return torch.exp(x @ projection.T - x.square().sum(-1, keepdim=True) / 2) / 4.0
    weights = features(q) @ features(k).transpose(-1, -2)
    golden.case("favor", {"y": weights @ v / weights.sum(-1, keepdim=True)}, {"q": q, "k": k, "v": v}, {}, {"projection": projection})
    e, f = leaf(3, 6), leaf(3, 6)
    y = torch.softmax(q @ (e @ k).transpose(-1, -2) / 2.0, -1) @ (f @ v)
    golden.case("linformer", {"y": y}, {"q": q, "k": k, "v": v, "e": e, "f": f})
    n = torch.arange(6)
    window = (n[:, None] - n[None, :]).abs() <= 1
    window[0] = True
    window[:, 0] = True  # Longformer: the first token sees and is seen by all
    golden.case("window_and_global", {"y": F.scaled_dot_product_attention(q, k, v, attn_mask=window)}, {"q": q, "k": k, "v": v})


def networks():
    x = leaf(2, 5, 12)
    a, b, bias = leaf(12, 3), leaf(3, 8), leaf(8)
    golden.case("low_rank", {"y": x @ a @ b + bias}, {"x": x}, {"in.weight": a, "out.weight": b, "out.bias": bias})
    blocks, bias = leaf(4, 3, 2), leaf(8)
    golden.case("block_diagonal", {"y": x @ torch.block_diag(*blocks) + bias}, {"x": x}, {"weight": blocks, "bias": bias})
    w, bias, la, lb = leaf(12, 8), leaf(8), leaf(12, 2), leaf(2, 8)
    golden.case("lora", {"y": x @ w + bias + 6.0 / 2 * (x @ la @ lb)}, {"x": x},
                {"weight": w, "bias": bias, "adapter.a": la, "adapter.b": lb})

    config = MixtralConfig(hidden_size=12, intermediate_size=20, num_local_experts=4, num_experts_per_tok=2, router_jitter_noise=0.0)
    config._experts_implementation = "eager"
    block = randomise(MixtralSparseMoeBlock(config)).eval()
    y = block(x)
    parameters = {"router.weight": t(block.gate.weight)}
    for i in range(4):
        up = block.experts.gate_up_proj  # [experts, 2 d_ff, d]: the gate's rows first
        parameters[f"experts.{i}.gate.weight"] = (up, lambda z, i=i: z[i, :20].T)
        parameters[f"experts.{i}.up.weight"] = (up, lambda z, i=i: z[i, 20:].T)
        parameters[f"experts.{i}.down.weight"] = (block.experts.down_proj, lambda z, i=i: z[i].T)
    golden.case("mixture", {"y": y[0] if isinstance(y, tuple) else y}, {"x": x}, parameters)

    ids = torch.tensor([[3, 0, 8, 3], [1, 6, 8, 2]])
    table, projection = leaf(9, 4), leaf(4, 12)
    h = normal((2, 4, 12))
    golden.case("factorised", {"y": F.embedding(ids, table) @ projection, "logits": h @ projection.T @ table.T}, {},
                {"table.weight": table, "projection.weight": projection}, {"ids": ids, "h": h})
    quotient, remainder = leaf(3, 12), leaf(4, 12)
    for name, combine in {"sum": torch.add, "product": torch.mul}.items():
        golden.case("quotient_remainder_" + name, {"y": combine(quotient[ids // 4], remainder[ids % 4])}, {},
                    {"quotient.weight": quotient, "remainder.weight": remainder}, {"ids": ids})
    quotient, remainder = leaf(3, 6), leaf(4, 6)
    golden.case("quotient_remainder_concat", {"y": torch.cat([quotient[ids // 4], remainder[ids % 4]], -1)}, {},
                {"quotient.weight": quotient, "remainder.weight": remainder}, {"ids": ids})
    tables, projections = [leaf(3, 12), leaf(6, 4)], [leaf(12, 12), leaf(4, 12)]  # ids 0 ... 2, 3 ... 8
    y = torch.where((ids < 3)[..., None], tables[0][ids.clamp(max=2)] @ projections[0], tables[1][(ids - 3).clamp(min=0)] @ projections[1])
    golden.case("adaptive", {"y": y}, {}, {f"clusters.{c}.{part}.weight": z[c] for c in range(2)
                                           for part, z in (("table", tables), ("projection", projections))}, {"ids": ids})
    table = leaf(5, 12)
    rows = torch.randint(0, 5, (3, 2, 4))  # of three hash functions: Glassformer's own are tested elsewhere
    golden.case("summed_rows", {"y": table[rows].sum(0)}, {}, {"weight": table}, {"rows": rows})


def losses():
    logits = leaf(6, 5)
    targets = torch.tensor([0, 4, 1, 2, 2, 3])
    counts = torch.tensor([900, 300, 90, 30, 9])
    golden.put("counts/input/counts", counts)
    q = torch.full((6, 5), 0.1 / 4)
    q[torch.arange(6), targets] = 0.9
    golden.case("smoothed_over_others", {"y": F.cross_entropy(logits, q)}, {"logits": logits}, {}, {"targets": targets})
    weights = (1 - 0.99) / (1 - 0.99 ** counts.double())
    golden.case("effective_number", {"y": F.cross_entropy(logits, targets, weight=weights * 5 / weights.sum())}, {"logits": logits}, {}, {"targets": targets})
    golden.case("logit_adjusted", {"y": F.cross_entropy(logits + 0.7 * (counts / counts.sum()).log(), targets)}, {"logits": logits}, {},
                {"targets": targets})
    hidden, weight = leaf(6, 4), leaf(11, 4)
    targets = torch.tensor([0, 10, -100, 2, 2, 7])
    golden.case("chunked", {"y": F.cross_entropy(hidden @ weight.T, targets, label_smoothing=0.1)}, {"hidden": hidden, "weight": weight}, {},
                {"targets": targets})
    teacher, student = normal((6, 5)), leaf(6, 5)
    kl = F.kl_div(F.log_softmax(student / 4, -1), F.log_softmax(teacher / 4, -1), reduction="batchmean", log_target=True)
    golden.case("distillation", {"y": 16 * kl}, {"student": student}, {}, {"teacher": teacher})


scores_and_positions()
efficient()
networks()
losses()
golden.write()
