"""Torch's own graph of a formula (the functions behind ``grad_fn``), and the formula as a torch program.

>>> from dlcore.typed.expression import parse
>>> [(function.name, function.inputs) for function in functions(parse("y = 2*x + b"), {"x": 1.0, "b": 0.0})]
[('AccumulateGrad', ()), ('MulBackward0', (0,)), ('AccumulateGrad', ()), ('AddBackward0', (1, 2))]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from dlcore.lessons.autograd.walk.model import Check, Walk
from dlcore.programs.snippet import Snippet
from dlcore.typed.expression import Program, results


@dataclass(frozen=True, slots=True)
class BackwardFunction:
    """A backward function of torch: its class name, the functions it passes gradients to, and our node or None."""

    name: str
    inputs: tuple[int, ...]
    node: int | None


def functions(program: Program, inputs: Mapping[str, float]) -> tuple[BackwardFunction, ...]:
    """Return the backward functions behind the result of ``program``, each after the ones that it leads to.

    An input has no ``grad_fn``; its ``AccumulateGrad`` is found among the next functions of an operation that uses it.
    """
    leaves = {name: torch.tensor(inputs[name], dtype=torch.float64, requires_grad=True) for name in program.inputs}
    tensors = results(program, leaves)
    ours: dict[Any, int] = {tensor.grad_fn: i for i, tensor in tensors.items() if tensor.grad_fn is not None}
    names = {id(leaf): i for i, leaf in tensors.items() if leaf.is_leaf}
    # An input that is its own result has no function yet: adding 0 makes one that leads to it.
    output = tensors[program.output]
    start: Any = output.grad_fn if output.grad_fn is not None else (output + 0).grad_fn.next_functions[0][0]  # type: ignore[union-attr]
    index: dict[Any, int] = {}
    listed: list[BackwardFunction] = []

    def visit(function: Any) -> int:
        if function not in index:
            before = tuple(visit(next) for next, _ in function.next_functions if next is not None)
            variable = getattr(function, "variable", None)
            node = names.get(id(variable)) if variable is not None else ours.get(function)
            index[function] = len(listed)
            listed.append(BackwardFunction(function.name().rpartition("::")[2], before, node))
        return index[function]

    visit(start)
    return tuple(listed)


def walk_snippet(walk: Walk, inputs: Mapping[str, float], checked: Check) -> Snippet:
    """Return the formula as a torch program that prints the result and the gradient of each input."""
    program = walk.program
    lines = ["import torch", ""]
    lines += [
        f"{name} = torch.tensor({inputs[name]!r}, requires_grad=True, dtype=torch.float64)" for name in program.inputs
    ]
    lines += ["", *program.code.split("\n"), "", f"{program.result}.backward()"]
    lines.append(f'print(f"{program.result} = {{{program.result}:.7g}}")')
    output = [f"{program.result} = {walk.values[program.output]:.7g}"]
    for name in program.inputs:
        gradient = checked.gradients[name]
        digits = "" if gradient is None else ":.7g"
        lines.append(f'print(f"{name}.grad = {{{name}.grad{digits}}}")')
        output.append(f"{name}.grad = {None if gradient is None else format(gradient, '.7g')}")
    return Snippet("\n".join(lines) + "\n", "\n".join(output) + "\n")
