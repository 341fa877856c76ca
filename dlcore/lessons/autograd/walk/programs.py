"""What torch itself remembers of a computation: the functions behind ``grad_fn``, walked from the result to the leaves.

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
class Function:
    """One backward function: its class's name, the functions it hands gradients to, and our node, if it has one."""

    name: str
    inputs: tuple[int, ...]
    node: int | None


def functions(program: Program, inputs: Mapping[str, float]) -> tuple[Function, ...]:
    """Those of a formula's result, each after the ones that it leads to.

    An input, to which ``AccumulateGrad`` belongs, has no ``grad_fn``; its function is found where it is used.
    """
    leaves = {name: torch.tensor(inputs[name], dtype=torch.float64, requires_grad=True) for name in program.inputs}
    tensors = results(program, leaves)
    ours: dict[Any, int] = {tensor.grad_fn: i for i, tensor in tensors.items() if tensor.grad_fn is not None}
    names = {id(leaf): i for i, leaf in tensors.items() if leaf.is_leaf}
    # An input that is its own result has no function yet: adding 0 makes one that leads to it.
    output = tensors[program.output]
    start: Any = output.grad_fn if output.grad_fn is not None else (output + 0).grad_fn.next_functions[0][0]  # type: ignore[union-attr]
    found: dict[Any, int] = {}
    listed: list[Function] = []

    def visit(function: Any) -> int:
        if function not in found:
            before = tuple(visit(next) for next, _ in function.next_functions if next is not None)
            variable = getattr(function, "variable", None)
            node = names.get(id(variable)) if variable is not None else ours.get(function)
            found[function] = len(listed)
            listed.append(Function(function.name().rpartition("::")[2], before, node))
        return found[function]

    visit(start)
    return tuple(listed)


def walk_snippet(found: Walk, inputs: Mapping[str, float], checked: Check) -> Snippet:
    """The formula in torch: forward, backward, the result and the gradient of each input."""
    program = found.program
    lines = ["import torch", ""]
    lines += [
        f"{name} = torch.tensor({inputs[name]!r}, requires_grad=True, dtype=torch.float64)" for name in program.inputs
    ]
    lines += ["", *program.code.split("\n"), "", f"{program.result}.backward()"]
    lines.append(f'print(f"{program.result} = {{{program.result}:.7g}}")')
    output = [f"{program.result} = {found.values[program.output]:.7g}"]
    for name in program.inputs:
        gradient = checked.gradients[name]
        digits = "" if gradient is None else ":.7g"
        lines.append(f'print(f"{name}.grad = {{{name}.grad{digits}}}")')
        output.append(f"{name}.grad = {None if gradient is None else format(gradient, '.7g')}")
    return Snippet("\n".join(lines) + "\n", "\n".join(output) + "\n")
