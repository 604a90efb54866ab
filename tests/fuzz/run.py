#!/usr/bin/env python3
"""Builds the fuzzers with clang, ASan and UBSan, and runs each for a minute from a few good inputs.

Usage: run.py [SECONDS [FUZZER...]]
"""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "fuzz")
SESSION = [
    '0{"experiment":"attention.scaling","parameters":{"d_k":64,"scale":"sqrt","rows":16},"seed":1}',
    '0{"experiment":"tokenizer.train","parameters":{"corpus":"low 狗","algorithm":"byte_bpe","pre_tokenizer":"gpt2"},"seed":1}',
    '0{"experiment":"attention.qk_tying","parameters":{"mode":"tied","n":4,"updates":10},"seed":3}',
    '1{"expressions":["loss | .3g","max(abs(scores))","loss_curve[-1]"],"checks":[{"kind":"empirical","left":"loss","op":"in","right":[0,1]}],"predicates":[{"left":"loss","op":"<","right":"ln(3)"}]}',
    '2{"experiment":"attention.qk_tying","parameters":{"updates":10,"n":4},"seed":1,"full":true,"check":{"kind":"theorem","left":"loss","op":">=","right":"ln(3)","domain":{"mode":["tied"],"n":[3,5]},"sweep":{"n":[3,4]},"seeds":[1,2]}}',
    "3attention.scaling",
]

TENSORS = (b'{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
           b'"b":{"dtype":"BF16","shape":[2,1],"data_offsets":[4,8]},"c":{"dtype":"I64","shape":[],"data_offsets":[8,16]},'
           b'"d":{"dtype":"F16","shape":[0,3],"data_offsets":[8,8]},"e":{"dtype":"BOOL","shape":[1],"data_offsets":[16,17]}}')
SAFETENSORS = [
    b"\x00\x00" + len(TENSORS).to_bytes(8, "little") + TENSORS + bytes(16) + b"\x01",
    b"\x01\x11" + TENSORS,
    b'\x01\x04{"w":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]}}',
    b'\x02\x00{"d_model":64,"activation":"gelu","layers":[{"heads":4}],"dropout":0.1}',
]
TOKENIZER = [
    b'\x00{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]},"pre_tokenizer":{"type":"Whitespace"}}\xffab ba',
    b'\x00{"model":{"type":"Unigram","unk_id":0,"vocab":[["?",0],["a",-1],["aa",-1.5]]},"normalizer":{"type":"NFKC"},'
    b'"decoder":{"type":"Metaspace","replacement":"_"}}\xffaaa b',
    b'\x00{"model":{"type":"WordPiece","unk_token":"?","continuing_subword_prefix":"#","max_input_chars_per_word":9,'
    b'"vocab":{"?":0,"a":1,"#b":2}},"added_tokens":[{"content":"x","id":3,"single_word":false,"lstrip":true,'
    b'"rstrip":false,"normalized":true,"special":true}]}\xffab x',
    bytes([1, 6, 3, 5, 0, 1, 3, 2, 4, 0, 61]) + "ab ä狗 👩\u200d👧".encode(),
    bytes([1, 1, 12, 1, 2, 5, 3, 1, 1, 3, 0]) + "Ab 狗\u0301 ba".encode(),
    b"\x02[UNK]\n[CLS]\n[SEP]\na\n##b\n" + "狗\n".encode() + b"\xff" + "ab 狗 c".encode(),
    b'\x03{"a":0,"b":1,"ab":2}\xff#version: 0.2\na b\n\xffab ab',
    bytes([4, 76, 60, 1, 3]) + "low lower newest 狗狗 狗狗 aaaa".encode(),
]
# Each fuzzer with the inputs it starts from.
SEEDS = {
    "session_fuzz": [bytes([int(seed[0])]) + seed[1:].encode() for seed in SESSION],
    "safetensors_fuzz": SAFETENSORS,
    "tokenizer_fuzz": TOKENIZER,
}


def fuzz(name, seconds):
    built = subprocess.run(["ninja", "-C", BUILD, name], capture_output=True, text=True)
    if built.returncode:
        print("the fuzzer %s does not build:\n%s" % (name, built.stdout[-3000:]))
        return False
    corpus = os.path.join(BUILD, "corpus", name)
    os.makedirs(corpus, exist_ok=True)
    for i, seed in enumerate(SEEDS[name]):
        with open(os.path.join(corpus, "seed-%d" % i), "wb") as file:
            file.write(seed)
    done = subprocess.run([os.path.join(BUILD, "tests", name), "-max_total_time=" + seconds, "-timeout=20", "-rss_limit_mb=2048",
                           "-max_len=4096", "-print_final_stats=1", "-artifact_prefix=%s/%s-" % (BUILD, name), corpus],
                          capture_output=True, text=True, errors="replace")
    print(name + "\n" + "\n".join(done.stderr.splitlines()[-40 if done.returncode else -8:]))
    return done.returncode == 0


def main():
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    names = sys.argv[2:] or list(SEEDS)
    configured = subprocess.run(["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-19",
                                 "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DGLASSFORMER_FUZZ=ON"], capture_output=True, text=True)
    if configured.returncode:
        sys.exit("the fuzzers do not configure:\n" + configured.stderr[-3000:])
    results = [fuzz(name, seconds) for name in names]
    print("%d passed, %d failed" % (results.count(True), results.count(False)))
    sys.exit(0 if all(results) else 1)


main()
