"""The chart of a histogram and the normal density over it."""

from __future__ import annotations

from functools import lru_cache

import altair as alt
import pandas as pd
from torch import Tensor

from dlcore.drawing import vega
from dlcore.drawing.palette import BLUE, RED
from dlcore.drawing.vega import Spec, as_spec, empty, literal


@lru_cache(maxsize=8)
def histogram_spec(x_title: str, y_title: str, bars: str, curve: str, count: str, *, height: int) -> Spec:
    """Return the specification of bars and density over x from −5 to 5, or further if the bars reach further."""
    colours = vega.colour([bars, curve], [BLUE, RED])
    base = alt.Chart(empty("x", "x2", "y", "count", "part"))
    x = alt.X(
        "x:Q",
        title=x_title,
        scale=alt.Scale(domain=alt.DomainUnionWith(unionWith=[-5, 5]), nice=False, zero=False),
        axis=vega.axis(grid=False, tickCount=10),
    )
    y = alt.Y("y:Q", title=y_title, axis=vega.axis())
    columns = (
        vega.tooltip(base, counts={"count": count}, numbers={"x": x_title, "y": y_title})
        .transform_filter("datum.part === 'bar'")
        .transform_calculate(name=literal(bars))
        .mark_rect(opacity=0.75)
        .encode(
            x=x,
            x2="x2:Q",
            y=y,
            y2=alt.datum(0),
            color=colours,
        )
    )
    line = (
        base.transform_filter("datum.part === 'curve'")
        .transform_calculate(name=literal(curve))
        .mark_line(strokeWidth=2.5)
        .encode(x=x, y=y, color=colours)
    )
    return as_spec(alt.layer(columns, line), height)


def histogram_frame(edges: Tensor, heights: Tensor, counts: Tensor, at: Tensor, curve: Tensor) -> pd.DataFrame:
    """Return a row for each bar and each point of the curve.

    ``edges`` is (bins + 1,), ``heights`` and ``counts`` are (bins,), ``curve`` has its values at the points ``at``.
    """
    bars = {"x": edges[:-1], "x2": edges[1:], "y": heights, "count": counts}
    frame = pd.DataFrame({name: column.numpy() for name, column in bars.items()}).assign(part="bar")
    line = pd.DataFrame({"x": at.numpy(), "x2": at.numpy(), "y": curve.numpy(), "count": 0}).assign(part="curve")
    return pd.concat([frame, line], ignore_index=True)
