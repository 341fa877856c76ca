"""Reductions of a tensor along an axis, and the division of a tensor by its own sums.

>>> A = counting_tensor((2, 3))
>>> reduce(A, "sum", 1, keepdim=False).values
tensor([ 6., 15.])
>>> sorted(sources((2, 3), "sum", 1, False, (0,)))
[0, 1, 2]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.tensors.refusal import Refused
from dlcore.lessons.tensors.torch_errors import refused

FUNCTIONS: Final = ("sum", "mean", "max", "min", "argmax", "cumsum")
Axis = int | tuple[int, ...] | None
SEVERAL: Final = ("sum", "mean")  # functions that take several axes at once
Verdict = Literal["ones", "error", "silent"]


def counting_tensor(shape: Sequence[int]) -> Tensor:
    """Return 1, 2, 3, … as a float32 tensor of a shape; no sum of its elements is 0."""
    return torch.arange(1.0, math.prod(shape) + 1).reshape(tuple(shape))


@dataclass(frozen=True, slots=True)
class Reduced:
    """The result of a reduction; None if torch refused, with the exception."""

    values: Tensor | None
    refused: Refused | None = None


def _attempt(compute: Any) -> Reduced:
    try:
        return Reduced(compute())
    except (RuntimeError, IndexError) as error:
        return Reduced(None, refused(error))


def reduce(A: Tensor, function: str, axis: Axis, *, keepdim: bool) -> Reduced:
    """Return ``A.function(axis=axis, keepdim=keepdim)``; reduce all elements if ``axis`` is None.

    ``cumsum`` needs an axis and keeps it. The functions of SEVERAL also reduce several axes at once.

    >>> str(reduce(counting_tensor((2, 3)), "sum", 2, keepdim=False).refused.message)
    'Dimension out of range (expected to be in range of [-2, 1], but got 2)'
    """
    method = getattr(A, function)
    if axis is None:
        return Reduced(method())
    if function == "cumsum":
        return _attempt(lambda: method(axis))
    if function in ("max", "min"):
        return _attempt(lambda: method(axis, keepdim=keepdim).values)
    return _attempt(lambda: method(axis, keepdim=keepdim))


def code(function: str, axis: Axis, keepdim: bool, name: str = "A") -> str:
    """Return the code of the reduction."""
    if axis is None:
        return f"{name}.{function}()"
    keep = ", keepdim=True" if keepdim and function != "cumsum" else ""
    tail = ".values" if function in ("max", "min") else ""
    return f"{name}.{function}(axis={list(axis) if isinstance(axis, tuple) else axis}{keep}){tail}"


def sources(shape: Sequence[int], function: str, axis: Axis, keepdim: bool, cell: Sequence[int]) -> set[int]:
    """Return the positions in ``A.flatten()`` that are reduced to a cell of the result.

    Parameters
    ----------
    shape : of A, which must have the axes; several stand in ascending order.
    cell : an index of the result.
    """
    numbered = torch.arange(math.prod(shape)).reshape(tuple(shape))
    if axis is None:
        return set(numbered.flatten().tolist())
    index: list[int | slice] = list(cell)
    for gone in axis if isinstance(axis, tuple) else (axis,):  # ascending
        if function == "cumsum":
            index[gone] = slice(0, int(cell[gone]) + 1)
        elif keepdim:
            index[gone] = slice(None)
        else:
            index.insert(gone, slice(None))
    return set(numbered[tuple(index)].flatten().tolist())


def calculation(A: Tensor, function: str, places: set[int], value: Tensor) -> str:
    """Return the calculation of a cell of the result, such as ``1 + 2 + 3 = 6``."""
    entries = [grid.number(A.flatten()[place].item()) for place in sorted(places)]
    if len(entries) > grid.MAX_SHOWN:
        entries = [*entries[: grid.EDGE], "…", *entries[-grid.EDGE :]]
    result = grid.number(value.item())
    match function:
        case "sum" | "cumsum":
            return f"{' + '.join(entries)} = {result}"
        case "mean":
            return f"({' + '.join(entries)}) / {len(places)} = {result}"
        case _:
            return f"{function}({', '.join(entries)}) = {result}"


@dataclass(frozen=True, slots=True)
class Normalised:
    """A divided by its sums along an axis, and the sums of the quotient.

    ``verdict`` is ``ones`` (the sums of the quotient are 1), ``error`` (torch refused) or ``silent`` (the shapes fit by
    chance, and the sums are not 1).
    """

    sums: Tensor
    quotient: Reduced
    quotient_sums: Tensor | None
    verdict: Verdict


def normalise(A: Tensor, axis: int, *, keepdim: bool) -> Normalised:
    """Return ``A / A.sum(axis, keepdim=keepdim)`` and its sums; A must have the axis.

    >>> normalise(counting_tensor((2, 3)), 1, keepdim=False).verdict
    'error'
    >>> normalise(counting_tensor((3, 3)), 1, keepdim=False).quotient_sums
    tensor([0.4250, 1.2500, 2.0750])
    """
    sums = A.sum(axis, keepdim=keepdim)
    quotient = _attempt(lambda: A / sums)
    if quotient.values is None:
        return Normalised(sums, quotient, None, "error")
    quotient_sums = quotient.values.sum(axis)
    good = quotient.values.shape == A.shape and torch.allclose(quotient_sums, torch.ones_like(quotient_sums))
    return Normalised(sums, quotient, quotient_sums, "ones" if good else "silent")
