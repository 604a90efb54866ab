#!/usr/bin/env python3
"""Writes training.safetensors: 100 updates of PyTorch's optimizers, transformers' schedules, and the losses of a small encoder-decoder,
BERT and GPT-2 over 20 updates; decoding.safetensors: what transformers' generate() makes of the GPT-2. The BERT and the GPT-2 are
those of make_models.py, which must have run before; see make_nn.py for the environment.
"""
import math
import os
import shutil
import tempfile

import safetensors.torch
import torch
import torch.nn.functional as F
import transformers
from golden import HERE, Golden, normal, randomise, rows, t
from transformers import BertConfig, BertForPreTraining, GPT2Config, GPT2LMHeadModel

torch.manual_seed(20240801)
golden = Golden("training")
UPDATES = 100
END = 24  # the token that ends a sentence


def optimizers():
    weights = {"w": normal((3, 4)), "b": normal((5,)), "rare": normal((2,))}
    # Gradients of very different sizes; `rare` gets one only in every third update. Two of them are added up for each update.
    size = torch.exp(normal((2 * UPDATES, 1), 1.5)).float().double()
    gradients = {name: (normal((2 * UPDATES, *w.shape)) * size.reshape(-1, *[1] * w.dim())).float().double() for name, w in weights.items()}
    for name in weights:
        golden.put(f"optimizer/input/{name}", weights[name])
        golden.put(f"optimizer/input/gradient_{name}", gradients[name])
    makers = {"sgd": lambda p: torch.optim.SGD(p, lr=1.0), "momentum": lambda p: torch.optim.SGD(p, lr=1.0, momentum=0.9),
              "adam": lambda p: torch.optim.Adam(p, lr=1.0, betas=(0.9, 0.98), eps=1e-9),
              "adamw": lambda p: torch.optim.AdamW(p, lr=1.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)}
    for name, make in makers.items():
        parameters = {key: w.clone().requires_grad_() for key, w in weights.items()}
        optimizer = make(list(parameters.values()))
        norms = []
        for update in range(UPDATES):
            optimizer.param_groups[0]["lr"] = 0.01 * min(1.0, (update + 1) / 10)
            optimizer.zero_grad()
            for part in range(2):
                for key, p in parameters.items():
                    if key != "rare" or update % 3 == 0:
                        (p * gradients[key][2 * update + part]).sum().backward()
            norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), 1.5))
            optimizer.step()
            if update + 1 in (1, 10, UPDATES):
                for key, p in parameters.items():
                    golden.put(f"{name}/output/{key}_{update + 1}", p)
        golden.put(f"{name}/output/norms", torch.stack(norms))


