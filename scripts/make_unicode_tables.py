#!/usr/bin/env python3
"""Writes core/tokenizer/unicode_tables.cpp: ranges of code points per category, from Python's own Unicode database.

Run: python3 scripts/make_unicode_tables.py > core/tokenizer/unicode_tables.cpp
"""
import sys
import unicodedata

CATEGORIES = {
    "letter_ranges": lambda c: c[0] == "L",
    "number_ranges": lambda c: c[0] == "N",
    "punctuation_ranges": lambda c: c[0] == "P",
    "mark_ranges": lambda c: c[0] == "M",
}


def ranges(accept):
    result = []
    for point in range(sys.maxunicode + 1):
        if 0xD800 <= point <= 0xDFFF or not accept(unicodedata.category(chr(point))):
            continue
        if result and result[-1][1] == point - 1:
            result[-1][1] = point
        else:
            result.append([point, point])
    return result


def main():
    print("// Made by scripts/make_unicode_tables.py from Unicode %s. Do not edit.\n" % unicodedata.unidata_version)
    print('#include "tokenizer/unicode_tables.h"\n')
    print("namespace glassformer::unicode {\n")
    print("// clang-format off")
    for name, accept in CATEGORIES.items():
        found = ranges(accept)
        print("static const Range %s_data[] = {" % name)
        for start in range(0, len(found), 8):
            print("    " + " ".join("{0x%X, 0x%X}," % tuple(r) for r in found[start:start + 8]))
        print("};")
        print("const std::span<const Range> %s{%s_data};\n" % (name, name))
    print("// clang-format on\n")
    print("}  // namespace glassformer::unicode")


main()
