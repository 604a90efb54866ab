#!/usr/bin/env python3
"""Trains a byte-level BPE with Hugging Face `tokenizers` and prints how long it took and its merges as ids.

Usage: train_reference.py CORPUS MERGES, or nothing for the version. Called by tokenizer.mjs.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))
import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers


def main():
    if len(sys.argv) == 1:
        print(tokenizers.__version__)
        return
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=256 + int(sys.argv[2]), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    start = time.perf_counter()
    t.train([sys.argv[1]], trainer)
    milliseconds = 1e3 * (time.perf_counter() - start)
    model = json.loads(t.to_str())["model"]
    ids = model["vocab"]
    print(json.dumps({"milliseconds": milliseconds,
                      "merges": [[ids[a], ids[b], ids[a + b]] for a, b in model["merges"]]}))


main()
