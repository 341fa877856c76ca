"""Reductions: a tensor, an axis, what collapses into what, and dividing a tensor by its own sums.

>>> A = counted((2, 3))
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
Axis = int | None
Verdict = Literal["ones", "error", "silent"]


def counted(shape: Sequence[int]) -> Tensor:
    """1, 2, 3, … in a shape, as float32: no sum of it is 0."""
    return torch.arange(1.0, math.prod(shape) + 1).reshape(tuple(shape))


@dataclass(frozen=True, slots=True)
class Reduced:
    """What a reduction gave, or None and what torch said."""

    values: Tensor | None
    refused: Refused | None = None


def _tried(compute: Any) -> Reduced:
    try:
        return Reduced(compute())
    except (RuntimeError, IndexError) as error:
        return Reduced(None, refused(error))


def reduce(A: Tensor, function: str, axis: Axis, *, keepdim: bool) -> Reduced:
    """``A.function(axis=axis, keepdim=keepdim)``; without an axis, of all elements. ``cumsum`` needs one, and keeps it.

    >>> str(reduce(counted((2, 3)), "sum", 2, keepdim=False).refused.message)
    'Dimension out of range (expected to be in range of [-2, 1], but got 2)'
    """
    method = getattr(A, function)
    if axis is None:
        return Reduced(method())
    if function == "cumsum":
        return _tried(lambda: method(axis))
    if function in ("max", "min"):
        return _tried(lambda: method(axis, keepdim=keepdim).values)
    return _tried(lambda: method(axis, keepdim=keepdim))


def code(function: str, axis: Axis, keepdim: bool, name: str = "A") -> str:
    """The call."""
    if axis is None:
        return f"{name}.{function}()"
    keep = ", keepdim=True" if keepdim and function != "cumsum" else ""
    tail = ".values" if function in ("max", "min") else ""
    return f"{name}.{function}(axis={axis}{keep}){tail}"


def sources(shape: Sequence[int], function: str, axis: Axis, keepdim: bool, cell: Sequence[int]) -> set[int]:
    """The places in ``A.flatten()`` that collapse into a cell of the result.

    Parameters
    ----------
    shape : of A; ``axis`` must be one of its own.
    cell : an index of the result.
    """
    numbered = torch.arange(math.prod(shape)).reshape(tuple(shape))
    if axis is None:
        return set(numbered.flatten().tolist())
    index: list[int | slice] = list(cell)
    if function == "cumsum":
        index[axis] = slice(0, int(cell[axis]) + 1)
    elif keepdim:
        index[axis] = slice(None)
    else:
        index.insert(axis, slice(None))
    return set(numbered[tuple(index)].flatten().tolist())


def spelled(A: Tensor, function: str, places: set[int], value: Tensor) -> str:
    """How a result's cell is worked out: ``1 + 2 + 3 = 6``."""
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
    """A divided by its sums along an axis, the sums of that, and whether these are 1.

    ``verdict`` is ``ones``, ``error`` (torch refused), or ``silent``: the shapes fit by chance and the sums are not 1.
    """

    sums: Tensor
    divided: Reduced
    again: Tensor | None
    verdict: Verdict


def normalise(A: Tensor, axis: int, *, keepdim: bool) -> Normalised:
    """``A / A.sum(axis, keepdim=keepdim)`` for an axis that A has.

    >>> normalise(counted((2, 3)), 1, keepdim=False).verdict
    'error'
    >>> normalise(counted((3, 3)), 1, keepdim=False).again
    tensor([0.4250, 1.2500, 2.0750])
    """
    sums = A.sum(axis, keepdim=keepdim)
    divided = _tried(lambda: A / sums)
    if divided.values is None:
        return Normalised(sums, divided, None, "error")
    again = divided.values.sum(axis)
    good = divided.values.shape == A.shape and torch.allclose(again, torch.ones_like(again))
    return Normalised(sums, divided, again, "ones" if good else "silent")
