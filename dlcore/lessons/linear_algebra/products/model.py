"""Products of tensors, term by term: the row and the column of each sum, and the sum as it grows.

>>> p = multiply("mv", torch.tensor([[2.0, 5, 3, 7], [4, 2, 1, 9]]), torch.tensor([1.0, 2, 3, 4]))
>>> step_at(p, 4).sum_text
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
class MatrixProduct:
    """Two operands and their dot, mv, mm or bmm; ``result`` is None if torch refuses, with its message in ``error``.

    ``left`` (batch, rows, inner) and ``right`` (batch, inner, columns) are the operands as they are drawn, as stacks of
    matrices: a vector is a row on the left and a column on the right.
    """

    kind: str
    operands: tuple[Tensor, Tensor]
    left: Tensor
    right: Tensor
    result: Tensor | None
    error: str

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return the shape of the result as it is drawn: (batch, rows, columns)."""
        return self.left.shape[0], self.left.shape[1], self.right.shape[2]

    @property
    def inner(self) -> int:
        """Return the number of terms of each sum."""
        return int(self.left.shape[2])

    @property
    def steps(self) -> int:
        """Return the number of terms of all sums; 0 without a result."""
        batch, rows, columns = self.shape
        return batch * rows * columns * self.inner if self.result is not None else 0


@dataclass(frozen=True)
class ProductStep:
    """The product after some terms: ``at`` is (batch, row, column) of the current sum, None before the first term.

    The current sum has ``terms`` terms and the value ``total``; ``filled`` sums are complete.
    """

    at: tuple[int, int, int] | None
    terms: int
    total: float
    filled: int
    sum_text: str


def entered_product(
    kind: str, row: Rows, vector: Rows, left: tuple[Rows, Rows], right: tuple[Rows, Rows]
) -> MatrixProduct:
    """Return the product of the operands that the reader entered.

    Parameters
    ----------
    row, vector : one row each, for dot and mv.
    left, right : two matrices each; mv and mm take the first, bmm stacks both. If the shapes of one side differ, the
        error is that of ``torch.stack``.
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
        return MatrixProduct(kind, (a[0], b[0]), a[0][None], b[0][None], None, str(error))


def multiply(kind: str, left: Tensor, right: Tensor) -> MatrixProduct:
    """Multiply two tensors. ``kind`` is one of PRODUCTS; the operands have the number of dimensions it needs."""
    a = left.reshape(-1, *left.shape[-2:]) if left.dim() > 1 else left[None, None]
    b = right.reshape(-1, *right.shape[-2:]) if right.dim() > 1 else right[None, :, None]
    try:
        return MatrixProduct(kind, (left, right), a, b, PRODUCTS[kind](left, right), "")
    except RuntimeError as error:
        return MatrixProduct(kind, (left, right), a, b, None, str(error))


def step_at(p: MatrixProduct, step: int) -> ProductStep:
    """Return the product after ``step`` terms, at most ``p.steps``, added sum after sum, row by row."""
    if step == 0 or p.result is None:
        return ProductStep(None, 0, 0.0, 0, "")
    element, last = divmod(min(step, p.steps) - 1, p.inner)
    _, rows, columns = p.shape
    batch, row, column = element // (rows * columns), element // columns % rows, element % columns
    pairs = list(zip(p.left[batch, row].tolist(), p.right[batch, :, column].tolist(), strict=True))[: last + 1]
    total = sum(a * b for a, b in pairs)
    terms = " + ".join(f"{_factor(a, first=i == 0)}·{_factor(b)}" for i, (a, b) in enumerate(pairs))
    return ProductStep(
        (batch, row, column), last + 1, total, element + (last + 1 == p.inner), f"{terms} = {text(total, 6)}"
    )


def _factor(value: float, *, first: bool = False) -> str:
    """Return a factor as it stands in a sum: a negative one in brackets unless it comes first."""
    return text(value, 6) if value >= 0 or first else f"({text(value, 6)})"


def partial_result(p: MatrixProduct, step: int) -> Tensor:
    """Return complete sums, the current sum, and zeros for the rest; shape (batch, rows, columns)."""
    here = step_at(p, step)
    result = torch.zeros(p.shape)
    if p.result is not None:
        result.view(-1)[: here.filled] = p.result.flatten()[: here.filled]
        if here.at is not None and here.terms < p.inner:
            result[here.at] = here.total
    return result
