#!/usr/bin/env python3
"""The tables of lessons in both READMEs say what lessons/ holds: question, experiments, number of checks.

Usage: catalogue.py [--write]. With --write the tables are made anew; without it, one that is out of date is a failure.
"""
import glob
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BEGIN, END = "<!-- lessons: made by tests/lessons/catalogue.py --write -->", "<!-- lessons end -->"
HEADS = {
    "en": ("| id | question | experiments | checks |", "**%d of %d questions are lessons so far, %d checks in all.**"),
    "zh": ("| 编号 | 问题 | 实验 | 检查 |", "**已写成 %d 课（共 %d 道题），%d 项检查。**"),
}


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return json.load(file)


def table(language):
    lessons = sorted((load(path) for path in glob.glob(os.path.join(ROOT, "lessons/chapter-*/*.json"))), key=lambda l: l["id"])
    rows, total = [], 0
    for lesson in lessons:
        experiments = list(dict.fromkeys(part["experiment"] for part in lesson["parts"]))
        checks = sum(len(part["checks"]) for part in lesson["parts"])
        total += checks
        named = ", ".join("`%s`" % each for each in experiments)
        rows.append("| %s | %s | %s | %d |" % (lesson["id"], lesson["question"][language], named, checks))
    head, count = HEADS[language]
    questions = len(load("lessons/questions.json")["questions"])
    return "\n".join([BEGIN, "", count % (len(lessons), questions, total), "", head, "| --- | --- | --- | ---: |", *rows, "", END])


def main():
    failed = 0
    for name, language in (("README.md", "en"), ("README.zh.md", "zh")):
        path = os.path.join(ROOT, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        made = re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: table(language), text, flags=re.S)
        if BEGIN not in text or END not in text:
            print("FAILED %s has no place for the table of lessons" % name)
            failed += 1
        elif made != text and "--write" in sys.argv[1:]:
            with open(path, "w", encoding="utf-8") as file:
                file.write(made)
        elif made != text:
            print("FAILED the lessons in %s are out of date: tests/lessons/catalogue.py --write" % name)
            failed += 1
    print("%d passed, %d failed" % (2 - failed, failed))
    sys.exit(1 if failed else 0)


main()
