"""The result of an operation in detail: which operand cells each cell came from, and why a value is not finite.

>>> from dlcore.lessons.tensors.operations.model import OPERATIONS
>>> m = torch.tensor([[2.0, 5, 3, 7], [4, 2, 1, 9]])
>>> v = torch.tensor([1.0, 2, 3, 4])
>>> sources(OPERATIONS["matmul"], [m, v], {}, (2,), (1,))
[{4, 5, 6, 7}, {0, 1, 2, 3}]
>>> sum_text(m, v, (2,), (0,))
'2·1 + 5·2 + 3·3 + 7·4 = 49'
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.tensors.operations.model import Operation, compute

_ROOTS: Final = {
    "sqrt": "root",
    "truediv": "division",
    "div": "division",
    "floordiv": "division",
    "mod": "division",
    "fmod": "division",
    "pow": "power",
    "torch_pow": "power",
    "log": "logarithm",
    "asin": "arcsine",
    "acos": "arcsine",
}
ODDITIES: Final = (*dict.fromkeys(_ROOTS.values()), "overflow", "nearly_singular")
_ILL: Final = 1e6  # condition number above which float32 has hardly a correct digit


def oddity(operation: Operation, operands: Sequence[Tensor], results: Sequence[Tensor]) -> str:
    """Return why the results have a nan, an infinity or meaningless digits: one of :data:`ODDITIES`, or ""."""
    # In float64, because in float32 the condition number of a singular matrix is itself rounding error.
    if operation.id == "inverse" and results and float(torch.linalg.cond(operands[0].double())) > _ILL:
        return "nearly_singular"
    if all(bool(torch.isfinite(result).all()) for result in results):
        return ""
    return _ROOTS.get(operation.id, "overflow")


def clamped(index: Sequence[int], shape: Sequence[int]) -> tuple[int, ...] | None:
    """Return the cell nearest to an index in a tensor of this shape; None if the tensor is empty."""
    if 0 in shape:
        return None
    padded = [*index, *[0] * len(shape)][: len(shape)]
    return tuple(min(at, size - 1) for at, size in zip(padded, shape, strict=True))


def sources(
    operation: Operation,
    operands: Sequence[Tensor],
    arguments: Mapping[str, Any],
    shape: Sequence[int],
    cell: tuple[int, ...],
) -> list[set[int]]:
    """Return for each operand the positions (in ``operand.flatten()``) from which a cell of the result came.

    Parameters
    ----------
    shape : of the result; ``cell`` is an index of it.
    """
    at = flat(cell, shape)
    if operation.follows == "same":
        places = [_numbered(tensor).expand(*shape).flatten()[at] for tensor in operands]
        return [{int(place)} for place in places]
    if operation.follows == "moved":
        return _moved(operation, operands, arguments, at)
    if operation.follows == "product":
        row, column = _row_and_column(_numbered(operands[0]), _numbered(operands[1]), cell)
        return [set(row.tolist()), set(column.tolist())]
    return [set() for _ in operands]


def _numbered(tensor: Tensor) -> Tensor:
    return torch.arange(tensor.numel()).reshape(tensor.shape)


def flat(cell: Sequence[int], shape: Sequence[int]) -> int:
    """Return the position in ``flatten()`` of an index into a tensor of this shape.

    >>> flat((1, 2), (2, 4))
    6
    """
    place = 0
    for at, size in zip(cell, shape, strict=True):
        place = place * size + at
    return place


def _moved(operation: Operation, operands: Sequence[Tensor], arguments: Mapping[str, Any], at: int) -> list[set[int]]:
    """Carry out the operation on numbered places, from 1, because ``diag`` also makes zeros of its own."""
    starts = [1]
    for tensor in operands:
        starts.append(starts[-1] + tensor.numel())
    numbered = [_numbered(tensor) + start for tensor, start in zip(operands, starts, strict=False)]
    place = int(compute(operation, numbered, arguments).results[0].flatten()[at])
    return [
        {place - start} if start <= place < start + tensor.numel() else set()
        for tensor, start in zip(operands, starts, strict=False)
    ]


def _row_and_column(a: Tensor, b: Tensor, cell: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Return the row of ``a`` and the column of ``b`` whose dot product is a cell of ``a @ b``."""
    if a.dim() == 3:
        a, b, cell = a[cell[0]], b[cell[0]], cell[1:]
    at = list(cell)
    row = a[at.pop(0)] if a.dim() == 2 else a
    column = b[:, at.pop(0)] if b.dim() == 2 else b
    return row, column


def sum_text(a: Tensor, b: Tensor, shape: Sequence[int], cell: tuple[int, ...]) -> str:
    """Return the calculation of one cell of ``a @ b`` as a sum of products."""
    row, column = _row_and_column(a, b, cell)
    terms = [f"{_factor(x)}·{_factor(y)}" for x, y in zip(row.tolist(), column.tolist(), strict=True)]
    return f"{' + '.join(terms)} = {grid.number(torch.dot(row, column).item())}"


def _factor(value: bool | int | float) -> str:
    text = grid.number(value)
    return f"({text})" if not isinstance(value, bool) and (value < 0 or not math.isfinite(value)) else text
