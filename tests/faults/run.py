#!/usr/bin/env python3
"""Planted faults: each patch breaks the core on purpose, and the lesson checks or tests it names must then fail.

A patch begins with lines `lesson: 1-04` (all its lessons' checks are run) or `test: nn` (the tests of that layer are run), and
`fails: words of a claim or of a test case's name`: at least those must fail. A patch that no longer applies is an error. Builds
incrementally in build/faults; the sources stay untouched.   run.py [NAME...] tries only the patches named.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import threading
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
COPIED = ("core", "scripts", "tests", "wasm", "lessons", "CMakeLists.txt")


def run(command, cwd=ROOT, **more):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, **more)


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Copy:
    """A copy of the sources with its own build: one for each core, so that patches are tried side by side."""

    def __init__(self, number):
        self.source = os.path.join(ROOT, "build", "faults", "source-%d" % number)
        self.build = os.path.join(ROOT, "build", "faults", "build-%d" % number)

    def sync(self):
        """Makes the copy equal the sources. A file is written only where it differs, and then gets the time of now: a file taken
        back from a patch with its old time would look older than the broken object made from it, and the break would stay."""
        wanted = set()
        for name in COPIED:
            top = os.path.join(ROOT, name)
            for folder, _, names in os.walk(top) if os.path.isdir(top) else [(ROOT, [], [name])]:
                if "node_modules" in folder:
                    continue
                wanted.update(os.path.relpath(os.path.join(folder, each), ROOT) for each in names)
        for folder, _, names in os.walk(self.source):
            for each in names:
                path = os.path.join(folder, each)
                if os.path.relpath(path, self.source) not in wanted:
                    os.remove(path)
        for each in wanted:
            source, target = os.path.join(ROOT, each), os.path.join(self.source, each)
            if not os.path.isfile(target) or read(source) != read(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copyfile(source, target)
                shutil.copymode(source, target)

    def configure(self):
        """Builds the unbroken copy; returns what went wrong, or nothing."""
        self.sync()
        configured = run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"])
        built = run(["ninja", "-C", self.build, "glassformer"])
        return configured.stderr + built.stdout[-3000:] if configured.returncode or built.returncode else None

def failing_checks(build, lessons):
    checked = run([os.path.join(build, "glassformer"), "check", *lessons, "--full"])
    return re.findall(r"^  (?:FAIL|ERROR) +(.+)$", checked.stdout, re.M)


def failing_tests(build, layer):
    tested = run([os.path.join(build, "tests", "glassformer_test_" + layer), "--reporter", "xml"])
    written = NOT_IN_XML.sub("", tested.stdout)  # the tokenizers' strings have such characters, and Catch2 prints them as they are
    try:
        cases = list(xml.etree.ElementTree.fromstring(written).iter("TestCase"))
    except xml.etree.ElementTree.ParseError:
        return ["the tests of %s ended with %d" % (layer, tested.returncode)]  # a crash in the middle
    return [case.get("name") for case in cases if case.find("OverallResult").get("success") == "false"]


def test(patch, copy):
    text = open(patch, encoding="utf-8").read()
    lessons = re.findall(r"^lesson: (.+)$", text, re.M)
    layers = re.findall(r"^test: (.+)$", text, re.M)
    claims = re.findall(r"^fails: (.+)$", text, re.M)
    if not (lessons or layers) or not claims:
        return "names no lesson, no layer of tests or no claim"
    copy.sync()
    applied = run(["git", "apply", "--unsafe-paths", "--directory", os.path.relpath(copy.source, ROOT), patch])
    if applied.returncode:
        return "does not apply:\n" + applied.stderr
    targets = (["glassformer"] if lessons else []) + ["glassformer_test_" + layer for layer in layers]
    built = run(["ninja", "-C", copy.build, *targets])
    if built.returncode:
        return "does not build:\n" + built.stdout[-3000:]
    failing = failing_checks(copy.build, lessons) if lessons else []
    for layer in layers:
        failing += failing_tests(copy.build, layer)
    missed = [claim for claim in claims if not any(claim in failed for failed in failing)]
    if missed:
        return "these claims still hold: %s\nfailing were: %s" % (missed, failing)
    return None


def main():
    names = sys.argv[1:]
    patches = sorted(glob.glob(os.path.join(ROOT, "tests/faults/*.patch")))
    unknown = [name for name in names if not any(os.path.basename(patch) == name + ".patch" for patch in patches)]
    if unknown:
        sys.exit("there is no planted fault called %s" % ", ".join(unknown))
    left = [patch for patch in patches if not names or os.path.basename(patch)[: -len(".patch")] in names]
    problems, lock = {}, threading.Lock()

    def work(copy):
        unbuilt = copy.configure()
        while True:
            with lock:
                if not left:
                    return
                patch = left.pop(0)
            problem = "the unbroken copy does not build:\n" + unbuilt if unbuilt else test(patch, copy)
            with lock:
                problems[patch] = problem
                if problem:
                    print("FAILED %s: %s" % (os.path.basename(patch), problem), flush=True)

    workers = [threading.Thread(target=work, args=(Copy(i),)) for i in range(max(1, min(os.cpu_count() or 1, len(left))))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    failed = sum(problem is not None for problem in problems.values())
    print("%d passed, %d failed" % (len(problems) - failed, failed))
    sys.exit(1 if failed or not problems else 0)


main()
