"""The chart of the plane under a 2×2 matrix: grid, unit square, basis, a vector and the invariant lines.

Everything drawn is a row of one frame under one specification, so that the chart updates in place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import altair as alt
import pandas as pd
import torch
from torch import Tensor

from dlcore.drawing import vega
from dlcore.drawing.formats import exact
from dlcore.drawing.palette import GREEN, GREY, ORANGE, PINK, RED, SKY, YELLOW
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.linear_algebra.map.model import MatrixFacts, Vector2

HALF: Final = 4.0  # units from the origin to the nearest edge
HEIGHT: Final = 440  # pixels
GRID: Final = 5  # lines of the transformed grid on each side of an axis, and half their length
_FAR: Final = 40.0  # units, beyond any edge
_LABEL_AT: Final = 2.6  # units from the origin to the text of an eigenvalue
_OUT: Final = 0.38  # units from an arrow to its name
_NONE: Final = 1e-9  # units; a shorter arrow has no direction
COLUMNS: Final = ("kind", "x", "y", "x2", "y2", "order", "angle", "text")

_ARROWS: Final = {"e1": RED, "e2": GREEN, "x": GREY, "Ax": PINK}
_NAMES: Final = {"e1": "Ae₁", "e2": "Ae₂", "x": "x", "Ax": "Ax"}

Row = tuple[str, float, float, float, float, int, float, str]


def image_of_square(A: Tensor) -> Tensor:
    """Return the corners of the transformed unit square in order, shape (4, 2)."""
    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], dtype=A.dtype)
    return corners @ A.T


def frame(A: Tensor, facts: MatrixFacts, x: Vector2) -> pd.DataFrame:
    """Return a row for each line, corner, arrow and text.

    Parameters
    ----------
    A : shape (2, 2); ``facts`` are its properties.
    x : a vector to draw with its image.

    Returns
    -------
    frame : COLUMNS. ``kind`` is grid, unit, kept or flipped (the transformed square), eigen, e1, e2, x, Ax, or one of
        these with ``_word``. The angle of an arrow without length is NaN.
    """
    rows: list[Row] = [*_transformed_grid(A), *_square(A, facts)]
    for value, (dx, dy) in facts.directions:
        rows.append(("eigen", -_FAR * dx, -_FAR * dy, _FAR * dx, _FAR * dy, 0, math.nan, ""))
        scale = _LABEL_AT / max(abs(dx), abs(dy)) * (1 if dy >= 0 else -1)
        rows.append(
            (
                "eigen_word",
                dx * scale,
                dy * scale,
                0.0,
                0.0,
                0,
                math.nan,
                f"λ = {exact(value)}",
            )
        )
    (a, b), (c, d) = A.tolist()
    image_x, image_y = (A @ torch.tensor(x, dtype=A.dtype)).tolist()
    tips = {"x": x, "e1": (a, c), "e2": (b, d), "Ax": (image_x, image_y)}
    for kind, (tip_x, tip_y) in tips.items():
        angle = 90 - math.degrees(math.atan2(tip_y, tip_x)) if math.hypot(tip_x, tip_y) > _NONE else math.nan
        rows.append((kind, 0.0, 0.0, tip_x, tip_y, 0, angle, ""))
    return pd.DataFrame([*rows, *_arrow_words(tips)], columns=list(COLUMNS))


def _arrow_words(tips: Mapping[str, Vector2]) -> list[Row]:
    """Return the names of the arrows, one text for all that are equal."""
    groups: dict[Vector2, list[str]] = {}
    for kind, (tip_x, tip_y) in tips.items():
        groups.setdefault((round(tip_x, 6) + 0.0, round(tip_y, 6) + 0.0), []).append(kind)
    rows: list[Row] = []
    for tip, kinds in groups.items():
        words = [_NAMES[kind] for kind in kinds] + ([] if any(tip) else ["0"])
        rows.append((f"{kinds[0]}_word", *_beside(tip), 0.0, 0.0, 0, math.nan, " = ".join(words)))
    return rows


def _beside(tip: Vector2) -> Vector2:
    """Return the position of an arrow's name: beyond its tip, or beside the arrow if the tip is outside the chart."""
    x, y = tip
    length = math.hypot(x, y)
    if length <= _NONE:
        return 0.0, -0.35
    farthest = max(abs(x), abs(y))
    if farthest * (1 + _OUT / length) < HALF - _OUT / 2:
        return x * (1 + _OUT / length), y * (1 + _OUT / length)
    on = (HALF - 2 * _OUT) / farthest
    return x * on - y / length * _OUT, y * on + x / length * _OUT


