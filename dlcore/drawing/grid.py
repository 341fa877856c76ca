"""A tensor as a grid of cells: the frame of the cells, and the Vega-Lite specification that draws it.

A scalar is one cell and a vector one row; a third dimension puts matrices side by side, a fourth stacks them. Long
dimensions show their first and last entries around a gap, like torch's printing.

>>> frame = cells(torch.arange(6).reshape(2, 3))
>>> [str(value) for value in frame[["x", "y", "text", "index"]].iloc[-1]]
['2.0', '1.0', '5', '1, 2']
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, get_args

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing import formats, vega
from dlcore.drawing.palette import GREEN, PINK, RED
from dlcore.drawing.vega import Spec, as_spec, empty

Mark = Literal["", "faded", "selected", "stretched", "failing"]
MARKS: Final[tuple[Mark, ...]] = get_args(Mark)

EDGE: Final = 4  # entries shown at each end of a longer dimension
MAX_SHOWN: Final = 12  # entries of a dimension that is shown completely
CELL: Final = 46  # pixels
_CHROME: Final = 24  # pixels of height that Streamlit reserves
_GAP: Final = 0.6  # cells between two matrices of a stack
MAX_DIMENSIONS: Final = 4


def shown(size: int) -> list[int | None]:
    """Return the indices of a dimension that are drawn; None is the gap between them."""
    if size <= MAX_SHOWN:
        return list(range(size))
    return [*range(EDGE), None, *range(size - EDGE, size)]


def number(value: bool | int | float) -> str:
    """Return a value in about seven characters."""
    if isinstance(value, bool):
        return str(value)
    size = abs(value)
    return formats.text(value, 4 if 1 <= size < 1e6 else 3 if 1e-3 <= size < 1 else 2)


def cells(tensor: Tensor, *, marks: Sequence[Mark] | None = None, darkest: float | None = None) -> pd.DataFrame:
    """Return a frame with a row for each drawn cell.

    Parameters
    ----------
    tensor : of at most four dimensions, any dtype but complex.
    marks : the mark of each element, in the order of ``tensor.flatten()``.
    darkest : the magnitude of the full colour, by default the tensor's :func:`largest`; tensors that are compared
        share one.

    Returns
    -------
    frame : columns x, y (of the upper left corner, in cells), text, shade (value / ``darkest``, −1…1), index
        (``"1, 2"``), mark.

    Raises
    ------
    ValueError : more than four dimensions.
    """
    if tensor.dim() > MAX_DIMENSIONS:
        raise ValueError(f"a tensor of at most {MAX_DIMENSIONS} dimensions can be drawn, got {tensor.dim()}")
    shape = (1,) * (MAX_DIMENSIONS - tensor.dim()) + tuple(tensor.shape)
    dims = tensor.dim()
    full = tensor.detach().reshape(shape)
    darkest = largest(full) if darkest is None else darkest
    flat_marks = list(marks) if marks is not None else None
    rows: list[tuple[float, float, str, float, str, str]] = []
    picks = [shown(size) for size in shape]
    for a, block in enumerate(picks[0]):
        for b, matrix in enumerate(picks[1]):
            for r, row in enumerate(picks[2]):
                for c, column in enumerate(picks[3]):
                    x = b * (len(picks[3]) + _GAP) + c
                    y = a * (len(picks[2]) + _GAP) + r
                    if block is None or matrix is None or row is None or column is None:
                        rows.append((x, y, "…", 0.0, "", "gap"))
                        continue
                    entry = (block, matrix, row, column)
                    value = full[entry].item()
                    flat = ((block * shape[1] + matrix) * shape[2] + row) * shape[3] + column
                    index = ", ".join(map(str, entry[MAX_DIMENSIONS - dims :]))
                    mark = flat_marks[flat] if flat_marks else ""
                    rows.append((x, y, number(value), _shade(value, darkest), index, mark))
    return pd.DataFrame(rows, columns=["x", "y", "text", "shade", "index", "mark"]).astype({"x": float, "y": float})


def largest(*tensors: Tensor) -> float:
    """Return the largest finite magnitude in the tensors, or 0 if there is none."""
    values = torch.cat([tensor.detach().flatten().to(torch.float64) for tensor in tensors])
    finite = values[torch.isfinite(values)]
    return float(finite.abs().max()) if finite.numel() else 0.0


def _shade(value: float, darkest: float) -> float:
    if not math.isfinite(value) or darkest == 0:
        return 0.0
    return float(value) / darkest


def extent(frame: pd.DataFrame) -> tuple[float, float]:
    """Return width and height of a frame of :func:`cells`, in cells."""
    if frame.empty:
        return 1.0, 1.0
    return float(frame["x"].max()) + 1, float(frame["y"].max()) + 1


@lru_cache(maxsize=256)
def spec(width: float, height: float, *, cell: int = CELL, index_title: str = "index") -> Spec:
    """Return the specification that draws a frame of :func:`cells`; a click selects ``cell`` by its index.

    Selected, stretched (dashed) and failing cells have a thick border; faded cells are pale.
    """
    picked = alt.selection_point(name="cell", fields=["index"], on="click", empty=False)
    faded = alt.FieldEqualPredicate(field="mark", equal="faded")
    base = alt.Chart(empty("x", "y", "text", "shade", "index", "mark")).transform_calculate(
        x1="datum.x + 0.04",
        y1="datum.y + 0.04",
        x2="datum.x + 0.96",
        y2="datum.y + 0.96",
        middle="datum.x + 0.5",
        centre="datum.y + 0.5",
    )
    axis_x = alt.X("x1:Q", scale=vega.scale(0, width), axis=None)
    axis_y = alt.Y("y1:Q", scale=vega.scale(height, 0), axis=None)
    rects = (
        base.transform_filter("datum.mark !== 'gap'")
        .mark_rect(cornerRadius=3)
        .encode(
            x=axis_x,
            x2="x2:Q",
            y=axis_y,
            y2="y2:Q",
            opacity=alt.condition(faded, alt.value(0.75), alt.value(1)),
            color=alt.Color("shade:Q", scale=vega.shades(), legend=None),
            stroke=alt.Stroke(
                "mark:N",
                scale=alt.Scale(domain=list(MARKS), range=["transparent", "transparent", RED, "transparent", PINK]),
                legend=None,
            ),
            strokeWidth=alt.condition("datum.mark === '' || datum.mark === 'faded'", alt.value(1.5), alt.value(3)),
            tooltip=[alt.Tooltip("index:N", title=index_title), alt.Tooltip("text:N", title=" ")],
        )
        .add_params(picked)
    )
    # A separate layer, because dashes chosen by a scale of marks are drawn solid.
    dashed = (
        base.transform_filter("datum.mark === 'stretched'")
        .mark_rect(cornerRadius=3, fillOpacity=0, stroke=GREEN, strokeWidth=2.5, strokeDash=[5, 3])
        .encode(x=axis_x, x2="x2:Q", y=axis_y, y2="y2:Q")
    )
    # On a phone cells are narrow, and a number must not overlap its neighbours.
    font = max(9, min(vega.TEXT_SIZE, cell // 4 + 2))
    fitting = f"max(7, min({font}, 1.6 * width / {width} / length(datum.text)))"
    words = base.mark_text(fontSize=alt.expr(f"datum.mark === 'gap' ? {font} : {fitting}"), clip=False).encode(
        x=alt.X("middle:Q", scale=vega.scale(0, width), axis=None),
        y=alt.Y("centre:Q", scale=vega.scale(height, 0), axis=None),
        text="text:N",
        color=alt.when("datum.mark === 'gap'")
        .then(alt.value(vega.INK))
        .when("datum.shade > white_from")
        .then(alt.value("white"))
        .otherwise(alt.value("black")),
    )
    chart = alt.layer(rects, dashed, words).properties(width=width * cell, height=height * cell + _CHROME)
    return as_spec(chart)
