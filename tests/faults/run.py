#!/usr/bin/env python3
"""Planted faults: each patch breaks the core on purpose, and the lesson checks or tests it names must then fail.

A patch begins with lines `lesson: 1-04` (all its lessons' checks are run) or `test: nn` (the tests of that layer are run), and
`fails: words of a claim or of a test case's name`: at least those must fail. A patch that no longer applies is an error. Builds
incrementally in build/faults; the sources stay untouched.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

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


def failing_checks(lessons):
    checked = run([os.path.join(BUILD, "glassformer"), "check", *lessons, "--full"])
    return re.findall(r"^  (?:FAIL|ERROR) +(.+)$", checked.stdout, re.M)


def failing_tests(layer):
    tested = run([os.path.join(BUILD, "tests", "glassformer_test_" + layer), "--reporter", "xml"])
    try:
        cases = list(xml.etree.ElementTree.fromstring(tested.stdout).iter("TestCase"))
    except xml.etree.ElementTree.ParseError:
        return ["the tests of %s ended with %d" % (layer, tested.returncode)]  # a crash in the middle
    return [case.get("name") for case in cases if case.find("OverallResult").get("success") == "false"]


def test(patch):
    text = open(patch, encoding="utf-8").read()
    lessons = re.findall(r"^lesson: (.+)$", text, re.M)
    layers = re.findall(r"^test: (.+)$", text, re.M)
    claims = re.findall(r"^fails: (.+)$", text, re.M)
    if not (lessons or layers) or not claims:
        return "names no lesson, no layer of tests or no claim"
    sync()
    applied = run(["git", "apply", "--unsafe-paths", "--directory", os.path.relpath(COPY, ROOT), patch])
    if applied.returncode:
        return "does not apply:\n" + applied.stderr
    targets = (["glassformer"] if lessons else []) + ["glassformer_test_" + layer for layer in layers]
    built = run(["ninja", "-C", BUILD, *targets])
    if built.returncode:
        return "does not build:\n" + built.stdout[-3000:]
    failing = failing_checks(lessons) if lessons else []
    for layer in layers:
        failing += failing_tests(layer)
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
