#!/usr/bin/env python3
"""`glassformer train` as one uses it: interrupted, resumed, refused. train_test.py GLASSFORMER; prints 'N passed, N failed'."""
import os
import signal
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
SHORT = ["running-sum", "--updates", "1500", "--batch", "2"]
results = []


def check(what, holds, seen=""):
    results.append(bool(holds))
    if not holds:
        print("FAIL %s\n%s" % (what, seen))


def train(*arguments, interrupt=False):
    """(exit code, standard output, standard error); interrupted as soon as the first update is reported."""
    process = subprocess.Popen([PROGRAM, "train", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seen = b""
    if interrupt:
        while b"update 1 /" not in seen:
            more = os.read(process.stderr.fileno(), 4096)
            if not more:
                break
            seen += more
        process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=300)
    return process.returncode, output.decode(), (seen + errors).decode()


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    code, output, errors = train(*SHORT, "--output", "whole")
    check("a training runs to its end", code == 0 and "generated" in output, errors)
    check("it reports update, loss, tokens/s and time left",
          all(word in errors for word in ("update 1500 / 1500", "loss", "tokens/s", "left")), errors)

    code, output, errors = train(*SHORT, "--output", "parts", "--resume", "missing.safetensors")
    check("a resume file that is not there is refused", code == 2 and "missing.safetensors" in errors, errors)
    code, output, errors = train(*SHORT, "--output", "parts", interrupt=True)
    check("Ctrl-C stops it, with a resume file", code == 3 and os.path.exists("running-sum.resume.safetensors"), errors)
    check("and says how to go on", "--resume running-sum.resume.safetensors" in errors, errors)
    check("an interrupted training leaves no checkpoint", not os.path.exists("parts/running-sum.safetensors"))
    code, output, errors = train("running-sum", "--output", "parts", "--resume", "running-sum.resume.safetensors", interrupt=True)
    code, output, errors = train("running-sum", "--output", "parts", "--resume", "running-sum.resume.safetensors")
    check("resumed, it runs to its end", code == 0, errors)
    check("to the same bytes as without a break",
          code == 0 and read("whole", "running-sum.safetensors") == read("parts", "running-sum.safetensors"))
    check("with the same record", code == 0 and read("whole", "running-sum.json") == read("parts", "running-sum.json"))

    saved = read("running-sum.resume.safetensors")
    with open("cut.safetensors", "wb") as file:
        file.write(saved[:len(saved) // 2])
    code, output, errors = train("running-sum", "--resume", "cut.safetensors")
    check("a truncated resume file is refused in words", code == 2 and "glassformer: " in errors, errors)
    check("and left as it is", read("cut.safetensors") == saved[:len(saved) // 2])
    code, output, errors = train("vit-mini", "--resume", "running-sum.resume.safetensors")
    check("another model's resume file is refused", code == 2 and "running-sum" in errors and "vit-mini" in errors, errors)
    code, output, errors = train("running-sum", "--resume", "whole/running-sum.safetensors")
    check("a checkpoint is no resume file", code == 2 and "no resume file" in errors, errors)

    code, output, errors = train("running-sum", "--rate", "40", "--output", "diverged")
    check("a diverging rate stops the run in words", code == 3 and "diverges" in errors, errors)
    check("its curve is kept", len(read("running-sum.resume.safetensors")) > 0 and "curve" in errors, errors)
    for arguments, word in ((["--batch", "0"], "batch"), (["--updates", "0"], "updates"), (["--rate", "0"], "rate"),
                            (["--rate", "fast"], "--rate"), (["--rate", "nan"], "--rate"), (["--seed", "-1"], "--seed")):
        code, output, errors = train("running-sum", *arguments, "--output", "refused")
        check("refused: " + " ".join(arguments), code == 2 and word in errors, errors)
    check("what is refused writes nothing", not os.path.exists("refused"))
    code, output, errors = train("gpt-maxi")
    check("an unknown model names those there are", code == 2 and "date-translation" in errors, errors)
    code, output, errors = train("--list")
    check("--list shows eight models", code == 0 and len(output.splitlines()) == 8, output)
    code, output, errors = train("--list", "--zh")
    check("in Chinese too", "个参数" in output, output)

print("%d passed, %d failed" % (results.count(True), results.count(False)))
sys.exit(0 if all(results) else 1)
