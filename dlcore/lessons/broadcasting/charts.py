"""Charts of broadcasting: the shapes as boxes aligned from the right, and the numbers as grids of cells."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing import grid, vega
from dlcore.drawing.palette import BLUE, GREEN, GREY, PINK
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.broadcasting.model import OPERATIONS, AlignedAxis, BroadcastOutcome, Shape

MIN_COLUMNS: Final = 3  # keeps the boxes of few axes from growing wide
_ROWS: Final = {"heading": 0.0, "a": 0.62, "b": 1.62, "result": 2.62, "word": 3.6}
_ROW_PIXELS: Final = 46
_NAME: Final = 0.6  # width of the row names, in boxes

_MAX_ROWS: Final = 16  # height of the drawn matrices one below the other, in cells
_GAP: Final = 1.0  # width of a sign between two operands, in cells
_LABEL: Final = 0.6  # height of the index above a matrix, in cells
_WIDTH: Final = 660  # pixels of all the grids
_MIN_CELL, _MAX_CELL = 24, 46  # pixels


# --- the shapes ------------------------------------------------------------------------------------------------------
def _box(size: int | None, axis: AlignedAxis) -> tuple[str, str]:
    """Return the text in an operand's box, and the kind of box."""
    if axis.fate == "failing":
        return str(size), "failing"
    stretched = f"1 → {axis.size}" if axis.size != 1 else "1"
    if size is None:
        return stretched, "virtual"
    return (stretched, "stretched") if size != axis.size else (str(size), "plain")


def column_count(axes: tuple[AlignedAxis, ...]) -> int:
    """Return for how many columns of boxes the picture has room."""
    return max(MIN_COLUMNS, len(axes))


def shape_frame(
    axes: tuple[AlignedAxis, ...], names: tuple[str, str, str], words: tuple[str, ...], heading: str
) -> pd.DataFrame:
    """Return a row for each box and each word of the picture of two shapes.

    Parameters
    ----------
    names : of the rows: a, b, result.
    words : the caption of each axis, in the order of ``axes``.
    heading : the word for axis.

    Returns
    -------
    frame : columns x, y (the upper left corner, in boxes), text, kind (of box: plain, virtual, stretched, failing,
        result; of word: heading, name, word).
    """
    rows: list[tuple[float, float, str, str]] = [
        (-1.0, _ROWS[row], name, "name") for row, name in zip(("a", "b", "result"), names, strict=True)
    ]
    for axis, word in zip(axes, words, strict=True):
        x = float(len(axes) + axis.number)
        rows.append((x, _ROWS["heading"], f"{heading} −{-axis.number}", "heading"))
        rows.append((x, _ROWS["a"], *_box(axis.left, axis)))
        rows.append((x, _ROWS["b"], *_box(axis.right, axis)))
        rows.append((x, _ROWS["result"], *(("✗", "failing") if axis.size is None else (str(axis.size), "result"))))
        rows.append((x, _ROWS["word"], word, "word"))
    return pd.DataFrame(rows, columns=["x", "y", "text", "kind"])


@lru_cache(maxsize=4)
def shape_spec(columns: int) -> Spec:
    """Return the specification that draws a frame of :func:`shape_frame` in so many columns of boxes."""
    scale_x = vega.scale(-_NAME, columns)
    scale_y = vega.scale(4.2, -0.1)
    base = alt.Chart(empty("x", "y", "text", "kind")).transform_calculate(
        x1="datum.x + 0.06",
        x2="datum.x + 0.94",
        y1="datum.y + 0.07",
        y2="datum.y + 0.93",
        middle="datum.x + 0.5",
        centre="datum.kind === 'heading' || datum.kind === 'word' ? datum.y + 0.3 : datum.y + 0.5",
    )
    looks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("plain", {"fill": vega.PALE, "stroke": GREY}),
        ("virtual", {"fill": "transparent", "stroke": GREY, "strokeDash": [5, 4]}),
        ("stretched", {"fill": vega.PALE, "stroke": GREEN, "strokeDash": [6, 3], "strokeWidth": 3}),
        ("failing", {"fill": "transparent", "stroke": PINK, "strokeWidth": 3}),
        ("result", {"fill": BLUE, "stroke": BLUE}),
    )
    boxes = [  # a layer for each kind: Vega-Lite has no strokeDash channel for rectangles
        base.transform_filter(alt.FieldEqualPredicate(field="kind", equal=kind))
        .mark_rect(cornerRadius=5, **look)
        .encode(
            x=alt.X("x1:Q", scale=scale_x, axis=None), x2="x2:Q", y=alt.Y("y1:Q", scale=scale_y, axis=None), y2="y2:Q"
        )
        for kind, look in looks
    ]
    names = (
        base.transform_filter(alt.FieldEqualPredicate(field="kind", equal="name"))
        .mark_text(align="right", size=15)
        .encode(x=alt.X("x2:Q", scale=scale_x, axis=None), y=alt.Y("centre:Q", scale=scale_y, axis=None), text="text:N")
    )
    words = (
        base.transform_filter("datum.kind !== 'name'")
        .mark_text()
        .encode(
            x=alt.X("middle:Q", scale=scale_x, axis=None),
            y=alt.Y("centre:Q", scale=scale_y, axis=None),
            text="text:N",
            size=alt.condition(
                "datum.kind === 'heading' || datum.kind === 'word'", alt.value(vega.TEXT_SIZE), alt.value(15)
            ),
            color=alt.when("datum.kind === 'result'").then(alt.value("white")).otherwise(alt.value(vega.INK)),
        )
    )
    return as_spec(alt.layer(*boxes, names, words), round(4.3 * _ROW_PIXELS) + 14)


