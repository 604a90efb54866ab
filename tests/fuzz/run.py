#!/usr/bin/env python3
"""Builds the fuzzer with clang, ASan and UBSan, and runs it for a minute from a few good requests."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "fuzz")
SEEDS = [
    '0{"experiment":"attention.scaling","parameters":{"d_k":64,"scale":"sqrt","rows":16},"seed":1}',
    '0{"experiment":"tokenizer.train","parameters":{"corpus":"low 狗","algorithm":"byte_bpe","pre_tokenizer":"gpt2"},"seed":1}',
    '0{"experiment":"attention.qk_tying","parameters":{"mode":"tied","n":4,"updates":10},"seed":3}',
    '1{"expressions":["loss | .3g","max(abs(scores))","loss_curve[-1]"],"checks":[{"kind":"empirical","left":"loss","op":"in","right":[0,1]}],"predicates":[{"left":"loss","op":"<","right":"ln(3)"}]}',
    '2{"experiment":"attention.qk_tying","parameters":{"updates":10,"n":4},"seed":1,"full":true,"check":{"kind":"theorem","left":"loss","op":">=","right":"ln(3)","domain":{"mode":["tied"],"n":[3,5]},"sweep":{"n":[3,4]},"seeds":[1,2]}}',
    "3attention.scaling",
]


def main():
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    configured = subprocess.run(["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-19",
                                 "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DGLASSFORMER_FUZZ=ON"], capture_output=True, text=True)
    built = subprocess.run(["ninja", "-C", BUILD, "session_fuzz"], capture_output=True, text=True)
    if configured.returncode or built.returncode:
        sys.exit("the fuzzer does not build:\n" + configured.stderr[-3000:] + built.stdout[-3000:])
    corpus = os.path.join(BUILD, "corpus")
    os.makedirs(corpus, exist_ok=True)
    for i, seed in enumerate(SEEDS):
        with open(os.path.join(corpus, "seed-%d" % i), "wb") as file:
            file.write(bytes([int(seed[0])]) + seed[1:].encode())
    done = subprocess.run([os.path.join(BUILD, "tests", "session_fuzz"), "-max_total_time=" + seconds, "-timeout=20", "-rss_limit_mb=2048",
                           "-max_len=4096", "-print_final_stats=1", "-artifact_prefix=" + BUILD + "/", corpus],
                          capture_output=True, text=True, errors="replace")
    print("\n".join(done.stderr.splitlines()[-40 if done.returncode else -8:]))
    print("%d passed, %d failed" % (done.returncode == 0, done.returncode != 0))
    sys.exit(1 if done.returncode else 0)


main()
