"""The code of a reduction, and of dividing a tensor by its sums."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dlcore.lessons.tensors.programs import refused_snippet
from dlcore.lessons.tensors.reductions.model import Axis, Normalised, Reduced, code
from dlcore.programs.snippet import Snippet


def _made(shape: Sequence[int]) -> str:
    return f"A = torch.arange(1., {math.prod(shape) + 1}.).reshape{tuple(shape)}"


def _program(shape: Sequence[int], *lines: str) -> str:
    return "\n".join(["import torch", "", _made(shape), *lines])


def snippet(shape: Sequence[int], function: str, axis: Axis, keepdim: bool, found: Reduced) -> Snippet:
    """The reduction as a program that prints the result's shape and values, or the error."""
    call = code(function, axis, keepdim)
    if found.refused:
        return refused_snippet([_made(shape)], call, found.refused)
    assert found.values is not None
    text = _program(shape, f"s = {call}", "print(tuple(A.shape), tuple(s.shape))", "print(s)")
    return Snippet(text, f"{tuple(shape)} {tuple(found.values.shape)}\n{found.values!s}")


def normalise_snippet(shape: Sequence[int], axis: int, keepdim: bool, found: Normalised) -> Snippet:
    """The division as a program that prints the quotient and its sums, or the error."""
    call = code("sum", axis, keepdim)
    if found.divided.refused:
        return refused_snippet([_made(shape)], f"A / {call}", found.divided.refused)
    text = _program(shape, f"P = A / {call}", "print(P)", f"print(P.sum(axis={axis}))")
    return Snippet(text, f"{found.divided.values}\n{found.again}")