def _transformed_grid(A: Tensor) -> list[Row]:
    lines = []
    for k in range(-GRID, GRID + 1):
        lines += [[[k, -GRID], [k, GRID]], [[-GRID, k], [GRID, k]]]
    ends = torch.tensor(lines, dtype=A.dtype) @ A.T  # (lines, 2 ends, 2)
    return [("grid", *start, *end, 0, math.nan, "") for start, end in ends.tolist()]


def _square(A: Tensor, facts: MatrixFacts) -> list[Row]:
    corners = image_of_square(A).tolist()
    unit = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    kind = "flipped" if facts.determinant < 0 else "kept"
    rows: list[Row] = [("unit", px, py, 0.0, 0.0, i, math.nan, "") for i, (px, py) in enumerate(unit)]
    rows += [(kind, px, py, 0.0, 0.0, i, math.nan, "") for i, (px, py) in enumerate(corners)]
    return rows


def _scales(half: float) -> tuple[alt.Scale, alt.Scale]:
    """Return scales that show at least ``half`` units to each side and keep squares square at any width."""
    x, y = (f"{half} * {side} / min(width, height)" for side in ("width", "height"))

    def scale(end: str) -> alt.Scale:
        return vega.scale(alt.expr(f"-{end}"), alt.expr(end))

    return scale(x), scale(y)


def axes(half: float, x: tuple[str, str], y: tuple[str, str]) -> tuple[alt.X, alt.Y]:
    """Return the axes of a plane that keeps squares square; ``x`` and ``y`` are a field and a title each."""
    pale = "rgba(128, 128, 128, 0.22)"
    axis = vega.axis(tickCount=16, tickMinStep=1 if half > 2 else 0.5, gridColor=pale, domain=False)
    across, up = _scales(half)
    return (
        alt.X(f"{x[0]}:Q", title=x[1], scale=across, axis=axis),
        alt.Y(f"{y[0]}:Q", title=y[1], scale=up, axis=axis),
    )


@lru_cache(maxsize=8)
def spec(x_title: str, y_title: str) -> Spec:
    """Return the specification that draws a frame of :func:`frame` in a plane that keeps squares square."""
    x, y = axes(HALF, ("x", x_title), ("y", y_title))
    tip_x, tip_y = axes(HALF, ("x2", x_title), ("y2", y_title))
    base = alt.Chart(empty(*COLUMNS)).encode(x=x, y=y, tooltip=alt.value(None))  # the page shows the numbers

    def of(*kinds: str) -> alt.Chart:
        return base.transform_filter(f"indexof({list(kinds)}, datum.kind) >= 0")

    arrow_colour = alt.Color("tip:N", scale=alt.Scale(domain=list(_ARROWS), range=list(_ARROWS.values())), legend=None)
    arrows = of(*_ARROWS).transform_calculate(tip="datum.kind")
    heads = arrows.transform_filter("isValid(datum.angle)").encode(x=tip_x, y=tip_y)
    words = of(*(f"{kind}_word" for kind in _ARROWS)).transform_calculate(tip="replace(datum.kind, '_word', '')")
    polygon: dict[str, Any] = {"interpolate": "linear-closed", "clip": True}
    chart = alt.layer(
        of("grid").mark_rule(color=SKY, opacity=0.75, clip=True).encode(x2="x2:Q", y2="y2:Q"),
        of("unit")
        .mark_line(color=GREY, strokeDash=[4, 3], fill=GREY, fillOpacity=0.15, **polygon)
        .encode(order="order:Q"),
        of("kept").mark_line(color=SKY, fill=SKY, fillOpacity=0.4, strokeWidth=2, **polygon).encode(order="order:Q"),
        of("flipped")
        .mark_line(color=ORANGE, fill=ORANGE, fillOpacity=0.4, strokeWidth=2, **polygon)
        .encode(order="order:Q"),
        of("eigen").mark_rule(color=YELLOW, strokeDash=[8, 4], strokeWidth=2, clip=True).encode(x2="x2:Q", y2="y2:Q"),
        of("eigen_word").mark_text(fontWeight="bold", dx=30, clip=True).encode(text="text:N"),
        arrows.mark_rule(strokeWidth=3, clip=True).encode(x2="x2:Q", y2="y2:Q", color=arrow_colour),
        heads.mark_point(shape="triangle", filled=True, size=170, opacity=1, clip=True).encode(
            angle=alt.Angle("angle:Q", scale=None), color=arrow_colour
        ),
        words.mark_text(fontWeight="bold", clip=True).encode(text="text:N"),
    )
    return as_spec(chart, HEIGHT)