# --- the numbers -----------------------------------------------------------------------------------------------------
def drawn_and_total(shape: Shape) -> tuple[int, int]:
    """Return how many matrices of a tensor are drawn, one below the other, and how many it has."""
    rows = shape[-2] if len(shape) > 1 else 1
    total = math.prod(shape[:-2])
    return min(total, max(1, int(_MAX_ROWS // (rows + _LABEL))), grid.MAX_SHOWN), total


def stretched_marks(tensor: Tensor, shape: Shape) -> list[grid.Mark]:
    """Return the mark of each element of ``tensor.expand(shape)``: "stretched" if it repeats a stored one."""
    padded = (1,) * (len(shape) - tensor.dim()) + tuple(tensor.shape)
    copy = torch.zeros(shape, dtype=torch.bool)
    for axis, (before, after) in enumerate(zip(padded, shape, strict=True)):
        if before != after:
            copy |= (torch.arange(after) > 0).reshape([-1 if at == axis else 1 for at in range(len(shape))])
    return ["stretched" if is_copy else "" for is_copy in copy.flatten().tolist()]


def _stack(tensor: Tensor, marks: list[grid.Mark]) -> pd.DataFrame:
    """Return the cells of a tensor's first matrices, one below the other, each matrix under its index."""
    shape = tuple(tensor.shape)
    rows, columns = (1, 1, *shape)[-2:]
    count, _ = drawn_and_total(shape)
    drawn = tensor.reshape(-1, 1, rows, columns)[:count]
    frame = grid.cells(drawn, marks=marks[: drawn.numel()])
    leading = [torch.unravel_index(torch.tensor(at), shape[:-2]) for at in range(count)] if len(shape) > 2 else []
    heads = [", ".join(str(int(part)) for part in parts) for parts in leading]
    frame["index"] = [_index(index, heads, len(shape)) for index in frame["index"]]
    if heads:
        top = [at * (rows + _LABEL) for at in range(count)]
        labels = pd.DataFrame(
            {
                "x": [(columns - 1) / 2] * count,
                "y": [y - 0.8 for y in top],
                "text": [f"[{head}]" for head in heads],
                "shade": 0.0,
                "index": "",
                "mark": "gap",
            }
        )
        frame = pd.concat([frame, labels], ignore_index=True)
        frame["y"] += _LABEL
    return frame


def _index(index: str, heads: list[str], dims: int) -> str:
    """Return the index of an element in its tensor, made of its index in the stack, which has four numbers."""
    matrix, _, row, column = index.split(", ")
    return ", ".join([*([heads[int(matrix)]] if heads else []), row, column][2 - dims if dims < 2 else 0 :])


def values_frame(outcome: BroadcastOutcome, operation: str) -> pd.DataFrame:
    """Return the cells of ``a ∘ b = c``, side by side, as a frame of :func:`dlcore.drawing.grid.cells`.

    If the shapes fit, the operands are drawn stretched, with the repeated elements marked; if not, they are drawn as
    they are and all marked as failing.
    """
    sign = {"-": "−", "*": "×"}.get(OPERATIONS[operation][0], "+")
    if outcome.result is None:
        pieces = [_stack(tensor, ["failing"] * tensor.numel()) for tensor in (outcome.a, outcome.b)]
        signs = [sign]
    else:
        shape = tuple(outcome.result.shape)
        pieces = [_stack(tensor.expand(shape), stretched_marks(tensor, shape)) for tensor in (outcome.a, outcome.b)] + [
            _stack(outcome.result, [""] * outcome.result.numel())
        ]
        signs = [sign, "="]
    height = max(grid.extent(piece)[1] for piece in pieces)
    parts, x = [], 0.0
    for piece, before in zip(pieces, ["", *signs], strict=True):
        if before:
            centre = (height - 1) / 2
            parts.append(pd.DataFrame([(x, centre, before, 0.0, "", "gap")], columns=list(piece.columns)))
            x += _GAP
        piece["x"] += x
        parts.append(piece)
        x = grid.extent(piece)[0]
    return pd.concat(parts, ignore_index=True)


def cell_size(frame: pd.DataFrame) -> int:
    """Return the pixels of a cell of :func:`values_frame`, as large as there is room for."""
    width, _ = grid.extent(frame)
    return max(_MIN_CELL, min(_MAX_CELL, int(_WIDTH // width)))
