"""Broadcasting: two shapes aligned from the right, what becomes of each axis, and the tensors that show it.

>>> [(axis.number, axis.left, axis.right, axis.size, axis.fate) for axis in align((3, 1), (2,))]
[(-2, 3, None, 3, 'right_missing'), (-1, 1, 2, 2, 'left_stretched')]
>>> failing(align((2, 3), (2,))).number
-1
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor

Shape = tuple[int, ...]
Fate = Literal["equal", "left_stretched", "right_stretched", "left_missing", "right_missing", "failing"]

OPERATIONS: Final[Mapping[str, tuple[str, Callable[[Tensor, Tensor], Tensor]]]] = {
    "add": ("+", operator.add),
    "subtract": ("-", operator.sub),
    "multiply": ("*", operator.mul),
}
PRESETS: Final[Mapping[str, tuple[Shape, Shape]]] = {
    f"{left} + {right}": (left, right)
    for left, right in (
        ((3, 1), (1, 2)),
        ((3, 4, 5), (3, 1, 5)),
        ((2, 3), (2,)),
        ((2, 3), (2, 1)),
        ((8, 1, 6, 1), (7, 1, 5)),
    )
}


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of two aligned shapes.

    ``number`` counts from the right: −1 is the last. ``left`` and ``right`` are the sizes there, None where a shape
    has no such axis and a 1 is put in front; ``size`` is the result's, None where the two do not fit.
    """

    number: int
    left: int | None
    right: int | None
    size: int | None
    fate: Fate


def align(left: Shape, right: Shape) -> tuple[Axis, ...]:
    """The axes of two shapes, aligned from the right, in the order in which a shape is written."""
    most = max(len(left), len(right))
    padded = [(None,) * (most - len(shape)) + shape for shape in (left, right)]
    return tuple(_axis(at - most, a, b) for at, (a, b) in enumerate(zip(*padded, strict=True)))


def _axis(number: int, a: int | None, b: int | None) -> Axis:
    """The rule: a missing axis counts as 1; sizes fit if they are equal or one of them is 1, which is stretched."""
    if a is None or b is None:
        return Axis(number, a, b, b if a is None else a, "left_missing" if a is None else "right_missing")
    if a == b:
        return Axis(number, a, b, a, "equal")
    if 1 in (a, b):
        return Axis(number, a, b, max(a, b), "left_stretched" if a == 1 else "right_stretched")
    return Axis(number, a, b, None, "failing")


def failing(axes: tuple[Axis, ...]) -> Axis | None:
    """The axis at which broadcasting fails: the first from the right, which is the one that torch names."""
    return next((axis for axis in reversed(axes) if axis.fate == "failing"), None)


def result_shape(axes: tuple[Axis, ...]) -> Shape | None:
    """The common shape, None where there is none."""
    sizes = tuple(axis.size for axis in axes if axis.size is not None)
    return sizes if len(sizes) == len(axes) else None


@dataclass(frozen=True, slots=True)
class Cure:
    """An ``unsqueeze`` after which the shapes fit: of ``"a"`` or ``"b"``, before axis ``dim`` of the result."""

    operand: str
    dim: int
    left: Shape
    right: Shape
    result: Shape

    @property
    def code(self) -> str:
        """As it is written."""
        return f"{self.operand}.unsqueeze({self.dim})"


def cures(left: Shape, right: Shape, most: int) -> tuple[Cure, ...]:
    """Every single ``unsqueeze`` that makes the shapes fit, found by trying; the smallest result comes first.

    Parameters
    ----------
    most : axes that a shape may have at most.
    """
    found: dict[tuple[Shape, Shape], Cure] = {}
    for operand, shape in (("b", right), ("a", left)):
        for dim in range(len(shape) + 1):
            longer = (*shape[:dim], 1, *shape[dim:])
            a, b = (longer, right) if operand == "a" else (left, longer)
            result = result_shape(align(a, b))
            if len(longer) <= most and result is not None:
                found.setdefault((a, b), Cure(operand, dim, a, b, result))  # beside a 1 two places give one shape
    return tuple(sorted(found.values(), key=lambda cure: math.prod(cure.result)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What torch makes of two tensors: the result, or the message of its RuntimeError."""

    a: Tensor
    b: Tensor
    result: Tensor | None
    error: str


def step(shape: Shape) -> int:
    """The power of ten in which b counts, so that every sum shows what came from a and what from b."""
    return int(10 ** max(1, len(str(math.prod(shape)))))


def operate(left: Shape, right: Shape, operation: str) -> Outcome:
    """a counts 1, 2, 3 … in shape ``left``, b 10, 20, 30 … in shape ``right`` (or in hundreds, see :func:`step`)."""
    a = torch.arange(1, math.prod(left) + 1).reshape(left)
    b = step(left) * torch.arange(1, math.prod(right) + 1).reshape(right)
    try:
        return Outcome(a, b, OPERATIONS[operation][1](a, b), "")
    except RuntimeError as error:
        return Outcome(a, b, None, str(error))


@dataclass(frozen=True, slots=True)
class Stretch:
    """An operand before and after ``expand``: its strides, and how many numbers are stored and seen."""

    shape: Shape
    stride: tuple[int, ...]
    expanded: Shape
    expanded_stride: tuple[int, ...]
    stored: int
    seen: int
    shared: bool


def stretch(tensor: Tensor, shape: Shape) -> Stretch:
    """What ``tensor.expand(shape)`` does to memory: nothing; a stretched axis has stride 0."""
    view = tensor.expand(shape)
    return Stretch(
        tuple(tensor.shape),
        tensor.stride(),
        shape,
        view.stride(),
        view.untyped_storage().nbytes() // view.element_size(),
        view.numel(),
        view.data_ptr() == tensor.data_ptr(),
    )
