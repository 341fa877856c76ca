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

import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing import grid
from dlcore.programs.literal import tensor_literal
from dlcore.programs.snippet import Snippet

Rows = tuple[tuple[float, ...], ...]

PRODUCTS: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "dot": torch.dot,
    "mv": torch.mv,
    "mm": torch.mm,
    "bmm": torch.bmm,
}
NAMES: Final = {"dot": ("u", "v"), "mv": ("m", "v"), "mm": ("a", "b"), "bmm": ("a", "b")}
_BETWEEN: Final = 1.0  # cells between operand, sign and operand
_GAP: Final = 0.7  # cells between the matrices of a stack
_NOT_YET: Final = "·"  # of a sum that has not begun: a 0 would look like a result
_WIDEST, _LARGEST = 660, 46  # pixels of the whole, and of one cell


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
    text = " + ".join(f"{_factor(a, first=i == 0)}·{_factor(b)}" for i, (a, b) in enumerate(pairs))
    return Step((batch, row, column), last + 1, total, element + (last + 1 == p.inner), f"{text} = {_number(total)}")


def _number(value: float) -> str:
    return f"{value + 0.0:.6g}".replace("-", "−")


def _factor(value: float, *, first: bool = False) -> str:
    """As it stands in a sum: a negative one in brackets, but for the very first."""
    return _number(value) if value >= 0 or first else f"({_number(value)})"


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


# --- drawn -----------------------------------------------------------------------------------------------------------
def picture(p: Product, step: int) -> pd.DataFrame:
    """The cells of ``left × right = result``, stack by stack, as a frame of :func:`dlcore.drawing.grid.cells`.

    Of the row and the column that meet, the terms already added are selected and the others stretched (dashed); what
    is not yet filled is faded and has no number. Where the shapes do not fit, the operands are all failing.
    """
    here = walk(p, step)
    pieces: list[tuple[Tensor, list[list[grid.Mark]]]] = [
        (p.left, _operand_marks(p, here, left=True)),
        (p.right, _operand_marks(p, here, left=False)),
    ]
    if p.result is not None:
        pieces.append((so_far(p, step), _result_marks(p, here)))
    tallest = max(tensor.shape[1] for tensor, _ in pieces)
    parts: list[pd.DataFrame] = []
    x = 0.0
    for (tensor, marks), sign, dims in zip(pieces, ("", "×", "="), _dims(p), strict=False):
        batches, rows, columns = tensor.shape
        x += _BETWEEN if sign else 0.0
        for batch in range(batches):
            top = batch * (tallest + _GAP)
            cells = grid.cells(tensor[batch], marks=marks[batch])
            cells.loc[cells["mark"] == "faded", "text"] = _NOT_YET
            cells["index"] = [_index(index, batch, dims, row=tensor is p.left) for index in cells["index"]]
            cells["x"] += x
            cells["y"] += top + (tallest - rows) / 2
            parts.append(cells)
            if sign:
                middle = top + (tallest - 1) / 2
                parts.append(pd.DataFrame([(x - _BETWEEN, middle, sign, 0.0, "", "gap")], columns=list(cells.columns)))
        x += columns
    return pd.concat(parts, ignore_index=True)


def _dims(p: Product) -> tuple[int, int, int]:
    left, right = (operand.dim() for operand in p.operands)
    return left, right, p.result.dim() if p.result is not None else 0


def _index(index: str, batch: int, dims: int, *, row: bool) -> str:
    """An element's index in the tensor it is of, from that in the matrix which is drawn."""
    i, j = index.split(", ")
    return {0: "", 1: j if row else i, 2: index}.get(dims, f"{batch}, {index}")


def _operand_marks(p: Product, here: Step, *, left: bool) -> list[list[grid.Mark]]:
    tensor = p.left if left else p.right
    batches, rows, columns = tensor.shape
    plain: grid.Mark = "failing" if p.result is None else ""
    found: list[list[grid.Mark]] = [[plain] * (rows * columns) for _ in range(batches)]
    if here.at is not None:
        batch, row, column = here.at
        for k in range(p.inner):
            at = row * columns + k if left else k * columns + column
            found[batch][at] = "selected" if k < here.terms else "stretched"
    return found


def _result_marks(p: Product, here: Step) -> list[list[grid.Mark]]:
    batches, rows, columns = p.shape
    found: list[grid.Mark] = ["" if i < here.filled else "faded" for i in range(batches * rows * columns)]
    if here.at is not None:
        batch, row, column = here.at
        found[(batch * rows + row) * columns + column] = "selected"
    size = rows * columns
    return [found[batch * size : (batch + 1) * size] for batch in range(batches)]


def cell_size(frame: pd.DataFrame) -> int:
    """Pixels of a cell, as large as there is room for."""
    width, _ = grid.extent(frame)
    return max(24, min(_LARGEST, int(_WIDEST // width)))


# --- as code ---------------------------------------------------------------------------------------------------------
def snippet(p: Product, step: int, stacks: tuple[list[Tensor], list[Tensor]] | None = None) -> Snippet:
    """The call and what it prints; beside it the sum that the walk is at.

    ``stacks`` are the matrices of a bmm that could not be stacked.
    """
    names = NAMES[p.kind]
    call = f"torch.{p.kind}({', '.join(names)})"
    lines = ["import torch", ""]
    if stacks:
        lines += ["try:"]
        for name, side in zip(names, stacks, strict=True):
            lines.append(f"    {name} = torch.stack([{', '.join(map(tensor_literal, side))}])")
        lines += [f"    print({call})", "except RuntimeError as error:", "    print(error)"]
        return Snippet("\n".join(lines), p.error)
    lines += [f"{name} = {tensor_literal(x)}" for name, x in zip(names, p.operands, strict=True)]
    if p.result is None:
        lines += ["try:", f"    print({call})", "except RuntimeError as error:", "    print(error)"]
        return Snippet("\n".join(lines), p.error)
    lines.append(f"print({call})")
    printed = [str(p.result)]
    here = walk(p, step)
    if here.at is not None and p.kind != "dot":
        batch, row, column = here.at
        left = f"{names[0]}[{batch}, {row}]" if p.kind == "bmm" else f"{names[0]}[{row}]"
        right = {"mv": names[1], "mm": f"{names[1]}[:, {column}]"}.get(p.kind, f"{names[1]}[{batch}, :, {column}]")
        lines.append(f"print(torch.dot({left}, {right}))")
        printed.append(str(torch.dot(p.left[batch, row], p.right[batch, :, column])))
    return Snippet("\n".join(lines), "\n".join(printed))
