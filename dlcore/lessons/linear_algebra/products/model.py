"""Products of tensors, term by term: which row meets which column, and the sum as it grows.

>>> p = multiply("mv", torch.tensor([[2.0, 5, 3, 7], [4, 2, 1, 9]]), torch.tensor([1.0, 2, 3, 4]))
>>> walk(p, 4).sum_text
'2·1 + 5·2 + 3·3 + 7·4 = 49'
>>> p.result
tensor([49., 47.])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from dlcore.drawing.formats import text

Rows = tuple[tuple[float, ...], ...]

PRODUCTS: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "dot": torch.dot,
    "mv": torch.mv,
    "mm": torch.mm,
    "bmm": torch.bmm,
}
NAMES: Final = {"dot": ("u", "v"), "mv": ("m", "v"), "mm": ("a", "b"), "bmm": ("a", "b")}


@dataclass(frozen=True)
class Product:
    """Operands and their product; ``result`` is None where torch refuses, with ``error``.

    ``left`` (batch, rows, inner), ``right`` (batch, inner, columns) are the operands as stacks of matrices: a vector on
    the left is a row, one on the right a column. They are what is drawn.
    """

    kind: str
    operands: tuple[Tensor, Tensor]
    left: Tensor
    right: Tensor
    result: Tensor | None
    error: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the result, drawn: (batch, rows, columns)."""
        return self.left.shape[0], self.left.shape[1], self.right.shape[2]

    @property
    def inner(self) -> int:
        """Terms of each sum."""
        return int(self.left.shape[2])

    @property
    def steps(self) -> int:
        """Terms of all sums."""
        batch, rows, columns = self.shape
        return batch * rows * columns * self.inner if self.result is not None else 0


@dataclass(frozen=True)
class Step:
    """Where the walk is: ``at`` is (batch, row, column) of the sum that grows, None before the first term.

    ``terms`` of it have been added, up to ``total``; ``filled`` sums are complete.
    """

    at: tuple[int, int, int] | None
    terms: int
    total: float
    filled: int
    sum_text: str


def operands(kind: str, row: Rows, vector: Rows, left: tuple[Rows, Rows], right: tuple[Rows, Rows]) -> Product:
    """The product of what a person has entered.

    Parameters
    ----------
    row, vector : one row each, for dot and mv.
    left, right : the two matrices of a stack each; mv and mm take the first. For bmm those of a side must have the
        same shape: where they have not, the error is that of ``torch.stack``.
    """
    first, second = torch.tensor(vector[0]), torch.tensor(right[0])
    match kind:
        case "dot":
            return multiply(kind, torch.tensor(row[0]), first)
        case "mv":
            return multiply(kind, torch.tensor(left[0]), first)
        case "mm":
            return multiply(kind, torch.tensor(left[0]), second)
    a, b = ([torch.tensor(matrix) for matrix in side] for side in (left, right))
    try:
        return multiply(kind, torch.stack(a), torch.stack(b))
    except RuntimeError as error:
        return Product(kind, (a[0], b[0]), a[0][None], b[0][None], None, str(error))


def multiply(kind: str, left: Tensor, right: Tensor) -> Product:
    """What torch makes of it. ``kind`` is one of PRODUCTS, the operands have as many dimensions as it asks for."""
    a = left.reshape(-1, *left.shape[-2:]) if left.dim() > 1 else left[None, None]
    b = right.reshape(-1, *right.shape[-2:]) if right.dim() > 1 else right[None, :, None]
    try:
        return Product(kind, (left, right), a, b, PRODUCTS[kind](left, right), "")
    except RuntimeError as error:
        return Product(kind, (left, right), a, b, None, str(error))


def walk(p: Product, step: int) -> Step:
    """The walk after ``step`` terms, which are at most ``p.steps``: sum after sum, row by row."""
    if step == 0 or p.result is None:
        return Step(None, 0, 0.0, 0, "")
    element, last = divmod(min(step, p.steps) - 1, p.inner)
    _, rows, columns = p.shape
    batch, row, column = element // (rows * columns), element // columns % rows, element % columns
    pairs = list(zip(p.left[batch, row].tolist(), p.right[batch, :, column].tolist(), strict=True))[: last + 1]
    total = sum(a * b for a, b in pairs)
    terms = " + ".join(f"{_factor(a, first=i == 0)}·{_factor(b)}" for i, (a, b) in enumerate(pairs))
    return Step((batch, row, column), last + 1, total, element + (last + 1 == p.inner), f"{terms} = {text(total, 6)}")


def _factor(value: float, *, first: bool = False) -> str:
    """As it stands in a sum: a negative one in brackets, but for the very first."""
    return text(value, 6) if value >= 0 or first else f"({text(value, 6)})"


def so_far(p: Product, step: int) -> Tensor:
    """The result as the loop has it: complete sums, the one that grows, zeros; shape (batch, rows, columns)."""
    here = walk(p, step)
    found = torch.zeros(p.shape)
    if p.result is not None:
        done = p.result.reshape(p.shape).flatten()[: here.filled]
        found.view(-1)[: here.filled] = done
        if here.at is not None and here.terms < p.inner:
            found[here.at] = here.total
    return found
