"""The chart of the unit balls of several norms, and where a vector meets their edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import altair as alt
import pandas as pd
import torch

from dlcore.drawing import vega
from dlcore.drawing.palette import COLOURS, GREY
from dlcore.drawing.vega import Spec, as_spec, empty
from dlcore.lessons.linear_algebra.map.charts import axes
from dlcore.lessons.linear_algebra.map.model import Vector2
from dlcore.lessons.linear_algebra.norms.model import WORDS, edge, norm, order_of

HALF: Final = 1.6  # units from the origin to the nearest edge
HEIGHT: Final = 430  # pixels
_COLOURS: Final = {name: COLOURS[i] for name, i in zip(WORDS.values(), (0, 2, 5, 3), strict=True)}
_COLUMNS: Final = ("kind", "norm", "x", "y", "order")


def frame(v: Vector2, balls: Sequence[str], p: float) -> pd.DataFrame:
    """Return a row for each point of each ball's edge, for both ends of the ray along ``v``, and for each tip.

    Returns
    -------
    frame : columns kind (edge, ray, tip), norm (a word of WORDS), x, y, order. A tip is ``v`` divided by its norm,
        where the ray meets the edge; the zero vector has neither ray nor tips.
    """
    rows: list[tuple[str, str, float, float, int]] = []
    vector = torch.tensor(v, dtype=torch.float64)
    farthest = 0.0
    for id in balls:
        order = order_of(id, p)
        rows += [("edge", WORDS[id], x, y, i) for i, (x, y) in enumerate(edge(order))]
        length = norm(vector, order)
        if length > 0:
            x, y = (vector / length).tolist()
            rows.append(("tip", WORDS[id], x, y, 0))
            farthest = max(farthest, math.hypot(x, y))
    if farthest:
        x, y = (vector / norm(vector, 2) * farthest).tolist()
        rows += [("ray", "", 0.0, 0.0, 0), ("ray", "", x, y, 1)]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


@lru_cache(maxsize=8)
def spec(x_title: str, y_title: str, title: str) -> Spec:
    """Return the specification that draws a frame of :func:`frame`; ``title`` is the word for norm."""
    x, y = axes(HALF, ("x", x_title), ("y", y_title))
    base = alt.Chart(empty(*_COLUMNS)).encode(x=x, y=y)
    colour = alt.Color(
        "norm:N",
        scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
        legend=vega.legend(symbolType="stroke", offset=4),
    )
    chart = alt.layer(
        base.transform_filter("datum.kind === 'edge'")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(color=colour, order="order:Q"),
        base.transform_filter("datum.kind === 'ray'")
        .mark_line(color=GREY, strokeWidth=2, strokeDash=[5, 3], clip=True)
        .encode(order="order:Q"),
        vega.tooltip(base, {"norm": title}, numbers={"x": x_title, "y": y_title})
        .transform_filter("datum.kind === 'tip'")
        .mark_point(filled=True, size=110, opacity=1, clip=True)
        .encode(color=colour),
    )
    return as_spec(chart, HEIGHT)
