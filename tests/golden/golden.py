"""What the make_*.py scripts share: cases of named tensors, written as safetensors with the versions inside.

Names are "CASE/input/NAME", "CASE/parameter/NAME", "CASE/output/NAME", "CASE/gradient/NAME" (of an input or parameter, for the
loss sum(output * weight) with "CASE/weight/NAME" random, because a plain sum hides errors in softmax and norms). Parameters
have Glassformer's names and layout: a Linear's weight is [in, out], the transpose of PyTorch's.
PyTorch computes in double, from numbers that float32 holds exactly, and the results are rounded once to float32: what differs is
Glassformer's own rounding.
"""
import os

import numpy
import safetensors.numpy
import torch
import transformers

torch.set_default_dtype(torch.float64)

HERE = os.path.dirname(os.path.abspath(__file__))


class Golden:
    def __init__(self, name):
        self.path = os.path.join(HERE, name + ".safetensors")
        self.tensors = {}

    def put(self, name, value):
        value = value.detach().cpu() if torch.is_tensor(value) else torch.as_tensor(value)
        kind = {torch.int64: numpy.int32, torch.int32: numpy.int32, torch.bool: numpy.uint8}
        assert name not in self.tensors, name
        self.tensors[name] = numpy.array(value.numpy().astype(kind.get(value.dtype, numpy.float32)), order="C")

    def case(self, name, outputs, inputs=None, parameters=None, constants=None):
        """Writes one case. `inputs` and `parameters` are {our name: (leaf, view of the leaf in our layout)} or {name: leaf}."""
        leaves = {}
        for part, group in (("input", inputs or {}), ("parameter", parameters or {})):
            for key, leaf in group.items():
                leaf, view = leaf if isinstance(leaf, tuple) else (leaf, lambda t: t)
                self.put(f"{name}/{part}/{key}", view(leaf))
                leaves[key] = (leaf, view)
        for key, value in (constants or {}).items():
            self.put(f"{name}/input/{key}", value)
        loss = 0.0
        for key, value in outputs.items():
            self.put(f"{name}/output/{key}", value)
            if value.requires_grad:
                weight = normal(value.shape)
                self.put(f"{name}/weight/{key}", weight)
                loss = loss + (value * weight).sum()
        if torch.is_tensor(loss):
            wanted = [key for key, (leaf, _) in leaves.items() if leaf.requires_grad]
            unique = list({id(leaves[key][0]): leaves[key][0] for key in wanted}.values())
            gradients = dict(zip(map(id, unique), torch.autograd.grad(loss, unique)))
            for key in wanted:
                leaf, view = leaves[key]
                self.put(f"{name}/gradient/{key}", view(gradients[id(leaf)]))

    def write(self, **more):
        versions = {"torch": torch.__version__, "transformers": transformers.__version__, "numpy": numpy.__version__}
        safetensors.numpy.save_file(self.tensors, self.path, metadata={**versions, **more})
        print(os.path.basename(self.path), os.path.getsize(self.path), "bytes", versions)


def t(leaf):
    """A matrix that Glassformer stores transposed."""
    return leaf, lambda x: x.transpose(0, 1)


def rows(leaf, begin, end, transposed=True):
    """Part of a stacked matrix or bias, e.g. in_proj_weight."""
    if transposed:
        return leaf, lambda x: x[begin:end].transpose(0, 1)
    return leaf, lambda x: x[begin:end]


def normal(shape, scale=1.0):
    """Numbers that float32 holds."""
    return (torch.randn(shape, dtype=torch.float32) * scale).to(torch.float64)


def leaf(*shape):
    return normal(shape).requires_grad_()


def randomise(module, scale=0.4):
    """Biases and norms too: at 0 and 1 a forgotten one would not be seen."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_((normal(parameter.shape, scale) + (1.0 if "norm" in name and "weight" in name else 0.0)).float())
    return module
