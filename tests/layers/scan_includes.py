#!/usr/bin/env python3
"""Fails on an include that points upward in core/, on an unknown layer, and on libraries where they do not belong.

Usage: scan_includes.py ROOT | scan_includes.py --self-test
"""
import pathlib
import re
import sys
import tempfile

LAYERS = ("base tensor io autograd nn tokenizer models data decoding training analysis experiments lesson cli").split()
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def violations(root):
    core = pathlib.Path(root) / "core"
    found = []
    for path in sorted(p for p in core.rglob("*") if p.suffix in (".h", ".cpp")):
        name = path.relative_to(core).as_posix()
        layer = name.split("/")[0]
        if layer not in LAYERS:
            found.append(f"{name}: there is no layer '{layer}'; the layers are {', '.join(LAYERS)}")
            continue
        for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
            target = include.split("/")[0]
            if (target == "Eigen" or target == "unsupported") and name != "tensor/decompositions.cpp":
                found.append(f"{name}: includes {include}; only tensor/decompositions.cpp may include Eigen")
            if target == "nlohmann" and layer == "experiments":
                found.append(f"{name}: includes {include}; experiments do not know JSON")
            if target in LAYERS and LAYERS.index(target) > LAYERS.index(layer):
                found.append(f"{name}: includes {include}; '{target}' lies above '{layer}'")
            if (core / include).exists() and target not in LAYERS:
                found.append(f"{name}: includes {include}, which is in no layer")
            if include == "base/json.h" and layer == "experiments":
                found.append(f"{name}: includes {include}; experiments do not know JSON")
    return found


def self_test():
    planted = {
        "tensor/a.cpp": '#include "nn/linear.h"\n',
        "experiments/b.cpp": "#include <nlohmann/json.hpp>\n",
        "nn/c.cpp": "#include <Eigen/Dense>\n",
        "extras/d.cpp": "",
    }
    fine = {"nn/e.cpp": '#include "tensor/tensor.h"\n#include <vector>\n', "tensor/decompositions.cpp": "#include <Eigen/SVD>\n"}
    with tempfile.TemporaryDirectory() as root:
        for name, text in {**planted, **fine}.items():
            path = pathlib.Path(root) / "core" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        found = violations(root)
    for name in planted:
        assert any(line.startswith(name) for line in found), f"not caught: {name}"
    assert len(found) == len(planted), found
    print(f"{len(planted)} planted violations caught")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit(0)
    lines = violations(sys.argv[1])
    print("\n".join(lines) or "layers hold")
    sys.exit(1 if lines else 0)
