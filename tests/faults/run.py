#!/usr/bin/env python3
"""Planted faults: each patch breaks the core on purpose, and the lesson checks it names must then fail.

A patch begins with lines `lesson: 1-04` (all its lessons' checks are run) and `fails: words of a claim`: at least those claims
must fail. A patch that no longer applies is an error. Builds incrementally in build/faults; the sources stay untouched.
"""
import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COPY = os.path.join(ROOT, "build", "faults", "source")
BUILD = os.path.join(ROOT, "build", "faults", "build")


def run(command, cwd=ROOT, **more):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, **more)


def sync():
    """A fresh copy that keeps the times of unchanged files, so that ninja rebuilds only what a patch touched."""
    os.makedirs(COPY, exist_ok=True)
    for name in ("core", "scripts", "tests", "wasm", "lessons", "CMakeLists.txt"):
        target, source = os.path.join(COPY, name), os.path.join(ROOT, name)
        if os.path.isfile(source):
            shutil.copy2(source, target)
            continue
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)


def test(patch):
    text = open(patch, encoding="utf-8").read()
    lessons = re.findall(r"^lesson: (.+)$", text, re.M)
    claims = re.findall(r"^fails: (.+)$", text, re.M)
    if not lessons or not claims:
        return "names no lesson or no claim"
    sync()
    applied = run(["git", "apply", "--unsafe-paths", "--directory", os.path.relpath(COPY, ROOT), patch])
    if applied.returncode:
        return "does not apply:\n" + applied.stderr
    built = run(["ninja", "-C", BUILD, "glassformer"])
    if built.returncode:
        return "does not build:\n" + built.stdout[-3000:]
    checked = run([os.path.join(BUILD, "glassformer"), "check", *lessons, "--full"])
    failing = re.findall(r"^  (?:FAIL|ERROR) +(.+)$", checked.stdout, re.M)
    missed = [claim for claim in claims if not any(claim in failed for failed in failing)]
    if missed:
        return "these claims still hold: %s\nfailing were: %s" % (missed, failing)
    return None


def main():
    sync()
    configured = run(["cmake", "-S", COPY, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"])
    built = run(["ninja", "-C", BUILD, "glassformer"])
    if configured.returncode or built.returncode:
        sys.exit("the unbroken copy does not build:\n" + configured.stderr + built.stdout[-3000:])
    passed = failed = 0
    for patch in sorted(glob.glob(os.path.join(ROOT, "tests/faults/*.patch"))):
        problem = test(patch)
        passed, failed = passed + (problem is None), failed + (problem is not None)
        if problem:
            print("FAILED %s: %s" % (os.path.basename(patch), problem))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


main()
