"""The cells of a product: operands, sign and result side by side, with the current row and column marked."""

from __future__ import annotations

from typing import Final

import pandas as pd
from torch import Tensor

from dlcore.drawing import grid
from dlcore.lessons.linear_algebra.products.model import MatrixProduct, ProductStep, partial_result, step_at

_BETWEEN: Final = 1.0  # cells between operand, sign and operand
_GAP: Final = 0.7  # cells between the matrices of a stack
_NOT_YET: Final = "·"  # text of a sum that has not begun; a 0 would look like a result
_WIDTH, _MIN_CELL, _MAX_CELL = 660, 24, 46  # pixels


def product_frame(p: MatrixProduct, step: int) -> pd.DataFrame:
    """Return the cells of ``left × right = result``, as a frame of :func:`dlcore.drawing.grid.cells`.

    In the current row and column the terms already added are marked selected and the others stretched (dashed);
    cells of the result that are not filled yet are faded and have no number. If the shapes do not fit, all cells of
    the operands are marked failing.
    """
    here = step_at(p, step)
    pieces: list[tuple[Tensor, list[list[grid.Mark]]]] = [
        (p.left, _operand_marks(p, here, left=True)),
        (p.right, _operand_marks(p, here, left=False)),
    ]
    if p.result is not None:
        pieces.append((partial_result(p, step), _result_marks(p, here)))
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


def _dims(p: MatrixProduct) -> tuple[int, int, int]:
    left, right = (operand.dim() for operand in p.operands)
    return left, right, p.result.dim() if p.result is not None else 0


def _index(index: str, batch: int, dims: int, *, row: bool) -> str:
    """Return the index of an element in its tensor, made of its index in the drawn matrix."""
    i, j = index.split(", ")
    return {0: "", 1: j if row else i, 2: index}.get(dims, f"{batch}, {index}")


def _operand_marks(p: MatrixProduct, here: ProductStep, *, left: bool) -> list[list[grid.Mark]]:
    tensor = p.left if left else p.right
    batches, rows, columns = tensor.shape
    plain: grid.Mark = "failing" if p.result is None else ""
    marks: list[list[grid.Mark]] = [[plain] * (rows * columns) for _ in range(batches)]
    if here.at is not None:
        batch, row, column = here.at
        for k in range(p.inner):
            at = row * columns + k if left else k * columns + column
            marks[batch][at] = "selected" if k < here.terms else "stretched"
    return marks


def _result_marks(p: MatrixProduct, here: ProductStep) -> list[list[grid.Mark]]:
    batches, rows, columns = p.shape
    marks: list[grid.Mark] = ["" if i < here.filled else "faded" for i in range(batches * rows * columns)]
    if here.at is not None:
        batch, row, column = here.at
        marks[(batch * rows + row) * columns + column] = "selected"
    size = rows * columns
    return [marks[batch * size : (batch + 1) * size] for batch in range(batches)]


def cell_size(frame: pd.DataFrame) -> int:
    """Return the pixels of a cell, as large as there is room for."""
    width, _ = grid.extent(frame)
    return max(_MIN_CELL, min(_MAX_CELL, int(_WIDTH // width)))
