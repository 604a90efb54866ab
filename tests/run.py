#!/usr/bin/env python3
"""Runs every suite and counts. Called by ./scripts/test, which sets up first. A suite that cannot run has failed."""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(ROOT, "build", "logs")
FULL = False


def run(command, log, cwd=ROOT, env=None):
    """Runs a command with its output appended to a log; returns (exit code, output)."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}, stdin=subprocess.DEVNULL)
    output = done.stdout.decode("utf-8", "replace")
    with open(log, "a") as file:
        file.write("$ %s\n%s\n[exit %d]\n" % (" ".join(command), output, done.returncode))
    return done.returncode, output


class Counter:
    """passed and failed of one suite, and what to show of its failures."""

    def __init__(self, name):
        self.name, self.passed, self.failed, self.shown = name, 0, 0, []
        self.log = os.path.join(LOGS, name + ".log")
        self.lock = threading.Lock()
        open(self.log, "w").close()

    def one(self, command, cwd=ROOT, env=None):
        """A command that is one test: it passes when it exits with 0."""
        code, output = run(command, self.log, cwd, env)
        self.add(int(code == 0), int(code != 0), output if code else "")
        return code == 0

    def counted(self, command, cwd=ROOT, env=None):
        """A command that prints 'N passed, N failed' itself (the last such line counts)."""
        code, output = run(command, self.log, cwd, env)
        counts = re.findall(r"(\d+) passed, (\d+) failed", output)
        if not counts:
            return self.add(0, 1, output)
        passed, failed = map(int, counts[-1])
        self.add(passed, failed if failed or code == 0 else 1, output if code or failed else "")

    def catch(self, command, env=None):
        """A Catch2 executable: its test cases are counted."""
        code, output = run(command + ["--order", "rand", "--warn", "NoAssertions"], self.log, env=env)
        output = re.sub(r"\x1b\[[0-9;]*m", "", output)
        some = re.search(r"test cases: *(\d+) *\| *(?:(\d+) passed)? *\|? *(?:(\d+) failed)?", output)
        all_passed = re.search(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)", output)
        if all_passed and code == 0:
            self.add(int(all_passed.group(1)), 0, "")
        elif some and int(some.group(1)):
            failed = int(some.group(3) or 0) or 1
            self.add(int(some.group(1)) - failed, failed, output)
        else:
            self.add(0, 1, output)

    def add(self, passed, failed, output):
        with self.lock:
            self.passed += passed
            self.failed += failed
            if failed:
                self.shown.append(output[-6000:])


def together(jobs, a_core=1):
    """Runs independent jobs side by side, one a core: most of them use a single thread."""
    with ThreadPoolExecutor(max_workers=a_core * (os.cpu_count() or 1)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def files(*patterns):
    return sorted(f for p in patterns for f in glob.glob(os.path.join(ROOT, p), recursive=True))


def suite_format(c):
    sources = files("core/**/*.h", "core/**/*.cpp", "wasm/*.cpp", "tests/**/*.h", "tests/**/*.cpp")
    c.one(["clang-format-19", "--dry-run", "-Werror"] + sources)
    c.one(["npx", "--no-install", "prettier", "--check", "--log-level", "warn", "."], cwd=ROOT + "/web")


def suite_lint(c):
    web = ROOT + "/web"
    c.one(["npx", "--no-install", "eslint", "--max-warnings", "0", "."], cwd=web)
    c.one(["npx", "--no-install", "svelte-check", "--threshold", "warning", "--output", "human"], cwd=web)
    if FULL and c.one(["scripts/build", "asan"]):  # clang's: clang-tidy refuses the options that only g++ knows
        sources = [f for f in files("core/**/*.cpp") if not f.endswith("unicode_tables.cpp")]
        together([lambda s=s: c.one(["clang-tidy-19", "--quiet", "-p", "build/asan", s]) for s in sources])


def suite_layers(c):
    c.one(["python3", "tests/layers/scan_includes.py", ROOT])
    c.one(["python3", "tests/layers/scan_includes.py", "--self-test"])


def test_executables(preset, suffix=""):
    return files("build/%s/tests/glassformer_test_*%s" % (preset, suffix))


def other_compilers():
    """g++ and clang, where they are installed, but for the one that the native build uses."""
    def is_clang(compiler):
        return "clang" in subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True).stdout
    cache = open(os.path.join(ROOT, "build/native/CMakeCache.txt"), encoding="utf-8").read()
    native = is_clang(re.search(r"^CMAKE_CXX_COMPILER:\w+=(.+)$", cache, re.M).group(1))
    return [c for c in ("g++", "clang++-19") if shutil.which(c) and is_clang(c) != native]


def suite_native(c):
    if not c.one(["scripts/build", "native"]):
        return
    found = [f for f in test_executables("native") if os.access(f, os.X_OK) and os.path.isfile(f)]
    if not found:
        c.add(0, 1, "no test executable was built")
    together([lambda e=e: c.catch([e]) for e in found] +
             [lambda: c.counted(["python3", "tests/scripts/train_test.py", "build/native/glassformer"])])
    for compiler in other_compilers():  # the same kernels, the same bits
        build = os.path.join("build", "bits-" + compiler)
        if c.one(["cmake", "-S", ".", "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                  "-DCMAKE_CXX_COMPILER=" + compiler]) and c.one(["ninja", "-C", build, "glassformer_test_bits"]):
            c.catch([os.path.join(ROOT, build, "tests", "glassformer_test_bits")])


def suite_lessons(c):
    if not c.one(["scripts/build", "native"]):
        return
    together([lambda: c.counted(["build/native/glassformer", "check"] + (["--full"] if FULL else [])),
              lambda: c.counted(["build/native/glassformer", "validate"]),
              lambda: c.counted(["python3", "tests/lessons/catalogue.py"]),
              lambda: c.counted(["python3", "tests/lessons/bad_lessons.py", "build/native/glassformer"])])


def suite_asan(c):
    if not c.one(["scripts/build", "asan"]):
        return
    strict = {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
    found = [f for f in test_executables("asan") if os.access(f, os.X_OK) and os.path.isfile(f)]
    check = ["build/asan/glassformer", "check", "--clamp-work", "20", "--full"]
    together([lambda: c.counted(check, env=strict)] + [lambda e=e: c.catch([e], env=strict) for e in found])


def suite_wasm(c):
    if not c.one(["scripts/build", "native", "wasm-tests"]):
        return
    together([lambda e=e: c.catch(["node", e]) for e in test_executables("wasm", ".cjs")])
    c.counted(["node", "tests/wasm/compare.mjs"])  # all checks among it; it fills every core by itself
    if FULL:
        c.counted(["node", "build/wasm/glassformer.cjs", "check", "--full"])


def suite_scripts(c):
    c.counted(["node", "tests/scripts/serve_test.mjs"])


def suite_web(c):
    code, output = run(["npx", "--no-install", "vitest", "run", "--reporter=default"], c.log, cwd=ROOT + "/web")
    output = re.sub(r"\x1b\[[0-9;]*m", "", output)
    summary = re.search(r"Tests +(?:(\d+) failed)?[ |]*(?:(\d+) passed)?", output)
    passed, failed = (int(summary.group(2) or 0), int(summary.group(1) or 0)) if summary else (0, 1)
    c.add(passed, failed or int(code != 0), output if code else "")


def e2e_files():
    """Every file of tests/e2e that tests: what the others share is exported, and measure.mjs judges nothing."""
    found = files("tests/e2e/*.mjs")
    return [f for f in found if not f.endswith("measure.mjs") and "\nexport " not in open(f, encoding="utf-8").read()]


def suite_browser(c):
    if c.one(["scripts/build", "native", "wasm", "web"]):
        # A page waits more than it computes: two browsers a core.
        together([lambda f=f: c.counted(["node", f] + (["--full"] if FULL else [])) for f in e2e_files()], a_core=2)


def suite_faults(c):
    c.counted(["python3", "tests/faults/run.py"])


def suite_fuzz(c):
    c.counted(["python3", "tests/fuzz/run.py"])


SUITES = ["format", "layers", "native", "lessons", "scripts", "web", "lint", "wasm", "asan", "browser"]
FULL_SUITES = ["faults", "fuzz"]


def main():
    global FULL
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only")
    options = parser.parse_args()
    FULL = options.full
    os.makedirs(LOGS, exist_ok=True)
    names = [options.only] if options.only else SUITES + (FULL_SUITES if FULL else [])
    total_passed = total_failed = 0
    for name in names:
        suite = globals().get("suite_" + name)
        if suite is None:
            sys.exit("there is no suite '%s'; there are: %s" % (name, ", ".join(SUITES + FULL_SUITES)))
        counter = Counter(name)
        start = time.monotonic()
        try:
            suite(counter)
        except OSError as error:  # a program that is not there is a failure, not an end of the run
            counter.add(0, 1, str(error))
        for output in counter.shown:
            print(output)
        seconds = time.monotonic() - start
        print("%s: %d passed, %d failed   (%.0f s)" % (name, counter.passed, counter.failed, seconds), flush=True)
        total_passed += counter.passed
        total_failed += counter.failed
    print("%d passed, %d failed" % (total_passed, total_failed))
    sys.exit(1 if total_failed or not total_passed else 0)


main()
