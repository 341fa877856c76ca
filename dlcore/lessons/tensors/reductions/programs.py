"""The programs of a reduction and of the division by sums."""

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


def snippet(shape: Sequence[int], function: str, axis: Axis, keepdim: bool, result: Reduced) -> Snippet:
    """Return the program that reduces and prints the result's shape and values, or the exception."""
    call = code(function, axis, keepdim)
    if result.refused:
        return refused_snippet([_made(shape)], call, result.refused)
    assert result.values is not None
    text = _program(shape, f"s = {call}", "print(tuple(A.shape), tuple(s.shape))", "print(s)")
    return Snippet(text, f"{tuple(shape)} {tuple(result.values.shape)}\n{result.values!s}")


def normalise_snippet(shape: Sequence[int], axis: int, keepdim: bool, result: Normalised) -> Snippet:
    """Return the program that divides and prints the quotient and its sums, or the exception."""
    call = code("sum", axis, keepdim)
    if result.quotient.refused:
        return refused_snippet([_made(shape)], f"A / {call}", result.quotient.refused)
    text = _program(shape, f"P = A / {call}", "print(P)", f"print(P.sum(axis={axis}))")
    return Snippet(text, f"{result.quotient.values}\n{result.quotient_sums}")
