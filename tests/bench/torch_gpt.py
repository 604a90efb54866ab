#!/usr/bin/env python3
"""The training update of jax_gpt.mjs in native PyTorch on one thread: prints updates per second, a line a round.

Usage: torch_gpt.py ROUNDS, in an environment with torch (tests/golden/make_nn.py says how). Called by update.mjs.
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

VOCABULARY, LENGTH, LAYERS, D, HEADS, D_FF, BATCH = 64, 32, 2, 64, 4, 256, 32


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(D), nn.LayerNorm(D)
        self.query, self.key, self.value, self.output = (nn.Linear(D, D) for _ in range(4))
        self.up, self.down = nn.Linear(D, D_FF), nn.Linear(D_FF, D)

    def forward(self, x):
        def heads(y):
            return y.view(BATCH, LENGTH, HEADS, D // HEADS).transpose(1, 2)

        y = self.attention_norm(x)
        mixed = F.scaled_dot_product_attention(heads(self.query(y)), heads(self.key(y)), heads(self.value(y)), is_causal=True)
        x = x + self.output(mixed.transpose(1, 2).reshape(BATCH, LENGTH, D))
        return x + self.down(F.gelu(self.up(self.feed_forward_norm(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.randn(VOCABULARY, D) * D**-0.5)
        self.position = nn.Parameter(torch.randn(LENGTH, D) * D**-0.5)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.final_norm = nn.LayerNorm(D)

    def forward(self, ids):
        x = F.embedding(ids, self.token) * D**0.5 + self.position
        for layer in self.layers:
            x = layer(x)
        return self.final_norm(x) @ self.token.T


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = Gpt()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    ids = torch.tensor([(i * 37 + i // 7) % VOCABULARY for i in range(BATCH * LENGTH)]).view(BATCH, LENGTH)

    def update():
        adam.zero_grad()
        F.cross_entropy(model(ids).flatten(0, 1), ids.flatten()).backward()
        adam.step()

    for _ in range(20):
        update()
    print("torch %s" % torch.__version__, flush=True)
    for _ in range(int(sys.argv[1])):
        sys.stdin.readline()  # in turn with the other engines
        best = float("inf")
        for _ in range(12):
            start = time.perf_counter()
            for _ in range(3):
                update()
            best = min(best, (time.perf_counter() - start) / 3)
        print(1 / best, flush=True)


main()
