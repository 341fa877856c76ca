"""Broadcasting: two shapes aligned from the right, the fate of each axis, and tensors of these shapes.

>>> [(axis.number, axis.left, axis.right, axis.size, axis.fate) for axis in align((3, 1), (2,))]
[(-2, 3, None, 3, 'right_missing'), (-1, 1, 2, 2, 'left_stretched')]
>>> failing_axis(align((2, 3), (2,))).number
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
class AlignedAxis:
    """One axis of two aligned shapes.

    ``number`` counts from the right: −1 is the last. ``left`` and ``right`` are the sizes there, None where a shape
    lacks the axis and a 1 is put in front; ``size`` is that of the result, None if the two do not fit.
    """

    number: int
    left: int | None
    right: int | None
    size: int | None
    fate: Fate


def align(left: Shape, right: Shape) -> tuple[AlignedAxis, ...]:
    """Return the axes of two shapes, aligned from the right, from the first to the last."""
    count = max(len(left), len(right))
    padded = [(None,) * (count - len(shape)) + shape for shape in (left, right)]
    return tuple(_axis(at - count, a, b) for at, (a, b) in enumerate(zip(*padded, strict=True)))


def _axis(number: int, a: int | None, b: int | None) -> AlignedAxis:
    """Apply the rule: a missing axis counts as 1; sizes fit if they are equal or one is 1, which is stretched."""
    if a is None or b is None:
        return AlignedAxis(number, a, b, b if a is None else a, "left_missing" if a is None else "right_missing")
    if a == b:
        return AlignedAxis(number, a, b, a, "equal")
    if 1 in (a, b):
        return AlignedAxis(number, a, b, max(a, b), "left_stretched" if a == 1 else "right_stretched")
    return AlignedAxis(number, a, b, None, "failing")


def failing_axis(axes: tuple[AlignedAxis, ...]) -> AlignedAxis | None:
    """Return the axis at which broadcasting fails: the first from the right, as torch names it; None if all fit."""
    return next((axis for axis in reversed(axes) if axis.fate == "failing"), None)


def result_shape(axes: tuple[AlignedAxis, ...]) -> Shape | None:
    """Return the broadcast shape; None if the shapes do not fit."""
    sizes = tuple(axis.size for axis in axes if axis.size is not None)
    return sizes if len(sizes) == len(axes) else None


@dataclass(frozen=True, slots=True)
class Cure:
    """An ``unsqueeze`` of ``"a"`` or ``"b"`` at ``dim`` that makes the shapes fit; the shapes after it."""

    operand: str
    dim: int
    left: Shape
    right: Shape
    result: Shape

    @property
    def code(self) -> str:
        """Return the code of the call."""
        return f"{self.operand}.unsqueeze({self.dim})"


def cures(left: Shape, right: Shape, max_axes: int) -> tuple[Cure, ...]:
    """Return every single ``unsqueeze`` that makes the shapes fit, found by trying; the smallest result comes first.

    A shape may have at most ``max_axes`` axes afterwards.
    """
    fitting: dict[tuple[Shape, Shape], Cure] = {}
    for operand, shape in (("b", right), ("a", left)):
        for dim in range(len(shape) + 1):
            longer = (*shape[:dim], 1, *shape[dim:])
            a, b = (longer, right) if operand == "a" else (left, longer)
            result = result_shape(align(a, b))
            if len(longer) <= max_axes and result is not None:
                fitting.setdefault((a, b), Cure(operand, dim, a, b, result))  # next to a 1 two dims give one shape
    return tuple(sorted(fitting.values(), key=lambda cure: math.prod(cure.result)))


@dataclass(frozen=True, slots=True)
class BroadcastOutcome:
    """Two tensors and the result of an operation on them, or the message of torch's RuntimeError."""

    a: Tensor
    b: Tensor
    result: Tensor | None
    error: str


def b_step(shape: Shape) -> int:
    """Return the power of ten by which b counts, so that the digits of a sum show its two terms."""
    return int(10 ** max(1, len(str(math.prod(shape)))))


def operate(left: Shape, right: Shape, operation: str) -> BroadcastOutcome:
    """Carry out an operation on two tensors of these shapes.

    a counts 1, 2, 3, … in shape ``left``; b counts 10, 20, 30, … in shape ``right``, or more, see :func:`b_step`.
    """
    a = torch.arange(1, math.prod(left) + 1).reshape(left)
    b = b_step(left) * torch.arange(1, math.prod(right) + 1).reshape(right)
    try:
        return BroadcastOutcome(a, b, OPERATIONS[operation][1](a, b), "")
    except RuntimeError as error:
        return BroadcastOutcome(a, b, None, str(error))


@dataclass(frozen=True, slots=True)
class Stretch:
    """An operand before and after ``expand``: shapes, strides, and how many numbers are stored and seen.

    ``shared``: both begin at the same address.
    """

    shape: Shape
    stride: tuple[int, ...]
    expanded: Shape
    expanded_stride: tuple[int, ...]
    stored: int
    seen: int
    shared: bool


def stretch(tensor: Tensor, shape: Shape) -> Stretch:
    """Expand a tensor; this copies nothing, because a stretched axis has stride 0."""
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
