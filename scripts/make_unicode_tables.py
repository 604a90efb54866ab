#!/usr/bin/env python3
"""Writes core/tokenizer/unicode_tables.cpp and normalization_unicode_tables.cpp.

What a character is, the reference decides: Hugging Face `tokenizers` is asked about every code point, because the crates
inside it follow five different versions of Unicode (its \\p{L} is 16.0, its normalization forms 9.0, BERT's punctuation
older still), and equal ids need equal answers. Canonical combining classes and pairs that compose come from Python's
database, each confirmed by the reference. Takes a minute.

Run: pip install --target /tmp/reference tokenizers==0.23.3
     PYTHONPATH=/tmp/reference python3 scripts/make_unicode_tables.py
"""
import os
import unicodedata

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

VERSION = "0.23.3"
CORE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "core", "tokenizer")
POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
# In the order of the bits of unicode::Class.
CLASSES = ["letter", "number", "whitespace", "word", "bert_punctuation", "bert_control", "bert_nonspacing_mark", "mark"]


def classes():
    """The set of code points of each class."""
    def removed_by(splitter):
        return {c for c in POINTS if not splitter.pre_tokenize_str(chr(c))}

    def dropped_by(normalizer):
        return {c for c in POINTS if normalizer.normalize_str(chr(c)) == ""}

    bert = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    words = pre_tokenizers.Whitespace()
    return {
        "letter": removed_by(pre_tokenizers.Split(Regex(r"\p{L}"), "removed")),
        "number": removed_by(pre_tokenizers.Split(Regex(r"\p{N}"), "removed")),
        "whitespace": removed_by(pre_tokenizers.WhitespaceSplit()),
        "word": {c for c in POINTS if len(words.pre_tokenize_str("a" + chr(c) + "a")) == 1},
        "bert_punctuation": removed_by(pre_tokenizers.Punctuation("removed")),
        "bert_control": dropped_by(normalizers.BertNormalizer(**{**bert, "clean_text": True})),
        "bert_nonspacing_mark": dropped_by(normalizers.BertNormalizer(**{**bert, "strip_accents": True})),
        "mark": dropped_by(normalizers.StripAccents()),
    }


def class_runs(sets):
    """(first << 8) | flags, wherever the flags change."""
    runs, before = [], 0
    for c in range(0x110000):
        flags = sum((c in sets[name]) << bit for bit, name in enumerate(CLASSES))
        if flags != before:
            runs.append(c << 8 | flags)
            before = flags
    return runs


def ranges(points):
    found = []
    for c in sorted(points):
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return found


def lowercase():
    """Runs first, last, stride, delta; the one character that becomes two (U+0130) is left to the code."""
    normalizer = normalizers.Lowercase()
    runs = []
    for c in POINTS:
        to = normalizer.normalize_str(chr(c))
        if to == chr(c):
            continue
        if len(to) != 1:
            assert c == 0x130 and to == "i\u0307", hex(c)
            continue
        delta, last = ord(to) - c, runs[-1] if runs else None
        if last and last[3] == delta and c - last[1] in (1, 2) and (last[0] == last[1] or last[2] == c - last[1]):
            last[1], last[2] = c, c - last[1]
        else:
            runs.append([c, c, 1, delta])
    return runs


def decompositions(form, besides=None):
    """(code point << 8) | length, then that many code points; Hangul is computed. `besides` leaves out what is equal."""
    normalizer, stream = getattr(normalizers, form)(), []
    for c in POINTS:
        to = normalizer.normalize_str(chr(c))
        if to == chr(c) or 0xAC00 <= c <= 0xD7A3 or (besides and besides.normalize_str(chr(c)) == to):
            continue
        stream += [c << 8 | len(to)] + [ord(x) for x in to]
    return stream


def compositions():
    nfc, found = normalizers.NFC(), []
    for c in POINTS:
        parts = unicodedata.decomposition(chr(c)).split()
        if len(parts) != 2 or parts[0].startswith("<"):
            continue
        pair = [int(p, 16) for p in parts]
        if nfc.normalize_str("".join(map(chr, pair))) == chr(c):
            found.append(pair + [c])
    return sorted(found)


def combining_classes():
    """first, last, class: of the marks that the reference moves."""
    nfd, found = normalizers.NFD(), []
    for c in POINTS:
        order = unicodedata.combining(chr(c))
        if not order:
            continue
        # A neighbour of another class with which it must change places: U+0301 has 230, U+0334 has 1, U+0345 has 240.
        text = "a\u0301" + chr(c) if order < 230 else "a" + chr(c) + "\u0334"
        swapped = "a" + chr(c) + "\u0301" if order < 230 else "a\u0334" + chr(c)
        if nfd.normalize_str(text) != nfd.normalize_str(swapped):
            continue  # assigned later than the reference's tables
        if found and found[-1][1] == c - 1 and found[-1][2] == order:
            found[-1][1] = c
        else:
            found.append([c, c, order])
    return found


def write(name, tables):
    lines = ["// Made by scripts/make_unicode_tables.py from tokenizers %s and Unicode %s. Do not edit.\n"
             % (VERSION, unicodedata.unidata_version), '#include "tokenizer/unicode_tables.h"\n',
             "namespace glassformer::unicode {\n", "// clang-format off"]
    for kind, table, rows in tables:
        flat = isinstance(rows[0], int)
        cells = ["0x%X," % r if flat else "{" + ", ".join(str(x) if x < 0 else "0x%X" % x for x in r) + "}," for r in rows]
        lines.append("static const %s %s_data[] = {" % (kind, table))
        width = 48 if flat else 16
        lines += ["    " + " ".join(cells[i:i + width]) for i in range(0, len(cells), width)]
        lines += ["};", "const std::span<const %s> %s{%s_data};\n" % (kind, table, table)]
    lines += ["// clang-format on\n", "}  // namespace glassformer::unicode\n"]
    with open(os.path.join(CORE, name), "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def main():
    assert tokenizers.__version__ == VERSION, tokenizers.__version__
    sets = classes()
    digits = pre_tokenizers.Digits(individual_digits=True)
    later = {c for c in POINTS if c not in sets["number"] and len(digits.pre_tokenize_str("a" + chr(c) + "a")) == 3}
    write("unicode_tables.cpp", [
        ("std::uint32_t", "class_runs", class_runs(sets)),
        ("Range", "later_numbers", ranges(later)),
        ("Lowercase", "lowercase_runs", lowercase()),
    ])
    write("normalization_unicode_tables.cpp", [
        ("char32_t", "canonical_decompositions", decompositions("NFD")),
        ("char32_t", "compatibility_decompositions", decompositions("NFKD", normalizers.NFD())),
        ("Composition", "compositions", compositions()),
        ("CombiningRange", "combining_ranges", combining_classes()),
    ])


main()