def schedules():
    """Factors of updates 1 ... 120, the training being 100 long; transformers counts from 0, where the rate of a warmup is 0."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    made = {"constant": transformers.get_constant_schedule_with_warmup(optimizer, 12),
            "linear": transformers.get_linear_schedule_with_warmup(optimizer, 12, 100),
            "cosine": transformers.get_cosine_schedule_with_warmup(optimizer, 12, 100),
            "inverse_sqrt": transformers.get_inverse_sqrt_schedule(optimizer, 12),
            "wsd": transformers.get_wsd_schedule(optimizer, num_warmup_steps=12, num_decay_steps=25, num_training_steps=100,
                                                 decay_type="linear", min_lr_ratio=0.2),
            "cosine_last": transformers.get_cosine_with_min_lr_schedule_with_warmup(optimizer, 12, 100, min_lr_rate=0.1)}
    for name, schedule in made.items():
        length = 100 if name.startswith("cosine") else 120  # transformers' cosine rises again afterwards
        golden.put("schedule/output/" + name, torch.tensor([schedule.lr_lambdas[0](step) for step in range(1, length + 1)]))


def train(name, parameters, loss_of, optimizer, factor):
    losses = []
    for update in range(20):
        optimizer.param_groups[0]["lr"] = 3e-3 * factor(update + 1)
        optimizer.zero_grad()
        loss = loss_of(update)
        losses.append(loss.detach())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
    golden.put(f"{name}/output/losses", torch.stack(losses))


def reloaded(model, file):
    """Weights as they stand in the file: rounded to float32, so that both sides start from the same."""
    model.load_state_dict({k: v.double() for k, v in safetensors.torch.load_file(os.path.join(HERE, file)).items()}, strict=False)
    model.tie_weights()
    return model.double()


def bert():
    config = BertConfig(vocab_size=31, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
                        max_position_embeddings=17, type_vocab_size=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = reloaded(BertForPreTraining(config), "bert.safetensors")
    ids, targets = torch.randint(0, 31, (20, 4, 9)), torch.randint(0, 31, (20, 4, 9))
    targets[torch.rand(20, 4, 9) < 0.7] = -100
    lengths = torch.randint(5, 10, (20, 4))
    keep = torch.arange(9) < lengths[..., None]
    targets[~keep] = -100
    segments = (torch.arange(9) >= 4).long().expand(20, 4, 9)
    next_labels = torch.randint(0, 2, (20, 4))
    for key, value in {"ids": ids, "targets": targets, "lengths": lengths, "next": next_labels}.items():
        golden.put("bert/input/" + key, value)

    def loss_of(update):
        result = model(ids[update], attention_mask=keep[update].long(), token_type_ids=segments[update])
        return (F.cross_entropy(result.prediction_logits.reshape(-1, 31), targets[update].reshape(-1))
                + F.cross_entropy(result.seq_relationship_logits, next_labels[update]))
    parameters = list(model.parameters())
    train("bert", parameters, loss_of, torch.optim.Adam(parameters, betas=(0.9, 0.98), eps=1e-9), lambda u: min(1.0, u / 5))


def gpt2_model():
    config = GPT2Config(vocab_size=29, n_positions=13, n_embd=12, n_layer=2, n_head=3, n_inner=20, resid_pdrop=0.0, embd_pdrop=0.0,
                        attn_pdrop=0.0, bos_token_id=0, eos_token_id=1, pad_token_id=2)
    return reloaded(GPT2LMHeadModel(config), "gpt2.safetensors")


def save(model, name):
    """As `save_pretrained` writes it, in float32."""
    with tempfile.TemporaryDirectory() as folder:
        model.float().save_pretrained(folder)
        shutil.copyfile(os.path.join(folder, "model.safetensors"), os.path.join(HERE, name + ".safetensors"))
    model.double()


def gpt2():
    model = gpt2_model()
    ids = torch.randint(0, 29, (20, 4, 12))
    golden.put("gpt2/input/ids", ids)
    parameters = list(model.parameters())
    train("gpt2", parameters, lambda u: F.cross_entropy(model(ids[u, :, :-1]).logits.reshape(-1, 29), ids[u, :, 1:].reshape(-1)),
          torch.optim.AdamW(parameters, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01),
          lambda u: u / 4 if u < 4 else 0.5 * (1 + math.cos(math.pi * (u - 4) / 16)))


def encoder_decoder():
    d, vocabulary = 12, 17
    model = randomise(torch.nn.Transformer(d, 3, 2, 2, 20, dropout=0.0, batch_first=True), 0.3)
    table = normal((vocabulary, d), 0.3).requires_grad_()
    at = torch.arange(9)[:, None] / 10000.0 ** (torch.arange(0, d, 2) / d)
    position = torch.stack([torch.sin(at), torch.cos(at)], -1).reshape(9, d)
    parameters = {"embedding.token.weight": table}

    def linear(name, module):
        return {f"{name}.weight": t(module.weight), f"{name}.bias": module.bias}

    def norm(name, module):
        return {f"{name}.gamma": module.weight, f"{name}.beta": module.bias}

    def attention(name, module):
        parts = {}
        for i, part in enumerate(("query", "key", "value")):
            parts[f"{name}.{part}.weight"] = rows(module.in_proj_weight, i * d, (i + 1) * d)
            parts[f"{name}.{part}.bias"] = rows(module.in_proj_bias, i * d, (i + 1) * d, transposed=False)
        return {**parts, **linear(name + ".output", module.out_proj)}
    for side, stack in {"encoder": model.encoder, "decoder": model.decoder}.items():
        for i, layer in enumerate(stack.layers):
            ours = f"{side}.layers.{i}"
            cross = side == "decoder"
            parameters |= attention(ours + ".self_attention", layer.self_attn) | norm(ours + ".self_attention_norm", layer.norm1)
            if cross:
                parameters |= attention(ours + ".cross_attention", layer.multihead_attn) | norm(ours + ".cross_attention_norm", layer.norm2)
            parameters |= linear(ours + ".feed_forward.up", layer.linear1) | linear(ours + ".feed_forward.down", layer.linear2)
            parameters |= norm(ours + ".feed_forward_norm", layer.norm3 if cross else layer.norm2)
        parameters |= norm(side + ".final_norm", stack.norm)
    for key, value in parameters.items():
        leaf, view = value if isinstance(value, tuple) else (value, lambda x: x)
        golden.put("encoder_decoder/parameter/" + key, view(leaf))

    source, target = torch.randint(3, vocabulary, (20, 4, 7)), torch.randint(3, vocabulary, (20, 4, 8))
    lengths = torch.randint(3, 8, (20, 4))
    padding = torch.arange(7) >= lengths[..., None]
    for key, value in {"source": source, "target": target, "lengths": lengths}.items():
        golden.put("encoder_decoder/input/" + key, value)
    causal = torch.triu(torch.ones(7, 7, dtype=torch.bool), 1)

    def loss_of(u):
        embed = lambda ids: table[ids] * math.sqrt(d) + position[:ids.shape[1]]
        h = model(embed(source[u]), embed(target[u, :, :-1]), tgt_mask=causal, src_key_padding_mask=padding[u], memory_key_padding_mask=padding[u])
        return F.cross_entropy((h @ table.T).reshape(-1, vocabulary), target[u, :, 1:].reshape(-1), label_smoothing=0.1)
    leaves = [table, *model.parameters()]
    train("encoder_decoder", leaves, loss_of, torch.optim.Adam(leaves, betas=(0.9, 0.98), eps=1e-9), lambda u: min(u / 8, math.sqrt(8 / u)))


def decoding():
    """Greedy and beam search from prompts of three tokens; scores are as transformers gives them. The model is a livelier GPT-2 of its
    own: that of make_models.py says the same token again and again."""
    out = Golden("decoding")
    torch.manual_seed(7)
    model = randomise(gpt2_model(), 0.9).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.data.mul_(0.1)
        if "wpe" in name:
            parameter.data.mul_(2.0)
        parameter.data = parameter.data.float().double()
    save(model, "gpt2_lively")
    prompts = torch.randint(3, 24, (8, 3))
    out.put("prompts", prompts)
    options = {"max_new_tokens": 9, "return_dict_in_generate": True, "output_scores": True, "eos_token_id": END, "pad_token_id": 2}
    with torch.no_grad():
        greedy = model.generate(prompts, do_sample=False, attention_mask=torch.ones_like(prompts), **options)
        out.put("greedy", greedy.sequences[:, 3:])
        left = torch.tensor([[2, 2, 7], [2, 9, 4], [5, 6, 8]])
        keep = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 1]])
        out.put("left", left)
        out.put("left_keep", keep)
        out.put("left_greedy", model.generate(left, do_sample=False, attention_mask=keep, **options).sequences[:, 3:])
        for beams, alpha, early in ((2, 0.0, False), (3, 1.0, False), (4, 0.6, False), (3, 1.0, True), (3, 1.0, "never"),
                                    (5, 2.0, "never"), (4, -0.5, False)):
            ids, scores = [], []
            for prompt in prompts:
                result = model.generate(prompt[None], do_sample=False, num_beams=beams, num_return_sequences=beams, length_penalty=alpha,
                                        early_stopping=early, attention_mask=torch.ones(1, 3, dtype=torch.long), **options)
                tail = result.sequences[:, 3:]
                ids.append(F.pad(tail, (0, 9 - tail.shape[1]), value=2))
                scores.append(result.sequences_scores)
            name = f"beam_{beams}_{alpha}_{early}"
            out.put(name + "/ids", torch.stack(ids))
            out.put(name + "/scores", torch.stack(scores))
        # What a token is drawn from.
        logits = normal((5, 29), 2.0)
        out.put("logits", logits)
        ids = torch.zeros(5, 1, dtype=torch.long)
        for name, warpers in {"temperature": [transformers.TemperatureLogitsWarper(0.7)], "top_k": [transformers.TopKLogitsWarper(5)],
                              "top_p": [transformers.TopPLogitsWarper(0.8)],
                              "all": [transformers.TemperatureLogitsWarper(1.4), transformers.TopKLogitsWarper(12), transformers.TopPLogitsWarper(0.9)]}.items():
            z = logits
            for warper in warpers:
                z = warper(ids, z)
            out.put("distribution/" + name, torch.softmax(z, -1))
    out.write()


optimizers()
schedules()
encoder_decoder()
bert()
gpt2()
golden.write()
decoding()
