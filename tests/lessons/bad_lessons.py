#!/usr/bin/env python3
"""Lesson files broken in every way an author breaks them: each must be refused, naming the place. Usage: bad_lessons.py GLASSFORMER"""
import copy
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOOD = json.load(open(os.path.join(ROOT, "lessons/chapter-1/04-scaling.json"), encoding="utf-8"))


def changed(change):
    lesson = copy.deepcopy(GOOD)
    change(lesson)
    return json.dumps(lesson, ensure_ascii=False)


def put(value, *path):
    def change(lesson):
        at = lesson
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
    return changed(change)


def drop(*path):
    def change(lesson):
        at = lesson
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]
    return changed(change)


# (what is wrong, the file's text, what the message must contain)
CASES = [
    ("not JSON", "{", ["04-scaling"]),
    ("cut off", json.dumps(GOOD)[:5000], ["04-scaling"]),
    ("a list", "[]", ["04-scaling"]),
    ("no answer", drop("answer"), ["answer"]),
    ("no English", drop("question", "en"), ["question"]),
    ("an unknown member", put(1, "parts", 0, "colour"), ["parts[0]", "colour"]),
    ("a future version", put(2, "version"), ["version"]),
    ("an unknown experiment", put("attention.scalling", "parts", 0, "experiment"), ["attention.scalling", "attention.scaling"]),
    ("an unknown parameter", put(8, "parts", 0, "parameters", "heads"), ["heads", "d_k"]),
    ("a parameter out of range", put(100000, "parts", 0, "parameters", "n"), ["n", "64"]),
    ("a parameter of another type", put("many", "parts", 0, "parameters", "n"), ["n", "many"]),
    ("an unknown control", put(["heads"], "parts", 0, "controls"), ["controls", "heads"]),
    ("an unknown view", put("hologram", "parts", 0, "views", 0, "kind"), ["views[0]"]),
    ("a view of a missing output", put("nothing", "parts", 0, "views", 2, "value"), ["views[2]", "nothing"]),
    ("a picture with an axis too many", put({"kind": "bar", "value": "entropy"}, "parts", 0, "views", 2), ["views[2]", "entropy", "bar"]),
    ("a view member of another kind", put("row", "parts", 0, "views", 1, "tiles"), ["views[1]", "tiles"]),
    ("a curve of a missing axis", put("heads", "parts", 0, "views", 0, "curves", 0, "lines"), ["views[0]", "heads"]),
    ("a card of a missing output", put("nothing[0] | .2f", "parts", 0, "views", 1, "items", 0, "expression"), ["items[0]", "nothing"]),
    ("live text of a missing output", put("see {{nothing}}", "parts", 0, "notice", "en"), ["notice", "nothing"]),
    ("live text with an unknown format", put("see {{uniform_entropy | %d}}", "parts", 0, "notice", "en"), ["notice"]),
    ("a prediction that cannot be evaluated", put("nothing", "parts", 0, "predict", "options", 0, "predicate", "left"), ["options[0]", "nothing"]),
    ("a check with an unknown comparison", put("~", "parts", 0, "checks", 0, "op"), ["checks[0]"]),
    ("a check of a missing output", put("max(nothing)", "parts", 0, "checks", 0, "left"), ["checks[0]", "nothing"]),
    ("a check that sweeps a missing parameter", put({"heads": [1, 2]}, "parts", 0, "checks", 0, "sweep"), ["checks[0]", "heads"]),
    ("a preset worth trying with a bad value", put({"d_k": 100}, "parts", 0, "try", 0, "parameters"), ["try[0]", "d_k"]),
]


def main():
    glassformer = os.path.abspath(sys.argv[1])
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "chapter-1"))
        schema = open(os.path.join(ROOT, "lessons/lesson.schema.json"), encoding="utf-8").read()
        open(os.path.join(folder, "lesson.schema.json"), "w", encoding="utf-8").write(schema)
        path = os.path.join(folder, "chapter-1", "04-scaling.json")
        for what, text, wanted in [("the good file", json.dumps(GOOD), None)] + CASES:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run([glassformer, "validate", "--lessons", folder], capture_output=True, text=True, timeout=120)
            if wanted is None:
                good = done.returncode == 0
            else:
                good = done.returncode == 1 and all(word in done.stderr for word in wanted)
            passed, failed = passed + good, failed + (not good)
            if not good:
                print("FAILED %s: exit %d\n%s%s" % (what, done.returncode, done.stdout[-500:], done.stderr[-1500:]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


main()
